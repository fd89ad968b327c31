/* SPDX-License-Identifier: GPL-2.0-only */
/* demo_path.h - what the bytes of a transfer really pass: which disk, which network interface, and what those can do.
 */
#ifndef ZCTRACE_DEMO_PATH_H
#define ZCTRACE_DEMO_PATH_H

#include <net/if.h>
#include <stdbool.h>

enum demo_disk {
	DEMO_DISK_DMA,	/* masters the bus; a virtio disk counts as such */
	DEMO_DISK_CPU,	/* RAM disk, persistent memory, programmed I/O: the CPU moves the bytes */
	DEMO_DISK_NONE, /* tmpfs, a network file system */
};

enum demo_link {
	DEMO_LINK_NIC,
	DEMO_LINK_LOOPBACK,
	DEMO_LINK_VIRTUAL, /* no physical parent: veth, bridge, tunnel, ... */
};

#define DEMO_NAME_LEN 64

struct demo_path {
	enum demo_disk disk;
	char disk_name[DEMO_NAME_LEN]; /* at the bottom of loop, dm and md; "" with DEMO_DISK_NONE */
	char fs_type[DEMO_NAME_LEN];
	enum demo_link link;
	char interface[IF_NAMESIZE];
	char driver[DEMO_NAME_LEN]; /* of the NIC, else "" */
	bool scatter_gather;
};

void demo_path__find_disk(struct demo_path *path, int file_fd);
/* 0 or a negative errno: no route to the peer could be found. */
int demo_path__find_link(struct demo_path *path, int sock_fd);

#endif
