#!/bin/bash
# System calls: against counted loops, strace, and calls that never return. Two runs that differ by a prime number of calls
# differ by exactly that; strace, which sees neither exit nor exit_group, says the same of one run.
. "$(dirname "$0")/common.sh"

plan_more "1,009 calls more" 1009 syscalls syscalls 1009 --- syscalls 2018
plan_more "1,009 fstat more" 1009 syscalls fstat 101 --- fstat 1110

# by_strace WORK-ARGUMENTS...: the sum of its table, and the calls of all processes it followed.
by_strace() { WORK_OUT=$O strace -f -c -S calls -U calls,name -o "$T/strace" "$W" "$@" && awk '$2 == "total" { print $1 }' "$T/strace"; }
all_calls() { jq '[.processes[].metrics.syscalls] | add' "$J"; }

# exits: how many exit and exit_group there are
like_strace() { # NAME EXITS WORK-ARGUMENTS...
	local name=$1 exits=$2 seen

	shift 2
	seen=$(by_strace "$@")
	traced "$@"
	check "$name: as strace -f -c, and $exits exits" "$(all_calls)" -eq $((seen + exits))
}
like_strace "counted loop" 1 syscalls 1009
like_strace "7 threads" 8 threads 7 101
like_strace "13 threads together" 14 threads 13 101 --together
like_strace "11 children" 12 forks 11 101
like_strace "exec of itself" 1 exec-self 503
like_strace "path look-ups" 1 stat-path 211

# A thread costs its parent mmap and clone; itself its calls and its exit.
plan_more "23 threads more of 101 calls" $((23 * (2 + 101 + 1))) syscalls threads 7 101 --- threads 30 101
traced_with --threads threads 30 101
check "threads seen, ended ones" "$(jq '.processes[].threads | length' "$J")" -eq 31

# Denied: sys_enter never sees them. Killed inside: neither returns nor enters.
plan_more "1,009 calls more that seccomp denies" 1009 syscalls seccomp 1009 --- seccomp 2018
plan_more "23 threads more that seccomp kills" $((23 * 3)) syscalls killed-threads 7 --- killed-threads 30
plan_more "23 threads more, killed while others live" $((23 * 4)) syscalls killed-threads 7 --together --- killed-threads 30 --together

plan_more "exec: counts of before and after are one sum" 2018 syscalls exec-self 1009 --- exec-self 2018
run_plan
check "nothing lost" "$(lost)" -eq 0

# Killed from outside, in a call and outside one: what returned, no more.
mkfifo "$T/fifo"
start env WORK_OUT="$O" "$W" sleep-block "$T/fifo"
exec 7>"$T/fifo"
wait_until 5 blocked_in "$PID" 0
attach -p "$PID"
echo x >&7
wait_until 5 blocked_in "$PID" 0
kill -KILL "$PID"
wait "$ZPID"
check "a process killed in a read: the read before, and this one, interrupted" "$(metric_of "$PID" syscalls)" -eq 2
check "and is marked as ended" "$(jq ".processes[] | select(.pid == $PID).exited" "$J")" = true
exec 7>&-

traced forks 101 13
check "children that live a millisecond, by name" "$(jq "[.processes[] | select(.ppid == $(work_pid) and .exited and .metrics.syscalls == 14)] | length" "$J")" -eq 101

traced exec-self 1009
check "exec: one process still" "$(jq '.processes | length' "$J")" -eq 1

summary
