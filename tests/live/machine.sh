#!/bin/bash
# The whole machine: everybody but zctrace is there, switches add up on every line, processes that die early are named; and
# when the ring is full and nobody reads it, sums are exact all the same (conservation).
. "$(dirname "$0")/common.sh"

even='def even: .switches_voluntary + .switches_involuntary == .switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle;'
attach --limit 0
w forks 101 13
forks=$(did pid)
w threads 7 1009
threads=$(did pid)
w mixed-switch 503
w pipe 101 1013
detach
check "whole machine" "$(jq .whole_machine "$J")" = true
check "zctrace itself is not there" "$(jq "[.processes[] | select(.pid == $ZPID)] | length" "$J")" -eq 0
check "the children of forks, each" "$(jq "[.processes[] | select(.ppid == $forks and .exited and .metrics.syscalls == 14)] | length" "$J")" -eq 101
check "a program started meanwhile: its threads' calls and its own" "$(metric_of "$threads" syscalls)" -ge $((7 * 1010))
check "switches add up, each process" "$(jq "$even [.processes[] | select(.metrics | even | not)] | length" "$J")" -eq 0
check "switches add up, the system line" "$(jq "$even .system | even" "$J")" = true
check "kernel threads are on it" "$(jq .system.oncpu_ns "$J")" -gt 0
check "nobody is there twice" "$(jq '[.processes[] | [.pid, .start_time]] | length - (unique | length)' "$J")" -eq 0
check "this shell is there" "$(jq "[.processes[] | select(.pid == $$)] | length" "$J")" -eq 1
check "nothing lost" "$(lost)" -eq 0

# The same in a trace that loses nothing, and in one whose ring holds a few records and is read five times a second.
sums() { # OPTIONS WORK-ARGUMENTS...
	traced_with "$@"
	jq -c '[.processes[].metrics.syscalls] | add' "$J"
}
starved="--buffer 4K --reader-sleep 200 --threads"
calm=$(sums --threads threads 600 101)
check "600 threads, calm: threads" "$(jq '.processes[0].threads | length' "$J")" -eq 601
check "600 threads, calm: each its 101 calls and its exit" "$(jq '[.processes[0].threads[] | select(.metrics.syscalls == 102)] | length' "$J")" -eq 600
check "600 threads, starved: calls" "$(sums "$starved" threads 600 101)" -eq "$calm"
check "600 threads, starved: the ring was full" "$(jq .lost.ring_full "$J")" -gt 0
check "600 threads, starved: each by itself" "$(jq '[.processes[0].threads[] | select(.metrics.syscalls == 102)] | length' "$J")" -eq 600
check "600 threads, starved: switches add up" "$(jq "$even [.processes[].threads[] | select(.metrics | even | not)] | length" "$J")" -eq 0
check "600 threads together, starved: calls" "$(sums "$starved" threads 600 101 --together)" -eq $((calm + 600 + 2))
check "600 threads together, starved: the ring was full" "$(jq .lost.ring_full "$J")" -gt 0
calm=$(sums "" forks 601 7)
check "601 children, starved: calls" "$(sums "$starved" forks 601 7)" -eq "$calm"
check "601 children, starved: the ring was full" "$(jq .lost.ring_full "$J")" -gt 0
check "601 children, starved: each by name" "$(jq '[.processes[] | select(.metrics.syscalls == 8)] | length' "$J")" -eq 601

# The finals map is full too: the rest has no name any more, and stands on the system line.
calm=$(sums "" threads 6007 1)
traced_with "--buffer 4K --reader-sleep 3000" threads 6007 1
check "6,007 threads, not read at all: nothing is missing" "$(jq '[.processes[].metrics.syscalls, .system.syscalls] | add' "$J")" -eq "$calm"
check "6,007 threads, not read at all: the map was full" "$(jq .lost.finals_full "$J")" -gt 0

