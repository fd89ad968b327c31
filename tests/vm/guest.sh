# What the scenarios in a test VM share: NICs with a far end, disks with file systems, a cold page cache. Sourced after lib.sh.
# The hardware is what run.sh gives (see its opening); it is found by MAC address and serial number, never by eth0 or nvme0n1.
# shellcheck shell=sh disable=SC2034 # scenarios use what is set here

NEAR_IP=10.9.0.1
FAR_IP=10.9.0.2
MAC_E1000=52:54:00:00:00:01
MAC_VIRTIO=52:54:00:00:00:02
MAC_FAR=52:54:00:00:00:03

die() { # ends the scenario: the guest is not what it should be
	fail "guest" "$*"
	summary
	exit 1
}

# module_up NAME [PARAMETER=VALUE...]: loads it; on a kernel without modules everything is there already.
module_up() {
	[ -d "/lib/modules/$(uname -r)" ] || return 0
	modprobe "$@"
}

# ---- network: near NIC here, far NIC in the namespace `far`, every frame between them through both devices ----

nic_by_mac() { # MAC: the interface name in this namespace
	for zt_nic in /sys/class/net/*; do
		[ "$(cat "$zt_nic/address" 2>/dev/null)" = "$1" ] && { basename "$zt_nic"; return 0; }
	done
	return 1
}

nic_mac() { # e1000|virtio
	case $1 in
	e1000) echo $MAC_E1000 ;;
	virtio) echo $MAC_VIRTIO ;;
	*) die "no such NIC: $1" ;;
	esac
}

# Runs a command in the far network namespace. Not `ip netns exec`: that copies the mount namespace, and a process that
# lives on there keeps file systems busy.
far() { nsenter --net=/run/netns/far "$@"; }

far_up() {
	[ -e /run/netns/far ] && return 0
	FAR=$(nic_by_mac $MAC_FAR) || die "there is no far NIC"
	ip netns add far
	ip link set "$FAR" netns far
	far ip link set lo up
	# As few surprises as possible at the receiving end: what leaves the near NIC is what one reads about.
	far ethtool -K "$FAR" tso off gso off gro off 2>/dev/null
	far ip addr add $FAR_IP/24 dev "$FAR"
	far ip link set "$FAR" up
}

# net_up e1000|virtio [OFFLOAD on|off]...: sends from this NIC from now on (NIC is its name). Offloads as ethtool -K
# takes them, `net_up e1000 sg off`; without any, e1000 is put back to all on. Call again to change NIC.
net_up() {
	zt_mac=$(nic_mac "$1") || exit 1
	far_up
	zt_other=$MAC_VIRTIO
	[ "$1" = virtio ] && zt_other=$MAC_E1000
	# The idle one stays up, without address: its filter drops the frames that a NIC which is down would let pile up.
	zt_idle=$(nic_by_mac $zt_other) && ip addr flush dev "$zt_idle" && ip link set "$zt_idle" up
	NIC=$(nic_by_mac "$zt_mac") || die "there is no $1 NIC"
	shift
	ethtool -K "$NIC" rx on tx on sg on tso on gso on gro on >/dev/null 2>&1
	[ $# -eq 0 ] || ethtool -K "$NIC" "$@" >/dev/null || die "ethtool -K $NIC $*"
	ip addr flush dev "$NIC"
	ip addr add $NEAR_IP/24 dev "$NIC"
	ip link set "$NIC" up
	ip neigh replace $FAR_IP lladdr $MAC_FAR nud permanent dev "$NIC"
	far ip neigh replace $NEAR_IP lladdr "$zt_mac" nud permanent dev "$(far_nic)"
	wait_for 20 ping -c 1 -W 1 $FAR_IP || die "no way from $NIC to the far NIC"
}

# From ip, not from /sys: that shows the interfaces of the namespace it was mounted in.
far_nic() { far ip -o link | awk -F': ' -v mac=$MAC_FAR '$0 ~ mac { print $2 }'; }

nic_counter() { # COUNTER [NIC]: of the network stack, tx_bytes for example
	cat "/sys/class/net/${2:-$NIC}/statistics/$1"
}

nic_driver_counter() { # COUNTER [NIC]: of the driver, as ethtool -S prints it
	ethtool -S "${2:-$NIC}" | awk -v name="$1:" '$1 == name { print $2; exit }'
}

nic_offload() { # FEATURE: on or off, by its long name, tcp-segmentation-offload for example
	ethtool -k "$NIC" | awk -v name="$1:" '$1 == name { print $2 }'
}

listening() { # PORT [here]: somebody listens there, in the far namespace or here
	zt_hex=$(printf ':%04X' "$1")
	if [ "${2:-far}" = here ]; then
		cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
	else
		far cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
	fi | awk -v port="$zt_hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

# sink_start PORT: one TCP connection to the far end is taken and thrown away; sink_bytes waits for its end and prints what came.
sink_start() {
	rm -f "/tmp/sink.$1"
	far nc -l -p "$1" -e /bin/sh -c "wc -c >/tmp/sink.$1" &
	wait_for 20 listening "$1" || die "no sink on port $1"
}

sink_bytes() { # PORT
	wait_for 60 test -s "/tmp/sink.$1"
	cat "/tmp/sink.$1"
}

# far_start PORT COMMAND...: a server of one's own in the far namespace, up when it listens; its pid is in FAR_PID.
far_start() {
	zt_port=$1
	shift
	far "$@" &
	FAR_PID=$!
	wait_for 20 listening "$zt_port" || die "nothing listens on port $zt_port: $*"
}

# ---- disks ----

# disk_dev NAME: the device of nvme0, nvme1, virtio or ide (each only in scenarios that have it).
disk_dev() {
	case $1 in
	/dev/*) echo "$1" && return 0 ;;
	ide)
		for zt_disk in /sys/block/sd*; do
			[ -e "$zt_disk" ] && { echo "/dev/${zt_disk##*/}"; return 0; }
		done
		;;
	*)
		for zt_disk in /sys/block/nvme* /sys/block/vd*; do
			for zt_serial in "$zt_disk/device/serial" "$zt_disk/serial"; do
				[ "$(tr -d ' ' 2>/dev/null <"$zt_serial")" = "zc-$1" ] && { echo "/dev/${zt_disk##*/}"; return 0; }
			done
		done
		;;
	esac
	return 1
}

