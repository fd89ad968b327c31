#!/bin/sh
# The disk rows of the metric table: /proc/PID/io by process, /proc/diskstats for the machine, and whose writeback is.
# vm-budget: 200
. /tests/lib.sh
. /tests/vm/guest.sh

size=4195313 # 4 MiB and 1009
blocks=$(((size + 4095) / 4096))
drop='sync; echo 3 >/proc/sys/vm/drop_caches'
disk_up ext4 nvme0 /mnt/ext4
disk_up xfs nvme1 /mnt/xfs
disk_up btrfs virtio /mnt/btrfs
for fs in ext4 xfs btrfs; do
	make_file /mnt/$fs/f $size
done

# ---- a process: what it caused to be read, and what it made dirty and somebody else wrote ----

for fs in ext4 xfs btrfs; do
	also "$drop"
	job read-$fs work read /mnt/$fs/f 32749
	also "$drop"
	job map-$fs work mmap-read /mnt/$fs/f
	also "$drop"
	job direct-$fs work direct-read /mnt/$fs/f 65536
	also "$drop"
	job uring-$fs work uring-read /mnt/$fs/f 65536 --direct
	also "$drop"
	job send-$fs work splice /mnt/$fs/f /dev/null 65536
	also "$drop"
	job write-$fs work write /mnt/$fs/w $size 32749
	job sync-$fs work write /tmp/other-$fs 1009 1009
	also sync
	job fsync-$fs work write /mnt/$fs/x $size 32749 --fsync
	job direct-write-$fs work direct-write /mnt/$fs/d 4194304 65536
	also sync
done
run_jobs
for fs in ext4 xfs btrfs; do
	for way in read map direct uring send; do
		check "$way-$fs: dma_disk_read_bytes as /proc/PID/io has it" "$(of $way-$fs dma_disk_read_bytes)" -eq "$(said $way-$fs io.read_bytes)"
		check "$way-$fs: at least the file's blocks" "$(of $way-$fs dma_disk_read_bytes)" -ge $((blocks * 4096))
	done
	check "write-$fs: written by sync, its own all the same" "$(of write-$fs dma_disk_write_bytes)" -ge $((blocks * 4096))
	check "fsync-$fs: written" "$(of fsync-$fs dma_disk_write_bytes)" -ge $((blocks * 4096))
	check "direct-write-$fs: written" "$(of direct-write-$fs dma_disk_write_bytes)" -ge 4194304
	check "sync-$fs: wrote nothing to a disk" "$(of sync-$fs dma_disk_write_bytes)" -eq 0
	note "$fs: wrote $(of write-$fs dma_disk_write_bytes) $(of fsync-$fs dma_disk_write_bytes) $(of direct-write-$fs dma_disk_write_bytes) of $((blocks * 4096))"
done
note "processes that wrote: $(jq -c '[.processes[] | select(.metrics.dma_disk_write_bytes > 0) | [.pid, .comm, .metrics.dma_disk_write_bytes]], .system.dma_disk_write_bytes' $Z | tr '\n' ' ')"

# ---- the machine, and pages that were dirty before ----

diskstats() { # reads, merges, bytes read, writes, merges, bytes written, of the three disks
	awk '$3 ~ /^(nvme[0-9]n1|vda)$/ { r += $4; rm += $5; rb += $6 * 512; w += $8; wm += $9; wb += $10 * 512 }
		END { print r, rm, rb, w, wm, wb }' /proc/diskstats
}
file_systems() { # --freeze: nothing more is written to them; --unfreeze
	for fs in ext4 xfs btrfs; do
		fsfreeze "$1" /mnt/$fs || die "fsfreeze $1 /mnt/$fs"
	done
}
rm -rf /tmp/jobs
eval "$drop"
for fs in ext4 xfs btrfs; do
	work write /mnt/$fs/old $size 65536 >/dev/null
done
zctrace_start
sync
zctrace_stop
check_between "what was dirty before is the system's" "$(of system dma_disk_write_bytes)" $((3 * blocks * 4096)) "$(sum_of dma_disk_write_bytes)"
check "and no process's" "$(json $Z '[.processes[].metrics.dma_disk_write_bytes] | max')" -lt $((blocks * 4096))

file_systems --freeze
zctrace_start
outer=$(diskstats)
hist_on block/block_bio_queue nr_sector
file_systems --unfreeze
mkdir -p /tmp/jobs
eval "$drop"
for fs in ext4 xfs btrfs; do
	WORK_OUT=/tmp/jobs/m-read-$fs work read /mnt/$fs/f 65536
	WORK_OUT=/tmp/jobs/m-write-$fs work write /mnt/$fs/n $size 65536
	WORK_OUT=/tmp/jobs/m-fsync-$fs work write /mnt/$fs/y $size 8191 --fsync
	WORK_OUT=/tmp/jobs/m-direct-$fs work direct-write /mnt/$fs/z 4194304 65536
	sync
done
file_systems --freeze
inner=$(diskstats)
zctrace_stop
check "quiet when it ended" "$(diskstats)" = "$inner"
hist_end block/block_bio_queue nr_sector
file_systems --unfreeze
# shellcheck disable=SC2046
set -- $(echo "$outer $inner" | awk '{ for (i = 1; i <= 6; i++) print $(i + 6) - $i }')
# A flush without data is a write of 0 bytes to diskstats, and no transfer.
flushes=$(awk '$1 == 0 { print $2 }' /tmp/hist.block_bio_queue)
note "diskstats: $*; ours: $(sum_of disk_requests) requests, $(sum_of disk_merges) merges, $(sum_of dma_disk_read_bytes) read, $(sum_of dma_disk_write_bytes) written"
check "machine: bytes read, as diskstats has them" "$(sum_of dma_disk_read_bytes)" -eq "$3"
check "machine: bytes written" "$(sum_of dma_disk_write_bytes)" -eq "$6"
check "machine: requests" "$(sum_of disk_requests)" -eq $(($1 + $4 - ${flushes:-0}))
check "machine: merges" "$(sum_of disk_merges)" -eq $(($2 + $5))
for fs in ext4 xfs btrfs; do
	for name in m-write-$fs m-fsync-$fs; do
		check "$name: written for it, by whomever" "$(of $name dma_disk_write_bytes)" -ge $((blocks * 4096))
	done
	check "m-direct-$fs: written" "$(of m-direct-$fs dma_disk_write_bytes)" -ge 4194304
	check "m-read-$fs: read" "$(of m-read-$fs dma_disk_read_bytes)" -eq "$(said m-read-$fs io.read_bytes)"
done
check "zctrace is not among the processes" "$(json $Z "[.processes[] | select(.comm == \"zctrace\" or .pid == $ZCTRACE)] | length")" -eq 0
note "processes that wrote: $(jq -c '[.processes[] | select(.metrics.dma_disk_write_bytes > 0) | [.pid, .comm, .metrics.dma_disk_write_bytes]], .system.dma_disk_write_bytes' $Z | tr '\n' ' ')"
summary
