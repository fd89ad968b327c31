#!/usr/bin/env bash
# Boots one test VM, runs one scenario in it, and judges it by what came over the serial line.
# usage: run.sh [-v] [-o LOG] KERNEL SCENARIO [-a KERNELARG]... [-- QEMUOPTION...]
#   KERNEL    6.1, 6.12, kprobe, or another directory of the cache (fetch-kernels.sh)
#   SCENARIO  a script in tests/vm/scenarios, without .sh
#   -v        the guest's output as it comes    -o  where it is kept (default build/vm/KERNEL-SCENARIO.log)
# Environment: ZC_VM_FILES  what goes into the guest besides busybox and the tests (mkinitramfs.sh; default build/zctrace
#   and build/work when they exist); ZC_INITRD  an initramfs made before; ZC_ACCEL  kvm or tcg; ZC_BUDGET_SCALE  times budget.
#
# The machine: 2 CPUs, disks nvme0 and nvme1 (NVMe) and virtio (virtio-blk), and three NICs on one hub, so that what an
# e1000 or a virtio NIC sends arrives at an e1000e that the guest moves into a network namespace (guest.sh).
#
# A scenario says what it needs in lines of its own:
#     # vm-budget: 60            seconds from power-on to power-off; default 120
#     # vm-memory: 2048          MiB; default 1536
#     # vm-machine: pc           QEMU machine; default q35
#     # vm-append: swiotlb=force kernel arguments
#     # vm-disk: ide             one more disk: ide (an IDE disk on piix3: takes vm-machine: pc)
#     # vm-qemu: OPTIONS         more QEMU options
# Exit status: 0 passed, 1 a check failed, 2 usage, 3 no end seen (time-out, panic, silence), 77 the kernel is not there.
set -eu
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "$0")/../.." && pwd)
vm=$top/tests/vm
cache=${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels
verbose=
log=

usage() { sed -n '3s/^# //p' "$0" >&2; exit 2; }
die() { echo "run.sh: $1" >&2; exit "${2:-2}"; }

while getopts vo: opt; do
	case $opt in
	v) verbose=1 ;;
	o) log=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
kernel=$1 scenario=$2
shift 2
append=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	if [ "$1" != -a ] || [ $# -lt 2 ]; then usage; fi
	append="$append $2"
	shift 2
done
[ $# -eq 0 ] || shift
extra=("$@")

script=$vm/scenarios/$scenario.sh
[ -e "$script" ] || die "no scenario $scenario"
[ -e "$cache/$kernel/vmlinuz" ] || die "no kernel $kernel in $cache: run tests/vm/fetch-kernels.sh $kernel" 77
command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86_64 is missing (apt-get install qemu-system-x86)"

wish() { sed -n "s/^# vm-$1: *//p" "$script" | head -n 1; }
budget=$(wish budget)
budget=$((${budget:-120} * ${ZC_BUDGET_SCALE:-1}))
memory=$(wish memory)
machine=$(wish machine)
append="$(wish append)$append"
disk=$(wish disk)
read -ra qemu_wish <<<"$(wish qemu)"

mkdir -p "$top/build/vm"
log=${log:-$top/build/vm/$kernel-$scenario.log}
work=$(mktemp -d "$top/build/vm/.$kernel-$scenario.XXXXXX")
qemu=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

initrd=${ZC_INITRD:-}
if [ -z "$initrd" ]; then
	initrd=$work/initramfs
	files=${ZC_VM_FILES-$(ls -d "$top/build/zctrace" "$top/build/work" 2>/dev/null || true)}
	# shellcheck disable=SC2086 # a list
	"$vm/mkinitramfs.sh" "$cache/$kernel" "$initrd" $files || die "no initramfs"
fi

disk() { # ID SIZE QEMU-DEVICE: a sparse raw disk that nobody needs to outlive the guest
	truncate -s "$2" "$work/$1"
	options+=(-drive "file=$work/$1,if=none,id=$1,format=raw,cache=unsafe,discard=unmap" -device "$3,drive=$1")
}

nic() { # ID QEMU-DEVICE MAC
	options+=(-netdev "hubport,id=$1,hubid=0" -device "$2,netdev=$1,mac=$3,romfile=")
}

accel=${ZC_ACCEL:-tcg}
# One thread for both CPUs: with a thread each, a CPU can run a stale translation of code that the other is patching, and
# attaching to a tracepoint patches code: "Oops: int3" in __schedule, once in a hundred boots.
[ "$accel" != tcg ] || accel=tcg,thread=single
options=(-machine "${machine:-q35}" -accel "$accel" -cpu max -smp 2 -m "${memory:-1536}M"
	-nodefaults -display none -serial stdio -no-reboot)
disk nvme0 2G nvme,serial=zc-nvme0
disk nvme1 2G nvme,serial=zc-nvme1
disk virtio 2G virtio-blk-pci,serial=zc-virtio
case $disk in
'') ;;
ide) disk ide 256M ide-hd,bus=ide.0 ;;
*) die "no such disk: $disk" ;;
esac
nic near0 e1000 52:54:00:00:00:01
nic near1 virtio-net-pci 52:54:00:00:00:02
nic far e1000e 52:54:00:00:00:03
options+=(-kernel "$cache/$kernel/vmlinuz" -initrd "$initrd" -append
	"console=ttyS0,115200 panic=-1 quiet nowatchdog ipv6.disable_ipv6=1 random.trust_cpu=on zc.test=$scenario zc.budget=$budget $append")

# In the background, so that a signal reaches this script, and through it the guest, at once.
start=$(date +%s.%N)
mkfifo "$work/serial"
sed -u -e 's/\r//g' -e '/hub 0 is not connected to host network/d' <"$work/serial" |
	if [ -n "$verbose" ]; then tee "$log"; else cat >"$log"; fi &
listener=$!
timeout -k 5 "$budget" qemu-system-x86_64 "${options[@]}" "${qemu_wish[@]}" "${extra[@]}" </dev/null >"$work/serial" 2>&1 &
qemu=$!
rc=0
wait "$qemu" || rc=$?
qemu=
wait "$listener" || true
used=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')

# The lines are counted here as well: a check inside a subshell would be missing in the guest's own sum.
passed=$(grep -c '^ok ' "$log" || true)
failed=$(grep -c '^not ok ' "$log" || true)
skipped=$(grep -c '^skip ' "$log" || true)
said=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1 || true)
end=$(sed -n 's/^ZCTEST-END rc=//p' "$log" | tail -n 1)
counted="$passed passed, $failed failed, $skipped skipped"

if [ -z "$end" ]; then
	verdict="SILENT (no end after $used s, qemu ended with $rc)" status=3
elif [ "$end" != 0 ] || [ "$failed" != 0 ]; then
	verdict="FAILED (rc $end)" status=1
elif [ "$said" != "$counted" ]; then
	verdict="FAILED (the guest says '$said', its lines say '$counted')" status=1
else
	verdict=passed status=0
fi
if [ $status -ne 0 ] && [ -z "$verbose" ]; then
	grep -E '^not ok ' "$log" >&2 || true
	[ $status -ne 3 ] || tail -n 20 "$log" >&2
fi
echo "vm $kernel $scenario: $verdict, $counted, $used s of $budget s, log ${log#"$top"/}"
exit $status
