#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Instructions per operation on a stock kernel under QEMU, beside what tests/bench/instructions.KERNEL says they were.
# usage: instructions.sh KERNEL [update]
# Exit status: 0 as they were, 1 something changed by more than what two boots differ in, or nothing was measured.
set -u
cd "$(dirname "$0")/../.."
kernel=$1 file=tests/bench/instructions.$1
build=${BUILD:-build}
limit=8 # instructions per operation that two boots may differ in, measured

ZC_VM_FILES="$build/zctrace $build/work $build/bench/load $build/bench/floor" timeout 1200 tests/vm/run.sh "$kernel" instructions >&2 || exit 1
log=build/vm/$kernel-instructions.log
now=$(mktemp)
trap 'rm -f "$now"' EXIT
sed -n 's/^INSN //p' "$log" >"$now"
[ -s "$now" ] || { echo "bench-vm: nothing was measured; see $log" >&2; exit 1; }
awk -v file="$file" -v limit=$limit '
	FNR == 1 { n++ }
	n == 1 && FILENAME == file { was[$1 "|" $2] = $3; next }
	{ now[$1 "|" $2] = $3; if (!($1 in row)) { row[$1] = ++rows; name[rows] = $1 } if (!($2 in col)) { col[$2] = ++cols; load[cols] = $2 } }
	END {
		printf "%-22s", "instructions"; for (c = 1; c <= cols; c++) printf "%20s", load[c]; print ""
		for (r = 1; r <= rows; r++) {
			printf "%-22s", name[r]
			for (c = 1; c <= cols; c++) {
				k = name[r] "|" load[c]; v = now[k]
				d = k in was ? v - was[k] : 0
				if (d > limit || d < -limit) changed++
				printf "%20s", (r == 1 ? sprintf("%.0f", v) : sprintf("%+.0f", v - now[name[1] "|" load[c]])) (d > limit || d < -limit ? sprintf(" (%+.0f)", d) : "")
			}
			print ""
		}
		g = "getppid"; p = "pread4k"; e = "empty-same-hooks"; z = "zctrace"; b = "bare"
		printf "\nfexit site, instructions per copy over the empty fexit: %.0f (goal 120)\n", (now[z "|" p] - now[e "|" p]) - (now[z "|" g] - now[e "|" g])
		o = "zctrace-p-other"
		printf "not traced under -p, added / empty programs: system call %.2f, with a copy site %.2f (goal 1.1)\n", (now[o "|" g] - now[b "|" g]) / (now[e "|" g] - now[b "|" g]), (now[o "|" p] - now[b "|" p]) / (now[e "|" p] - now[b "|" p])
		printf "a system call, added / an empty sys_exit program: %.2f\n", (now[z "|" g] - now[b "|" g]) / (now["empty-sys_exit|" g] - now[b "|" g])
		if (changed) printf "%d figures differ from %s: say why in the commit that updates it (make bench-vm-update)\n", changed, file
		exit changed > 0
	}' $([ -e "$file" ] && echo "$file") "$now"
status=$?
if [ "${2:-}" = update ]; then
	cp "$now" "$file"
	exit 0
fi
exit $status
