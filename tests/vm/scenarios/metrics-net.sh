#!/bin/sh
# The network rows of the metric table, and zero-copy sends: against the NIC's counters, TCP's arithmetic, the kernel's own
# histogram of transmissions and the programs' own counts.
# vm-budget: 200
. /tests/lib.sh
. /tests/vm/guest.sh

size=4195313	# 4 MiB and 1009
message=24	# the request to the sink, and its reply
header=66	# Ethernet, IP and TCP with time stamps
syn=74		# the first packet has 8 bytes of options more
fcs=4		# QEMU's e1000 counts it
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f $size
net_up e1000
far_start 7001 zctrace demo --sink-only 7001
frames() { # Σ len and number of what was handed to $NIC
	sed -n "s/^{ name: $NIC *} hitcount: *\([0-9]*\) *len: *\([0-9]*\).*/\2 \1/p" /sys/kernel/tracing/events/net/net_dev_xmit/hist
}
handed='hist:keys=name:vals=len'
nic() { echo "$(nic_counter tx_bytes) $(nic_counter tx_packets) $(nic_counter rx_bytes) $(nic_counter rx_packets)"; }

# watched COMMAND...: whole machine, and the NIC's counters over it in tx_bytes, tx_packets, rx_bytes, rx_packets, and what
# the kernel handed to the driver in len and sent. The e1000 driver reads its counters every two seconds.
settled() { zt_nic=$(nic); sleep 2.5; [ "$(nic)" = "$zt_nic" ]; }
watched() {
	rm -rf /tmp/jobs
	mkdir -p /tmp/jobs
	wait_for 30 settled
	zt_nic=$(nic)
	echo $handed >/sys/kernel/tracing/events/net/net_dev_xmit/trigger
	zctrace_start
	"$@"
	wait_for 30 settled
	zctrace_stop
	# shellcheck disable=SC2046
	set -- $zt_nic $(nic)
	tx_bytes=$(($5 - $1)) tx_packets=$(($6 - $2)) rx_bytes=$(($7 - $3)) rx_packets=$(($8 - $4))
	# shellcheck disable=SC2046
	set -- $(frames)
	echo "!$handed" >/sys/kernel/tracing/events/net/net_dev_xmit/trigger
	len=$1 sent=$2
	note "NIC: $tx_bytes bytes in $tx_packets packets sent, $rx_bytes in $rx_packets received; handed over: $len in $sent;" \
		"ours: $(sum_of dma_net_tx_bytes) sent, $(sum_of dma_net_rx_bytes) received"
	check "zctrace is not among the processes" "$(json $Z "[.processes[] | select(.pid == $ZCTRACE)] | length")" -eq 0
}
send() { # NAME WAY
	WORK_OUT=/tmp/jobs/$1 work send $FAR_IP 7001 /mnt/d/f "$2" 32768
}

# ---- e1000, every segment a packet ----

net_up e1000 tso off gso off
watched send plain read+write
check "TSO off: sent by all, as handed to the driver" "$(sum_of dma_net_tx_bytes)" -eq "$len"
check "TSO off: and as the NIC counts it" "$(sum_of dma_net_tx_bytes)" -eq $((tx_bytes - fcs * tx_packets))
check "TSO off: payload, and a header for each packet" "$(sum_of dma_net_tx_bytes)" -eq $((size + message + header * tx_packets + syn - header))
# What is left is the last acknowledgement, when the socket is no more.
check "TSO off: the sender's, from softirq too" "$(of plain dma_net_tx_bytes)" -ge $((size + message + header * (tx_packets - 2)))
check "TSO off: received by all, as the NIC counts it" "$(sum_of dma_net_rx_bytes)" -eq $((rx_bytes - fcs * rx_packets))
check "TSO off: the sender's payload is the sink's reply" "$(of plain dma_net_rx_bytes)" -eq $message

# ---- TSO ----

