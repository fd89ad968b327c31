#!/bin/bash
# Work done on processes' behalf, by many that come and go: none of it ends on the system line, neither of those that are
# gone nor of one that goes on all the while.
. "$(dirname "$0")/common.sh"

named() { jq -c "[.processes[] | select(.comm == \"$1\").metrics.payload_$2_bytes | select(. > 0)]" "$J"; } # COMM in|out

# A pipe of its own for each writer: what is read of it is counted in the writer's name by whoever reads it.
storm=20011 last=1009
mkfifo "$T/go"
WORK_OUT=/dev/null "$Z" --json -- bash -c "
	{ exec -a bash bash -c 'printf %05003d 0; read -r go <$T/go; printf %07001d 0; exit'; } | cat >/dev/null &
	'$W' pipes $storm 13 && '$W' pipes $last 7 && echo >$T/go && wait" >"$J"
check "nothing lost" "$(lost)" -eq 0
check "all writers together, folded ones too" "$(named writer out | jq add)" -eq $((storm * 13 + last * 7))
check "the last $last, each by name" "$(named writer out | jq '[.[] | select(. == 7)] | length')" -eq $last
check "who read them" "$(named work in | jq -c 'sort')" = "[$((last * 7)),$((storm * 13))]"
check "one that wrote before and after" "$(named bash out | jq -c 'map(select(. > 5000))')" = "[$((5003 + 7001))]"
summary
