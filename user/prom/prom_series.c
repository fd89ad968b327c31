/* SPDX-License-Identifier: GPL-2.0-only */
/* prom_series.c - what each process, fold and the system line have more than when we last looked, once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "prom_parts.h"

struct prom *prom__new(uint32_t max_series, bool label_pid)
{
	struct prom *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->max_lines = max_series;
	p->label_pid = label_pid;
	p->system.labels = "comm=\"system\",cgroup=\"\"";
	p->other.labels = "comm=\"other\",cgroup=\"\"";
	p->ended.labels = "comm=\"ended\",cgroup=\"\"";
	return p;
}

static void seen_free(struct prom *p, struct prom_seen *e)
{
	HASH_DEL(p->seen, e);
	free(e);
}

void prom__free(struct prom *p)
{
	struct prom_group *g, *next_group;
	struct prom_seen *e, *next_seen;
	struct prom_fold *f, *next_fold;

	if (!p)
		return;
	HASH_ITER (hh, p->groups, g, next_group) {
		HASH_DEL(p->groups, g);
		free(g);
	}
	HASH_ITER (hh, p->seen, e, next_seen)
		seen_free(p, e);
	HASH_ITER (hh, p->folds, f, next_fold) {
		HASH_DEL(p->folds, f);
		free(f);
	}
	free(p);
}

static struct prom_seen *seen_of(struct prom *p, struct zc_owner id)
{
	struct prom_seen *e;
	bool oom = false;

	id.pad = 0; /* padding is part of the hashed bytes */
	HASH_FIND(hh, p->seen, &id, sizeof(id), e);
	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->id = id;
	HASH_ADD(hh, p->seen, id, sizeof(e->id), e);
	if (!oom)
		return e;
	free(e);
	return NULL;
}

static struct prom_fold *fold_of(struct prom *p, const struct model_process *like)
{
	struct prom_fold_key key = {.cgroup = like->cgroup, .number = like->id.start_ns};
	struct prom_fold *f;
	bool oom = false;

	memcpy(key.comm, like->comm, ZC_COMM_LEN);
	HASH_FIND(hh, p->folds, &key, sizeof(key), f);
	if (f)
		return f;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->key = key;
	HASH_ADD(hh, p->folds, key, sizeof(f->key), f);
	if (!oom)
		return f;
	free(f);
	return NULL;
}

static int take_process(struct prom *p, const struct snapshot *s, const struct model_process *now)
{
	struct prom_seen *e = seen_of(p, now->id);
	bool exited = now->flags & ZT_EXITED;

	if (!e)
		return -ENOMEM;
	e->turn = p->turn;
	if (e->changed == now->changed && e->exited == exited) {
		if (e->group && !exited)
			e->group->busy_ns = p->now_ns;
		return 0;
	}
	e->changed = now->changed;
	if (e->cgroup != now->cgroup || memcmp(e->comm, now->comm, ZC_COMM_LEN) != 0) {
		e->cgroup = now->cgroup;
		memcpy(e->comm, now->comm, ZC_COMM_LEN);
		e->group = NULL;
	}
	for (enum metric m = 0; m < M_COUNT; m++) {
		uint64_t before = e->last[m];
		enum quality q;

		if (now->v[m] <= before)
			continue;
		e->last[m] = now->v[m];
		q = snapshot__quality(s, now, m);
		if (q == Q_NONE)
			continue;
		if (!e->group)
			e->group = group__open(p, s, now);
		p->n_dropped += !e->group && !before;
		group__add(p, e->group, q, m, now->v[m] - before);
	}
	if (e->group && (!exited || !e->exited))
		e->group->busy_ns = p->now_ns;
	e->exited = exited;
	return 0;
}

/* The fold a process went to that is no longer there by name. One whose grave the model has given up is looked for by
 * the name it had: if that was another at its end, debt sets it right. NULL: nowhere. */
static const struct model_process *went_to(const struct model *m, const struct prom_seen *e)
{
	struct model_process like = {.id = e->id, .cgroup = e->cgroup};
	const struct model_process *fold = model__find(m, &like);

	if (fold && fold->folded)
		return fold;
	memcpy(like.comm, e->comm, ZC_COMM_LEN);
	like.folded = 1;
	return model__find(m, &like);
}

static void take_all(uint64_t taken[M_COUNT], const uint64_t more[M_COUNT])
{
	for (enum metric m = 0; m < M_COUNT; m++)
		taken[m] += more[m];
}

/* What was taken from a process is taken of its fold. */
static int bury(struct prom *p, const struct model *model)
{
	struct prom_seen *e, *next;

	HASH_ITER (hh, p->seen, e, next) {
		const struct model_process *fold;
		uint64_t *taken = p->debt;

		if (e->turn == p->turn)
			continue;
		fold = went_to(model, e);
		if (fold) {
			struct prom_fold *f = fold_of(p, fold);

			if (!f)
				return -ENOMEM;
			taken = f->taken;
		}
		take_all(taken, e->last);
		seen_free(p, e);
	}
	return 0;
}

