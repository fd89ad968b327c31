#!/bin/bash
# Page faults: a known number of fresh pages, touched by the program or by the kernel; minor faults against what the kernel says.
# Without address randomisation, and each from its execve on, so that two runs differ in nothing but the pages.
. "$(dirname "$0")/common.sh"

printf '#!/bin/sh\nexec setarch -R "%s" "$@"\n' "$Z" >"$T/zctrace"
chmod +x "$T/zctrace"
Z=$T/zctrace

traced faults 1009 # warm: its file pages are mapped from the cache from here on
more user_faults faults 1009 --- faults 2018
check "1,009 pages more touched: user faults" "$MORE" -eq 1009
more minor_faults faults 1009 --- faults 2018
check "and minor faults" "$MORE" -eq 1009
more kernel_faults faults 1009 --- faults 2018
check "no kernel faults" "$MORE" -eq 0

more kernel_faults kernel-faults 1009 --- kernel-faults 2018
check "1,009 pages more touched by the kernel: kernel faults" "$MORE" -eq 1009
more user_faults kernel-faults 1009 --- kernel-faults 2018
check "no user faults" "$MORE" -eq 0
traced kernel-faults 503
check "a fault in the kernel is no mode switch" "$(jq ".processes[0] | .derived.mode_switches - 2 * (.metrics.syscalls + .metrics.user_faults + .metrics.user_irqs)" "$J")" -eq 0

summary
