#!/bin/bash
# --record, replay and diff: a replay gives the recorded run's own document, whoever asks and wherever; damage is told with
# what could be read; a full disk ends the recording and not the trace; real servers before and after sendfile side by side.
. "$(dirname "$0")/common.sh"
chmod 755 "$T"
R=$T/r.zct
export WORK_OUT=$O

# same NAME "VIEW-OPTIONS" ZCTRACE-ARGUMENTS...: recorded, replayed, and not a byte differs
same() {
	local name=$1 view=$2 status

	shift 2
	# shellcheck disable=SC2086 # options are words
	"$Z" --json $view --record "$R" "$@" >"$J" 2>"$T/err" ||
		fail "$name: recorded" "exit status $?: $(cat "$T/err")"
	# shellcheck disable=SC2086
	"$Z" replay "$R" --json $view >"$T/replayed" 2>"$T/err"
	status=$?
	check "$name: replay" "$status $(cat "$T/err")" = "0 "
	check "$name: processes" "$(jq '.processes | length' "$J")" -ge 1
	if cmp "$J" "$T/replayed"; then pass "$name: byte for byte" "$(wc -c <"$J") bytes"; else
		fail "$name: byte for byte" "$(diff "$J" "$T/replayed" | head -n 3)"
	fi
}
same "a command" "" -- "$W" threads 7 1009
check "its exit status is in the replay" "$(jq -c '.command | [.exited, .status]' "$T/replayed")" = '[true,0]'
check "mode 0600" "$(stat -c %a "$R")" -eq 600
same "its threads" --threads -- "$W" threads 307 101
same "sorted, -v" "--sort syscalls -v" -- "$W" forks 13 101
same "--exact" --threads --exact -- dd if=/proc/version of=/dev/null bs=7 count=11
same "copies inferred" "" --hooks copy=infer -- dd if="$Z" of=/dev/null bs=64k count=11
same "thousands that come and go" "" -- "$W" forks 10303 3
check "some of them were folded" "$(jq .folded "$T/replayed")" -ge 300
note "a process that comes and goes: $(($(stat -c %s "$R") / 10303)) bytes"
same "-p" --threads -d 0.7 -p $$
for _ in {1..101}; do /bin/true; done &
same "the whole machine" --threads -d 1.3
wait $!

# Tables, at the times they were printed at.
"$Z" -i 0.2 --record "$R" -- sh -c 'for i in 1 2 3; do "$0" forks 101 11; sleep 0.2; done' "$W" >"$T/live" 2>/dev/null
check "with -i: exit status" $? -eq 0
"$Z" replay -i 0.2 "$R" >"$T/replayed"
check_run "-i: the same tables and report" diff "$T/live" "$T/replayed"
check "-i: there were tables" "$(grep -c 'PID' "$T/replayed")" -ge 2

# Whose recording it is matters to no replay: nobody's, without BTF, without bpf().
"$Z" --json --record "$R" -d 2.2 >"$J" &
ZPID=$!
STARTED+=("$ZPID")
counting $ZPID
w syscalls 1009 # on a machine where nothing else may happen
wait $ZPID
chmod 644 "$R"
install -m 755 "$Z" "$T/anybodys" # who is nobody may have no way to where it was built
setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all unshare -U "$T/anybodys" replay "$R" --json >"$T/replayed"
check "as nobody: byte for byte" "$? $(cmp "$J" "$T/replayed" && echo same)" = "0 same"
unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$0" replay "$1" --json' "$Z" "$R" >"$T/replayed"
check "without BTF: byte for byte" "$? $(cmp "$J" "$T/replayed" && echo same)" = "0 same"
replay_ms() { # SPEED
	local begin

	begin=$(date +%s%N)
	"$Z" replay --speed "$1" "$R" --json >"$T/replayed"
	echo $((($(date +%s%N) - begin) / 1000000))
}
whole=$(replay_ms 1) half=$(replay_ms 2) # from the first tick to the end: half a second less
check "--speed 1: in all the time, ms" "$whole" -ge 1000
check "--speed 2: in half the time, ms" "$half" -ge 500
check "--speed 2: in less time, ms" "$half" -lt "$whole"
check "--speed 2: the same" "$(cmp "$J" "$T/replayed" && echo same)" = same
check_between "-d 1: so much of it" "$("$Z" replay -d 1 "$R" --json | jq .duration_ns)" 1000000000 1900000000

