#!/bin/bash
# What the kernel keeps in each task - faults, time on CPU, switches - to the last digit: a process with threads of every kind
# is frozen, read from /proc, attached to, let go, frozen, read again. And for whom it was switched out: the kinds add up.
. "$(dirname "$0")/common.sh"

cat >"$T/load.py" <<'END'
import mmap, os, sys, threading, time

def spin():
    while True:
        sum(range(1000))

def nap():
    while True:
        time.sleep(0.003)

def touch():
    while True:
        m = mmap.mmap(-1, 64 << 12)
        for i in range(0, len(m), 4096):
            m[i] = 1
        m.close()

def page_in(path):
    while True:
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as m:
            m.madvise(mmap.MADV_RANDOM)
            for i in range(0, len(m), 4096):
                m[i]
        os.close(fd)
        time.sleep(0.01)

def ping(a, b):
    while True:
        os.write(b, b"x")
        os.read(a, 1)

r1, w1 = os.pipe()
r2, w2 = os.pipe()
for f, args in ((spin, ()), (nap, ()), (touch, ()), (page_in, (sys.argv[1],)), (ping, (r1, w2)), (ping, (r2, w1))):
    threading.Thread(target=f, args=args, daemon=True).start()
print("ready", flush=True)
time.sleep(1000)
END

# One line a thread: TID minflt majflt run-time voluntary involuntary
proc_counts() {
	local task

	for task in /proc/"$1"/task/*; do
		echo "${task##*/} $(sed 's/.*) //' "$task/stat" | cut -d ' ' -f 8,10) $(cut -d ' ' -f 1 "$task/schedstat") $(awk '/^(non)?voluntary_ctxt/ { print $2 }' "$task/status" | paste -sd ' ')"
	done
}

w make "$T/file" $((64 * 4096))
start /usr/bin/python3 "$T/load.py" "$T/file" >"$T/ready"
load=$PID
wait_until 10 grep -q ready "$T/ready"
freeze "$load"
proc_counts "$load" >"$T/before"
attach --threads -p "$load"
kill -CONT "$load"
worked() { [ "$(proc_counts "$load" | awk '{ n += $3 } END { print n }')" -gt $(($(awk '{ n += $3 } END { print n }' "$T/before") + 1009)) ]; }
wait_until 20 worked
freeze "$load"
proc_counts "$load" >"$T/after"
detach

threads=$(wc -l <"$T/before")
check "threads" "$threads" -eq 7
join "$T/before" "$T/after" | awk '{ printf "%d %.0f %.0f %.0f %.0f %.0f\n", $1, $7 - $2, $8 - $3, $9 - $4, $10 - $5, $11 - $6 }' >"$T/proc"
jq -r '.processes[0].threads[] | [.tid, .metrics.minor_faults, .metrics.major_faults, .metrics.oncpu_ns, .metrics.switches_voluntary, .metrics.switches_involuntary] | join(" ")' "$J" | sort >"$T/ours"
sort -o "$T/proc" "$T/proc"
if cmp -s "$T/proc" "$T/ours"; then
	pass "minor and major faults, time on CPU, both kinds of switches of $threads threads, as in /proc" "$(awk '{ n += $3; s += $5 + $6 } END { print n " major faults, " s " switches" }' "$T/ours")"
else
	note "thread minflt majflt ns voluntary involuntary: /proc, zctrace"
	paste -d '|' "$T/proc" "$T/ours" | sed 's/^/# /'
	fail "thread figures" "differ from /proc"
fi
check "a major fault at least, else it proves nothing" "$(awk '{ n += $3 } END { print n }' "$T/ours")" -gt 0
for i in 2:minor_faults 3:major_faults 4:oncpu_ns 5:switches_voluntary 6:switches_involuntary; do
	check "process: ${i#*:}" "$(metric_of "$load" "${i#*:}")" -eq "$(awk -v k="${i%:*}" '{ n += $k } END { printf "%.0f", n }' "$T/proc")"
done

# Every switch is one of the four kinds.
uneven='def even: .switches_voluntary + .switches_involuntary == .switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle;'
check "switches by next task add up, each thread" "$(jq "$uneven [.processes[].threads[] | select(.metrics | even | not)] | length" "$J")" -eq 0
check "switches by next task add up, the process" "$(jq "$uneven [.processes[] | select(.metrics | even | not)] | length" "$J")" -eq 0
check "the system line's, which is idle only here" "$(jq "$uneven .system | even" "$J")" = true
check "a switch to a thread of its own" "$(metric_of "$load" switches_to_thread)" -gt 0
kill -KILL "$load"

# A known number: each thread waits for the other once a round.
traced mixed-switch 1009
check "each of 1,009 rounds is a wait at least" "$(metric switches_voluntary)" -ge 1009
check "what an ended process says of itself: major faults" "$(metric major_faults)" -eq "$(did rusage.majflt)"
check "and voluntary switches, as far as it lived" "$(metric switches_voluntary)" -ge "$(did rusage.nvcsw)"

summary
