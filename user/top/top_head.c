/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top_head.c - who and how, and the machine's sums.
 *
 *	zctrace  web-7  6.12.117  copies: fexit, hardware breakpoint                lost 0  12:03:41  every 1 s
 *	CPU copies 1.92G/s ▂▃▅▇▇▆▅   DMA 1.88G/s ▂▃▄▆▆▅▄   zero-copy 310M/s ▂▂▂▂▂▂▂   mode switches 412k/s ▅▅▅▅▅▅▅
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bound.h"
#include "fmt.h"
#include "safe.h"
#include "top_head.h"
#include "view_figure.h"

#define GAP 2

static const struct {
	const char *name, *brief;
	enum metric_group of;
	enum style style;
} sums[SUM_COUNT] = {
	[SUM_COPY] = {"CPU copies", "copies", G_COPIED, STYLE_COPY},
	[SUM_DMA] = {"DMA", "DMA", G_DMA, STYLE_DMA},
	[SUM_ZERO] = {"zero-copy", "zero-copy", G_ZEROCOPY, STYLE_PLAIN},
	[SUM_MODE] = {"mode switches", "mode", G_BORDER, STYLE_PLAIN},
};

static struct figure sum_of(enum head_sum i, const struct rates *r, enum rates_period period)
{
	const struct rates_row *machine = rates__machine(r);
	uint64_t v[M_COUNT];
	struct figure f = {0};

	if (!machine->quality)
		return f;
	rates__values(machine, period, v);
	f = metric__group((struct metric_view){v, machine->quality}, sums[i].of);
	if (i == SUM_MODE)
		f.value = metric__times(f.value, 2);
	if (period == RATES_STEP)
		f.value = rates__per_second(f.value, rates__span_ns(r, RATES_STEP));
	return f;
}

/* By what copies are seen, each way once: "fexit, hardware breakpoint". */
static void copies_by(char *buf, size_t len, const struct snapshot *s)
{
	static const enum hook copies[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE, H_COPY_OTHER};

	*buf = '\0';
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		size_t used = strlen(buf);
		char by[64];

		if (!s->hook[copies[i]].by)
			continue;
		safe_text(by, sizeof(by), s->hook[copies[i]].by, sizeof(by));
		if (!strstr(buf, by))
			snprintf(buf + used, len - used, "%s%s", used ? ", " : "", by);
	}
	if (!*buf)
		snprintf(buf, len, "not measured");
}

void head__take(struct top_head *h, const struct snapshot *s, const struct rates *r)
{
	safe_text(h->host, sizeof(h->host), s->host ? s->host : "", 64);
	safe_text(h->kernel, sizeof(h->kernel), s->kernel ? s->kernel : "", 64);
	copies_by(h->copies, sizeof(h->copies), s);
	h->lost = 0;
	for (enum loss l = 0; l < L_COUNT; l++)
		h->lost = metric__plus(h->lost, s->lost[l]);
	h->at_unix_ns = s->start_unix_ns + s->duration_ns;
	for (enum head_sum i = 0; i < SUM_COUNT; i++)
		history__add(&h->history[i], sum_of(i, r, RATES_STEP).value);
}

static int line_width(const struct head_line *l)
{
	int width = -GAP;

	for (int i = 0; i < l->n; i++)
		width += GAP + safe_width(l->part[i].text);
	return width;
}

static void part_drop(struct head_line *l, int i)
{
	memmove(&l->part[i], &l->part[i + 1], (size_t)(l->n - i - 1) * sizeof(l->part[0]));
	l->n--;
}

static struct head_part *part_add(struct head_line *l, enum style style)
{
	struct head_part *p = &BOUND(l->part, l->n++);

	p->style = style;
	return p;
}

/* Parts one behind the other; those from `right` on at the right edge. */
static void place(struct head_line *l, int columns, int right)
{
	int x = 0, spare = columns - line_width(l);

	for (int i = 0; i < l->n; i++) {
		if (i == right && spare > 0)
			x += spare;
		l->part[i].x = x;
		x += safe_width(l->part[i].text) + GAP;
	}
}

static void write_time(char *buf, size_t len, uint64_t unix_ns)
{
	time_t at = (time_t)(unix_ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&at, &tm) || !strftime(buf, len, "%H:%M:%S", &tm))
		snprintf(buf, len, "-");
}

static void write_lost(struct head_line *l, const struct top_head *h, const struct rates *r)
{
	struct head_part *p = part_add(l, h->lost || rates__backwards(r) ? STYLE_WARNING : STYLE_PLAIN);
	char n[FMT_LEN];

	snprintf(p->text, sizeof(p->text), "lost %s%s", fmt_count(n, h->lost), h->lost ? "!" : "");
	if (!rates__backwards(r))
		return;
	p = part_add(l, STYLE_WARNING);
	snprintf(p->text, sizeof(p->text), "%s went back!", fmt_count(n, rates__backwards(r)));
}

void head__who(struct head_line *ret, const struct top_head *h, const struct rates *r, uint64_t interval_ns,
	       int columns)
{
	static const int worth_least[] = {2, 3, 1, 0}; /* kernel, how, host, our own name */
	bool left_out[4] = {false};
	struct head_part *p;

	for (int tries = 0; tries <= 4; tries++) {
		int n_left;

		*ret = (struct head_line){0};
		if (!left_out[0])
			strcpy(part_add(ret, STYLE_STRONG)->text, "zctrace");
		if (!left_out[1])
			strcpy(part_add(ret, STYLE_PLAIN)->text, h->host);
		if (!left_out[2])
			strcpy(part_add(ret, STYLE_PLAIN)->text, h->kernel);
		p = left_out[3] ? NULL : part_add(ret, STYLE_PLAIN);
		if (p)
			snprintf(p->text, sizeof(p->text), "copies: %.*s", HEAD_TEXT_LEN - 16, h->copies);
		n_left = ret->n;
		write_lost(ret, h, r);
		write_time(part_add(ret, STYLE_PLAIN)->text, HEAD_TEXT_LEN, h->at_unix_ns);
		p = part_add(ret, STYLE_PLAIN);
		snprintf(p->text, sizeof(p->text), "%g s", (double)interval_ns / 1e9);
		place(ret, columns, n_left);
		if (line_width(ret) <= columns || tries == 4)
			return;
		left_out[worth_least[tries]] = true;
	}
}

void head__sums(struct head_line *ret, const struct top_head *h, const struct rates *r, enum rates_period period,
		int columns)
{
	bool brief = columns < 110;
	int bar;

	*ret = (struct head_line){0};
	for (enum head_sum i = 0; i < SUM_COUNT; i++) {
		struct head_part *p = part_add(ret, sums[i].style);
		char n[FIGURE_LEN];

		figure__text(n, sum_of(i, r, period), i == SUM_MODE ? fmt_count_short : fmt_bytes);
		snprintf(p->text, sizeof(p->text), "%s %s%s", brief ? sums[i].brief : sums[i].name, n,
			 period == RATES_STEP && strcmp(n, "-") != 0 ? "/s" : "");
	}
	while (ret->n > 1 && line_width(ret) > columns)
		part_drop(ret, ret->n - 1);
	bar = (columns - line_width(ret)) / ret->n - 1;
	for (int i = 0; i < ret->n && bar > 1; i++) {
		char text[3 * HISTORY_MOST + 1], *at = ret->part[i].text + strlen(ret->part[i].text);

		snprintf(at, HEAD_TEXT_LEN / 2, " %s", history__bar(text, &h->history[i], bar > 16 ? 16 : bar));
	}
	place(ret, columns, ret->n);
}
