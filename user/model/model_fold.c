/* SPDX-License-Identifier: GPL-2.0-only */
/* model_fold.c - ended processes beyond those kept by name become one row per comm and cgroup, and stay counted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

void grave__free(struct model *m, struct grave *g)
{
	HASH_DEL(m->graves, g);
	m->n_grave_uids -= g->room;
	free(g->uids);
	free(g);
}

struct process *fold__find(const struct model *m, const struct model_process *like)
{
	struct fold_key key = {.cgroup = like->cgroup};
	struct process *fold;

	memcpy(key.comm, like->comm, ZC_COMM_LEN);
	HASH_FIND(hh, m->folds, &key, sizeof(key), fold);
	return fold;
}

/* The fold for processes like this one, made if there is none yet. */
static struct process *fold_open(struct model *m, const struct model_process *like)
{
	struct process *fold = fold__find(m, like);
	bool oom = false;

	if (fold)
		return fold;
	fold = calloc(1, sizeof(*fold));
	if (!fold)
		return NULL;
	memcpy(fold->p.comm, like->comm, ZC_COMM_LEN);
	fold->p.cgroup = like->cgroup;
	memcpy(fold->fold_key.comm, like->comm, ZC_COMM_LEN);
	fold->fold_key.cgroup = like->cgroup;
	HASH_ADD(hh, m->folds, fold_key, sizeof(fold->fold_key), fold);
	if (!oom)
		return fold;
	free(fold);
	return NULL;
}

struct grave *grave__find(const struct model *m, struct zc_owner id)
{
	struct grave *g;

	id = owner__clean(id);
	HASH_FIND(hh, m->graves, &id, sizeof(id), g);
	return g;
}

bool grave__holds(const struct grave *g, uint64_t uid)
{
	for (uint32_t i = 0; i < g->n_uids; i++)
		if (g->uids[i] == uid)
			return true;
	return false;
}

static int by_ended_order(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a, *y = *(struct process *const *)b;

	return (x->ended_order > y->ended_order) - (x->ended_order < y->ended_order);
}

static int grave_dig(struct model *m, const struct process *p, struct process *fold)
{
	struct grave *g = calloc(1, sizeof(*g));
	bool oom = false;

	if (!g)
		return -ENOMEM;
	g->uids = calloc(p->p.n_threads, sizeof(*g->uids));
	if (!g->uids)
		goto out;
	g->id = p->p.id;
	g->fold = fold;
	HASH_ADD(hh, m->graves, id, sizeof(g->id), g);
	if (oom)
		goto out;
	g->room = p->p.n_threads;
	m->n_grave_uids += g->room;
	if (HASH_COUNT(m->graves) > GRAVES_MAX)
		grave__free(m, m->graves);
	return 0;
out:
	free(g->uids);
	free(g);
	return -ENOMEM;
}

/* Opens a fold and a grave for each of the n; what finds no memory stays a process by name. */
static int fold_prepare(struct model *m, struct process **ended, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct process *p = ended[i], *fold = fold_open(m, &p->p);

		if (!fold || grave_dig(m, p, fold))
			return -ENOMEM;
		p->fold_into = fold;
		for (int v = 0; v < M_COUNT; v++)
			fold->p.v[v] += p->p.v[v];
		fold->p.flags |= p->p.flags;
		fold->p.n_threads += p->p.n_threads;
		fold->p.folded++;
		m->n_folded++;
	}
	return 0;
}

/* Owner work goes on being told apart, for the fold's sake; threads are done and leave their number in the grave. */
static void fold_parts(struct model *m)
{
	struct part *part, *next;

	HASH_ITER (hh, m->parts, part, next) {
		struct process *p = part->process;
		struct grave *g;

		if (!p || !p->fold_into)
			continue;
		part->process = p->fold_into;
		if (part->key.kind != PART_THREAD)
			continue;
		g = grave__find(m, p->p.id);
		if (g)
			g->uids[g->n_uids++] = part->t.uid;
		HASH_DEL(m->parts, part);
		free(part);
	}
}

int fold__oldest(struct model *m, size_t n_ended)
{
	size_t n = n_ended - m->max_ended, at = 0;
	struct process **ended = malloc(n_ended * sizeof(struct process *));
	struct process *p, *next;
	int err;

	if (!ended)
		return -ENOMEM;
	HASH_ITER (hh, m->processes, p, next)
		if (p->ended_order)
			ended[at++] = p;
	qsort(ended, n_ended, sizeof(struct process *), by_ended_order);
	err = fold_prepare(m, ended, n);
	fold_parts(m);
	for (size_t i = 0; i < n; i++) {
		if (!ended[i]->fold_into)
			continue;
		HASH_DEL(m->processes, ended[i]); /* NOLINT(clang-analyzer-core.*): uthash */
		free(ended[i]);
	}
	free(ended);
	return err;
}
