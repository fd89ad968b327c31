#!/bin/bash
# A kernel that refuses one of the programs, or has no place for it: that costs the columns of its hook, with the reason, and
# never the run. Each program that is attached on this kernel is spoilt in turn, before it is loaded.
. "$(dirname "$0")/common.sh"

RUN=$T/run F=$T/file
w make "$F" $((101 * 4096))
sync "$F" # nothing of it is written behind our back

# Processes, of which each says what it did: reads, system calls and switches, a pipe, direct I/O.
cat >"$RUN" <<END
WORK_OUT=\$1.read "$W" read "$F" 4096 3
WORK_OUT=\$1.switch "$W" mixed-switch 211
WORK_OUT=\$1.pipe "$W" pipe 307 100 --self
WORK_OUT=\$1.direct "$W" direct-read "$F" 4096
WORK_OUT=\$1.faults "$W" faults 503
END

# HOOK, what the document is asked for, and what the work says of itself.
cat >"$T/truth" <<'END'
syscalls	read	.data_calls	.data_calls + .report_data_calls
syscalls	pipe	.data_calls	.data_calls + .report_data_calls
task	switch	.major_faults	.rusage.majflt
task	switch	.switches_voluntary >= 211	true
switches	switch	.switches_to_thread + .switches_to_process + .switches_to_kthread + .switches_to_idle >= 211	true
faults	faults	.user_faults >= 503	true
copy-file	read	.copy_to_user_file_bytes	.in_bytes
copy-pipe	pipe	.copy_to_user_pipe_bytes	.in_bytes
copy-pipe	pipe	.copy_from_user_pipe_bytes	.out_bytes
page-cache	read	.cache_hit_pages + .cache_miss_pages >= 303	true
zerocopy-call	direct	.zerocopy_direct_read_bytes	.in_bytes
payload	read	.payload_in_bytes	.in_bytes
END
[ "$(stat -f -c %T "$T")" = tmpfs ] ||
	printf 'disk\tdirect\t.dma_disk_read_bytes + .copy_in_kernel_device_bytes\t.io.read_bytes\n' >>"$T/truth"
metrics_of_hook() { sed -nE "s/^.*M\([A-Z_]+, *\"([a-z_]+)\", *[A-Z]+, *$1, .*/\1/p" bpf/metrics.h; }
declare -A HOOK=() # what JSON calls it, by the name that attach_rows.c has
while read -r id name; do HOOK[$id]=$name; done < <(sed -nE 's/^.*H\(([A-Z_]+), *"([a-z-]+)",.*/\1 \2/p' bpf/metrics.h)

# What else is not to be had without a hook: user/tracer/attach_detach.c says why.
declare -A WITHOUT=(
	[syscalls]="zerocopy-call copy-file copy-socket copy-pipe zerocopy-send copy-to-file page-cache payload"
	[hardirqs]="disk net page-cache copy-socket payload"
	[softirqs]="disk net page-cache copy-socket payload"
	[copy-file]="zerocopy-call copy-to-file page-cache payload"
	[copy-socket]=payload
	[copy-pipe]=payload
	[net]="copy-socket payload"
)
declare -A HAD=() # hooks that this kernel has when nothing is spoilt

# judge PREFIX HOOK...: one line of what is wrong with a run without these hooks, nothing if nothing is.
judge() {
	local prefix=$1 hook part expression want gone=" ${*:2} "

	while IFS=$'\t' read -r hook part expression want; do
		[ -n "${HAD[$hook]}" ] && [[ $gone != *" $hook "* ]] || continue
		want=$(jq "$want" "$prefix.$part")
		jq -e --slurpfile w "$prefix.$part" --argjson want "$want" \
			".processes[] | select(.pid == \$w[0].pid).metrics | ($expression) == \$want" "$prefix.json" >/dev/null ||
			printf '%s: %s is not %s; ' "$hook" "$expression" "$want"
	done <"$T/truth"
	for hook in "${!HAD[@]}"; do
		if [[ $gone = *" $hook "* ]]; then want=0; else want=1; fi
		[ "$(jq --arg h "$hook" '[.hooks[] | select(.hook == $h and .by != null)] | length' "$prefix.json")" = $want ] ||
			printf '%s is %s; ' "$hook" "$([ $want = 0 ] && echo "measured all the same" || echo "not measured")"
		if [ $want = 0 ]; then
			jq -e --argjson m "$(jq -nc '$ARGS.positional' --args ${METRICS[$hook]})" \
				'[.processes[].metrics | to_entries[] | select(IN(.key; $m[])) | .value] | all(. == null)' "$prefix.json" \
				>/dev/null || printf '%s has figures; ' "$hook"
		fi
	done
}

