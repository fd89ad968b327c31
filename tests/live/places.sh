#!/bin/bash
# Where zctrace runs and what its targets are in: a pid namespace of its own, no /proc or another's, a cgroup namespace, what
# is no cgroup, and processes that come into a cgroup later.
. "$(dirname "$0")/common.sh"

mkfifo "$T/gate"
# inside SCRIPT: in a new pid namespace with its own /proc; the script has $Z, $W, $T and the functions of common.sh.
inside() {
	printf '%s\n' ". tests/live/common.sh" "T=$T J=$J O=$O" 'trap - EXIT' "$1" >"$T/script"
	ZCTRACE=$Z WORK=$W timeout -s KILL 60 unshare -p -f --mount-proc bash "$T/script" >"$T/out" 2>&1
	sed 's/^/# /' "$T/out"
}

# A pid namespace of its own: the numbers are those that whoever runs it sees there.
cp "$(command -v sleep)" "$T/outsider"
start "$T/outsider" 1000
inside 'held syscalls 1009; echo $PID >"$T/pid"; attach -p $PID; let_go; echo "$ZSTATUS" >"$T/status"'
check "in a pid namespace, -p: exit status" "$(cat "$T/status")" -eq 0
check "in a pid namespace, -p: its number there" "$(jq -c '[.processes[].pid]' "$J")" = "[$(cat "$T/pid")]"
check "in a pid namespace, -p: calls" "$(metric_of "$(cat "$T/pid")" syscalls)" -eq $((2 + 1009 + 7))
inside 'traced forks 11 101'
check "in a pid namespace, a command: itself and its children" "$(jq "[.processes[] | select(.pid == $(work_pid) or (.ppid == $(work_pid) and .metrics.syscalls == 102))] | length" "$J")" -eq 12
check "in a pid namespace, a command: no others" "$(jq '.processes | length' "$J")" -eq 12
check "in a pid namespace, a command: its number" "$(jq .command.pid "$J")" -eq "$(work_pid)"
w make "$T/file" $((1009 * 4096))
sync "$T/file" && w evict "$T/file"
cp "$W" "$M/work" # in memory, where no page is classed
inside "W=$M/work O=$M/w.json; traced read '$T/file' 32768"
cached() { jq -r "[.processes[0].metrics | .cache_hit_pages, .cache_miss_pages + .cache_readahead_used_pages] | @csv" "$J"; }
check "in a pid namespace, a cold read: no hits, and each page read ahead was used" "$(cached)" = "0,1009"
inside 'held forks 11 101; attach -f -p $PID; let_go'
check "in a pid namespace, -f -p: children" "$(jq "[.processes[] | select(.ppid == $(work_pid) and .metrics.syscalls == 102)] | length" "$J")" -eq 11
inside 'attach --limit 0; echo $ZPID >"$T/pid"; w syscalls 211; unshare -p -f "$W" syscalls 307 >"$T/deeper"; detach'
check "in a pid namespace, everything: zctrace itself is not there" "$(jq "[.processes[] | select(.pid == $(cat "$T/pid"))] | length" "$J")" -eq 0
check "in a pid namespace, everything: what runs there" "$(metric_of "$(work_pid)" syscalls)" -ge 211
check "in a pid namespace, everything: nobody without a number, nobody from outside" "$(jq '[.processes[] | select(.pid == 0 or .comm == "outsider")] | length' "$J")" -eq 0
check "in a pid namespace, everything: a namespace below, by its number here" "$(jq '[.processes[] | select(.comm == "work" and .metrics.syscalls >= 307 and .pid > 1)] | length' "$J")" -eq 1
inside '"$Z" --json -- sh -c "echo x | cat >/dev/null" >"$J"'
check "in a pid namespace: what is done for a process stands in its line" "$(jq '[.processes[] | select(.comm == "sh" or .comm == "cat")] | length' "$J")" -ge 2
"$Z" demo --json --size 1M --way read+write --dir "$T" >"$T/outside.json"
inside '"$Z" demo --json --size 1M --way read+write --dir "$T" >"$J" || echo failed; echo $? >"$T/status"'
check "in a pid namespace, the demo: the same process count" "$(cat "$T/status") $(jq '.processes | length' "$J")" = "0 $(jq '.processes | length' "$T/outside.json")"

