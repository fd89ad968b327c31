#!/bin/bash
# Runs every live test, one after another, and adds up their closing lines. Exits non-zero if a check failed, or if a file
# ended without its closing line. usage: tests/live/all.sh [NAME...], e.g. tests/live/all.sh syscalls disk
cd "$(dirname "$0")" || exit 1
[ "$(id -u)" = 0 ] || { echo "the live tests trace this kernel: run them as root" >&2; exit 1; }
passed=0 failed=0 skipped=0
declare -A limit=([soak]=600 [spoilt]=600) # seconds; a machine that is busy with something else takes several times as long

run() {
	local start=$SECONDS line status p f s

	echo "--- $1"
	timeout -k 5 "${limit[$1]:-120}" bash "./$1.sh" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	line=$(tail -n 1 "$log")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
	else
		p=0 f=0 s=0 line=
	fi
	if { [ "$status" -ne 0 ] || [ -z "$line" ]; } && [ "$f" -eq 0 ]; then
		echo "not ok $1: exit status $status${line:+, last line: $line}"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	echo "# $1: $((SECONDS - start)) s"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [ $# -eq 0 ]; then
	for file in *.sh; do
		case $file in all.sh | common.sh) continue ;; esac
		set -- "$@" "${file%.sh}"
	done
fi
for name in "$@"; do
	run "$name"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
