// SPDX-License-Identifier: GPL-2.0-only
/* objects.c - which disks master the bus. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/types.h>

#include <bpf/bpf.h>

#include "../../bpf/zctrace.h"
#include "objects.h"

static bool read_line(const char *path, char *buf, size_t len)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, len, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = 0;
	return ok;
}

static bool exists(const char *name, const char *below)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/block/%s/%s", name, below);
	return !access(path, F_OK);
}

/* An ATA disk in a PIO mode: .../ataN/.../ataN/linkM/devM.D/ata_device/devM.D/xfer_mode, beside the SCSI host's path.
 */
static bool is_pio(const char *sys_path)
{
	char port[64], path[512], mode[32];
	const char *ata = strstr(sys_path, "/ata");
	unsigned int n, target = 0;
	const char *t;

	if (!ata || sscanf(ata, "/ata%u/", &n) != 1)
		return false;
	t = strstr(sys_path, "/target");
	if (t)
		sscanf(t, "/target%*u:%*u:%u", &target);
	snprintf(port, sizeof(port), "dev%u.%u", n, target);
	snprintf(path, sizeof(path), "/sys/class/ata_device/%s/xfer_mode", port);
	return read_line(path, mode, sizeof(mode)) && strstr(mode, "PIO");
}

static enum zc_disk_class class_of(const char *name)
{
	static const char *const stacked[] = {"loop", "dm-", "md", "nbd", "drbd", "bcache", "rbd"};
	static const char *const memory[] = {"ram", "zram", "pmem"};
	char link[512], path[512];
	ssize_t n;

	for (size_t i = 0; i < sizeof(stacked) / sizeof(stacked[0]); i++)
		if (!strncmp(name, stacked[i], strlen(stacked[i])))
			return ZD_STACKED;
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		if (!strncmp(name, memory[i], strlen(memory[i])))
			return exists(name, "mq") ? ZD_CPU : ZD_CPU_BIO;
	snprintf(path, sizeof(path), "/sys/block/%s", name);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return ZD_UNKNOWN;
	link[n] = 0;
	if (strstr(link, "/nvme-fabrics/") || strstr(link, "/nvme-subsystem/")) {
		char transport[32];

		snprintf(path, sizeof(path), "/sys/block/%s/device/transport", name);
		if (read_line(path, transport, sizeof(transport)) && strcmp(transport, "pcie") != 0)
			return ZD_STACKED;
		return ZD_DMA;
	}
	if (strstr(link, "/virtual/"))
		return exists(name, "mq") ? ZD_CPU
					  : ZD_STACKED; /* null_blk, zloop and the like move bytes by CPU, if at all */
	return is_pio(link) ? ZD_CPU : ZD_DMA;
}

int objects__class_disks(int map_fd)
{
	DIR *d = opendir("/sys/block");
	struct dirent *e;
	int count = 0;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		unsigned int major, minor;
		char path[512], dev[32];
		__u32 key, class;

		snprintf(path, sizeof(path), "/sys/block/%s/dev", e->d_name);
		if (e->d_name[0] == '.' || !read_line(path, dev, sizeof(dev)) ||
		    sscanf(dev, "%u:%u", &major, &minor) != 2)
			continue;
		key = major << 20 | minor;
		class = class_of(e->d_name);
		bpf_map_update_elem(map_fd, &key, &class, BPF_ANY);
		count++;
	}
	closedir(d);
	return count;
}
