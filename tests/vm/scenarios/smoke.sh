#!/bin/sh
# Proves the test machine itself, without zctrace: disks with three file systems, traffic from NIC to NIC, BTF, tools.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

check "kernel BTF" "$(test -s /sys/kernel/btf/vmlinux && echo yes)" = yes
check "tracefs" "$(test -d /sys/kernel/tracing/events && echo yes)" = yes
check "bpf file system" "$(stat -f -c %t /sys/fs/bpf)" = cafe4a11
check "cgroup2" "$(stat -f -c %t /sys/fs/cgroup)" = 63677270
check "jq" "$(echo '{"a":[1,2,3]}' | jq '.a | add')" -eq 6

size=8388608
try_file_system() { # FS DISK
	disk_up "$1" "$2" "/mnt/$1"
	dev=$(disk_dev "$2")
	make_file "/mnt/$1/f" $size
	drop_caches
	before=$(disk_sectors "$dev" read)
	# shellcheck disable=SC2002 # wc -c of a file does not read it
	check "$1 on $2: reads its file back" "$(cat "/mnt/$1/f" | wc -c)" -eq $size
	after=$(disk_sectors "$dev" read)
	check_between "$1 on $2: bytes read from the disk" $(((after - before) * 512)) $size $((size + size / 8))
	if [ -d /sys/module/"$1"/sections ]; then
		check "$1: module BTF" "$(test -s "/sys/kernel/btf/$1" && echo yes)" = yes
	else
		skip "$1: module BTF" "built in"
	fi
}
try_file_system ext4 nvme0
try_file_system xfs nvme1
try_file_system btrfs virtio

try_nic() { # e1000|virtio
	net_up "$1"
	sink_start 7001
	before=$(nic_counter tx_bytes)
	nc $FAR_IP 7001 </mnt/ext4/f
	check "$1: arrives at the far end" "$(sink_bytes 7001)" -eq $size
	sent=$(($(nic_counter tx_bytes) - before))
	check_between "$1: bytes sent by the NIC" $sent $size $((size + size / 10))
	check "$1: driver counters are readable" "$(ethtool -S "$NIC" | grep -c _packets)" -ge 1
}
try_nic e1000
check "e1000: tx_bytes of the driver" "$(nic_driver_counter tx_bytes)" -ge $size
check "e1000: scatter-gather" "$(nic_offload scatter-gather)" = on
net_up e1000 sg off
check "e1000: scatter-gather can be turned off" "$(nic_offload scatter-gather)" = off
check "e1000: which turns TSO off too" "$(nic_offload tcp-segmentation-offload)" = off
try_nic virtio

check_run "brd loads" module_up brd rd_nr=1 rd_size=65536
disk_up ext4 /dev/ram0 /mnt/ram
check "brd holds a file system" "$(mount | grep -c ^/dev/ram0)" -eq 1
check_run "loop loads" module_up loop
check_run "losetup" losetup /dev/loop0 /mnt/ext4/f
check "umount after network use" "$(disk_down /mnt/ram 2>&1 && echo yes)" = yes

for program in zctrace work; do
	if command -v $program >/dev/null; then
		check "$program finds its libraries" "$($program --help 2>&1 | grep -c 'shared librar')" -eq 0
	else
		skip "$program" "not built"
	fi
done

# It starts here and counts, and the kernel takes every program that it has a place for.
if command -v zctrace >/dev/null && command -v work >/dev/null; then
	WORK_OUT=/tmp/w.json zctrace --json -- work read /mnt/ext4/f 65536 >/tmp/z.json 2>/tmp/z.err
	check "zctrace starts" $? -eq 0 || sed 's/^/# /' /tmp/z.err
	check "it counts" "$(json /tmp/z.json '.processes[0].metrics.copy_to_user_file_bytes')" -eq $size
	check "the kernel refuses none of its programs" "$(json /tmp/z.json '[.hooks[].error // "" | select(test("refused"))] | join("; ")')" = ""
	note "$(json /tmp/z.json '[.hooks[] | "\(.hook) \(.by // .error)"] | join("; ")')"
fi
note "memory: $(free -m | awk '/Mem/ { print $3 " of " $2 " MiB used" }')"
summary
