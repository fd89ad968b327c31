/* SPDX-License-Identifier: GPL-2.0-only */
/* model_fold.c - ended processes beyond those kept by name become one row per comm and cgroup, and stay counted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

static void ref_put(struct fold_ref *ref)
{
	if (--ref->n == 0)
		free(ref);
}

void grave__free(struct model *m, struct grave *g)
{
	HASH_DEL(m->graves, g);
	m->n_grave_uids -= g->room;
	ref_put(g->fold);
	if (g->uids != &g->uid)
		free(g->uids);
	free(g);
}

void fold__free(struct model *m, struct process *fold)
{
	HASH_DEL(m->folds, fold);
	if (fold->ref)
		ref_put(fold->ref);
	free(fold);
}

bool model__is_other(const struct model_process *p)
{
	static const char other[ZC_COMM_LEN] = MODEL_FOLD_OTHER;

	return p->folded && !p->cgroup && memcmp(p->comm, other, ZC_COMM_LEN) == 0;
}

struct process *fold__other(const struct model *m)
{
	return fold__find(m, &(struct model_process){.comm = MODEL_FOLD_OTHER});
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
	if (fold)
		fold->ref = calloc(1, sizeof(*fold->ref));
	if (!fold || !fold->ref) {
		free(fold);
		return NULL;
	}
	*fold->ref = (struct fold_ref){fold, 1};
	fold->p.id.start_ns = ++m->last_fold;
	memcpy(fold->p.comm, like->comm, ZC_COMM_LEN);
	fold->p.cgroup = like->cgroup;
	memcpy(fold->fold_key.comm, like->comm, ZC_COMM_LEN);
	fold->fold_key.cgroup = like->cgroup;
	HASH_ADD(hh, m->folds, fold_key, sizeof(fold->fold_key), fold);
	if (!oom)
		return fold;
	free(fold->ref);
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
	uint32_t n_uids = p->p.n_threads - p->n_retired;
	bool oom = false;

	if (!g)
		return -ENOMEM;
	g->uids = n_uids > 1 ? calloc(n_uids, sizeof(*g->uids)) : &g->uid;
	if (!g->uids)
		goto out;
	g->id = p->p.id;
	g->fold = fold->ref;
	HASH_ADD(hh, m->graves, id, sizeof(g->id), g);
	if (oom)
		goto out;
	fold->ref->n++;
	g->room = n_uids;
	m->n_grave_uids += g->room;
	if (HASH_COUNT(m->graves) > GRAVES_MAX)
		grave__free(m, m->graves);
	return 0;
out:
	if (g->uids != &g->uid)
		free(g->uids);
	free(g);
	return -ENOMEM;
}

static void fold_add(struct process *fold, const struct model_process *p)
{
	for (int v = 0; v < M_COUNT; v++)
		fold->p.v[v] += p->v[v];
	fold->p.flags |= p->flags;
	fold->p.n_threads += p->n_threads;
	fold->p.folded += p->folded ? p->folded : 1;
}

/* Opens a fold and a grave for each of the n; what finds no memory stays a process by name. */
static int fold_prepare(struct model *m, struct process **ended, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct process *p = ended[i], *fold = fold_open(m, &p->p);

		if (!fold || grave_dig(m, p, fold))
			return -ENOMEM;
		p->fold_into = fold;
		fold_add(fold, &p->p);
		m->n_folded++;
	}
	return 0;
}

static int by_copied(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a, *y = *(struct process *const *)b;
	uint64_t p = metric__cpu_copied(x->p.v), q = metric__cpu_copied(y->p.v);

	if (p != q)
		return p < q ? -1 : 1;
	return (x->p.id.start_ns > y->p.id.start_ns) - (x->p.id.start_ns < y->p.id.start_ns);
}

/* Adds the least of the folds to the one of the others: fold_into says which, and it is for the caller to free them. */
static int fold_least(struct model *m)
{
	size_t max = HASH_COUNT(m->folds), n = 0;
	struct process **list, *fold, *next, *other;

	if (max <= MODEL_FOLDS_MAX + 1)
		return 0;
	other = fold_open(m, &(struct model_process){.comm = MODEL_FOLD_OTHER});
	list = malloc((max + 1) * sizeof(struct process *));
	if (!other || !list) {
		free(list);
		return -ENOMEM;
	}
	HASH_ITER (hh, m->folds, fold, next)
		if (fold != other)
			list[n++] = fold;
	qsort(list, n, sizeof(struct process *), by_copied);
	for (size_t i = 0; i + MODEL_FOLDS_MAX * 3 / 4 < n; i++) {
		list[i]->fold_into = other;
		list[i]->ref->fold = other;
		fold_add(other, &list[i]->p);
	}
	free(list);
	return 0;
}

static void free_folded(struct model *m)
{
	struct process *p, *next;

	HASH_ITER (hh, m->processes, p, next) {
		if (!p->fold_into)
			continue;
		HASH_DEL(m->processes, p); /* NOLINT(clang-analyzer-core.*): uthash */
		free(p);
	}
	HASH_ITER (hh, m->folds, p, next)
		if (p->fold_into)
			fold__free(m, p);
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
		part->process = p->fold_into->fold_into ? p->fold_into->fold_into : p->fold_into;
		if (part->key.kind == PART_OWNER || p->p.folded)
			continue;
		g = part->key.kind == PART_THREAD ? grave__find(m, p->p.id) : NULL;
		if (g)
			g->uids[g->n_uids++] = part->t.uid;
		part__free(m, part);
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
	if (!err)
		err = fold_least(m);
	fold_parts(m);
	free_folded(m);
	free(ended);
	return err;
}
