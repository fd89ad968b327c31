#!/usr/bin/env bash
# Runs suites of tests one after another and adds up their closing lines. usage: tests/run.sh SUITE...
#   style  formatting, lints, include boundaries, a build with clang    unit, golden, fuzz  user half under ASan, UBSan
#   live   this kernel (root)    top    the live display in tmux (root)    svg  the picture, in a browser
#   prom   a Prometheus server and others that scrape this kernel (root)
#   vm, vm-more, vm-rt, vm-kprobe  other kernels under QEMU
# Each suite ends with a line `N passed, N failed[, N skipped]`; one that exits non-zero or ends without it has failed.
set -u
cd "$(dirname "$0")/.."
export PATH=$PATH:/usr/sbin:/sbin
mkdir -p build/test
total_passed=0 total_failed=0 total_skipped=0
report=()

run_suite() {
	case $1 in
	style) tests/style.sh ;;
	unit | golden | fuzz) make -s "$1" ;;
	live) tests/live/all.sh ;;
	svg) tests/svg/all.sh ;;
	top) tests/top/all.sh ;;
	prom) tests/prom/all.sh ;;
	vm) tests/vm/fetch-kernels.sh 6.1 6.12 6.12-rt && tests/vm/all.sh ;;
	vm-more) tests/vm/all.sh more ;;
	vm-rt) tests/vm/fetch-kernels.sh 6.12-rt && tests/vm/all.sh rt ;;
	vm-kprobe) tests/vm/all.sh kprobe ;;
	*) echo "no suite $1" >&2; return 2 ;;
	esac
}

for suite in "$@"; do
	echo "=== $suite"
	start=$SECONDS
	run_suite "$suite" 2>&1 | tee "build/test/$suite.log"
	status=${PIPESTATUS[0]}
	line=$(grep -aE '^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed' "build/test/$suite.log" | tail -n 1)
	read -r p f s < <(sed -E 's/^[a-z-]+: //; s/[^0-9]+/ /g' <<<"${line:-0 passed, 0 failed}")
	if [ -z "$line" ] || { [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		echo "$suite: exit status $status${line:+, although no check failed}${line:-, and no closing line}"
		f=$((f + 1))
	fi
	total_passed=$((total_passed + p)) total_failed=$((total_failed + f)) total_skipped=$((total_skipped + ${s:-0}))
	report+=("$(printf '%-10s %5d passed %4d failed %4d skipped %5d s' "$suite" "$p" "$f" "${s:-0}" $((SECONDS - start)))")
done
printf '%s\n' "${report[@]}"
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" -eq 0 ] && [ "$total_passed" -gt 0 ]
