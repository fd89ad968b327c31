/* SPDX-License-Identifier: GPL-2.0-only */
/* rates.c - rows by identity, from snapshot to snapshot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rates.h"

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

struct key {
	uint32_t kind;		/* enum rates_kind */
	uint32_t tgid;		/* of a fold: the number that no other has */
	uint64_t number;	/* start time, uid, or of a fold its cgroup */
	char comm[ZC_COMM_LEN]; /* of a fold */
};

struct entry {
	struct rates_row row; /* first: row pointers lead back here */
	struct key key;
	uint64_t seen;
	UT_hash_handle hh;
};

/* Few: what a process lost of its hooks makes its qualities differ. */
struct qualities {
	struct qualities *next;
	enum quality q[M_COUNT];
};

struct rates {
	struct entry *entries;
	struct qualities *qualities;
	struct rates_row **rows;
	size_t n_rows, room;
	struct rates_row machine;
	uint64_t seen; /* number of the update */
	uint64_t now_ns, before_ns, base_ns;
	uint64_t backwards;
};

struct rates *rates__new(void)
{
	return calloc(1, sizeof(struct rates));
}

void rates__free(struct rates *r)
{
	struct entry *e, *next;

	if (!r)
		return;
	HASH_ITER (hh, r->entries, e, next) {
		HASH_DEL(r->entries, e);
		free(e);
	}
	while (r->qualities) {
		struct qualities *q = r->qualities;

		r->qualities = q->next;
		free(q);
	}
	free(r->rows);
	free(r);
}

static const enum quality *qualities_keep(struct rates *r, const enum quality q[M_COUNT])
{
	struct qualities *k = r->qualities;

	while (k && memcmp(k->q, q, sizeof(k->q)) != 0)
		k = k->next;
	if (k)
		return k->q;
	k = malloc(sizeof(*k));
	if (!k)
		return NULL;
	memcpy(k->q, q, sizeof(k->q));
	k->next = r->qualities;
	r->qualities = k;
	return k->q;
}

static struct entry *entry_find(const struct rates *r, const struct key *key)
{
	struct entry *e;

	HASH_FIND(hh, r->entries, key, sizeof(*key), e); /* NOLINT(clang-analyzer-core.*): uthash */
	return e;
}

/* The row of this key, made if there is none yet, put on the list as seen in this update. */
static struct entry *entry_see(struct rates *r, const struct key *key)
{
	struct entry *e = entry_find(r, key);
	bool oom = false;

	if (r->n_rows == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		struct rates_row **rows = realloc(r->rows, room * sizeof(struct rates_row *));

		if (!rows)
			return NULL;
		r->rows = rows;
		r->room = room;
	}
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return NULL;
		e->key = *key;
		e->row.kind = key->kind;
		HASH_ADD(hh, r->entries, key, sizeof(e->key), e);
		if (oom) {
			free(e);
			return NULL;
		}
	}
	e->seen = r->seen;
	r->rows[r->n_rows++] = &e->row;
	return e;
}

static struct key key_of_row(const struct rates_row *row)
{
	struct key key = {.kind = row->kind};

	switch (row->kind) {
	case RATES_SYSTEM:
		break;
	case RATES_PROCESS:
		key.tgid = row->id.tgid;
		key.number = row->id.start_ns;
		break;
	case RATES_FOLD:
		key.tgid = (uint32_t)row->id.start_ns;
		key.number = row->cgroup;
		memcpy(key.comm, row->comm, sizeof(key.comm));
		break;
	case RATES_THREAD:
		key.number = row->uid;
		break;
	}
	return key;
}

static struct key key_of_process(const struct model_process *p)
{
	struct rates_row row = {.kind = p->folded ? RATES_FOLD : RATES_PROCESS, .id = p->id, .cgroup = p->cgroup};

	memcpy(row.comm, p->comm, sizeof(row.comm));
	return key_of_row(&row);
}

static void row_take(struct rates_row *row, const uint64_t v[M_COUNT])
{
	memcpy(row->before, row->now, sizeof(row->before));
	memcpy(row->now, v, sizeof(row->now));
}

static int see_threads(struct rates *r, const struct model *model, const struct model_process *p,
		       const enum quality *quality)
{
	const struct model_thread **threads;
	int n = model__threads(model, p, &threads), err = 0;

	if (n < 0)
		return n;
	for (int i = 0; i < n && !err; i++) {
		const struct model_thread *t = threads[i];
		struct entry *e = entry_see(r, &(struct key){.kind = RATES_THREAD, .number = t->uid});

		if (!e) {
			err = -ENOMEM;
			break;
		}
		e->row.id = p->id;
		e->row.uid = t->uid;
		e->row.pid = t->tid;
		e->row.ppid = p->id.tgid;
		e->row.flags = t->flags;
		e->row.quality = quality;
		memcpy(e->row.comm, t->comm, ZC_COMM_LEN);
		row_take(&e->row, t->v);
	}
	free(threads);
	return err;
}

