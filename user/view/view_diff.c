// SPDX-License-Identifier: GPL-2.0-only
/*
 * view_diff.c - what changed between two sides of runs, on one screen: the sides, the verdict, then every figure.
 *
 *	figure                       A        B  A/payload B/payload  change
 *	copy_to_user_file     ~101M       ~0    ~1.00/B   ~0.00/B  -100%
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "safe.h"
#include "view_figure.h"
#include "views_diff.h"

#define CELL_LEN 48
#define LEAST_TOLD 0.01 /* smaller changes are in the table only */

static char *put_marks(char *buf, const struct diff_value *v)
{
	return buf + sprintf(buf, "%s%s", v->lower_bound ? "≥" : "", v->inferred ? "~" : "");
}

static void number(char *buf, double v)
{
	if (v >= 99.95 && v < 1e15)
		fmt_count_short(buf, (uint64_t)(v + 0.5));
	else if (v > 0 && v < 0.005)
		strcpy(buf, "<.01");
	else
		snprintf(buf, FMT_LEN, "%.*f", v == 0 || v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2, v);
}

static char *total_text(char buf[CELL_LEN], const struct diff_value *v, enum diff_unit unit)
{
	uint64_t n = fmt_whole(v->median);
	char *end = put_marks(buf, v);

	if (!v->known)
		strcpy(buf, "-");
	else if (unit == DIFF_RATIO)
		fmt_ratio(end, v->median);
	else if (unit == DIFF_BYTES)
		fmt_bytes(end, n);
	else if (unit == DIFF_NS)
		fmt_duration(end, n);
	else if (n < 1000000)
		fmt_count(end, n);
	else
		fmt_count_short(end, n);
	return buf;
}

static char *payload_text(char buf[CELL_LEN], const struct diff_value *v, enum diff_unit unit)
{
	static const char *const units[] = {
		[DIFF_COUNT] = "/MiB", [DIFF_BYTES] = "/B", [DIFF_NS] = "ns/B", [DIFF_PAGES] = "/MiB"};
	char *end = put_marks(buf, v);

	if (unit == DIFF_BYTES)
		fmt_ratio(end, v->median);
	else
		number(end, v->median);
	strcat(end, units[unit]);
	return buf;
}

static char *change_text(char buf[CELL_LEN], const struct diff_change *c)
{
	if (c->verdict == DIFF_UNKNOWN)
		strcpy(buf, "-");
	else if (c->verdict == DIFF_SAME)
		strcpy(buf, "same");
	else if (c->verdict == DIFF_WITHIN)
		strcpy(buf, "within");
	else if (!c->has_ratio)
		strcpy(buf, "new");
	else if (fabs(c->ratio) < 0.0005)
		sprintf(buf, "%s<.1%%", c->ratio < 0 ? "-" : "+");
	else if (c->ratio < 9.995)
		snprintf(buf, CELL_LEN, "%+.*f%%", fabs(c->ratio) < 0.0995 ? 1 : 0, 100 * c->ratio);
	else
		snprintf(buf, CELL_LEN, "x%.*f", c->ratio < 998 ? 1 : 0, fmin(1 + c->ratio, 99999));
	return buf;
}

/* The wider of the two ranges, of the larger median. */
static char *spread_text(char buf[CELL_LEN], const struct diff_value side[2])
{
	double width = 0, median = 0, spread;

	for (int i = 0; i < 2; i++) {
		if (!side[i].known)
			continue;
		width = fmax(width, side[i].max - side[i].min);
		median = fmax(median, side[i].median);
	}
	spread = width <= 0 ? 0 : median > 0 ? fmin(width / median, 9.99) : 9.99;
	if (!side[0].known && !side[1].known)
		strcpy(buf, "-");
	else if (spread > 0 && spread < 0.0005)
		strcpy(buf, "<.1%");
	else
		snprintf(buf, CELL_LEN, "%.*f%%", spread > 0 && spread < 0.0995 ? 1 : 0, 100 * spread);
	return buf;
}

static void write_cell(FILE *out, const char *text, int columns)
{
	int width = safe_width(text);

	fprintf(out, " %*s%s", width < columns ? columns - width : 0, "", text);
}

/* "_bytes" is said by the figures */
static void write_name(FILE *out, const char *name)
{
	size_t len = strlen(name);

	if (len > 6 && !strcmp(name + len - 6, "_bytes"))
		len -= 6;
	fprintf(out, "%-27.*s", (int)len, name);
}

