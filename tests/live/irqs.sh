#!/bin/bash
# Hard and soft interrupts of the whole machine: no more than the kernel counted from before zctrace started until after it
# ended, no fewer than between. The rows that are interrupts taken by a CPU on top of something, one event each.
. "$(dirname "$0")/common.sh"

# NMIs are not counted, and the TLB row is part of CAL.
hard() { awk 'NR > 1 && ($1 ~ /^[0-9]+:$/ || $1 ~ /^(LOC|RES|CAL|IWI):$/) { for (i = 2; i <= 1 + n; i++) s += $i } NR == 1 { n = NF } END { printf "%.0f\n", s }' /proc/interrupts; }
soft() { awk 'NR > 1 { for (i = 2; i <= NF; i++) s += $i } END { printf "%.0f\n", s }' /proc/softirqs; }
everybody() { jq "[.processes[].metrics.$1, .system.$1] | add" "$J"; }

outer_hard=$(hard) outer_soft=$(soft)
attach
inner_hard=$(hard) inner_soft=$(soft)
w spin 700
w pipe 5003 1
inner_hard=$(($(hard) - inner_hard)) inner_soft=$(($(soft) - inner_soft))
detach
outer_hard=$(($(hard) - outer_hard)) outer_soft=$(($(soft) - outer_soft))
check_between "hard interrupts of the machine" "$(everybody hardirqs)" "$inner_hard" "$outer_hard"
check_between "soft interrupts of the machine" "$(everybody softirqs)" "$inner_soft" "$outer_soft"
check "some arrived in user mode" "$(everybody user_irqs)" -gt 0
check "no more than there were" "$(jq '[.processes[].metrics | select(.user_irqs > .hardirqs)] | length' "$J")" -eq 0
check "idle's are on the system line" "$(jq .system.hardirqs "$J")" -gt 0
check "time in hard interrupts, where there were some" "$(jq '[.processes[].metrics | select((.hardirqs > 0) != (.hardirq_ns > 0))] | length' "$J")" -eq 0
check "nothing lost" "$(lost)" -eq 0

summary
