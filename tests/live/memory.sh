#!/bin/bash
# Files that ask for much memory by little: each face takes no more than 512 MiB of address space, and one sentence says what
# is wrong. What a big machine records in a day is replayed in as much.
. "$(dirname "$0")/common.sh"
CRAFTED="python3 tests/crafted.py"
MOST=$((512 << 20))

# within COMMAND...: its exit status and the KiB it took at most; its output to $T/out and $T/out.err
within() { $CRAFTED within $MOST "$T/out" "$@"; }
# refuses NAME PATTERN COMMAND...: exit status 1 and one line
refuses() {
	local name=$1 pattern=$2 got

	shift 2
	got=$(within "$@")
	check "$name: exit status" "${got% *}" -eq 1
	check "$name: KiB" "${got#* }" -le $((MOST / 1024))
	check "$name: which is" "$(cat "$T/out.err")" '~' "^zctrace: .*$pattern"
	check "$name: one line" "$(wc -l <"$T/out.err")" -eq 1
}
for kind in threads processes ended owners unattributed folds graves cgroups; do
	$CRAFTED $kind "$T/$kind.zct"
	check "$kind: a small file, KiB" $(($(stat -c %s "$T/$kind.zct") / 1024)) -le 2048
	refuses "$kind: report" "asks for more memory than a recording of its size may at byte [0-9]+: 1.00 ms of it could be read" \
		"$Z" replay "$T/$kind.zct" --plain --threads -i 1
	case $kind in processes | folds | threads) ;; *) continue ;; esac
	if [ $kind != processes ]; then
		refuses "$kind: --json" "asks for more memory" "$Z" replay "$T/$kind.zct" --json --threads
		check "$kind: --json: what could be read is shown" "$(tail -c 3 "$T/out" | tr -d '\n')" = '}'
	fi
	refuses "$kind: --prom" "asks for more memory" "$Z" replay "$T/$kind.zct" --prom --labels pid --max-series 100000
	refuses "$kind: diff" "asks for more memory" "$Z" diff "$T/$kind.zct" tests/golden/everything.json.expected --svg "$T/svg"
done

$CRAFTED names "$T/names.zct"
check "12,288 names that nobody knows: exit status" "$(within "$Z" replay "$T/names.zct" --plain | cut -d' ' -f1)" -eq 0
check "12,288 names that nobody knows: so many lines" "$(wc -l <"$T/out.err")" -eq 17
check "12,288 names that nobody knows: the last says how many more" "$(tail -n 1 "$T/out.err")" '~' ' 12272 more names that this zctrace does not know'

$CRAFTED big "$T/big.zct"
for face in "--plain --svg $T/svg -i 3600" --json; do
	# shellcheck disable=SC2086 # options are words
	check "a day of a big machine: $face" "$(within "$Z" replay "$T/big.zct" $face | cut -d' ' -f1) $(cat "$T/out.err")" = "0 "
done
mv "$T/out" "$T/big.json"
check "a day of a big machine: all of it" "$(jq '[.duration_ns / 1e9, ([.processes[] | if .folded > 0 then .folded else 1 end] | add)] | map(tostring) | join(" ")' -r "$T/big.json")" = "86400 $((5003 + 24 * 3001))"
check "a day of a big machine: its document in diff" "$(within "$Z" diff "$T/big.zct" "$T/big.json" | cut -d' ' -f1) $(cat "$T/out.err")" = "0 "

# Documents.
python3 - "$T" <<-'END'
	import sys
	def write(name, text):
	    with open(f"{sys.argv[1]}/{name}.json", "w") as f:
	        f.write(text)
	write("arrays", "[" + "[]," * 1000003 + "[]]")
	write("objects", "[" + '{"a":1},' * 500009 + "{}]")
	write("inside", '{"schema": "zctrace/1", "processes": [' + "{}," * 1000003 + "{}]}")
	write("deep", "[" * 1000003)
	write("string", '"' + "a" * 20000003 + '"')
END
for kind in arrays objects inside; do
	refuses "document of $kind" "cannot read .*$kind.json: it asks for more memory than a document of its size may" \
		"$Z" diff tests/golden/everything.json.expected "$T/$kind.json"
done
for kind in deep string; do
	refuses "document, $kind" "is neither a recording nor a JSON document" "$Z" diff "$T/$kind.json" tests/golden/everything.json.expected
done
refuses "a document without end" "is neither a recording nor a JSON document" "$Z" diff /dev/zero tests/golden/everything.json.expected

summary
