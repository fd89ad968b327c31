#!/bin/bash
# The page cache, by pages of one file. The program and its report are in memory, where nothing is classed, so that the figures
# are the file's alone. mincore says what was really cached, /proc/PID/io what was dirtied. Others on this machine may press
# pages out of the cache between two runs: what then comes from the disk, as the disk transfers tell, is no hit.
. "$(dirname "$0")/common.sh"

cp "$W" "$M/work"
W=$M/work O=$M/w.json
pages=1009 size=$((1009 * 4096))
w make "$T/file" $size
: >"$T/none"
cold() { sync "$T/file" && w evict "$T/file"; }

of_file() {
	hit=$(metric cache_hit_pages) miss=$(metric cache_miss_pages) evicted=$(metric cache_evicted_pages)
	readahead=$(metric cache_readahead_pages) readahead_used=$(metric cache_readahead_used_pages)
	from_disk=$(($(metric dma_disk_read_bytes) / 4096))
}
traced read "$T/none" 32768
of_file
check "an empty file: no hits, misses or read ahead pages" "$hit $miss $readahead $readahead_used" = "0 0 0 0"

cold
check "evicted, says the kernel" "$(did cached_pages)" -eq 0
traced read "$T/file" 32768
of_file
check "cold read: hits" "$hit" -eq 0
check "cold read: missed and read ahead are the file" $((miss + readahead)) -eq $pages
check "cold read: what was read ahead was used" "$readahead_used" -eq "$readahead"
check "cold read: every page accessed once" $((hit + miss + readahead_used)) -eq $pages
check "cold read: from the disk came the file" "$from_disk" -eq $pages
traced read "$T/file" 32768
of_file
check "again: all hits" "$hit" -eq $((pages - from_disk))
check "again: nothing missed or read ahead" $((miss + readahead)) -eq $from_disk
traced read "$T/file" 32768 3
of_file
check "three times: three times as many" "$hit" -eq $((3 * pages - from_disk))
cold
traced pread "$T/file" 32768
of_file
check "evicted, by pread: hits" "$hit" -eq 0
check "evicted, by pread: the file" $((miss + readahead)) -eq $pages
traced pread "$T/file" 32768
of_file
check "again by pread: all hits" "$hit" -eq $((pages - from_disk))
cold
traced uring-read "$T/file" 32768
of_file
check "evicted, by io_uring: hits" "$hit" -eq 0
check "evicted, by io_uring: the file" $((miss + readahead)) -eq $pages

# Half of it is there: those pages hit, the others do not.
cold
w read "$T/file" 32768
dd if="$T/file" of=/dev/null iflag=nocache bs=4096 skip=512 count=497 status=none
w cache-pages "$T/file"
cached=$(did cached_pages)
traced read "$T/file" 32768
of_file
check_between "partly there: pages cached, says the kernel" "$cached" 1 $((pages - 1))
check "partly there: those hit, but what others pressed out since" "$hit" -eq $((pages - from_disk))
check "partly there: no more than were cached" "$hit" -le "$cached"
check "partly there: the others were inserted" $((miss + readahead)) -eq "$from_disk"

# A file in memory is no cache of anything.
w make "$M/file" $size
traced read "$M/file" 32768
of_file
check "tmpfs: not classed" $((hit + miss + readahead)) -eq 0

# Dirtied: /proc/PID/io counts the same event, file system blocks included. A process that does as it is told and then blocks.
mkfifo "$T/orders"
start /usr/bin/python3 -uc 'import os, sys
for order in open(sys.argv[1]):
	exec(order)' "$T/orders"
exec 7>"$T/orders"
idle() { blocked_in "$PID" 0; }
wait_until 10 idle
obey() { # ORDER: pages it dirtied by zctrace and by /proc in $dirtied and $proc
	local before

	before=$(awk '/^write_bytes/ { print $2 }' "/proc/$PID/io")
	attach -p "$PID"
	echo "$1; os.mkdir('$T/done')" >&7
	wait_until 10 rmdir "$T/done" && wait_until 10 idle
	proc=$((($(awk '/^write_bytes/ { print $2 }' "/proc/$PID/io") - before) / 4096))
	detach
	dirtied=$(metric_of "$PID" cache_dirtied_pages)
}
obey "fd = os.open('$T/new', os.O_CREAT | os.O_WRONLY); [os.write(fd, bytes(32768)) for i in range(127)]"
check "written: pages made dirty, as /proc/PID/io" "$dirtied" -eq "$proc"
check "written: the file's at least" "$dirtied" -ge 1016
obey "os.lseek(fd, 0, 0); [os.write(fd, bytes(32768)) for i in range(127)]"
check "written again, still dirty: as /proc/PID/io" "$dirtied" -eq "$proc"
check "written again, still dirty: none of the file's" "$dirtied" -lt 127
obey "os.fsync(fd); os.lseek(fd, 0, 0); [os.write(fd, bytes(32768)) for i in range(127)]"
check "written again after fsync: as /proc/PID/io" "$dirtied" -eq "$proc"
check "written again after fsync: the file's at least" "$dirtied" -ge 1016
exec 7>&-

sync "$T/new"
traced evict "$T/new"
of_file
check "evicted by the process" "$evicted" -eq "$(did cached_pages_before)"
check "which was all of it" "$(did cached_pages_before)" -eq 1016

summary
