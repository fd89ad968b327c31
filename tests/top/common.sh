# What the tests of the live display share: a terminal (tmux, a server of our own), keys, and what stands on the screen.
# shellcheck shell=bash disable=SC2034

. tests/live/common.sh # $T, $M, $Z, $W, start, held
FAKE=$(realpath build/fake-top)
SOCKET=zctrace-test-$$
tm() { tmux -u -L "$SOCKET" -f /dev/null "$@" 6>&- 7>&-; } # the server keeps no gate open
tm new-session -d -s keep "exec sleep 10000" # a server without a session ends, and with it one that just comes
at_end_top() {
	tm kill-server 2>/dev/null
	at_end
}
trap at_end_top EXIT

# open WIDTHxHEIGHT [VARIABLE=VALUE...] PROGRAM [ARGUMENT...]: runs it in a new terminal. Files in $T then tell the
# terminal's settings before and after, its process id, its exit status. When it has ended, the screen says so.
open() {
	local size=$1

	shift
	close
	rm -f "$T"/{pid,status,stty.before,stty.after}
	printf '%q ' "$@" >"$T/command"
	cat >"$T/terminal" <<-END
		stty -g >"$T/stty.before"
		echo before-the-display
		sh -c 'echo \$\$ >"$T/pid"; exec env LC_ALL=C.UTF-8 $(cat "$T/command")'
		echo \$? >"$T/status"
		stty -g >"$T/stty.after"
		echo after-the-display
		exec sleep 1000
	END
	tm new-session -d -s t -x "${size%x*}" -y "${size#*x}" "exec bash $T/terminal"
}
close() { tm kill-session -t t 2>/dev/null; }
key() { tm send-keys -t t "$@"; }
resize() { tm resize-window -t t -x "${1%x*}" -y "${1#*x}"; }
screen() { tm capture-pane -p -t t; }
screen_and_before() { tm capture-pane -p -S -2000 -t t; }

# await SECONDS COMMAND...: until it succeeds; asking the terminal takes longer than wait_until reckons with.
await() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}
# The screen as it stands, once in a run: what fails after is mostly what follows.
dump() {
	[ -z "${DUMPED:-}" ] || return
	DUMPED=1
	screen | sed 's/^/# /'
}

# shows PATTERN: within 15 s, since attaching takes its time on a loaded machine; the screen is shown if it never comes.
matches() { screen | grep -qE -- "$1"; }
matches_not() { ! matches "$1"; }
shows() { # NAME PATTERN [NOT]
	if await 15 "matches${3:+_not}" "$2"; then
		pass "$1"
	else
		dump
		fail "$1" "the screen should ${3:+not }have: $2"
	fi
}
shows_not() { shows "$1" "$2" not; }

ended() { [ -s "$T/status" ] && matches after-the-display; }
came_to_an_end() { # NAME STATUS
	await 10 ended || { fail "$1: ends" "it is still there"; return 1; }
	check "$1: exit status" "$(cat "$T/status")" = "$2"
	check "$1: the terminal's settings are as before" "$(cmp "$T/stty.before" "$T/stty.after" && echo same)" = same
	check "$1: cursor shown, screen given back" "$(tm display -p -t t '#{cursor_flag}#{alternate_on}')" = 10
	check "$1: what was on the screen is there again" "$(screen_and_before | grep -c before-the-display)" -eq 1
}

# row PID: its line of the table.
row() { screen | grep -E "^ *$1[ +]" | head -n 1; }
# The pids on the screen, in order.
pids() { screen | sed -nE '4,$s/^ *([0-9]+|-)[ +].*/\1/p' | head -n "${1:-5}" | paste -sd' '; }
is_pids() { [ "$(pids "$2")" = "$1" ]; }
order() { # NAME WANT: the first rows
	await 4 is_pids "$2" "$(wc -w <<<"$2")" || dump
	check "$1" "$(pids "$(wc -w <<<"$2")")" = "$2"
}
widest() { screen | LC_ALL=C.UTF-8 wc -L; }
