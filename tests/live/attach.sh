#!/bin/bash
# Attaching: to many threads, to calls in flight, before threads start, children are forked, and programs executed, set-user-ID
# ones too. The work program waits at a FIFO until zctrace counts; what it does then is known to the call.
. "$(dirname "$0")/common.sh"

ready() { [ "$(ls "/proc/$1/task" | wc -l)" -eq "$2" ] && [ "$(cat /proc/"$1"/task/*/syscall | grep -c '^0 ')" -ge "$3" ]; }

held syscalls 1009
attach -p "$PID"
let_go
check "a known process: its calls" "$(metric syscalls)" -eq $((gate_calls + 1009 + report_calls))
check "the call in flight is told" "$(jq .calls_in_flight "$J")" -eq 1
check "it has ended, so zctrace did" "$ZSTATUS $(jq '.processes[0].exited' "$J")" = "0 true"

# 100 threads in a read; the main thread runs in user mode.
start env WORK_OUT="$O" "$W" threads 100 101 "$T/gate"
exec 7>"$T/gate"
wait_until 10 ready "$PID" 101 100
attach --threads -p "$PID"
let_go
check "100 threads: calls" "$(metric syscalls)" -eq $((100 * (1 + 101 + 1) + report_calls))
check "100 threads: in flight" "$(jq .calls_in_flight "$J")" -eq 100
check "100 threads: each by itself" "$(jq '[.processes[0].threads[] | select(.metrics.syscalls == 103)] | length' "$J")" -eq 100
check "100 threads: sum of threads is the process" "$(jq '.processes[0] | (.metrics.syscalls - ([.threads[].metrics.syscalls] | add))' "$J")" -eq 0

# Started after attach: mmap and clone in the parent.
held threads 13 101
attach --threads -p "$PID"
let_go
check "threads started later" "$(jq '.processes[0].threads | length' "$J")" -eq 14
check "threads started later: calls" "$(metric syscalls)" -eq $((gate_calls + 1 + 13 * (2 + 101 + 1) + report_calls))

held forks 11 101
attach -p "$PID"
let_go
check "children without -f: none" "$(jq '.processes | length' "$J")" -eq 1
check "children without -f: the parent" "$(metric syscalls)" -eq $((gate_calls + 11 * 2 + report_calls))
held forks 11 101
attach -f -p "$PID"
let_go
check "children with -f" "$(jq "[.processes[] | select(.ppid == $(work_pid) and .metrics.syscalls == 102)] | length" "$J")" -eq 11
check "children with -f: the parent" "$(metric syscalls)" -eq $((gate_calls + 11 * 2 + report_calls))

# Descendants there are already: a shell, its subshell, and the work program.
start bash -c "(WORK_OUT=$O WORK_GATE=$T/gate '$W' syscalls 503; true); true"
exec 7>"$T/gate"
shell=$PID
child() { cat /proc/"$1"/task/*/children; }
wait_until 10 eval '[ -n "$(child $(child $shell))" ] && blocked_in $(child $(child $shell)) 0'
attach -f -p "$shell"
let_go
check "descendants at attach" "$(jq '.processes | length' "$J")" -eq 3
check "descendants at attach: calls" "$(metric syscalls)" -eq $((gate_calls + 503 + report_calls))

held exec-self 1009
attach -p "$PID"
let_go
exec_self=$(metric syscalls)
held exec-self 2018
attach -p "$PID"
let_go
check "exec of the target: one process" "$(jq '.processes | length' "$J")" -eq 1
check "exec of the target: both programs' calls" $(($(metric syscalls) - exec_self)) -eq 2018
check "exec of the target: comm is the new one" "$(jq -r '.processes[0].comm' "$J")" = exe

# Set-user-ID: the same process, and nothing of it is lost.
cp "$W" "$T/suid"
chmod 4755 "$T/suid"
chmod 755 "$T"
: >"$O"
chmod 666 "$O"
for n in 1009 2018; do
	WORK_OUT=$O "$Z" --json -- setpriv --reuid=65534 --regid=65534 --clear-groups "$T/suid" syscalls $n >"$J"
	suid[n]=$(metric syscalls)
done
check "set-user-ID program: 1,009 calls more" $((suid[2018] - suid[1009])) -eq 1009
check "set-user-ID program: by its name" "$(jq -r '.processes[0].comm' "$J")" = suid

# A command's children by fork and exec; all of them counted, each by name.
WORK_OUT=$O "$Z" --json -- sh -c "'$W' syscalls 1009; '$W' syscalls 2018; true" >"$J"
check "two programs of a shell" "$(jq '[.processes[] | select(.comm == "work").metrics.syscalls] | sort | .[1] - .[0]' "$J")" -eq 1009
check "and the shell" "$(jq '[.processes[] | select(.comm == "sh")] | length' "$J")" -eq 1

# A read blocked across attach gives its bytes to the trace it ends in; one blocked across detach does not.
start env WORK_OUT="$O" "$W" sleep-block "$T/gate"
exec 7>"$T/gate"
wait_until 10 blocked_in "$PID" 0
attach -p "$PID"
head -c 10007 /dev/zero >&7
wait_until 10 blocked_in "$PID" 0
detach
check "a read blocked across attach" "$(metric_of "$PID" copy_to_user_pipe_bytes)" -eq 10007
check "in flight" "$(jq .calls_in_flight "$J")" -eq 1
before=$(metric_of "$PID" syscalls)
attach -p "$PID"
detach
check "a read blocked across both: no bytes" "$(metric_of "$PID" copy_to_user_pipe_bytes)" -eq 0
check "a read blocked across both: no call" "$(metric_of "$PID" syscalls)" -eq 0
check "calls before, reads that returned" "$before" -ge 1
"$Z" -d 0.1 -p "$PID" >"$T/report" 2>&1
check "the report says so" "$(grep -ci 'in flight\|inside a system call' "$T/report")" -ge 1
exec 7>&-

# Two at once, and a third that is not asked for.
held syscalls 101
one=$PID
start env WORK_OUT="$T/w2.json" WORK_GATE="$T/gate" "$W" syscalls 211
two=$PID
start env WORK_OUT="$T/w3.json" WORK_GATE="$T/gate" "$W" syscalls 307
wait_until 10 blocked_in "$two" 0
wait_until 10 blocked_in "$PID" 0
attach -p "$one,$two"
let_go
check "two processes" "$(metric_of "$one" syscalls) $(metric_of "$two" syscalls)" = \
	"$((gate_calls + 101 + report_calls)) $((gate_calls + 211 + report_calls))"
check "and no third" "$(jq '.processes | length' "$J")" -eq 2

summary
