# What the live tests share: sourced by each of tests/live/*.sh, not a test itself. ZCTRACE and WORK name the programs.
# shellcheck shell=bash disable=SC2034

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/lib.sh
Z=$(realpath "${ZCTRACE:-build/zctrace}") W=$(realpath "${WORK:-build/work}")
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
T=$(mktemp -d /var/tmp/zctrace-live.XXXXXX) # on a disk; $M is in memory
M=$(mktemp -d /dev/shm/zctrace-live.XXXXXX)
J=$T/z.json O=$T/w.json # what zctrace and what the work program said last
STARTED=()

at_end() {
	local pid

	for pid in "${STARTED[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$T" "$M"
}
trap at_end EXIT

# start COMMAND...: in the background, ended with the script; its process id is in $PID.
start() {
	"$@" 7>&- & # 7: where scripts hold a gate open
	PID=$!
	disown "$PID" # its end is no news
	STARTED+=("$PID")
}

# traced WORK-ARGUMENTS...: one run of the work program under zctrace: $J and $O say what each of them saw.
traced() { traced_with "" "$@"; }

# traced_with "ZCTRACE-OPTIONS" WORK-ARGUMENTS...
traced_with() {
	local options=$1

	shift
	rm -f "$O"
	# shellcheck disable=SC2086 # options are words
	if WORK_OUT=$O "$Z" --json $options -- "$W" "$@" >"$J" && [ -s "$O" ]; then
		load_figures
		return
	fi
	fail "zctrace $options -- work $*" "exit status $?, nothing to look at"
	summary
	exit 1
}

# w WORK-ARGUMENTS...: the work program, untraced, its document to $O
w() {
	METRIC=() DID=()
	WORK_OUT=$O "$W" "$@"
}

# What the last run of `traced` says of its process and of itself, read once; a trace by `attach` is asked each time.
declare -A METRIC=() DID=()
load_figures() {
	local name value

	METRIC=() DID=()
	while read -r name value; do
		METRIC[$name]=$value
	done < <(jq -r --slurpfile w "$O" '.processes[] | select(.pid == $w[0].pid).metrics | to_entries[] | "\(.key) \(.value)"' "$J")
	while read -r name value; do
		DID[$name]=$value
	done < <(jq -r 'paths(scalars) as $p | "\($p | join(".")) \(getpath($p))"' "$O")
}
work_pid() { jq .pid "$O"; }
# A figure of the work program, and of zctrace for its process.
did() { if [ -n "${DID[$1]}" ]; then echo "${DID[$1]}"; else jq -r ".$1" "$O"; fi; }
metric() { if [ -n "${METRIC[$1]}" ]; then echo "${METRIC[$1]}"; else metric_of "$(work_pid)" "$1"; fi; }
metric_of() { jq -r ".processes[] | select(.pid == $1).metrics.$2" "$J"; }		       # PID METRIC
lost() { jq -r '[.lost[]] | add' "$J"; }

# plan CHECK... -- WORK-ARGUMENTS...: a run of the work program, and what is to be called when its figures are there.
# run_plan: all runs one after another under one zctrace, each a process of its own, then the checks.
PLAN=()
plan() {
	local words=()

	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	shift
	PLAN+=("$(printf '%q ' "${words[@]}")")
	printf 'WORK_OUT=%q %q %s\n' "$T/w.${#PLAN[@]}" "$W" "$(printf '%q ' "$@")" >>"$T/plan"
}
run_plan() {
	local i out=$O

	"$Z" --json -- bash "$T/plan" >"$J" || fail "zctrace of ${#PLAN[@]} runs" "exit status $?"
	for ((i = 1; i <= ${#PLAN[@]}; i++)); do
		O=$T/w.$i
		load_figures
		eval "${PLAN[i - 1]}"
	done
	PLAN=() O=$out
	rm -f "$T/plan" "$T"/w.*
	METRIC=() DID=()
}

# plan_more NAME WANT METRIC WORK-ARGUMENTS... --- WORK-ARGUMENTS...: the second run has WANT more than the first.
plan_more() {
	local name=$1 want=$2 metric=$3 first=()

	shift 3
	while [ "$1" != --- ]; do
		first+=("$1")
		shift
	done
	shift
	plan keep "$metric" -- "${first[@]}"
	plan check_more "$name" "$want" "$metric" -- "$@"
}
keep() { KEPT=$(metric "$1"); }
check_more() { check "$1" $(($(metric "$3") - KEPT)) -eq "$2"; }

# Until zctrace process PID counts: the only sleep it ever goes into is that of its reading loop.
counting() { wait_until 60 grep -q '^271 ' "/proc/$1/syscall"; }
# wait_until SECONDS COMMAND...: as wait_for, but looks a hundred times a second.
wait_until() {
	local tries=$(($1 * 100))

	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { note "gave up waiting for: $*"; return 1; }
		sleep 0.01
	done
}

# attach ZCTRACE-OPTIONS...: zctrace in the background, its document to $J, until it counts. detach: it makes its report.
attach() { attach_to "$J" --json "$@"; }
attach_to() { # FILE ZCTRACE-OPTIONS...
	local file=$1

	shift
	METRIC=() DID=()
	"$Z" "$@" >"$file" 2>"$T/z.err" 7>&- &
	ZPID=$!
	STARTED+=("$ZPID")
	counting $ZPID
}
detach() {
	kill -INT "$ZPID"
	wait "$ZPID"
	ZSTATUS=$?
}

# held WORK-ARGUMENTS...: the work program, waiting at its gate; its pid in $PID. let_go: until it and zctrace have ended.
held() {
	rm -f "$O"
	[ -p "$T/gate" ] || mkfifo "$T/gate"
	start env WORK_OUT="$O" WORK_GATE="$T/gate" "$W" "$@"
	exec 7>"$T/gate"
	wait_until 10 blocked_in "$PID" 0
}
let_go() {
	exec 7>&-
	wait "$ZPID"
	ZSTATUS=$? # for who wants it
}

stopped() { ! grep -qvE '^[tT]$' <(sed 's/.*) \(.\).*/\1/' /proc/"$1"/task/*/stat); }
freeze() { kill -STOP "$1" && wait_until 5 stopped "$1"; }
report_calls=7	# of the work program at its end: getpid, open, read, close, getrusage, write, exit_group
gate_calls=2	# of one held: the read in flight, close
blocked_in() { grep -q "^$2 " "/proc/$1/syscall"; } # PID NUMBER
gone() { ! kill -0 "$1"; }

# judge STATUS: what a run left in $T/out and $T/err is a report or a failure, and not both, or neither. Empty: it is right.
judge() {
	local said

	said=$(grep -c '^zctrace: ' "$T/err")
	case $1 in
	0) jq -e '.processes' "$T/out" >/dev/null 2>&1 || echo "status 0 and no report" ;;
	[1-6])
		[ "$said" -eq 1 ] || echo "status $1 and $said sentences: $(head -c 300 "$T/err")"
		[ -s "$T/out" ] && echo "status $1 and a report"
		;;
	*) echo "status $1: $(head -c 300 "$T/err")" ;;
	esac
}
