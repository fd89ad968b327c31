#!/bin/bash
# Copies across the border by the object at the kernel end, against the program's own count, to the byte. Where the kernel
# allows no site to be hooked they are inferred, and must be listed as such.
. "$(dirname "$0")/common.sh"

columns="to_user_file to_user_socket to_user_pipe from_user_file from_user_socket from_user_pipe"
# copied NAME "COLUMN=BYTES..." WORK-ARGUMENTS...: those columns exactly, the others 0, but for what the program says of itself:
# the line it writes to $O is a write to a file.
copied() {
	local name=$1 expected=$2

	shift 2
	plan check_copied "$name" "$expected" -- "$@"
}
check_copied() {
	local name=$1 expected=$2 column want wrong=''

	for column in $columns; do
		want=$(tr ' ' '\n' <<<"$expected" | sed -n "s/^$column=//p")
		want=$((${want:-0}))
		[ "$column" = from_user_file ] && want=$((want + $(stat -c %s "$O")))
		[ "$(metric "copy_${column}_bytes")" = $want ] || wrong="$wrong $column is $(metric "copy_${column}_bytes"), not $want;"
	done
	if [ -z "$wrong" ]; then
		pass "$name: bytes to and from user, by object" "$expected"
	else
		fail "$name: bytes to and from user, by object" "$wrong"
	fi
	case $name in
	"pipe from a child") check "the child's side" "$(metric_of "$(did child_pid)" copy_from_user_pipe_bytes)" -eq $both ;;
	"unix socket")
		check "copies_from_user: one a write, and the report" "$(metric copies_from_user)" -eq $((n + 1))
		check "copies_to_user: one a read" "$(metric copies_to_user)" -ge $n
		;;
	esac
}

size=1000003 chunk=4099
w make "$T/file" $size
w make "$M/file" $size
for place in "$T" "$M"; do
	fs=$(stat -f -c %T "$place")
	copied "$fs read" to_user_file=$size read "$place/file" $chunk
	copied "$fs read 3 times, blocks" to_user_file=$((3 * size)) read "$place/file" 8192 3
	copied "$fs pread" to_user_file=$size pread "$place/file" $chunk
	copied "$fs readv" to_user_file=$size readv "$place/file" $chunk
	copied "$fs write" from_user_file=$size write "$place/new" $size $chunk
	copied "$fs write over" from_user_file=$size write "$place/new" $size 65536 --keep
	copied "$fs pwrite" from_user_file=$size pwrite "$place/new" $size $chunk
	copied "$fs writev" from_user_file=$size writev "$place/new" $size $chunk
	copied "$fs io_uring read" to_user_file=$size uring-read "$place/file" 8192
done
n=1009 bytes=1013
both=$((n * bytes))
copied "unix socket" "to_user_socket=$both from_user_socket=$both" unix $n $bytes
copied "tcp" "to_user_socket=$both from_user_socket=$both" tcp $n $bytes
copied "tcp, thrown away" from_user_socket=$both tcp $n $bytes --discard # MSG_TRUNC: nothing is copied
if "$W" tcp 1 1 --mptcp >/dev/null 2>&1; then
	copied "mptcp" "to_user_socket=$both from_user_socket=$both" tcp $n $bytes --mptcp
else
	skip "mptcp" "this kernel has none, or net.mptcp.enabled is 0"
fi
copied "udp" "to_user_socket=$both from_user_socket=$both" udp $n $bytes
copied "messages" "to_user_socket=$both from_user_socket=$both" messages $n $bytes
copied "pipe of its own" "to_user_pipe=$both from_user_pipe=$both" pipe $n $bytes --self
copied "pipe from a child" "to_user_pipe=$both" pipe $n $bytes
run_plan
check "nothing lost" "$(lost)" -eq 0

# What is inferred says so; what is measured is not in that list.
if [ "$(jq -r '.hooks[] | select(.hook == "copy-file").by' "$J")" = "inferred from system-call results" ]; then
	check "listed as inferred" "$(jq '[.inferred[] | select(test("^copy_(to|from)_user_(file|socket|pipe)_bytes$"))] | length' "$J")" -eq 6
	check "in-kernel copies are not known here" "$(jq '.processes[0].metrics.copy_in_kernel_to_file_bytes' "$J")" = null
	traced_with "--hooks copy=infer" tcp $n $bytes
	check "asked to infer: the same" "$(metric copy_to_user_socket_bytes)" -eq $both
else
	check "nothing inferred" "$(jq '.inferred | length' "$J")" -eq 0
	traced_with "--hooks copy=infer" tcp $n $bytes
	check "inferred if asked, and the same" "$(metric copy_to_user_socket_bytes)" -eq $both
fi

summary
