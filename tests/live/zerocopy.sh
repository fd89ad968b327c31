#!/bin/bash
# What moved without a CPU copy, by mechanism; data calls, map calls and fsyncs; payload: against the work program's own count.
# The ways of user/demo/ways.h go to a sink over loopback, where the sender's kernel copies zero-copy sends after all: here
# they count as what was asked for.
. "$(dirname "$0")/common.sh"

size=1000003 chunk=32768 message=24 # each transfer begins with a message and ends with one
port=$((20000 + $$ % 20000))
w make "$T/file" $size
start "$W" sink $port
wait_until 5 grep -qE "$(printf ':%04X [0-9A-F:]* 0A' $port)" /proc/net/tcp /proc/net/tcp6

# whole DESCRIPTION "METRIC=VALUE ...": those, all other zero-copy and to/from-user columns 0, and what the program knows.
whole() {
	local metric want wrong='' columns

	columns=$(printf '%s\n' "${!METRIC[@]}" | grep -E '^zerocopy_|^copy_(to|from)_user_(file|socket|pipe)' | sort)
	local -A expected=()

	for want in $2; do
		expected[${want%%=*}]=$((${want#*=}))
	done
	expected[copy_from_user_file_bytes]=$((${expected[copy_from_user_file_bytes]:-0} + $(stat -c %s "$O")))
	for metric in $columns; do
		want=${expected[$metric]:-0}
		# that one nobody knows where copies are inferred; any other must be there
		[ "$metric $(metric "$metric")" = "zerocopy_copy_file_range_bytes null" ] && [ "$want" = 0 ] &&
			[ "$(jq -r '.hooks[] | select(.hook == "copy-file") | .by' "$J" | grep -c ^inferred)" = 1 ] && continue
		[ "$(metric "$metric")" = "$want" ] || wrong="$wrong $metric is $(metric "$metric"), not $want;"
	done
	if [ -z "$wrong" ]; then
		pass "$1: bytes by mechanism" "$2"
	else
		fail "$1: bytes by mechanism" "$wrong"
	fi
	check "$1: data calls" "$(metric data_calls)" -eq $(($(did data_calls) + $(did report_data_calls)))
	check "$1: map calls" "$(metric map_calls)" -eq "$(did map_calls)"
}

sent() { plan check_sent "$@" -- send 127.0.0.1 $port "$T/file" "$1" $chunk; } # WAY "METRIC=VALUE ..."
check_sent() {
	whole "$1" "$2"
	check "$1: payload in" "$(metric payload_in_bytes)" -eq $((size + message))
	check "$1: payload out" "$(metric payload_out_bytes)" -eq $((size + message + $(stat -c %s "$O")))
}
reply="copy_to_user_socket_bytes=$message"
request="copy_from_user_socket_bytes=$message"
both="copy_from_user_socket_bytes=$((size + message))"
sent read+write "$reply $both copy_to_user_file_bytes=$size"
sent mmap "$reply $both"
sent mmap-chunk "$reply $both"
sent sendfile "$reply $request zerocopy_sendfile_bytes=$size"
sent splice "$reply $request zerocopy_splice_bytes=$((2 * size))"
sent direct "$reply $both zerocopy_direct_read_bytes=$size"
sent zerocopy "$reply $request copy_to_user_file_bytes=$size zerocopy_msg_zerocopy_bytes=$size"
sent uring "$reply $both copy_to_user_file_bytes=$size"
sent uring-zc "$reply $request zerocopy_direct_read_bytes=$size zerocopy_io_uring_send_bytes=$size"

n=503 bytes=4099
plan whole vmsplice "zerocopy_vmsplice_bytes=$((n * bytes)) zerocopy_splice_bytes=$((n * bytes))" -- vmsplice $n $bytes
plan whole tee "zerocopy_tee_bytes=$((n * bytes)) copy_from_user_pipe_bytes=$((n * bytes)) copy_to_user_pipe_bytes=$((2 * n * bytes))" -- tee $n $bytes
plan whole "direct read" "zerocopy_direct_read_bytes=$size" -- direct-read "$T/file" 65536
plan whole "direct write" "zerocopy_direct_write_bytes=$((257 * 4096))" -- direct-write "$T/new" $((257 * 4096)) 65536
plan whole "direct read by io_uring" "zerocopy_direct_read_bytes=$size" -- uring-read "$T/file" 65536 --direct

# From file to file the bytes are copied, by whom is not seen where nothing hooks the sites: never zero copies.
file_to_file() {
	check "$1: payload" "$(metric payload_in_bytes) $(metric payload_out_bytes)" = "$size $((size + $(stat -c %s "$O")))"
	check "$1: data calls" "$(metric data_calls)" -eq $(($(did data_calls) + 2))
	check "$1: to or from user" "$(metric copy_to_user_file_bytes) $(metric copy_from_user_file_bytes)" = "0 $(stat -c %s "$O")"
	check "$1: without a copy" "$(metric "$2")" '~' "^(0|null)$"
}
plan file_to_file "sendfile to a file" zerocopy_sendfile_bytes -- sendfile "$T/file" "$T/new"
plan file_to_file "copy_file_range" zerocopy_copy_file_range_bytes -- copy-file-range "$T/file" "$T/new"

synced() { check "fsyncs: $1" "$(metric fsyncs)" -eq "$1"; }
plan synced 1 -- write "$T/new" 10007 4096 --fsync
plan synced 0 -- write "$T/new" 10007 4096
run_plan
check "nothing lost" "$(lost)" -eq 0
WORK_OUT=$O "$Z" --json -- python3 -c 'import os, sys
for f in os.fsync, os.fdatasync, os.fsync: f(os.open(sys.argv[1], os.O_WRONLY))' "$T/new" >"$J"
check "fsync and fdatasync" "$(jq '.processes[0].metrics.fsyncs' "$J")" -eq 3

# A single byte is a leg of a way, and no half.
WORK_OUT=/dev/null "$Z" --svg "$T/one.svg" -- "$W" vmsplice 1 1 >"$T/one"
check "one spliced byte: exit status" $? -eq 0
check "one spliced byte: the ways" "$(grep ▶ "$T/one" | tr -d '~' | sed 's/^ *//' | paste -sd ,)" = \
	"user ┄┄ 1 ┄┄▶ pipe,pipe ┄┄ 1 ┄┄▶ elsewhere"
check "one spliced byte: in the picture" "$(grep -c 'not drawn: .*splice ~\?1<' "$T/one.svg")" -eq 1

summary
