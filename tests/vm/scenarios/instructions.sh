#!/bin/sh
# What each way of hooking costs in instructions: the clock of this guest advances by one nanosecond per instruction, so a
# load that reports nanoseconds per operation reports instructions. For make bench-vm; asserts nothing but that it ran.
# vm-budget: 900
# vm-qemu: -icount shift=0,sleep=off -smp 1
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
net_up e1000
head -c 1048576 /dev/urandom >/mnt/d/file

# A part of it, for one who tries something out: run.sh ... -a zc.rows=bare,zctrace -a zc.loads=getppid,pread4k
asked() { sed -n "s/.*\bzc\.$1=\([^ ]*\).*/\1/p" /proc/cmdline | tr , ' '; }
rows=$(asked rows)
loads=$(asked loads)
loads=${loads:-getppid read1 pread4k pread64k pingpong tcp64k}
wanted() { # ROW
	[ -z "$rows" ] || case " $rows " in *" $1 "*) ;; *) return 1 ;; esac
}
sleep 100000 &
other=$!

mkfifo /tmp/ask
load --count /mnt/d/file </tmp/ask >/tmp/answers &
LOAD=$!
exec 8>/tmp/ask
answers() { wc -l </tmp/answers; }
wait_for() { # COMMAND...
	zt_left=3000
	until "$@"; do
		zt_left=$((zt_left - 1))
		[ $zt_left -gt 0 ] || { fail "$*" "it did not come to be"; summary; exit 1; }
		sleep 0.1
	done
}
has_answers() { [ "$(answers)" -ge "$1" ]; }
in_sleep() { grep -q '^271 ' "/proc/$1/syscall"; }
has_line() { [ -s "$1" ]; }
wait_for has_answers 1

measure() { # NAME: every load once, as lines `NAME LOAD INSTRUCTIONS`
	wanted "$1" || return 0
	for zt_load in $loads; do
		zt_n=$(($(answers) + 1))
		echo "$zt_load 1" >&8
		wait_for has_answers $zt_n
		echo "INSN $1 $(tail -n 1 /tmp/answers)"
	done
	pass "$1"
}
traced() { # NAME OPTIONS...
	wanted "$1" || return 0
	zt_name=$1
	shift
	zctrace -d 1000000 "$@" >/dev/null 2>/tmp/e &
	zt_z=$!
	wait_for in_sleep $zt_z
	measure "$zt_name"
	kill -INT $zt_z
	wait $zt_z
}
like() { # NAME OPTIONS...: empty programs on the hooks that zctrace has with these options
	wanted "$1" || return 0
	zt_name=$1
	shift
	zctrace -d 1000000 "$@" >/dev/null 2>/tmp/e &
	zt_z=$!
	wait_for in_sleep $zt_z
	rm -f /tmp/floor.out
	floor $zt_z >/tmp/floor.out &
	zt_f=$!
	wait_for has_line /tmp/floor.out
	kill -KILL $zt_z
	wait $zt_z
	sleep 1
	measure "$zt_name"
	kill $zt_f
	wait $zt_f
}

measure bare
if wanted empty-sys_exit; then
	floor sys_exit >/tmp/floor.out &
	zt_f=$!
	wait_for has_line /tmp/floor.out
	measure empty-sys_exit
	kill $zt_f
	wait $zt_f
fi
like empty-same-hooks
traced zctrace
traced zctrace-p -p $LOAD
traced zctrace-p-other -p $other
traced zctrace-kprobe --hooks copy=kprobe
traced zctrace-infer --hooks copy=infer
traced zctrace-breakpoint --hooks copy=breakpoint -p $LOAD
traced zctrace-exact --exact -p $LOAD
measure bare-again
summary
