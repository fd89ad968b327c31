#!/bin/bash
# Output that gets nowhere: closed descriptors, ulimit -f, pipes that nobody reads, a file system that hangs. Nothing else
# stops for it, one SIGINT ends the trace, and what is missing is said.
. "$(dirname "$0")/common.sh"
export WORK_OUT=$O
R=$T/r.zct

# Closed descriptors.
error="zctrace: cannot write the report: Bad file descriptor"
for closed in '>&-' '>&- <&-' '>&- <&- 2>&-' '<&- 2>&-'; do
	eval 'timeout -k 1 30 "$Z" --record "$R" --svg "$T/picture" -i 0.05 -d 0.3' '>"$T/out" 2>"$T/err"' "$closed"
	status=$?
	case $closed in
	*'>&- <'* | '>&-') check "closed $closed: exit status" $status -eq 1 ;;
	*) check "closed $closed: exit status" $status -eq 0 ;;
	esac
	case $closed in
	*2*) ;;
	*) check "closed $closed: what it says" "$(cat "$T/err")" = "$error" ;;
	esac
	check "closed $closed: no table in the recording" "$(grep -ac 'PID\|system line' "$R")" -eq 0
	"$Z" replay "$R" >/dev/null 2>"$T/err"
	check "closed $closed: the recording as far as it goes" "$(cat "$T/err")" '~' '^$|ends without its last frame.* could be read'
done
"$Z" --json --record "$R" --svg "$T/picture" -- "$W" threads 7 1009 >&- 2>"$T/err"
check "closed, a document: exit status" "$? $(cat "$T/err")" = "1 $error"
check "closed, a document: a whole picture" "$(tail -n 1 "$T/picture")" = "</svg>"
check "closed, a document: the recording has it" "$("$Z" replay "$R" --json | jq '.processes | length')" -ge 1
check_run "closed: it is so for the command" "$Z" --json -- sh -c 'sh -c "\"\$0\" -- sh -c \"[ ! -e /proc/\\\$\\\$/fd/1 ]\" >&-" "$0" 2>/dev/null; true' "$Z"
unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" -d 0.1 --record "$1" >&-' "$Z" "$R" 2>"$T/err"
check "closed, without /dev: exit status" "$? $(cat "$T/err")" = "1 $error"

# ulimit -f: the report, a recording, a picture. The command still has the signal.
limited() { (ulimit -f 1 && exec "$@"); }
limited "$Z" --json -d 0.1 2>"$T/err" >"$T/out"
check "too large a report: exit status" "$? $(cat "$T/err")" = "1 zctrace: cannot write the report: File too large"
check "too large a report: none of it is there" "$(wc -c <"$T/out")" -eq 0
limited "$Z" -d 0.1 --svg "$T/large.svg" 2>"$T/err" | cat >"$T/out"
check "too large a picture: exit status" "${PIPESTATUS[0]} $(cat "$T/err")" = "1 zctrace: cannot write $T/large.svg: File too large"
check "too large a picture: the report is there, no picture" "$(grep -c 'measured by' "$T/out") $(ls "$T" | grep -c large)" = "1 0"
limited "$Z" -i 0.05 --record "$T/large" -- "$W" forks 1009 3 2>"$T/err" | cat >"$T/out"
check "too large a recording: exit status" "${PIPESTATUS[0]} $(cat "$T/err")" '~' "^1 zctrace: cannot go on recording to .*: File too large; tracing goes on"
check "too large a recording: the report is there" "$(grep -c 'measured by' "$T/out")" -eq 1
# A descriptor that we were started with, in a file that holds something: what was there before us is nobody's to cut.
head -c 1000003 /dev/urandom >"$T/keep"
cp "$T/keep" "$T/kept"
(ulimit -f 991 && exec "$Z" --record /dev/fd/5 -d 60 -i 0.01 --plain 5>>"$T/kept") >/dev/null 2>"$T/err" 7>&- &
ZPID=$!
STARTED+=("$ZPID")
check_run "too large a recording, behind what was there: it is said" wait_until 20 grep -q "cannot go on recording to /dev/fd/5: File too large" "$T/err"
kill -INT $ZPID
wait $ZPID
check "too large a recording, behind what was there: exit status" $? -eq 1
check_run "too large a recording, behind what was there: that is there still" cmp -n 1000003 "$T/keep" "$T/kept"
check "too large a recording, behind what was there: it began" "$(wc -c <"$T/kept")" -gt 1000003
"$Z" --json -- grep SigIgn /proc/self/status >"$T/out"
check "the command does not ignore it" $((0x$(sed -n 's/^SigIgn:[[:space:]]*//p' "$T/out") & 1 << 24)) -eq 0

