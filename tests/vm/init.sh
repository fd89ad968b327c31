#!/bin/sh
# The first process of a test VM: brings the guest up, runs the scenario that the kernel command line names (zc.test=NAME),
# says on the serial line how it ended, and powers off. The line `ZCTEST-END rc=N` is what run.sh waits for.
PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb LC_ALL=C
export PATH HOME TERM LC_ALL

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
exec </dev/null >/dev/console 2>&1

argument() { # NAME: its value on the kernel command line
	# shellcheck disable=SC2013 # words are what it is made of
	for word in $(cat /proc/cmdline); do
		case $word in "$1"=*) echo "${word#*=}" ;; esac
	done
}

# The end, by whatever path: kernel messages stay out of the line that is parsed.
finish() { # RC
	dmesg -n 1
	echo
	echo "ZCTEST-END rc=$1"
	sleep 0.2
	poweroff -f
	sleep 5
	echo o >/proc/sysrq-trigger
	sleep 60
}

dmesg -n 1
hostname zctest
ip link set lo up

# Nothing speaks unasked: no IPv6 (also ipv6.disable_ipv6=1 on the command line, for new namespaces), no answers to ARP.
sysctl -q -w net.ipv4.conf.all.arp_ignore=8 net.ipv4.conf.default.arp_ignore=8 2>/dev/null
sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 2>/dev/null
sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
sysctl -q -w kernel.kptr_restrict=0 kernel.perf_event_paranoid=-1 2>/dev/null

if [ -d "/lib/modules/$(uname -r)" ]; then
	# shellcheck disable=SC2013
	for module in $(cat /etc/boot-modules); do
		modprobe -q "$module"
	done
fi
# NVMe disks come up asynchronously.
# shellcheck disable=SC2012
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(cat /sys/class/nvme/*/serial 2>/dev/null | wc -l)" -eq "$(ls -d /sys/block/nvme*n* 2>/dev/null | wc -l)" ] && break
	sleep 0.1
done

name=$(argument zc.test)
# What is left of the budget, less what power-off and the time before this kernel took: a scenario that hangs is ended here,
# where it can be said what hung, before run.sh pulls the plug.
limit=$(argument zc.budget)
limit=$((${limit:-600} - $(cut -d. -f1 /proc/uptime) - 10))
[ $limit -gt 0 ] || limit=1
script=/tests/vm/scenarios/$name.sh
[ -e "$script" ] || { echo "no scenario $name"; finish 125; }

echo "ZCTEST-BEGIN $name on $(uname -r), up $(cut -d' ' -f1 /proc/uptime) s"
cd /root || finish 125
setsid /bin/sh "$script" &
scenario=$!
{
	sleep $limit
	echo "# the scenario takes longer than $limit s; what runs, and where it waits:"
	for process in /proc/[0-9]*; do
		command=$(tr '\0' ' ' <"$process/cmdline")
		[ -n "$command" ] || continue
		echo "# ${process#/proc/} $command"
		sed 's/^/#     /' "$process/stack"
	done
	kill -s KILL -- -$scenario
} 2>/dev/null &
watchman=$!
wait $scenario
rc=$?
kill $watchman 2>/dev/null

# A warning or an oops in the kernel fails the scenario, whatever it says of itself.
if dmesg | grep -E 'kernel BUG at|BUG: (unable|kernel|KASAN|sleeping|scheduling)|Oops|WARNING: CPU|general protection fault'; then
	echo "# the kernel complained:"
	dmesg | tail -n 60
	[ $rc -ne 0 ] || rc=124
fi
echo "# up $(cut -d' ' -f1 /proc/uptime) s"
finish $rc
