// SPDX-License-Identifier: GPL-2.0-only
/* play_paths.c - the paths of cgroups that a recording has told of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "play_parts.h"

#define HASHED_BYTES 32 /* each path's share of the hash, and what malloc adds */

static struct path *path_find(const struct play *p, uint64_t id)
{
	struct path *path;

	HASH_FIND(hh, p->paths, &id, sizeof(id), path); /* NOLINT(clang-analyzer-core.*): uthash */
	return path;
}

static size_t path_bytes(const struct path *path)
{
	return sizeof(*path) + (path->text ? strlen(path->text) : 0) + HASHED_BYTES;
}

static void path_drop(struct play *p, struct path *path)
{
	p->path_bytes -= path_bytes(path);
	HASH_DEL(p->paths, path);
	free(path->text);
	free(path);
}

/* The recorder tells of all others again when they come. */
static int keep_wanted_paths(struct play *p)
{
	const struct model_process **list;
	int n = model__list(p->model, M_SYSCALLS, &list);
	struct path *path, *next;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		path = path_find(p, list[i]->cgroup);
		if (path)
			path->wanted = true;
	}
	free(list);
	HASH_ITER (hh, p->paths, path, next) {
		if (!path->wanted)
			path_drop(p, path);
		else
			path->wanted = false;
	}
	return 0;
}

int play_paths__add(struct play *p, uint64_t id, char *text)
{
	int err = p->n_told++ == RECORDING_CGROUPS_MAX ? keep_wanted_paths(p) : 0;
	struct path *path = err ? NULL : path_find(p, id);
	bool oom = false;

	if (p->n_told > RECORDING_CGROUPS_MAX)
		p->n_told = 1;
	if (path && !path->text) {
		path->text = text;
		p->path_bytes += text ? strlen(text) : 0;
		return 0;
	}
	if (err || path) {
		free(text);
		return err;
	}
	path = calloc(1, sizeof(*path));
	if (path) {
		path->id = id;
		path->text = text;
		HASH_ADD(hh, p->paths, id, sizeof(path->id), path);
		if (!oom) {
			p->path_bytes += path_bytes(path);
			return 0;
		}
	}
	free(path);
	free(text);
	return -ENOMEM;
}

const char *play_paths__text(void *ctx, uint64_t id)
{
	const struct path *path = path_find(ctx, id);

	return path ? path->text : NULL;
}

uint32_t play__n_paths(const struct play *p)
{
	return HASH_COUNT(p->paths);
}

void play_paths__free(struct play *p)
{
	struct path *path, *next;

	HASH_ITER (hh, p->paths, path, next)
		path_drop(p, path);
}
