/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_slots.h - columns of arrows, before they have coordinates; for view_svg_layout.c only. */
#ifndef ZCTRACE_VIEW_SVG_SLOTS_H
#define ZCTRACE_VIEW_SVG_SLOTS_H

#include "view_svg_layout.h"

/* Where an arrow stands: in a column, across a gap between two, past the pipe, or in words only. */
enum svg_place { DIRECT, CACHE, PIPE, SOCKET, GAP_LEFT, GAP_RIGHT, BYPASS, NOWHERE };
#define N_COLUMNS 4
enum svg_level { UPPER, LOWER, N_LEVELS }; /* to and from user memory; beneath the kernel's stations */

struct svg_sizes {
	double pitch_least, pitch_most, most; /* of slots; of an arrow */
	double box_least[N_COLUMNS];
	double gap, gap_crossed;		   /* between columns; if an arrow passes there */
	double user, upper, kernel, lower, device; /* heights */
};

extern const struct svg_sizes svg_sizes[2]; /* by svg_layout.small */

struct svg_slots {
	int up[N_LEVELS], down[N_LEVELS]; /* a loop has two of down */
};

struct svg_columns {
	struct svg_slots slots[N_COLUMNS];
	bool crossed[2]; /* left and right of the pipe */
	double x[N_COLUMNS], w[N_COLUMNS];
};

enum svg_place svg_slots__place(const struct passage *p);
enum svg_shape svg_slots__shape(const struct passages *s, enum passage_id id);
bool svg_slots__touches(const struct passage *p, enum station s);
bool svg_slots__pipe(const struct svg_layout *l, const struct passages *s); /* whether it is drawn */

void svg_slots__fill(struct svg_columns *c, const struct svg_layout *l, const struct passages *s);
/* How wide all would be at the least; fills in the widths of the columns. */
double svg_slots__width(struct svg_columns *c, const struct svg_sizes *z, double pitch, bool pipe);
int svg_slots__up(const struct svg_slots *s); /* those for arrows up, which stand left of the others */
int svg_slots__count(const struct svg_slots *s);

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

#endif
