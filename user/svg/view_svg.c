/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg.c - the picture of a trace: one process, or the sum of several with the first of them beneath it.
 *
 * The sum is that of the report: the processes and the system line, of which it is told what part that is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "safe.h"
#include "view_figure.h"
#include "view_footer.h"
#include "view_svg_side.h"
#include "views.h"

#define SMALL_MOST 6 /* drawings beneath that of the sum */
#define NAMED_MOST 3 /* processes in the title */
#define TITLE_LEN 512
#define FACTS_LABEL 150 /* units: "not measured" and its like */

struct picture {
	struct svg_page page;
	const struct snapshot *s;
	const struct model_process **list;
	int n;
	uint64_t v[M_COUNT];
	enum quality quality[M_COUNT];
	struct side side;
	char title[TITLE_LEN];
};

static char *process_name(char *buf, size_t len, const struct model_process *p)
{
	char comm[NAME_LEN], n[FMT_LEN];

	safe_text(comm, sizeof(comm), p->comm, ZC_COMM_LEN);
	if (p->folded)
		snprintf(buf, len, "%s (%s ended processes)", comm, fmt_count(n, p->folded));
	else
		snprintf(buf, len, "%s (%u)", comm, p->id.tgid);
	return buf;
}

static size_t n_processes(const struct snapshot *s)
{
	return model__n_processes(s->model) + model__n_folded(s->model);
}

static void find_title(struct picture *p)
{
	size_t used, count = n_processes(p->s);
	char n[FMT_LEN];

	if (p->n == 1) {
		process_name(p->title, sizeof(p->title), p->list[0]);
		return;
	}
	if (p->s->whole_machine || p->n == 0) {
		snprintf(p->title, sizeof(p->title), "%s%s processes", p->n ? "whole machine, " : "",
			 p->n ? fmt_count(n, count) : "no");
		return;
	}
	used = (size_t)snprintf(p->title, sizeof(p->title), "%s processes", fmt_count(n, count));
	for (int i = 0; i < p->n && i < NAMED_MOST; i++) {
		char comm[NAME_LEN];

		used += (size_t)snprintf(&BOUND(p->title, used), sizeof(p->title) - used, "%s%s", i ? ", " : ": ",
					 safe_text(comm, sizeof(comm), p->list[i]->comm, ZC_COMM_LEN));
	}
	if (p->n > NAMED_MOST)
		snprintf(&BOUND(p->title, used), sizeof(p->title) - used, ", …");
}

static void write_head(struct picture *p)
{
	struct svg_page *page = &p->page;
	char text[TITLE_LEN], host[256], kernel[256], time[FMT_LEN], payload[SIDE_PAYLOAD_LEN];

	svg_text__put(page->body, FONT_TITLE, ANCHOR_START, SVG_MARGIN, page->y + 24, SVG_INNER, p->title);
	page->y += 36;
	snprintf(text, sizeof(text), "%s%sLinux %s, %s",
		 safe_text(host, sizeof(host), p->s->host ? p->s->host : "", 64), p->s->host ? ", " : "",
		 safe_text(kernel, sizeof(kernel), p->s->kernel ? p->s->kernel : "?", 64),
		 fmt_duration(time, p->s->duration_ns));
	svg_text__put(page->body, FONT_FAINT, ANCHOR_START, SVG_MARGIN, page->y + 18, SVG_INNER, text);
	page->y += SVG_LINE;
	svg_text__put(page->body, FONT_FAINT, ANCHOR_START, SVG_MARGIN, page->y + 18, SVG_INNER,
		      side__payload(payload, &p->side));
	page->y += SVG_LINE + 16;
	page->y = side__verdict(page, &p->side, false) + 14;
}

/* Nobody's DMA: in the sum if there are several processes, beside it if there is one. */
static void write_system(struct picture *p)
{
	struct metric_view m = {model__system(p->s->model), p->s->quality};
	struct figure dma = figure__derived(D_DMA_BYTES, m);
	char n[FIGURE_LEN], text[128];

	if (!figure__some(dma))
		return;
	snprintf(text, sizeof(text),
		 p->n == 1 ? "beside it, DMA that is nobody's (the system line): %s"
			   : "of this, DMA that is nobody's (the system line): %s",
		 figure__text(n, dma, fmt_bytes_unit));
	p->page.y = svg_text__wrap(p->page.body, FONT_FAINT, SVG_MARGIN, p->page.y + 16, SVG_INNER, text) - 16;
}