/* The same for folds that went to another; those of this turn are the model's. */
static int bury_folds(struct prom *p, const struct model *model)
{
	struct prom_fold *f, *next;

	HASH_ITER (hh, p->folds, f, next) {
		struct model_process like = {.id.start_ns = f->key.number, .cgroup = f->key.cgroup, .folded = 1};
		const struct model_process *went;
		struct prom_fold *to = NULL;

		if (f->turn == p->turn)
			continue;
		memcpy(like.comm, f->key.comm, ZC_COMM_LEN);
		went = model__find(model, &like);
		if (went) {
			to = fold_of(p, went);
			if (!to)
				return -ENOMEM;
		}
		take_all(to ? to->taken : p->debt, f->taken);
		HASH_DEL(p->folds, f);
		free(f);
	}
	return 0;
}

static int look_at_fold(struct prom *p, const struct model_process *now)
{
	struct prom_fold *f = fold_of(p, now);

	if (!f)
		return -ENOMEM;
	for (enum metric m = 0; m < M_COUNT; m++) {
		if (now->v[m] < f->taken[m])
			p->debt[m] += f->taken[m] - now->v[m];
		else
			f->more[m] += now->v[m] - f->taken[m];
		f->taken[m] = now->v[m];
	}
	return 0;
}

static void take_fold(struct prom *p, const struct snapshot *s, const struct model_process *now)
{
	struct prom_fold *f = fold_of(p, now);
	struct prom_group *g = NULL;

	for (enum metric m = 0; f && m < M_COUNT; m++) {
		uint64_t paid = f->more[m] < p->debt[m] ? f->more[m] : p->debt[m];
		uint64_t more = f->more[m] - paid;
		enum quality q = snapshot__quality(s, now, m);

		f->more[m] = 0;
		p->debt[m] -= paid;
		if (!more || q == Q_NONE)
			continue;
		if (!g && !model__is_other(now)) /* which has no room by name either */
			g = group__open(p, s, now);
		group__add(p, g, q, m, more);
	}
}

static int take_folds(struct prom *p, const struct snapshot *s, const struct model_process **list, int n)
{
	int err = 0;

	for (int i = 0; i < n && !err; i++) {
		struct prom_fold *f = list[i]->folded ? fold_of(p, list[i]) : NULL;

		if (f)
			f->turn = p->turn;
		else if (list[i]->folded)
			err = -ENOMEM;
	}
	if (!err)
		err = bury(p, s->model);
	if (!err)
		err = bury_folds(p, s->model);
	for (int i = 0; i < n && !err; i++)
		if (list[i]->folded)
			err = look_at_fold(p, list[i]);
	for (int i = 0; i < n && !err; i++)
		if (list[i]->folded)
			take_fold(p, s, list[i]);
	return err;
}

/* Never further back than it was: what it has in the other kind counts as well. */
static void take_system(struct prom *p, const struct snapshot *s)
{
	const uint64_t *v = model__system(s->model);

	for (enum metric m = 0; m < M_COUNT; m++) {
		enum quality q = snapshot__quality(s, NULL, m);
		enum prom_kind k = q == Q_INFERRED ? PROM_INFERRED : PROM_MEASURED;
		uint64_t taken = p->system.v[PROM_MEASURED][m] + p->system.v[PROM_INFERRED][m];

		if (q == Q_NONE)
			continue;
		p->system.shown[k][m] = true;
		if (v[m] > taken)
			p->system.v[k][m] += v[m] - taken;
	}
}

int prom__update(struct prom *p, const struct snapshot *s)
{
	const struct model_process **list;
	int n = model__list(s->model, M_COUNT, &list), err = 0;

	if (n < 0)
		return n;
	p->turn++;
	if (s->duration_ns > p->now_ns)
		p->now_ns = s->duration_ns;
	for (int i = 0; i < n && !err; i++)
		if (!list[i]->folded)
			err = take_process(p, s, list[i]);
	if (!err) /* who was not looked at has not gone */
		err = take_folds(p, s, list, n);
	free(list);
	take_system(p, s);
	group__age(p);
	return err;
}

static int by_labels(const void *a, const void *b)
{
	const struct prom_series *x = *(const struct prom_series *const *)a, *y = *(const struct prom_series *const *)b;

	return strcmp(x->labels, y->labels);
}

int prom__list(const struct prom *p, const struct prom_series ***ret)
{
	size_t n = 0;
	const struct prom_series **list = malloc((HASH_COUNT(p->groups) + 3) * sizeof(const struct prom_series *));

	if (!list)
		return -ENOMEM;
	list[n++] = &p->system;
	for (const struct prom_group *g = p->groups; g; g = g->hh.next)
		if (g->s.n_lines)
			list[n++] = &g->s;
	list[n++] = &p->ended;
	list[n++] = &p->other;
	qsort(list + 1, n - 1, sizeof(const struct prom_series *), by_labels);
	*ret = list;
	return (int)n;
}

uint32_t prom__n_groups(const struct prom *p)
{
	return HASH_COUNT(p->groups);
}

uint32_t prom__n_lines(const struct prom *p)
{
	return p->n_lines;
}

uint32_t prom__max_lines(const struct prom *p)
{
	return p->max_lines;
}

uint64_t prom__n_dropped(const struct prom *p)
{
	return p->n_dropped;
}
