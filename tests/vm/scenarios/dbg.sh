#!/bin/sh
# vm-budget: 280
. /tests/lib.sh
. /tests/vm/guest.sh
disk_up ext4 nvme0 /mnt/d
net_up e1000
far zctrace demo --sink-only 7001 & sleep 1
zctrace demo --dir /mnt/d --sink $FAR_IP:7001 2>&1
net_up virtio
zctrace demo --dir /mnt/d --sink $FAR_IP:7001 --way read+write,sendfile,zerocopy,uring-zc 2>&1
summary
