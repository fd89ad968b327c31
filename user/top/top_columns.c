/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top_columns.c - the columns of the live display.
 *
 *	    PID COMM       COPY/s▼      to    from    kern   disk r/w  net rx/tx   ZERO/s   cp/B  MODE/s    CTX v/f HIT
 *CPU 4242 nginx        1.21G    602M    603M       0     580M/0     0/612M        0   2.00     39k      812/3    3% 44%
 *
 * Heads change with what is shown: per second, or since the base line.
 */
#include <string.h>

#include "fmt.h"
#include "safe.h"
#include "top_columns.h"

/* clang-format off */
const struct top_column_desc top_columns[TOP_COUNT] = {
	[TOP_PID]       = {"PID",       NULL,      7,  0, KIND_NAME,     {0},                           "process, under it with H its threads; 12x: so many ended ones; + ended"},
	[TOP_COMM]      = {"COMM",      NULL,      8,  0, KIND_NAME,     {0},                           "its name"},
	[TOP_COPY]      = {"COPY",      "COPY/s",  9,  0, KIND_BYTES,    {G_COPIED},                    "bytes the CPU copied: to user + from user + in kernel"},
	[TOP_TO_USER]   = {"to",        NULL,      7,  3, KIND_BYTES,    {G_TO_USER},                   "of these, from the kernel to user memory"},
	[TOP_FROM_USER] = {"from",      NULL,      7,  2, KIND_BYTES,    {G_FROM_USER},                 "from user memory to the kernel"},
	[TOP_IN_KERNEL] = {"kern",      NULL,      7,  1, KIND_BYTES,    {G_IN_KERNEL},                 "inside the kernel"},
	[TOP_DISK]      = {"disk r/w",  NULL,     10,  7, KIND_SIZES,    {G_DISK_READ, G_DISK_WRITE},   "DMA bytes, disk: read / written"},
	[TOP_NET]       = {"net rx/tx", NULL,     10,  8, KIND_SIZES,    {G_NET_RX, G_NET_TX},          "DMA bytes, network: received / sent"},
	[TOP_ZERO]      = {"ZERO",      "ZERO/s",  8,  6, KIND_BYTES,    {G_ZEROCOPY},                  "bytes moved without a CPU copy"},
	[TOP_RATIO]     = {"cp/B",      NULL,      6, 11, KIND_QUOTIENT, {0},                           "CPU copies per payload byte"},
	[TOP_MODE]      = {"MODE",      "MODE/s",  7,  9, KIND_COUNT,    {G_BORDER},                    "mode switches: crossings between user and kernel"},
	[TOP_CTX]       = {"CTX v/f",   NULL,     10,  4, KIND_COUNTS,   {G_VOLUNTARY, G_INVOLUNTARY},  "context switches: voluntary / forced"},
	[TOP_HIT]       = {"HIT",       NULL,      5,  5, KIND_QUOTIENT, {0},                           "page cache hits of all accesses"},
	[TOP_CPU]       = {"CPU",       NULL,      5, 10, KIND_QUOTIENT, {0},                           "time on a CPU; 100% is one CPU"},
};
/* clang-format on */

struct top_subject top_subject(const struct rates *r, const struct rates_row *row, enum rates_period period)
{
	struct top_subject s = {.row = row, .period = period, .span_ns = rates__span_ns(r, period)};

	rates__values(row, period, s.v);
	return s;
}

static int n_parts(enum top_column c)
{
	switch (top_columns[c].kind) {
	case KIND_NAME:
	case KIND_QUOTIENT:
		return 0;
	case KIND_SIZES:
	case KIND_COUNTS:
		return 2;
	default:
		return 1;
	}
}

static struct metric_view view_of(const struct top_subject *s)
{
	return (struct metric_view){s->v, s->row->quality};
}

static struct figure part_of(enum top_column c, const struct top_subject *s, int part)
{
	struct figure f = metric__group(view_of(s), top_columns[c].of[part]);

	if (c == TOP_MODE)
		f.value = metric__times(f.value, 2);
	if (s->period == RATES_STEP)
		f.value = rates__per_second(f.value, s->span_ns);
	return f;
}

static char *(*format_of(enum top_column c))(char *, uint64_t)
{
	switch (top_columns[c].kind) {
	case KIND_BYTES:
		return fmt_bytes;
	case KIND_SIZES:
		return fmt_bytes_short;
	default:
		return fmt_count_short;
	}
}

static void drop_mark(char *cell, const char *mark)
{
	size_t n = strlen(mark);
	char *at;

	while ((at = strstr(cell, mark)))
		memmove(at, at + n, strlen(at + n) + 1);
}

static void write_percent(char *buf, double share, bool lower_bound, bool inferred)
{
	snprintf(buf, FIGURE_LEN, "%s%s%.0f%%", lower_bound ? "≥" : "", inferred ? "~" : "", 100 * share);
}

static bool cpu_share(const struct top_subject *s, double *ret)
{
	if (s->row->quality[M_ONCPU_NS] == Q_NONE || !s->span_ns)
		return false;
	*ret = (double)s->v[M_ONCPU_NS] / (double)s->span_ns;
	return true;
}

