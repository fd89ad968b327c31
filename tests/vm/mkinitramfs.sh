#!/usr/bin/env bash
# Builds the initramfs a test VM lives in: busybox for the small things, real programs where the small ones fall short,
# the kernel modules the scenarios need, the tests themselves and whatever files are given.
# usage: mkinitramfs.sh KERNELDIR OUT [FILE[=GUESTPATH]...]
#   KERNELDIR  as fetch-kernels.sh leaves it; one without lib/modules has everything built in
#   FILE       a program (goes to /bin, its shared libraries along), or FILE=GUESTPATH for a file or directory elsewhere
# In the guest the repository's tests are under /tests, and /bin, /sbin, /usr/bin and /usr/sbin are one directory.
set -eu
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "$0")/../.." && pwd)

# Loaded by the guest's init, in this order.
boot_modules="virtio_pci virtio_blk virtio_net nvme e1000 e1000e af_packet"
# Loaded on demand: by modprobe in a scenario, or by the kernel itself (mount -t, crypto).
more_modules="ext4 xfs btrfs loop brd null_blk veth bridge dummy tls sch_fq tcp_bbr ata_piix ata_generic ahci sd_mod
	crc32c_generic crc32c_intel crc64_rocksoft crct10dif_pclmul crct10dif_common crypto-crct10dif crypto-crc64-rocksoft
	nls_utf8 fuse overlay 9p 9pnet_virtio"

# Among them whatever starts other programs: busybox's timeout, env and so on start busybox's applets in preference to PATH.
needed_programs="dash bash modprobe jq ethtool ip ss nsenter unshare setsid timeout env nice xargs find cat cp dd head wc stat sync
	mkfs.ext4 mkfs.xfs mkfs.btrfs"
# Handy when a scenario is being written; a guest without them passes all the same.
wanted_programs="bpftool strace tc prlimit taskset setpriv chrt"

die() { echo "mkinitramfs: $*" >&2; exit 1; }

[ $# -ge 2 ] || die "usage: mkinitramfs.sh KERNELDIR OUT [FILE[=GUESTPATH]...]"
kernel=$1 out=$2
shift 2
[ -e "$kernel/vmlinuz" ] || die "no kernel in $kernel"

root=$(mktemp -d)
trap 'rm -rf "$root" "$out.$$"' EXIT

add_libraries() { # of a program or library; a static one has none
	local library
	{ ldd "$1" 2>/dev/null || true; } | grep -o '/[^ )]*' | while read -r library; do
		[ -e "$root$library" ] && continue
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
}

add_program() { # HOSTPATH [NAME]
	cp -L --remove-destination "$1" "$root/bin/${2:-$(basename "$1")}"
	add_libraries "$1"
}

add_busybox() {
	local busybox applet
	busybox=$(command -v busybox) || die "busybox is missing (apt-get install busybox-static)"
	! ldd "$busybox" >/dev/null 2>&1 || die "busybox is not static (apt-get install busybox-static)"
	cp -L "$busybox" "$root/bin/busybox"
	for applet in $("$busybox" --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
}

# /bin/sh is dash: Debian's busybox shell runs its own applets in preference to the programs in PATH, ip among them.
add_programs() {
	local name path
	for name in $needed_programs; do
		path=$(command -v "$name") || die "$name is missing on this machine"
		add_program "$path" "$name"
	done
	for name in $wanted_programs; do
		path=$(command -v "$name") && add_program "$path" "$name"
	done
	ln -sf dash "$root/bin/sh"
}

# The modules and what they depend on, decompressed; modprobe --show-depends knows aliases and soft dependencies too.
add_modules() {
	local release name path to
	[ -d "$kernel/lib/modules" ] || return 0
	release=$(cat "$kernel/release")
	for name in $boot_modules $more_modules; do
		modprobe -q -d "$kernel" -S "$release" --show-depends "$name" 2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
		to=$root/lib/modules/$release/${path#*"/lib/modules/$release/"}
		mkdir -p "$(dirname "$to")"
		case $path in
		*.xz)  xz -dc "$path" >"${to%.xz}" ;;
		*.gz)  gzip -dc "$path" >"${to%.gz}" ;;
		*.zst) zstd -dcq "$path" >"${to%.zst}" ;;
		*)     cp "$path" "$to" ;;
		esac
	done
	cp "$kernel/lib/modules/$release"/modules.{builtin,order} "$root/lib/modules/$release/"
	cp "$kernel/lib/modules/$release"/modules.builtin.modinfo "$root/lib/modules/$release/" 2>/dev/null || true
	depmod -b "$root" "$release"
}

add_file() { # FILE or FILE=GUESTPATH
	local from=${1%%=*} to
	[ -e "$from" ] || die "$from is not there"
	if [ "$from" = "$1" ]; then
		add_program "$from"
		return
	fi
	to=$root/${1#*=}
	mkdir -p "$(dirname "$to")"
	cp -rL "$from" "$to"
	[ ! -f "$from" ] || add_libraries "$from"
}

mkdir -p "$root"/{bin,lib,usr,proc,sys,dev,run,tmp,root,mnt,var,etc,tests/vm}
ln -s ../bin "$root/usr/bin"
ln -s ../bin "$root/usr/sbin"
ln -s ../lib "$root/usr/lib"
ln -s bin "$root/sbin"
ln -s ../run "$root/var/run"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
echo "$boot_modules" >"$root/etc/boot-modules"

add_busybox
add_programs
add_modules
cp "$top/tests/lib.sh" "$root/tests/lib.sh"
cp -r "$top/tests/vm/guest.sh" "$top/tests/vm/scenarios" "$root/tests/vm/"
cp "$top/tests/vm/init.sh" "$root/init"
chmod 755 "$root/init"
for file in "$@"; do
	add_file "$file"
done

mkdir -p "$(dirname "$out")"
(cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$out.$$"
mv "$out.$$" "$out"
