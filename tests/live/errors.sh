#!/bin/bash
# Bad input: one sentence on standard error, the documented exit status, and no document, whole or partial, on standard output.
. "$(dirname "$0")/common.sh"

# refused NAME STATUS PATTERN COMMAND...
refused() {
	local name=$1 want=$2 pattern=$3 status

	shift 3
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	check "$name: exit status" $status -eq "$want"
	check "$name: one line that says why" "$(wc -l <"$T/err")" -eq 1
	check "$name: which is" "$(cat "$T/err")" '~' "^zctrace: .*$pattern"
	check "$name: nothing on standard output" "$(wc -c <"$T/out")" -eq 0
}

refused "unknown option" 2 "unrecognized option" "$Z" --no-such-option
refused "unknown metric" 2 "sort" "$Z" --sort bogus
refused "a PID that is none" 2 "-p" "$Z" -p 12x
refused "a duration that is none" 2 "-d" "$Z" -d soon
refused "tables and a document" 2 "choose one" "$Z" -i 1 --json
refused "an odd ring" 2 "power of two" "$Z" --buffer 5000
sleep 0 &
dead=$!
wait $dead
refused "PID that is gone" 5 "no process $dead" "$Z" -p $dead
refused "PID that never was" 5 "no process 4194303" "$Z" -p 4194303
refused "one PID of several" 5 "no process 4194303" "$Z" -p "$$,4194303"
mkfifo "$T/gate"
start env WORK_OUT="$O" "$W" threads 1 1 "$T/gate"
exec 7>"$T/gate"
two_threads() { [ "$(ls "/proc/$PID/task" | wc -l)" -eq 2 ]; }
wait_until 5 two_threads
refused "a thread that is no process" 5 "a thread of process $PID" "$Z" -p "$(ls "/proc/$PID/task" | grep -vx "$PID")"
exec 7>&-
refused "no cgroup of that name" 5 "no-such-group" "$Z" --cgroup /no-such-group
refused "command not found" 5 "no-such-command" "$Z" -- no-such-command
refused "command that may not be executed" 3 "Permission denied" "$Z" -- "$T/err"
refused "no permission" 3 "CAP_BPF and CAP_PERFMON missing" setpriv --reuid=65534 --regid=65534 --clear-groups "$Z" -d 1
refused "half a permission" 3 "CAP_PERFMON missing" setpriv --bounding-set -all,+bpf --inh-caps -all "$Z" -d 1
refused "no BTF" 4 "BTF" unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$0" -d 1' "$Z"
refused "a BTF file that is none" 4 "BTF" "$Z" --btf "$T/no-such-file" -d 1
# Lockdown cannot be left again: tests/vm/scenarios/limits.sh.

# Output that cannot be written.
for format in "" --json; do
	# shellcheck disable=SC2086
	"$Z" $format -d 0.1 2>"$T/err" >/dev/full
	check "full device ${format:-report}: exit status" $? -eq 1
	check "full device ${format:-report}: one line" "$(cat "$T/err")" = "zctrace: cannot write the report: No space left on device"
	mkdir -p "$T/small"
	mount -t tmpfs -o size=4k none "$T/small"
	# shellcheck disable=SC2086
	"$Z" $format --threads -d 0.1 2>"$T/err" >"$T/small/out"
	status=$?
	if [ "$format" = --json ]; then
		check "full file system: exit status" $status -eq 1
		check "full file system: no partial document" "$(wc -c <"$T/small/out")" -eq 0
	fi
	umount "$T/small"
	# shellcheck disable=SC2086
	"$Z" $format -d 0.1 2>"$T/err" | head -n 1 >"$T/out"
	check "reader gone ${format:-report}: quiet" "${PIPESTATUS[0]} $(wc -c <"$T/err") $(wc -l <"$T/out")" = "0 0 1"
done
"$Z" -i 0.1 -d 2 2>"$T/err" | head -n 1 >"$T/out"
check "reader of tables gone: quiet" "${PIPESTATUS[0]} $(wc -c <"$T/err")" = "0 0"
"$Z" -i 0.1 -d 2 2>"$T/err" >/dev/full
check "tables that cannot be written: exit status" $? -eq 1

# The target dies while it is looked at: its last figures, and status 0.
start sleep 100
attach -p "$PID"
kill -KILL "$PID"
wait "$ZPID"
check "the target is killed: a report, exit status 0" "$? $(jq '.processes[0].exited' "$J")" = "0 true"
# zctrace itself is killed: its programs go with it.
programs() { bpftool prog list | grep -c 'name sweep'; }
before=$(programs)
attach -p $$
kill -KILL "$ZPID"
wait "$ZPID" 2>/dev/null
as_before() { [ "$(programs)" -le "$before" ]; }
check_run "zctrace killed: nothing stays behind" wait_until 5 as_before

summary
