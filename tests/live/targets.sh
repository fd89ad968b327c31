#!/bin/bash
# Targets that are not what they seem: dead and not waited for, their number another's, names that break lines, more than
# 4,096 of them; and threads that take a name later.
. "$(dirname "$0")/common.sh"

mkfifo "$T/gate"
child() { cat /proc/"$1"/task/*/children; }

# Dead, and its parent never waits.
start sh -c 'sleep 1000 & exec sleep 1001'
parent=$PID
wait_until 10 eval '[ -n "$(child $parent)" ]'
zombie=$(child "$parent" | tr -d ' ')
attach -p "$zombie"
kill -KILL "$zombie"
check_run "a target that is dead and not waited for: the trace ends" wait_until 10 gone "$ZPID"
kill -INT "$ZPID" 2>/dev/null
wait "$ZPID"
check "a target that is dead and not waited for: a report, exit status 0" "$? $(jq '.processes[0].exited' "$J")" = "0 true"
check "it is still there" "$(sed 's/.*) \(.\).*/\1/' "/proc/$zombie/stat")" = Z
timeout -s KILL 20 "$Z" -p "$zombie" >"$T/out" 2>"$T/err"
check "a target that was dead before: exit status" $? -eq 5
check "a target that was dead before: one sentence" "$(cat "$T/err")" '~' "^zctrace: process $zombie has ended"
kill -KILL "$parent"

# The first thread has ended, another goes on: that process lives.
cat >"$T/leaderless.py" <<'END'
import ctypes, sys, threading
def go_on():
    open(sys.argv[1]).read()
threading.Thread(target=go_on).start()
ctypes.CDLL(None).syscall(60, 0)  # exit: this thread alone
END
start python3 "$T/leaderless.py" "$T/gate"
exec 7>"$T/gate"
wait_until 10 eval '[ "$(sed "s/.*) \(.\).*/\1/" /proc/$PID/stat)" = Z ]'
attach -p "$PID"
check "its first thread has ended: it is traced" "$(grep -c . "$T/z.err")" -eq 0
exec 7>&-
check_run "its first thread has ended: the trace ends with it" wait_until 10 gone "$ZPID"
wait "$ZPID"
check "its first thread has ended: what the other did" "$(metric_of "$PID" syscalls)" -ge 1

# Its number is another's: in a pid namespace, where numbers can be given.
cat >"$T/reuse" <<'END'
. tests/live/common.sh
again() { # NUMBER: a process of that number
	echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
	sleep 1000 &
	[ $! -eq "$1" ] && disown
}
sleep 1000 & one=$!
attach -p $one
kill -KILL $one
wait $one 2>/dev/null
again $one || echo "no process $one: $!"
wait_until 10 gone $ZPID && wait $ZPID
echo "while traced: $? $(jq -c '[.processes[] | [.pid, .exited]]' "$J")" | sed "s/$one/N/"
kill -KILL $one

sleep 1000 & one=$!
"$Z" --json -p $one >"$J" 2>"$T/z.err" & ZPID=$!
loading() { [ "$(ls /proc/$ZPID/fd | wc -l)" -gt 20 ]; }
wait_until 10 loading
freeze $ZPID
kill -KILL $one
wait $one 2>/dev/null
again $one || echo "no process $one: $!"
kill -CONT $ZPID
wait_until 10 gone $ZPID && wait $ZPID
echo "before it is traced: $? $(cat "$T/z.err")" | sed "s/$one/N/"
kill -KILL $one $ZPID 2>/dev/null
END
ZCTRACE=$Z WORK=$W timeout -s KILL 60 unshare -p -f --mount-proc bash "$T/reuse" >"$T/out" 2>&1
check "the number of a target is another's: the trace ends" "$(grep 'while traced' "$T/out")" = 'while traced: 0 [[N,true]]'
check "its number is another's before it is traced: refused" "$(grep 'before it' "$T/out")" = \
	"before it is traced: 5 zctrace: process N ended before counting began"

# Names that look like something else in /proc, in the middle of a family: each is found, and so are its children.
family() { # NAME: a shell, a process of that name below it, and the work program below that
	# shellcheck disable=SC2016
	start bash -c 'sh -c '\''printf "$1" >/proc/$$/comm; WORK_OUT=$2 WORK_GATE=$3 "$4" syscalls 503; true'\'' sh "$@"; true' sh "$1" "$O" "$T/gate" "$W"
	exec 7>"$T/gate"
	top=$PID
	wait_until 10 eval '[ -n "$(child $(child $top))" ] && blocked_in $(child $(child $top)) 0'
}
for name in 'two\nlines' ') Z 1 1\n(' '\n\n\n\n' '(a) R 1 2 3 (b'; do
	rm -f "$O"
	family "$name"
	attach -f -p "$top"
	let_go
	check "descendants of '$name': all three" "$(jq '.processes | length' "$J")" -eq 3
	check "descendants of '$name': calls" "$(metric syscalls)" -eq $((2 + 503 + 7))
done

# More children than the table of targets has places.
cat >"$T/many.py" <<'END'
import os, sys
gate = os.open(sys.argv[1], os.O_RDONLY)
for _ in range(4507):
    if not os.fork():
        os.read(gate, 1)
        os._exit(0)
open(sys.argv[2], "w").close()
os.read(gate, 1)
for _ in range(4507):
    os.wait()
END
start python3 "$T/many.py" "$T/gate" "$T/forked"
exec 7>"$T/gate"
wait_until 60 test -e "$T/forked"
attach -f -p "$PID" --limit 0
exec 7>&-
wait_until 30 gone "$ZPID"
kill -INT "$ZPID" 2>/dev/null
wait "$ZPID"
check "4,507 children: exit status" $? -eq 0
check "4,507 children: each, and their parent" "$(jq '.processes | length' "$J")" -eq 4508
check "4,507 children: each with its two calls" "$(jq '[.processes[] | select(.metrics.syscalls == 2 and .exited)] | length' "$J")" -eq 4507

# --comm: a name that is taken later.
attach --comm zebra
w renamed zebra 1009
named=$(work_pid)
w renamed zebra2 211
start env WORK_OUT="$T/w2" "$W" renamed zebra 307 "$T/gate"
exec 7>"$T/gate"
named_and_waits() { # for its gate: what it does until its next switch, or until each CPU is told, is not counted
	local task

	for task in /proc/"$PID"/task/*; do
		grep -qx zebra "$task/comm" && grep -q '^0 ' "$task/syscall" && return
	done
	return 1
}
wait_until 10 named_and_waits
exec 7>&-
wait_until 10 gone "$PID"
detach
check "a name taken later: from then on" "$(metric_of "$named" syscalls)" -eq $((1 + 1009 + 7))
check "a name given by another thread: that thread" "$(metric_of "$PID" syscalls)" -eq $((1 + 307 + 1))
check "a name taken later: no others" "$(jq '.processes | length' "$J")" -eq 2
even='def even: .switches_voluntary + .switches_involuntary == .switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle;'
check "a name taken later: switches add up" "$(jq "$even [.processes[].metrics | even] | all" "$J")" = true
check "a name taken later: nothing lost" "$(lost)" -eq 0

summary