# Who does not read: a full pipe of one page, and somebody who has it open, and reads it once there is a line to hold.
cat >"$T/full.py" <<'PY'
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, 1031, 4096)  # F_SETPIPE_SZ
if len(sys.argv) == 4:
    os.write(fd, b"x" * 4096)
print("full", flush=True)
os.read(os.open(sys.argv[2], os.O_RDWR), 1)
while True:
    data = os.read(fd, 65536)
    open(sys.argv[3], "ab").write(data)
PY
mkfifo "$T/deaf" "$T/hold"
exec 8<>"$T/hold"
# deaf [empty]: with room for one page, as a pager has, so that the report is waited for
deaf() {
	rm -f "$T/deaf.is" "$T/late"
	start python3 "$T/full.py" "$T/deaf" "$T/hold" "$T/late" "$@" >"$T/deaf.is"
	DEAF=$PID
	wait_until 10 grep -q full "$T/deaf.is"
}
# ends NAME: zctrace $ZPID, asked once, within 20 s; its exit status in $ZSTATUS
ends() {
	kill -INT "$ZPID"
	wait_until 20 gone "$ZPID"
	check "$1: one SIGINT ends it" $? -eq 0
	kill -KILL "$ZPID" 2>/dev/null
	wait "$ZPID" 2>/dev/null
	ZSTATUS=$?
}
deaf
attach_to "$J" --json --record "$T/deaf" --listen "unix:$T/http" -p $$
check "a recording that nobody reads: it counts" $? -eq 0
for i in 1 2 3; do
	curl -sf --max-time 5 --unix-socket "$T/http" http://localhost/metrics >"$T/metrics"
	check "a recording that nobody reads: scrape $i" "$? $(grep -c '^zctrace_syscalls_total' "$T/metrics")" '~' "^0 [1-9]"
done
ends "a recording that nobody reads"
check "a recording that nobody reads: exit status" $ZSTATUS -eq 1
check "a recording that nobody reads: what it says" "$(grep -v serving "$T/z.err")" '~' \
	"^zctrace: cannot finish $T/deaf: its reader or its disk does not take what is written"
check "a recording that nobody reads: the report" "$(jq -r .schema "$J")" = zctrace/1
kill "$DEAF"

for both in '' '2>&1'; do
	deaf
	eval '"$Z" -i 0.05 -v --record "$R" -p $$ 2>"$T/z.err"' ">$T/deaf $both" '7>&- &'
	ZPID=$!
	STARTED+=("$ZPID")
	counting $ZPID
	# It reads what happens although no table gets out: ticks come into the recording.
	for i in 1 2 3 4 5; do
		size=$(stat -c %s "$R")
		grows() { [ "$(stat -c %s "$R")" -gt "$size" ]; }
		check_run "tables that nobody reads $both: it goes on, $i" wait_until 20 grows
	done
	ends "tables that nobody reads $both"
	check "tables that nobody reads $both: exit status" $ZSTATUS -eq 1
	[ -n "$both" ] || check "tables that nobody reads: what it says" "$(tail -n 1 "$T/z.err")" = \
		"zctrace: cannot write the report: its reader or its disk does not take what is written"
	kill "$DEAF"
done
deaf
attach_to "$T/deaf" --plain -p $$
ends "a report that nobody reads"
check "a report that nobody reads: exit status" "$ZSTATUS $(cat "$T/z.err")" = \
	"1 zctrace: cannot write the report: its reader or its disk does not take what is written"
kill "$DEAF"
# What else was asked for is there before anybody waits for that reader; nobody sits there after SIGTERM and SIGHUP, and
# a second signal ends it at once, whichever it is.
whole() { [ "$(tail -n 1 "$1")" = "</svg>" ] && "$Z" replay "$R" >"$T/replayed" 2>&1 && [ "$(wc -l <"$T/replayed")" -gt 5 ]; }
for signals in TERM HUP "INT TERM" "INT HUP"; do
	deaf empty
	rm -f "$T/picture" "$R"
	attach_to "$T/deaf" --json --record "$R" --svg "$T/picture" -p $$
	kill -"${signals% *}" "$ZPID"
	check_run "a report that nobody reads, SIG$signals: picture and recording" wait_until 20 whole "$T/picture"
	case $signals in
	*' '*)
		check "a report that nobody reads, SIG$signals: it is still there" "$(kill -0 "$ZPID" && echo yes)" = yes
		kill -"${signals#* }" "$ZPID"
		;;
	esac
	check_run "a report that nobody reads, SIG$signals: it ends" wait_until 20 gone "$ZPID"
	kill -KILL "$ZPID" 2>/dev/null
	wait "$ZPID" 2>/dev/null
	status=$?
	case $signals in
	*' '*) check "a report that nobody reads, SIG$signals: exit status" $status -eq $((128 + $(kill -l "${signals#* }"))) ;;
	*) check "a report that nobody reads, SIG$signals: exit status" "$status $(cat "$T/z.err")" = \
		"1 zctrace: cannot write the report: its reader or its disk does not take what is written" ;;
	esac
	kill "$DEAF"