# refused NAME STATUS PATTERN COMMAND...
refused() {
	local name=$1 want=$2 pattern=$3 status

	shift 3
	timeout -s KILL 30 "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	check "$name: exit status" $status -eq "$want"
	check "$name: one line that says why" "$(wc -l <"$T/err")" -eq 1
	check "$name: which is" "$(cat "$T/err")" '~' "^zctrace: .*$pattern"
	check "$name: nothing on standard output" "$(wc -c <"$T/out")" -eq 0
}
refused "another namespace's /proc, everything" 4 "/proc is that of another pid namespace" unshare -p -f "$Z" -d 1
refused "another namespace's /proc, -p" 4 "/proc is that of another pid namespace" unshare -p -f "$Z" -p $$
refused "another namespace's /proc, a command" 4 "/proc is that of another pid namespace" unshare -p -f "$Z" -- true
refused "another namespace's /proc, the demo" 4 "/proc is that of another pid namespace" unshare -p -f "$Z" demo --json --size 1M --dir "$T"
refused "no /proc" 4 "/proc is not mounted" unshare -m sh -c 'umount -l /proc; exec "$0" -d 1' "$Z"
refused "no /proc, -p" 4 "/proc is not mounted" unshare -m sh -c 'umount -l /proc; exec "$0" -p 1' "$Z"

# Cgroups.
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
refused "a file is no cgroup" 5 "no cgroup" "$Z" --cgroup "$root/cgroup.procs" -d 1
refused "above the root is no cgroup" 5 "no cgroup" "$Z" --cgroup ".." -d 1
refused "nor above one" 5 "no cgroup" "$Z" --cgroup "$root/../../.." -d 1
group=$root/zctrace-places.$$
if ! mkdir -p "$group/a/b" 2>/dev/null; then
	skip "cgroups" "no cgroup v2 hierarchy that can be written"
	summary
	exit
fi
trap 'exec 7>&-; at_end; rmdir "$group/a/b" "$group/a" "$group" 2>/dev/null' EXIT
refused "a path through a file" 5 "" "$Z" --cgroup "$group/cgroup.procs/x" -d 1

into() { echo "$2" >"$1/cgroup.procs"; } # CGROUP PID
# What moves in later, and beneath it; what was named by a way that goes up and down.
held syscalls 1009
moved=$PID
attach --cgroup "${group##*/}/a/../../${group##*/}/a"
into "$group/a/b" "$moved"
exec 7>&-
wait_until 10 gone "$moved"
w syscalls 101
start env WORK_OUT="$T/w2" "$W" threads 7 307 "$T/gate"
exec 7>"$T/gate"
waiting() { [ "$(cat /proc/"$PID"/task/*/syscall | grep -c '^0 ')" -eq 7 ]; }
wait_until 10 waiting
into "$group/a" "$PID"
looks() { awk '/^voluntary/ { print $2 }' "/proc/$ZPID/status"; }
before=$(looks)
looked() { [ "$(looks)" -ge $((before + 11)) ]; }
wait_until 10 looked
threads=$PID
exec 7>&-
wait_until 10 gone "$PID"
held syscalls 211
into "$group" "$PID" # its parent: not there
exec 7>&-
wait_until 10 gone "$PID"
detach
check "moved into a cgroup: from then on" "$(metric_of "$moved" syscalls)" -eq $((2 + 1009 + 7))
check "moved into a cgroup with its threads" "$(metric_of "$threads" syscalls)" -ge $((7 * (1 + 307 + 1)))
check "moved into a cgroup: no others" "$(jq '.processes | length' "$J")" -eq 2
check "moved into a cgroup: its name" "$(jq -c '[.processes[].cgroup] | sort' "$J")" = "[\"/${group##*/}/a\",\"/${group##*/}/a/b\"]"
even='def even: .switches_voluntary + .switches_involuntary == .switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle;'
check "moved into a cgroup: switches add up" "$(jq "$even [.processes[].metrics | even] | all" "$J")" = true

# A walk through the hierarchy that failed is no proof that a cgroup is gone.
held syscalls 101
into "$group/a/b" "$PID"
timeout -s KILL 60 strace -o /dev/null -P "$root" -e trace=openat -e inject=openat:error=EMFILE:when=1 \
	"$Z" --json -d 0.5 --record "$T/walk.rec" -p "$PID" >"$J" 2>"$T/err" 7>&-
check "a walk through the cgroups that failed: the next one finds it" "$(jq -r '.processes[0].cgroup' "$J")" = "/${group##*/}/a/b"
exec 7>&-
wait_until 10 gone "$PID"

# A cgroup namespace, and a mount that begins below the root: the path does not tell how deep it is.
held syscalls 503
into "$group/a/b" "$PID"
# shellcheck disable=SC2016
(echo "$BASHPID" >"$group/a/cgroup.procs" &&
	exec unshare -C -m sh -c 'umount -l "$1" && mount -t cgroup2 none "$1" && exec "$0" --json --cgroup /b' "$Z" "$root") >"$J" 2>"$T/z.err" 7>&- &
ZPID=$!
STARTED+=("$ZPID")
counting "$ZPID"
w syscalls 101
exec 7>&-
wait_until 10 gone "$PID"
detach
check "in a cgroup namespace: exit status" "$ZSTATUS" -eq 0
check "in a cgroup namespace: the member" "$(jq -c '[.processes[].pid]' "$J")" = "[$PID]"
check "in a cgroup namespace: calls" "$(metric_of "$PID" syscalls)" -eq $((2 + 503 + 7))

summary
