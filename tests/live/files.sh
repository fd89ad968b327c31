#!/bin/bash
# Files that zctrace writes: what is at a path is looked at, and nothing is lost to a trace that does not start or to a
# second zctrace. Readers that do not read: blocked.sh.
. "$(dirname "$0")/common.sh"
export WORK_OUT=$O
R=$T/r.zct

# says NAME STATUS PATTERN COMMAND...: exit status, and the only line on standard error. No run of these takes a minute.
says() {
	local name=$1 want=$2 pattern=$3 status

	shift 3
	timeout -k 1 60 "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	check "$name: exit status" $status -eq "$want"
	check "$name: what it says" "$(cat "$T/err")" '~' "$pattern"
	check "$name: in one line" "$(wc -l <"$T/err")" -eq $((want > 0))
}
what_is() { stat -c '%F %i %a %t:%T %s' "$1"; }
# kept NAME PATH: it is what it was when $WAS was taken
kept() { check "$1: it is as it was" "$(what_is "$2")" = "$WAS"; }
is_picture() { check "$1: a whole picture" "$(grep -c '<svg ' "$2") $(tail -n 1 "$2")" = "1 </svg>"; }

# What is there.
"$Z" --record "$R" --json -d 0.2 >"$J"
mkdir "$T/there"
cd "$T/there" || exit
mknod null c 1 3
mknod full c 1 7
mknod disk b 7 77 # nobody opens it
mkfifo fifo
echo precious >file
ln -s file link
ln -s nowhere dangling
ln -s null null-link
ln -s /proc/self/fd/1 stdout
mkdir folder
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
chmod 666 null full
says_for_each() { # PATH STATUS PATTERN OPTION...: a trace, a replay and a diff, all with a picture, and what stays there
	local path=$1 want=$2 pattern=$3

	WAS=$(what_is "$path")
	says "--svg $path" "$want" "$pattern" "$Z" --no-calibrate -d 0.1 --svg "$path"
	kept "--svg $path" "$path"
	says "replay --svg $path" "$want" "$pattern" "$Z" replay "$R" --svg "$path"
	says "diff --svg $path" "$want" "$pattern" "$Z" diff "$R" "$R" --svg "$path"
	kept "replay and diff --svg $path" "$path"
}
says_for_each null 0 '^$'
says_for_each full 1 'cannot write full: No space left on device$'
says_for_each disk 1 'cannot write disk: it is a block device, .*: name a file$'
says_for_each socket 1 'cannot write socket: it is a socket: name a file$'
says_for_each link 1 'cannot write link: it is a link, and no link is followed: name the file itself$'
says_for_each dangling 1 'cannot write dangling: it is a link, and no link is followed'
says_for_each null-link 1 'cannot write null-link: it is a link, and no link is followed'
says_for_each folder 1 'cannot write folder: Is a directory$'
says_for_each fifo 1 'cannot write fifo: nobody reads this pipe: start its reader first$'
for path in disk socket link dangling null-link folder fifo; do
	WAS=$(what_is $path)
	says "--record $path" 1 "cannot record to $path: (it is a|nobody|Is a)" "$Z" --no-calibrate -d 0.1 --record $path
	kept "--record $path" $path
done
for path in null disk socket link dangling folder fifo; do
	mkdir "$path.d"
	ln "$path" "$path.d/x.prom" 2>/dev/null || cp -a "$path" "$path.d/x.prom" # no link to a folder
	WAS=$(what_is "$path.d/x.prom")
	says "--textfile $path" 1 "cannot write $path.d/x.prom: (it is|Is a)" "$Z" -i 0.05 -d 0.1 --textfile "$path.d/x.prom"
	kept "--textfile $path" "$path.d/x.prom"
	check "--textfile $path: nothing is beside it" "$(ls "$path.d")" = x.prom
