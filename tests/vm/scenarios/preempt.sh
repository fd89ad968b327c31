#!/bin/sh
# Whose copy was it, where anything may be preempted anywhere: on PREEMPT_RT a program at fexit can be switched out between
# finding the slot and adding to it, and the kernel then keeps the same program from every other task on that CPU. 31
# threads in 3 processes read files while two real-time ones take every CPU away from them thousands of times a second.
# Each thread's figures are what it did, to the byte. Then whose switch was it: zctrace itself is preempted while it looks
# threads up, fifty times a second all of the machine's.
# vm-budget: 700
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
size=262147 chunk=1021
calls=$(((size + chunk - 1) / chunk))
make_file /mnt/d/f $size
cat /mnt/d/f >/dev/null

for cpu in 0 1; do
	taskset -c $cpu chrt -f 50 work naps 10000000 300000 >/dev/null 2>&1 &
	noise="$noise $!"
done

run() { # OPTIONS...: traces three processes of 11, 13 and 7 threads that read the file all at once
	pids=
	for n in 11 13 7; do
		rm -f /tmp/gate$n
		mkfifo /tmp/gate$n
		WORK_OUT=/tmp/w$n.json work thread-reads $n /mnt/d/f $chunk /tmp/gate$n &
		pid=$!
		pids="$pids${pids:+,}$pid"
		case $n in 11) exec 3>/tmp/gate11 ;; 13) exec 4>/tmp/gate13 ;; 7) exec 5>/tmp/gate7 ;; esac
		wait_for 60 sh -c "[ \"\$(ls /proc/$pid/task | wc -l)\" -eq $((n + 1)) ]"
	done
	zctrace --json --threads "$@" -p "$pids" >/tmp/z.json 2>/tmp/z.err 3>&- 4>&- 5>&- &
	tracer=$!
	counting $tracer
	exec 3>&- 4>&- 5>&-
	wait $tracer
}
of_threads() { json /tmp/z.json "[.processes[].threads[] | select(.metrics.data_calls >= $calls) | .metrics.$1] | map(tostring) | unique | join(\" \")"; }
sum_of() { json /tmp/z.json "[.processes[].threads[] | select(.metrics.data_calls >= $calls) | .metrics.$1] | add"; }

run
check "exit status" $? -eq 0 || note "$(cat /tmp/z.err)"
check "31 threads that read" "$(json /tmp/z.json "[.processes[].threads[] | select(.metrics.data_calls >= $calls)] | length")" -eq 31
check "each read the file, to the byte" "$(of_threads copy_to_user_file_bytes)" = $size
check "each in so many calls of a site" "$(of_threads copies_to_user)" = $calls
check "each with so many data calls" "$(of_threads data_calls)" = $calls
check "each its own payload" "$(of_threads payload_in_bytes)" = $size
check "every page was there" "$(json /tmp/z.json "[.processes[].metrics | .cache_miss_pages + .cache_readahead_pages] | add")" -eq 0
check "they were preempted" "$(json /tmp/z.json "[.processes[].metrics.switches_involuntary] | add")" -gt 31
check "nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
case $(uname -v)$(cat /proc/cmdline) in
*PREEMPT_RT* | *preempt=full*)
	check "by probes, which are not preempted" "$(json /tmp/z.json '.hooks[] | select(.hook == "copy-file") | .by')" = kretprobe
	check "and it says why not fexit" "$(json /tmp/z.json '.hooks[] | select(.hook == "copy-file") | .error' | grep -c preempts)" -eq 1
	# Taken all the same, fexit misses copies, no more of them than it says.
	run --hooks copy=fexit
	missed=$((31 * calls - $(sum_of copies_to_user)))
	check_between "fexit: what is missing is told" $missed 0 "$(json /tmp/z.json .lost.recursion_misses)"
	;;
*) check "by fexit" "$(json /tmp/z.json '.hooks[] | select(.hook == "copy-file") | .by')" = fexit ;;
esac

zctrace -i 0.02 --record /tmp/z.record >/dev/null 2>/tmp/z.err &
tracer=$!
counting $tracer
sleep 6
kill -INT $tracer
wait $tracer
check "whole machine: exit status" "$? $(tail -n 1 /tmp/z.err)" = "0 "
zctrace replay /tmp/z.record --json >/tmp/z.json
check "whole machine: every switch of every process went somewhere" "$(json /tmp/z.json '[.processes[].metrics
	| select(.switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle
		!= .switches_voluntary + .switches_involuntary)] | length')" -eq 0
# One whose time is over before it is off the CPU does not leave it; the one that it was in when tracing began or ended may.
check "whole machine: no switch without a nap" "$(json /tmp/z.json '[.processes[] | select(.comm == "work") | .metrics
	| select(.switches_voluntary <= .syscalls + 1)] | length')" -eq 2
check "whole machine: the naps were many" "$(json /tmp/z.json '[.processes[] | select(.comm == "work") | .metrics.syscalls] | min')" -ge 1000
check "whole machine: nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0

# shellcheck disable=SC2086 # a list
kill -KILL $noise
summary
