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
fcs=4		# counted by the device, not by the drivers of e1000 and virtio
disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f $size
net_up e1000
far_start 7001 zctrace demo --sink-only 7001
frames() { # INTERFACE: Σ len and number of what was handed to it
	sed -n "s/^{ name: $1 *} hitcount: *\([0-9]*\) *len: *\([0-9]*\).*/\2 \1/p" /sys/kernel/tracing/events/net/net_dev_xmit/hist | grep . || echo 0 0
}
syns() { # that TCP sent again
	awk '$1 == "TcpExt:" && !n { for (i = 1; i <= NF; i++) if ($i == "TCPSynRetrans") n = i; next } $1 == "TcpExt:" { print $n }' /proc/net/netstat
}
handed='hist:keys=name:vals=len'
counters() { # of both ends: bytes and packets sent, and received; ethtool makes the drivers read them from the device
	for zt_in in "" far; do
		zt_if=$NIC
		[ -z "$zt_in" ] || zt_if=$FAR
		$zt_in ethtool -S "$zt_if" >/dev/null
		$zt_in ip -j -s link show dev "$zt_if" | jq -r '.[0].stats64 | "\(.tx.bytes) \(.tx.packets) \(.rx.bytes) \(.rx.packets)"'
	done | tr '\n' ' '
}

# watched COMMAND...: on the whole machine, which is both ends of the wire. Leaves, of the near NIC, tx_bytes, tx_packets,
# rx_bytes, rx_packets and what the kernel handed to it, len in sent frames; of the far one far_... likewise.
watched() {
	rm -rf /tmp/jobs
	mkdir -p /tmp/jobs
	FAR=$(far_nic)
	zt_before=$(counters) zt_device=$(nic_driver_counter tx_bytes) zt_syns=$(syns)
	echo $handed >/sys/kernel/tracing/events/net/net_dev_xmit/trigger
	zctrace_start
	"$@"
	sleep 1 # what follows the last byte
	zctrace_stop
	# shellcheck disable=SC2046
	set -- $(echo "$zt_before" "$(counters)" | awk '{ for (i = 1; i <= 8; i++) print $(i + 8) - $i }')
	tx_bytes=$1 tx_packets=$2 rx_bytes=$3 rx_packets=$4 far_tx_bytes=$5 far_tx_packets=$6 far_rx_bytes=$7 far_rx_packets=$8
	tx_device=$(($(nic_driver_counter tx_bytes) - zt_device))
	again=$(($(syns) - zt_syns))
	# shellcheck disable=SC2046
	set -- $(frames "$NIC") $(frames "$FAR")
	echo "!$handed" >/sys/kernel/tracing/events/net/net_dev_xmit/trigger
	len=$1 sent=$2 far_len=$3 far_sent=$4
	note "near: $tx_bytes bytes in $tx_packets packets sent ($len in $sent handed over), $rx_bytes in $rx_packets received;" \
		"far: $far_tx_bytes in $far_tx_packets ($far_len in $far_sent), $far_rx_bytes in $far_rx_packets;" \
		"SYNs again: $again; ours: $(sum_of dma_net_tx_bytes) sent, $(sum_of dma_net_rx_bytes) received"
	check "zctrace is not among the processes" "$(json $Z "[.processes[] | select(.pid == $ZCTRACE)] | length")" -eq 0
	check "all that was sent, as handed to the drivers" "$(sum_of dma_net_tx_bytes)" -eq $((len + far_len))
}
send() { # NAME WAY
	WORK_OUT=/tmp/jobs/$1 work send $FAR_IP 7001 /mnt/d/f "$2" 32768
}

# sent_by NAME: its payload, what TCP sent of it again included, and what SYNs have beyond other headers.
sent_by() { echo $(($(said "$1" tcp_bytes_sent) + (1 + again) * (syn - header))); }

# ---- e1000, every segment a packet ----

net_up e1000 tso off gso off
watched send plain read+write
check "TSO off: handed to the driver, as it counts it" "$len" -eq "$tx_bytes"
check "TSO off: and as the device does" "$len" -eq $((tx_device - fcs * tx_packets))
check "TSO off: payload, and a header for each packet" "$len" -eq $(($(sent_by plain) + header * tx_packets))
# The last acknowledgement may come when the socket is no more.
check_between "TSO off: the sender's, from softirq too" "$(of plain dma_net_tx_bytes)" $((len - header)) "$len"
check "TSO off: the far end receives as much" "$((far_rx_bytes - fcs * far_rx_packets))" -eq "$len"
check "TSO off: all that was received, as the NICs count it" "$(sum_of dma_net_rx_bytes)" -eq \
	$((rx_bytes + far_rx_bytes - fcs * far_rx_packets))
check "TSO off: the sender's payload is the sink's reply" "$(of plain dma_net_rx_bytes)" -eq $message

# ---- TSO ----

net_up e1000
watched send tso read+write
check "TSO: payload, and a header for each super-packet" "$len" -eq $(($(sent_by tso) + header * sent))
check "TSO: there were super-packets" $((tx_packets > 2 * sent)) -eq 1
check "TSO: the driver counts a header for each segment" "$tx_bytes" -eq $(($(sent_by tso) + header * tx_packets))
check_between "TSO: the sender's" "$(of tso dma_net_tx_bytes)" $((len - header)) "$len"

# ---- a socket that is inherited ----

inherit() {
	sink_start 7009
	bash -c "exec 3<>/dev/tcp/$FAR_IP/7009; echo \$\$ >/tmp/parent; sh -c 'echo \$\$ >/tmp/child; exec cat /mnt/d/f' >&3"
	check "inherited: all arrived" "$(sink_bytes 7009)" -eq $size
}
watched inherit
check "inherited: what the parent sent is its handshake" "$(of "$(cat /tmp/parent)" dma_net_tx_bytes)" -eq $((syn + header))
check_between "inherited: the rest is the child's" "$(of "$(cat /tmp/child)" dma_net_tx_bytes)" $((len - syn - 2 * header)) $((len - syn - header))

# ---- receiving ----

receive() { WORK_OUT=/tmp/jobs/$1 work recv $FAR_IP 7001 /tmp/received recv 65536 $size; }
watched receive got
check "received: all, as the NICs count it" "$(sum_of dma_net_rx_bytes)" -eq \
	$((rx_bytes + far_rx_bytes - fcs * far_rx_packets))
check "received: the process's is its payload" "$(of got dma_net_rx_bytes)" -eq $((size + message))
check "received: copied once" "$(of got copy_to_user_socket_bytes)" -eq $((size + message))
# The sink is a process too: it received the request.
check "received: headers are the system's" "$(of system dma_net_rx_bytes)" -eq $(($(sum_of dma_net_rx_bytes) - size - 2 * message))
datagrams() {
	WORK_OUT=/tmp/jobs/$1 work udp-recv 7010 53 1009 &
	zt_receiver=$!
	wait_for 10 grep -q ':1B62 ' /proc/net/udp
	far work udp-send $NEAR_IP 7010 53 1009 >/dev/null
	wait $zt_receiver
}
watched datagrams udp
check "datagrams: the payload is the reader's" "$(of udp dma_net_rx_bytes)" -eq $((53 * 1009))
check "datagrams: copied once" "$(of udp copy_to_user_socket_bytes)" -eq $((53 * 1009))
check "datagrams: headers are the system's" "$(of system dma_net_rx_bytes)" -eq $((53 * (14 + 20 + 8)))
check "datagrams: all that was received, as the NIC counts it" "$(sum_of dma_net_rx_bytes)" -eq "$rx_bytes"

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
