#!/bin/sh
# Prints the README's table of metrics from bpf/metrics.h; --check FILE tells whether FILE holds it, --write FILE puts it there.
set -eu
cd "$(dirname "$0")/.."
table() {
	echo '| metric | unit | meaning |'
	echo '|---|---|---|'
	sed -nE 's/^\tM\([A-Z_]+, *"([a-z_]+)", *([A-Z]+), *[A-Z_]+, *"(.*)"\).*/\1|\2|\3/p' bpf/metrics.h |
		awk -F'|' '{ print "| `" $1 "` | " tolower($2) " | " $3 " |" }'
}
held() { sed -n '/^<!-- metrics -->$/,/^<!-- \/metrics -->$/p' "$1" | sed '1d;$d'; }
case ${1:-} in
--check) [ "$(table)" = "$(held "$2")" ] ;;
--write)
	table >"$2.table"
	sed -i -e '/^<!-- metrics -->$/,/^<!-- \/metrics -->$/{/^<!--/!d}' -e "/^<!-- metrics -->\$/r $2.table" "$2"
	rm -f "$2.table"
	;;
*) table ;;
esac