# The same with threads that a sweep has told of: what stood in their names stays there, the rest is on the system line. They
# are let go right after a tick of the recording, when the reader has just gone to sleep.
waiting() { [ "$(cat /proc/"$1"/task/*/syscall | grep -c '^0 ')" -eq "$2" ]; } # PID THREADS: in a read
grown() { [ "$(stat -c %s "$T/told.rec")" -gt "$1" ]; }
told() { # OPTIONS: the sum of calls of 6,007 threads that wait until a sweep has told of them
	local size

	rm -f "$T/gate2" "$O"
	mkfifo "$T/gate2"
	# shellcheck disable=SC2086 # options are words
	WORK_OUT=$O "$Z" --json --record "$T/told.rec" $1 -- "$W" threads 6007 3 "$T/gate2" --after >"$J" 2>"$T/z.err" &
	ZPID=$!
	STARTED+=("$ZPID")
	exec 8>"$T/gate2"
	wait_until 20 pgrep -P "$ZPID" -x work >/dev/null
	wait_until 20 waiting "$(pgrep -P "$ZPID" -x work)" 6007
	for _ in 1 2; do
		size=$(stat -c %s "$T/told.rec")
		wait_until 20 grown "$size"
	done
	exec 8>&-
	wait "$ZPID"
	METRIC=()
	jq '[.processes[].metrics.syscalls, .system.syscalls] | add' "$J"
}
calm=$(told "")
check "6,007 threads told of, calm: all in their names" "$(jq '.processes[0].metrics.syscalls' "$J")" -eq "$calm"
check "6,007 threads told of, then not read: nothing is missing" "$(told "--buffer 4K --reader-sleep 3000")" -eq "$calm"
check "6,007 threads told of, then not read: the map was full" "$(jq .lost.finals_full "$J")" -gt 0
full=$(jq .lost.finals_full "$J")
check_between "6,007 threads told of, then not read: their last one or two calls have no name, nor have their first thread's last ones" \
	"$(jq .system.syscalls "$J")" "$full" $((2 * (full - 1) + report_calls))
check "6,007 threads told of, then not read: most of it has" "$(jq '.processes[0].metrics.syscalls' "$J")" -ge $((6007 * 3))
check "6,007 threads told of, then not read: none is lost" "$(jq .lost.ended_untold "$J")" -eq 0

# 10,007 threads told of, then not read: their ends fill the map, what is kept of ends without a name, and more. Their
# process has ended all the same.
living() { curl -sS --max-time 60 "http://127.0.0.1:${URL##*:}/metrics" | awk '$1 == "zctrace_processes" { print $2 }'; }
none_lives() { [ "$(living)" = 0 ]; }
rm -f "$T/gate2"
mkfifo "$T/gate2"
ln -s "$W" "$T/zt-doomed"
start env WORK_OUT="$O" "$T/zt-doomed" threads 10007 3 "$T/gate2" --after
WORKER=$PID
exec 8>"$T/gate2"
wait_until 30 waiting "$WORKER" 10007
"$Z" --listen 127.0.0.1:0 --json --comm zt-doomed --buffer 4K --reader-sleep 60000 >"$J" 2>"$T/z.err" 8>&- &
ZPID=$!
STARTED+=("$ZPID")
wait_until 30 grep -q '^zctrace: serving ' "$T/z.err"
URL=$(sed -n 's,^zctrace: serving http://\(.*\)/metrics$,\1,p' "$T/z.err")
check "10,007 threads told of: their process lives" "$(living)" -eq 1
exec 8>&-
wait_until 60 gone "$WORKER"
check_run "10,007 threads told of, then not read: their process has ended" wait_until 20 none_lives
detach
check "10,007 threads told of, then not read: ends were lost" "$(jq .lost.ended_untold "$J")" -gt 0
check "10,007 threads told of, then not read: all threads have ended" "$(jq '[.processes[] | select(.comm == "zt-doomed")] | map(.exited) | all' "$J")" = true

# The whole machine, starved: the program's line is the one of a trace of its own.
calm=$(sums "" threads 600 101)
attach --buffer 4K --reader-sleep 200
w threads 600 101
detach
# a trace of one's own begins at the execve; this one saw the fork that led to it
returned=$(metric syscalls)
check_between "600 threads in a starved trace of the machine" "$returned" "$calm" $((calm + 50))
check "and the ring was full" "$(jq .lost.ring_full "$J")" -gt 0

# Each process's end wakes the reader, who looks by itself ten times a second only.
looks() { awk '/^voluntary/ { print $2 }' "/proc/$ZPID/status"; }
attach
before=$(looks)
for ((i = 0; i < 101; i++)); do
	sleep 0.03
done
check "the reader looks when a process has ended" $(($(looks) - before)) -ge 101
detach

summary
