#!/bin/bash
# What the server answers, and that nobody keeps it from answering others.
. "$(dirname "$0")/common.sh"

serve --max-series 100000
code() { curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$@"; }
check "/metrics" "$(curl -sS -o "$T/scrape" -w '%{http_code} %{content_type}' "$URL/metrics")" = "200 text/plain; version=0.0.4; charset=utf-8"
check_run "/metrics: promtool check metrics, no series twice" good "$T/scrape"
check "/healthz" "$(curl -sS "$URL/healthz")" = ok
check "/ links it" "$(curl -sS -D "$T/head" "$URL/" | grep -c 'href="/metrics"')" -eq 1
check "/: headers" "$(grep -ciE "^(content-security-policy: default-src 'none'|x-content-type-options: nosniff|connection: close)" "$T/head")" -eq 3
check "HEAD: a length and no body" "$(curl -sSI "$URL/metrics" | grep -ciE '^content-length: [1-9]') $(curl -sSI "$URL/metrics" | sed '1,/^\r$/d' | wc -c)" = "1 0"
check "elsewhere" "$(code "$URL/metrics/") $(code "$URL/favicon.ico") $(code --path-as-is "$URL/../etc/passwd")" = "404 404 404"
for method in POST PUT DELETE OPTIONS BREW; do
	check "$method" "$(curl -sS --max-time 10 -X $method -D "$T/head" -o /dev/null -w '%{http_code}' "$URL/metrics") $(grep -ci '^allow: GET, HEAD' "$T/head")" = "405 1"
done
check "POST with a body" "$(code -d "$(head -c 100000 /dev/zero | tr '\0' x)" "$URL/metrics")" = 405
check "a Host that is not ours" "$(code -H 'Host: evil.example' "$URL/metrics")" = 421
check "Hosts that are" "$(for h in localhost "127.0.0.1:$PORT" 10.9.8.7 '[::1]:1' "$(uname -n)"; do code -H "Host: $h" "$URL/healthz"; done)" = 200200200200200
rebound=$(uname -n)
rebound=${rebound%%.*}.evil.example
check "the machine's name in a domain of somebody's" "$(code -H "Host: $rebound" "$URL/metrics") $(code -H "Host: $rebound:$PORT" "$URL/metrics") $(code --resolve "$rebound:$PORT:127.0.0.1" "http://$rebound:$PORT/metrics")" = "421 421 421"
ask() { $CLIENT raw "$PORT" "$1"; } # the status line of what a raw request gets
check "two Hosts" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n')" '~' ' 400 '
check "two Hosts, the other way" "$(ask 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nX: y\r\nhOST: localhost\r\n\r\n')" '~' ' 400 '
check "two Hosts, both ours" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n')" '~' ' 400 '
check "two Hosts, one empty" "$(ask 'GET /metrics HTTP/1.1\r\nHost:\r\nHost: localhost\r\n\r\n')" '~' ' 400 '
check "HTTP/1.0 with two" "$(ask 'GET /metrics HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n\r\n')" '~' ' 400 '
check "HTTP/1.1 without one" "$(ask 'GET /metrics HTTP/1.1\r\n\r\n')" '~' ' 400 '
check "an empty Host" "$(ask 'GET /metrics HTTP/1.1\r\nHost:\r\n\r\n')" '~' ' 4[0-9][0-9] '
check "a list of Hosts" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n')" '~' ' 421 '
check "a Host over two lines" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n .evil.example\r\n\r\n')" '~' '^(nothing|HTTP/1.. 4.*)$'
check "a user in front" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n')" '~' ' 421 '
check "a port that is none" "$(ask 'GET /metrics HTTP/1.1\r\nHost: localhost:1@evil.example\r\n\r\n')" '~' ' 421 '
check "a request line with a host of its own" "$(ask 'GET http://evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')" '~' ' 4[0-9][0-9] '
check "a path with one" "$(ask 'GET //evil.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')" '~' ' 404 '
check "X-Forwarded-Host is none" "$(code -H 'Host: evil.example' -H 'X-Forwarded-Host: localhost' "$URL/metrics")" = 421
check "HTTP/1.0 without a Host" "$($CLIENT raw "$PORT" 'GET /healthz HTTP/1.0\r\n\r\n')" '~' '^HTTP/1.. 200'
check "no HTTP at all" "$($CLIENT raw "$PORT" '\x16\x03\x01\x02\x00\r\n\r\n')" '~' '^(nothing|HTTP/1.. 400.*)$'
check "pipelined: one answer and the end" "$($CLIENT pipelined "$PORT" 3)" -eq 1
check "a header of 4 KiB" "$($CLIENT header "$PORT" 4096 1)" '~' ' 200 '
check "of 4 KiB in 100 fields" "$($CLIENT header "$PORT" 4096 100)" '~' ' 200 '
check "of 9 KiB" "$($CLIENT header "$PORT" 9216 1)" '~' ' 431 '
check "of 9 KiB in 100 fields" "$($CLIENT header "$PORT" 9216 100)" '~' ' 431 '
check "of 40 KiB" "$($CLIENT header "$PORT" 40960 1)" '~' ' 431 '
check "of 40 KiB in 1,000 fields" "$($CLIENT header "$PORT" 40960 1000)" '~' ' 431 '

# values are those of the moment: the bytes a process has just read are there
WORK_OUT=$O "$W" syscalls 50021
scrape
before=$(grep '^zctrace_syscalls_total{comm="work"' "$T/scrape" | awk '{ n += $2 } END { print n + 0 }')
WORK_OUT=$O "$W" syscalls 50021
scrape
check "collected when asked" $(($(grep '^zctrace_syscalls_total{comm="work"' "$T/scrape" | awk '{ n += $2 } END { print n + 0 }') - before)) -ge 50021

# slow ones are cut after 5 s, and keep nobody waiting meanwhile
$CLIENT drip "$PORT" >"$T/drip" & dripping=$!
$CLIENT idle "$PORT" >"$T/idle" & idling=$!
busy() { scrape && [ "$(sample 'zctrace_http_rejected_total{reason="deadline"}')" -ge 2 ]; }
check_run "scrapes pass meanwhile" scrape
wait $dripping $idling
check_between "a client that drips is cut at, ms" "$(cat "$T/drip")" 4500 7000
check_between "one that says nothing at, ms" "$(cat "$T/idle")" 4500 7000
wait_until 5 busy
check "counted" "$(sample 'zctrace_http_rejected_total{reason="deadline"}')" -eq 2

# a thousand at once
check "1,000 connections, and a scrape behind them" "$($CLIENT flood "$PORT" 1000)" = "HTTP/1.1 200 OK 1000"
check_between "descriptors of sockets held, at most" "$(ls -l "/proc/$ZPID/fd" | grep -c socket:)" 1 17
scrape
check "those turned away are counted" "$(sample 'zctrace_http_rejected_total{reason="connections"}')" -ge 900
check "the tracer went on: nothing lost of its records" "$(sample 'zctrace_events_lost_total{reason="ring_full"}')" -eq 0
check "not one of its own series" "$(grep -c 'comm="zt-self"' "$T/scrape")" -eq 0

# no descriptor left for a newcomer: it waits, and so do we
ticks() { sed 's/.*) //' "/proc/$ZPID/stat" | awk '{ print $12 + $13 }'; }
limit=$(prlimit --noheadings -o SOFT --nofile --pid "$ZPID")
prlimit --nofile="$(comm -13 <(ls "/proc/$ZPID/fd" | sort) <(seq 0 9999 | sort) | sort -n | head -n 1)": --pid "$ZPID"
curl -sS --max-time 20 -o "$T/late" "$URL/healthz" & late=$!
before=$(ticks)
sleep 1
check "without a descriptor: ticks of CPU in a second" $(($(ticks) - before)) -le 40
check "not answered" "$(cat "$T/late" 2>/dev/null)" = ""
prlimit --nofile="$limit": --pid "$ZPID"
wait $late
check "with one it is" "$(cat "$T/late")" = ok

# Clients that say nothing, all overdue at once, with a newcomer behind them: whoever of us comes first to cut them, each is
# counted. While the tracer is stopped all clocks go on.
fill() { $CLIENT silent "$PORT" 16 "$T/done" >"$T/silent" & }
scrape
before=$(awk '/^zctrace_http_rejected_total\{reason="(deadline|connections)"\}/ { n += $2 } END { print n }' "$T/scrape")
fill
silent=$!
wait_until 5 grep -q connected "$T/silent"
held() { [ "$(ls -l "/proc/$ZPID/fd" | grep -c socket:)" -ge 17 ]; }
check_run "sixteen are there" wait_until 4 held
freeze "$ZPID"
wait_until 9 grep -q overdue "$T/silent"
curl -sS --max-time 20 -o "$T/newcomer" "$URL/healthz" & late=$!
backlog() { ss -Hltn "sport = :$PORT" | awk '{ exit !($2 >= 1) }'; }
wait_until 5 backlog
kill -CONT "$ZPID"
wait $late
check "a newcomer behind sixteen that are overdue" "$(cat "$T/newcomer")" = ok
touch "$T/done"
wait $silent
check "each of the sixteen was cut" "$(tail -n 1 "$T/silent")" = "16 cut"
scrape
check "and counted" $(($(awk '/^zctrace_http_rejected_total\{reason="(deadline|connections)"\}/ { n += $2 } END { print n }' "$T/scrape") - before)) -eq 16

kill -INT "$ZPID"
wait "$ZPID"
check "exit status" $? -eq 0

# a reader that stops in the middle of a long answer
S=$T/socket
serve "unix:$S" --labels pid --max-series 1000000
for _ in {1..400}; do /bin/true; done
curl -sS --unix-socket "$S" http://x/metrics >"$T/scrape"
check "an answer longer than a socket holds, bytes" "$(wc -c <"$T/scrape")" -ge 400000
mkfifo "$T/gate"
$CLIENT stall "$S" <"$T/gate" >"$T/stall" & stalling=$!
exec 7>"$T/gate"
wait_until 5 grep -q asked "$T/stall"
check "others are answered meanwhile" "$(curl -sS --max-time 3 --unix-socket "$S" -o /dev/null -w '%{http_code}' http://x/metrics)" = 200
cut() { curl -sS --unix-socket "$S" http://x/metrics >"$T/scrape" && [ "$(sample 'zctrace_http_rejected_total{reason="deadline"}')" -ge 1 ]; }
check_run "it is cut" wait_until 8 cut
exec 7>&-
wait $stalling
check "it got a part" "$(tail -n 1 "$T/stall")" = cut
stop_serving
check "the end" $? -eq 0

summary
