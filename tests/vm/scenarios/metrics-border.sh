#!/bin/sh
# The border rows of the metric table: system calls, faults, switches and interrupts, against the programs' own counts,
# strace, /proc, and the kernel's own histograms of the same events.
# vm-budget: 700
. /tests/lib.sh
. /tests/vm/guest.sh

grown() { echo $(($(of "$1-b" "$2") - $(of "$1-a" "$2"))); } # from job NAME-a to job NAME-b

# ---- one thousand and nine more of each ----

calls=raw_syscalls/sys_exit
user=exceptions/page_fault_user
kernel=exceptions/page_fault_kernel
switches=sched/sched_switch
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f 4194304
drop_caches
hist_on $calls common_pid
hist_on $user common_pid
hist_on $kernel common_pid
hist_on $switches prev_pid,next_pid
for size in a:1009 b:2018; do
	n=${size#*:}
	job "calls-${size%:*}" work syscalls "$n"
	job "denied-${size%:*}" work seccomp "$n"
	job "faults-${size%:*}" work faults "$n"
	job "kernel-${size%:*}" work kernel-faults "$n"
done
job killed-a work killed-threads 11
job killed-b work killed-threads 24
job forks work forks 11 101
job gang work threads 13 101 --together
job rally taskset 1 work mixed-switch 1009
job rally-free work mixed-switch 1009
job mapped work mmap-read /mnt/d/f
run_jobs
hist_end $calls common_pid
hist_end $user common_pid
hist_end $kernel common_pid
hist_end $switches prev_pid,next_pid

check "1009 more calls" "$(grown calls syscalls)" -eq 1009
check "1009 more denied by seccomp" "$(grown denied syscalls)" -eq 1009
check "13 more threads killed in a call: the call, their clone and their stack's mmap" "$(grown killed syscalls)" -eq 39
check "the children of forks: 101 calls and its exit each" \
	"$(jq --argjson p "$(said forks pid)" '[.processes[] | select(.ppid == $p) | .metrics.syscalls] | add' $Z)" -eq $((11 * 102))

jobs="calls-a calls-b denied-a denied-b killed-a killed-b faults-a faults-b kernel-a kernel-b forks gang rally rally-free mapped"
for name in $jobs; do
	# A thread begins with the return of a fork that it did not call, and ends in a call that does not return.
	check "$name: syscalls" "$(of "$name" syscalls)" -eq "$(hist_of sys_exit "$name")"
	check "$name: user_faults" "$(of "$name" user_faults)" -eq "$(hist_of page_fault_user "$name")"
	check "$name: kernel_faults" "$(of "$name" kernel_faults)" -eq "$(hist_of page_fault_kernel "$name")"
	check "$name: minor_faults" "$(of "$name" minor_faults)" -eq "$(said "$name" rusage.minflt)"
	check "$name: major_faults" "$(of "$name" major_faults)" -eq "$(said "$name" rusage.majflt)"
	check "$name: switches" $(($(of "$name" switches_voluntary) + $(of "$name" switches_involuntary))) -eq \
		"$(hist_of sched_switch "$name")"
	grep ' 0 [0-9]*$' /tmp/hist.sched_switch >/tmp/hist.to_idle
	check "$name: switches_to_idle" "$(of "$name" switches_to_idle)" -eq "$(hist_of to_idle "$name")"
	awk -v name="$name" 'NR == FNR { if ($1 == name && $2 == "thread") mine[$3] = 1; next } $2 in mine' \
		$FIGURES /tmp/hist.sched_switch >/tmp/hist.to_thread
	check "$name: switches_to_thread" "$(of "$name" switches_to_thread)" -eq "$(hist_of to_thread "$name")"
done
check "the mapped file came from the disk" "$(said mapped rusage.majflt)" -gt 0
check "every switch of every process went somewhere" "$(json $Z '[.processes[].metrics
	| select(.switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle
		!= .switches_voluntary + .switches_involuntary)] | length')" -eq 0
check "modes are switched twice for each" "$(of denied-a mode_switches)" -eq \
	$((2 * ($(of denied-a syscalls) + $(of denied-a user_faults) + $(of denied-a user_irqs))))

# From the execve on and always at the same addresses, so that nothing else differs.
echo 0 >/proc/sys/kernel/randomize_va_space
faulted() { # COMMAND METRIC: how many more for 1009 more
	for n in 1009 2018; do
		WORK_OUT=/tmp/w.json zctrace --json -- work "$1" $n >/tmp/z.$n
	done
	echo $(($(json /tmp/z.2018 ".processes[0].metrics.$2") - $(json /tmp/z.1009 ".processes[0].metrics.$2")))
}
check "1009 more faults in user mode" "$(faulted faults user_faults)" -eq 1009
check "1009 more faults in the kernel" "$(faulted kernel-faults kernel_faults)" -eq 1009
check "they are no user faults" $(($(json /tmp/z.2018 .processes[0].metrics.user_faults) - $(json /tmp/z.1009 .processes[0].metrics.user_faults))) -eq 0

# ---- strace: it leaves out what does not return ----

