#!/bin/sh
# vm-budget: 150
. /tests/lib.sh
. /tests/vm/guest.sh
zctrace -vv -- /bin/work syscalls 1009 >/tmp/o 2>/tmp/e; echo rc=$?
grep -vE "^libbpf: (elf|sec|map|prog '.*': (added|relo)|loading|extern|struct|skipping|CO-RE)" /tmp/e | tail -60 | cut -c1-180
tail -50 /tmp/o
summary
