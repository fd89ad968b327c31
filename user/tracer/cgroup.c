// SPDX-License-Identifier: GPL-2.0-only
/* cgroup.c - cgroup v2 ids to paths and back, by walking the hierarchy when an id is not known yet. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <uthash.h>

#include "cgroup.h"

struct entry {
	uint64_t id;
	char *path;
	UT_hash_handle hh;
};

struct cgroups {
	struct entry *by_id;
	char root[256];
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

struct cgroups *cgroup__new(void)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (c)
		find_root(c->root, sizeof(c->root));
	return c;
}

static void forget(struct cgroups *c)
{
	struct entry *e, *next;

	HASH_ITER (hh, c->by_id, e, next) {
		HASH_DEL(c->by_id, e);
		free(e->path);
		free(e);
	}
}

void cgroup__free(struct cgroups *c)
{
	if (!c)
		return;
	forget(c);
	free(c);
}

static int remember(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t skip = strlen(walking->root);
	struct entry *e;
	uint64_t id = st->st_ino;

	(void)ftw;
	if (type != FTW_D)
		return 0;
	HASH_FIND(hh, walking->by_id, &id, sizeof(id), e);
	if (e)
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return -1;
	e->id = id;
	e->path = strdup(path[skip] ? path + skip : "/");
	HASH_ADD(hh, walking->by_id, id, sizeof(e->id), e);
	return 0;
}

const char *cgroup__path(struct cgroups *c, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, c->by_id, &id, sizeof(id), e);
	if (!e) {
		bool whole;

		walking = c;
		whole = !nftw(c->root, remember, 16, FTW_PHYS | FTW_MOUNT);
		HASH_FIND(hh, c->by_id, &id, sizeof(id), e);
		if (!e && !whole) /* too few files or too little memory, or one vanished on the way: it may be there */
			return NULL;
		if (!e) { /* gone: do not walk again for it */
			e = calloc(1, sizeof(*e));
			if (!e)
				return NULL;
			e->id = id;
			HASH_ADD(hh, c->by_id, id, sizeof(e->id), e);
		}
	}
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
