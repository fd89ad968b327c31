// SPDX-License-Identifier: GPL-2.0-only
/* diff.c - two sides of runs: values, spreads, and what may be claimed of them. */
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "diff.h"

#define MIB 1048576.0
#define SURE_ORDERINGS 200 /* ranges apart by chance less often than once in a hundred, in either direction */

/* A figure of one run. */
struct value {
	bool known, lower_bound, inferred;
	double value;
};

/* What a row is made from: a metric, a derived figure, or a sum of metrics. */
struct quantity {
	const char *name, *words;
	enum diff_unit unit;
	bool no_payload; /* to be compared as it is */
	enum { FROM_METRIC, FROM_DERIVED, FROM_SUM } from;
	int index;
	const enum metric *columns;
	size_t n_columns;
};

static const enum metric zerocopy_columns[] = {
	M_ZC_SENDFILE,	  M_ZC_SPLICE,	     M_ZC_VMSPLICE,	M_ZC_TEE,	    M_ZC_COPY_FILE_RANGE,
	M_ZC_DIRECT_READ, M_ZC_DIRECT_WRITE, M_ZC_MSG_ZEROCOPY, M_ZC_IO_URING_SEND,
};
static const enum metric switch_columns[] = {M_SWITCHES_VOLUNTARY, M_SWITCHES_INVOLUNTARY};

#define SUM(a) .from = FROM_SUM, .columns = (a), .n_columns = sizeof(a) / sizeof((a)[0])
#define DERIVED(d) .from = FROM_DERIVED, .index = (d)

static const struct quantity headlines[DIFF_HEADLINES] = {
	{"cpu_copied_bytes", "CPU copies", DIFF_BYTES, DERIVED(D_CPU_COPIED_BYTES)},
	{"zerocopy_bytes", "zero-copy", DIFF_BYTES, SUM(zerocopy_columns)},
	{"dma_bytes", "DMA", DIFF_BYTES, DERIVED(D_DMA_BYTES)},
	{"mode_switches", "mode switches", DIFF_COUNT, DERIVED(D_MODE_SWITCHES)},
	{"context_switches", "context switches", DIFF_COUNT, SUM(switch_columns)},
	{"oncpu_ns", "CPU time", DIFF_NS, .from = FROM_METRIC, .index = M_ONCPU_NS},
	{"cache_hit_ratio", "page cache hit ratio", DIFF_RATIO, .no_payload = true, DERIVED(D_CACHE_HIT_RATIO)},
};

static struct quantity metric_quantity(enum metric m)
{
	static const enum diff_unit units[] = {
		[UNIT_COUNT] = DIFF_COUNT,
		[UNIT_BYTES] = DIFF_BYTES,
		[UNIT_NS] = DIFF_NS,
		[UNIT_PAGES] = DIFF_PAGES,
	};

	return (struct quantity){.name = metrics[m].name,
				 .unit = units[metrics[m].unit],
				 .from = FROM_METRIC,
				 .index = (int)m};
}

static struct quantity derived_quantity(enum derived d)
{
	enum diff_unit unit = deriveds[d].is_ratio ? DIFF_RATIO : d == D_MODE_SWITCHES ? DIFF_COUNT : DIFF_BYTES;

	return (struct quantity){.name = deriveds[d].name,
				 .unit = unit,
				 .no_payload = deriveds[d].is_ratio || d == D_PAYLOAD,
				 .from = FROM_DERIVED,
				 .index = (int)d};
}

static bool some_partial(const struct diff_run *run)
{
	for (enum metric m = 0; m < M_COUNT; m++)
		if (run->partial[m])
			return true;
	return false;
}

static struct value derived_of(const struct diff_run *run, enum derived d)
{
	struct metric_view view = {run->v, run->quality};
	struct value v = {0};

	v.known = derived_value(d, view, &v.value, &v.lower_bound, &v.inferred);
	/* what processes can lack one by one are copies: their breakpoints were dropped */
	if (v.known && (d == D_CPU_COPIED_BYTES || d == D_COPIES_PER_PAYLOAD_BYTE || d == D_MEMORY_TRAFFIC_BYTES))
		v.lower_bound |= some_partial(run);
	return v;
}

static struct value value_of(const struct diff_run *run, const struct quantity *q)
{
	enum metric m = (enum metric)q->index;
	struct figure f;

	if (q->from == FROM_DERIVED)
		return derived_of(run, (enum derived)q->index);
	f = q->from == FROM_SUM ? metric__sum((struct metric_view){run->v, run->quality}, q->columns, q->n_columns)
				: metric__sum((struct metric_view){run->v, run->quality}, &m, 1);
	return (struct value){
		.known = f.known,
		.lower_bound = f.lower_bound || (q->from == FROM_METRIC && run->partial[m]),
		.inferred = f.inferred,
		.value = (double)f.value,
	};
}

/* The same per payload: not known if the payload is not, is 0, or is a lower bound itself. */
static struct value per_payload(struct value v, const struct diff_run *run, enum diff_unit unit)
{
	struct value payload = derived_of(run, D_PAYLOAD);

