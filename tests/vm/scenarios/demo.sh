#!/bin/sh
# zctrace demo against the table of definitions: every way, from an NVMe disk to a NIC that gathers, and to one that cannot.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

size=8388608
chunks=256
disk_up ext4 nvme0 /mnt/d

# row WAY CHUNKS FIELD...: numbers of a line of the demo's table; columns are way, calls, switches, copies, DMA
demo() { zctrace demo --dir /mnt/d --size $size --chunk 32768 --sink $FAR_IP:7001 "$@"; }

# The ways in the order demo runs them: name, CPU copies per byte, data calls per chunk
ways='read+write 2 2
mmap 1 1
mmap-chunk 1 3
sendfile 0 1
splice 0 2
direct 1 2
zerocopy 1 2
uring 2 1
uring-zc 0 1'

# One line a way: pid order is the order of the ways.
figures() {
	json /tmp/d.json '[.processes[] | select(.metrics.payload_out_bytes > 0)] | sort_by(.start_time) | .[] |
		[.derived.copies_per_payload_byte, .derived.dma_per_payload_byte, .metrics.data_calls, .metrics.map_calls,
		 .metrics.payload_out_bytes, .metrics.copy_in_kernel_segment_bytes, .metrics.payload_in_bytes] | map(tostring) | join(" ")'
}

check_ways() { # LABEL EXTRA_COPIES
	label=$1
	extra=$2
	demo -v --json >/tmp/d.json 2>/tmp/d.err || fail "$label: demo" "$(tail -n 1 /tmp/d.err)"
	check "$label: nothing lost" "$(json /tmp/d.json '[.lost[]] | add')" -eq 0
	grep "events were kept" /tmp/d.err
	figures >/tmp/figures
	check "$label: every way was traced" "$(wc -l </tmp/figures)" -eq 9
	echo "$ways" | paste -d ' ' - /tmp/figures >/tmp/rows
	while read -r way copies calls got_copies got_dma got_calls got_maps out cut in; do
		maps=0
		[ "$way" = mmap-chunk ] && maps=$((2 * chunks))
		check_near "$label: $way: CPU copies per payload byte" "$got_copies" "$((copies + extra))" 0.01
		check_near "$label: $way: DMA per payload byte" "$got_dma" 2 0.06
		check "$label: $way: payload out" "$out" -eq $size
		check "$label: $way: payload in" "$in" -eq $size # of a mapping too: no call brought it in
		case $way in
		mmap-chunk) check "$label: $way: data calls" "$got_calls" -eq $chunks
			check "$label: $way: map calls" "$got_maps" -eq $maps ;;
		*) check "$label: $way: data calls" "$got_calls" -eq $((calls * chunks)) ;;
		esac
		[ "$extra" -eq 0 ] || check "$label: $way: cut packets" "$cut" -ge $size
	done </tmp/rows
}

net_up e1000
far_start 7001 zctrace demo --sink-only 7001
check_ways e1000 0
net_up virtio
check_ways virtio 1

# the other direction, and what a person sees
demo --receive --way recv,recv+write >/tmp/receive 2>&1
check "receive: recv copies once" "$(awk '$1 == "recv" { print $6 }' /tmp/receive)" = 1.00
check "receive: no mismatch is flagged" "$(grep -c '!' /tmp/receive)" -le 1
cat /tmp/receive
summary
