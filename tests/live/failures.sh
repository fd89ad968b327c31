#!/bin/bash
# Nothing fails without a sentence and an exit status: too few descriptors, and a signal before counting begins.
. "$(dirname "$0")/common.sh"

# Fewer and fewer descriptors: it works, or says that these are too few.
bad=
worked=0
for n in 260 $(seq 200 -23 30) 20 11 7 5 4; do
	prlimit --nofile="$n" "$Z" --json -d 0.01 --no-calibrate >"$T/out" 2>"$T/err"
	status=$?
	why=$(judge $status)
	[ $status -eq 0 ] && worked=$((worked + 1))
	[ $status -eq 0 ] || grep -q "file descriptors.*ulimit -n" "$T/err" || why="$why no word of descriptors: $(cat "$T/err")"
	[ -z "$why" ] || bad="$bad $n: $why;"
done
check "fewer and fewer descriptors: a report, or a sentence about them" "$bad" = ""
check "fewer and fewer descriptors: enough at first" "$worked" -ge 1
(ulimit -S -n 30 && exec "$Z" --json -- sh -c 'ulimit -n >"$1"' sh "$T/limit" >"$T/out" 2>"$T/err")
check "a soft limit is raised" "$? $(judge 0)" = "0 "
check "but not that of the command" "$(cat "$T/limit")" -eq 30

# Its handlers are there: SIGINT is the second bit.
catches() { [ $((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$pid/status") & 2)) -ne 0 ]; }

# A signal at any moment of the start: the report of what ran, or nothing and 128 + its number; the command is gone.
bad= early=0
for n in 5 7 9 10 12 20 60 110; do
	for signal in INT TERM; do
		"$Z" --json -- sleep "31.4$n" >"$T/out" 2>"$T/err" 7>&- &
		pid=$!
		STARTED+=($pid)
		# a moment that is not one of the clock: so many files are open
		opened() { [ ! -d "/proc/$pid/fd" ] || { [ "$(ls "/proc/$pid/fd" | wc -l)" -ge $n ] && catches; }; }
		wait_until 20 opened
		children=$(pgrep -P $pid)
		kill -$signal $pid
		wait_until 5 gone $pid || kill -$signal $pid # it ran already: the command ends with it
		wait $pid
		status=$?
		why=
		if [ $status -eq 0 ]; then
			why=$(judge 0)
		else
			early=$((early + 1))
			case $signal$status in INT130 | TERM143) ;; *) why="status $status" ;; esac
			[ -s "$T/out" ] && why="$why, a report"
			[ "$(wc -c <"$T/err")" -eq 0 ] || why="$why, it says $(cat "$T/err")"
		fi
		for child in $children; do
			[ $status -eq 0 ] || wait_until 5 gone "$child" || why="$why, its child runs on"
			kill -KILL "$child" 2>/dev/null
		done
		[ -z "$why" ] || bad="$bad $signal at $n: $why;"
	done
done
check "a signal while it starts: no report, its number in the exit status, no command left" "$bad" = ""
check "a signal while it starts: some came early" "$early" -ge 10
# The whole process group, as Ctrl-C does: the command gets it too.
bad=
for n in 5 7 11 30 90; do
	setsid sh -c 'exec "$0" --json -- sleep 31.5' "$Z" >"$T/out" 2>"$T/err" 7>&- &
	pid=$!
	STARTED+=($pid)
	wait_until 20 opened
	kill -INT -$pid
	wait_until 20 gone $pid
	wait $pid
	status=$?
	[ $status -eq 130 ] || [ -z "$(judge $status)" ] || bad="$bad $n: status $status, $(cat "$T/err");"
	[ $status -eq 130 ] && [ -s "$T/err" ] && bad="$bad $n: it says $(cat "$T/err");"
done
check "Ctrl-C while it starts: quiet, and its status" "$bad" = ""

summary
