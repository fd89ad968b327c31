#!/bin/bash
# 32-bit system calls count as the 64-bit ones do.
. "$(dirname "$0")/common.sh"

head -c 8192 /dev/zero >"$T/file"
WORK_OUT=$O "$W" calls-32 "$T/file" 1 2>"$T/err"
status=$?
if [ $status -eq 139 ] || grep -q 'returned -38,' "$T/err"; then # SIGSEGV, ENOSYS
	skip "32-bit calls" "this kernel has none, or they are switched off"
	summary
	exit
fi
check "32-bit calls" "$status$(cat "$T/err")" = 0
traced calls-32 "$T/file" 1
keep_all() { for m in "$@"; do FIRST[$m]=$(metric "$m"); done; }
declare -A FIRST=()
all=(syscalls data_calls fsyncs copy_to_user_file_bytes copy_to_user_pipe_bytes copy_from_user_pipe_bytes copy_to_user_socket_bytes
	copy_from_user_socket_bytes zerocopy_sendfile_bytes payload_in_bytes payload_out_bytes cache_hit_pages)
keep_all "${all[@]}"
n=1010
traced calls-32 "$T/file" $n
more() { echo $(($(metric "$1") - FIRST[$1])); }
m=$((n - 1))
check "calls" "$(more syscalls)" -eq $((10 * m)) # lseek is a 64-bit one
check "data calls" "$(more data_calls)" -eq $((8 * m))
check "fsyncs" "$(more fsyncs)" -eq $m
check "file to user" "$(more copy_to_user_file_bytes)" -eq $((2 * 1013 * m))
check "pages hit: two reads and a sendfile of one page each" "$(more cache_hit_pages)" -eq $((3 * m))
check "user to pipe" "$(more copy_from_user_pipe_bytes)" -eq $((13 * m))
check "pipe to user" "$(more copy_to_user_pipe_bytes)" -eq $((13 * m))
check "user to socket" "$(more copy_from_user_socket_bytes)" -eq $((17 * m))
check "socket to user" "$(more copy_to_user_socket_bytes)" -eq $(((17 + 1013) * m))
check "sendfile" "$(more zerocopy_sendfile_bytes)" -eq $((1013 * m))
check "a child that ends by one: its calls" "$(metric_of "$(did child_pid)" syscalls)" -eq "$(did child_calls)"
check "payload in: three times from the file, and from sockets" "$(more payload_in_bytes)" -eq $(((4 * 1013 + 17) * m))
summary
