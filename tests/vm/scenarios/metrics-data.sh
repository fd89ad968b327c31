#!/bin/sh
# The copy, zero-copy and payload rows of the metric table, for files, sockets and pipes, against the programs' own counts and
# (--exact) the functions that hold the copy instructions.
# vm-budget: 400
. /tests/lib.sh
. /tests/vm/guest.sh

size=4195313 # 4 MiB and 1009
pages=$(((size + 4095) / 4096))
echo 0 >/proc/sys/kernel/randomize_va_space
disk_up ext4 nvme0 /mnt/ext4
disk_up xfs nvme1 /mnt/xfs
disk_up btrfs virtio /mnt/btrfs
mkdir -p /mnt/tmpfs
mount -t tmpfs tmpfs /mnt/tmpfs
for fs in ext4 xfs btrfs tmpfs; do
	make_file /mnt/$fs/f $size
	make_file /mnt/$fs/g $((size + 1009 * 4096))
done

# What a job's report costs: its JSON is written to a file, and /proc/self/io read through an iterator.
report_bytes() { stat -c %s "/tmp/jobs/$1"; }
proc_io_bytes() {
	awk -v n="$1" '$1 == n && $2 ~ /^said\.io\./ { bytes += length($2) - length("said.io.") + length(": ") + length($3) + 1 }
		END { print bytes }' $FIGURES
}
getrandom_bytes=8 # asked for by malloc

# crossed NAME FILE SOCKET PIPE, FILE SOCKET PIPE: bytes to user memory, then from it.
crossed() {
	check "$1: copies to user memory: file, socket, pipe" \
		"$(of "$1" copy_to_user_file_bytes) $(of "$1" copy_to_user_socket_bytes) $(of "$1" copy_to_user_pipe_bytes)" = "$2 $3 $4"
	check "$1: copies from user memory: file, socket, pipe" \
		"$(of "$1" copy_from_user_file_bytes) $(of "$1" copy_from_user_socket_bytes) $(of "$1" copy_from_user_pipe_bytes)" = \
		"$(($5 + $(report_bytes "$1"))) $6 $7"
}
payload() { # NAME IN OUT
	check "$1: payload in and out" "$(of "$1" payload_in_bytes) $(of "$1" payload_out_bytes)" = "$2 $(($3 + $(report_bytes "$1")))"
}
moved() { # NAME METRIC BYTES
	check "$1: $2" "$(of "$1" "$2")" -eq "$3"
}

stream_jobs() {
	for fs in ext4 xfs btrfs tmpfs; do
		job read-$fs work read /mnt/$fs/f 32749
		job pread-$fs work pread /mnt/$fs/f 65521
		job readv-$fs work readv /mnt/$fs/f 65521
		job write-$fs work write /mnt/$fs/w $size 32749
		job writev-$fs work writev /mnt/$fs/w $size 65521
	done
	job uring-ext4 work uring-read /mnt/ext4/f 32749
	job fixed-ext4 work uring-read /mnt/ext4/f 32749 --fixed
	job tcp work tcp 1009 1013
	job udp work udp 1009 1013
	job unix work unix 1009 1013
	job pipe work pipe 1009 1013
	job self work pipe 1009 1013 --self
}
stream_bytes() {
	for fs in ext4 xfs btrfs tmpfs; do
		for way in read pread readv; do
			crossed $way-$fs $size 0 0 0 0 0
			payload $way-$fs $size 0
		done
		for way in write writev; do
			crossed $way-$fs 0 0 0 $size 0 0
			payload $way-$fs 0 $size
		done
	done
	crossed uring-ext4 $size 0 0 0 0 0
	payload uring-ext4 $size 0
	crossed fixed-ext4 $size 0 0 0 0 0
	payload fixed-ext4 $size 0
	n=$((1009 * 1013))
	for way in tcp udp unix; do
		crossed $way 0 $n 0 0 $n 0
		payload $way $n $n
	done
	crossed pipe 0 0 $n 0 0 0
	payload pipe $n 0
	crossed self 0 0 $n 0 0 $n
	payload self 0 0
	child=$(said pipe child_pid)
	check "pipe: the child's copies and payload" "$(of "$child" copy_from_user_pipe_bytes) $(of "$child" payload_out_bytes)" = "$n $n"
	for name in $(awk '$2 == "said.pid" { print $1 }' $FIGURES); do
		check "$name: its program was loaded by copies inside the kernel" "$(of "$name" copy_in_kernel_other_bytes)" -gt 0
	done
}

