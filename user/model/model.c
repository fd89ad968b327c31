/* SPDX-License-Identifier: GPL-2.0-only */
/* model.c - records in, sums out. What the words part, process, fold and grave mean is in model_parts.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

struct model *model__new(uint32_t max_ended)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		m->max_ended = max_ended;
	return m;
}

void model__free(struct model *m)
{
	struct part *part, *next_part;
	struct process *p, *next_p;
	struct grave *g, *next_g;

	if (!m)
		return;
	HASH_ITER (hh, m->parts, part, next_part) {
		HASH_DEL(m->parts, part);
		free(part);
	}
	HASH_ITER (hh, m->processes, p, next_p) {
		HASH_DEL(m->processes, p);
		free(p);
	}
	HASH_ITER (hh, m->folds, p, next_p) {
		HASH_DEL(m->folds, p);
		free(p);
	}
	HASH_ITER (hh, m->graves, g, next_g)
		grave__free(m, g);
	free(m);
}

struct zc_owner owner__clean(struct zc_owner id)
{
	id.pad = 0;
	return id;
}

struct process *process__find(const struct model *m, struct zc_owner id)
{
	struct process *p;

	id = owner__clean(id);
	HASH_FIND(hh, m->processes, &id, sizeof(id), p);
	return p;
}

static struct process *process_add(struct model *m, struct zc_owner id)
{
	struct process *p = calloc(1, sizeof(*p));
	bool oom = false;

	if (!p)
		return NULL;
	p->p.id = owner__clean(id);
	HASH_ADD(hh, m->processes, p.id, sizeof(p->p.id), p);
	if (!oom)
		return p;
	free(p);
	return NULL;
}

static struct part_key part_key_of(const struct zc_record *r)
{
	if (r->flags & ZT_UNATTRIBUTED)
		return (struct part_key){PART_UNATTRIBUTED, r->tid, r->uid};
	if (r->flags & ZT_OWNER)
		return (struct part_key){PART_OWNER, r->process.tgid, r->process.start_ns};
	return (struct part_key){PART_THREAD, 0, r->uid};
}

static struct part *part_find(const struct model *m, const struct part_key *key)
{
	struct part *part;

	HASH_FIND(hh, m->parts, key, sizeof(*key), part); /* NOLINT(clang-analyzer-core.*): uthash */
	return part;
}

static struct part *part_add(struct model *m, const struct part_key *key)
{
	struct part *part = calloc(1, sizeof(*part));
	bool oom = false;

	if (!part)
		return NULL;
	part->key = *key;
	HASH_ADD(hh, m->parts, key, sizeof(part->key), part);
	if (!oom)
		return part;
	free(part);
	return NULL;
}

static bool is_system(const struct zc_record *r)
{
	return r->process.tgid == 0 || (r->flags & (ZT_KTHREAD | ZT_UNATTRIBUTED));
}

/* The larger value holds. A fold is told the difference: its parts are not summed again. True if no figure was older.
 */
static bool part_merge(struct part *part, const uint64_t v[M_COUNT])
{
	struct process *fold = part->process && part->process->p.folded ? part->process : NULL;
	bool fresh = true;

	for (int i = 0; i < M_COUNT; i++) {
		fresh &= v[i] >= part->t.v[i];
		if (v[i] <= part->t.v[i])
			continue;
		if (fold)
			fold->p.v[i] += v[i] - part->t.v[i];
		part->t.v[i] = v[i];
	}
	return fresh;
}

/* Who the thread and its process are, from a record that is not behind what is known. */
static void identify(struct part *part, const struct zc_record *r)
{
	struct process *p = part->process;

	part->t.uid = r->uid;
	part->t.tid = r->tid;
	memcpy(part->t.comm, r->comm, ZC_COMM_LEN);
	if (!p || p->p.folded)
		return;
	/* work done for a process tells its name only if no thread of it has */
	if ((r->flags & ZT_OWNER) && p->p.comm[0])
		return;
	if (r->leader_comm[0] || !p->p.comm[0])
		memcpy(p->p.comm, r->leader_comm[0] ? r->leader_comm : r->comm, ZC_COMM_LEN);
	if (r->ppid)
		p->p.ppid = r->ppid;
	if (r->cgroup)
		p->p.cgroup = r->cgroup;
}