declare -A METRICS=()
for id in "${!HOOK[@]}"; do
	METRICS[${HOOK[$id]}]=$(metrics_of_hook "$id" | tr '\n' ' ')
done

# one PROGRAM[,PROGRAM] HOOK [HOOK]: a run without them, into a line of $T/result
one() {
	local program=$1 hook=$2 prefix=$T/s.$1 status wrong

	"$Z" --no-calibrate --spoil "$program" --json -- bash "$RUN" "$prefix" >"$prefix.json" 2>"$prefix.err"
	status=$?
	if [ $status -ne 0 ]; then
		wrong="exit status $status: $(head -c 300 "$prefix.err")"
	else
		# shellcheck disable=SC2086 # hooks are words
		wrong=$(judge "$prefix" "${@:2}" ${WITHOUT[$hook]})
		jq -e --arg h "$hook" --arg p "${program%,*}" '.hooks[] | select(.hook == $h).error | contains($p)' "$prefix.json" >/dev/null ||
			wrong="$wrong $hook does not say why"
	fi
	printf '%s\t%s\t%s\n' "$program" "$hook" "$wrong" >>"$T/result"
	rm -f "$prefix".*
}

# Nothing spoilt: which hooks there are here, and that the truth holds.
"$Z" --no-calibrate --json -- bash "$RUN" "$T/all" >"$T/all.json"
check "nothing spoilt: exit status" $? -eq 0
while read -r name; do HAD[$name]=1; done < <(jq -r '.hooks[] | select(.by != null).hook' "$T/all.json")
check "nothing spoilt: every figure" "$(judge "$T/all")" = ""
check "nothing spoilt: hooks that count" "${#HAD[@]}" -ge 10

# What the kernel was given, by the kernel's own list (which has 15 characters of a name, or all), and what it serves.
skeleton_programs() { sed -nE 's/^\t\tstruct bpf_program \*(\w+);/\1/p' build/zctrace.skel.h; }
attach -p $$
ids=$(sed -n 's/^prog_id:[^0-9]*//p' /proc/"$ZPID"/fdinfo/* | sort -u | jq -s .)
bpftool -j prog show | jq -r --argjson ids "$ids" '.[] | select(IN(.id; $ids[])).name // empty' | sort -u >"$T/loaded"
detach
row_of() { # PROGRAM: the hook, as JSON calls it; nothing if it serves no single one
	local id
	id=$(sed -nE "s/.*\{\"$1\", H_([A-Z_]+), .*/\1/p" user/tracer/attach_rows.c)
	[ -n "$id" ] || id=$(sed -nE "s/.*\{\"${1#*_}\", H_([A-Z_]+), .*/\1/p" user/tracer/attach_rows.c)
	[ -z "$id" ] || echo "${HOOK[$id]}"
}
for program in $(skeleton_programs); do
	grep -qxF -e "$program" -e "${program:0:15}" "$T/loaded" && echo "$program $(row_of "$program")"
done >"$T/todo"

everything="sched_switch task_newtask sched_process_exec baseline sweep sync_cpu find_reader flush_pipes settle_pipes"
check "programs that carry everything, by their rows" "$(awk '$2 == "" || $2 == "task" || $2 == "switches" { print $1 }' "$T/todo" |
	sort | tr '\n' ' ')" = "$(printf '%s\n' $everything | sort | tr '\n' ' ')"
for program in $everything; do
	"$Z" --no-calibrate --spoil "$program" -d 0.1 -p $$ >"$T/out" 2>"$T/err"
	check "$program spoilt: exit status" $? -eq 4
	check "$program spoilt: one sentence names it" "$(grep -c . "$T/err") $(grep -c "refused the program $program," "$T/err")" = "1 1"
done