for way in "syscalls 1009" "threads 13 101"; do
	# shellcheck disable=SC2086
	WORK_OUT=/tmp/w.json strace -f -c -o /tmp/strace work $way
	# shellcheck disable=SC2086
	WORK_OUT=/tmp/w.json zctrace --json --threads -- work $way >$Z
	returned=$(awk '$NF == "total" { print $4 }' /tmp/strace)
	check "strace counts as many calls: $way" "$(json $Z '.processes[0].metrics.syscalls')" -eq \
		$((returned + $(json $Z '.processes[0].threads | length')))
done

# ---- a blocked process: /proc to the last digit ----

mkfifo /tmp/fifo
WORK_OUT=/tmp/w.json work sleep-block /tmp/fifo &
pid=$!
exec 7>/tmp/fifo
blocked() { grep -Eq 'pipe_read' /proc/$pid/wchan; }
wait_for 20 blocked
from_proc() { # switches twice, time on a CPU, faults twice
	awk '/ctxt_switches/ { print $2 }' /proc/$pid/task/$pid/status
	cut -d' ' -f1 /proc/$pid/task/$pid/schedstat
	cut -d' ' -f10,12 /proc/$pid/task/$pid/stat | tr ' ' '\n'
}
from_proc >/tmp/before
rm -rf /tmp/jobs
zctrace_start -p $pid
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
	head -c 10007 /dev/zero >&7
	sleep 0.05
done
wait_for 20 blocked
zctrace_stop
from_proc >/tmp/after
exec 7>&-
wait $pid
set -- switches_voluntary switches_involuntary oncpu_ns minor_faults major_faults
for grown in $(paste /tmp/before /tmp/after | awk '{ printf "%d\n", $2 - $1 }'); do
	check "blocked: $1 as /proc has it" "$(of $pid "$1")" -eq "$grown"
	shift
done
check "blocked: it did switch" "$(of $pid switches_voluntary)" -ge 13

# ---- interrupts of the whole machine, bracketed ----

ncpu=$(nproc)
interrupts() { # of devices, the local timer, and between CPUs; flushes of the TLB are among CAL
	awk -v n="$ncpu" '$1 ~ /^([0-9]+|LOC|RES|CAL|IWI):$/ { for (i = 2; i < n + 2; i++) sum += $i } END { print sum }' /proc/interrupts
}
softirqs() { awk '$1 ~ /:/ { for (i = 2; i <= NF; i++) sum += $i } END { print sum }' /proc/softirqs; }
vectors="irq/irq_handler_entry irq_vectors/local_timer_entry irq_vectors/reschedule_entry irq_vectors/call_function_entry
	irq_vectors/call_function_single_entry irq_vectors/irq_work_entry irq/softirq_entry"
net_up e1000
outer_hard=$(interrupts) outer_soft=$(softirqs)
zctrace_start
for event in $vectors; do
	hist_on "$event" common_pid
done
inner_hard=$(interrupts) inner_soft=$(softirqs)
mkdir -p /tmp/jobs
WORK_OUT=/tmp/jobs/spin work spin 3000 &
spinner=$!
drop_caches
cat /mnt/d/f >/dev/null
ping -c 3 -i 0.2 $FAR_IP >/dev/null
wait $spinner
inner_hard=$(($(interrupts) - inner_hard)) inner_soft=$(($(softirqs) - inner_soft))
for event in $vectors; do
	hist_end "$event" common_pid
done
ls /proc/$ZCTRACE/task >/tmp/own
zctrace_stop
outer_hard=$(($(interrupts) - outer_hard)) outer_soft=$(($(softirqs) - outer_soft))
mv /tmp/hist.softirq_entry /tmp/soft
cat /tmp/hist.*_entry >/tmp/hist.hard
mv /tmp/soft /tmp/hist.soft
on_zctrace() { awk 'NR == FNR { own[$1] = 1; next } $1 in own { n += $2 } END { print n + 0 }' /tmp/own "/tmp/hist.$1"; }
note "hard: inner $inner_hard, of which on zctrace $(on_zctrace hard), outer $outer_hard; soft: $inner_soft, $(on_zctrace soft), $outer_soft"
check_between "hardirqs, bracketed by /proc/interrupts" "$(sum_of hardirqs)" $((inner_hard - $(on_zctrace hard))) "$outer_hard"
check_between "softirqs, bracketed by /proc/softirqs" "$(sum_of softirqs)" $((inner_soft - $(on_zctrace soft))) "$outer_soft"
check "a spinning program's hardirqs" "$(of spin hardirqs)" -eq "$(hist_of hard spin)"
check "a spinning program's softirqs" "$(of spin softirqs)" -eq "$(hist_of soft spin)"
check_between "nearly all of them arrived in user mode" "$(of spin user_irqs)" $(($(of spin hardirqs) * 9 / 10)) "$(of spin hardirqs)"
check_between "time in soft interrupts" "$(sum_of softirq_ns)" 1 "$(json $Z ".duration_ns * $ncpu / 2 | floor")"
check_between "time in hard interrupts" "$(sum_of hardirq_ns)" 1 "$(json $Z ".duration_ns * $ncpu / 2 | floor")"
check_between "a spinning program's: less than it was on a CPU" "$(of spin hardirq_ns)" 1 "$(of spin oncpu_ns)"
check "zctrace is not among the processes" "$(json $Z "[.processes[] | select(.comm == \"zctrace\" or .pid == $ZCTRACE)] | length")" -eq 0
summary
