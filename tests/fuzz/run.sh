#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh FUZZ-VIEWS [SECONDS [SEED]] - every view on made-up snapshots: a check for each kind, that cases of it were tried and
# none was wrong; and one that the pictures kept are well-formed to somebody else, too.
. "$(dirname "$0")/../lib.sh"
export ASAN_OPTIONS=detect_leaks=1
pictures=$(mktemp -d) || exit 1
trap 'rm -rf "$pictures"' EXIT

"$1" "${2:-60}" "${3:-0}" "$pictures" >"$pictures/counts" 2>"$pictures/complaints"
check "the fuzzer's exit status" $? -eq 0 || cat "$pictures/complaints"
for kind in zero one few maximal edges ordinary contradict crowd; do
	check "cases tried: $kind" "$(sed -n "s/^$kind //p" "$pictures/counts")" -ge 1
done
if command -v xmllint >/dev/null; then
	check_run "$(ls "$pictures" | grep -c svg) pictures are well-formed" xmllint --noout --nonet "$pictures"/*.svg
else
	skip "pictures are well-formed" "libxml2-utils is not installed"
fi
summary