	if (!v.known || !payload.known || payload.lower_bound || payload.value <= 0)
		return (struct value){0};
	v.value *= unit == DIFF_COUNT || unit == DIFF_PAGES ? MIB : 1;
	v.value /= payload.value;
	v.inferred |= payload.inferred;
	return v;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct diff_value side_of(const struct diff_run *runs, int n, const struct quantity *q, bool of_payload)
{
	struct diff_value side = {.known = n > 0};
	double values[DIFF_RUNS_MAX];

	for (int i = 0; i < n; i++) {
		struct value v = value_of(&runs[i], q);

		if (of_payload)
			v = per_payload(v, &runs[i], q->unit);
		side.known &= v.known;
		side.lower_bound |= v.lower_bound;
		side.inferred |= v.inferred;
		BOUND(values, i) = v.value;
	}
	if (!side.known)
		return (struct diff_value){0};
	qsort(values, (size_t)n, sizeof(values[0]), by_value);
	side.min = values[0];
	side.max = BOUND(values, n - 1);
	side.median = (values[(n - 1) / 2] + values[n / 2]) / 2;
	return side;
}

/* In how many ways n_a and n_b runs can be in order, as far as SURE_ORDERINGS. */
static int orderings(int n_a, int n_b)
{
	double n = 1;

	for (int i = 1; i <= n_a && n < SURE_ORDERINGS; i++)
		n = n * (n_b + i) / i;
	return n < SURE_ORDERINGS ? (int)(n + 0.5) : SURE_ORDERINGS;
}

static bool is_apart(const struct diff_value *low, const struct diff_value *high, int n_low, int n_high)
{
	double width = low->max - low->min > high->max - high->min ? low->max - low->min : high->max - high->min;

	if (n_low == 1 && n_high == 1)
		return low->max < high->min;
	if (orderings(n_low, n_high) >= SURE_ORDERINGS)
		width = 0;
	return low->max < high->min && high->min - low->max >= width;
}

/* A lower bound may be any number above: less than it is not told by the other side's being more, and so on. Where
 * both sides are lower bounds the same parts are missing, and like is compared with like. */
static bool bounds_forbid(const struct diff_value *less, const struct diff_value *more)
{
	return less->lower_bound && !more->lower_bound;
}

static struct diff_change change_of(const struct diff_value side[2], const int n[2])
{
	const struct diff_value *a = &side[0], *b = &side[1];
	struct diff_change c = {.verdict = DIFF_UNKNOWN};

	if (!a->known || !b->known)
		return c;
	c.has_ratio = a->median > 0;
	c.ratio = c.has_ratio ? (b->median - a->median) / a->median : 0;
	if (is_apart(b, a, n[1], n[0]))
		c.verdict = bounds_forbid(b, a) ? DIFF_UNKNOWN : DIFF_LESS;
	else if (is_apart(a, b, n[0], n[1]))
		c.verdict = bounds_forbid(a, b) ? DIFF_UNKNOWN : DIFF_MORE;
	else
		c.verdict = a->min == b->min && a->max == b->max && a->min == a->max ? DIFF_SAME : DIFF_WITHIN;
	return c;
}

static void row_fill(struct diff_row *row, const struct diff *d, const struct quantity *q)
{
	*row = (struct diff_row){.name = q->name, .words = q->words, .unit = q->unit};
	for (int i = 0; i < 2; i++)
		row->side[i] = side_of(d->runs[i], d->n_runs[i], q, false);
	row->change = change_of(row->side, d->n_runs);
	if (q->no_payload)
		return;
	for (int i = 0; i < 2; i++)
		row->payload_side[i] = side_of(d->runs[i], d->n_runs[i], q, true);
	row->has_payload = row->payload_side[0].known && row->payload_side[1].known;
	row->payload_change = change_of(row->payload_side, d->n_runs);
}

void diff__make(struct diff *d, const struct diff_run *a, int n_a, const struct diff_run *b, int n_b)
{
	struct quantity q;

	*d = (struct diff){.runs = {a, b}, .n_runs = {n_a, n_b}, .spread_known = n_a > 1 && n_b > 1};
	for (int i = 0; i < DIFF_HEADLINES; i++)
		row_fill(&d->headlines[i], d, &headlines[i]);
	for (enum derived i = 0; i < D_COUNT; i++) {
		q = derived_quantity(i);
		row_fill(&d->rows[i], d, &q);
	}
	for (enum metric m = 0; m < M_COUNT; m++) {
		q = metric_quantity(m);
		row_fill(&d->rows[D_COUNT + m], d, &q);
	}
}

const struct diff_change *diff__change(const struct diff_row *row)
{
	return row->has_payload ? &row->payload_change : &row->change;
}

bool diff__row_is_empty(const struct diff_row *row)
{
	return row->side[0].max <= 0 && row->side[1].max <= 0;
}
