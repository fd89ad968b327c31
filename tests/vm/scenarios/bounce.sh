#!/bin/sh
# Bounce buffers: with swiotlb=force every byte of a disk read is copied twice on its way, and charged to the reader.
# vm-budget: 300
# vm-append: swiotlb=force
. /tests/lib.sh
. /tests/vm/guest.sh

size=8388608
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f $size
drop_caches
WORK_OUT=/tmp/w.json zctrace --json -- work read /mnt/d/f 32768 >/tmp/z.json
check "nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
check "a read bounces twice per byte" "$(json /tmp/z.json '.processes[0].metrics.copy_in_kernel_bounce_bytes')" -eq $((2 * size))
check "its DMA" "$(json /tmp/z.json '.processes[0].metrics.dma_disk_read_bytes')" -eq $size
WORK_OUT=/tmp/w.json zctrace --json -- work direct-write /mnt/d/g $size 32768 >/tmp/z.json
check "a direct write bounces once per byte" "$(json /tmp/z.json '.processes[0].metrics.copy_in_kernel_bounce_bytes')" -ge $size
summary
