# On this kernel: the display's figures are those of the program that was watched, and of the report.
# shellcheck shell=bash

# 8 MiB read by a process that counts them; another keeps the trace alive until we have looked.
"$W" make "$M/file" 8388608 >/dev/null
start sleep 1000
other=$PID
held read "$M/file" 4096
reader=$PID
open 130x45 "$Z" -p "$reader,$other"
shows "two processes are watched" "^ *$other sleep"
exec 7>&- # the gate opens
await 10 test -s "$O"
shows "it ended" "^ *$reader\+work"
key a
shows "totals" 'COPY▼'
at_rest() { row "$reader" | grep -qE '8\.0[0-9]M +8\.0[0-9]M'; }
await 3 at_rest
to_user=$(row "$reader" | awk '{ print $3 }' | tr -d '≥~')
key Enter
shows "its page says so too" "^work \($reader\)  has ended"
figure() { screen | awk -v n="$1" '$1 == n { print $NF }' | tr -d ',~' | sed 's/≥//'; }
key End
payload=$(figure payload_in_bytes)
check "payload: what the program counted" "$payload" -eq "$(jq .in_bytes "$O")"
key Home
calls=$(figure syscalls) data_calls=$(figure data_calls)
check "data calls: what the program counted, its report and the gate besides" "$data_calls" -eq \
	$(($(jq .data_calls "$O") + $(jq .report_data_calls "$O")))
key q
came_to_an_end "with an ended process" 0
report=$(screen_and_before)
block() { awk -v p="^work \\\\($reader\\\\)" '$0 ~ p { on = 1 } /^$/ { on = 0 } on' <<<"$report"; }
check "the report's copies are the display's" "$(block | grep -c "to user ≥*~*$to_user ")" -eq 1
check "its calls too" "$(block | sed -nE 's/.*× \(([0-9,]+) calls.*/\1/p' | tr -d ,)" -eq "$calls"

# Who only spins is seen within two refreshes: 0.25 s and a second after counting began.
start "$W" spin 30000
spinner=$PID
open 130x30 "$Z" -p "$spinner"
shows "the display is there" "^ *$spinner work"
began=$(date +%s%N)
busy() { row "$spinner" | awk '{ sub("%", "", $NF); exit !($NF + 0 >= 10 && $NF + 0 <= 105) }'; }
check "a spinning process shows its time on the CPU" "$(await 3 busy && echo yes)" = yes
check "within two refreshes (ms)" $((($(date +%s%N) - began) / 1000000)) -le 1500
key q
came_to_an_end "with a spinning process" 0
kill "$spinner"

# Many threads.
mkfifo "$T/many"
start env WORK_OUT="$T/threads" "$W" threads 10000 1 "$T/many"
many=$PID
exec 6>"$T/many"
have_threads() { [ "$(ls "/proc/$many/task" | wc -l)" -gt 10000 ]; }
if await 20 have_threads; then
	open 130x40 "$Z" -p "$many" --threads
	shows "10,000 threads are listed" '^per second, 10,00[0-9] rows'
	key End
	shows "to the last" '└ work'
	key Home
	key Down
	key Enter
	shows "the process of a thread" "^work \($many\)  10,001 threads"
	key Escape
	# counting goes on: half a second of ours in ten is more than it needs
	pid=$(cat "$T/pid")
	ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
	before=$(ticks)
	sleep 3
	note "CPU time of ours with 10,000 threads: $((($(ticks) - before) * 1000 / 3 / $(getconf CLK_TCK))) ms a second"
	key q
	came_to_an_end "10,000 threads" 0
else
	skip "10,000 threads" "this machine does not let us have them"
fi
exec 6>&-
note "a frame: $(build/bench-top)"
