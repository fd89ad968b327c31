#!/bin/sh
# The network rows of the metric table on virtio, and zero-copy sends over e1000: against the driver's counters, TCP's
# arithmetic and the programs' own counts.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

size=4195313 # 4 MiB and 1009
message=24   # the request to the sink, and its reply
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f $size
net_up e1000
far_start 7001 zctrace demo --sink-only 7001
send() { # NAME WAY
	WORK_OUT=/tmp/jobs/$1 work send $FAR_IP 7001 /mnt/d/f "$2" 32768
}

receive() { WORK_OUT=/tmp/jobs/$1 work recv $FAR_IP 7001 /tmp/received recv 65536 $size; }

# ---- virtio, whose driver counts what it is handed ----

net_up virtio
watched send virtio read+write
check "virtio: handed to the driver, as it counts it" "$len" -eq "$tx_bytes"
check "virtio: payload, and a header for each packet" "$len" -eq $(($(sent_by virtio) + header * sent))
check_between "virtio: the sender's" "$(of virtio dma_net_tx_bytes)" $((len - header)) "$len"
check "virtio: all that was received, as the NICs count it" "$(sum_of dma_net_rx_bytes)" -eq \
	$((rx_bytes + far_rx_bytes - fcs * far_rx_packets))
watched receive virtio-got
check "virtio: all that was received, as the NICs count it" "$(sum_of dma_net_rx_bytes)" -eq \
	$((rx_bytes + far_rx_bytes - fcs * far_rx_packets))
check "virtio: the receiver's" "$(of virtio-got dma_net_rx_bytes)" -eq $((size + message))

# ---- without a copy ----

net_up e1000
for way in sendfile splice zerocopy uring-zc "read+write"; do
	job "way-$way" work send $FAR_IP 7001 /mnt/d/f $way 32768
done
run_jobs
zerocopied() { # WAY, then zerocopy_ sendfile, splice, msg_zerocopy, io_uring_send, copied from user
	name=way-$1
	check "$name: sent without a copy" "$(of "$name" zerocopy_sendfile_bytes) $(of "$name" zerocopy_splice_bytes) $(of "$name" \
		zerocopy_msg_zerocopy_bytes) $(of "$name" zerocopy_io_uring_send_bytes)" = "$2 $3 $4 $5"
	check "$name: copied into the socket" "$(of "$name" copy_from_user_socket_bytes)" -eq $(($6 + message))
	check "$name: payload out" "$(of "$name" payload_out_bytes)" -eq $((size + message + $(stat -c %s "/tmp/jobs/$name")))
	check "$name: payload in" "$(of "$name" payload_in_bytes)" -eq $((size + message))
}
zerocopied sendfile $size 0 0 0 0
zerocopied splice 0 $((2 * size)) 0 0 0
zerocopied zerocopy 0 0 $size 0 0
zerocopied uring-zc 0 0 0 $size 0
zerocopied read+write 0 0 0 0 $size
summary
