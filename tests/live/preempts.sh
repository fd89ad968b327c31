#!/bin/bash
# Whether the kernel may take the CPU from a program: a program at sched_process_free is loaded only if it may. Where nothing
# tells (debugfs not mounted or locked, no configuration to read), it may: the dearer way misses nothing.
. "$(dirname "$0")/common.sh"

# loaded HIDE...: how many programs of that name a zctrace has for which these directories are empty and these files too.
loaded() {
	local ids

	# shellcheck disable=SC2016 # the inner shell's
	start unshare -m bash -c 'z=$1; shift
		for place in "$@"; do
			if [ -d "$place" ]; then mount -t tmpfs none "$place"; elif [ -e "$place" ]; then mount --bind /dev/null "$place"; fi
		done
		exec "$z" --no-calibrate --json -p $PPID' - "$Z" "$@" >/dev/null 2>&1
	counting "$PID"
	ids=$(sed -n 's/^prog_id:[^0-9]*//p' /proc/"$PID"/fdinfo/* | sort -u | jq -s .)
	bpftool -j prog show | jq --argjson ids "$ids" '[.[] | select(IN(.id; $ids[])).name | select(. == "task_free")] | length'
	kill -INT "$PID"
}
# The kernel's own word for it, if it has one here.
preempts=$(sed -nE 's/.*\((full|lazy)\).*/1/p; s/.*\((none|voluntary)\).*/0/p' /sys/kernel/debug/sched/preempt 2>/dev/null)
[ -n "$preempts" ] || preempts=$({ zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null |
	sed -nE 's/^CONFIG_PREEMPT_(NONE|VOLUNTARY)=y/0/p; s/^CONFIG_PREEMPT(|_LAZY|_RT)=y/1/p' | head -n 1)
if [[ $(uname -v) != *PREEMPT_DYNAMIC* ]] || grep -q preempt= /proc/cmdline || [ -z "$preempts" ]; then
	skip "preemption" "this kernel has one kind only, or was told, or does not tell"
	summary
	exit
fi
check "as the kernel says" "$(loaded)" -eq "$preempts"
check "where nothing tells" "$(loaded /sys/kernel/debug /boot /proc/config.gz)" -eq 1
summary
