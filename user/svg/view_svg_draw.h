/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_draw.h - one drawing: stations, border, arrows and their figures; for view_svg*.c only. */
#ifndef ZCTRACE_VIEW_SVG_DRAW_H
#define ZCTRACE_VIEW_SVG_DRAW_H

#include <stdio.h>

#include "view_svg_layout.h"

/* Widths are linear in bytes. */
struct svg_scale {
	double bytes_per_unit;
};

#define SVG_THINNEST 3.0 /* units: what is not nothing can be seen */

double svg_scale__width(struct svg_scale scale, uint64_t bytes);
/* The scale at which the widest arrow of these drawings is as wide as the narrowest of them allows. */
struct svg_scale svg_scale__of(const struct svg_layout *l, const struct passages *s, int n);

void svg_draw__stations(FILE *out, const struct svg_layout *l, const struct passages *s, struct metric_view m);
void svg_draw__arrows(FILE *out, const struct svg_layout *l, const struct passages *s, struct svg_scale scale);
/* A piece of an arrow for the legend, tip to the right. */
void svg_draw__sample(FILE *out, enum arrow arrow, double x, double y, double length, double width);

#endif
