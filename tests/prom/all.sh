#!/bin/bash
# Runs every test of the Prometheus face, one after another, and adds up their closing lines, as tests/live/all.sh does.
# usage: tests/prom/all.sh [NAME...], e.g. tests/prom/all.sh http servers
cd "$(dirname "$0")" || exit 1
[ "$(id -u)" = 0 ] || { echo "these tests trace this kernel: run them as root" >&2; exit 1; }
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

[ $# -gt 0 ] || set -- options http names servers contrib
for name in "$@"; do
	start=$SECONDS
	echo "--- $name"
	timeout -k 5 120 bash "./$name.sh" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	p=0 f=0 s=0
	if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
	else
		echo "not ok $name: it did not come to its end"
		f=1
	fi
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "not ok $name: exit status $status"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	echo "# $name: $((SECONDS - start)) s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
