#!/bin/bash
# Where it goes: --prom, --textfile, what --listen takes and refuses, and that a file is whole or as it was.
. "$(dirname "$0")/common.sh"

# --prom: one document that ends by itself, with the figures of --json
"$Z" --prom >"$T/one.prom" 2>"$E"
check "--prom: exit status, nothing else said" "$? $(wc -c <"$E")" = "0 0"
check_run "--prom: promtool check metrics, no series twice" good "$T/one.prom"
"$Z" --prom -d 0.2 | promtool check metrics >"$T/lint" 2>&1
check "--prom | promtool check metrics" "${PIPESTATUS[*]} $(wc -c <"$T/lint")" = "0 0 0"
"$Z" --prom -d 0.2 >/dev/full 2>"$E"
check "--prom to a full disk: exit status, one line" "$? $(wc -l <"$E")" = "1 1"
WORK_OUT=$O "$Z" --prom -- "$W" syscalls 997 >"$T/one.prom"
check "--prom -- COMMAND: until it ends, its calls" "$(sample 'zctrace_syscalls_total{comm="work",cgroup="/"}' "$T/one.prom")" -ge 997
WORK_OUT=$O "$Z" --prom --labels pid -- "$W" syscalls 997 >"$T/one.prom"
check "--labels pid" "$(sample "zctrace_syscalls_total{comm=\"work\",cgroup=\"/\",pid=\"$(work_pid)\"}" "$T/one.prom")" -ge 997

# --textfile: every interval, whole, for everybody to read
F=$T/zctrace.prom
(umask 077 && exec "$Z" --textfile "$F" -i 0.05 --json >"$J" 2>"$E") &
ZPID=$!
STARTED+=("$ZPID")
wait_until 10 test -e "$F"
first=$(sample zctrace_cpu_seconds_total "$F")
check "--textfile: never a part of it" "$($CLIENT torn "$F" 1)" = "many reads, 0 torn"
check "--textfile: its mode, whatever the umask" "$(stat -c %a "$F")" = 644
check "--textfile: made anew meanwhile" "$(sample zctrace_cpu_seconds_total "$F")" != "$first"
kill -INT "$ZPID"
wait "$ZPID"
check "--textfile: exit status, the report as ever, nothing said" "$? $(jq -r .schema "$J") $(wc -c <"$E")" = "0 zctrace/1 0"
check "--textfile: nothing left beside it" "$(ls "$T" | grep -c 'zctrace.prom.')" -eq 0
check_run "--textfile: promtool check metrics" good "$F"
WORK_OUT=$O "$Z" --textfile "$F" --json -- "$W" syscalls 997 >"$J"
check "--textfile: at the end it has the report's figures" \
	"$(sample 'zctrace_syscalls_total{comm="work",cgroup="/"}' "$F")" -eq "$(metric_of "$(work_pid)" syscalls)"
"$Z" --textfile "$T/none/x.prom" -d 0.3 -i 0.05 >/dev/null 2>"$E"
check "--textfile where there is no directory: exit status, told once" "$? $(wc -l <"$E")" = "1 1"
mkdir "$T/small"
if mount -t tmpfs -o size=128k none "$T/small" 2>/dev/null; then
	"$Z" --textfile "$T/small/z.prom" -i 0.05 --json >"$J" 2>"$E" &
	ZPID=$!
	STARTED+=("$ZPID")
	wait_until 10 test -e "$T/small/z.prom"
	head -c 1M /dev/zero >"$T/small/fill" 2>/dev/null
	wait_until 10 test -s "$E"
	cp "$T/small/z.prom" "$T/kept.prom"
	check_run "a full disk: the old file is whole" good "$T/kept.prom"
	kill -INT "$ZPID"
	wait "$ZPID"
	check "a full disk: exit status 1, the report all the same" "$? $(jq -r .schema "$J")" = "1 zctrace/1"
	check "a full disk: told once" "$(grep -c 'cannot write .*No space left' "$E") $(wc -l <"$E")" = "1 1"
	check "a full disk: kept, nothing beside it" "$(cmp "$T/kept.prom" "$T/small/z.prom" && ls "$T/small" | xargs)" = "fill z.prom"
	umount "$T/small"
else
	skip "a full disk" "no tmpfs may be mounted here"
fi

# --listen
J=$T/other.json serve
other=$ZPID
"$Z" --listen "127.0.0.1:$PORT" >"$T/out" 2>"$T/in.use"
check "an address in use: exit status" $? -eq 1
check "an address in use: one sentence, with a remedy" "$(cat "$T/in.use")" = "zctrace: cannot listen at 127.0.0.1:$PORT: something else does; choose another port, 0 for any that is free"
first=$URL
serve --json
check_run "two of them" curl -sSf "$first/healthz" "$URL/healthz"
kill -INT "$ZPID" "$other"
wait "$ZPID"
check "SIGINT: the report at the end" "$? $(jq -r .schema "$J")" = "0 zctrace/1"
wait "$other"
for address in foo 99999 127.0.0.1 ::1:80 '[::1' localhost:x unix:; do
	"$Z" --listen "$address" -d 0.1 >"$T/out" 2>"$E"
	check "--listen $address: exit status, one line" "$? $(wc -l <"$E")" = "2 1"
done
"$Z" --listen '[::1]:0' -d 0.1 >"$T/out" 2>"$E"
check "--listen [::1]:0" "$? $(cat "$E")" '~' '^0 zctrace: serving http://\[::1\]:[0-9]+/metrics$'
"$Z" --listen :0 -d 0.1 >"$T/out" 2>"$E"
check "a port alone is loopback's" "$? $(cat "$E")" '~' '^0 zctrace: serving http://127.0.0.1:[0-9]+/metrics$'
"$Z" --listen 0.0.0.0:0 -d 0.1 >"$T/out" 2>"$E"
check "others can reach it: a warning" "$? $(wc -l <"$E") $(grep -c 'warning: other machines' "$E")" = "0 2 1"
"$Z" --listen "127.0.0.1:0" -i 1 2>/dev/null
check "-i without a file" $? -eq 2
"$Z" --labels pid 2>/dev/null
check "--labels alone" $? -eq 2

# unix:
S=$T/socket
serve "unix:$S"
check "unix: mode" "$(stat -c '%F %a' "$S")" = "socket 600"
check "unix: any host" "$(curl -sS --unix-socket "$S" -o "$T/scrape" -w '%{http_code}' http://anything/metrics)" = 200
check_run "unix: promtool check metrics" good "$T/scrape"
"$Z" --listen "unix:$S" >"$T/out" 2>"$E"
check "unix, in use: exit status, one line" "$? $(wc -l <"$E")" = "1 1"
check "unix, in use: left alone" "$(curl -sS --unix-socket "$S" http://x/healthz)" = ok
kill -INT "$ZPID"
wait "$ZPID"
check "unix: removed at the end" "$([ -e "$S" ] && echo there)" = ""
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$S"
"$Z" --listen "unix:$S" -d 0.1 >"$T/out" 2>"$E"
check "unix: one that nobody listens at is replaced" "$? $([ -e "$S" ] && echo there)" = "0 "
echo precious >"$S"
"$Z" --listen "unix:$S" -d 0.1 >"$T/out" 2>"$E"
check "unix: what is no socket is not" "$? $(cat "$S")" = "1 precious"

summary
