#!/bin/bash
# 250,000 short processes, each of a name of its own, in 25,000 control groups, under two zctrace at once, one scraped every
# second and one that nobody asks: once the caps are reached (the last ones after some 85,000, and hash tables grow for a while
# after that) memory stays where it is, a scrape costs less than 20 ms of CPU, nothing is counted twice or lost, and no sum goes back. SOAK: processes in each of five steps.
. "$(dirname "$0")/common.sh"
STEP=${SOAK:-50000}
ROOT=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
if [ -z "$ROOT" ]; then
	mkdir "$T/cgroup2" && mount -t cgroup2 none "$T/cgroup2" || { skip "soak" "no cgroup v2 here"; summary; exit; }
	ROOT=$T/cgroup2
fi
NAME=zctrace-soak.$$ DIR=$ROOT/zctrace-soak.$$
mkdir "$DIR" || { fail "mkdir $DIR" "a control group is needed"; summary; exit; }
leave() {
	at_end
	rmdir "$DIR" "$DIR"/storm* 2>/dev/null
	[ "$ROOT" = "$T/cgroup2" ] && umount "$ROOT"
	rm -rf "$T"
}
trap leave EXIT

rss_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / hz) }' "/proc/$1/stat"; }
# What all series of a metric say, from standard input.
total() { awk -v name="$1{" 'substr($0, 1, length(name)) == name { n += $NF } END { printf "%d\n", n }'; }
serving() { grep -q '^zctrace: serving ' "$T/$1.err"; }
scraper() { # until $T/done is there
	while [ ! -e "$T/done" ]; do
		curl -sS --max-time 20 "$1" | total zctrace_data_calls_total >>"$T/sums"
		sleep 1
	done
}

for who in scraped alone; do
	"$Z" --listen 127.0.0.1:0 --json --no-calibrate --buffer 16M --cgroup "$NAME" >"$T/$who.json" 2>"$T/$who.err" &
	STARTED+=($!)
	eval "$who=$!"
	wait_until 30 serving $who || fail "$who: started" "$(cat "$T/$who.err")"
done
URL=$(sed -n 's,^zctrace: serving \(http.*\)$,\1,p' "$T/scraped.err")
scraper "$URL" &
SCRAPER=$!
declare -A KB
# shellcheck disable=SC2154 # `scraped` and `alone` are set above
for step in 1 2 3 4 5; do
	check_run "storm $step" "$W" storm "$STEP" $((STEP * (step - 1))) "$DIR" 10
	KB[scraped,$step]=$(rss_kb "$scraped") KB[alone,$step]=$(rss_kb "$alone")
	note "after $((STEP * step)): scraped ${KB[scraped,$step]} kB, alone ${KB[alone,$step]} kB"
done
touch "$T/done"
wait $SCRAPER
for who in scraped alone; do
	for step in 4 5; do
		check_between "$who: more memory after $((STEP * step)) than after $((STEP * 3)), kB" $((KB[$who,$step] - KB[$who,3])) -2048 2048
	done
done

# The least of five: what else happens here makes it more, never less.
least=
for _ in 1 2 3 4 5; do
	before=$(cpu_ms "$scraped")
	for _ in {1..20}; do curl -sS -o "$T/scrape" --max-time 20 "$URL"; done
	ms=$(($(cpu_ms "$scraped") - before))
	[ -n "$least" ] && [ "$least" -le $ms ] || least=$ms
done
check "CPU time of 20 scrapes, ms" "$least" -lt 400
note "a scrape of $(wc -c <"$T/scrape") bytes: $(curl -sS -o /dev/null -w '%{time_total}' "$URL") s"
check "scraped: data calls" "$(total zctrace_data_calls_total <"$T/scrape")" -eq $((3 * 5 * STEP))
check_run "scraped: no sum went back" sort -nc "$T/sums"
check "scraped: sums" "$(wc -l <"$T/sums")" -ge 3
for who in scraped alone; do
	kill -INT "${!who}"
	wait "${!who}"
	check "$who: exit status" $? -eq 0
	lost=$(jq '.lost.finals_full' "$T/$who.json") # they are in the system line, without a name
	check "$who: processes" "$(jq '[.processes[] | if .folded > 0 then .folded else 1 end] | add' "$T/$who.json")" -eq $((5 * STEP - lost))
	check "$who: data calls" "$(jq '[(.processes[].metrics, .system) | .data_calls] | add' "$T/$who.json")" -eq $((3 * 5 * STEP))
	check "$who: rows" "$(jq '.processes | length' "$T/$who.json")" -le 11001
done
summary
