#!/bin/bash
# Nothing fails without a sentence and an exit status: system calls refused, one after another (strace injects the errors).
. "$(dirname "$0")/common.sh"

# The N-th call of a kind refused, N by N.
refuse() { # NAME CALL ERRNO N... -- COMMAND...
	local name=$1 call=$2 error=$3 bad='' fails=0 status why places=()

	shift 3
	while [ "$1" != -- ]; do
		places+=("$1")
		shift
	done
	shift
	for n in "${places[@]}"; do
		timeout -s KILL 60 strace -o /dev/null -e "trace=$call" -e "inject=$call:error=$error:when=$n" "$@" >"$T/out" 2>"$T/err"
		status=$?
		why=$(judge $status)
		[ $status -eq 0 ] || fails=$((fails + 1))
		[ -z "$why" ] || bad="$bad $n: $why;"
	done
	check "$name: a report, or one sentence" "$bad" = ""
	note "$name: $fails of ${#places[@]} runs failed"
}
short=("$Z" --json -d 0.01 --no-calibrate)
refuse "bpf, no memory" bpf ENOMEM 7 41 97 1+ 31+ 89+ 149+ 199+ -- "${short[@]}"
refuse "bpf, not permitted" bpf EPERM 1+ 31 97+ 173+ -- "${short[@]}"
refuse "bpf, invalid" bpf EINVAL 1+ 37 101+ -- "${short[@]}"
refuse "every bpf, no files left" bpf EMFILE 1+ 100+ 200+ -- "${short[@]}"
refuse "epoll_create1" epoll_create1 EMFILE 1 2 3 4 5 -- "${short[@]}" --listen 127.0.0.1:0
refuse "epoll_ctl" epoll_ctl ENOMEM 1 2 3 4 5 -- "${short[@]}" --listen 127.0.0.1:0
refuse "openat" openat ENFILE 61+ 71+ 97+ -- "${short[@]}" -p $$
refuse "openat, no memory" openat ENOMEM 61 67 71 79 83 -- "${short[@]}" -p $$
refuse "perf_event_open" perf_event_open ENOSPC 1+ 2+ -- "${short[@]}" -p $$
refuse "mmap" mmap ENOMEM 109 127 139 -- "${short[@]}"
refuse "pipe2" pipe2 EMFILE 1 2 3 -- "$Z" --json -- true
refuse "clone" clone EAGAIN 1 2 -- "$Z" --json -- true
refuse "read" read EIO 20+ 60+ -- "${short[@]}"

# The right blame: what failed, and why.
blames() { # NAME STATUS PATTERN COMMAND...
	local name=$1 want=$2 pattern=$3

	shift 3
	timeout -s KILL 60 "$@" >"$T/out" 2>"$T/err"
	check "$name: exit status" $? -eq "$want"
	check "$name: what it says" "$(cat "$T/err")" '~' "$pattern"
	check "$name: in one line" "$(wc -l <"$T/err")" -eq 1
}
blames "a BTF file that is none" 4 "from /etc/passwd: .*; --btf wants a file" "${short[@]}" --btf /etc/passwd
check "a BTF file that is none: the reason is none by number" "$(grep -c 'Unknown error' "$T/err")" -eq 0
for n in 5 6; do
	blames "$n files, --listen" 1 "Too many open files; raise the limit of open files" \
		bash -c "ulimit -n $n; exec \"\$@\"" bash setpriv --bounding-set -sys_resource --inh-caps -sys_resource "${short[@]}" --listen 127.0.0.1:0
done
blames "no list of CPUs" 1 "^zctrace: cannot count the CPUs in /sys/devices/system/cpu/possible: No such file or directory" \
	unshare -m sh -c 'mount -t tmpfs none /sys/devices/system/cpu && exec "$@"' sh "${short[@]}"

summary
