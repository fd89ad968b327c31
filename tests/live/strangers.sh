#!/bin/bash
# Text that a stranger wrote into a recording or a document, through every face: nothing in it acts on a terminal, hides, or
# makes a line of its own. The recording is written byte by byte by tests/crafted.py.
cd "$(dirname "$0")/../.." || exit 1
. tests/top/common.sh
CRAFTED="python3 tests/crafted.py"
R=$T/texts.zct
NAME=$(printf '%s/\033[31m\nzctrace_forged 1\342\200\256.zct' "$T") # the path is text as well

$CRAFTED texts "$R"
$CRAFTED document "$T/given.json"
head -c -5 "$R" >"$NAME"

# face NAME FILE STATUS COMMAND...: its output to FILE, what it says beside to FILE.err, and both are clean
face() {
	local name=$1 file=$2 status=$3

	shift 3
	LC_ALL=C.UTF-8 "$@" >"$file" 2>"$file.err" </dev/null
	check "$name: exit status" $? -eq "$status"
	check "$name: there is something to see" "$(wc -c <"$file")" -ge 100
	check_run "$name: clean" $CRAFTED clean "$file" "$file.err"
}
escaped() { check "$1: escaped, not dropped" "$(grep -cF "$3" "$2")" -ge 1; }

face "report" "$T/report" 0 "$Z" replay "$R" --plain --threads -v --limit 0
check "report: host: escaped" "$(head -n 1 "$T/report")" '~' '^<&\\x1B\[31m\\x1B\]0;owned'
escaped "report: a complaint of a hook" "$T/report" '    syscalls           <&\x1B[31m'
escaped "report: comm" "$T/report" ' 1 \x1B[31mred'
escaped "report: a name of which nothing would be seen" "$T/report" ' 7 \xE3\x85\xA4\xC'
$CRAFTED process "$T/one.zct"
face "report of one process" "$T/report1" 0 "$Z" replay "$T/one.zct" --plain --threads -v
escaped "report of one process: comm" "$T/report1" '\x1B[31mred (1)  3.00 s, 2 threads'
escaped "report of one process: a thread" "$T/report1" 'derm13[\x1B'
escaped "names that are not known" "$T/report.err" 'has <&\x1B[31m'
face "tables" "$T/tables" 0 "$Z" replay "$R" --plain --threads -i 1 --limit 0
check "tables: there are some" "$(grep -c '^after ' "$T/tables")" -ge 2
face "--json" "$T/replay.json" 0 "$Z" replay "$R" --json --threads
check "--json: hooks" "$(jq -r '.hooks[0].by' "$T/replay.json")" '~' '^<&\\x1B\[31m'
check "--json: cgroups" "$(jq -r '.processes[0].cgroup' "$T/replay.json")" '~' '^/<&\\x1B\[31m'
check "--json: processes" "$(jq '.processes | length' "$T/replay.json")" -eq 10
for labels in "" "--labels pid"; do
	# shellcheck disable=SC2086 # options are words
	face "--prom $labels" "$T/prom" 0 "$Z" replay "$R" --prom $labels
	escaped "--prom $labels: a hook" "$T/prom" 'zctrace_hook_attached{hook="syscalls",by="<&\\x1B[31m'
	check "--prom $labels: every line is one" "$(grep -vcE '^(# (HELP|TYPE) zctrace_[a-z_]+ .*|zctrace_[a-z_]+(\{([a-z]+="([^"\\]|\\["\\n])*",?)+\})? [0-9.]+)$' "$T/prom")" -eq 0
	if command -v promtool >/dev/null; then
		check_run "--prom $labels: promtool" sh -c 'promtool check metrics <"$0"' "$T/prom"
	else
		skip "--prom $labels: promtool" "prometheus is not installed"
	fi
done
face "--svg of one process" "$T/out" 0 "$Z" replay "$T/one.zct" --plain --svg "$T/one.svg"
check_run "--svg of one process: the picture: clean" $CRAFTED clean "$T/one.svg"
face "--svg" "$T/out" 0 "$Z" replay "$R" --plain --svg "$T/replay.svg"
check_run "--svg: the picture: clean" $CRAFTED clean "$T/replay.svg"
check_run "--svg: the picture: well-formed" python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$T/replay.svg"
escaped "--svg" "$T/replay.svg" '&lt;&amp;\x1B[31m'