net_up e1000
watched send tso read+write
check "TSO: sent by all, as handed to the driver" "$(sum_of dma_net_tx_bytes)" -eq "$len"
check "TSO: payload, and a header for each super-packet" "$(sum_of dma_net_tx_bytes)" -eq $((size + message + header * sent + syn - header))
check "TSO: there were super-packets" $((tx_packets > 2 * sent)) -eq 1
check "TSO: the NIC sent a header for each segment" "$tx_bytes" -eq $((size + message + (header + fcs) * tx_packets + syn - header))
check "TSO: the sender's" "$(of tso dma_net_tx_bytes)" -ge $((size + message + header * (sent - 2)))

# ---- a socket that is inherited ----

inherit() {
	sink_start 7009
	bash -c "exec 3<>/dev/tcp/$FAR_IP/7009; echo \$\$ >/tmp/parent; sh -c 'echo \$\$ >/tmp/child; exec cat /mnt/d/f' >&3"
	check "inherited: all arrived" "$(sink_bytes 7009)" -eq $size
}
watched inherit
check "inherited: by all" "$(sum_of dma_net_tx_bytes)" -eq "$len"
check "inherited: what the parent sent is its handshake" "$(of "$(cat /tmp/parent)" dma_net_tx_bytes)" -eq $((syn + header))
check_between "inherited: what the child sent is all the rest" "$(of "$(cat /tmp/child)" dma_net_tx_bytes)" $size $((len - syn - header))

# ---- receiving ----

receive() { WORK_OUT=/tmp/jobs/$1 work recv $FAR_IP 7001 /tmp/received recv 65536 $size; }
watched receive got
check "received: by all, as the NIC counts it" "$(sum_of dma_net_rx_bytes)" -eq $((rx_bytes - fcs * rx_packets))
check "received: the process's is its payload" "$(of got dma_net_rx_bytes)" -eq $((size + message))
check "received: copied once" "$(of got copy_to_user_socket_bytes)" -eq $((size + message))
check "received: headers are the system's" "$(of system dma_net_rx_bytes)" -eq $((rx_bytes - fcs * rx_packets - size - message))
datagrams() {
	timeout 20 nc -u -l -p 7010 >/tmp/datagrams &
	zt_nc=$!
	wait_for 10 grep -q ':1B62 ' /proc/net/udp
	far bash -c "exec 3>/dev/udp/$NEAR_IP/7010; for i in {1..101}; do head -c 1009 /dev/zero >&3; done"
	wait_for 10 sh -c "[ \$(stat -c %s /tmp/datagrams) -eq $((101 * 1009)) ]"
	kill $zt_nc
	wait $zt_nc 2>/dev/null
}
watched datagrams
check "datagrams: arrived" "$(stat -c %s /tmp/datagrams)" -eq $((101 * 1009))
check "datagrams: the payload is the reader's" "$(json $Z '[.processes[] | select(.comm == "nc") | .metrics.dma_net_rx_bytes] | add')" -eq $((101 * 1009))
check "datagrams: by all, as the NIC counts it" "$(sum_of dma_net_rx_bytes)" -eq $((rx_bytes - fcs * rx_packets))

# ---- virtio, whose driver counts what it is handed ----

net_up virtio
watched send virtio read+write
check "virtio: sent by all, as handed to the driver" "$(sum_of dma_net_tx_bytes)" -eq "$len"
check "virtio: and as the driver counts it" "$(sum_of dma_net_tx_bytes)" -eq "$tx_bytes"
check "virtio: payload, and a header for each packet" "$(sum_of dma_net_tx_bytes)" -eq $((size + message + header * sent + syn - header))
check "virtio: received by all, as the driver counts it" "$(sum_of dma_net_rx_bytes)" -eq "$rx_bytes"
check "virtio: the sender's" "$(of virtio dma_net_tx_bytes)" -ge $((size + message + header * (sent - 2)))
watched receive virtio-got
check "virtio: received by all, as the driver counts it" "$(sum_of dma_net_rx_bytes)" -eq "$rx_bytes"
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