done
WAS=$(what_is null)
says "--record null" 0 '^$' "$Z" --no-calibrate -d 0.1 --record null
kept "--record null" null
timeout 60 cat fifo >"$T/picture" &
says "--svg to a pipe that is read" 0 '^$' "$Z" --no-calibrate -d 0.1 --svg fifo
wait $!
is_picture "--svg to a pipe that is read" "$T/picture"
timeout 60 cat fifo >"$T/piped" &
says "--record to a pipe that is read" 0 '^$' "$Z" --json --record fifo -- "$W" threads 7 1009
wait $!
"$Z" replay "$T/piped" --json | cmp - "$T/out"
check "--record to a pipe that is read: replayed byte for byte" $? -eq 0
for path in stdout /proc/self/fd/1; do # never /dev/stdout: a tool that replaced it would harm this machine
	says "--svg $path" 0 '^$' "$Z" --no-calibrate -d 0.1 --svg "$path"
	is_picture "--svg $path" "$T/out"
	check "--svg $path: behind the report" "$(grep -nm1 'measured by' "$T/out" | cut -d: -f1)" -lt "$(grep -n '<svg ' "$T/out" | cut -d: -f1)"
	says "--record $path" 1 "cannot record to $path: the report and messages go there" "$Z" --no-calibrate -d 0.1 --record "$path"
done
# The file that the report or the messages go to, by its name and by another; and the same pipe.
echo >"$T/out"
echo >"$T/err"
ln "$T/out" "$T/out.2"
for path in "$T/out" "$T/out.2" "$T/err"; do
	mixed="$path: the report and messages go there, and would be mixed with it: name a file"
	says "--svg of the file of ${path##*/}" 1 "cannot write $mixed" "$Z" --no-calibrate -d 0.1 --svg "$path"
	says "replay --svg of the file of ${path##*/}" 1 "cannot write $mixed" "$Z" replay "$R" --svg "$path"
	says "diff --svg of the file of ${path##*/}" 1 "cannot write $mixed" "$Z" diff "$R" "$R" --svg "$path"
	says "--record of the file of ${path##*/}" 1 "cannot record to $mixed" "$Z" --no-calibrate -d 0.1 --record "$path"
done
ln "$T/out" "$T/out.prom"
says "--textfile of the file of standard output" 1 "cannot write $T/out.prom: the report and messages go there" \
	"$Z" -i 0.05 -d 0.1 --textfile "$T/out.prom"
rm "$T/out.2" "$T/out.prom"
says "--record of a descriptor of the same file" 1 "cannot record to /dev/fd/9: the report and messages go there" \
	"$Z" --no-calibrate -d 0.1 --record /dev/fd/9 9>>"$T/out"
"$Z" --no-calibrate -d 0.1 --record /dev/fd/9 9>&1 2>"$T/err" | cat >"$T/piped"
check "--record of the pipe of standard output" "${PIPESTATUS[0]} $(cat "$T/err")" '~' "^1 .*cannot record to /dev/fd/9: the report and messages go there"
check "a link as /dev/stdout is one still" "$(readlink stdout)" = /proc/self/fd/1
says "--svg /dev/fd/9" 0 '^$' "$Z" --no-calibrate -d 0.1 --svg /dev/fd/9 9>"$T/picture"
is_picture "--svg /dev/fd/9" "$T/picture"
says "--svg /dev/fd/9, closed" 1 'cannot write /dev/fd/9: Bad file descriptor$' "$Z" --no-calibrate -d 0.1 --svg /dev/fd/9
check "the file behind a link" "$(cat file)" = precious
mkdir -m 1777 sticky
echo bait >sticky/bait
chown 65534 sticky/bait
chmod 644 sticky/bait
ln sticky/bait sticky/other
for path in sticky/bait sticky/other; do
	WAS=$(what_is $path)
	says "--record into a stranger's $path" 1 "cannot record to $path: it is somebody else's file, .*: name another$" "$Z" --no-calibrate -d 0.1 --record $path
	kept "--record into a stranger's $path" $path
	check_run "--record into a stranger's $path: what is in it" cmp $path - <<<bait
done
says "--record into a stranger's, behind another's sudo" 1 "cannot record to sticky/bait: it is somebody else's file" \
	env SUDO_UID=65533 SUDO_GID=65533 "$Z" --no-calibrate -d 0.1 --record sticky/bait
says "--record into one's own, behind sudo" 0 '^$' env SUDO_UID=65534 SUDO_GID=65534 "$Z" --no-calibrate -d 0.1 --record sticky/bait
mkdir theirs
chown 65534:65534 theirs
echo old >theirs/old.svg
says "behind sudo" 0 '^$' env SUDO_UID=65534 SUDO_GID=65534 \
	"$Z" --no-calibrate -d 0.1 --svg theirs/old.svg --record theirs/r --textfile theirs/x.prom
