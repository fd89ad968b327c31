#!/bin/sh
# Nothing is lost: a 4 KiB ring, a reader that sleeps, 600 threads that die; 100 threads under --exact.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
WORK_OUT=/tmp/w.json zctrace --json --buffer 4K --reader-sleep 50 -- work threads 601 101 >/tmp/z.json
WORK_OUT=/tmp/w.json zctrace --json -- work threads 1 101 >/tmp/y.json
calls() { json "$1" '([.processes[].metrics.syscalls] | add) + .system.syscalls'; }
# Each thread more costs its 101 calls, its exit, and two of its parent's: clone and the wait for its end.
check "600 threads more: their calls are all there" $(($(calls /tmp/z.json) - $(calls /tmp/y.json))) -eq $((600 * (101 + 3)))
check "and the ring did overflow" "$(json /tmp/z.json .lost.ring_full)" -ge 1
for m in recursion_misses no_storage inconsistent; do
	check "600 threads: $m" "$(json /tmp/z.json .lost.$m)" -eq 0
done

make_file /mnt/d/f 1048583
compare() { # LABEL: leaves against sites, of a program that reads files by iterator and does little else
	leaf=$(json /tmp/z.json '.processes[0].metrics.leaf_to_user_bytes')
	other=$(json /tmp/w.json '.io.rchar - .in_bytes') # its own look at /proc/self/io, by iterator too, outside the sites
	check "$1: the sites saw what the program read" "$(json /tmp/z.json '.processes[0].metrics.copy_to_user_file_bytes')" -eq "$(json /tmp/w.json .in_bytes)"
	check_between "$1: the leaves saw that and the program's look at its own /proc files" "$leaf" "$(json /tmp/w.json .in_bytes)" $(($(json /tmp/w.json .in_bytes) + other))
}
WORK_OUT=/tmp/w.json zctrace --json --exact -- work read /mnt/d/f 4099 7 >/tmp/z.json
compare "--exact"

make_file /mnt/d/small 65537 # a breakpoint is dear under emulation
mkfifo /tmp/gate
WORK_OUT=/tmp/w.json work thread-reads 101 /mnt/d/small 4093 /tmp/gate &
pid=$!
exec 3>/tmp/gate
wait_for 20 sh -c "[ \"\$(ls /proc/$pid/task | wc -l)\" -eq 102 ]"
zctrace --json --exact --threads -p $pid >/tmp/z.json 2>/tmp/z.err 3>&- &
tracer=$!
counting $tracer
exec 3>&-
wait $tracer
check "-p on 101 threads: all were waiting in a call when tracing began" "$(json /tmp/z.json .calls_in_flight)" -ge 101
check "-p on 101 threads: threads seen" "$(json /tmp/z.json '.processes[0].threads | length')" -eq 102
compare "-p on 101 threads, --exact"
check "-p on 101 threads: nothing lost" "$(json /tmp/z.json '[.lost[]] | add')" -eq 0
summary
