# Sizes, terminals, locales and colours.
# shellcheck shell=bash

columns() { screen | sed -n 3p; }
open 200x50 "$FAKE"
shows "200x50: everything" '^ +102 writer +2.00M +0 +2.00M +0 +0/2.0M'
check "200x50: all columns" "$(columns)" '~' 'PID COMM +COPY/s▼ +to +from +kern +disk r/w +net rx/tx +ZERO/s +cp/B +MODE/s +CTX v/f +HIT +CPU$'
resize 80x24
shows "80x24: columns give way" 'COPY/s▼ +disk r/w +net rx/tx +ZERO/s +cp/B +MODE/s +CPU$'
check "80x24: no line is too wide" "$(widest)" -le 80
shows "80x24: the last line is the status" '^per second, .* help  q quit$'
resize 60x15
shows "60x15" 'COPY/s▼ +net rx/tx +cp/B +MODE/s +CPU$'
resize 40x10
shows "40x10: the least table" '^ +PID COMM +COPY/s▼ +cp/B +CPU$'
shows "40x10: sums" '^copies [0-9.]+M/s .*DMA'
check "40x10: no line is too wide" "$(widest)" -le 40
key Enter
shows "40x10: detail" '^.* \([0-9]+\)'
key '?'
shows "40x10: help" '^zctrace: keys'
key Escape Escape
resize 30x5
shows "30x5: a line of sums" '^copies [0-9.]+M/s'
check "30x5: and no more" "$(screen | grep -c .)" -eq 1
resize 1x1
key Down Enter a
shows "1x1: still there" '.'
key Escape
resize 130x30
key a
shows "and back" '^ +103 sender +'
key q
came_to_an_end "after all sizes" 0
for size in 1x1 40x10 39x10; do
	open $size "$FAKE"
	await 5 matches .
	sleep 0.3
	key '<' '>' q
	await 5 test -s "$T/status"
	check "started at $size: another column, q" "$(cat "$T/status" 2>&1)" = 0
done

open 130x30 "$FAKE"
shows "hostile names: escape sequences are told, not obeyed" '200 \\x1B\[31mred\\x1B'
shows "lines are not broken" '201 two\\x0Alines\\x0D'
shows "no text runs backwards" '202 \\xE2\\x80\\xAEsdra'
shows "wide names, cut at a whole character, and the columns stand" '203 日本語の名 {15}0 {7}0 '
shows "emoji" '204 😀😁😂 {19}0 {7}0 '
shows "invalid bytes" '205 \\xFF\\xFE\\x80 '
shows "a backslash cannot be forged" '207 back\\\\slash '
key q
came_to_an_end "hostile names" 0

open 130x30 "$FAKE" --ascii
shows "--ascii: an arrow" 'COPY/sv'
shows "--ascii: bars" 'CPU copies 7.00M/s ##'
shows "--ascii: names" '203 \?{10} '
check "--ascii: nothing but ASCII" "$(screen | LC_ALL=C grep -c '[^ -~]')" -eq 0
key t Enter
check "--ascii: the detail too" "$(screen | LC_ALL=C grep -c '[^ -~]')" -eq 0
key q
open 130x30 LC_ALL=C "$FAKE"
shows "a locale without UTF-8: ASCII" 'COPY/sv'
check "and nothing else" "$(screen | LC_ALL=C grep -c '[^ -~]')" -eq 0
key q

coloured() { tm capture-pane -p -e -t t | grep -qE $'\e\\[([0-9;]*;)?3[0-7]'; }
open 130x30 TERM=xterm-256color "$FAKE"
shows "xterm-256color" 'COPY/s▼'
check "in colours" "$(coloured && echo yes || echo no)" = yes
key q
open 130x30 TERM=xterm-256color NO_COLOR=1 "$FAKE"
shows "NO_COLOR" '^ +102 writer'
check "NO_COLOR: none" "$(coloured && echo yes || echo no)" = no
key Down
two_reversed() { [ "$(tm capture-pane -p -e -t t | grep -cE $'\e\\[([0-9;]*;)?7m')" -ge 2 ]; }
check "NO_COLOR: head and cursor are still seen" "$(await 4 two_reversed && echo yes)" = yes
key q
open 80x24 TERM=vt100 "$FAKE"
shows "vt100" 'COPY/s▼'
check "vt100: no colours" "$(coloured && echo yes || echo no)" = no
key j q
came_to_an_end vt100 0
for terminal in TERM=dumb TERM=nothing-of-this-name TERM=; do
	open 100x24 "$terminal" "$FAKE"
	shows "$terminal: one sentence, and no display" '^zctrace: no live display, the report comes at the end \(Ctrl-C\): TERM'
	shows "$terminal: the plain way is taken" '^fake: no display'
	check "$terminal: one line" "$(screen | grep -c '^zctrace:')" -eq 1
done
