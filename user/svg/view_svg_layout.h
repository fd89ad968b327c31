/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_layout.h - where the stations and arrows of one drawing stand; for view_svg*.c only. Pure geometry.
 *
 *	+----------------------- user ------------------------+
 *	|  O_DIRECT    copies        pipe         copies      |
 *	= ===|=========|=|==========|=|==========|=|========= =	border
 *	     |    +--cache--+ ..+--pipe--+.. +--socket--+
 *	     |    +---------+ .. sendfile .. +----------+
 *	     |        | |                        | |  (_)	DMA, and copies within the kernel
 *	   +-----disk------+                 +---NIC----+
 */
#ifndef ZCTRACE_VIEW_SVG_LAYOUT_H
#define ZCTRACE_VIEW_SVG_LAYOUT_H

#include "view_passage.h"

struct svg_box {
	double x, y, w, h; /* w 0: not there */
};

enum svg_shape { SHAPE_UP, SHAPE_DOWN, SHAPE_BOTH, SHAPE_RIGHT, SHAPE_LEFT, SHAPE_LOOP };

#define LOOP_DEPTH 26 /* of the legs of a loop, above its turn */

struct svg_lane {
	enum passage_id id;
	enum svg_shape shape;
	double x, y;   /* of its tail; of SHAPE_LOOP the middle between the legs */
	double length; /* from tail to tip; of SHAPE_LOOP between the legs */
	double label_x, label_y;
	double label_room; /* how wide it may be */
};

struct svg_layout {
	double x, y, width, height;
	bool small; /* half as wide, one of two */
	double pitch;
	double most; /* how wide an arrow may be */
	int rows;    /* of arrows from station to station, of those beneath each other */
	double border_y;
	struct svg_box box[STATION_COUNT];
	struct svg_lane lane[P_COUNT];
	int n_lanes;
	bool left_out[P_COUNT]; /* they passed, but there is no room or no place to draw them */
	bool drawn[P_COUNT];
};

/* Which passages are drawn, how far apart, how many rows: what drawings that are to be compared must agree on. */
void svg_layout__plan(struct svg_layout *l, const struct passages *s, double width, bool small);
/* Coordinates, for drawings whose left upper corner is (x, y); l->most and l->rows as planned, or the caller's. */
void svg_layout__place(struct svg_layout *l, const struct passages *s, double x, double y);

#endif
