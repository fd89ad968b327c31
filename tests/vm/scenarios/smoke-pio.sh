#!/bin/sh
# Proves that an IDE disk without DMA is to be had: every byte of it passes through the CPU.
# vm-budget: 300
# vm-machine: pc
# vm-disk: ide
# vm-append: libata.dma=0
. /tests/lib.sh
. /tests/vm/guest.sh

ide_up
dev=$(disk_dev ide)
check "there is an IDE disk" "$dev" = /dev/sda
check "its transfer mode" "$(cat /sys/class/ata_device/*/xfer_mode | grep -v '^$' | sort -u | tr -d '\n')" '~' 'PIO'
check "no transfer mode with DMA" "$(cat /sys/class/ata_device/*/xfer_mode | grep -c DMA)" -eq 0
disk_up ext4 ide /mnt/a
make_file /mnt/a/f 1048576
drop_caches
before=$(disk_sectors "$dev" read)
# shellcheck disable=SC2002 # wc -c of a file does not read it
check "reads its file back" "$(cat /mnt/a/f | wc -c)" -eq 1048576
check "bytes read from the disk" $((($(disk_sectors "$dev" read) - before) * 512)) -ge 1048576
summary