static void write_row(FILE *out, const struct diff *d, const struct diff_row *row)
{
	char cell[CELL_LEN];

	write_name(out, row->name);
	for (int i = 0; i < 2; i++)
		write_cell(out, total_text(cell, &row->side[i], row->unit), 8);
	for (int i = 0; i < 2; i++)
		write_cell(out, row->has_payload ? payload_text(cell, &row->payload_side[i], row->unit) : "", 9);
	write_cell(out, change_text(cell, diff__change(row)), 7);
	if (d->spread_known)
		write_cell(out, spread_text(cell, row->has_payload ? row->payload_side : row->side), 6);
	fputc('\n', out);
}

static void write_table(FILE *out, const struct diff *d, bool verbose)
{
	int n_left_out = 0;

	fprintf(out, "\n%-27s %8s %8s %9s %9s %7s%s\n", "figure", "A", "B", "A/payload", "B/payload", "change",
		d->spread_known ? " spread" : "");
	for (int i = 0; i < D_COUNT + M_COUNT; i++) {
		if (verbose || !diff__row_is_empty(&d->rows[i]))
			write_row(out, d, &d->rows[i]);
		else
			n_left_out++;
	}
	if (n_left_out)
		fprintf(out, "%d figures are 0 or not measured on both sides (-v shows them)\n", n_left_out);
}

static bool same_machine(const struct diff *d)
{
	const struct diff_run *first = &d->runs[0][0];

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < d->n_runs[side]; i++)
			if (strcmp(d->runs[side][i].host, first->host) != 0 ||
			    strcmp(d->runs[side][i].kernel, first->kernel) != 0)
				return false;
	return true;
}

static uint64_t payload_of(const struct diff_run *run)
{
	struct figure f = figure__derived(D_PAYLOAD, (struct metric_view){run->v, run->quality});

	return f.known ? f.value : 0;
}

/* "A  off.zct  2.13 s, 3 processes, payload 101 MiB" */
static void write_side(FILE *out, const struct diff *d, int side, bool with_host)
{
	for (int i = 0; i < d->n_runs[side]; i++) {
		const struct diff_run *run = &d->runs[side][i];
		char label[LABEL_COLUMNS + 1], time[FMT_LEN], n[FMT_LEN], payload[FMT_LEN],
			host[2 * DIFF_TEXT_LEN + 16];
		struct line l;

		snprintf(label, sizeof(label), i ? "" : side ? "B  after" : "A  before");
		snprintf(host, sizeof(host), "%s, Linux %s, ", run->host, run->kernel);
		l = line__begin(out, label);
		line__add(&l, "", "%s:", run->file);
		line__add(&l, " ", "%s%s, %s process%s,", with_host ? host : "", fmt_duration(time, run->duration_ns),
			  fmt_count(n, run->n_processes), run->n_processes == 1 ? "" : "es");
		line__add(&l, " ", "payload %s", fmt_bytes_unit(payload, payload_of(run)));
		line__end(&l);
	}
}

static void write_title(FILE *out, const struct diff *d, const char *comm)
{
	char shown[DIFF_TEXT_LEN];
	const char *host = d->runs[0]->host, *kernel = d->runs[0]->kernel;
	bool same = same_machine(d);

	fprintf(out, "what changed from A to B, %s%s", comm ? "processes named " : "all processes traced",
		comm ? safe_text(shown, sizeof(shown), comm, 64) : "");
	if (same)
		fprintf(out, "  (%.*s, Linux %.*s)", (int)safe_prefix(host, 32), host, (int)safe_prefix(kernel, 24),
			kernel);
	fputc('\n', out);
	for (int side = 0; side < 2; side++)
		write_side(out, d, side, !same);
}

static const char *headline_unit(const struct diff_row *row)
{
	if (!row->has_payload)
		return "";
	switch (row->unit) {
	case DIFF_BYTES:
		return " per payload byte";
	case DIFF_NS:
		return " ns per payload byte";
	default:
		return " per MiB of payload";
	}
}

static void headline_text(char text[CELL_LEN], const struct diff_row *row, int side)
{
	const struct diff_value *v = row->has_payload ? &row->payload_side[side] : &row->side[side];
	char *end = put_marks(text, v);

	if (!row->has_payload)
		total_text(text, v, row->unit);
	else if (row->unit == DIFF_BYTES)
		fmt_ratio(end, v->median);
	else
		number(end, v->median);
}

