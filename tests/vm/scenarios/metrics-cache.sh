#!/bin/sh
# The page-cache rows of the metric table, on ext4, xfs and btrfs: against sizes, mincore and /proc/PID/io.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

size=4195313 # 4 MiB and 1009
pages=$(((size + 4095) / 4096))
drop='sync; echo 1 >/proc/sys/vm/compact_memory; echo 3 >/proc/sys/vm/drop_caches' # as guest.sh's drop_caches
disk_up ext4 nvme0 /mnt/ext4
disk_up xfs nvme1 /mnt/xfs
disk_up btrfs virtio /mnt/btrfs
for fs in ext4 xfs btrfs; do
	make_file /mnt/$fs/f $size
	make_file /mnt/$fs/g $size
	also "$drop"
	job cold-$fs work read /mnt/$fs/f 65536
	job warm-$fs work read /mnt/$fs/f 65536
	also "$drop"
	job again-$fs work read /mnt/$fs/f 65536
	also "$drop"
	job odd-$fs work read /mnt/$fs/f 32749
	also "$drop"
	job map-$fs work mmap-read /mnt/$fs/f
	job mapped-$fs work mmap-read /mnt/$fs/f
	also "$drop"
	job send-$fs work splice /mnt/$fs/f /dev/null 65536
	job direct-$fs work direct-read /mnt/$fs/g 65536
	job fresh-$fs work write /mnt/$fs/w $size 65536
	job over-$fs work write /mnt/$fs/w $size 65536 --keep
	also sync
	job clean-$fs work write /mnt/$fs/w $size 65536 --keep --fsync
	job evict-$fs work evict /mnt/$fs/w
	job back-$fs work read /mnt/$fs/w 65536
	job truncate-$fs work write /mnt/$fs/w 1009 1009
done
run_jobs

cache() { # NAME: hits, misses, used after readahead
	echo "$(of "$1" cache_hit_pages) $(of "$1" cache_miss_pages) $(of "$1" cache_readahead_used_pages)"
}
first_read() { # NAME: no hit, and every page either missed or read ahead before
	# shellcheck disable=SC2046
	set -- "$1" $(cache "$1")
	check "$1: no hits" "$2" -eq 0
	check "$1: pages missed, or used after readahead" $(($3 + $4)) -eq $pages
	check "$1: pages missed or read ahead are the file's" $(($3 + $(of "$1" cache_readahead_pages))) -eq $pages
	check "$1: some of each" "$(($3 > 0 && $4 > 0))" -eq 1
}
for fs in ext4 xfs btrfs; do
	first_read cold-$fs
	check "warm-$fs: all hits" "$(cache warm-$fs)" = "$pages 0 0"
	check "warm-$fs: nothing read ahead" "$(of warm-$fs cache_readahead_pages)" -eq 0
	first_read again-$fs
	# 32749 bytes end within a page, which the next read begins with: a hit. The last read ends the file.
	check "odd-$fs: hits are the pages that two reads share" "$(of odd-$fs cache_hit_pages)" -eq $((size / 32749 - size / (32749 * 4096)))
	check "odd-$fs: pages missed, or used after readahead" $(($(of odd-$fs cache_miss_pages) + $(of odd-$fs cache_readahead_used_pages))) -eq $pages
	check "map-$fs: cold mapping, pages missed or used after readahead" \
		$(($(of map-$fs cache_miss_pages) + $(of map-$fs cache_readahead_used_pages))) -eq $pages
	check "map-$fs: no hits" "$(of map-$fs cache_hit_pages)" -eq 0
	check "mapped-$fs: all hits" "$(cache mapped-$fs)" = "$pages 0 0"
	first_read send-$fs
	check "direct-$fs: nothing of it in the page cache" "$(cache direct-$fs)" = "0 0 0"
	if [ $fs = btrfs ]; then # and of its trees
		check "fresh-$fs: pages dirtied are the file's" "$(of fresh-$fs cache_dirtied_pages)" -ge $pages
	else
		check "fresh-$fs: pages dirtied are the file's" "$(of fresh-$fs cache_dirtied_pages)" -eq $pages
	fi
	check "fresh-$fs: nothing read ahead" "$(of fresh-$fs cache_readahead_pages)" -eq 0
	for name in fresh-$fs over-$fs clean-$fs; do
		check "$name: pages dirtied as /proc/PID/io has them" "$(of $name cache_dirtied_pages)" -eq $(($(said $name io.write_bytes) / 4096))
	done
	check "fresh-$fs: accesses" $(($(of fresh-$fs cache_hit_pages) + $(of fresh-$fs cache_miss_pages))) -eq $pages
	check "over-$fs: written where it is" "$(cache over-$fs)" = "$pages 0 0"
	check "evict-$fs: pages evicted as mincore has them" "$(of evict-$fs cache_evicted_pages)" -eq \
		$(($(said evict-$fs cached_pages_before) - $(said evict-$fs cached_pages)))
	check "evict-$fs: all of them" "$(said evict-$fs cached_pages)" -eq 0
	first_read back-$fs
	check "truncate-$fs: pages evicted" "$(of truncate-$fs cache_evicted_pages)" -eq $pages
done
grep -E '^[a-z]*-(ext4|xfs|btrfs) cache' $FIGURES | awk '{ a[$1] = a[$1] " " $2 "=" $3 } END { for (n in a) print "#", n, a[n] }' | sed 's/cache_//g; s/_pages//g' | sort
summary
