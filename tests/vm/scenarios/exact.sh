#!/bin/sh
# Nothing is lost: a 4 KiB ring, a reader that sleeps, 600 threads that die; 100 threads under --exact.
# vm-budget: 240
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
WORK_OUT=/tmp/w.json zctrace --json --buffer 4K --reader-sleep 50 -- work threads 601 101 >/tmp/z.json
WORK_OUT=/tmp/w.json zctrace --json -- work threads 1 101 >/tmp/y.json
calls() { json "$1" '([.processes[].metrics.syscalls] | add) + .system.syscalls'; }
# each thread more: its 101 calls and its exit, the clone that starts it and whatever work itself says it does besides
besides=$(json /tmp/w.json .calls_per_thread_besides)
check "600 threads more: their calls are all there" $(($(calls /tmp/z.json) - $(calls /tmp/y.json))) -ge $((600 * (101 + besides)))
check "and the ring did overflow" "$(json /tmp/z.json .lost.ring_full)" -ge 1
for m in recursion_misses no_storage inconsistent; do
	check "600 threads: $m" "$(json /tmp/z.json .lost.$m)" -eq 0
done
check "600 threads: copies of $(json /tmp/w.json .threads)" "$(json /tmp/z.json '.processes | length')" -ge 1

make_file /mnt/d/f 1048583
WORK_OUT=/tmp/w.json zctrace --json --exact -- work read /mnt/d/f 4099 --times 7 >/tmp/z.json
check "--exact: the sites saw what the program read" "$(json /tmp/z.json '.processes[0].metrics.copy_to_user_file_bytes')" -ge $((7 * 1048583))
leaf=$(json /tmp/z.json '.processes[0].metrics.leaf_to_user_bytes')
sites=$(json /tmp/z.json '.processes[0].metrics | .copy_to_user_file_bytes + .copy_to_user_socket_bytes + .copy_to_user_pipe_bytes')
note "leaves $leaf, sites $sites"
check "--exact: the leaves saw as much" "$leaf" -ge "$sites"
summary
