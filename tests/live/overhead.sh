#!/bin/bash
# What zctrace says of its own cost, and what --max-overhead makes it give up.
. "$(dirname "$0")/common.sh"

attach
w syscalls 1009
detach
check "calibrated: what an event costs" "$(jq .cost.added_ns_per_event "$J")" -gt 0
check "the child that calibrates is in no figure" "$(jq "[.processes[] | select(.ppid == $ZPID)] | length" "$J")" -eq 0
check "CPU time" "$(jq .cost.cpu_ns "$J")" -gt 1000000
check "memory" "$(jq .cost.resident_bytes "$J")" -gt 1000000
check "events: each of the program's calls is one" "$(jq .cost.events "$J")" -ge 1009
# Of one process: its calls, copies and switches are each at least one, and beside them are only its faults and interrupts.
traced_with -v mixed-switch 1009
switches=$(jq '.rusage.nvcsw + .rusage.nivcsw' "$O")
check "events: each of its switches and calls is one" "$(jq .cost.events "$J")" -ge $((switches + $(did data_calls)))
"$Z" --no-calibrate --json -- true >"$J"
check "--no-calibrate: not known" "$(jq .cost.added_ns_per_event "$J")" = null
"$Z" --no-calibrate -- true >"$T/report"
check "the report has it in a line" "$(grep -cE '^  cost +zctrace took .* of CPU, .*iB of memory;' "$T/report")" -eq 1

# The process's own voluntary switches, which nobody may take off, are still what /proc says; its calls are not known.
taken_off() { grep -q 'taken off' "$T/z.err"; }
start "$W" syscalls 100000000
storm=$PID
held mixed-switch 1009 # two threads, each waits for the other once a round
attach --max-overhead 0.001 -f -p "$PID,$storm"
wait_until 20 taken_off
kill -KILL "$storm"
let_go
check "taken off: exit status" "$ZSTATUS" -eq 0
check "taken off: the costliest first" "$(head -n 1 "$T/z.err" | grep -cE '^zctrace: syscalls taken off after [0-9.]+ s: tracing took [0-9.]+ % of the CPUs, --max-overhead is 0.001; what it measures is - from here on$')" -eq 1
check "taken off: its metrics are not measured" "$(jq '[.processes[].metrics | .syscalls, .payload_in_bytes] | unique' -c "$J")" = "[null]"
check "taken off: the document says why" "$(jq -r '.hooks[] | select(.hook == "syscalls") | .by, .error' "$J" | grep -c 'null\|^taken off after')" -eq 2
check "taken off: switches are measured still, a wait a round at least" \
	"$(jq "[.processes[] | select(.pid == $(work_pid)) | .metrics.switches_voluntary] | add" "$J")" -ge 1009

held syscalls 1009
attach --max-overhead 100 -p "$PID"
window_open() { ls -l "/proc/$ZPID/fd" | grep -q 'anon_inode:bpf-stats'; }
window_over() { ! window_open; }
check_run "not too much: a window is opened" wait_until 20 window_open
check_run "not too much: and looked at" wait_until 20 window_over
let_go
check "not too much: nothing is taken off" "$(wc -c <"$T/z.err")" -eq 0
check "not too much: every call is there" "$(metric syscalls)" -eq $((2 + 1009 + 7))
"$Z" --max-overhead x -- true 2>"$T/err"
check "no percentage: usage" $? -eq 2

summary
