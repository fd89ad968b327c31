/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo_disk.c - which disk is beneath a file, and whether it masters the bus. From the file's device number (or, where
 * a file system has none of its own, as btrfs, from the mount's source) down through loop, dm and md to the last disk.
 */
#define _GNU_SOURCE 1

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "demo_path.h"

#define MAX_LAYERS 8

/* mountinfo: "36 35 98:0 /root /mount/point options [optional ...] - type source super-options". */
static bool find_mount(dev_t dev, char fs_type[DEMO_NAME_LEN], char source[PATH_MAX])
{
	char *line = NULL;
	size_t len = 0;
	bool found = false;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	while (f && !found && getline(&line, &len, f) > 0) {
		unsigned int major_nr, minor_nr;
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*u %*u %u:%u", &major_nr, &minor_nr) != 2)
			continue;
		if (makedev(major_nr, minor_nr) != dev)
			continue;
		found = sscanf(rest, " - %63s %4095s", fs_type, source) == 2;
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

static bool first_line(char *out, size_t len, const char *path)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(out, (int)len, f);

	if (f)
		fclose(f);
	if (ok)
		out[strcspn(out, "\n")] = '\0';
	return ok;
}

/* The whole disk's directory in sysfs: /sys/devices/.../block/sda. */
static bool find_block(dev_t dev, char dir[PATH_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	if (!realpath(path, dir))
		return false;
	snprintf(path, sizeof(path), "%.4000s/partition", dir);
	if (access(path, F_OK) == 0)
		*strrchr(dir, '/') = '\0';
	return true;
}

/* The device a stacked one rests on: the first of several, as all are of a kind where it matters. 0: it is the bottom.
 */
static dev_t find_beneath(const char *dir)
{
	char path[PATH_MAX], text[PATH_MAX];
	unsigned int major_nr, minor_nr;
	struct stat st;
	glob_t g = {0};
	dev_t dev = 0;

	snprintf(path, sizeof(path), "%.4000s/loop/backing_file", dir);
	if (first_line(text, sizeof(text), path) && stat(text, &st) == 0)
		return S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	snprintf(path, sizeof(path), "%.4000s/slaves/*/dev", dir);
	if (glob(path, 0, NULL, &g) == 0 && first_line(text, sizeof(text), g.gl_pathv[0]) &&
	    sscanf(text, "%u:%u", &major_nr, &minor_nr) == 2)
		dev = makedev(major_nr, minor_nr);
	globfree(&g);
	return dev;
}

/* An ATA disk in a PIO mode. .../ata1/host0/target0:0:1/0:0:1:0 belongs to .../ata1/link1/dev1.1. */
static bool is_programmed_io(const char *dir)
{
	char path[PATH_MAX], real[PATH_MAX], mode[32];
	unsigned int target = 0;
	const char *ata, *host;
	glob_t g = {0};
	bool pio = false;

	snprintf(path, sizeof(path), "%.4000s/device", dir);
	if (!realpath(path, real) || !(ata = strstr(real, "/ata")) || !(host = strstr(ata, "/host")))
		return false;
	(void)sscanf(strrchr(real, '/'), "/%*u:%*u:%u:", &target);
	snprintf(path, sizeof(path), "%.*s/link*/dev*.%u/ata_device/dev*/xfer_mode", (int)(host - real), real, target);
	if (glob(path, 0, NULL, &g) == 0 && first_line(mode, sizeof(mode), g.gl_pathv[0]))
		pio = strncmp(mode, "XFER_PIO", 8) == 0;
	globfree(&g);
	return pio;
}

static enum demo_disk class_of(const char *dir, const char *name)
{
	static const char *const by_cpu[] = {"ram", "zram", "pmem", "nd", "btt"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(by_cpu) / sizeof(by_cpu[0]); i++)
		if (strncmp(name, by_cpu[i], strlen(by_cpu[i])) == 0)
			return strncmp(name, "nbd", 3) == 0 ? DEMO_DISK_NONE : DEMO_DISK_CPU;
	snprintf(path, sizeof(path), "%.4000s/device", dir);
	if (access(path, F_OK) < 0)
		return DEMO_DISK_NONE;
	return is_programmed_io(dir) ? DEMO_DISK_CPU : DEMO_DISK_DMA;
}

void demo_path__find_disk(struct demo_path *path, int file_fd)
{
	char source[PATH_MAX] = "", dir[PATH_MAX];
	struct stat st, source_st;
	dev_t dev, beneath;

	path->disk = DEMO_DISK_NONE;
	path->disk_name[0] = path->fs_type[0] = '\0';
	if (fstat(file_fd, &st) < 0)
		return;
	dev = st.st_dev;
	if (find_mount(dev, path->fs_type, source) && major(dev) == 0 && stat(source, &source_st) == 0 &&
	    S_ISBLK(source_st.st_mode))
		dev = source_st.st_rdev;
	if (!find_block(dev, dir))
		return;
	for (int i = 0; i < MAX_LAYERS && (beneath = find_beneath(dir)) != 0; i++)
		if (!find_block(beneath, dir))
			return;
	snprintf(path->disk_name, sizeof(path->disk_name), "%.63s", strrchr(dir, '/') + 1);
	path->disk = class_of(dir, path->disk_name);
}
