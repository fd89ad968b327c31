#!/bin/bash
# Page faults: a known number of fresh pages, touched by the program or by the kernel. Two runs, attached to when they have
# started and are waiting, differ in nothing but the pages: what a start-up faults depends on when it is preempted.
. "$(dirname "$0")/common.sh"

kinds="user_faults kernel_faults minor_faults major_faults"
counts() { # COMMAND N: of each kind
	local kind

	held "$1" "$2"
	attach -p "$PID"
	let_go
	for kind in $kinds; do
		metric "$kind"
	done
}
differ() { # NAME COMMAND WANT...: by how much for 1,009 pages more
	local name=$1 command=$2 first second i=0 kind

	shift 2
	w "$command" 3 # what it runs is in the page cache from here on
	mapfile -t first < <(counts "$command" 1009)
	mapfile -t second < <(counts "$command" 2018)
	for kind in $kinds; do
		check "1,009 pages more, $name: $kind" $((second[i] - first[i])) -eq "$1"
		i=$((i + 1))
		shift
	done
}
differ "touched by the program" faults 1009 0 1009 0
differ "touched by the kernel" kernel-faults 0 1009 1009 0

traced kernel-faults 503
check "a fault in the kernel is no mode switch" "$(jq ".processes[0] | .derived.mode_switches - 2 * (.metrics.syscalls + .metrics.user_faults + .metrics.user_irqs)" "$J")" -eq 0
check "and there were some" "$(metric kernel_faults)" -ge 503

summary
