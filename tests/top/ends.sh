# However it ends, the terminal is as it was, and what was said meanwhile is on it.
# shellcheck shell=bash

for signal in INT TERM HUP; do
	open 100x24 "$Z" -p $$
	shows "SIG$signal: the display is there" 'COPY/s▼'
	kill -$signal "$(cat "$T/pid")"
	came_to_an_end "SIG$signal" 0
	check "SIG$signal: the final report" "$(screen_and_before | grep -cE '^  (measured by|lost) ')" -eq 2
done

# Two of a kind while it is busy: the second must not end it before the terminal is given back.
open 100x24 "$FAKE" slow
shows "the display is there" '102 writer'
pid=$(cat "$T/pid")
in_snapshot() { [ "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f12)" -ge 30 ]; } # ticks of its own
await 5 in_snapshot
kill -INT "$pid"
sleep 0.2
kill -INT "$pid"
came_to_an_end "signals one upon the other" 0

open 100x24 "$FAKE" broken
shows "the display is there" 'COPY/s▼'
came_to_an_end "an error" 1
check "an error: its message is not lost behind the display" "$(screen_and_before | grep -c '^fake: the source broke')" -eq 1

open 100x24 "$FAKE" over
shows "the display is there" 'COPY/s▼'
came_to_an_end "the source's end" 0

# The targets' end is the end.
start sleep 1000
target=$PID
open 100x24 "$Z" -p "$target"
shows "the display of one process" "^ *$target sleep"
kill "$target"
came_to_an_end "the target's end" 0
check "the target's end: the final report" "$(screen_and_before | grep -c "^sleep ($target)")" -eq 1

# Stopped and continued: what the shell's job control does.
open 100x24 bash -c "set -m; $FAKE; echo meanwhile; read x; fg >/dev/null"
shows "the display is there" 'COPY/s▼'
key C-z
shows "Ctrl-Z: back in the shell" '^meanwhile'
check "Ctrl-Z: the screen is given back meanwhile" "$(tm display -p -t t '#{cursor_flag}#{alternate_on}')" = 10
key Enter
shows "and taken again" 'COPY/s▼'
key q
came_to_an_end "after a stop" 0

# A terminal that vanishes: by hang-up, and without one.
for how in "" "trap '' HUP;"; do
	tm new-session -d -s gone "$how echo \$\$ >$T/pid; exec env LC_ALL=C.UTF-8 $FAKE"
	await 5 test -s "$T/pid"
	pid=$(cat "$T/pid")
	await 5 sh -c "TMUX= tmux -u -L $SOCKET capture-pane -p -t gone | grep -q COPY/s"
	tm kill-session -t gone
	check "the terminal is gone${how:+, hang-up ignored}: so are we" "$(await 3 gone "$pid" && echo gone)" = gone
	rm -f "$T/pid"
done

# No terminal, or something else asked for: no display.
start sleep 1000
target=$PID
for args in "-d 0.2" "-i 0.1 -d 0.2" "--json -d 0.2" "--plain -d 0.2"; do
	# shellcheck disable=SC2086
	open 100x40 "$Z" -p "$target" $args
	came_to_an_end "$args" 0
	check "$args: no display was opened" "$(screen_and_before | grep -c 'q quit')" -eq 0
done
counting_now() { grep -q '^271 ' "/proc/$(cat "$T/pid")/syscall"; }
open 100x24 sh -c "$Z -p $target </dev/null & echo \$! >$T/behind; wait"
counting_behind() { grep -q '^271 ' "/proc/$(cat "$T/behind")/syscall"; }
await 10 counting_behind
kill -INT "$(cat "$T/behind")"
await 10 ended
check "standard input is no terminal: the report" "$(screen_and_before | grep -c 'measured by')" -eq 1
open 100x24 "$Z" --plain -p "$target"
await 10 counting_now
key C-c
came_to_an_end "--plain" 0
check "--plain: the report at the end" "$(screen_and_before | grep -c 'measured by')" -eq 1
