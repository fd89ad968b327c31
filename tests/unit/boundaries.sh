#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# boundaries.sh - who may know whom (house.md): a wall is an #include that must not be there. TAP on standard output.
cd "$(dirname "$0")/../.." || exit 1
n=0 status=0

# must_not NAME PATTERN FILE... - no line of the files may match.
must_not() {
	name=$1 pattern=$2
	shift 2
	n=$((n + 1))
	if found=$(grep -nE "$pattern" /dev/null "$@"); then
		printf 'not ok %d - %s\n%s\n' "$n" "$name" "$found"
		status=1
	else
		printf 'ok %d - %s\n' "$n" "$name"
	fi
}

# The files that exist; a wall around files that are not there yet holds.
files() {
	for f in "$@"; do
		[ -e "$f" ] && printf '%s\n' "$f"
	done
}

inc='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
pure=$(files user/model*.[ch] user/metric.[ch] user/snapshot.[ch])
views=$(files user/view*.[ch])
display=$(files user/top*.[ch] user/rates.[ch])
sans_ncurses=$(files user/top*.[ch] user/rates.[ch] | grep -vE '^user/top_(screen|keys)\.c$')
prom=$(files user/prom_*.[ch])
web=$(files user/web*.[ch] user/listen.[ch])
others=$(files user/*.[ch] | grep -v '^user/tracer\.c$')
# shellcheck disable=SC2086 # lists of file names without spaces
{
	must_not 'the model do no input or output' "$inc(stdio|unistd|fcntl|sys/(socket|stat|mman|ioctl))" $pure
	must_not 'the model have no clock' "$inc(time|sys/time|sys/timerfd)\.h|clock_gettime|gettimeofday" $pure
	must_not 'the model know no libbpf' "$inc(bpf/|linux/bpf)" $pure
	must_not 'the model know no view' "$inc(view|fmt|safe|opts)" $pure
	must_not 'views know no hook' "$inc(bpf/|linux/bpf|.*skel\.h|tracer|reader|session|leaf|objects|maps)" $views
	must_not 'views know no command line' "$inc(opts|argp)" $views
	must_not 'views have no clock' "$inc(time|sys/time)\.h|clock_gettime|gettimeofday" $views
	must_not 'recordings know no hook' "$inc(bpf/|linux/bpf|.*skel\.h|tracer|session|leaf|objects|maps|live)" \
		$(files user/record*.[ch] user/play*.[ch] user/replay*.[ch])
	must_not 'recordings are read without a view' "$inc(view|argp)" $(files user/record*.[ch] user/play*.[ch] user/replay.[ch])
	must_not 'diff knows no hook and nobody who traces' \
		"$inc(bpf/|linux/bpf|.*skel\.h|tracer|session|leaf|objects|maps|live)" $(files user/diff*.[ch])
	must_not 'what a diff claims is pure' "$inc(stdio|unistd|fcntl|time|sys/|jansson)|$inc(view|fmt|safe|opts|play)" user/diff.[ch]
	must_not 'the live display knows no hook' \
		"$inc(bpf/|linux/bpf|.*skel\.h|tracer|reader|session|live|leaf|objects|maps|targets|proc)" $display
	must_not 'the live display has no clock but its source' "clock_gettime|gettimeofday|[^_a-z]time\(" $display
	must_not 'only top_screen.c draws' "$inc(n?curses|term)" $sans_ncurses
	must_not 'only top_screen.c calls ncurses' '[^_a-z](newterm|initscr|endwin|mvadd|addstr|refresh\(\)|get_wch)' \
		$(files user/*.[ch] | grep -v '^user/top_screen\.c$')
	must_not 'rates do no input or output' "$inc(stdio|unistd|fcntl|time|sys/)" $(files user/rates.[ch])
	must_not 'the Prometheus series have no clock and do no input or output' \
		"$inc(time|sys/time|unistd|fcntl|sys/(socket|stat|mman|ioctl))|clock_gettime|gettimeofday" $prom
	must_not 'the Prometheus series know no hook and no command line' \
		"$inc(bpf/|linux/bpf|.*skel\.h|tracer|reader|session|leaf|objects|maps|opts|argp|web|listen)" $prom
	must_not 'the web server knows no hook, no model and no command line' \
		"$inc(bpf/|linux/bpf|.*skel\.h|tracer|reader|session|leaf|objects|maps|model|source|opts|argp)" $web
	must_not 'fmt and safe know nothing of zctrace' "$inc(\.\./|model|metric|snapshot|opts|view)" \
		$(files user/fmt.[ch] user/safe.[ch])
	must_not 'only tracer.c sees the skeleton' "$inc.*skel\.h" $others
	must_not 'the list of metrics includes nothing' "$inc" bpf/metrics.h
	must_not 'the wire includes only the list' "$inc([^m]|m[^e])" bpf/zctrace.h
	must_not 'nothing on the right is known to the BPF half' "$inc\.\./user" $(files bpf/*.[ch])
}
printf '1..%d\n' "$n"
exit $status
