#!/usr/bin/env bash
# Runs test VMs, at most two side by side, and adds their results up.
# usage: all.sh [default | more | kprobe | rt | KERNEL:SCENARIO...]
# Prints each VM's verdict as it ends, then a table of budgets and times and one line `N passed, N failed, N skipped` summed
# over the guests, a VM that failed without a failed check counted as one failure. Exit status 1 when any check failed, or
# any VM failed, was silent or could not be started.
# Environment: ZC_VM_JOBS  VMs side by side (default 2); ZC_VM_FILES, ZC_ACCEL and ZC_BUDGET_SCALE as in run.sh.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
vm=$top/tests/vm
cache=${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels
build=$top/build/vm
jobs=${ZC_VM_JOBS:-2}

# What `make test` runs: these scenarios on both stock kernels, side by side; the long ones first.
scenarios=(demo causes exact metrics-border metrics-data metrics-cache metrics-disk metrics-net metrics-send bounce pio limits)
# What `make test-all` adds, and what `make test-kprobe` runs on the kernel it built.
more=(smoke smoke-swiotlb smoke-pio)
kprobe=(kprobe demo causes)
# The preemptible kernel, on which attribution must hold as well, and what make test-all runs on it besides.
preemptible=(6.12-rt:preempt 6.12:preempt)
rt=(preempt metrics-border exact metrics-data metrics-cache)

on_both() { for zt_s in "$@"; do [ ! -e "$vm/scenarios/$zt_s.sh" ] || printf '%s\n' "6.12:$zt_s" "6.1:$zt_s"; done; }
case ${1:-default} in
default) mapfile -t pairs < <(on_both "${scenarios[@]}" && printf '%s\n' "${preemptible[@]}") ;;
more) mapfile -t pairs < <(on_both "${more[@]}") ;;
kprobe) pairs=("${kprobe[@]/#/kprobe:}") ;;
rt) pairs=("${rt[@]/#/6.12-rt:}") ;;
*) pairs=("$@") ;;
esac

mkdir -p "$build"
work=$(mktemp -d "$build/.all.XXXXXX")
cleanup() {
	local running
	running=$(jobs -p)
	# shellcheck disable=SC2086 # a list
	[ -z "$running" ] || kill $running 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# One initramfs for each kernel, made once: it holds every scenario.
files=${ZC_VM_FILES-$(ls -d "$top/build/zctrace" "$top/build/work" 2>/dev/null || true)}
for kernel in $(printf '%s\n' "${pairs[@]%%:*}" | sort -u); do
	if [ ! -e "$cache/$kernel/vmlinuz" ]; then
		"$vm/fetch-kernels.sh" "$kernel"
	fi
	# shellcheck disable=SC2086 # a list
	"$vm/mkinitramfs.sh" "$cache/$kernel" "$work/$kernel.initramfs" $files
done

declare -A pair_of status_of

reap() { # one VM that has ended
	local pid='' rc=0
	wait -n -p pid || rc=$?
	[ -n "$pid" ] || return 0
	status_of[${pair_of[$pid]}]=$rc
	tail -n 1 "$work/${pair_of[$pid]}.verdict"
}

start=$SECONDS
running=0
for pair in "${pairs[@]}"; do
	if [ "$running" -ge "$jobs" ]; then
		reap
		running=$((running - 1))
	fi
	kernel=${pair%%:*} scenario=${pair#*:}
	ZC_INITRD=$work/$kernel.initramfs "$vm/run.sh" "$kernel" "$scenario" >"$work/$pair.verdict" &
	pair_of[$!]=$pair
	running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
	reap
	running=$((running - 1))
done

# kernel  scenario             verdict   passed failed skipped    used  budget
# 6.12    smoke                passed        29      0       2    17.1      90
failures=0
printf '\n%-8s %-24s %-8s %7s %7s %8s %8s %7s\n' kernel scenario verdict passed failed skipped 'used s' 'budget'
for pair in "${pairs[@]}"; do
	kernel=${pair%%:*} scenario=${pair#*:}
	rc=${status_of[$pair]:-none}
	[ "$rc" = 0 ] || failures=$((failures + 1))
	case $rc in
	0) verdict=passed ;;
	1) verdict=FAILED ;;
	3) verdict=SILENT ;;
	*) verdict="NOT RUN" ;;
	esac
	line=$(tail -n 1 "$work/$pair.verdict" 2>/dev/null || true)
	counts=$(sed -nE 's/.*, ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped, ([0-9.]+) s of ([0-9]+) s, log .*/\1 \2 \3 \4 \5/p' <<<"$line")
	# shellcheck disable=SC2086 # five numbers
	set -- ${counts:-0 0 0 - -}
	printf '%-8s %-24s %-8s %7s %7s %8s %8s %7s\n' "$kernel" "$scenario" "$verdict" "$1" "$2" "$3" "$4" "$5"
	[ "$rc" = 0 ] || [ "$2" != 0 ] || set -- "$1" 1 "$3"
	echo "$1 $2 $3" >>"$work/sums"
done
awk -v seconds=$((SECONDS - start)) -v vms="${#pairs[@]}" -v bad="$failures" '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d VMs in %d s, %d of them failed\n%d passed, %d failed, %d skipped\n", vms, seconds, bad, passed, failed, skipped
	}' "$work/sums"
[ "$failures" -eq 0 ]