# Two at a time: most of a run is the kernel's verifying.
: >"$T/result"
while read -r program hook; do
	case $hook in '' | task | switches) continue ;; esac
	one "$program" "$hook" &
	[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
done <"$T/todo"
wait
while IFS=$'\t' read -r program hook wrong; do
	check "$program spoilt: $hook is not measured, everything else is" "$wrong" = ""
done < <(sort "$T/result")
check "programs spoilt" "$(wc -l <"$T/result")" -ge 40

one bio_queue,cache_add disk page-cache
check "two spoilt: neither is measured, everything else is" "$(tail -n 1 "$T/result" | cut -f 3)" = ""

"$Z" --no-calibrate -v --spoil bio_queue -- true >"$T/out"
check "-v says why" "$(grep -c 'disk .*the kernel refused the program bio_queue (tp_btf/block_bio_queue): Inv' "$T/out")" -eq 1

# Type information of a kernel that is otherwise as this one: without a tracepoint, without a field, with fewer arguments.
btf() { # NAME SED-COMMAND HOOK REASON
	local status

	sed "$2" /sys/kernel/btf/vmlinux >"$T/btf"
	check "$1: type information that differs" "$(cmp -s "$T/btf" /sys/kernel/btf/vmlinux || echo yes)" = yes
	"$Z" --no-calibrate --btf "$T/btf" --json -- bash "$RUN" "$T/btf" >"$T/btf.json" 2>"$T/err"
	status=$?
	check "$1: exit status" $status -eq 0
	# shellcheck disable=SC2086 # hooks are words
	[ $status -ne 0 ] || check "$1: $3 is not measured, everything else is" "$(judge "$T/btf" "$3" ${WITHOUT[$3]})" = ""
	check "$1: the reason" "$(jq -r --arg h "$3" '.hooks[] | select(.hook == $h).error' "$T/btf.json")" = "$4"
}
btf "no tracepoint" 's/btf_trace_block_bio_queue/btf_trace_block_bio_quexx/' disk "tp_btf/block_bio_queue: this kernel has none"
btf "no field" 's/\x00bi_io_vec\x00/\x00bi_io_vex\x00/' disk \
	"the kernel refused the program bio_queue (tp_btf/block_bio_queue): Invalid argument"
# net_dev_xmit has four arguments, softirq_exit one: the names change places, which costs the latter nothing.
btf "fewer arguments" 's/btf_trace_net_dev_xmit/btf_trace_zzzzzzzzzzzz/; s/btf_trace_softirq_exit/btf_trace_net_dev_xmit/
	s/btf_trace_zzzzzzzzzzzz/btf_trace_softirq_exit/' net "tp_btf/net_dev_xmit: its arguments are others here"

# The numbers in attach_rows.c are those of the programs.
{
	sed -nE 's/.*BPF_PROG\((\w+), *([^)]*)(\)|$)/\1 \2/p' bpf/*.bpf.c | grep -v '##\|^name ' |
		awk '{ name = $1; sub(/^[^ ]* /, ""); if (/,$/) next; print name, gsub(/,/, ",") + 1 }'
} | sort >"$T/args"
check "programs whose arguments can be counted" "$(wc -l <"$T/args")" -ge 30
check "rows with another number of arguments" "$(while read -r program n; do
	grep -qE "\{\"$program\", [A-Z_]+, [A-Z0-9]+, $n\}" user/tracer/attach_rows.c || echo "$program $n"
done <"$T/args")" = ""
# A site reads no argument that its row does not ask for.
awk '/^static __always_inline int site_/ { match($0, /site_[a-z0-9_]+/); name = substr($0, RSTART + 5, RLENGTH - 5); most = 0 }
	name { rest = $0; while (match(rest, /arg\[[0-9]\]/)) { n = substr(rest, RSTART + 4, 1) + 1; if (n > most) most = n; rest = substr(rest, RSTART + RLENGTH) } }
	/^}/ && name { print name, most; name = "" }' bpf/copy*.h >"$T/reads"
check "sites whose arguments are looked at" "$(wc -l <"$T/reads")" -ge 17
check "sites that read more arguments than their rows ask for" "$(while read -r site n; do
	has=$(sed -nE "s/.*\{\"$site\", [A-Z_]+, [A-Z0-9]+, ([0-9])\}.*/\1/p" user/tracer/attach_rows.c)
	[ "${has:-0}" -ge "$n" ] || echo "$site $n, row ${has:-none}"
done <"$T/reads")" = ""
summary
