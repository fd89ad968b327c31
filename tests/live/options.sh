#!/bin/bash
# What to trace and how to show it: --comm, --cgroup, -d, -i, --sort, --limit, --threads, --json and its schema, SIGINT and
# SIGTERM, the command's own status.
. "$(dirname "$0")/common.sh"

"$Z" --help >"$T/help" 2>&1
check "--help: exit status" $? -eq 0
check "--help: the options" "$(grep -cE -- '--(pid|follow|comm|cgroup|duration|interval|sort|limit|threads|json|exact|hooks)\b' "$T/help")" -ge 12
"$Z" --version >"$T/version"
check "--version: exit status" $? -eq 0

# A gated process with a name and a cgroup of its own.
mkfifo "$T/gate"
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
group=$root/zctrace-live.$$
mkdir "$group" "$group/below" 2>/dev/null
trap 'exec 7>&-; at_end; rmdir "$group/below" "$group" 2>/dev/null' EXIT
ln -s "$W" "$T/named"
held() { # NAME
	start env WORK_OUT="$T/w.$1" WORK_GATE="$T/gate" "$T/$1" syscalls 1009
	exec 7>"$T/gate"
	wait_until 10 blocked_in "$PID" 0
}
held named
named=$PID
check "held" "$(cat "/proc/$named/comm")" = named
attach --comm named
start env WORK_OUT="$O" "$T/named" syscalls 211
wait_until 10 gone "$PID"
w syscalls 211
exec 7>&-
wait_until 10 gone "$named"
detach
check "--comm: those of that name" "$(jq '[.processes[].comm] | unique == ["named"]' "$J")" = true
check "--comm: one there was, one came" "$(jq '.processes | length' "$J")" -eq 2
check "--comm: its calls" "$(metric_of "$named" syscalls)" -eq 1018

if [ -d "$group/below" ] && echo $$ 2>/dev/null >"$group/cgroup.procs"; then
	held named
	inside=$PID
	(echo "$BASHPID" >"$group/below/cgroup.procs" && WORK_OUT=$T/w.b WORK_GATE=$T/gate exec "$T/named" syscalls 307 7>&-) &
	below=$!
	STARTED+=("$below")
	echo $$ >"$root/cgroup.procs"
	wait_until 10 blocked_in "$below" 0
	attach --cgroup "$group"
	w syscalls 101
	exec 7>&-
	wait_until 10 gone "$inside"
	wait $below
	detach
	check "--cgroup: its members and those beneath" "$(jq -c '[.processes[].pid] | sort' "$J")" = "$(printf '%s\n' "$inside" "$below" | jq -cs sort)"
	check "--cgroup: paths" "$(jq -c '[.processes[].cgroup] | sort' "$J")" = "[\"/${group##*/}\",\"/${group##*/}/below\"]"
	check "--cgroup: calls beneath" "$(metric_of "$below" syscalls)" -eq 316
	"$Z" --cgroup "/${group##*/}" -d 0.1 --json >"$J"
	check "--cgroup: empty, by its path from the root" "$? $(jq '.processes | length' "$J")" = "0 0"
else
	skip "--cgroup" "no cgroup v2 that this shell may join"
fi

# -d: to the millisecond, by zctrace's own clock and by ours.
start_ns=$(date +%s%N)
"$Z" --json -d 0.5 >"$J"
took=$((($(date +%s%N) - start_ns) / 1000000))
check_between "-d: counted for" "$(jq .duration_ns "$J")" 500000000 $((took * 1000000))

# -i: a table each interval, then the report.
"$Z" -i 0.2 -d 1 >"$T/tables"
check_between "-i 0.2 -d 1: tables" "$(grep -c 'COMM' "$T/tables")" 4 6
check "-i: the report follows" "$(grep -c 'measured by' "$T/tables")" -eq 1

# Three processes of 7, 70, and 700 thousand bytes.
three() {
	w unix 7 1000
	w unix 70 1000
	w unix 700 1000
}
WORK_OUT=$O "$Z" --limit 2 -- "$W" forks 31 7 >"$T/report"
check "--limit 2: two rows, and the rest in one" "$(grep -cE '^ *([0-9]+ work|30 more) ' "$T/report")" -eq 3
attach --comm work --sort syscalls --limit 2
three
detach
check "--sort syscalls; a document has every process" "$(jq '[.processes[].metrics.syscalls] | . == (sort | reverse) and length == 3' "$J")" = true
attach --comm work --sort copy_to_user_socket_bytes
three
detach
check "--sort copy_to_user_socket_bytes" "$(jq -c '[.processes[].metrics.copy_to_user_socket_bytes]' "$J")" = "[700000,70000,7000]"

traced_with --threads threads 7 101
check "--threads: ids are there and differ" "$(jq '.processes[0].threads | [.[].tid] | unique | length' "$J")" -eq 8
traced threads 7 101
check "without: none" "$(jq '.processes[0] | has("threads")' "$J")" = false

# Signals bring the report; the command's own end is told apart from ours.
attach -p $$
detach
check "SIGINT: the report, and exit status 0" "$ZSTATUS $(jq -r .schema "$J")" = "0 zctrace/1"
attach -p $$
kill -TERM "$ZPID"
wait "$ZPID"
check "SIGTERM: the same" "$? $(jq -r .schema "$J")" = "0 zctrace/1"
"$Z" --json -p $$ >"$J" & ZPID=$!
counting "$ZPID"
kill -HUP "$ZPID"
wait "$ZPID"
check "SIGHUP: the same" "$? $(jq -r .schema "$J")" = "0 zctrace/1"
nohup "$Z" --json -p $$ -d 1 >"$J" 2>/dev/null & ZPID=$!
counting "$ZPID"
kill -HUP "$ZPID"
wait "$ZPID"
check "SIGHUP under nohup: passes by" "$? $(jq '.duration_ns >= 1000000000' "$J")" = "0 true"
"$Z" --json -- sh -c 'exit 7' >"$J"
check "a command that fails: exit status 0, its own in the document" "$? $(jq -c .command.status "$J")" = "0 7"
"$Z" --json -- sh -c 'kill -9 $$' >"$J"
check "a command that is killed" "$? $(jq -c '[.command.status, .command.signal]' "$J")" = "0 [null,9]"
"$Z" --json --max-lost 0 -- true >"$J"
check "--max-lost 0, nothing lost: exit status" $? -eq 0
check "a command's output passes" "$("$Z" --json -- echo hello | head -n 1)" = hello
check "a command that outlives -d: left alone" "$("$Z" --json -d 0.2 -- sleep 1 | jq -c '[.command.exited, .command.status]')" = "[false,null]"

if [ -f docs/zctrace-1.schema.json ]; then
	cat >"$T/valid.py" <<'END'
import json, jsonschema, sys
schema = json.load(open("docs/zctrace-1.schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
for name in sys.argv[1:]:
    jsonschema.validate(json.load(open(name)), schema)
END
	"$Z" --json --threads -d 0.2 >"$T/machine.json"
	WORK_OUT=$O "$Z" --json --threads -- "$W" threads 7 101 >"$T/command.json"
	"$Z" --json -p $$ -d 0.1 >"$T/pid.json"
	"$Z" --json --exact -p $$ -d 0.1 >"$T/exact.json"
	check_run "documents agree with the schema" /usr/bin/env python3 "$T/valid.py" "$T/machine.json" "$T/command.json" "$T/pid.json" "$T/exact.json" "$J"
else
	fail "documents agree with the schema" "docs/zctrace-1.schema.json is not there"
fi

summary
