#!/bin/bash
# Disk transfers by DMA: of a process against its /proc/PID/io, of the machine against /proc/diskstats, bracketed.
. "$(dirname "$0")/common.sh"

pages=1009 size=$((1009 * 4096))
disk=$(lsblk -ndo PKNAME "$(df --output=source "$T" | tail -n 1)" 2>/dev/null)
disk=${disk:-$(basename "$(df --output=source "$T" | tail -n 1)")}
w make "$T/file" $size

cold() { sync "$T/file" && w evict "$T/file"; }
cold
traced read "$T/file" 32768
check "cold read: dma_disk_read_bytes as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
check "cold read: all of the file" "$(metric dma_disk_read_bytes)" -ge $size
check "cold read: requests" "$(metric disk_requests)" -gt 0
check "cold read: the CPU moved none of it" "$(metric copy_in_kernel_device_bytes)" -eq 0
traced read "$T/file" 32768
check "warm read: nothing from the disk" "$(metric dma_disk_read_bytes)" -eq 0
cold
traced mmap-read "$T/file"
check "cold mapping: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
traced direct-read "$T/file" 65536
check "direct read: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
check "direct read: the file" "$(metric dma_disk_read_bytes)" -eq $size
cold
traced uring-read "$T/file" 65536
check "cold read by io_uring: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"

traced write "$T/new" $size 32768 --fsync
check "fsync: dma_disk_write_bytes" "$(metric dma_disk_write_bytes)" -eq $size
traced write "$T/new" $size 32768
check "no fsync: nothing yet" "$(metric dma_disk_write_bytes)" -eq 0
traced direct-write "$T/new" $size 65536
check "direct write" "$(metric dma_disk_write_bytes)" -eq $size

# Writeback by somebody else is the writer's who made the pages dirty.
mkfifo "$T/gate"
start env WORK_OUT="$T/w2.json" WORK_GATE="$T/gate" "$W" write "$T/later" $size 32768
exec 7>"$T/gate"
writer=$PID
wait_until 5 blocked_in "$writer" 0
attach
exec 7>&-
wait_until 10 gone "$writer"
sync "$T/later"
detach
check "written back by another, charged to its writer" "$(metric_of "$writer" dma_disk_write_bytes)" -eq $size
check "which has ended" "$(jq ".processes[] | select(.pid == $writer).exited" "$J")" = true

# Fields of the whole disk: reads completed, sectors read, writes completed, sectors written.
stats() { awk -v d="$disk" '$3 == d { print $4, $6 * 512, $8, $10 * 512 }' /proc/diskstats; }
since() { # three numbers: bytes read, bytes written, requests, from the two lines given
	echo "$1 $2" | awk '{ printf "%d %d %d\n", $6 - $2, $8 - $4, $5 + $7 - $1 - $3 }'
}
everybody() { jq "[.processes[].metrics.$1, .system.$1] | add" "$J"; }
sync
outer=$(stats)
attach
inner=$(stats)
for i in 1 2 3; do
	cold
	w read "$T/file" 32768
	w write "$T/new" $size 32768 --fsync
	w direct-read "$T/file" 65536
done
inner=$(since "$inner" "$(stats)")
detach
outer=$(since "$outer" "$(stats)")
read -r lr lw ln <<<"$inner"
read -r hr hw hn <<<"$outer"
check_between "machine: bytes read, as /proc/diskstats" "$(everybody dma_disk_read_bytes)" "$lr" "$hr"
check_between "machine: bytes written" "$(everybody dma_disk_write_bytes)" "$lw" "$hw"
check_between "machine: requests" "$(everybody disk_requests)" "$ln" "$hn"
check "machine: no transfer unknown" "$(lost)" -eq 0

summary
