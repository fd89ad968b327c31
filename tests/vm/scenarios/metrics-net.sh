#!/bin/sh
# The network rows of the metric table on e1000: against the NIC's counters, TCP's arithmetic, the kernel's own histogram of
# transmissions and the programs' own counts.
# vm-budget: 400
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

summary