/* Sets *ret to the process the record is for, NULL for the system line. 0, -ENOMEM, or -EALREADY: counted in a fold. */
static int process_of(struct model *m, const struct zc_record *r, struct process **ret)
{
	const struct grave *g;

	*ret = NULL;
	if (is_system(r))
		return 0;
	*ret = process__find(m, r->process);
	if (*ret)
		return 0;
	g = grave__find(m, r->process);
	if (g) {
		*ret = g->fold;
		return !(r->flags & ZT_OWNER) && grave__holds(g, r->uid) ? -EALREADY : 0;
	}
	*ret = process_add(m, r->process);
	return *ret ? 0 : -ENOMEM;
}

int model__add(struct model *m, const struct zc_record *r)
{
	struct part_key key = part_key_of(r);
	struct part *part = part_find(m, &key);
	uint64_t v[M_COUNT];
	struct process *p;
	bool fresh;

	if (!part) {
		int err = process_of(m, r, &p);

		if (err)
			return err == -EALREADY ? 0 : err;
		part = part_add(m, &key);
		if (!part)
			return -ENOMEM;
		part->process = p;
	}
	for (int i = 0; i < M_COUNT; i++)
		v[i] = r->v[i];
	fresh = part_merge(part, v);
	if (fresh)
		part->t.flags = (part->t.flags & STICKY_FLAGS) | r->flags;
	else
		part->t.flags |= r->flags & STICKY_FLAGS;
	if (fresh)
		identify(part, r);
	return 0;
}

bool model__last_record(const struct model *m, uint64_t uid, struct zc_record *ret)
{
	struct part_key key = {PART_THREAD, 0, uid};
	const struct part *part = part_find(m, &key);

	if (!part || !part->process)
		return false;
	*ret = (struct zc_record){
		.uid = uid,
		.process = part->process->p.id,
		.tid = part->t.tid,
		.ppid = part->process->p.ppid,
		.flags = part->t.flags,
		.cgroup = part->process->p.cgroup,
	};
	memcpy(ret->comm, part->t.comm, sizeof(ret->comm));
	memcpy(ret->leader_comm, part->process->p.comm, sizeof(ret->leader_comm));
	memcpy(ret->v, part->t.v, sizeof(ret->v));
	return true;
}

int model__set_system(struct model *m, uint32_t source, const uint64_t v[M_COUNT])
{
	struct part_key key = {PART_SOURCE, source, 0};
	struct part *part = part_find(m, &key);

	if (!part)
		part = part_add(m, &key);
	if (!part)
		return -ENOMEM;
	part_merge(part, v);
	return 0;
}

static void sum_clear(struct model *m)
{
	struct process *p, *next;

	memset(m->system, 0, sizeof(m->system));
	HASH_ITER (hh, m->processes, p, next) {
		memset(p->p.v, 0, sizeof(p->p.v));
		p->p.flags = 0;
		p->p.n_threads = 0;
		p->threads = NULL;
		p->n_ended = 0;
	}
}

static void sum_part(struct model *m, struct part *part)
{
	struct process *p = part->process;
	uint64_t *sum = p ? p->p.v : m->system;

	if (p && p->p.folded)
		return;
	for (int i = 0; i < M_COUNT; i++)
		sum[i] += part->t.v[i];
	if (!p)
		return;
	p->p.flags |= part->t.flags & ~(uint32_t)ZT_EXITED;
	if (part->key.kind != PART_THREAD)
		return;
	p->p.n_threads++;
	part->next_thread = p->threads;
	p->threads = part;
	p->n_ended += !!(part->t.flags & ZT_EXITED);
}

/* Marks processes whose threads have all ended, in the order it was noticed, and counts them. */
static size_t sum_ended(struct model *m)
{
	struct process *p, *next;
	size_t n = 0;

	HASH_ITER (hh, m->processes, p, next) {
		if (p->p.n_threads == 0 || p->n_ended < p->p.n_threads) {
			p->ended_order = 0;
			continue;
		}
		p->p.flags |= ZT_EXITED;
		if (!p->ended_order)
			p->ended_order = ++m->last_ended;
		n++;
	}
	return n;
}

int model__sum(struct model *m)
{
	struct part *part, *next;
	size_t n_ended;

	sum_clear(m);
	HASH_ITER (hh, m->parts, part, next)
		sum_part(m, part);
	n_ended = sum_ended(m);
	return n_ended > m->max_ended ? fold__oldest(m, n_ended) : 0;
}
