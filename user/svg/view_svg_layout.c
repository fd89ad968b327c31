/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_layout.c - where stations and arrows stand, when it is known which of them are drawn and how far apart. */
#include "bound.h"
#include "view_svg_slots.h"

#define TIP 26	   /* how far arrows reach into user memory */
#define STAGGER 30 /* between the two rows of labels */

static bool is_upright(enum svg_shape shape)
{
	return shape == SHAPE_UP || shape == SHAPE_DOWN || shape == SHAPE_BOTH;
}

static double row_height(const struct svg_layout *l)
{
	/* narrow gaps have their labels above the arrows */
	return svg_sizes[l->small].most + (l->small ? 34 : 16);
}

static void place_columns(const struct svg_layout *l, struct svg_columns *c, const struct passages *s)
{
	const struct svg_sizes *z = &svg_sizes[l->small];
	bool pipe = svg_slots__pipe(l, s);
	double left, spare, gap[2];

	svg_slots__fill(c, l, s);
	spare = l->width - svg_slots__width(c, z, l->pitch, pipe);
	/* a part of it makes the columns at the sides wider, the rest the gaps */
	left = c->crossed[0] || c->crossed[1] ? spare - 50 : spare;
	left = left < 0 ? 0 : smaller(left / 2, 40);
	c->w[CACHE] += left;
	c->w[SOCKET] += left;
	spare -= 2 * left;
	gap[0] = (c->crossed[0] ? z->gap_crossed : z->gap) + spare / 2;
	gap[1] = (c->crossed[1] ? z->gap_crossed : z->gap) + spare / 2;
	c->x[DIRECT] = l->x;
	c->x[CACHE] = l->x + c->w[DIRECT] + (c->w[DIRECT] > 0 ? z->gap : 0);
	c->x[PIPE] = c->x[CACHE] + c->w[CACHE] + gap[0];
	c->x[SOCKET] = l->x + l->width - c->w[SOCKET];
	if (!pipe)
		c->x[PIPE] = 0;
}

static void place_boxes(struct svg_layout *l, const struct svg_columns *c)
{
	const struct svg_sizes *z = &svg_sizes[l->small];
	double rows = l->rows * row_height(l) + 14, kernel = rows > z->kernel ? rows : z->kernel;
	double kernel_y = l->y + z->user + z->upper, device_y = kernel_y + kernel + z->lower;
	double disk_x = c->w[DIRECT] > 0 ? c->x[DIRECT] : c->x[CACHE];

	l->border_y = l->y + z->user;
	l->height = device_y + z->device - l->y;
	l->box[STATION_USER] = (struct svg_box){l->x, l->y, l->width, z->user};
	l->box[STATION_CACHE] = (struct svg_box){c->x[CACHE], kernel_y, c->w[CACHE], kernel};
	l->box[STATION_SOCKET] = (struct svg_box){c->x[SOCKET], kernel_y, c->w[SOCKET], kernel};
	l->box[STATION_DISK] = (struct svg_box){disk_x, device_y, c->x[CACHE] + c->w[CACHE] - disk_x, z->device};
	l->box[STATION_NIC] = (struct svg_box){c->x[SOCKET], device_y, c->w[SOCKET], z->device};
	if (c->w[PIPE] > 0)
		l->box[STATION_PIPE] = (struct svg_box){c->x[PIPE], kernel_y, c->w[PIPE], kernel};
}

static struct svg_lane *lane_add(struct svg_layout *l, enum passage_id id, enum svg_shape shape)
{
	struct svg_lane *lane = &BOUND(l->lane, l->n_lanes++);

	lane->id = id;
	lane->shape = shape;
	return lane;
}

/* The middle of a column's slot. */
static double slot_x(const struct svg_layout *l, const struct svg_columns *c, enum svg_place column, int slot)
{
	return c->x[column] + c->w[column] / 2 + (slot - (svg_slots__count(&c->slots[column]) - 1) / 2.0) * l->pitch;
}

static void place_upright(struct svg_layout *l, const struct passages *s, enum passage_id id, double x, bool odd)
{
	const struct passage *p = &s->p[id];
	enum svg_shape shape = svg_slots__shape(s, id);
	bool user = svg_slots__touches(p, STATION_USER), disk = svg_slots__touches(p, STATION_DISK);
	const struct svg_box *kernel = &l->box[STATION_CACHE];
	double top = user ? l->border_y - TIP : kernel->y + kernel->h;
	double bottom = user && !disk ? kernel->y : l->box[STATION_DISK].y;
	double middle = user ? (l->border_y + kernel->y) / 2 : (top + bottom) / 2;
	struct svg_lane *lane = lane_add(l, id, shape);

	lane->x = x;
	lane->y = shape == SHAPE_DOWN ? top : bottom;
	lane->length = bottom - top;
	lane->label_x = x;
	lane->label_y = middle;
	if (l->pitch < 96) {
		lane->label_y += odd ? STAGGER / 2.0 : -STAGGER / 2.0;
		lane->label_room = 2 * l->pitch - 12;
	} else {
		lane->label_room = l->pitch - 10;
	}
}

