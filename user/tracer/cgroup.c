// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup.c - cgroup v2 ids to paths and back. An id is the directory's file handle as well, which open_by_handle_at
 * turns into the directory (fs/kernfs/mount.c: FILEID_KERNFS; Linux 5.5, CAP_DAC_READ_SEARCH). Where it does not, the
 * hierarchy is walked when an id is not known yet, but for no more than a tenth of the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

#include "cgroup.h"

#define HANDLE_KERNFS 0xfe /* FILEID_KERNFS, include/linux/exportfs.h */

struct entry {
	uint64_t id;
	char *path;   /* NULL: gone */
	bool unknown; /* no walk has looked for it */
	bool kept;
	UT_hash_handle hh;
};

struct cgroups {
	struct entry *by_id;
	char root[256];
	int root_fd; /* -1: no use, there are no handles */
	unsigned int crowd;
	uint64_t next_walk_ns;
};

static struct cgroups *walking; /* nftw takes no context */

static void find_root(char *root, size_t len)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	struct mntent *m;

	snprintf(root, len, "/sys/fs/cgroup");
	while (f && (m = getmntent(f)))
		if (!strcmp(m->mnt_type, "cgroup2")) {
			snprintf(root, len, "%s", m->mnt_dir);
			break;
		}
	if (f)
		endmntent(f);
}

/* The directory, or a negative errno. -ESTALE: it is gone. */
static int open_id(int root_fd, uint64_t id)
{
	char room[sizeof(struct file_handle) + sizeof(id)] __attribute__((aligned(8)));
	struct file_handle *handle = (struct file_handle *)room;
	int fd;

	handle->handle_bytes = sizeof(id);
	handle->handle_type = HANDLE_KERNFS;
	memcpy(room + sizeof(*handle), &id, sizeof(id));
	fd = open_by_handle_at(root_fd, handle, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Whether handles lead anywhere here is seen at that of the root itself. */
static int open_root(const char *root)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), same;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		goto none;
	same = open_id(fd, st.st_ino);
	if (same < 0)
		goto none;
	close(same);
	return fd;
none:
	if (fd >= 0)
		close(fd);
	return -1;
}

struct cgroups *cgroup__new(void)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	find_root(c->root, sizeof(c->root));
	c->root_fd = open_root(c->root);
	c->crowd = CGROUPS_MAX;
	return c;
}

bool cgroup__crowded(const struct cgroups *c)
{
	return HASH_COUNT(c->by_id) > c->crowd;
}

static struct entry *find(const struct cgroups *c, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, c->by_id, &id, sizeof(id), e); /* NOLINT(clang-analyzer-core.*): uthash */
	return e;
}

void cgroup__keep(struct cgroups *c, uint64_t id)
{
	struct entry *e = find(c, id);

	if (e)
		e->kept = true;
}

void cgroup__forget(struct cgroups *c)
{
	struct entry *e, *next;

	HASH_ITER (hh, c->by_id, e, next) {
		if (e->kept) {
			e->kept = false;
			continue;
		}
		HASH_DEL(c->by_id, e);
		free(e->path);
		free(e);
	}
	c->crowd = 2 * HASH_COUNT(c->by_id) > CGROUPS_MAX ? 2 * HASH_COUNT(c->by_id) : CGROUPS_MAX;
}

void cgroup__free(struct cgroups *c)
{
	if (!c)
		return;
	for (struct entry *e = c->by_id; e; e = e->hh.next)
		e->kept = false;
	cgroup__forget(c);
	if (c->root_fd >= 0)
		close(c->root_fd);
	free(c);
}

/* NULL when out of memory. */
static struct entry *add(struct cgroups *c, uint64_t id)
{
	struct entry *e = calloc(1, sizeof(*e));
	bool oom = false;

	if (!e)
		return NULL;
	e->id = id;
	HASH_ADD(hh, c->by_id, id, sizeof(e->id), e);
	if (!oom)
		return e;
	free(e);
	return NULL;
}

static int remember(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t skip = strlen(walking->root);
	struct entry *e;

	(void)ftw;
	if (type != FTW_D)
		return 0;
	e = find(walking, st->st_ino);
	if (!e)
		e = add(walking, st->st_ino);
	if (!e)
		return -1;
	if (!e->path)
		e->path = strdup(path[skip] ? path + skip : "/");
	e->unknown = false;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Those that are not met have gone; but not if it was cut short, by too few files or too little memory. */
static void walk(struct cgroups *c)
{
	uint64_t begin = now_ns();

	if (begin < c->next_walk_ns)
		return;
	walking = c;
	if (!nftw(c->root, remember, 16, FTW_PHYS | FTW_MOUNT))
		for (struct entry *e = c->by_id; e; e = e->hh.next)
			e->unknown = false;
	c->next_walk_ns = now_ns() + 10 * (now_ns() - begin);
}

/* A directory that is being removed has a path that leads nowhere, or to another of its name. */
static char *path_of(const struct cgroups *c, int fd, uint64_t id)
{
	char link[32], path[4096];
	size_t skip = strlen(c->root);
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return NULL;
	path[n] = '\0';
	if (strncmp(path, c->root, skip) != 0 || lstat(path, &st) || st.st_ino != id)
		return NULL;
	return strdup(path[skip] ? path + skip : "/");
}

/* False: it must be walked for. */
static bool look_up(struct cgroups *c, struct entry *e)
{
	int fd = c->root_fd < 0 ? -EOPNOTSUPP : open_id(c->root_fd, e->id);

	if (fd < 0)
		return fd == -ESTALE;
	e->path = path_of(c, fd, e->id);
	close(fd);
	return true;
}

const char *cgroup__path(struct cgroups *c, uint64_t id)
{
	struct entry *e = find(c, id);

	if (!e) {
		e = add(c, id);
		if (!e)
			return NULL;
		e->unknown = !look_up(c, e);
	}
	if (e->unknown)
		walk(c);
	return e->path;
}

int cgroup__open(const char *name)
{
	char root[256], path[4096];
	struct statfs fs;
	size_t len;
	int fd, n;

	find_root(root, sizeof(root));
	len = strlen(root);
	if (!strncmp(name, root, len) && (!name[len] || name[len] == '/'))
		n = snprintf(path, sizeof(path), "%s", name);
	else
		n = snprintf(path, sizeof(path), "%s/%s", root, name);
	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENOTDIR;
}