# ---- by sites; copy_to_user and copy_from_user by breakpoints ----

stream_jobs
job stat-a work fstat 1009
job stat-b work fstat 2018
job path-a work stat-path 1009
job path-b work stat-path 2018
run_jobs
stream_bytes
check "1009 more fstat copy 144 bytes each" $(($(of stat-b copy_to_user_other_bytes) - $(of stat-a copy_to_user_other_bytes))) -eq $((1009 * 144))
check "and take none" $(($(of stat-b copy_from_user_other_bytes) - $(of stat-a copy_from_user_other_bytes))) -eq 0
check "1009 more stat of a path copy 144 bytes each" $(($(of path-b copy_to_user_other_bytes) - $(of path-a copy_to_user_other_bytes))) -eq $((1009 * 144))
check "1009 more copies to user memory" $(($(of stat-b copies_to_user) - $(of stat-a copies_to_user))) -eq 1009
inferred() { json $Z '[.inferred[] | select(test("file|socket|pipe|payload|zerocopy"))] | join(" ")'; }
check "sites saw all of it" "$(inferred)" = ""

# ---- what no site sees is inferred, and says so: MPTCP's sends, UDP's by reference; what is thrown away is no copy ----

job mptcp work tcp 1009 1013 --mptcp
job plain work tcp 1009 1013
job discarded work tcp 1009 1013 --discard
job reference work udp 101 8191 --zerocopy
run_jobs
n=$((1009 * 1013))
for name in mptcp plain; do
	crossed $name 0 $n 0 0 $n 0
	payload $name $n $n
done
crossed discarded 0 0 0 0 $n 0
n=$((101 * 8191))
crossed reference 0 $n 0 0 0 0
payload reference $n $n
moved reference zerocopy_msg_zerocopy_bytes $n
check "what was sent is inferred, what was received is seen" "$(inferred)" = \
	"copy_from_user_socket_bytes zerocopy_msg_zerocopy_bytes payload_out_bytes"

# ---- the same with --exact: at the functions themselves ----

stream_jobs
run_jobs --exact
stream_bytes
for name in $(awk '$2 == "said.pid" { print $1 }' $FIGURES); do
	check "$name: leaf_to_user_bytes: the sites', /proc/self/io and getrandom" "$(of "$name" leaf_to_user_bytes)" -eq \
		$(($(of "$name" copy_to_user_file_bytes) + $(of "$name" copy_to_user_socket_bytes) + $(of "$name" copy_to_user_pipe_bytes) +
			$(proc_io_bytes "$name") + getrandom_bytes))
	check "$name: leaf_from_user_bytes: the sites'" "$(of "$name" leaf_from_user_bytes)" -eq \
		$(($(of "$name" copy_from_user_file_bytes) + $(of "$name" copy_from_user_socket_bytes) + $(of "$name" copy_from_user_pipe_bytes)))
done
check "read-ext4: copies, one per call, and /proc/self/io" "$(of read-ext4 copies_to_user)" -eq $(($(said read-ext4 data_calls) + 1))

# ---- without a copy ----

for fs in ext4 xfs btrfs; do
	job direct-read-$fs work direct-read /mnt/$fs/f 65536
	job direct-write-$fs work direct-write /mnt/$fs/d 4194304 65536
	job direct-again-$fs work direct-write /mnt/$fs/d 4194304 65536
	job range-$fs work copy-file-range /mnt/$fs/f /mnt/$fs/r
	job sendfile-$fs work sendfile /mnt/$fs/f /mnt/$fs/s
	job splice-$fs work splice /mnt/$fs/f /mnt/$fs/p 32749
	job map-a-$fs work mmap-read /mnt/$fs/f
	job warm-$fs work read /mnt/$fs/g 65536
	job map-b-$fs work mmap-read /mnt/$fs/g
