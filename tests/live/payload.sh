#!/bin/bash
# Payload of pipes: what stays inside a process is none; between two it is out for the writer and in for the reader, whoever
# of them is traced.
. "$(dirname "$0")/common.sh"

n=1009 bytes=1013
both=$((n * bytes))
report() { stat -c %s "$O"; }
traced pipe $n $bytes --self
check "a pipe of its own: in" "$(metric payload_in_bytes)" -eq 0
check "a pipe of its own: out, but for the report" "$(metric payload_out_bytes)" -eq "$(report)"

traced pipe $n $bytes
child=$(did child_pid)
check "from its child: in" "$(metric payload_in_bytes)" -eq $both
check "from its child: out is the report" "$(metric payload_out_bytes)" -eq "$(report)"
check "the child: out" "$(metric_of "$child" payload_out_bytes)" -eq $both
check "the child: in" "$(metric_of "$child" payload_in_bytes)" -eq 0
traced vmsplice 101 4096
check "vmsplice to a pipe of its own, thrown away: none" "$(metric payload_out_bytes)" -eq "$(report)"

# One end of a FIFO is traced, the other not.
mkfifo "$T/fifo" "$T/gate"
start env WORK_OUT="$O" "$W" sleep-block "$T/fifo"
reader=$PID
start env WORK_OUT="$T/w2.json" WORK_GATE="$T/gate" "$W" write "$T/fifo" $both 4099 --keep
writer=$PID
exec 7>"$T/gate"
wait_until 5 blocked_in "$writer" 0
attach -p "$writer"
exec 7>&-
wait "$ZPID"
check "writer traced, reader not: out" "$(metric_of "$writer" payload_out_bytes)" -eq $((both + $(stat -c %s "$T/w2.json")))
check "and nobody else is listed" "$(jq '.processes | length' "$J")" -eq 1

start env WORK_OUT="$O" "$W" sleep-block "$T/fifo"
reader=$PID
exec 7>"$T/fifo"
wait_until 5 blocked_in "$reader" 0
attach -p "$reader"
head -c $both /dev/zero >&7
exec 7>&-
wait "$ZPID"
check "reader traced, writer not: in" "$(metric_of "$reader" payload_in_bytes)" -eq $both
check "reader traced, writer not: copied" "$(metric_of "$reader" copy_to_user_pipe_bytes)" -eq $both

# A FIFO that this shell keeps open at both ends: what is in it stays, whoever ends.
traced_shell() { WORK_OUT=/dev/null "$Z" --json -- sh -c "$1" >"$J" || fail "zctrace -- sh -c '$1'" "exit status $?"; }
outs() { jq -c '[.processes[].metrics.payload_out_bytes | select(. > 1000)] | sort' "$J"; }
ins() { jq -c '[.processes[].metrics.payload_in_bytes | select(. > 10007)] | sort' "$J"; }
mkfifo "$T/kept"
exec 8<>"$T/kept"
write="$W write $T/kept"
traced_shell "$write 10007 1009 --keep"
check "nobody reads: out all the same" "$(outs)" = "[10007]"
traced_shell "$write 3001 1009 --keep; $write 5003 1009 --keep"
check "two write, nobody reads: each its own" "$(outs)" = "[3001,5003]"
left=$((10007 + 3001 + 5003))
traced_shell "$write 7001 1009 --keep; busybox dd bs=1 count=$((left + 7001)) <$T/kept >$M/read 2>/dev/null"
check "behind what was there before: out what it wrote" "$(outs | jq -c 'map(select(. == 7001))')" = "[7001]"
check "behind what was there before: in what was read" "$(ins)" = "[$((left + 7001))]"
traced_shell "$write 3001 1009 --keep; $write 5003 1009 --keep; busybox dd bs=1 count=8004 <$T/kept 2>/dev/null >$M/read"
check "two write, one reads: each its own" "$(outs)" = "[3001,5003,8004]"
exec 8>&-

# Larger than a pipe holds: it is read before the writer returns.
traced_shell "$W write /dev/stdout 1000003 1000003 | $W read /dev/stdin 1009"
check "one call of more than the pipe holds" "$(outs)" = "[1000003]"

# Many processes and one pipe: each has what it wrote, the readers together what was written.
named() { jq -c "[.processes[] | select(.comm == \"$1\").metrics.payload_$2_bytes]" "$J"; } # COMM in|out
crowd() { # WRITERS READERS N BYTES
	WORK_OUT=$O "$Z" --json -- "$W" crowd "$@" >"$J" || fail "zctrace -- work crowd $*" "exit status $?"
	check "crowd $*: out of each writer" "$(named writer out | jq -c '[length, min, max]')" = "[$1,$(($3 * $4)),$(($3 * $4))]"
	check "crowd $*: in" "$(named reader in | jq -c '[length, add]')" = "[$2,$(($1 * $3 * $4))]"
	check "crowd $*: nothing lost" "$(lost)" -eq 0
}
crowd 4 1 5003 1009
crowd 64 64 1009 97
crowd 5 3 97 70001
crowd 1999 1 1 7
WORK_OUT=$O "$Z" --json -- "$W" pipes 9973 13 >"$J"
check "9973 pipes: out of each writer" "$(named writer out | jq -c '[length, min, max]')" = "[9973,13,13]"
check "9973 pipes: in" "$(named work in)" = "[$((9973 * 13))]"
# More pipes than are followed, at addresses that come again: a pipe of its own is none still.
traced churn 12007 13
check "12,007 pipes of its own: in" "$(metric payload_in_bytes)" -eq 0
check "12,007 pipes of its own: out, but for the report" "$(metric payload_out_bytes)" -eq "$(report)"
# Whose token it was cannot be told: that is said.
WORK_OUT=$O "$Z" --json -- "$W" tokens 7 1009 >"$J"
taken=$((7 * 1009))
check "tokens: in" "$(named both in | jq add)" -eq $taken
check "tokens: out" "$(named both out | jq add)" -eq $taken
check_between "tokens: may be their own" "$(jq .lost.pipe_shared "$J")" $((taken - 7)) $taken

# More than the places in a pipe count to, read and unread.
traced_shell "$W write /dev/stdout 4500000011 1000003 | busybox cat >/dev/null"
check "4.5 GB through one pipe: out" "$(outs)" = "[4500000011]"
check "4.5 GB through one pipe: in" "$(ins)" = "[4500000011]"

summary
