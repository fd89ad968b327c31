/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_pair.c - two runs beside each other, on one scale. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "safe.h"
#include "view_figure.h"
#include "view_svg_side.h"
#include "views.h"

#define NAME_BYTES 1024

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void write_heads(struct svg_page *p, const struct svg_side sides[2], const struct side drawn[2])
{
	double y = p->y, end = y;

	for (int i = 0; i < 2; i++) {
		char text[NAME_BYTES], payload[SIDE_PAYLOAD_LEN];

		p->y = y;
		safe_text_again(text, sizeof(text), sides[i].title);
		svg_text__put(p->body, FONT_NAME, ANCHOR_START, drawn[i].x, p->y + 16, SVG_HALF, text);
		p->y += SVG_LINE;
		if (sides[i].subtitle) {
			safe_text_again(text, sizeof(text), sides[i].subtitle);
			svg_text__put(p->body, FONT_FAINT, ANCHOR_START, drawn[i].x, p->y + 16, SVG_HALF, text);
		}
		p->y += sides[0].subtitle || sides[1].subtitle ? SVG_LINE : 0;
		svg_text__put(p->body, FONT_FAINT, ANCHOR_START, drawn[i].x, p->y + 16, SVG_HALF,
			      side__payload(payload, &drawn[i]));
		p->y += SVG_LINE + 8;
		end = larger(end, side__verdict(p, &drawn[i], false));
	}
	p->y = end + 10;
}

static void write_drawings(struct svg_page *p, struct side drawn[2])
{
	struct svg_layout layouts[] = {drawn[0].layout, drawn[1].layout};
	struct passages passages[] = {drawn[0].passages, drawn[1].passages};
	struct svg_scale scale = svg_scale__of(layouts, passages, 2);
	int rows = drawn[0].layout.rows > drawn[1].layout.rows ? drawn[0].layout.rows : drawn[1].layout.rows;
	uint64_t most = side__most(&drawn[0]);
	double y = p->y, end = y;

	if (side__most(&drawn[1]) > most)
		most = side__most(&drawn[1]);
	for (int i = 0; i < 2; i++) {
		drawn[i].layout.rows = rows;
		p->y = y;
		p->y = side__drawing(p, &drawn[i], scale) + 16;
		end = larger(end, side__notes(p, &drawn[i], false));
	}
	p->y = end + 12;
	svg_page__rule(p);
	p->y += 14;
	svg_page__legend(p, scale, most);
	svg_text__put(p->body, FONT_FAINT, ANCHOR_START, SVG_MARGIN, p->y + 14, 0,
		      "context switches: voluntary + forced");
	p->y += SVG_LINE;
}

static char *describe(const struct svg_side sides[2], const struct side drawn[2])
{
	char name[NAME_BYTES], *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	for (int i = 0; i < 2; i++) {
		fprintf(f, "%s%s:", i ? " " : "", safe_text_again(name, sizeof(name), sides[i].title));
		side__describe(f, &drawn[i]);
	}
	fclose(f);
	return text;
}

int view_svg_pair(FILE *out, const struct svg_side sides[2], const char *title, const char *note)
{
	struct side drawn[2];
	struct svg_page p;
	char text[NAME_BYTES], *about;
	int err = svg_page__begin(&p);

	if (err)
		return err;
	for (int i = 0; i < 2; i++)
		side__init(&drawn[i], sides[i].m, i ? SVG_WIDTH - SVG_MARGIN - SVG_HALF : SVG_MARGIN, true);
	safe_text(text, sizeof(text), title, NAME_BYTES);
	svg_text__put(p.body, FONT_TITLE, ANCHOR_START, SVG_MARGIN, p.y + 24, SVG_INNER, text);
	p.y += 44;
	write_heads(&p, sides, drawn);
	write_drawings(&p, drawn);
	if (note) {
		char words[NAME_BYTES];

		safe_text(words, sizeof(words), note, NAME_BYTES);
		p.y = svg_text__wrap(p.body, FONT_FAINT, SVG_MARGIN, p.y + 14, SVG_INNER, words) - 14;
	}
	about = describe(sides, drawn);
	err = svg_page__end(&p, out, text, about ? about : "");
	free(about);
	return err;
}
