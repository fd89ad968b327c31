#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh TEST... - runs the unit tests, the boundary check and the schema check; one line for each, then the sum.
cd "$(dirname "$0")/../.." || exit 1
export CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
passed=0 failed=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# A program that dies in the middle of its tests has failed once more than it could say.
count() { # NAME STATUS
	ok=$(grep -c '^ok ' "$out") not=$(grep -c '^not ok ' "$out")
	if [ "$2" -ne 0 ] && [ "$not" -eq 0 ] || [ $((ok + not)) -eq 0 ]; then
		not=$((not + 1))
	fi
	passed=$((passed + ok)) failed=$((failed + not))
	printf '%-14s %3d passed, %d failed\n' "$1" "$ok" "$not"
	[ "$not" -eq 0 ] || cat "$out"
}

for test in "$@"; do
	timeout 300 "$test" >"$out" 2>&1
	count "${test##*/}" $?
done
tests/unit/boundaries.sh >"$out" 2>&1
count boundaries $?
if python3 tests/unit/schema.py --check >"$out" 2>&1; then
	echo "ok 1 - the schema is that of the metric list" >>"$out"
else
	echo "not ok 1 - the schema is that of the metric list" >>"$out"
fi
count schema 0
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
