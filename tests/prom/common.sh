# What the tests of the Prometheus face share: sourced by each of them. ZCTRACE and WORK name the programs.
# shellcheck shell=bash disable=SC2034
. "$(dirname "${BASH_SOURCE[0]}")/../live/common.sh"
CLIENT=tests/prom/client.py
E=$T/z.err

told() { grep -q '^zctrace: serving ' "$E"; }
# serve OPTIONS...: zctrace in the background under a name of its own, until it serves. $ZPID; $URL, without /metrics.
serve() {
	local listen=127.0.0.1:0

	case $1 in unix:*) listen=$1; shift ;; esac
	[ -e "$T/zt-self" ] || ln -s "$Z" "$T/zt-self"
	rm -f "$E"
	"$T/zt-self" --listen "$listen" "$@" >"$J" 2>"$E" 7>&- &
	ZPID=$!
	STARTED+=("$ZPID")
	wait_until 20 told || return 1
	URL=$(sed -n 's,^zctrace: serving \(http.*\)/metrics$,\1,p' "$E")
	PORT=${URL##*:}
}
stop_serving() { kill -INT "$ZPID" && wait "$ZPID"; }
scrape() { curl -sS --max-time 10 "$URL/metrics" >"${1:-$T/scrape}"; }
# What a sample has, by its name and labels as written; nothing if it is not there.
sample() { awk -v name="$1" 'substr($0, 1, length(name) + 1) == name " " { print substr($0, length(name) + 2) }' "${2:-$T/scrape}"; }
good() { promtool check metrics <"$1" && [ -z "$(grep -v '^#' "$1" | sed 's/ [^ ]*$//' | sort | uniq -d)" ]; }
