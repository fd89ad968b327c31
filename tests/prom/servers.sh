#!/bin/bash
# A real Prometheus scrapes while a real nginx and a real PostgreSQL work; what it then answers are the report's numbers.
# A second one looks on, and sees no sum go back.
. "$(dirname "$0")/common.sh"

for program in prometheus nginx setpriv python3 curl; do
	command -v $program >/dev/null || { fail "$program" "not installed"; summary; exit 1; }
done
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
chmod 711 "$T"
install -d -m 755 "$T/www"
install -d -o postgres -g postgres -m 700 "$T/pg"
head -c 8M /dev/urandom >"$T/www/file"
chmod 644 "$T/www/file"
mkfifo "$T/gate"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

serve --json --labels pid --max-series 100000 -- bash tests/prom/load.sh "$T" "$(free_port)" "$bin"
prom_port=$(free_port)
cat >"$T/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: zctrace
    static_configs: [{targets: ["127.0.0.1:$PORT"]}]
END
start prometheus --config.file="$T/prometheus.yml" --storage.tsdb.path="$T/tsdb" --web.listen-address="127.0.0.1:$prom_port" --log.level=error
API=http://127.0.0.1:$prom_port
ask() { curl -sS --max-time 10 "$API/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // "none"'; }
$CLIENT watch "$PORT" "$T/stop" >"$T/watched" & watching=$!
ready() { [ "$(ask 'up{job="zctrace"}')" = 1 ]; }
check_run "Prometheus takes what we serve" wait_until 30 ready
check_run "the servers work and end" wait_until 60 test -e "$T/idle"
check "their clients" "$(cat "$T/failed" 2>/dev/null)" = ""

# all traced are still: two scrapes the same; then one of Prometheus' own after that
still() {
	scrape "$T/a" && sleep 0.1 && scrape "$T/b" && cmp <(grep '{comm' "$T/a" | grep -v 'comm="system"') <(grep '{comm' "$T/b" | grep -v 'comm="system"')
}
check_run "then nothing moves" wait_until 20 still
moment=$(date +%s.%N)
scraped() { awk -v now="$moment" -v then="$(ask 'timestamp(zctrace_start_timestamp_seconds)')" 'BEGIN { exit !(then != "none" && then > now) }'; }
check_run "Prometheus has seen that" wait_until 20 scraped
touch "$T/stop"
wait $watching
note "$(cat "$T/watched")"
check "a second server: no sum went back" "$(cat "$T/watched")" '~' '^([1-9][0-9]+) scrapes of [1-9][0-9]+ counters, 0 sums went back'
check "nothing dropped" "$(ask zctrace_series_dropped_total)" -eq 0
check "sendfile of four downloads" "$(ask 'sum(zctrace_zerocopy_sendfile_bytes_total{comm="nginx"})')" -eq $((4 * 8 << 20))
check "copies of the other four, from the page cache" "$(ask 'sum(zctrace_copy_to_user_file_bytes_total{comm="nginx"})')" -ge $((4 * 8 << 20))
check "as many to the socket" "$(ask 'sum(zctrace_copy_from_user_socket_bytes_total{comm="nginx"})')" -ge $((4 * 8 << 20))
check "names that would break a document" "$(ask 'count(count by (comm) (zctrace_syscalls_total{comm=~"a\"b.*|x.*y|.*xFF.*xFE|.*x65nded|.*x00|.*gnp"}))')" -eq 6
check "the database wrote" "$(ask 'sum(zctrace_copy_from_user_file_bytes_total{comm="postgres"})')" -ge 1000000
curl -sS "$API/api/v1/query" --data-urlencode 'query=sum by (__name__, pid) ({__name__=~"zctrace_.+_total", comm!="", comm!="system"})' >"$T/answer"
tests/prom/panels.py "$API" contrib/grafana/zctrace.json >"$T/panels"
check "the dashboard's expressions" "$(sed -n 1p "$T/panels")" = "many expressions, 0 refused"
check "its panels that show nothing, though much was done" "$(sed -n 2p "$T/panels")" '~' '^empty: (CPU copies per payload byte, the ten that move most(, )?)?(Lost, by reason)?$'
kill -INT "$ZPID"
wait "$ZPID"
check "exit status" $? -eq 0
check "Prometheus gives the report's numbers" "$(tests/prom/compare.py "$T/answer" "$J" 2>"$T/n" | tee "$T/c" | tail -n 1)" = "many figures, 0 differ"
note "$(cat "$T/n")"
grep '^#' "$T/c"
echo >"$T/gate" & # the command, which outlives the trace
summary
