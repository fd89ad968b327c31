/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_table.c - a row per process: totals, or what an interval added.
 *
 *	              CPU copies           disk         net    zero
 *	 PID COMM    to  from  kern  read write    rx    tx    copy  cp/B mode  ctx  hit
 *	4242 xfer   32M   32M     0   32M     0     0   32M       0  2.00 4270  812   0%
 *
 * Rows beyond the limit are one row of their sum, so that rows and total agree.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "safe.h"
#include "view_figure.h"
#include "view_grid.h"
#include "views.h"

/* What a process did in the time shown. */
struct delta {
	const struct model_process *p;
	size_t order; /* of the model's list, where sort keys are equal */
	uint64_t key;
	uint64_t v[M_COUNT];
};

struct table {
	const struct snapshot *now, *before;
	const struct view_opts *o;
	struct delta *deltas; /* of every process */
	size_t n_deltas;
	struct grid grid;
	size_t room; /* rows it has */
};

static void cell_hit(char *buf, struct metric_view m)
{
	bool lower_bound, inferred;
	double r;

	if (derived_value(D_CACHE_HIT_RATIO, m, &r, &lower_bound, &inferred))
		snprintf(buf, FIGURE_LEN, "%s%.0f%%", inferred ? "~" : "", 100 * r);
	else
		strcpy(buf, "-");
}

static void row_cells(struct row *r, struct metric_view m)
{
	figure__text(r->cell[C_TO], metric__group(m, G_TO_USER), fmt_bytes_short);
	figure__text(r->cell[C_FROM], metric__group(m, G_FROM_USER), fmt_bytes_short);
	figure__text(r->cell[C_KERN], metric__group(m, G_IN_KERNEL), fmt_bytes_short);
	figure__text(r->cell[C_READ], metric__group(m, G_DISK_READ), fmt_bytes_short);
	figure__text(r->cell[C_WRITE], metric__group(m, G_DISK_WRITE), fmt_bytes_short);
	figure__text(r->cell[C_RX], metric__group(m, G_NET_RX), fmt_bytes_short);
	figure__text(r->cell[C_TX], metric__group(m, G_NET_TX), fmt_bytes_short);
	figure__text(r->cell[C_ZERO], metric__group(m, G_ZEROCOPY), fmt_bytes_short);
	figure__ratio(r->cell[C_RATIO], D_COPIES_PER_PAYLOAD_BYTE, m);
	figure__text(r->cell[C_MODE], figure__derived(D_MODE_SWITCHES, m), fmt_count_short);
	figure__text(r->cell[C_CTX], metric__group(m, G_SWITCHES), fmt_count_short);
	cell_hit(r->cell[C_HIT], m);
}

/* p: whose quality; NULL for sums. */
static struct row *row_add(struct table *t, const struct model_process *p, const uint64_t *v)
{
	struct row *r = &t->grid.rows[BOUND_OF(t->grid.n_rows++, t->room)];
	enum quality quality[M_COUNT];

	snapshot__qualities(t->now, p, quality);
	row_cells(r, (struct metric_view){v, quality});
	return r;
}

static void row_process(struct table *t, const struct delta *d)
{
	struct row *r = row_add(t, d->p, d->v);

	if (d->p->folded)
		snprintf(r->pid, sizeof(r->pid), "%ux", d->p->folded);
	else
		snprintf(r->pid, sizeof(r->pid), "%u", d->p->id.tgid);
	safe_text(r->name, sizeof(r->name), d->p->comm, ZC_COMM_LEN);
}

static int rows_threads(struct table *t, const struct model_process *p)
{
	const struct model_thread **threads;
	int n = model__threads(t->now->model, p, &threads);
	char comm[NAME_LEN];

	if (n < 0)
		return n;
	for (int i = 0; i < n && n > 1; i++) {
		struct row *r = row_add(t, p, threads[i]->v);

		snprintf(r->pid, sizeof(r->pid), "%u", threads[i]->tid);
		snprintf(r->name, sizeof(r->name), " %s", safe_text(comm, sizeof(comm), threads[i]->comm, ZC_COMM_LEN));
	}
	free(threads);
	return 0;
}

static void subtract(uint64_t *v, const uint64_t *from)
{
	for (int i = 0; i < M_COUNT; i++)
		v[i] -= from[i] < v[i] ? from[i] : v[i];
}

static void add(uint64_t *v, const uint64_t *more)
{
	for (int i = 0; i < M_COUNT; i++)
		v[i] = metric__plus(v[i], more[i]);
}

static int by_address(const void *a, const void *b)
{
	const struct model_process *x = ((const struct delta *)a)->p, *y = ((const struct delta *)b)->p;

	return (x > y) - (x < y);
}