# ide_up: the drivers of the IDE disk, which init does not load, and the disk itself.
ide_up() {
	for zt_module in ata_piix ata_generic sd_mod; do
		module_up $zt_module
	done
	wait_for 20 disk_dev ide || die "there is no IDE disk"
}

# disk_up ext4|xfs|btrfs NAME|DEVICE DIR: a new file system, mounted, and quiet afterwards: what mkfs could put off is done
# now, nothing is discarded in the background, reading a file does not write its time.
disk_up() {
	zt_dev=$(disk_dev "$2") || die "there is no disk $2"
	mkdir -p "$3"
	zt_options=noatime
	case $1 in
	ext4) mkfs.ext4 -q -F -N 8192 -J size=16 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$zt_dev" && zt_options=noatime,noinit_itable ;;
	xfs) mkfs.xfs -q -f -K "$zt_dev" ;;
	btrfs) mkfs.btrfs -q -f -K -m single -d single "$zt_dev" >/dev/null 2>&1 && zt_options=noatime,nodiscard ;;
	*) die "no such file system: $1" ;;
	esac || die "mkfs.$1 $zt_dev"
	module_up "$1" || die "modprobe $1"
	mount -t "$1" -o "$zt_options" "$zt_dev" "$3" || die "mount $zt_dev $3: $(dmesg | tail -n 3)"
	sync
}

disk_down() { # DIR
	umount "$1"
}

# disk_sectors DEVICE read|write: of 512 bytes, from /proc/diskstats
disk_sectors() {
	awk -v name="${1#/dev/}" -v field="$([ "$2" = read ] && echo 6 || echo 10)" '$3 == name { print $field }' /proc/diskstats
}

# make_file PATH BYTES: bytes that do not compress away and are the same each time, on disk.
make_file() {
	zt_seed=/tmp/seed
	[ -e $zt_seed ] || head -c 1048576 /dev/urandom >$zt_seed
	: >"$1"
	zt_left=$2
	while [ "$zt_left" -ge 1048576 ]; do
		cat $zt_seed
		zt_left=$((zt_left - 1048576))
	done >>"$1"
	zt_left=$(($2 % 1048576))
	[ $zt_left -eq 0 ] || head -c $zt_left $zt_seed >>"$1"
	sync
}

# Everything clean is thrown out of the page cache; what was dirty is written first. Up to 15 pages a CPU wait in a batch for the
# LRU lists and cannot be dropped: compaction begins by emptying those batches (mm/compaction.c: compact_nodes).
drop_caches() {
	sync
	echo 1 >/proc/sys/vm/compact_memory
	echo 3 >/proc/sys/vm/drop_caches
}

# ---- zctrace, and what to hold its figures against ----

Z=/tmp/z.json	      # zctrace's document
FIGURES=/tmp/figures  # NAME FIGURE VALUE: what zctrace and the jobs themselves say, a line each

