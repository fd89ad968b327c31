#!/bin/bash
# What the reader does while others count: looking changes nothing that is looked at.
. "$(dirname "$0")/common.sh"

# The reader's program on each CPU may interrupt an addition to what it reads. Sweeps are seldom, so it is run far more often.
calls=20000003
held syscalls $calls
target=$PID
attach -p "$target"
python3 tests/live/hammer.py "$T/enough" >"$T/sweeps" 7>&- &
hammer=$!
STARTED+=("$hammer")
has_worked() { [ "$(awk '{ print $14 + $15 }' "/proc/$hammer/stat")" -gt 20 ]; } # a fifth of a second of a CPU
wait_until 60 has_worked
exec 7>&-
wait "$ZPID"
touch "$T/enough"
wait $hammer
check "sweeps beside the calls" "$(cat "$T/sweeps")" -gt 10000
check "calls counted" "$(metric_of "$target" syscalls)" -eq $((gate_calls + calls + report_calls))
summary
