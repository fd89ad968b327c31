#!/bin/bash
# Names that processes and cgroups give themselves: no control character, bidirectional override or invalid byte reaches any
# output, and a newline in a name makes no new line.
. "$(dirname "$0")/common.sh"

names=('\033[31mred' 'two\nlines' 'tab\there' '\033]0;title\007' '\342\200\256bidi' '\342\201\246isolate' '\377\376invalid' '\302\205next'
	'\342\200\250separator' 'quote"\\back' '<b>&amp;' '{"a":1}' '\177del' 'na\357\277\277me' '\b\b\b\bback' '\rreturn' '%%s%%n')
mkfifo "$T/gate"
exec 7<>"$T/gate"
pids=
for name in "${names[@]}"; do
	# shellcheck disable=SC2016
	start sh -c 'printf "$1" >/proc/$$/comm; read line <"$2"' sh "$name" "$T/gate"
	pids=$pids,$PID
	wait_until 10 blocked_in "$PID" 0 # it has its name
done
pids=${pids#,}
check "processes with names" "$(tr , '\n' <<<"$pids" | wc -l)" -eq ${#names[@]}

cat >"$T/clean.py" <<'END'
import sys, unicodedata
data = open(sys.argv[1], "rb").read()
text = data.decode("utf-8")  # or it fails
bad = sorted({hex(ord(c)) for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs"))})
sys.exit("these reached the output: " + " ".join(bad) if bad else 0)
END
"$Z" -p "$pids" --threads --limit 0 -i 0.1 -d 0.35 >"$T/report" 2>&1
"$Z" -p "$pids" --threads --json -d 0.1 >"$J" 2>"$T/err"
check_run "report and tables: clean" python3 "$T/clean.py" "$T/report"
check_run "document: clean" python3 "$T/clean.py" "$J"
check "document: all names" "$(jq '.processes | length' "$J")" -eq ${#names[@]}
# Decoded, too: JSON could carry what a terminal must not see.
jq -r '.. | strings' "$J" >"$T/strings"
check_run "document's strings: clean" python3 "$T/clean.py" "$T/strings"
check "escaped, not dropped" "$(jq -r '[.processes[].comm] | map(select(startswith("\\x1B[31mred"))) | length' "$J")" -eq 1
check "a newline makes no line" "$(grep -c '^lines' "$T/report")" -eq 0
check "but an escape" "$(grep -cF 'two\x0Alines' "$T/report")" -ge 1
check "it says nothing of its own" "$(wc -c <"$T/err")" -eq 0

# The command line is an input too.
"$Z" -- "$(printf 'no\033[31m-such\n-command')" >"$T/out" 2>&1
check_run "complaint about a command: clean" python3 "$T/clean.py" "$T/out"
"$Z" --cgroup "$(printf 'no\033[31m-such\n-group')" >"$T/out" 2>&1
check_run "complaint about a cgroup: clean" python3 "$T/clean.py" "$T/out"

root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
group=$root/$(printf 'zt\033[31m\342\200\256.%d' $$)
if mkdir "$group" 2>/dev/null; then
	trap 'at_end; rmdir "$group"' EXIT
	start sleep 100
	echo "$PID" >"$group/cgroup.procs"
	"$Z" -p "$PID" --json -d 0.1 >"$J"
	check_run "a cgroup's name: clean" python3 "$T/clean.py" "$J"
	check "a cgroup's name: escaped" "$(jq -r '.processes[0].cgroup' "$J")" '~' '^/zt\\x1B'
	kill "$PID"
	wait_until 5 gone "$PID"
else
	skip "a cgroup's name" "no cgroup v2 hierarchy that can be written"
fi

summary
