#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# boundaries.sh - who may know whom: a wall is an #include that must not be there. TAP on standard output.
cd "$(dirname "$0")/../.." || exit 1
n=0 status=0

# verdict NAME FOUND - passes if nothing was found.
verdict() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		printf 'ok %d - %s\n' "$n" "$1"
	else
		printf 'not ok %d - %s\n%s\n' "$n" "$1" "$2"
		status=1
	fi
}

# must_not NAME PATTERN FILE... - no line of the files may match. A wall around a file that is not there does not hold.
must_not() {
	name=$1 pattern=$2
	shift 2
	found=$(grep -nE "$pattern" /dev/null "$@" 2>&1)
	verdict "$name" "$found"
}

# The files of user/ but those whose path goes on as PATTERN says.
all_but() {
	printf '%s\n' user/*.[ch] user/*/*.[ch] | grep -vE "^user/($1)"
}

# The headers among FILE..., as a pattern.
headers() {
	printf '%s\n' "$@" | sed -n 's|.*/\(.*\)\.h$|\1\\.h|p' | paste -sd '|'
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
inc=$include'[<"]'
hook="(bpf/|linux/bpf|.*skel\.h|$(headers user/tracer/*.h user/live.h))"
clock='(time|sys/time|sys/timerfd)\.h|clock_gettime|gettimeofday'
model=$(echo user/model/*.[ch])
views=$(echo user/view/*.[ch] user/svg/*.[ch])
prom=$(echo user/prom/prom_*.[ch])
# shellcheck disable=SC2046,SC2086 # lists of file names without spaces
{
	verdict 'a name in user/ is of one file, whatever its folder' "$(all_but '$' | sed 's|.*/||' | sort | uniq -d)"
	must_not 'a file of user/ is included by its name alone' "$include\"([^./\"][^\"]*/|\./|(\.\./)+[^b.])" $(all_but '$')
	must_not 'only who starts a trace knows a hook: no face, no model, no recording, no diff' "$inc$hook" \
		$(all_but 'tracer/|live\.[ch]|trace\.c|demo/demo\.c')
	must_not 'only tracer.c, and load.c for it, see the skeleton' "$inc.*skel\.h" $(all_but 'tracer/(tracer|load)\.c')
	must_not 'the model do no input or output' "$inc(stdio|unistd|fcntl|sys/)" $model
	must_not 'the model have no clock' "$inc$clock" $model
	must_not 'the model know no view' "$inc(view|fmt|safe|opts)" $model
	must_not 'views know no command line' "$inc(opts|argp)" $views
	must_not 'views have no clock' "$inc$clock" $views
	must_not 'recordings are read without a view' "$inc(view|argp)" user/record/record*.[ch] user/record/play*.[ch] \
		user/record/replay.[ch]
	must_not 'what a diff claims is pure' "$inc(stdio|unistd|fcntl|time|sys/|jansson|view|fmt|safe|opts|play)" \
		user/diff/diff.[ch]
	must_not 'the live display has no clock but its source' 'clock_gettime|gettimeofday|[^_a-z]time\(' \
		user/top/*.[ch] user/model/rates.[ch]
	must_not 'only top_screen.c draws' "$inc(n?curses|term)" $(all_but 'top/top_(screen|keys)\.c')
	must_not 'only top_screen.c calls ncurses' '[^_a-z](newterm|initscr|endwin|mvadd|addstr|refresh\(\)|get_wch)' \
		$(all_but 'top/top_screen\.c')
	must_not 'the Prometheus series have no clock and do no input or output' \
		"$inc(unistd|fcntl|sys/(socket|stat|mman|ioctl))|$inc$clock" $prom
	must_not 'the Prometheus series know no command line and no server' "$inc(opts|argp|web|listen)" $prom
	must_not 'the web server knows no model and no command line' "$inc(model|source|opts|argp)" \
		user/prom/web*.[ch] user/prom/listen.[ch]
	must_not 'fmt and safe know nothing of zctrace' "$inc(\.\./|model|metric|snapshot|opts|view)" user/fmt.[ch] user/safe.[ch]
	must_not 'the list of metrics includes nothing' "$inc" bpf/metrics.h
	must_not 'the wire includes only the list' "$inc([^m]|m[^e])" bpf/zctrace.h
	must_not 'nothing on the right is known to the BPF half' "$inc\.\./user" bpf/*.[ch]
}
printf '1..%d\n' "$n"
exit $status