/* It has two slots: beside its label if that leaves room, else in the middle of them. */
static void place_loop(struct svg_layout *l, enum passage_id id, double left_x)
{
	const struct svg_box *kernel = &l->box[STATION_CACHE];
	struct svg_lane *lane = lane_add(l, id, SHAPE_LOOP);
	double left = left_x - l->pitch / 2, outside;

	lane->length = l->most + 40;
	/* the turn stays above the devices, the head within the slots */
	lane->length = smaller(lane->length, 2 * (svg_sizes[l->small].lower - 8 - LOOP_DEPTH) - l->most);
	lane->length = smaller(lane->length, 2 * l->pitch - l->most - 10);
	outside = (lane->length + l->most) / 2 + 6;
	lane->y = kernel->y + kernel->h;
	lane->label_room = 2 * l->pitch - 2 * outside - 2;
	if (lane->label_room > 110) {
		lane->x = left + outside;
		lane->label_x = lane->x + outside + lane->label_room / 2;
		lane->label_y = lane->y + LOOP_DEPTH + 8;
	} else {
		lane->x = left + l->pitch;
		lane->label_x = lane->x;
		lane->label_y = lane->y + LOOP_DEPTH + lane->length / 2;
		lane->label_room = 84;
	}
}

static void place_columns_lanes(struct svg_layout *l, const struct svg_columns *c, const struct passages *s)
{
	int used_up[N_COLUMNS][N_LEVELS] = {0}, used_down[N_COLUMNS][N_LEVELS] = {0};
	int before[N_COLUMNS] = {0};

	for (enum svg_place i = 1; i < N_COLUMNS; i++)
		before[i] = before[i - 1] + svg_slots__count(&c->slots[i - 1]);
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum svg_place column = svg_slots__place(&s->p[id]);
		enum svg_level level = svg_slots__touches(&s->p[id], STATION_USER) ? UPPER : LOWER;
		enum svg_shape shape = svg_slots__shape(s, id);
		int slot;

		if (!l->drawn[id] || column >= N_COLUMNS)
			continue;
		slot = shape == SHAPE_UP || shape == SHAPE_BOTH
			       ? used_up[column][level]++
			       : svg_slots__up(&c->slots[column]) + used_down[column][level]++;
		if (is_upright(shape))
			place_upright(l, s, id, slot_x(l, c, column, slot), (before[column] + slot) & 1);
		else
			place_loop(l, id, slot_x(l, c, column, slot));
		used_down[column][level] += shape == SHAPE_LOOP;
	}
}

static void place_across(struct svg_layout *l, const struct passages *s)
{
	const struct svg_box *cache = &l->box[STATION_CACHE], *pipe = &l->box[STATION_PIPE];
	double row = row_height(l), bypass_row = row;
	int used[2] = {0, 0};

	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum svg_place place = svg_slots__place(&s->p[id]);
		enum svg_shape shape = svg_slots__shape(s, id);
		const struct svg_box *from = &l->box[s->p[id].from], *to = &l->box[s->p[id].to];
		struct svg_lane *lane;

		if (!l->drawn[id] || (place != GAP_LEFT && place != GAP_RIGHT && place != BYPASS))
			continue;
		lane = lane_add(l, id, shape);
		lane->x = shape == SHAPE_RIGHT ? from->x + from->w : from->x;
		lane->length = shape == SHAPE_RIGHT ? to->x - lane->x : lane->x - (to->x + to->w);
		lane->label_x = lane->x + (shape == SHAPE_RIGHT ? 0.5 : -0.5) * lane->length;
		lane->label_room = lane->length;
		if (place == BYPASS && pipe->w > 0)
			lane->y = cache->y + cache->h - 7 - bypass_row / 2;
		else if (place == BYPASS)
			lane->y = cache->y + cache->h / 2;
		else
			lane->y = cache->y + 7 + (used[place == GAP_RIGHT]++ + 0.5) * row;
		lane->label_y = lane->y;
		if (l->small) { /* no room on the arrow */
			lane->y += 12;
			lane->label_y = lane->y - svg_sizes[true].most / 2 - 13;
		}
	}
}

/* The pipe ends above the row of what passes it by. */
static void shorten_pipe(struct svg_layout *l, const struct passages *s)
{
	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (l->drawn[id] && svg_slots__place(&s->p[id]) == BYPASS && l->box[STATION_PIPE].w > 0)
			l->box[STATION_PIPE].h = l->box[STATION_CACHE].h - row_height(l) - 7;
}

void svg_layout__place(struct svg_layout *l, const struct passages *s, double x, double y)
{
	struct svg_columns c;

	l->x = x;
	l->y = y;
	l->n_lanes = 0;
	place_columns(l, &c, s);
	place_boxes(l, &c);
	shorten_pipe(l, s);
	place_columns_lanes(l, &c, s);
	place_across(l, s);
}
