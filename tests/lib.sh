# A test library for POSIX sh, sourced by the scripts of tests/live (this machine) and tests/vm (in the guest).
# Every check prints one line, `ok NAME (actual)`, `not ok NAME: got X, want OP Y` or `skip NAME: REASON`, and returns 0 when it
# passed, 1 when not; it never ends the script, unless that says set -e. The counters are shell variables: a check inside a subshell or on the right of
# a pipe prints its line but is not counted, which tests/vm/run.sh, counting lines, reports as a failure.
# shellcheck shell=sh

ZT_PASSED=0 ZT_FAILED=0 ZT_SKIPPED=0

pass() { # NAME [ACTUAL]
	ZT_PASSED=$((ZT_PASSED + 1))
	printf 'ok %s%s\n' "$1" "${2:+ ($2)}"
}

fail() { # NAME WHY
	ZT_FAILED=$((ZT_FAILED + 1))
	printf 'not ok %s: %s\n' "$1" "$2"
	return 1
}

skip() { # NAME REASON
	ZT_SKIPPED=$((ZT_SKIPPED + 1))
	printf 'skip %s: %s\n' "$1" "$2"
}

note() { printf '# %s\n' "$*"; }

# An integer as the shell takes it: a jq "null", an empty result and 1e+20 are none, and fail instead of erring.
zt_is_integer() {
	case ${1#-} in
	'' | *[!0-9]*) return 1 ;;
	esac
}

zt_is_decimal() { printf '%s\n' "$1" | grep -Eqx -- '-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?'; }

# check NAME ACTUAL OP EXPECTED: OP is -eq -ne -ge -le -gt -lt on integers, = or != on text, ~ for an extended regular expression.
check() {
	if [ $# -ne 4 ]; then
		fail "${1:-check}" "check takes NAME ACTUAL OP EXPECTED, got $# arguments"
		return 1
	fi
	case $3 in
	-eq | -ne | -ge | -le | -gt | -lt)
		if ! zt_is_integer "$2" || ! zt_is_integer "$4"; then
			fail "$1" "got '$2', want $3 '$4', and both integers"
			return 1
		fi
		test "$2" "$3" "$4"
		;;
	= | !=) test "$2" "$3" "$4" ;;
	'~') printf '%s\n' "$2" | grep -Eq -- "$4" ;;
	*)
		fail "$1" "no such operator: $3"
		return 1
		;;
	esac && { pass "$1" "$2"; return; }
	fail "$1" "got $2, want $3 $4"
}

# check_near NAME ACTUAL EXPECTED TOLERANCE: decimals, |ACTUAL - EXPECTED| <= TOLERANCE.
check_near() {
	if ! { zt_is_decimal "$2" && zt_is_decimal "$3" && zt_is_decimal "$4"; }; then
		fail "$1" "got '$2', want within '$4' of '$3', and all of them numbers"
		return 1
	fi
	if awk -v a="$2" -v e="$3" -v t="$4" 'BEGIN { d = a - e; if (d < 0) d = -d; exit !(d <= t + 1e-12) }'; then
		pass "$1" "$2"
	else
		fail "$1" "got $2, want within $4 of $3"
	fi
}

# check_between NAME ACTUAL LOW HIGH: integers, both ends included.
check_between() {
	if ! { zt_is_integer "$2" && zt_is_integer "$3" && zt_is_integer "$4"; }; then
		fail "$1" "got '$2', want '$3' to '$4', and all of them integers"
	elif [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		pass "$1" "$2"
	else
		fail "$1" "got $2, want $3 to $4"
	fi
}

# check_run NAME COMMAND...: the command succeeds; what it printed is shown when it does not.
check_run() {
	zt_name=$1
	shift
	if zt_output=$("$@" 2>&1); then
		pass "$zt_name"
	else
		zt_rc=$?
		printf '%s\n' "$zt_output" | sed 's/^/# /'
		fail "$zt_name" "exit status $zt_rc from: $*"
	fi
}

# json FILE EXPR: what jq makes of it, raw. Nothing, and jq's complaint on stderr, when the file is no JSON.
json() { jq -r "$2" "$1"; }

# check_json [-n NAME] FILE EXPR OP EXPECTED: as check; the name is the expression when none is given.
check_json() {
	zt_name=
	if [ "$1" = -n ]; then
		zt_name=$2
		shift 2
	fi
	if ! zt_value=$(jq -er "$2 | tostring" "$1" 2>&1); then
		fail "${zt_name:-$2}" "got an error ($zt_value), want $3 $4"
		return 1
	fi
	check "${zt_name:-$2}" "$zt_value" "$3" "$4"
}

# check_json_near [-n NAME] FILE EXPR EXPECTED TOLERANCE
check_json_near() {
	zt_name=
	if [ "$1" = -n ]; then
		zt_name=$2
		shift 2
	fi
	zt_value=$(jq -r "$2 | tostring" "$1" 2>&1) || zt_value="an error ($zt_value)"
	check_near "${zt_name:-$2}" "$zt_value" "$3" "$4"
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails after that many seconds.
wait_for() {
	zt_tries=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		zt_tries=$((zt_tries - 1))
		[ "$zt_tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# Until zctrace process PID counts: the only sleep it ever goes into is that of its reading loop (ppoll).
counting() { wait_for 120 grep -q '^271 ' "/proc/$1/syscall"; }

# The last line of every test script, as in `summary; exit`. A script that checked nothing has failed.
summary() {
	printf '%d passed, %d failed, %d skipped\n' "$ZT_PASSED" "$ZT_FAILED" "$ZT_SKIPPED"
	[ "$ZT_FAILED" -eq 0 ] && [ $((ZT_PASSED + ZT_SKIPPED)) -gt 0 ]
}
