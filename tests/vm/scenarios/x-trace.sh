#!/bin/sh
# vm-budget: 90
. /tests/lib.sh
. /tests/vm/guest.sh
module_up btrfs; module_up ext4; module_up xfs; module_up nvme
check hosts "$(cat /root/x)" = hello
check bt "$(ls /root/d | wc -l)" -ge 1
for f in 'btrfs_file_write_iter' ext4_file_write_iter xfs_file_buffered_write; do check $f "$(grep -E "^$f( |\$)" /sys/kernel/tracing/available_filter_functions)" '~' "$f"; done
check_run bpftool bpftool prog
ls /sys/kernel/btf | tr '\n' ' '; echo
# receive direction
net_up e1000
nc -l -p 7002 -e /bin/sh -c 'wc -c >/tmp/got' & wait_for 10 listening 7002 here
head -c 4194304 /dev/zero >/tmp/z; r=$(nic_counter rx_bytes); far nc $NEAR_IP 7002 </tmp/z; wait_for 10 test -s /tmp/got
check rx "$(cat /tmp/got)" -eq 4194304; note $(( $(nic_counter rx_bytes) - r ))
far_start 7003 nc -l -p 7003 -e /bin/cat; check farstart "$(echo hi | nc $FAR_IP 7003)" = hi
dmesg | grep -E '^\[ +[0-9.]+\]' | awk '{t=substr($0,2,12)+0; if (t-p>0.25) print p, $0; p=t}' | sed 's/^/# gap: /' | cut -c1-120
summary