# told NAME PATTERN COMMAND...: exit status 1 and one line
told() {
	local name=$1 pattern=$2 status

	shift 2
	"$@" >"$T/out" 2>"$T/err"
	status=$?
	check "$name: exit status" $status -eq 1
	check "$name: one line" "$(wc -l <"$T/err")" -eq 1
	check "$name: which is" "$(cat "$T/err")" '~' "^zctrace: .*$pattern"
}
size=$(stat -c %s "$R")
head -c $((size - 30)) "$R" >"$T/cut"
told "cut" "cut ends in the middle of a frame at byte [0-9]+: [12]\.[0-9]+ s of it could be read" "$Z" replay "$T/cut" --json
check "cut: what could be read is shown" "$(jq '.processes | length' "$T/out")" -gt 1
cp "$R" "$T/flipped"
printf '\377' | dd of="$T/flipped" bs=1 seek=$((size - 40)) conv=notrunc status=none
cmp -s "$R" "$T/flipped" && printf '\0' | dd of="$T/flipped" bs=1 seek=$((size - 40)) conv=notrunc status=none
told "a wrong byte" "a frame whose checksum is wrong at byte [0-9]+: [12]\.[0-9]+ s of it could be read" "$Z" replay "$T/flipped"
check "a wrong byte: what could be read is shown" "$(grep -c 'measured by' "$T/out")" -eq 1
head -c 100 "$R" >"$T/short"
told "no tick at all" "cannot read .*short: it ends in the middle of a frame" "$Z" replay "$T/short"
check "no tick at all: nothing on standard output" "$(wc -c <"$T/out")" -eq 0
told "an empty file" "it is empty" "$Z" replay /dev/null
told "a foreign file" "it is no recording of zctrace" "$Z" replay "$Z"
told "no such file" "No such file" "$Z" replay "$T/no-such-file"
sed '1s/recording 1/recording 9/' "$R" >"$T/other"
told "another format" "another format than this zctrace knows" "$Z" replay "$T/other"
told "diff of a cut one" "could be read" "$Z" diff "$T/cut" "$R"
check "diff of a cut one: it is shown" "$(grep -c '^syscalls ' "$T/out")" -eq 1

# The recorder is killed.
"$Z" -i 0.2 --record "$R" -p $$ >/dev/null 2>&1 7>&- &
ZPID=$!
STARTED+=("$ZPID")
counting $ZPID
so_much() { [ "$("$Z" replay "$R" --json 2>/dev/null | jq .duration_ns)" -ge "$1" ]; }
wait_until 30 so_much 400000000
kill -KILL $ZPID
wait $ZPID 2>/dev/null
told "killed" "its recorder is killed, at byte [0-9]+: [0-9.]+ m?s of it could be read" "$Z" replay "$R"
check "killed: up to its last ticks" "$("$Z" replay "$R" --json 2>/dev/null | jq .duration_ns)" -ge 400000000

# The disk is full: told at once, the trace goes on.
mkdir "$T/small"
mount -t tmpfs -o size=16k none "$T/small"
told "full disk" "cannot go on recording to .*small/r: No space left on device; tracing goes on" \
	"$Z" -i 0.1 --record "$T/small/r" -- "$W" forks 4001 3
check "full disk: the report is there" "$(grep -c 'measured by' "$T/out")" -eq 1
told "full disk: what was written can be replayed" "could be read" "$Z" replay "$T/small/r"
umount "$T/small"
told "no room at all" "cannot record to /dev/full: No space left on device" "$Z" --record /dev/full -d 0.1
check "no room at all: the device is left as it was" "$(stat -c %a /dev/full)" -eq 666
ln -s "$T/elsewhere" "$T/link"
told "no link is followed" "cannot record to .*link: .*no link is followed" "$Z" --record "$T/link" -d 0.1
check "no link is followed: nothing is there" "$(ls "$T/elsewhere" 2>/dev/null)" = ""

# An hour of a busy machine.
cat >"$T/busy" <<-'PL'
	$SIG{TERM} = sub { kill 9, @kids; exit };
	for (1 .. 211) {
		$kid = fork;
		push(@kids, $kid), next if $kid;
		srand $$; open F, "<", "/bin/sh"; pipe R, W;
		while (1) {
			for (0 .. rand 20) { sysread F, $b, 100 + rand 4000 or sysseek(F, 0, 0), next; syswrite W, $b, 50 + rand 400; sysread R, $b, 5000 }
			select undef, undef, undef, rand 0.6;
		}
	}
	sleep 1 while 1;
PL
start perl "$T/busy"
busy=$PID
all_there() { [ "$(wc -w <"/proc/$busy/task/$busy/children")" -eq 211 ]; }
wait_until 30 all_there
"$Z" --json --record "$R" -d 3 >"$J"
kill $busy
check "busy: processes" "$(jq '[.processes[] | select(.comm == "perl" and .metrics.data_calls > 13)] | length' "$J")" -ge 200
hour=$(($(stat -c %s "$R") * 1200 / 1024))
note "an hour with 211 busy processes: $((hour / 1024)) MiB"
check "an hour with 211 busy processes, KiB" $hour -lt $((100 * 1024))

# Six runs of the same thing: nothing is claimed where their ranges overlap.
for i in 1 2 3 4 5 6; do
	"$Z" --json --record "$T/same.$i" -- dd if="$Z" of=/dev/null bs=4099 count=101 status=none >"$T/same.$i.json"
