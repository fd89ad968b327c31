/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top_detail.c - one process as a page.
 *
 *	nginx (4242)  3 threads, parent 1, per second over the last 1.00 s
 *	  disk ══ 580M ══▶ page cache ── 580M ──▶ user ── 580M ──▶ socket ══ 612M ══▶ NIC
 *
 *	                                       per second               total
 *	copies_per_payload_byte                      2.00                2.00
 *	copy_to_user_file_bytes                  580 MiB       32,000,000,000
 *	...
 *	threads (+ ended)         COPY/s  MODE/s    CTX v/f   CPU
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "fmt.h"
#include "safe.h"
#include "top_detail.h"
#include "top_layout.h"
#include "view_path.h"

#define NAME_COLUMNS 35

static const enum top_column thread_columns[] = {TOP_COPY, TOP_TO_USER, TOP_FROM_USER, TOP_MODE, TOP_CTX, TOP_CPU};
#define N_THREAD_COLUMNS (sizeof(thread_columns) / sizeof(thread_columns[0]))

void detail__free(struct top_detail *d)
{
	free(d->text);
	free(d->lines);
	free(d->threads);
	*d = (struct top_detail){0};
}

static void per_second(struct top_subject *s)
{
	for (int i = 0; i < M_COUNT; i++)
		s->v[i] = rates__per_second(s->v[i], s->span_ns);
}

static bool draw_path(FILE *out, const struct rates *r, const struct rates_row *row, enum rates_period period)
{
	struct top_subject s = top_subject(r, row, period);
	struct paths paths;

	if (period == RATES_STEP)
		per_second(&s);
	paths__find(&paths, (struct metric_view){s.v, row->quality});
	paths__draw(out, &paths);
	return paths.n > 0;
}

/* Who is idle, or has ended, shows what it did until then. */
static void write_path(FILE *out, const struct rates *r, const struct rates_row *row, enum rates_period period)
{
	if (draw_path(out, r, row, period))
		return;
	if (period == RATES_STEP)
		fputs("  nothing moved in this interval; since the base line:\n", out);
	if (period == RATES_TOTAL || !draw_path(out, r, row, RATES_TOTAL))
		fputs("  nothing moved\n", out);
}

static const char *marks(bool lower_bound, bool inferred)
{
	return lower_bound ? inferred ? "≥~" : "≥" : inferred ? "~" : "";
}

/* Right-aligned by columns: marks are longer in bytes. */
static void write_right(FILE *out, int width, const char *text)
{
	fprintf(out, "%*s%s", width - safe_width(text), "", text);
}

static void write_line(FILE *out, const char *name, const char *rate, const char *total)
{
	fprintf(out, "%-*s", NAME_COLUMNS, name);
	write_right(out, 13, rate);
	write_right(out, 28, total);
	fputc('\n', out);
}

static void write_derived(FILE *out, enum derived d, const struct top_subject *rate, const struct top_subject *total)
{
	const struct top_subject *const of[] = {rate, total};
	char text[2][FIGURE_LEN + 8];

	for (int i = 0; i < 2; i++) {
		struct metric_view m = {of[i]->v, of[i]->row->quality};
		bool lower_bound, inferred, bytes = strstr(deriveds[d].name, "_bytes") != NULL;
		double v;

		strcpy(text[i], "-");
		if (deriveds[d].is_ratio) {
			if (derived_value(d, m, &v, &lower_bound, &inferred))
				snprintf(text[i], sizeof(text[i]), "%s%.2f", marks(lower_bound, inferred), v);
			continue;
		}
		figure__text(text[i], figure__derived(d, m), i == 0 && bytes ? fmt_bytes_unit : fmt_count);
	}
	write_line(out, deriveds[d].name, text[0], text[1]);
}

static void write_metric(FILE *out, enum metric m, const struct top_subject *rate, const struct top_subject *total)
{
	static char *(*const formats[])(char *, uint64_t) = {
		[UNIT_COUNT] = fmt_count,
		[UNIT_BYTES] = fmt_bytes_unit,
		[UNIT_NS] = fmt_duration,
		[UNIT_PAGES] = fmt_count,
	};
	char a[FIGURE_LEN], b[FIGURE_LEN];

	figure__text(a, metric__figure((struct metric_view){rate->v, rate->row->quality}, m), formats[metrics[m].unit]);
	figure__text(b, metric__figure((struct metric_view){total->v, total->row->quality}, m),
		     metrics[m].unit == UNIT_NS ? fmt_duration : fmt_count);
	write_line(out, metrics[m].name, a, b);
}

static void write_metrics(FILE *out, const struct rates *r, const struct rates_row *row)
{
	struct top_subject rate = top_subject(r, row, RATES_STEP), total = top_subject(r, row, RATES_TOTAL);

	per_second(&rate);
	write_line(out, "", "per second", "total");
	for (enum derived d = 0; d < D_COUNT; d++)
		write_derived(out, d, &rate, &total);
	for (enum metric m = 0; m < M_COUNT; m++)
		write_metric(out, m, &rate, &total);
}

static void write_notes(FILE *out, const struct rates_row *row)
{
	if (row->flags & ZT_EXEC_SUID)
		fputs("  exec changed its privileges: the kernel dropped its breakpoints\n", out);
	if (row->flags & ZT_LEAF_OFF)
		fputs("  too many breakpoint hits: given up\n", out);
}