static int by_key(const void *a, const void *b)
{
	const struct delta *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

/* What it is now. One whose grave the model has given up is counted in the fold of its name, or of the others. */
static const struct model_process *is_now(const struct model *m, const struct model_process *before)
{
	const struct model_process *p = model__find(m, before);
	struct model_process like = *before;

	like.folded = 1;
	return p ? p : model__find(m, &like);
}

/* Takes from each process what it had before; one that was folded since takes it from its fold. */
static int deltas_subtract(struct table *t)
{
	const struct model_process **before;
	int n = model__list(t->before->model, t->o->sort, &before);

	if (n < 0)
		return n;
	qsort(t->deltas, t->n_deltas, sizeof(*t->deltas), by_address);
	for (int i = 0; i < n; i++) {
		struct delta key = {.p = is_now(t->now->model, before[i])};
		struct delta *d = key.p ? bsearch(&key, t->deltas, t->n_deltas, sizeof(key), by_address) : NULL;

		if (d)
			subtract(d->v, before[i]->v);
	}
	free(before);
	return 0;
}

static int deltas_fill(struct table *t)
{
	const struct model_process **list;
	int n = model__list(t->now->model, t->o->sort, &list), err = 0;

	if (n < 0)
		return n;
	t->deltas = calloc((size_t)n + 1, sizeof(*t->deltas));
	if (!t->deltas)
		err = -ENOMEM;
	for (; !err && t->n_deltas < (size_t)n; t->n_deltas++) {
		struct delta *d = &t->deltas[t->n_deltas];

		d->p = list[t->n_deltas];
		d->order = t->n_deltas;
		memcpy(d->v, d->p->v, sizeof(d->v));
	}
	free(list);
	if (!err && t->before)
		err = deltas_subtract(t);
	for (size_t i = 0; !err && i < t->n_deltas; i++)
		t->deltas[i].key =
			t->o->sort < M_COUNT ? t->deltas[i].v[t->o->sort] : metric__cpu_copied(t->deltas[i].v);
	if (!err)
		qsort(t->deltas, t->n_deltas, sizeof(*t->deltas), by_key);
	return err;
}

static bool is_idle(const struct delta *d)
{
	for (int i = 0; i < M_COUNT; i++)
		if (d->v[i])
			return false;
	return true;
}

/* Rows by name up to the limit, then the sum of the others, the system line and the total. */
static int rows_fill(struct table *t)
{
	uint64_t others[M_COUNT] = {0}, total[M_COUNT] = {0}, system[M_COUNT];
	size_t n_shown = 0, n_others = 0;
	int err = 0;

	memcpy(system, model__system(t->now->model), sizeof(system));
	if (t->before)
		subtract(system, model__system(t->before->model));
	add(total, system);
	for (size_t i = 0; !err && i < t->n_deltas; i++) {
		const struct delta *d = &t->deltas[i];

		add(total, d->v);
		if (t->before && is_idle(d))
			continue;
		if (t->o->limit > 0 && n_shown == (size_t)t->o->limit) {
			add(others, d->v);
			n_others++;
			continue;
		}
		n_shown++;
		row_process(t, d);
		if (t->o->threads && !t->before)
			err = rows_threads(t, d->p);
	}
	if (n_others)
		snprintf(row_add(t, NULL, others)->name, NAME_ROW_LEN, "%zu more", n_others);
	strcpy(row_add(t, NULL, system)->name, "system line");
	strcpy(row_add(t, NULL, total)->name, "total");
	return err;
}

static size_t rows_needed(const struct table *t)
{
	size_t n = t->n_deltas + 3;

	for (size_t i = 0; t->o->threads && !t->before && i < t->n_deltas; i++)
		n += t->deltas[i].p->n_threads;
	return n;
}

static void write_interval(FILE *out, const struct snapshot *now, const struct snapshot *before)
{
	char at[FMT_LEN], span[FMT_LEN];

	fprintf(out, "after %s, the last %s:\n", fmt_duration(at, now->duration_ns),
		fmt_duration(span, now->duration_ns - before->duration_ns));
}

int view_table(FILE *out, const struct snapshot *now, const struct snapshot *before, const struct view_opts *o)
{
	struct table t = {.now = now, .before = before, .o = o};
	int err = deltas_fill(&t);

	if (!err) {
		t.room = rows_needed(&t);
		t.grid.rows = calloc(t.room, sizeof(*t.grid.rows));
		err = t.grid.rows ? rows_fill(&t) : -ENOMEM;
	}
	if (!err && before)
		write_interval(out, now, before);
	if (!err)
		grid__write(out, &t.grid);
	if (!err && before)
		fputc('\n', out);
	free(t.grid.rows);
	free(t.deltas);
	errno = 0;
	if (!err && (fflush(out) == EOF || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}
