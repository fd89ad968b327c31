#!/usr/bin/env bash
# Builds a 6.12 kernel that allows kprobes on lib/ (CONFIG_KPROBE_EVENTS_ON_NOTRACE), into a cache outside the tree.
# Stock Debian kernels do not: every function of lib/, the copies to and from user memory among them, is notrace there.
# About 30 minutes on two cores; the result is kept and reused.
set -eu
cache=${ZCTRACE_CACHE:-/var/cache/zctrace}
out=$cache/kernels/kprobe
[ -e "$out/vmlinuz" ] && { echo "$out/vmlinuz is there already"; exit 0; }

src=$(ls /usr/src/linux-source-6.12.tar.xz)
mkdir -p "$cache/build" "$out"
cd "$cache/build"
[ -d linux-source-6.12 ] || tar xf "$src"
cd linux-source-6.12
make -s x86_64_defconfig kvm_guest.config

cfg() { ./scripts/config "$@"; }
cfg -e BPF -e BPF_SYSCALL -e BPF_JIT -e BPF_JIT_ALWAYS_ON -e DEBUG_INFO -d DEBUG_INFO_NONE -e DEBUG_INFO_DWARF5 \
    -e DEBUG_INFO_BTF -e FTRACE -e FUNCTION_TRACER -e DYNAMIC_FTRACE -e FPROBE -e KPROBES -e KPROBE_EVENTS \
    -e KPROBE_EVENTS_ON_NOTRACE -e BPF_EVENTS -e PERF_EVENTS -e FTRACE_SYSCALLS -e HARDENED_USERCOPY -e CGROUP_BPF \
    -e TASK_IO_ACCOUNTING -e TASKSTATS -e TASK_XACCT -e TASK_DELAY_ACCT -e SCHEDSTATS -e SCHED_INFO -e VM_EVENT_COUNTERS
cfg -e NET_9P -e NET_9P_VIRTIO -e 9P_FS -e BLK_DEV_NVME -e E1000 -e E1000E -e VIRTIO_NET -e VIRTIO_BLK -e VIRTIO_PCI \
    -e EXT4_FS -e XFS_FS -e BTRFS_FS -e BLK_DEV_LOOP -e BLK_DEV_RAM -e NET_NS -e IO_URING -e AIO -e TMPFS -e DEVTMPFS \
    -e SERIAL_8250 -e SERIAL_8250_CONSOLE -e BLK_DEV_INITRD -e RD_GZIP -e TLS -e ATA -e ATA_PIIX -e ATA_SFF -e ATA_BMDMA \
    -e BLK_DEV_SD -e SATA_AHCI -e SWIOTLB -e SECCOMP -e SECCOMP_FILTER -e SCSI
cfg --set-val BLK_DEV_RAM_SIZE 131072
cfg -d MODULES -d DRM -d SOUND -d USB_SUPPORT -d WLAN -d WIRELESS -d CFG80211 -d MAC80211 -d RFKILL -d NETFILTER \
    -d INPUT_JOYSTICK -d INPUT_TABLET -d INPUT_TOUCHSCREEN -d HID -d I2C -d NFS_FS -d QUOTA -d SECURITY_SELINUX -d FB \
    -d AGP -d MACINTOSH_DRIVERS -d PCCARD -d HIBERNATION -d SUSPEND -d CPU_FREQ -d DEBUG_INFO_BTF_MODULES -d MODULE_SIG \
    -d SYSTEM_TRUSTED_KEYRING -d KEXEC -d CRASH_DUMP -d X86_MCE -d MICROCODE -d IKCONFIG -d WERROR
cfg --set-str SYSTEM_TRUSTED_KEYS "" --set-str SYSTEM_REVOCATION_KEYS ""
make -s olddefconfig
for need in KPROBE_EVENTS_ON_NOTRACE DEBUG_INFO_BTF FPROBE BLK_DEV_NVME E1000 9P_FS BTRFS_FS; do
	grep -q "^CONFIG_$need=y" .config || { echo "CONFIG_$need did not stay on" >&2; exit 1; }
done
make -s -j"$(nproc)" bzImage
cp arch/x86/boot/bzImage "$out/vmlinuz"
echo "built $out/vmlinuz"
