#!/bin/bash
# Names a process chooses: whatever they are, the document is one that Prometheus takes and says who it was.
. "$(dirname "$0")/common.sh"

root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
top=$root/zctrace-prom.$$
remove_cgroups() { [ -d "$top" ] && find "$top" -depth -type d -exec rmdir {} + 2>/dev/null; at_end; }
trap remove_cgroups EXIT
mkfifo "$T/gate"
mkdir "$top" 2>/dev/null || top=
# -p -f: only the children of this one
start python3 tests/prom/names.py "$T/gate" ${top:+"$top"} >"$T/names"
named=$PID
[ -n "$top" ] && echo "$named" >"$top/cgroup.procs" 2>/dev/null
wait_until 10 grep -q names.py "/proc/$named/cmdline"
serve -p "$named" -f --max-series 100000
exec 7>"$T/gate" 7>&-
all() { [ "$(wc -l <"$T/names")" -eq 40 ]; }
wait_until 10 all
scrape
check_run "promtool check metrics, no series twice" good "$T/scrape"
check "valid UTF-8, and nothing that acts on a terminal" "$(iconv -f UTF-8 -t UTF-8 "$T/scrape" >/dev/null && LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f]' "$T/scrape")" = 0
missing=0
while IFS= read -r labels; do
	case $labels in *cgroup=*) ;; *) labels=$labels,cgroup= ;; esac
	grep -qF "zctrace_syscalls_total{$labels" "$T/scrape" || { note "not there: $labels"; missing=$((missing + 1)); }
done <"$T/names"
check "names of 40 processes${top:+, each in a cgroup of that name}: not found" $missing -eq 0
check "one that calls itself ended is not taken for what has" "$(grep -c '^zctrace_syscalls_total{comm="ended"' "$T/scrape")" -eq 0
stop_serving
[ -n "$top" ] || skip "odd names of cgroups" "no cgroup v2 that may be written to"
summary
