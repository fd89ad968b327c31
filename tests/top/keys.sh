# Every key, on a source whose figures are known (tests/top/fake.c).
# shellcheck shell=bash

open 130x30 "$FAKE"
shows "the head says who and how" '^zctrace  fake\\x1B\[31m  6.12.0  copies: fexit .* lost 0  00:00:0.  1 s$'
shows "machine totals per second" '^CPU copies 7.00M/s .*DMA 5.00M/s .*zero-copy 3.00M/s .*mode switches 100k/s'
shows "bars of history" 'CPU copies 7.00M/s ██'
order "most copied first; of equals the busier, then by pid" "105 102 101 104 - 100"
check "columns of a reader" "$(row 101)" '~' '^ +101 steady +1.00M +1.00M +0 +0 +0/0 +0/0 +0 +1.00 +0 +0/0 +- +0%$'
check "columns of a writer" "$(row 102)" '~' '^ +102 writer +2.00M +0 +2.00M +0 +0/2.0M +0/0 +0 +1.00 +0 +0/0 +- +0%$'
check "columns of a sender" "$(row 103)" '~' '^ +103 sender +0 +0 +0 +0 +0/0 +0/3.0M +3.00M +0.00 +100k +(2999|300.)/(1999|200.) +75% +0%$'
check "columns of who only spins" "$(row 104)" '~' '^ +104 spinner .* 100%$'
shows "one that ended is marked while it did something" '^ +105\+brief'
shows_not "and then leaves the rates" '^ +105[+ ]'
order "the rest moves up" "102 101 104 -"

key a
shows "a: totals" '^per second|^totals of'
shows "a: heads of totals" ' COPY▼ '
shows "a: the ended one counts in totals" '^ +105\+brief +16.0M +16.0M'
shows "a: machine totals" '^CPU copies [0-9.]+M '
key 0
shows_not "0: a new base line, and the ended one is past it" '^ +105\+'
shows "0: totals begin anew" '^totals of (0|1|2)[. ]'
key a
shows "a: back to rates" 'COPY/s▼'
key R
key a
shows "R: as 0" '^totals of (0|1|2)[. ]'
key a

key '>'
order "> sorts by the next column" "101 104"
shows "the arrow moves with it" ' to▼'
key F6
shows "F6" ' from▼'
key Right
shows "Right" ' kern▼'
key '<'
shows "<" ' from▼'
key Left
shows "Left" ' to▼'
key '<' '<'
shows "names are sorted upwards" 'COMM▲'
key '<'
shows "pids too" 'PID▲'
order "by pid" "- 100 101 102 103 104 200"
key I
shows "I" 'PID▼'
order "I turns it around" "339 338"
key r
shows "r turns it back" 'PID▲'
key '>' '>'
shows "back to where it was" 'COPY/s▼'

key /
shows "/ asks for a filter" '^filter:'
key STEA
order "letters filter as they come, whatever their case" 101
key BSpace BSpace BSpace BSpace 1 0 3
order "by pid" 103
key Enter
shows "Enter keeps it" '^filter: 103  per second, 1 rows'
key Escape
order "Esc shows all" "102 101 104"
key f
key zzz Enter
shows "f, and nothing of that name" 'no name or pid has this in it'
key F4
key C-u s p i n Enter
order "F4; Ctrl-U empties it" 104
key /
key Escape
order "Esc in the prompt shows all" "102 101 104"
key /
key q
shows "a q in the prompt is a letter" '^filter: q'
key Escape

key t
order "t: a tree" "104 - 100 101 102 103 200"
check "children are indented" "$(row 102)" '~' '102   └ writer'
key H
order "H: threads beneath their process" "104 - 100 101 102 101 1101 103"
check "a thread's figures" "$(row 1101)" '~' '1101   └ helper +512K +512K'
key F5
order "F5: no tree" "102 101 101 1101 104"
key H
order "H: no threads" "102 101 104 -"

key Down j
key End
shows "End: the last row" '^ +339 idler'
shows_not "and the first is gone" '^ +102 writer'
key Home
order "Home" "102 101"
key NPage NPage NPage
shows "PgDn" '^ +339 idler'
key PPage PPage PPage
order "PgUp" "102 101"

key Down
key '>'
order "another order" "101 104"
key Enter
shows "the cursor has gone with its process" '^steady \(101\)'
key Escape
key '<'
order "the order before" "102 101"
key Enter
shows "Enter: one process, the one under the cursor" '^steady \(101\)  2 threads  per second, over'
shows "its path, live" 'page cache ── 1.00M ──▶ user'
shows "rate and total" '^cpu_copied_bytes +1.00 MiB +[0-9,]{9,}$'
key End
shows "its threads, at the end" '^ +1101 helper +512K'
key k Up PPage Home
shows "and back to the top" '▶ user'
key a
shows "a: totals of the process" '^steady .* total of'
key a
key '?'
shows "help over the detail" 'keys, columns, signs'
key Escape
shows "Esc from help goes back to it" '^steady \(101\)'
key Escape
order "Esc: the table, the same order" "102 101"
key Home

for k in '?' h F1; do
	key "$k"
	shows "$k: help" '^zctrace: keys, columns, signs'
	for text in 'quit; the report follows' '/ f F4 ' 'new base line'; do shows "$k: help tells: $text" "$text"; done
	key Escape
	shows "$k: Esc leaves it" 'COPY/s▼'
done

key +
shows "+: longer" '  2 s$'
key + + + + +
shows "+ ends at 60 s" ' 60 s$'
key + -
shows "-: shorter" ' 30 s$'
key - - - - - - - -
shows "- ends at 0.25 s" ' 0.25 s$'

clock() { screen | head -n 1 | grep -oE '[0-9]+:[0-9]+:[0-9]+'; }
moved_on() { [ "$(clock)" != "$1" ]; }
for k in Z Space; do
	key "$k"
	shows "$k: pause" '^PAUSED'
	at=$(clock)
	await 2 moved_on "$at"
	check "$k: figures stand still" "$(clock)" = "$at"
	key a
	shows "$k: keys still work" 'COPY▼'
	key a "$k"
	shows_not "$k: on again" '^PAUSED'
	await 3 moved_on "$at"
	check "$k: figures move on" "$(clock)" != "$at"
	shows "$k: the pause is part of the next interval" '^ +102 writer +2.00M'
done

key x
key C-l
order "an unknown key and Ctrl-L change nothing" "102 101"
key q
came_to_an_end q 0
shows "q: what comes after the display is on the screen" '^fake: ended with 0'
for k in F10 C-c; do
	open 80x24 "$FAKE"
	await 5 matches '104 spinner'
	key "$k"
	came_to_an_end "$k" 0
done
