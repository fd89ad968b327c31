#!/bin/sh
# A kernel that allows kprobes on lib/: every way of seeing copies gives the same bytes.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
make_file /mnt/d/f 1048583
copies='.processes[0].metrics | [.copy_to_user_file_bytes, .copy_from_user_file_bytes, .copy_to_user_socket_bytes,
	.copy_from_user_socket_bytes, .copy_to_user_pipe_bytes, .copy_from_user_pipe_bytes] | map(tostring) | join(" ")'

by() { json /tmp/z.json ".hooks[] | select(.hook == \"$1\") | .by"; }
trace() { # HOOKS COMMAND...
	hooks=$1
	shift
	rm -f /tmp/w.json
	WORK_OUT=/tmp/w.json zctrace --json --hooks copy="$hooks" -- "$@" >/tmp/z.json 2>/tmp/z.err || fail "$hooks: $*" "$(tail -n 1 /tmp/z.err)"
}

same() { # NAME COMMAND...: the work's own report is a file it writes, whose length differs by a digit or two: to tmpfs
	name=$1
	shift
	trace fexit "$@"
	want=$(json /tmp/z.json "$copies | split(\" \") | .[0:1] + .[2:6] | join(\" \")")
	other=$(json /tmp/z.json '.processes[0].metrics | .copy_to_user_other_bytes')
	trace kprobe "$@"
	check "$name: kretprobes on the sites see what fexit sees" "$(json /tmp/z.json "$copies | split(\" \") | .[0:1] + .[2:6] | join(\" \")")" = "$want"
	check "$name: nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
	note "$name: to file, to socket, from socket, to pipe, from pipe: $want; other $other"
}
same read work read /mnt/d/f 4099 3
check "sites by" "$(by copy-file)" = kretprobe
check "other by" "$(by copy-other)" = kprobe
same pipe work pipe 101 1009
same tcp work tcp 211 4099
same unix work unix 211 1009

# copy_to_user itself: by kprobe, by breakpoint, and as much as the program's own count says
trace kprobe work fstat 1
one=$(json /tmp/z.json '.processes[0].metrics.copy_to_user_other_bytes')
trace kprobe work fstat 1010
check "1,009 fstat more, by kprobe" $(($(json /tmp/z.json '.processes[0].metrics.copy_to_user_other_bytes') - one)) -eq $((1009 * 144))
trace breakpoint work fstat 1
one=$(json /tmp/z.json '.processes[0].metrics.copy_to_user_other_bytes')
trace breakpoint work fstat 1010
check "1,009 fstat more, by breakpoint" $(($(json /tmp/z.json '.processes[0].metrics.copy_to_user_other_bytes') - one)) -eq $((1009 * 144))
check "other by" "$(by copy-other)" = "hardware breakpoint"

# machine-wide, which breakpoints never are
zctrace --json -d 8 --limit 0 >/tmp/z.json 2>/tmp/z.err &
tracer=$!
counting $tracer
work fstat 10007 >/tmp/w.json
wait $tracer
check "machine-wide: 10,007 fstat of one process" "$(json /tmp/z.json '[.processes[] | select(.comm == "work") | .metrics.copy_to_user_other_bytes] | add')" -ge $((10007 * 144))
summary
