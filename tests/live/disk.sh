#!/bin/bash
# Disk transfers by DMA: of a process against its /proc/PID/io, of the machine against /proc/diskstats, bracketed.
. "$(dirname "$0")/common.sh"

size=$((1009 * 4096))
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
check "warm read: what is not cached any more, as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
check "warm read: nothing of the file, but what others pressed out" $(($(metric dma_disk_read_bytes) / 4096)) -eq $(($(metric cache_miss_pages) + $(metric cache_readahead_pages) - 1))
cold
traced mmap-read "$T/file"
check "cold mapping: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
traced direct-read "$T/file" 65536
check "direct read: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"
check "direct read: the file" "$(metric dma_disk_read_bytes)" -eq $size
cold
traced uring-read "$T/file" 65536
check "cold read by io_uring: as /proc/PID/io" "$(metric dma_disk_read_bytes)" -eq "$(did io.read_bytes)"

# fsync writes blocks of the file system too, and whoever dirtied those; sync_file_range the file's pages only.
traced write "$T/new" $size 32768 --fsync
check "fsync: the file at least" "$(metric dma_disk_write_bytes)" -ge $size
sync_pages='import ctypes, os, sys
fd = os.open(sys.argv[1], os.O_WRONLY)
for i in range(int(sys.argv[2])): os.write(fd, bytes(4096))
sys.exit(ctypes.CDLL(None).sync_file_range(fd, ctypes.c_long(0), ctypes.c_long(0), 7))'
"$Z" --json -- /usr/bin/python3 -Bc "$sync_pages" "$T/new" 1009 >"$J"
check "sync_file_range: the file, to the byte" "$(jq '.processes[0].metrics.dma_disk_write_bytes' "$J")" -eq $size
check "sync_file_range: fsyncs" "$(jq '.processes[0].metrics.fsyncs' "$J")" -eq 1
traced write "$T/new2" $size 32768
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
/usr/bin/python3 -Bc "$sync_pages" "$T/later" 0
detach
check "written back by another, charged to its writer" "$(metric_of "$writer" dma_disk_write_bytes)" -eq $size
check "which has ended" "$(jq ".processes[] | select(.pid == $writer).exited" "$J")" = true

# Of the whole disk: reads, bytes read, writes, bytes written, flushes.
stats() { awk -v d="$disk" '$3 == d { printf "%d %.0f %d %.0f %d\n", $4, $6 * 512, $8, $10 * 512, $19 }' /proc/diskstats; }
since() { # bytes read, bytes written, requests, flushes from the one line to the other
	echo "$1 $2" | awk '{ printf "%.0f %.0f %d %d\n", $7 - $2, $9 - $4, $6 + $8 - $1 - $3, $10 - $5 }'
}
everybody() { jq "[.processes[].metrics.$1, .system.$1] | add" "$J"; }
sync
outer=$(stats)
attach
inner=$(stats)
for _ in 1 2 3; do
	cold
	w read "$T/file" 32768
	w write "$T/new" $size 32768 --fsync
	w direct-read "$T/file" 65536
done
inner=$(since "$inner" "$(stats)")
detach
outer=$(since "$outer" "$(stats)")
read -r lr lw ln flushes <<<"$inner"
read -r hr hw hn _ <<<"$outer"
check_between "machine: bytes read, as /proc/diskstats" "$(everybody dma_disk_read_bytes)" "$lr" "$hr"
check_between "machine: bytes written" "$(everybody dma_disk_write_bytes)" "$lw" "$hw"
# An empty flush is a write to diskstats, and moves nothing.
check_between "machine: requests, of which diskstats calls up to $flushes flushes writes" "$(everybody disk_requests)" $((ln - flushes)) "$hn"
check "machine: no transfer unknown" "$(lost)" -eq 0

summary
