#!/bin/sh
# An IDE disk without DMA: its bytes are the CPU's, as `device`, and no DMA.
# vm-budget: 300
# vm-machine: pc
# vm-disk: ide
# vm-append: libata.dma=0
. /tests/lib.sh
. /tests/vm/guest.sh

size=2097152
ide_up
disk_up ext4 ide /mnt/d
make_file /mnt/d/f $size
drop_caches
WORK_OUT=/tmp/w.json zctrace --json -- work read /mnt/d/f 32768 >/tmp/z.json
check "nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
check "programmed I/O is copied by the CPU" "$(json /tmp/z.json '.processes[0].metrics.copy_in_kernel_device_bytes')" -eq $size
check "and is no DMA" "$(json /tmp/z.json '.processes[0].metrics.dma_disk_read_bytes')" -eq 0
summary
