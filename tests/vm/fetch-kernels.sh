#!/usr/bin/env bash
# Gets the stock Debian kernels the VM tests boot, into a cache outside the tree:
#     ${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels/NAME/vmlinuz, release, config, lib/modules/RELEASE/
# Nothing is installed: the package is downloaded and unpacked. What is there already is kept; a half-done download leaves nothing.
# usage: fetch-kernels.sh [-f] [-k] [NAME...]      NAME: 6.1, 6.12, 6.1-rt, 6.12-rt, 7.3, kprobe; default 6.1 6.12
#   -f  fetch again (a newer point release, say)   -k  also check that build-kprobe-kernel.sh has left its kernel
# 7.3 comes from the backports of a later Debian than this may be. Where the archive does not answer, or has it no more, the
# kernel is skipped with the reason, and the exit status is 77.
set -eu

cache=${ZCTRACE_CACHE:-/var/cache/zctrace}/kernels
force=
skipped=
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

# ---- a kernel of another suite, through package lists of our own: this machine's sources stay as they are ----

apt_of() { # DIR COMMAND...: apt with the lists of later_lists
	local dir=$1
	shift
	"$@" -q -o Dir::Etc::SourceList="$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$dir/lists" \
		-o Dir::Cache="$dir" -o Dir::Cache::archives="$dir/archives" -o APT::Sandbox::User=root
}

# Where this machine's own packages come from, by apt's own account: the suite itself, not its updates. That place has every suite.
archive() { apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' | awk '$1 !~ /-/ { print $2; exit }'; }

later_lists() { # SUITE DIR
	local base
	base=$(archive)
	[ -n "$base" ] || { say "apt has no archive configured"; return 1; }
	mkdir -p "$2/lists/partial" "$2/archives/partial"
	echo "deb $base $1 main" >"$2/sources.list"
	# A list that cannot be had is a warning to apt.
	apt_of "$2" apt-get update -o APT::Update::Error-Mode=any >&2
}

# The newest kernel of a version: linux-binary has vmlinuz, linux-modules the modules, linux-base what is said about them.
download_later() { # NAME SUITE PATTERN DIR; prints why not
	local lists=$4/apt release package
	later_lists "$2" "$lists" || { echo "the archive does not answer for $2"; return 1; }
	release=$(apt_of "$lists" apt-cache pkgnames linux-binary- | sed -n "s/^linux-binary-\($3\)\$/\1/p" | sort -V | tail -n 1)
	[ -n "$release" ] || { echo "$2 has no linux-binary-$3"; return 1; }
	for package in "linux-binary-$release" "linux-modules-$release" "linux-base-$release"; do
		(cd "$4" && apt_of "$lists" apt-get download "$package" >&2) || { echo "cannot download $package of $2"; return 1; }
	done
	rm -rf "$lists"
	say "$1 is linux-binary-$release of $2"
}

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
	local new=$2/kernel modules=$2/root/lib/modules release package
	mkdir "$new" "$2/root"
	for package in "$2"/*.deb; do
		dpkg-deb -x "$package" "$2/root"
	done
	[ -d "$modules" ] || modules=$2/root/usr/lib/modules # from 7.x on
	release=$(ls "$modules")
	if [ -e "$modules/$release/vmlinuz" ]; then
		mv "$modules/$release/vmlinuz" "$modules/$release/config" "$new"
	else
		mv "$2"/root/boot/vmlinuz-* "$new/vmlinuz"
		mv "$2"/root/boot/config-* "$new/config"
	fi
	mkdir "$new/lib"
	mv "$modules" "$new/lib/modules"
	# The package has no modules.dep: its postinst would have made it.
	depmod -b "$new" "$release"
	echo "$release" >"$new/release"
}

fetch() {
	local name=$1 work why
	if [ -z "$force" ] && [ -e "$cache/$name/vmlinuz" ] && [ -e "$cache/$name/release" ]; then
		say "$name is there: $(cat "$cache/$name/release")"
		return 0
	fi
	work=$(mktemp -d "$cache/.fetch.XXXXXX")
	# shellcheck disable=SC2064 # the directory of this fetch, not of a later one
	trap "rm -rf '$work'" EXIT
	if [ "$name" = 7.3 ]; then
		if ! why=$(download_later 7.3 trixie-backports '7\.3[0-9.]*+deb13-amd64' "$work"); then
			say "skip $name: $why"
			skipped=1
			rm -rf "$work"
			trap - EXIT
			return 0
		fi
	else
		download "$name" "$work" || die "$name: cannot download"
	fi
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
[ -z "$skipped" ] || exit 77
