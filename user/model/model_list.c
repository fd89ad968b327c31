/* SPDX-License-Identifier: GPL-2.0-only */
/* model_list.c - the model as others see it: lists, look-ups and a copy of the sums for intervals. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "model_parts.h"

const uint64_t *model__system(const struct model *m)
{
	return m->system;
}

void model__total(const struct model *m, uint64_t ret[M_COUNT])
{
	for (int i = 0; i < M_COUNT; i++)
		ret[i] = m->system[i] + m->processes_v[i];
}

size_t model__n_alive(const struct model *m)
{
	return m->n_alive;
}

size_t model__n_processes(const struct model *m)
{
	return HASH_COUNT(m->processes);
}

size_t model__n_folded(const struct model *m)
{
	return m->n_folded;
}

#define HASHED_BYTES 32 /* each thing's share of its hash, and what malloc adds */

size_t model__bytes(const struct model *m)
{
	return HASH_COUNT(m->parts) * (sizeof(struct part) + HASHED_BYTES) +
	       (HASH_COUNT(m->processes) + HASH_COUNT(m->folds)) * (sizeof(struct process) + HASHED_BYTES) +
	       HASH_COUNT(m->graves) * (sizeof(struct grave) + HASHED_BYTES) + m->n_grave_uids * sizeof(uint64_t) +
	       HASH_COUNT(m->tombs) * (sizeof(struct tomb) + HASHED_BYTES);
}

const struct model_process *model__find(const struct model *m, const struct model_process *like)
{
	const struct process *p;
	const struct grave *g;

	if (like->folded) {
		p = fold__find(m, like);
		if (!p || (!like->id.tgid && like->id.start_ns != p->p.id.start_ns)) /* it went to the others */
			p = fold__other(m);
		return p ? &p->p : NULL;
	}
	p = process__find(m, like->id);
	if (p)
		return &p->p;
	g = grave__find(m, like->id);
	return g ? &g->fold->fold->p : NULL;
}

struct sort_entry {
	uint64_t key;
	const struct model_process *p;
};

/* Largest first; what is equal is ordered by what tells two rows apart, so that the same totals print the same. */
static int by_key(const void *a, const void *b)
{
	const struct sort_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	if (x->p->id.tgid != y->p->id.tgid)
		return x->p->id.tgid > y->p->id.tgid ? 1 : -1;
	if (x->p->id.start_ns != y->p->id.start_ns && !x->p->folded)
		return x->p->id.start_ns > y->p->id.start_ns ? 1 : -1;
	if (x->p->cgroup != y->p->cgroup)
		return x->p->cgroup > y->p->cgroup ? 1 : -1;
	return memcmp(x->p->comm, y->p->comm, ZC_COMM_LEN);
}

static void sort_entry_fill(struct sort_entry *e, const struct process *p, enum metric sort_by)
{
	e->p = &p->p;
	e->key = sort_by < M_COUNT ? p->p.v[sort_by] : metric__cpu_copied(p->p.v);
}

int model__list(const struct model *m, enum metric sort_by, const struct model_process ***ret)
{
	size_t max = HASH_COUNT(m->processes) + HASH_COUNT(m->folds), n = 0;
	struct sort_entry *entries = malloc((max + 1) * sizeof(*entries));
	const struct model_process **list = malloc((max + 1) * sizeof(const struct model_process *));
	const struct process *p;

	if (!entries || !list) {
		free(entries);
		free(list);
		return -ENOMEM;
	}
	for (p = m->processes; p; p = p->hh.next)
		sort_entry_fill(&entries[n++], p, sort_by);
	for (p = m->folds; p; p = p->hh.next)
		if (p->p.folded)
			sort_entry_fill(&entries[n++], p, sort_by);
	qsort(entries, n, sizeof(*entries), by_key);
	for (size_t i = 0; i < n; i++)
		list[i] = entries[i].p;
	free(entries);
	*ret = list;
	return (int)n;
}

static int by_tid(const void *a, const void *b)
{
	const struct model_thread *x = *(const struct model_thread *const *)a,
				  *y = *(const struct model_thread *const *)b;

	if (x->tid != y->tid)
		return x->tid > y->tid ? 1 : -1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

int model__threads(const struct model *m, const struct model_process *p, const struct model_thread ***ret)
{
	const struct model_thread **list = malloc((p->n_threads + 1) * sizeof(const struct model_thread *));
	const struct part *part = NULL;
	size_t n = 0;

	(void)m;
	if (!list)
		return -ENOMEM;
	if (!p->folded)
		part = ((const struct process *)p)->threads;
	for (; part; part = part->next_thread)
		list[BOUND_OF(n++, p->n_threads)] = &part->t;
	qsort(list, n, sizeof(const struct model_thread *), by_tid);
	*ret = list;
	return (int)n;
}

/* Copies one hash of processes into another, in order. */
static int copy_processes(struct process **to, const struct process *from, bool folds)
{
	bool oom = false;

	for (; from; from = from->hh.next) {
		struct process *p = malloc(sizeof(*p));

		if (!p)
			return -ENOMEM;
		*p = *from;
		p->threads = NULL;
		p->ref = NULL;
		memset(&p->hh, 0, sizeof(p->hh));
		if (folds)
			HASH_ADD(hh, *to, fold_key, sizeof(p->fold_key), p);
		else
			HASH_ADD(hh, *to, p.id, sizeof(p->p.id), p);
		if (oom) {
			free(p);
			return -ENOMEM;
		}
	}
	return 0;
}

struct model *model__copy_sums(const struct model *m)
{
	struct model *copy = model__new(m->max_ended);

	if (!copy)
		return NULL;
	memcpy(copy->system, m->system, sizeof(copy->system));
	memcpy(copy->processes_v, m->processes_v, sizeof(copy->processes_v));
	copy->n_alive = m->n_alive;
	copy->n_folded = m->n_folded;
	if (!copy_processes(&copy->processes, m->processes, false) && !copy_processes(&copy->folds, m->folds, true))
		return copy;
	model__free(copy);
	return NULL;
}
