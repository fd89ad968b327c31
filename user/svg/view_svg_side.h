/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_side.h - one subject in a picture: its passages, where they are drawn, its figures in words; view_svg*.c
 * only. */
#ifndef ZCTRACE_VIEW_SVG_SIDE_H
#define ZCTRACE_VIEW_SVG_SIDE_H

#include "view_svg_page.h"

struct side {
	struct metric_view m;
	struct passages passages;
	struct svg_layout layout;
	double x; /* its left edge; it is SVG_INNER or SVG_HALF wide */
	bool small;
};

void side__init(struct side *s, struct metric_view m, double x, bool small);
/* The widest arrow. */
uint64_t side__most(const struct side *s);
/* "payload 32.0 MiB, file to socket" */
#define SIDE_PAYLOAD_LEN 96
char *side__payload(char *buf, const struct side *s);

/* Each writes beneath p->y and returns where it ends; the page's y is the caller's to move. */
double side__verdict(struct svg_page *p, const struct side *s, bool terse);
double side__drawing(struct svg_page *p, struct side *s, struct svg_scale scale);
double side__notes(struct svg_page *p, const struct side *s, bool terse);
/* The passages in words, for who cannot see them. */
void side__describe(FILE *out, const struct side *s);

#endif