done
"$Z" diff "$T/same.1,$T/same.2.json,$T/same.3" "$T/same.4.json,$T/same.5,$T/same.6" --json >"$T/diff"
check "six runs alike: exit status" $? -eq 0
overlap='def overlap: .a.min <= .b.max and .b.min <= .a.max;'
sides='[(.figures[], .headlines[]) | .total, .payload | select(. != null and .a != null and .b != null)]'
check "six runs alike: figures that overlap" "$(jq "$overlap $sides | map(select(overlap)) | length" "$T/diff")" -ge 101
check "six runs alike: none of those is claimed" \
	"$(jq "$overlap $sides | map(select(overlap and (.verdict == \"less\" or .verdict == \"more\"))) | length" "$T/diff")" -eq 0
check "six runs alike: copies per payload byte" "$(jq -r '.headlines[0].payload.verdict' "$T/diff")" = same
check "formats may be mixed" "$(jq -c '[.a[].format]' "$T/diff")" = '["recording","zctrace/1","recording"]'
cmp_of() { "$Z" diff "$1" "$2" --json | jq -c '[.figures[].total.verdict] | unique'; }
check "a recording and its own document are the same" "$(cmp_of "$T/same.1" "$T/same.1.json")" = '["same","unknown"]'
if python3 -c 'import jsonschema' 2>/dev/null; then
	check_run "diff --json: the schema" python3 -c 'import json, jsonschema, sys
jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' docs/zctrace-diff-1.schema.json "$T/diff"
else
	skip "diff --json: the schema" "python3-jsonschema is not installed"
fi
"$Z" diff "$T/same.1" "$T/same.4.json" --comm nosuch >"$T/out" 2>"$T/err"
check "--comm of nobody" "$? $(cat "$T/err")" = "5 zctrace: no process of $T/same.1 is named nosuch; it has dd"
told "diff of what is neither" "neither a recording nor a JSON document" "$Z" diff "$T/same.1" /etc/passwd

# nginx, before and after sendfile.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
serve() { # on|off RUNS: records $T/sendfile-$1.N
	local port i master

	port=$(free_port)
	cat >"$T/conf" <<-CONF
		daemon off; worker_processes 2; pid $T/nginx.pid; error_log $T/nginx.err;
		events { worker_connections 64; }
		http {
			access_log off; sendfile $1; output_buffers 2 128k;
			client_body_temp_path $T/t1; proxy_temp_path $T/t2; fastcgi_temp_path $T/t3; uwsgi_temp_path $T/t4; scgi_temp_path $T/t5;
			server { listen 127.0.0.1:$port; root $T/www; }
		}
	CONF
	start nginx -p "$T" -c "$T/conf"
	master=$PID
	get() { curl -sf --max-time 10 -o "$T/got" "http://127.0.0.1:$port/big"; }
	wait_until 10 get
	for i in $(seq "$2"); do
		attach --record "$T/sendfile-$1.$i" -f -p "$master"
		for _ in 1 2 3 4 5 6 7; do get; done
		cmp -s "$T/got" "$T/www/big" || fail "sendfile $1: served" "not the file"
		detach
		check "sendfile $1, run $i: payload of seven files" "$(jq '[.processes[].metrics.payload_out_bytes] | add' "$J")" -ge $((7 * 10000019))
	done
	kill "$master"
	wait_until 5 gone "$master"
}
if command -v nginx >/dev/null && command -v curl >/dev/null; then
	mkdir "$T/www"
	head -c 10000019 /dev/urandom >"$T/www/big"
	chmod 755 "$T/www"
	serve off 3
	serve on 3
	cd "$T" || exit
	LC_ALL=C.UTF-8 "$Z" diff sendfile-off.1,sendfile-off.2,sendfile-off.3 sendfile-on.1,sendfile-on.2,sendfile-on.3 --comm nginx >"$T/text"
	"$Z" diff sendfile-off.1,sendfile-off.2,sendfile-off.3 sendfile-on.1,sendfile-on.2,sendfile-on.3 --comm nginx --json >"$T/diff"
	sed 's/^/# /' "$T/text"
	headline() { jq -r ".headlines[] | select(.name == \"$1\").payload | $2" "$T/diff"; }
	check_near "sendfile off: CPU copies per payload byte" "$(headline cpu_copied_bytes .a.median)" 2 0.02
	check_near "sendfile on: CPU copies per payload byte" "$(headline cpu_copied_bytes .b.median)" 0 0.02
	check "CPU copies: claimed as less" "$(headline cpu_copied_bytes .verdict)" = less
	check_near "sendfile on: zero-copy per payload byte" "$(headline zerocopy_bytes .b.median)" 1 0.02
	check "zero-copy: claimed as more" "$(headline zerocopy_bytes .verdict)" = more
	check "mode switches: claimed as less" "$(headline mode_switches .verdict)" = less
	check "the verdict comes first, in words" "$(grep -A2 -m1 '^  less' "$T/text" | sed 's/≥//g; s/~//g')" '~' "less +CPU copies 2\.00 → 0\.00 per payload byte \(-100%\)"
	check "80 columns" "$(LC_ALL=C.UTF-8 wc -L <"$T/text")" -le 80
else
	skip "nginx with sendfile off and on" "nginx or curl is not installed"
fi

summary
