#!/bin/bash
# Control groups' names: of those that are gone when somebody asks, with handles and by walking; and what short-lived ones cost.
. "$(dirname "$0")/common.sh"
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
group=$root/zt-cgroups.$$
if [ -z "$root" ] || ! mkdir "$group" 2>/dev/null; then
	skip "control groups" "no cgroup v2 hierarchy that can be written"
	summary
	exit
fi
leave() {
	at_end
	find "$group" -depth -type d -exec rmdir {} +
}
trap leave EXIT

looks() { awk '/^voluntary/ { print $2 }' "/proc/$ZPID/status"; }
looked() { [ "$(looks)" -ge "$1" ]; }
# A process that ends, is read, and whose control group is gone before anybody asks. Its path is in $J. NAME COMMAND...
gone_group() {
	local name=$1 before

	shift
	mkdir "$group/gone"
	"$@" --json --cgroup "${group##*/}" >"$J" 2>"$T/z.err" &
	ZPID=$!
	STARTED+=("$ZPID")
	counting $ZPID
	(echo "$BASHPID" >"$group/gone/cgroup.procs" && WORK_OUT=$O exec "$W" syscalls 7)
	before=$(looks)
	wait_until 10 looked $((before + 3))
	wait_until 10 rmdir "$group/gone"
	detach
	check "$name: its path" "$(jq -r ".processes[] | select(.pid == $(work_pid)).cgroup" "$J")" = "/${group##*/}/gone"
}
gone_group "a control group that is gone" "$Z"
gone_group "a control group that is gone, without file handles" \
	setpriv --bounding-set=-dac_read_search --inh-caps=-dac_read_search "$Z"

# 97 control groups that come and go beside 211 that stay: nobody reads all their directories for each.
for i in {1..211}; do mkdir "$group/stays$i"; done
strace -qq -o "$T/strace" -e trace=getdents64 "$Z" --json --no-calibrate --cgroup "${group##*/}" >"$J" 2>"$T/z.err" &
TRACER=$!
STARTED+=("$TRACER")
wait_until 20 pgrep -P $TRACER >/dev/null
ZPID=$(pgrep -P $TRACER)
STARTED+=("$ZPID")
counting "$ZPID"
before=$(wc -l <"$T/strace")
w storm 97 0 "$group" 1
kill -INT "$ZPID"
wait $TRACER
check "short-lived control groups: processes" "$(jq '.processes | length' "$J")" -eq 97
check "short-lived control groups: directories read" $(($(wc -l <"$T/strace") - before)) -le 211
summary