/* "CPU copies ~2.00 -> ~0.00 per payload byte (-100%)" */
static void add_headline(struct line *l, const struct diff_row *row, bool with_change)
{
	char text[2][CELL_LEN], change[CELL_LEN];

	for (int i = 0; i < 2; i++)
		headline_text(text[i], row, i);
	change_text(change, diff__change(row));
	line__add(l, "; ", "%s %s → %s%s%s%s%s", row->words, text[0], text[1], headline_unit(row),
		  with_change ? " (" : "", with_change ? change : "", with_change ? ")" : "");
}

/* Which line of the verdict a headline stands on. */
enum verdict_line { LINE_LESS, LINE_MORE, LINE_ALIKE, LINE_UNKNOWN, LINE_COUNT };

static enum verdict_line line_of(const struct diff_row *row)
{
	const struct diff_change *c = diff__change(row);
	char a[CELL_LEN], b[CELL_LEN];

	if (c->verdict == DIFF_UNKNOWN)
		return LINE_UNKNOWN;
	headline_text(a, row, 0);
	headline_text(b, row, 1);
	if (row->has_payload && strcmp(a, b) == 0) /* "0.00 to 0.00" is no news, whatever it is in percent */
		return LINE_ALIKE;
	if (c->verdict == DIFF_SAME || c->verdict == DIFF_WITHIN || (c->has_ratio && fabs(c->ratio) < LEAST_TOLD))
		return LINE_ALIKE;
	return c->verdict == DIFF_LESS ? LINE_LESS : LINE_MORE;
}

static void write_verdict(FILE *out, const struct diff *d)
{
	static const char *const labels[] = {"less", "more", "no change claimed", "not compared"};

	for (enum verdict_line which = 0; which < LINE_COUNT; which++) {
		struct line l = {0};

		for (int i = 0; i < DIFF_HEADLINES; i++) {
			const struct diff_row *row = &d->headlines[i];

			if (line_of(row) != which || (which == LINE_ALIKE && diff__row_is_empty(row)))
				continue;
			if (!l.out)
				l = line__begin(out, labels[which]);
			if (which != LINE_UNKNOWN)
				add_headline(&l, row, which != LINE_ALIKE);
			else
				line__add(&l, ", ", "%s", row->words);
		}
		if (l.out)
			line__end(&l);
	}
}

static void write_spread(FILE *out, const struct diff *d)
{
	struct line l = line__begin(out, "spread");

	if (d->n_runs[0] == 1 && d->n_runs[1] == 1)
		line__add(&l, "", "unknown: one run a side; diff A1,A2,A3 B1,B2,B3 tells change from chance");
	else if (!d->spread_known)
		line__add(&l, "", "unknown of %s: one run", d->n_runs[0] == 1 ? "A" : "B");
	else
		line__add(&l, "", "figures are medians; \"within\" is no change beyond the spread of the runs");
	line__end(&l);
}

static void write_lost(FILE *out, const struct diff *d)
{
	struct line l = line__begin(out, "lost");

	for (int side = 0; side < 2; side++)
		for (enum loss k = 0; k < L_COUNT; k++) {
			uint64_t sum = 0;
			char n[FMT_LEN];

			for (int i = 0; i < d->n_runs[side]; i++)
				sum = metric__plus(sum, d->runs[side][i].lost[k]);
			if (sum)
				line__add(&l, "; ", "%s: %s %s", side ? "B" : "A", fmt_count(n, sum), losses[k].name);
		}
	if (l.empty)
		line__add(&l, "", "nothing");
	line__end(&l);
}

/* The system line, median of each side; it belongs to no process and is in no figure above. */
static void write_system(FILE *out, const struct diff *d)
{
	struct line l = line__begin(out, "on no process");
	char text[2][FIGURE_LEN];

	for (int k = 0; k < 2; k++) {
		enum derived what = k ? D_DMA_BYTES : D_CPU_COPIED_BYTES;

		for (int side = 0; side < 2; side++) {
			const struct diff_run *run = &d->runs[side][d->n_runs[side] / 2];

			figure__text(text[side],
				     figure__derived(what, (struct metric_view){run->system, run->system_quality}),
				     fmt_bytes);
		}
		line__add(&l, "; ", "%s %s → %s", k ? "DMA" : "CPU copies", text[0], text[1]);
	}
	line__end(&l);
}

int view_diff(FILE *out, const struct diff *d, const char *comm, bool verbose)
{
	write_title(out, d, comm);
	fputc('\n', out);
	write_verdict(out, d);
	write_spread(out, d);
	write_table(out, d, verbose);
	write_system(out, d);
	write_lost(out, d);
	fputs("  ~ inferred  ≥ at least  - not measured     /payload: per byte (B) or MiB of it\n", out);
	errno = 0;
	if (fflush(out) == EOF || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
