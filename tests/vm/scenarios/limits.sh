#!/bin/sh
# What breakpoints cannot do is shown as not measured, and a kernel that locks itself down is told in a sentence.
# vm-budget: 300
. /tests/lib.sh
. /tests/vm/guest.sh

disk_up ext4 nvme0 /mnt/d
other='.metrics.copy_to_user_other_bytes'

# A set-user-ID program: the kernel drops inherited breakpoints at its exec, so what they saw is not the whole.
cp /bin/work /mnt/d/suid
chmod 4755 /mnt/d/suid
chmod 755 /mnt/d
zctrace --json -- setpriv --reuid 65534 --regid 65534 --clear-groups /mnt/d/suid fstat 1009 >/tmp/o 2>/tmp/e
grep '^{' /tmp/o | tail -n 1 >/tmp/z.line
sed 1d /tmp/o >/tmp/z.json
check "set-user-ID exec: other is not measured" "$(json /tmp/z.json ".processes[0]$other")" = null
check "set-user-ID exec: the rest is" "$(json /tmp/z.json '.processes[0].metrics.syscalls')" -ge 1009

zctrace --json -- setpriv --reuid 65534 --regid 65534 --clear-groups /mnt/d/suid forks 3 1009 >/tmp/o 2>/tmp/e
sed 1d /tmp/o >/tmp/z.json
check "set-user-ID exec: its children" "$(json /tmp/z.json '.processes | length')" -eq 4
check "set-user-ID exec: nor is their other" "$(json /tmp/z.json "[.processes[]$other | select(. != null)] | length")" -eq 0
WORK_OUT=/tmp/w.json zctrace --json --exact -- setpriv --reuid 65534 --regid 65534 --clear-groups /mnt/d/suid fstat 11 >/tmp/z.json
check "set-user-ID exec: nor are the leaves of --exact" "$(json /tmp/z.json '.processes[0].metrics.leaf_to_user_bytes')" = null

# A thread that hits them too often is given up, at the second look, a quarter of a second after the first.
WORK_OUT=/tmp/w.json zctrace --json --leaf-limit 50 -- work fstat 400009 >/tmp/z.json
check "too many hits: other is not measured" "$(json /tmp/z.json ".processes[0]$other")" = null
check "too many hits: the calls are" "$(json /tmp/z.json '.processes[0].metrics.syscalls')" -ge 400009
zctrace --json --leaf-limit 50 -- /bin/sh -c 'work fstat 400009 >/dev/null; true' >/tmp/z.json
check "too many hits by a child: its other is not measured" "$(json /tmp/z.json "[.processes[] | select(.comm == \"work\") | $other] | map(tostring) | join(\" \")")" = null
WORK_OUT=/tmp/w.json zctrace --json -- work fstat 1009 >/tmp/z.json
check "few hits: other is measured" "$(json /tmp/z.json ".processes[0]$other")" -ge $((1009 * 144))

# Hooks forced away are shown as such.
WORK_OUT=/tmp/w.json zctrace --json --hooks copy=infer -- work pipe 101 1009 >/tmp/z.json
check "--hooks copy=infer: inferred, and the same" "$(json /tmp/z.json '[.processes[].metrics.copy_to_user_pipe_bytes] | add')" -eq $((101 * 1009))
check "--hooks copy=infer: says so" "$(json /tmp/z.json '.inferred | index("copy_to_user_pipe_bytes") != null')" = true

mount -t securityfs securityfs /sys/kernel/security
if ! echo confidentiality >/sys/kernel/security/lockdown; then
	fail "lockdown" "this kernel cannot be locked down"
fi
zctrace -d 1 >/tmp/o 2>/tmp/e
check "lockdown=confidentiality: exit status" $? -eq 4
check "lockdown=confidentiality: one sentence" "$(wc -l </tmp/e)" -eq 1
check "lockdown=confidentiality: what and what to do" "$(cat /tmp/e)" '~' 'confidentiality.*lockdown=integrity'
check "lockdown=confidentiality: no output" "$(wc -c </tmp/o)" -eq 0
summary