static void write_sum(struct picture *p)
{
	struct svg_scale scale = svg_scale__of(&p->side.layout, &p->side.passages, 1);

	p->page.y = side__drawing(&p->page, &p->side, scale) + 16;
	p->page.y = side__notes(&p->page, &p->side, false);
	write_system(p);
	p->page.y += 10;
	svg_page__rule(&p->page);
	p->page.y += 14;
	svg_page__legend(&p->page, scale, side__most(&p->side));
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* Two beside each other: heads, then drawings, then notes, each in line with the other's. */
static void write_small_row(struct picture *p, struct side *side, const struct model_process **who, int n,
			    struct svg_scale scale)
{
	struct svg_page *page = &p->page;
	double y = page->y, end = y;

	for (int i = 0; i < n; i++) {
		char name[NAME_LEN + 40];

		page->y = y;
		svg_text__put(page->body, FONT_NAME, ANCHOR_START, side[i].x, page->y + 18, SVG_HALF,
			      process_name(name, sizeof(name), who[i]));
		page->y += 30;
		page->y = side__verdict(page, &side[i], true) + 6;
		side[i].layout.rows = n > 1 && side[1 - i].layout.rows > side[i].layout.rows ? side[1 - i].layout.rows
											     : side[i].layout.rows;
		page->y = side__drawing(page, &side[i], scale) + 14;
		end = larger(end, side__notes(page, &side[i], true));
	}
	page->y = end + 22;
}

/* The first few by the order asked for, those that moved nothing left out. */
static void write_small(struct picture *p, int limit)
{
	enum quality quality[SMALL_MOST][M_COUNT];
	const struct model_process *who[SMALL_MOST];
	struct side side[SMALL_MOST];
	struct svg_layout layouts[SMALL_MOST];
	struct passages passages[SMALL_MOST];
	struct svg_scale scale;
	char text[160], a[FMT_LEN], b[FMT_LEN];
	uint64_t most = 0;
	int n = 0;

	for (int i = 0; i < p->n && n < limit; i++) {
		snapshot__qualities(p->s, p->list[i], BOUND(quality, n));
		side__init(&side[n], (struct metric_view){p->list[i]->v, quality[n]},
			   n % 2 ? SVG_WIDTH - SVG_MARGIN - SVG_HALF : SVG_MARGIN, true);
		if (side__most(&side[n]) == 0)
			continue;
		if (side__most(&side[n]) > most)
			most = side__most(&side[n]);
		layouts[n] = side[n].layout;
		passages[n] = side[n].passages;
		BOUND(who, n++) = p->list[i];
	}
	if (n == 0)
		return;
	scale = svg_scale__of(layouts, passages, n);
	svg_page__rule(&p->page);
	p->page.y += 14;
	snprintf(text, sizeof(text), "%s beneath here, where %d of %s processes stand alone", fmt_bytes_unit(a, most),
		 n, fmt_count(b, n_processes(p->s)));
	svg_page__scale(&p->page, SVG_MARGIN, scale, most, text);
	p->page.y += 44;
	for (int i = 0; i < n; i += 2)
		write_small_row(p, &side[i], &who[i], n - i < 2 ? n - i : 2, scale);
}

/* What the report says at its end, in lines of another length. */
static void write_facts(struct picture *p)
{
	struct svg_page *page = &p->page;
	char *facts = NULL, *rest, text[2048] = "";
	size_t len;
	FILE *f = open_memstream(&facts, &len);

	if (!f)
		return;
	footer__facts(f, p->s, false);
	fclose(f);
	svg_page__rule(page);
	page->y += 26;
	for (char *line = strtok_r(facts, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		bool goes_on = strspn(line, " ") >= LABEL_COLUMNS;
		size_t used = strlen(text);

		if (!goes_on && used) {
			page->y = svg_text__wrap(page->body, FONT_FAINT, SVG_MARGIN + FACTS_LABEL, page->y,
						 SVG_INNER - FACTS_LABEL, text);
			used = 0;
		}
		if (!goes_on) {
			char label[LABEL_COLUMNS];

			snprintf(label, sizeof(label), "%.*s", LABEL_COLUMNS - 3, line + 2);
			for (size_t end = strlen(label); end && label[end - 1] == ' ';)
				label[--end] = '\0';
			svg_text__put(page->body, FONT_FAINT, ANCHOR_START, SVG_MARGIN, page->y, FACTS_LABEL - 8,
				      label);
		}
		snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "", line + LABEL_COLUMNS);
	}
	page->y = svg_text__wrap(page->body, FONT_FAINT, SVG_MARGIN + FACTS_LABEL, page->y, SVG_INNER - FACTS_LABEL,
				 text);
	page->y -= 16;
	free(facts);
}

static int draw(struct picture *p, FILE *out, int limit)
{
	char *about = NULL, title[TITLE_LEN + 64];
	size_t len;
	FILE *f;
	int err = svg_page__begin(&p->page);

	if (err)
		return err;
	find_title(p);
	write_head(p);
	write_sum(p);
	if (p->n > 1)
		write_small(p, limit);
	write_facts(p);
	f = open_memstream(&about, &len);
	if (f) {
		side__describe(f, &p->side);
		fclose(f);
	}
	snprintf(title, sizeof(title), "The way of the bytes: %s", p->title);
	err = svg_page__end(&p->page, out, title, about ? about + strspn(about, " ") : "");
	free(about);
	return err;
}

int view_svg(FILE *out, const struct snapshot *s, const struct view_opts *o)
{
	struct picture p = {.s = s};
	int err;

	p.n = model__list(s->model, o->sort, &p.list);
	if (p.n < 0)
		return p.n;
	if (p.n == 1) {
		memcpy(p.v, p.list[0]->v, sizeof(p.v));
		snapshot__qualities(s, p.list[0], p.quality);
	} else {
		snapshot__sum(s, p.list, p.n, p.v);
		snapshot__qualities(s, NULL, p.quality);
	}
	side__init(&p.side, (struct metric_view){p.v, p.quality}, SVG_MARGIN, false);
	err = draw(&p, out, o->limit > 0 && o->limit < SMALL_MOST ? o->limit : SMALL_MOST);
	free(p.list);
	return err;
}