done
job uring-direct work uring-read /mnt/xfs/f 65536 --direct
job vmsplice work vmsplice 101 4099
job tee work tee 101 4099
job sync-a work write /mnt/ext4/w 1009 101 --fsync
run_jobs
for fs in ext4 xfs btrfs; do
	crossed direct-read-$fs 0 0 0 0 0 0
	moved direct-read-$fs zerocopy_direct_read_bytes $size
	payload direct-read-$fs $size 0
	# Where btrfs keeps checksums it lets no device read what a program may still change, on newer kernels.
	direct=4194304
	case $fs-$(uname -r) in
	btrfs-6.1.*) ;;
	btrfs-*) direct=0 ;;
	esac
	for name in direct-write-$fs direct-again-$fs; do
		moved $name zerocopy_direct_write_bytes $direct
		crossed $name 0 0 0 $((4194304 - direct)) 0 0
		payload $name 0 4194304
	done
	shared=$size
	[ $fs != ext4 ] || shared=0
	moved range-$fs zerocopy_copy_file_range_bytes $shared
	moved range-$fs copy_in_kernel_to_file_bytes $((size - shared))
	payload range-$fs $size $size
	moved sendfile-$fs zerocopy_sendfile_bytes 0
	moved sendfile-$fs copy_in_kernel_to_file_bytes $size
	payload sendfile-$fs $size $size
	moved splice-$fs zerocopy_splice_bytes $size
	moved splice-$fs copy_in_kernel_to_file_bytes $size
	payload splice-$fs $size $size
	for name in range-$fs sendfile-$fs splice-$fs; do
		crossed $name 0 0 0 0 0 0
	done
	check "$fs: 1009 more cached pages mapped" \
		$(($(of map-b-$fs mapped_file_fault_pages) - $(of map-a-$fs mapped_file_fault_pages))) -eq 1009
	check_between "$fs: and all of the file's" "$(of map-a-$fs mapped_file_fault_pages)" $pages $((pages + $(of vmsplice mapped_file_fault_pages)))
done
moved uring-direct zerocopy_direct_read_bytes $size
crossed uring-direct 0 0 0 0 0 0
n=$((101 * 4099))
moved vmsplice zerocopy_vmsplice_bytes $n
moved vmsplice zerocopy_splice_bytes $n
crossed vmsplice 0 0 0 0 0 0
payload vmsplice 0 0
moved tee zerocopy_tee_bytes $n
crossed tee 0 0 $((2 * n)) 0 0 $n
payload tee 0 0
moved sync-a fsyncs 1
moved tee fsyncs 0

# ---- O_DIRECT that the file system does not do ----

module_up brd rd_nr=1 rd_size=65536
mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 /dev/ram0
mkdir -p /mnt/journal
mount -t ext4 -o data=journal /dev/ram0 /mnt/journal
make_file /mnt/journal/f $size
mount -o remount,nodatasum /mnt/btrfs
: >/mnt/btrfs/plain
mount -o remount,datasum,compress-force=zlib /mnt/btrfs
head -c 4194304 /dev/zero | tr '\0' z >/mnt/btrfs/z # no odd end, which would not be compressed
sync
job journal-read work direct-read /mnt/journal/f 65536
job journal-write work direct-write /mnt/journal/d 4194304 65536
job zlib-read work direct-read /mnt/btrfs/z 65536
job plain-write work direct-write /mnt/btrfs/plain 4194304 65536
job tmpfs-read work direct-read /mnt/tmpfs/f 65536
run_jobs
for name in journal-read:$size zlib-read:4194304; do
	n=${name#*:} name=${name%:*}
	moved $name zerocopy_direct_read_bytes 0
	crossed $name "$n" 0 0 0 0 0
	payload $name "$n" 0
done
moved plain-write zerocopy_direct_write_bytes 4194304
crossed plain-write 0 0 0 0 0 0
payload plain-write 0 4194304
moved journal-write zerocopy_direct_write_bytes 0
crossed journal-write 0 0 0 4194304 0 0
payload journal-write 0 4194304
if [ -s /tmp/jobs/tmpfs-read ]; then
	moved tmpfs-read zerocopy_direct_read_bytes 0
	crossed tmpfs-read $size 0 0 0 0 0
	payload tmpfs-read $size 0
else
	note "tmpfs of this kernel has no O_DIRECT"
fi
summary
