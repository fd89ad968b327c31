#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The picture: drawn to scale, measured and painted by a real browser, with the figures of real runs in it.
# PICTURES=DIRECTORY keeps the pictures and screenshots there.
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
. tests/lib.sh
Z=$(realpath "${ZCTRACE:-build/zctrace}") W=$(realpath "${WORK:-build/work}") G=build/san/golden/golden
T=$(mktemp -d /var/tmp/zctrace-svg.XXXXXX)
export PATH=$PATH:/usr/sbin:/sbin
STARTED=()
at_end() {
	for pid in "${STARTED[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	rm -rf "$T"
}
trap at_end EXIT

# Lines of another program, counted here.
count() {
	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		'ok '*) ZT_PASSED=$((ZT_PASSED + 1)) ;;
		'not ok '*) ZT_FAILED=$((ZT_FAILED + 1)) ;;
		esac
	done < <("$@" || echo "not ok $*: exit status $?")
}
measure() { count python3 tests/svg/measure.py "$@"; }

browse() { # OPTION...: one start of the browser, in a home of its own, without the network
	timeout 40 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$(mktemp -d "$T/home.XXXXXX")" "$@" 2>"$T/browser.err"
}
scheme() { [ "$1" = dark ] && echo --blink-settings=preferredColorScheme=0 || echo --blink-settings=preferredColorScheme=1; }

