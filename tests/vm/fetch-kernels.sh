#!/usr/bin/env bash
# Gets the stock Debian kernels the VM tests boot, into a cache outside the tree:
#     ${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels/NAME/vmlinuz, release, config, lib/modules/RELEASE/
# Nothing is installed: the package is downloaded and unpacked. What is there already is kept; a half-done download leaves nothing.
# usage: fetch-kernels.sh [-f] [-k] [NAME...]      NAME: 6.1, 6.12, 6.1-rt, 6.12-rt, kprobe; default 6.1 6.12
#   -f  fetch again (a newer point release, say)   -k  also check that build-kprobe-kernel.sh has left its kernel
set -eu

cache=${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels
force=
names=()

say() { echo "fetch-kernels: $*" >&2; }
die() { say "$*"; exit 1; }

# The image package a name stands for: what the meta-package depends on, so that security updates are followed.
package_of() {
	case $1 in
	6.1)     meta_depends linux-image-amd64 ;;
	6.12)    meta_depends linux-image-6.12-amd64 ;;
	6.1-rt)  meta_depends linux-image-rt-amd64 ;;
	6.12-rt) meta_depends linux-image-6.12-rt-amd64 ;;
	*)       die "no such kernel: $1" ;;
	esac
}

meta_depends() { apt-cache depends "$1" 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }'; }

# A stale package list names a file that the archive no longer has: the second try refreshes the list.
download() { # NAME DIR
	local try package
	for try in 1 2 3; do
		package=$(package_of "$1")
		if [ -n "$package" ] && (cd "$2" && rm -f ./*.deb && apt-get -q -o APT::Sandbox::User=root download "$package" >&2); then
			say "$1 is $package"
			return 0
		fi
		say "$1: try $try failed; refreshing the package lists"
		apt-get -q -o DPkg::Lock::Timeout=300 update >&2 || sleep $((try * 5))
	done
	return 1
}

unpack() { # NAME DEB-DIR; leaves DEB-DIR/kernel ready to be moved into place
	local new=$2/kernel release
	mkdir "$new" "$2/root"
	dpkg-deb -x "$2"/*.deb "$2/root"
	mv "$2"/root/boot/vmlinuz-* "$new/vmlinuz"
	mv "$2"/root/boot/config-* "$new/config"
	mkdir "$new/lib"
	mv "$2/root/lib/modules" "$new/lib/modules"
	release=$(ls "$new/lib/modules")
	# The package has no modules.dep: its postinst would have made it.
	depmod -b "$new" "$release"
	echo "$release" >"$new/release"
}

fetch() {
	local name=$1 work
	if [ -z "$force" ] && [ -e "$cache/$name/vmlinuz" ] && [ -e "$cache/$name/release" ]; then
		say "$name is there: $(cat "$cache/$name/release")"
		return 0
	fi
	work=$(mktemp -d "$cache/.fetch.XXXXXX")
	# shellcheck disable=SC2064 # the directory of this fetch, not of a later one
	trap "rm -rf '$work'" EXIT
	download "$name" "$work" || die "$name: cannot download"
	unpack "$name" "$work"
	rm -rf "${cache:?}/$name"
	mv "$work/kernel" "$cache/$name"
	rm -rf "$work"
	trap - EXIT
	say "$name is ready: $(cat "$cache/$name/release")"
}

while getopts fk opt; do
	case $opt in
	f) force=1 ;;
	k) names+=(kprobe) ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
names+=("$@")
[ ${#names[@]} -gt 0 ] || names=(6.1 6.12)
[ "${names[*]}" != kprobe ] || [ $# -gt 0 ] || names=(6.1 6.12 kprobe)

mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
for name in "${names[@]}"; do
	if [ "$name" = kprobe ]; then
		[ -e "$cache/kprobe/vmlinuz" ] || die "$cache/kprobe/vmlinuz is not there: run tests/vm/build-kprobe-kernel.sh"
	else
		fetch "$name"
	fi
done
