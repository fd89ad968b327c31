/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * objects.h - which disks master the bus: BPF cannot tell, sysfs can.
 *
 * DMA: a physical ancestor with a driver (PCI, platform, virtio). CPU: programmed I/O, RAM disks. Stacked: loop, device
 * mapper, md, network block devices: what they move is counted at the device beneath, or at the socket.
 */
#ifndef ZCTRACE_OBJECTS_H
#define ZCTRACE_OBJECTS_H

/* Classes every disk of /sys/block into the map (dev -> enum zc_disk_class). Returns their number or a negative errno.
 */
int objects__class_disks(int map_fd);

#endif