make -s "$G" || fail "the golden program builds" "$?"
for in in tests/golden/*.in; do
	name=$(basename "$in" .in)
	"$G" svg "$in" >"$T/$name.svg" || fail "$name is drawn" "exit status $?"
done
"$G" pair tests/golden/demo-read-write.in tests/golden/sendfile.in >"$T/pair.svg"
"$G" pair tests/golden/everything.in tests/golden/mixed.in >"$T/pair-of-unequal.svg"

measure geometry "$T"/*.svg
# That check can fail.
sed '0,/data-bytes="[0-9]*"/s//data-bytes="7"/' "$T/mixed.svg" >"$T/wrong.out"
python3 tests/svg/measure.py geometry "$T/wrong.out" | grep -q '^not ok' && pass "an arrow of the wrong width is seen" ||
	fail "an arrow of the wrong width is seen" "it passed"

if command -v chromium >/dev/null; then
	for s in light dark; do
		chosen=()
		for name in demo-read-write sendfile mixed hostile markup everything machine pair pair-of-unequal sendfile-segment splice nothing; do
			chosen+=("$T/$name.svg")
		done
		[ $s = dark ] && chosen=("${chosen[@]:0:4}") # the same words in other colours
		python3 tests/svg/measure.py page tests/svg/measure.html "${chosen[@]}" >"$T/page.html"
		browse "$(scheme $s)" --virtual-time-budget=60000 --dump-dom "file://$T/page.html" >"$T/dump"
		measure browser $s "$T/dump"
		for shot in demo-read-write:390,700 sendfile:390,700 mixed:1366,400 hostile:2560,200; do
			png=$T/${shot%:*}-${shot#*:}-$s.png
			browse "$(scheme $s)" --window-size=${shot#*:} --screenshot="$png" "file://$T/${shot%:*}.svg" >/dev/null
			measure png "$png" $s
		done
	done
	python3 tests/svg/measure.py png "$png" light | grep -q '^not ok' && pass "a screenshot in the wrong scheme is seen" ||
		fail "a screenshot in the wrong scheme is seen" "it passed"
else
	skip "in a browser" "chromium is not installed"
fi

# trace NAME COMMAND...: a picture and a document of the same run.
trace() {
	local name=$1
	shift
	"$Z" --svg "$T/$name.svg" --json -- "$@" >"$T/$name.json" 2>"$T/err" ||
		fail "$name is traced" "exit status $?: $(cat "$T/err")"
}
figures() { # NAME PID
	check_run "$1: well-formed" xmllint --noout --nonet "$T/$1.svg"
	measure json "$T/$1.svg" "$T/$1.json" "$2"
	measure geometry "$T/$1.svg"
}
arrow() { grep -c "<title>$2: .*($3)" "$T/$1.svg"; } # NAME PASSAGE HOW

if [ "$(id -u)" -eq 0 ]; then
	port=$((20000 + $$ % 20000))
	"$W" make "$T/file" 8388608 >/dev/null
	"$W" sink $port &
	STARTED+=($!)
	disown # its end is no news
	wait_for 10 grep -qE "$(printf ':%04X [0-9A-F:]* 0A' $port)" /proc/net/tcp /proc/net/tcp6 || fail "the sink listens" "it does not"
	for way in read+write sendfile; do
		WORK_OUT=$T/w trace "live-$way" "$W" send 127.0.0.1 $port "$T/file" $way 32768
		figures "live-$way" "$(jq .pid "$T/w")"
	done
	sed 's/data-bytes="8388608"/data-bytes="8388607"/' "$T/live-sendfile.svg" >"$T/wrong.out"
	python3 tests/svg/measure.py json "$T/wrong.out" "$T/live-sendfile.json" "$(jq .pid "$T/w")" | grep -q '^not ok' &&
		pass "a byte too few is seen" || fail "a byte too few is seen" "it passed"
	check "read+write goes through user memory" "$(arrow live-read+write 'user to socket' send)$(arrow live-read+write 'page cache to user' read)$(arrow live-read+write 'page cache to socket' sendfile)" = 110
	check "sendfile passes beneath it" "$(arrow live-sendfile 'page cache to socket' sendfile)$(arrow live-sendfile 'page cache to user' read)" = 10
	check "the picture's mode" "$(stat -c %a "$T/live-sendfile.svg")" = 644

	"$Z" --svg "$T/none/x.svg" -- touch "$T/ran" >/dev/null 2>"$T/err"
	check "no such directory: exit status" $? -eq 1
	check "no such directory: one sentence" "$(cat "$T/err")" = "zctrace: cannot write $T/none/x.svg: No such file or directory"
	[ -e "$T/ran" ] && fail "no such directory: told before anything runs" "the command ran" || pass "no such directory: told before anything runs"
	"$Z" --svg "$T/beside.svg" -- true >"$T/report"
	check "the report still goes to standard output" "$(grep -c 'measured by' "$T/report")" -eq 1
	ls "$T"/*.svg.* >/dev/null 2>&1 && fail "nothing is left beside it" "$(ls "$T"/*.svg.*)" || pass "nothing is left beside it"

	if command -v nginx >/dev/null && command -v curl >/dev/null; then
		chmod 755 "$T"
		for sendfile in off on; do
			nport=$((port + 1 + ${#sendfile}))
			printf 'daemon off;master_process off;pid %s/pid;error_log /dev/null;events{}\nhttp{access_log off;sendfile %s;sendfile_max_chunk 512k;server{listen 127.0.0.1:%d;root %s;client_body_temp_path %s;}}\n' \
				"$T" $sendfile $nport "$T" "$T/body" >"$T/nginx.conf"
			nginx -c "$T/nginx.conf" -e /dev/null 2>/dev/null &
			npid=$!
			STARTED+=($npid)
			wait_for 10 curl -sf -o /dev/null "http://127.0.0.1:$nport/nginx.conf" || fail "nginx answers" "it does not"
			"$Z" -p $npid --record "$T/nginx-$sendfile.rec" --svg "$T/nginx-$sendfile.svg" --json >"$T/nginx-$sendfile.json" 2>/dev/null &
			zpid=$!
			STARTED+=($zpid)
			counting $zpid
			curl -sf -o /dev/null "http://127.0.0.1:$nport/file"
			kill -INT $zpid
			wait $zpid
			kill -QUIT $npid
			figures "nginx-$sendfile" $npid
		done
		"$Z" replay "$T/nginx-on.rec" --svg "$T/replayed.svg" >/dev/null
		cmp -s "$T/replayed.svg" "$T/nginx-on.svg" && pass "replay draws the same picture" || fail "replay draws the same picture" "it differs"
		"$Z" diff "$T/nginx-off.rec" "$T/nginx-on.json" --svg "$T/pair.svg" >/dev/null
		check "diff draws both: valid" "$(xmllint --noout "$T/pair.svg" 2>&1 | wc -l)" -eq 0
		check "diff draws both: the copy on one side, the way without on the other" "$(arrow pair 'page cache to user' read)$(arrow pair 'page cache to socket' sendfile)" = 11
		"$Z" diff "$T/nginx-off.rec" "$T/nginx-on.rec" --svg "$T/none/x.svg" >/dev/null 2>"$T/err"
		check "diff, no such directory: exit status" $? -eq 1
		check "nginx, sendfile off: through user memory" "$(arrow nginx-off 'page cache to user' read)" -eq 1
		check "nginx, sendfile on: beneath it" "$(arrow nginx-on 'page cache to socket' sendfile)" -eq 1
	else
		skip "nginx" "nginx-light or curl is not installed"
	fi
else
	skip "real runs" "not root"
fi
[ -n "${PICTURES:-}" ] && mkdir -p "$PICTURES" && cp "$T"/*.svg "$T"/*.png "$PICTURES"
summary