done

# A reader who leaves, and a disk that is full, end the trace: the picture and the recording are finished all the same.
rm -f "$T/picture" "$R"
"$Z" -d 60 -i 0.05 --record "$R" --svg "$T/picture" -p $$ 2>"$T/err" | head -n 1 >/dev/null
check "a reader who leaves: exit status" "${PIPESTATUS[0]} $(cat "$T/err")" = "0 "
check_run "a reader who leaves: picture and recording" whole "$T/picture"
rm -f "$T/picture" "$R"
"$Z" -d 60 -i 0.05 --record "$R" --svg "$T/picture" -p $$ 2>"$T/err" >/dev/full
check "a full disk: exit status" "$? $(cat "$T/err")" = "1 zctrace: cannot write the report: No space left on device"
check_run "a full disk: picture and recording" whole "$T/picture"

# A reader who comes late finds a table of all that time.
deaf
"$Z" -i 0.05 -p $$ >"$T/deaf" 2>"$T/z.err" 7>&- &
ZPID=$!
STARTED+=("$ZPID")
counting $ZPID
began=$(date +%s%N)
long_enough() { [ $(($(date +%s%N) - began)) -gt 701000000 ]; }
wait_until 10 long_enough
echo >&8
tables() { [ "$(grep -ac '^after' "$T/late")" -ge 5 ]; }
check_run "a reader who comes late: tables" wait_until 20 tables
kill -INT $ZPID
check_run "a reader who comes late: it ends" wait_until 20 gone $ZPID
wait $ZPID
check "a reader who comes late: exit status" "$? $(wc -c <"$T/z.err")" = "0 0"
check "a reader who comes late: a table of all that time" "$(grep -aoE 'the last [0-9.]+ m?s' "$T/late" | awk '
	{ ms = $4 == "s" ? $3 * 1000 : $3; if (ms > most) most = ms } END { print int(most) }')" -ge 501
kill "$DEAF"
exec 8>&-

# A file system that hangs: frozen, so that who writes there sleeps and hears no signal.
truncate -s 32M "$T/image"
mkdir "$T/frozen"
if mkfs.ext4 -qF "$T/image" && mount -o loop "$T/image" "$T/frozen"; then
	attach_to "$J" --json --record "$T/frozen/r" --textfile "$T/frozen/x.prom" -i 0.05 --listen "unix:$T/http" -p $$
	thaw() { fsfreeze -u "$T/frozen" 2>/dev/null; }
	trap 'thaw; umount -l "$T/frozen"; at_end' EXIT
	wait_until 10 test -s "$T/frozen/x.prom"
	"$Z" -d 0.1 -i 0.05 --textfile "$T/y.prom" --listen "unix:$T/y" -p $$ >/dev/null 2>&1
	last_line() { tail -n 1 "$1" | sed 's/[{ ].*//' && tail -c 1 "$1" | wc -l; }
	last_line=$(last_line "$T/y.prom") # as of one that was never in the way of anything
	fsfreeze -f "$T/frozen"
	check_run "a disk that hangs: it is said" wait_until 20 grep -q "cannot write $T/frozen/x.prom: its reader or its disk does not take" "$T/z.err"
	curl -sf --max-time 5 --unix-socket "$T/http" http://localhost/metrics >"$T/metrics"
	check "a disk that hangs: scraped" "$? $(grep -c '^zctrace_syscalls_total' "$T/metrics")" '~' "^0 [1-9]"
	kill -INT "$ZPID"
	complete() { jq -e .schema "$J"; }
	check_run "a disk that hangs: the report" wait_until 20 complete
	check_run "a disk that hangs: the recording, too" wait_until 20 grep -q "cannot finish $T/frozen/r: its reader or its disk does not" "$T/z.err"
	thaw # the kernel lets no process end before
	check_run "a disk that hangs: it ends" wait_until 20 gone "$ZPID"
	wait "$ZPID"
	check "a disk that hangs: exit status, each said once" "$? $(grep -c cannot "$T/z.err")" = "1 2"
	check "a disk that hangs: the last file is whole" "$(last_line "$T/frozen/x.prom")" = "$last_line"
	umount "$T/frozen"
	trap at_end EXIT
else
	skip "a disk that hangs" "no loop device may be mounted here"
fi

summary
