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
	HASH_ITER (hh, m->graves, g, next_g)
		grave__free(m, g);
	HASH_ITER (hh, m->folds, p, next_p)
		fold__free(m, p);
	retire__free(m);
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
	if (r->flags & ZT_OWNER && r->uid) /* no process has such a number */
		return (struct part_key){PART_OWNER, UINT32_MAX, r->uid};
	if (r->flags & ZT_OWNER) /* of recordings from before owner work had a uid */
		return (struct part_key){PART_OWNER, r->process.tgid, r->process.start_ns};
	return (struct part_key){PART_THREAD, 0, r->uid};
}

struct part *part__find(const struct model *m, const struct part_key *key)
{
	struct part *part;

	HASH_FIND(hh, m->parts, key, sizeof(*key), part); /* NOLINT(clang-analyzer-core.*): uthash */
	return part;
}

struct part *part__add(struct model *m, const struct part_key *key)
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

void part__free(struct model *m, struct part *part)
{
	HASH_DEL(m->parts, part);
	free(part);
}

static bool is_system(const struct zc_record *r)
{
	return r->process.tgid == 0 || (r->flags & (ZT_KTHREAD | ZT_UNATTRIBUTED));
}

/* The larger value holds. A fold is told the difference: its parts are not summed again. True if no figure was older.
 */
static bool part_merge(struct model *m, struct part *part, const uint64_t v[M_COUNT])
{
	struct process *fold = part->process && part->process->p.folded ? part->process : NULL;
	bool fresh = true;

	for (int i = 0; i < M_COUNT; i++) {
		fresh &= v[i] >= part->t.v[i];
		if (v[i] <= part->t.v[i])
			continue;
		if (fold) {
			fold->p.v[i] += v[i] - part->t.v[i];
			m->processes_v[i] += v[i] - part->t.v[i];
		}
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
	if (!(r->flags & (ZT_OWNER | ZT_UNATTRIBUTED)) && retire__holds(m, r->uid))
		return -EALREADY;
	if (is_system(r))
		return 0;
	*ret = process__find(m, r->process);
	if (*ret)
		return 0;
	g = grave__find(m, r->process);
	if (g) {
		*ret = g->fold->fold;
		return !(r->flags & ZT_OWNER) && grave__holds(g, r->uid) ? -EALREADY : 0;
	}
	*ret = process_add(m, r->process);
	return *ret ? 0 : -ENOMEM;
}

/* What gets no more need not be told apart any longer: owner work, and of a fold, which has its figures already, all.
 */
static int part_ended(struct model *m, struct part *part)
{
	int err = 0;

	if (!part->process) /* a kernel thread, or nobody's work */
		return part->key.kind == PART_THREAD ? retire__part(m, part) : 0;
	if (!part->process->p.folded)
		return part->key.kind == PART_OWNER ? retire__part(m, part) : 0;
	if (part->key.kind == PART_THREAD)
		err = retire__note(m, part->t.uid);
	if (!err)
		part__free(m, part);
	return err;
}

int model__add(struct model *m, const struct zc_record *r)
{
	struct part_key key = part_key_of(r);
	struct part *part = part__find(m, &key);
	uint64_t v[M_COUNT];
	struct process *p;
	bool fresh;

	if (!part) {
		int err = process_of(m, r, &p);

		if (err)
			return err == -EALREADY ? 0 : err;
		part = part__add(m, &key);
		if (!part)
			return -ENOMEM;
		part->process = p;
	}
	for (int i = 0; i < M_COUNT; i++)
		v[i] = r->v[i];
	fresh = part_merge(m, part, v);
	if (part->process)
		part->process->quiet = false;
	if (fresh)
		part->t.flags = (part->t.flags & STICKY_FLAGS) | r->flags;
	else
		part->t.flags |= r->flags & STICKY_FLAGS;
	if (fresh)
		identify(part, r);
	return part->t.flags & ZT_EXITED ? part_ended(m, part) : 0;
}

bool model__last_record(const struct model *m, uint64_t uid, struct zc_record *ret)
{
	struct part_key key = {PART_THREAD, 0, uid};
	const struct part *part = part__find(m, &key);

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
	struct part *part = part__find(m, &key);

	if (!part)
		part = part__add(m, &key);
	if (!part)
		return -ENOMEM;
	part_merge(m, part, v);
	return 0;
}

static void sum_clear(struct model *m)
{
	struct process *p, *next;

	memset(m->system, 0, sizeof(m->system));
	HASH_ITER (hh, m->processes, p, next) {
		if (p->quiet)
			continue;
		for (int i = 0; i < M_COUNT; i++)
			m->processes_v[i] -= p->p.v[i];
		memset(p->p.v, 0, sizeof(p->p.v));
		p->p.flags = 0;
		p->p.n_threads = p->n_ended = p->n_retired;
		p->threads = NULL;
		p->n_owners = 0;
	}
}

static void sum_part(struct model *m, struct part *part)
{
	struct process *p = part->process;
	uint64_t *sum = p ? p->p.v : m->system;

	if (p && (p->p.folded || p->quiet))
		return;
	for (int i = 0; i < M_COUNT; i++)
		sum[i] += part->t.v[i];
	if (!p)
		return;
	p->p.flags |= part->t.flags & ~(uint32_t)ZT_EXITED;
	p->n_owners += part->key.kind == PART_OWNER;
	if (part->key.kind != PART_THREAD)
		return;
	p->p.n_threads++;
	part->next_thread = p->threads;
	p->threads = part;
	p->n_ended += !!(part->t.flags & ZT_EXITED);
}

/* One that no thread was heard of ends with the work that was done for it. */
static bool has_ended(const struct process *p)
{
	return p->p.n_threads ? p->n_ended == p->p.n_threads : p->retired && !p->n_owners;
}

static void sum_done(struct model *m, struct process *p)
{
	if (p->quiet)
		return;
	p->quiet = true;
	p->p.changed = m->n_sums;
	for (int i = 0; i < M_COUNT; i++)
		m->processes_v[i] += p->p.v[i];
}

/* Marks processes whose threads have all ended, in the order it was noticed, and counts them; and of the others the
 * ended threads that are kept by name. */
static size_t sum_ended(struct model *m, size_t *ret_threads)
{
	struct process *p, *next;
	size_t n = 0;

	*ret_threads = 0;
	HASH_ITER (hh, m->processes, p, next) {
		sum_done(m, p);
		if (!has_ended(p)) {
			*ret_threads += p->n_ended - p->n_retired;
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
	size_t n_ended, n_threads;
	int err = 0;

	m->n_sums++;
	sum_clear(m);
	HASH_ITER (hh, m->parts, part, next)
		sum_part(m, part);
	n_ended = sum_ended(m, &n_threads);
	m->n_alive = HASH_COUNT(m->processes) - n_ended;
	if (n_threads > MODEL_THREADS_ENDED_MAX)
		err = retire__threads(m, n_threads - MODEL_THREADS_ENDED_MAX * 3 / 4);
	if (!err && n_ended > m->max_ended)
		err = fold__oldest(m, n_ended);
	return err;
}
