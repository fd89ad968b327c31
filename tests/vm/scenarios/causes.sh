#!/bin/sh
# Copies inside the kernel, by cause: for each a transfer built to cause it, whose bytes the program counts itself.
# vm-budget: 400
. /tests/lib.sh
. /tests/vm/guest.sh

size=8388608
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f $size

# trace COMMAND...: runs it under zctrace; the document is in /tmp/z.json
trace() {
	WORK_OUT=/tmp/w.json zctrace --json -- "$@" >/tmp/z.json 2>/tmp/z.err || fail "zctrace -- $*" "$(tail -n 1 /tmp/z.err)"
	check "nothing lost: $*" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
}
metric() { json /tmp/z.json ".processes[0].metrics.$1"; }

segment() { # WHAT OFFLOADS...
	what=$1
	shift
	net_up e1000 "$@"
	listening 7001 || far_start 7001 zctrace demo --sink-only 7001
	drop_caches
	trace work send $FAR_IP 7001 /mnt/d/f sendfile 32768
	# the request that opens a connection to the sink is 24 bytes that work writes itself
	# and what TCP sent again is copied again
	again=$(json /tmp/w.json .tcp_bytes_retrans)
	check "$what: sendfile copies every byte once, as segment" "$(metric copy_in_kernel_segment_bytes)" -eq $((size + 24 + again))
	check "$what: and none across the border" "$(metric copy_from_user_socket_bytes)" -eq 24
	check_json_near -n "$what: copies per payload byte" /tmp/z.json '.processes[0].derived.copies_per_payload_byte' 1.00 0.01
}
segment "scatter-gather off" sg off
segment "scatter-gather and checksum offload off" sg off tx off
net_up e1000
trace work send $FAR_IP 7001 /mnt/d/f sendfile 32768
check "scatter-gather on: no copy at all" "$(metric copy_in_kernel_segment_bytes)" -eq 0

zctrace demo --sink-only 7003 &
wait_for 10 listening 7003 here
trace work send 127.0.0.1 7003 /mnt/d/f zerocopy 32768
again=$(json /tmp/w.json .tcp_bytes_retrans)
note "$again bytes were sent again"
case $(uname -r) in
# what is sent again is copied again; 6.1 copies clones again as well: 18.15 MB were seen for 16.78
6.1.*) check "MSG_ZEROCOPY over loopback is copied after all" "$(metric copy_in_kernel_unzerocopied_bytes)" -ge $((size + again)) ;;
*) check "MSG_ZEROCOPY over loopback is copied after all" "$(metric copy_in_kernel_unzerocopied_bytes)" -eq $((size + again)) ;;
esac
check "and was handed over without a copy" "$(metric zerocopy_msg_zerocopy_bytes)" -eq $size

trace work copy-file-range /mnt/d/f /mnt/d/g
check "cp without reflink copies once, into the file" "$(metric copy_in_kernel_to_file_bytes)" -eq $size
check "cp without reflink shares nothing" "$(metric zerocopy_copy_file_range_bytes)" -eq 0
check_json_near -n "cp without reflink: copies per payload byte" /tmp/z.json '.processes[0].derived.copies_per_payload_byte' 1.00 0.01
trace work sendfile /mnt/d/f /mnt/d/h
check "sendfile to a file copies once, into the file" "$(metric copy_in_kernel_to_file_bytes)" -eq $size

module_up brd rd_nr=1 rd_size=65536
disk_up ext4 /dev/ram0 /mnt/ram
make_file /mnt/ram/f $size
drop_caches
trace work read /mnt/ram/f 32768
check "a RAM disk's bytes are the CPU's" "$(metric copy_in_kernel_device_bytes)" -eq $size
check "and no DMA" "$(metric dma_disk_read_bytes)" -eq 0
summary