static void write_thread_heads(FILE *out, enum rates_period period)
{
	char head[64];

	fprintf(out, "\n%-26s", "threads (+ ended)");
	for (size_t i = 0; i < N_THREAD_COLUMNS; i++) {
		const struct top_column_desc *d = &top_columns[thread_columns[i]];

		snprintf(head, sizeof(head), "%s", period == RATES_STEP && d->rate ? d->rate : d->head);
		write_right(out, d->width + 1, head);
	}
	fputc('\n', out);
}

static int split_lines(struct top_detail *d)
{
	size_t room = 1;

	for (const char *c = d->text; *c; c++)
		room += *c == '\n';
	d->lines = calloc(room, sizeof(char *));
	if (!d->lines)
		return -ENOMEM;
	for (char *at = d->text, *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		d->lines[BOUND_OF(d->n_lines++, room)] = at;
	}
	return 0;
}

struct thread_key {
	const struct rates_row *row;
	double key;
};

static int by_key(const void *a, const void *b)
{
	const struct thread_key *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return (x->row->pid > y->row->pid) - (x->row->pid < y->row->pid);
}

/* Most copied first; for more choice there is H. */
static int find_threads(struct top_detail *d, const struct rates *r, const struct rates_row *row,
			enum rates_period period)
{
	size_t n;
	const struct rates_row *const *rows = rates__rows(r, &n);
	struct thread_key *keys = calloc(n + 1, sizeof(*keys));

	d->threads = calloc(n + 1, sizeof(const struct rates_row *));
	if (!keys || !d->threads) {
		free(keys);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		struct top_subject s;

		if (rows[i]->kind != RATES_THREAD || rows[i]->id.tgid != row->id.tgid ||
		    rows[i]->id.start_ns != row->id.start_ns)
			continue;
		s = top_subject(r, rows[i], period);
		keys[d->n_threads++] = (struct thread_key){rows[i], top_column__key(TOP_COPY, &s)};
	}
	qsort(keys, d->n_threads, sizeof(*keys), by_key);
	for (size_t i = 0; i < d->n_threads; i++)
		d->threads[i] = keys[i].row;
	free(keys);
	return 0;
}

static void threads_free(struct top_detail *d)
{
	free(d->threads);
	d->threads = NULL;
	d->n_threads = 0;
}

int detail__build(struct top_detail *d, const struct rates *r, const struct top_order *o)
{
	const struct rates_row *row = rates__find(r, &d->like);
	struct rates_row like;
	size_t len;
	FILE *out;

	d->gone = !row;
	if (!row) {
		threads_free(d);
		return 0;
	}
	like = *row;
	detail__free(d);
	d->like = like;
	out = open_memstream(&d->text, &len);
	if (!out)
		return -ENOMEM;
	write_path(out, r, row, o->period);
	write_notes(out, row);
	fputc('\n', out);
	write_metrics(out, r, row);
	if (row->kind == RATES_PROCESS)
		write_thread_heads(out, o->period);
	if (fclose(out))
		return -ENOMEM;
	if (split_lines(d))
		return -ENOMEM;
	return row->kind == RATES_PROCESS ? find_threads(d, r, row, o->period) : 0;
}

char *detail__title(char *buf, size_t len, const struct top_detail *d, const struct rates *r, enum rates_period period)
{
	const struct rates_row *row = &d->like;
	struct top_subject s = {.row = row};
	char name[CELL_LEN], pid[CELL_LEN], span[FMT_LEN], n[FMT_LEN];
	int used;

	top_column__cell(name, TOP_COMM, &s, 0);
	top_column__cell(pid, TOP_PID, &s, 0);
	fmt_duration(span, rates__span_ns(r, period));
	if (row->kind == RATES_SYSTEM) {
		used = snprintf(buf, len, "%s", name);
	} else {
		used = snprintf(buf, len, "%s (%s)%s", name, pid,
				d->gone			 ? "  has ended; its last figures by name"
				: row->flags & ZT_EXITED ? "  has ended"
							 : "");
		used += snprintf(buf + BOUND_OF(used, len), len - (size_t)used, "  %s %s", fmt_count(n, row->n_threads),
				 row->n_threads == 1 ? "thread" : "threads");
	}
	snprintf(buf + BOUND_OF(used, len), len - (size_t)used,
		 period == RATES_STEP ? "  per second, over %s" : "  total of %s", span);
	return buf;
}

size_t detail__n_lines(const struct top_detail *d)
{
	return d->n_lines + d->n_threads;
}

const char *detail__line(char *buf, const struct top_detail *d, const struct rates *r, enum rates_period period,
			 size_t i)
{
	struct top_subject s;
	char cell[CELL_LEN], name[CELL_LEN];
	int used, n;

	if (i < d->n_lines)
		return d->lines[i];
	s = top_subject(r, d->threads[i - d->n_lines], period);
	top_column__cell(cell, TOP_PID, &s, 0);
	top_column__cell(name, TOP_COMM, &s, 0);
	name[safe_prefix(name, 16)] = '\0';
	n = safe_width(name);
	used = snprintf(buf, LAYOUT_TEXT_LEN, "%8s%c%s%*s", cell, s.row->flags & ZT_EXITED ? '+' : ' ', name, 17 - n,
			"");
	for (size_t c = 0; c < N_THREAD_COLUMNS; c++) {
		top_column__cell(cell, thread_columns[c], &s, 0);
		n = top_columns[thread_columns[c]].width + 1 - safe_width(cell);
		used += snprintf(buf + BOUND_OF(used, LAYOUT_TEXT_LEN), LAYOUT_TEXT_LEN - (size_t)used, "%*s%s",
				 n > 0 ? n : 1, "", cell);
	}
	return buf;
}