# job NAME COMMAND...: one more command for the next `run_jobs`; NAME is how its figures are asked for.
job() {
	zt_job=$1
	shift
	printf 'WORK_OUT=/tmp/jobs/%s %s\n' "$zt_job" "$*" >>/tmp/batch
}

also() { printf '%s\n' "$*" >>/tmp/batch; } # between jobs, what is not asked for later

# run_jobs [OPTION...]: the jobs, one after another, under one zctrace; further options are zctrace's.
run_jobs() {
	rm -rf /tmp/jobs
	mkdir -p /tmp/jobs
	zctrace --json --threads "$@" -- sh /tmp/batch >$Z 2>/tmp/z.err || fail "zctrace $*" "$(tail -n 1 /tmp/z.err)"
	: >/tmp/batch
	figures
}

# zctrace_start [OPTION...]: zctrace in the background, counting; zctrace_stop ends it.
zctrace_start() {
	zctrace --json --threads "$@" >$Z 2>/tmp/z.err &
	ZCTRACE=$!
	# It sleeps between its looks at the ring, and never before it counts.
	wait_for 60 grep -q '^271 ' /proc/$ZCTRACE/syscall || die "zctrace $* does not begin: $(tail -n 1 /tmp/z.err)"
}

zctrace_stop() {
	kill -INT "$ZCTRACE"
	wait "$ZCTRACE" || fail "zctrace in the background" "$(tail -n 1 /tmp/z.err)"
	figures
}

# Fills FIGURES: the jobs' own words as NAME said.FIGURE, zctrace's by job name, by pid, as `system` and as `lost`.
figures() {
	set -- /tmp/jobs/*
	[ -e "$1" ] || set --
	{
		[ $# -eq 0 ] || jq -r '(input_filename | sub(".*/"; "")) as $name
			| paths(scalars) as $p | "\($name) said.\($p | map(tostring) | join(".")) \(getpath($p))"' "$@"
		jq -r '(.processes[] | .pid as $pid | (.metrics, .derived | to_entries[] | "\($pid) \(.key) \(.value)"),
				(.threads[] | "\($pid) thread \(.tid)"), "\($pid) threads \(.threads | length)"),
			(.system | to_entries[] | "system \(.key) \(.value)"), (.lost | to_entries[] | "lost \(.key) \(.value)")' $Z
	} | awk '{ print } $2 == "said.pid" { name[$3] = $1 } $1 in name { $1 = name[$1]; print }' >$FIGURES
	check "nothing lost" "$(awk '$1 == "lost" && $3 != 0 { printf "%s %s ", $2, $3 }' $FIGURES)" = ""
}

# of NAME FIGURE: as zctrace has it for a job, a pid, or `system`; said NAME FIGURE: as the job has it.
of() { awk -v n="$1" -v f="$2" '$1 == n && $2 == f { print $3; found = 1; exit } END { if (!found) print "none" }' $FIGURES; }
said() { of "$1" "said.$2"; }
# sum_of FIGURE: over all processes and the system line
sum_of() { jq "[.processes[].metrics.$1, .system.$1] | add" $Z; }

# The kernel's own count of an event: hist_on SYSTEM/EVENT KEY[,KEY] begins it, hist_end leaves it, `KEY... COUNT` a line,
# in /tmp/hist.EVENT; hist_of EVENT NAME: all of it whose first key is a thread of that job (or pid).
hist_on() { echo "hist:keys=$2:size=8192" >/sys/kernel/tracing/events/"$1"/trigger || die "no histogram of $1"; }
hist_end() {
	zt_hist=/sys/kernel/tracing/events/$1
	sed -n 's/^{ \(.*\) } hitcount: *\([0-9]*\).*/\1 \2/p' "$zt_hist/hist" | sed 's/[a-z_]*: *//g; s/,//g' >"/tmp/hist.${1#*/}"
	grep -q 'Dropped: 0$' "$zt_hist/hist" || die "the histogram of $1 is full"
	echo "!hist:keys=$2:size=8192" >"$zt_hist/trigger"
}
hist_of() {
	awk -v name="$2" 'NR == FNR { if ($1 == name && $2 == "thread") mine[$3] = 1; next }
		$1 in mine { n += $NF } END { print n + 0 }' $FIGURES "/tmp/hist.$1"
}

# ---- the two ends of the wire ----

header=66 # Ethernet, IP and TCP with time stamps
syn=74    # the first packet has 8 bytes of options more
fcs=4     # counted by devices, e1000e's driver among them, not by the drivers of e1000 and virtio

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
# sent_by NAME: its payload, what TCP sent of it again included, and what SYNs have beyond other headers.
sent_by() { echo $(($(said "$1" tcp_bytes_sent) + (1 + again) * (syn - header))); }