static int see_process(struct rates *r, const struct snapshot *s, const struct model_process *p)
{
	const struct key key = key_of_process(p);
	struct entry *e = entry_see(r, &key);
	enum quality quality[M_COUNT];

	if (!e)
		return -ENOMEM;
	snapshot__qualities(s, p, quality);
	e->row.quality = qualities_keep(r, quality);
	if (!e->row.quality)
		return -ENOMEM;
	e->row.id = p->id;
	e->row.pid = p->id.tgid;
	e->row.ppid = p->ppid;
	e->row.flags = p->flags;
	e->row.folded = p->folded;
	e->row.n_threads = p->n_threads;
	e->row.cgroup = p->cgroup;
	memcpy(e->row.comm, p->comm, ZC_COMM_LEN);
	row_take(&e->row, p->v);
	return see_threads(r, s->model, p, e->row.quality);
}

static int see_system(struct rates *r, const struct snapshot *s)
{
	struct entry *e = entry_see(r, &(struct key){.kind = RATES_SYSTEM});
	enum quality quality[M_COUNT];

	if (!e)
		return -ENOMEM;
	snapshot__qualities(s, NULL, quality);
	e->row.quality = qualities_keep(r, quality);
	if (!e->row.quality)
		return -ENOMEM;
	row_take(&e->row, model__system(s->model));
	return 0;
}

static void add(uint64_t *v, const uint64_t *more)
{
	for (int i = 0; i < M_COUNT; i++)
		v[i] = metric__plus(v[i], more[i]);
}

/* Where a process or fold that is not in the model by name any more is counted now. */
static struct entry *fold_of(const struct rates *r, const struct model *model, const struct entry *e)
{
	struct model_process like = {.id = e->row.id, .cgroup = e->row.cgroup, .folded = e->row.folded};
	const struct model_process *fold;
	struct key key;

	memcpy(like.comm, e->row.comm, ZC_COMM_LEN);
	fold = model__find(model, &like);
	if (!fold) { /* its grave is gone too: folds are by name */
		like.folded = 1;
		fold = model__find(model, &like);
	}
	if (!fold)
		return NULL;
	key = key_of_process(fold);
	return entry_find(r, &key);
}

/* Rows that were not in the snapshot leave; the past of a process or fold goes on as that of the fold it went to. */
static void forget_gone(struct rates *r, const struct model *model)
{
	struct entry *e, *next;

	HASH_ITER (hh, r->entries, e, next) {
		struct entry *fold;

		if (e->seen == r->seen)
			continue;
		fold = e->key.kind == RATES_PROCESS || e->key.kind == RATES_FOLD ? fold_of(r, model, e) : NULL;
		if (fold) {
			add(fold->row.before, e->row.now);
			add(fold->row.base, e->row.base);
		}
		HASH_DEL(r->entries, e);
		free(e);
	}
}

static void machine_sum(struct rates *r)
{
	struct rates_row *m = &r->machine;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct rates_row *row = r->rows[i];

		if (row->kind == RATES_SYSTEM)
			m->quality = row->quality;
		if (row->kind == RATES_THREAD)
			continue;
		add(m->now, row->now);
		add(m->before, row->before);
		add(m->base, row->base);
	}
}

static void count_backwards(struct rates *r)
{
	for (size_t i = 0; i < r->n_rows; i++)
		for (int m = 0; m < M_COUNT; m++)
			r->backwards += r->rows[i]->now[m] < r->rows[i]->before[m];
}

int rates__update(struct rates *r, const struct snapshot *s)
{
	const struct model_process **list;
	int n = model__list(s->model, M_COUNT, &list), err;

	if (n < 0)
		return n;
	r->seen++;
	r->n_rows = 0;
	r->before_ns = r->now_ns;
	r->now_ns = s->duration_ns;
	err = see_system(r, s);
	for (int i = 0; i < n && !err; i++)
		err = see_process(r, s, list[i]);
	free(list);
	if (err)
		return err;
	forget_gone(r, s->model);
	count_backwards(r);
	machine_sum(r);
	return 0;
}

void rates__rebase(struct rates *r)
{
	struct entry *e, *next;

	HASH_ITER (hh, r->entries, e, next)
		memcpy(e->row.base, e->row.now, sizeof(e->row.base));
	memcpy(r->machine.base, r->machine.now, sizeof(r->machine.base));
	r->base_ns = r->now_ns;
}

const struct rates_row *const *rates__rows(const struct rates *r, size_t *n)
{
	*n = r->n_rows;
	return (const struct rates_row *const *)r->rows;
}

const struct rates_row *rates__machine(const struct rates *r)
{
	return &r->machine;
}

const struct rates_row *rates__find(const struct rates *r, const struct rates_row *like)
{
	const struct key key = key_of_row(like);
	const struct entry *e = entry_find(r, &key);

	return e ? &e->row : NULL;
}

void rates__values(const struct rates_row *row, enum rates_period period, uint64_t v[M_COUNT])
{
	const uint64_t *from = period == RATES_STEP ? row->before : row->base;

	for (int i = 0; i < M_COUNT; i++)
		v[i] = row->now[i] > from[i] ? row->now[i] - from[i] : 0;
}

uint64_t rates__span_ns(const struct rates *r, enum rates_period period)
{
	return r->now_ns - (period == RATES_STEP ? r->before_ns : r->base_ns);
}

uint64_t rates__per_second(uint64_t n, uint64_t span_ns)
{
	unsigned __int128 rate = (unsigned __int128)n * 1000000000;

	if (!span_ns)
		return 0;
	rate = (rate + span_ns / 2) / span_ns;
	return rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate;
}

uint64_t rates__backwards(const struct rates *r)
{
	return r->backwards;
}
