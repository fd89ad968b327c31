#!/bin/sh
# Proves that swiotlb=force takes hold: a read from an NVMe disk goes through bounce buffers.
# vm-budget: 300
# vm-append: swiotlb=force
. /tests/lib.sh
. /tests/vm/guest.sh

check "the kernel was told" "$(cat /proc/cmdline)" '~' swiotlb=force
disk_up ext4 nvme0 /mnt/a
make_file /mnt/a/f 1048576
drop_caches
events=/sys/kernel/tracing/events/swiotlb/swiotlb_bounced/enable
echo 1 >$events
cat /mnt/a/f >/dev/null
echo 0 >$events
bounced=$(sed -n 's/.*swiotlb_bounced: .*\bnvme\b.* size=\([0-9]*\) .*/\1/p; s/.*swiotlb_bounced: .*0000:.* size=\([0-9]*\) .*/\1/p' \
	/sys/kernel/tracing/trace | awk '{ sum += $1 } END { print sum + 0 }')
check "bytes bounced for a read of 1 MiB" "$bounced" -ge 1048576
grep -m 2 swiotlb_bounced: /sys/kernel/tracing/trace | sed 's/^/# /'

net_up e1000
sink_start 7001
nc $FAR_IP 7001 </mnt/a/f
check "e1000 sends through bounce buffers" "$(sink_bytes 7001)" -eq 1048576
summary