check "behind sudo: whose they are" "$(cd theirs && stat -c '%n %u:%g %a' old.svg r x.prom | xargs)" = \
	"old.svg 65534:65534 644 r 65534:65534 600 x.prom 65534:65534 644"
cd - >/dev/null || exit

# A recording outlives what does not start.
WAS=$(md5sum <"$R")
survives() { # NAME STATUS PATTERN OPTION...
	local name=$1 want=$2 pattern=$3

	shift 3
	says "--record, $name" "$want" "$pattern" "$Z" --record "$R" "$@"
	check "--record, $name: the old recording is there" "$(md5sum <"$R")" = "$WAS"
	says "--record of a new file, $name" "$want" "$pattern" "$Z" --record "$T/new" "$@"
	check "--record of a new file, $name: nothing is left" "$(ls "$T/new" 2>&1)" '~' "No such file"
}
survives "no such process" 5 "no process 4194303" -p 4194303
survives "no such cgroup" 5 "no-such-group" --cgroup /no-such-group
survives "no such command" 5 "no-such-command" -- no-such-command
survives "a command that may not be executed" 3 "Permission denied" -- "$T/err"
survives "a BTF file that is none" 4 "BTF" --btf "$T/no-such-file" -d 1
attach --record "$R" -p $$
says "a second --record" 1 "cannot record to $R: another process is writing it: name another file" "$Z" --no-calibrate -d 0.1 --record "$R"
says "a picture where one records" 1 "cannot write $R: another process is writing it: name another file" "$Z" --no-calibrate -d 0.1 --svg "$R"
detach
"$Z" replay "$R" --json | cmp - "$J"
check "the first --record: replayed byte for byte" "$ZSTATUS $?" = "0 0"
attach --record "$R" -p $$
kill -KILL "$ZPID"
wait "$ZPID" 2>/dev/null
says "--record after one that was killed" 0 '^$' "$Z" --no-calibrate -d 0.1 --record "$R"
attach --textfile "$T/x.prom" -i 0.05 -p $$
wait_until 10 test -s "$T/x.prom"
refusals=$(for _ in 1 2 3; do "$Z" --textfile "$T/x.prom" -i 0.05 -d 0.1 2>&1 >/dev/null; echo $?; done | sort | uniq -c | xargs)
check "a second --textfile: never while the first replaces it" "$refusals" = \
	"3 1 3 zctrace: cannot write $T/x.prom: another process is writing it: name another file; what was there is kept"
detach
check "the first --textfile: exit status, nothing said" "$ZSTATUS $(wc -c <"$T/z.err")" = "0 0"
# Who may read it may lock it, too: that keeps nobody out. Also with a program of root's, and by one who has gone.
chmod 755 "$T"
stranger=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"$Z" --no-calibrate -d 0.1 --svg "$T/x.svg" >/dev/null
for how in "flock -F -s %s sleep 1000" "flock -F -x %s sleep 1000" "sh -c 'exec 9<%s; flock -s 9; exec sleep 1000'"; do
	for file in "$T/x.prom" "$T/x.svg"; do
		# shellcheck disable=SC2059
		start "${stranger[@]}" sh -c "exec $(printf "$how" "$file")"
		locked() { ! flock -n "$file" true; }
		check_run "a stranger's $how: it is locked" wait_until 10 locked
		case $file in
		*.prom) says "--textfile in spite of a stranger's $how" 0 '^$' "$Z" -d 0.1 -i 0.05 --textfile "$file" ;;
		*) says "--svg in spite of a stranger's $how" 0 '^$' "$Z" --no-calibrate -d 0.1 --svg "$file" ;;
		esac
		kill "$PID"
	done
done
start flock -F -s "$T/x.svg" sleep 1000
wait_until 10 locked
says "--svg: a lock of root's" 1 "cannot write $T/x.svg: another process is writing it" "$Z" --no-calibrate -d 0.1 --svg "$T/x.svg"
kill "$PID"
says "--textfile after it" 0 '^$' "$Z" -d 0.1 --textfile "$T/x.prom"
check "--textfile: nothing beside it" "$(ls "$T" | grep -c '^x.prom')" -eq 1

summary