for pair in "$R $R" "$R $T/given.json" "$T/given.json $T/given.json"; do
	# shellcheck disable=SC2086 # two paths
	set -- $pair
	kinds="diff of ${1##*.} and ${2##*.}"
	face "$kinds" "$T/diff" 0 "$Z" diff "$1" "$2" -v --svg "$T/diff.svg"
	escaped "$kinds: host" "$T/diff" '\x1B[31m'
	check_run "$kinds: the picture: clean" $CRAFTED clean "$T/diff.svg"
	face "$kinds: --json" "$T/diff.json" 0 "$Z" diff "$1" "$2" --json
	check "$kinds: --json: host" "$(jq -r '.a[0].host' "$T/diff.json")" '~' '^<&\\x1B\[31m'
	"$Z" diff "$1" "$2" --comm "$(printf 'no\033[31m\nsuch')" >"$T/out" 2>"$T/err"
	check "$kinds: of nobody: exit status" $? -eq 5
	check_run "$kinds: of nobody: clean" $CRAFTED clean "$T/err"
	check "$kinds: of nobody: one line" "$(grep -vc 'which this zctrace does not know' "$T/err")" -eq 1
done
check "diff: a name that is written as it is shown is found" "$("$Z" diff "$R" "$R" --comm "$(printf '\033[31mred')" --json 2>/dev/null | jq -r '.a[0].processes')" -eq 1
jq '.host = "\\x1B[31mx\\\\y"' tests/golden/everything.json.expected >"$T/ours.json"
check "diff: what our document escapes is not escaped again" "$("$Z" diff "$T/ours.json" "$T/ours.json" --json | jq -r '.a[0].host')" = '\x1B[31mx\\y'
cp "$T/ours.json" "$T/$(printf 'a\033b').json"
(cd "$T" && "$Z" diff ours.json "$(printf 'a\033b').json" --svg diff.svg >out)
check "diff: nor in its picture" "$(grep -cF '>a\x1Bb.json<' "$T/diff.svg")" -ge 1
jq '.host = "日本日本日本日本日本日本日本日本日本"' tests/golden/everything.json.expected >"$T/wide.json"
face "diff: a host that is cut" "$T/diff" 0 "$Z" diff "$T/wide.json" "$T/wide.json"

# What is said of a file says its name.
face "a damaged file of a hostile name" "$T/out" 1 "$Z" replay "$NAME" --json
escaped "a damaged file of a hostile name" "$T/out.err" '\x1B[31m\x0Azctrace_forged'
"$Z" replay "$NAME-that-is-not" >"$T/out" 2>"$T/err"
check_run "no such file: clean" $CRAFTED clean "$T/err"
"$Z" replay "$R" --svg "$(printf '/no/\033[31m\nzctrace_forged')" >"$T/out" 2>"$T/err"
check_run "no such folder: clean" $CRAFTED clean "$T/err"
hostile=$(printf 'x\033[31m\nzctrace_forged\342\200\256')
for option in "--$hostile" "-$hostile" "--way=$hostile" "--sink=$hostile" "--sink=$hostile:1" "--size=$hostile"; do
	"$Z" demo "$option" >"$T/out" 2>"$T/err" </dev/null
	check "demo ${option%%x*}: refused" "$(($? != 0)) $(wc -l <"$T/err")" = "1 1"
	check_run "demo ${option%%x*}: clean" $CRAFTED clean "$T/err"
done
printf '\237\353\001\000' >"$T/bad.btf"
cp "$T/bad.btf" "$NAME"
"$Z" -vvv --btf "$NAME" -d 0.1 >"$T/out" 2>"$T/err"
check "--btf of a hostile name: exit status" $? -ne 0
check "--btf of a hostile name: something is said" "$(wc -c <"$T/err")" -ge 20
check_run "--btf of a hostile name: clean" $CRAFTED clean "$T/err"

# The live display, in a terminal that would obey.
open 130x40 "$Z" replay "$R" --speed 0.3
shows "display: names" '^ +10[ +]+\\\\\\x1B\[2J'
shows "display: the head" '^zctrace +<&\\x1B\[31m'
screen >"$T/screen"
check "display: all names" "$(sed -n '4,$p' "$T/screen" | grep -cE '^ +[0-9]+[ +]')" -eq 10
check_run "display: clean" $CRAFTED clean "$T/screen"
key Enter
shows "display: one process" 'cgroup|Esc back'
screen >"$T/screen"
check_run "display: one process: clean" $CRAFTED clean "$T/screen"
check "display: the terminal's title is not taken" "$(tm display -p -t t '#{pane_title}' | grep -c owned)" -eq 0
key q
check_run "display: the report after it" await 15 ended
screen_and_before >"$T/screen"
check_run "display: the report after it: clean" $CRAFTED clean "$T/screen"
close

summary
