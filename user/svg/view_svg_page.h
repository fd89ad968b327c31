/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_page.h - a whole document: what is drawn from the top down, then its size, colours and title around it; for
 * view_svg*.c only. It stands alone: no script, nothing fetched, light and dark by the reader's preference.
 */
#ifndef ZCTRACE_VIEW_SVG_PAGE_H
#define ZCTRACE_VIEW_SVG_PAGE_H

#include <stdio.h>

#include "view_svg_draw.h"
#include "view_svg_text.h"

#define SVG_WIDTH 760
#define SVG_MARGIN 20
#define SVG_INNER (SVG_WIDTH - 2 * SVG_MARGIN)
#define SVG_HALF ((SVG_INNER - 24) / 2.0) /* of two drawings beside each other */

struct svg_page {
	FILE *body;
	char *text;
	size_t len;
	double y; /* how far it is drawn */
};

/* 0 or -ENOMEM. */
int svg_page__begin(struct svg_page *p);
/* Writes the document and frees the page. title and about are sanitised text. 0 or a negative errno of the write. */
int svg_page__end(struct svg_page *p, FILE *out, const char *title, const char *about);

/* |--| as wide as so many bytes, and text behind it; p->y is the caller's to move. */
void svg_page__scale(struct svg_page *p, double x, struct svg_scale scale, uint64_t bytes, const char *text);
/* What the strokes, the widths and the marks mean. */
void svg_page__legend(struct svg_page *p, struct svg_scale scale, uint64_t bytes);
void svg_page__rule(struct svg_page *p); /* a thin line across */

#endif