/* Ratios beyond what the column holds lose their commas. */
static void cell_ratio(char *buf, struct metric_view m)
{
	bool lower_bound, inferred;
	double r;

	if (derived_value(D_COPIES_PER_PAYLOAD_BYTE, m, &r, &lower_bound, &inferred) && r >= 99.995 && r < 1e15)
		figure__text(buf, (struct figure){(uint64_t)(r + 0.5), true, lower_bound, inferred}, fmt_count_short);
	else
		figure__ratio(buf, D_COPIES_PER_PAYLOAD_BYTE, m);
}

static void cell_quotient(char *buf, enum top_column c, const struct top_subject *s)
{
	bool lower_bound, inferred;
	double r;

	strcpy(buf, "-");
	if (c == TOP_RATIO)
		cell_ratio(buf, view_of(s));
	else if (c == TOP_HIT && derived_value(D_CACHE_HIT_RATIO, view_of(s), &r, &lower_bound, &inferred))
		write_percent(buf, r, lower_bound, inferred);
	else if (c == TOP_CPU && cpu_share(s, &r))
		write_percent(buf, r, false, s->row->quality[M_ONCPU_NS] == Q_INFERRED);
}

static void cell_name(char *buf, enum top_column c, const struct rates_row *row)
{
	if (c == TOP_COMM && row->kind == RATES_SYSTEM)
		strcpy(buf, "[system]");
	else if (c == TOP_COMM)
		safe_text(buf, NAME_LEN, row->comm, ZC_COMM_LEN);
	else if (row->kind == RATES_SYSTEM)
		strcpy(buf, "-");
	else if (row->kind == RATES_FOLD)
		snprintf(buf, FIGURE_LEN, "%ux", row->folded);
	else
		snprintf(buf, FIGURE_LEN, "%u", row->pid);
}

char *top_column__cell(char *buf, enum top_column c, const struct top_subject *s, unsigned int dropped)
{
	char part[FIGURE_LEN];

	switch (top_columns[c].kind) {
	case KIND_NAME:
		cell_name(buf, c, s->row);
		return buf;
	case KIND_QUOTIENT:
		cell_quotient(buf, c, s);
		break;
	default:
		figure__text(buf, part_of(c, s, 0), format_of(c));
		if (n_parts(c) == 2) {
			strcat(buf, "/");
			strcat(buf, figure__text(part, part_of(c, s, 1), format_of(c)));
		}
	}
	if (dropped & MARK_INFERRED)
		drop_mark(buf, "~");
	if (dropped & MARK_LOWER_BOUND)
		drop_mark(buf, "≥");
	return buf;
}

/* Asked of values of which every quotient is known. */
static void marks_quotient(enum top_column c, struct metric_view m, bool *lower_bound, bool *inferred)
{
	double r;

	*lower_bound = *inferred = false;
	if (c == TOP_CPU)
		*inferred = m.quality[M_ONCPU_NS] == Q_INFERRED;
	else
		derived_value(c == TOP_RATIO ? D_COPIES_PER_PAYLOAD_BYTE : D_CACHE_HIT_RATIO, m, &r, lower_bound,
			      inferred);
}

unsigned int top_column__marks(enum top_column c, const enum quality *quality)
{
	bool lower_bound = true, inferred = true, known = false;
	uint64_t ones[M_COUNT];

	for (int i = 0; i < M_COUNT; i++)
		ones[i] = 1;
	if (top_columns[c].kind == KIND_QUOTIENT) {
		marks_quotient(c, (struct metric_view){ones, quality}, &lower_bound, &inferred);
		known = true;
	}
	for (int i = 0; i < n_parts(c); i++) {
		struct figure f = metric__group((struct metric_view){ones, quality}, top_columns[c].of[i]);

		if (!f.known)
			continue;
		known = true;
		lower_bound &= f.lower_bound;
		inferred &= f.inferred;
	}
	return known ? (lower_bound ? MARK_LOWER_BOUND : 0) | (inferred ? MARK_INFERRED : 0) : 0;
}

static double key_quotient(enum top_column c, const struct top_subject *s)
{
	bool lower_bound, inferred;
	double r;

	if (c == TOP_CPU)
		return cpu_share(s, &r) ? r : -1;
	return derived_value(c == TOP_RATIO ? D_COPIES_PER_PAYLOAD_BYTE : D_CACHE_HIT_RATIO, view_of(s), &r,
			     &lower_bound, &inferred)
		       ? r
		       : -1;
}

double top_column__key(enum top_column c, const struct top_subject *s)
{
	double sum = -1;

	if (top_columns[c].kind == KIND_NAME)
		return s->row->pid;
	if (top_columns[c].kind == KIND_QUOTIENT)
		return key_quotient(c, s);
	for (int i = 0; i < n_parts(c); i++) {
		struct figure f = metric__group(view_of(s), top_columns[c].of[i]);

		if (f.known)
			sum = (sum < 0 ? 0 : sum) + (double)f.value;
	}
	return sum;
}

enum top_column top_column__of_metric(enum metric m)
{
	if (m == M_ONCPU_NS)
		return TOP_CPU;
	if (m == M_CACHE_HIT || m == M_CACHE_MISS || m == M_CACHE_READAHEAD_USED)
		return TOP_HIT;
	for (enum top_column c = TOP_TO_USER; m < M_COUNT && c < TOP_COUNT; c++)
		for (int i = 0; i < n_parts(c); i++)
			if (metric__is_in(m, top_columns[c].of[i]))
				return c;
	return TOP_COPY;
}
