/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_layout.c - where stations and arrows stand.
 *
 * Arrows up and down stand in slots, so far apart that their labels do not touch, or, where they are many, in two rows
 * of labels by turns. When even that is too narrow the thinnest are left out and told in words.
 */
#include <string.h>

#include "view_figure.h"
#include "view_svg_layout.h"

enum place { DIRECT, CACHE, PIPE, SOCKET, GAP_LEFT, GAP_RIGHT, BYPASS, NOWHERE };
#define N_COLUMNS 4
enum level { UPPER, LOWER, N_LEVELS };

struct sizes {
	double pitch_least, pitch_most, most; /* of slots; of an arrow */
	double box_least[N_COLUMNS];
	double gap, gap_crossed; /* between columns; if an arrow passes there */
	double user, upper, kernel, lower, device;
};

static const struct sizes sizes[] = {
	[false] = {58, 150, 56, {0, 150, 90, 150}, 14, 112, 124, 124, 84, 122, 54},
	[true] = {48, 110, 40, {0, 82, 66, 94}, 8, 52, 120, 112, 74, 98, 48},
};

#define TIP 26	   /* how far arrows reach into user memory */
#define STAGGER 30 /* between the two rows of labels */

struct slots {
	int up[N_LEVELS], down[N_LEVELS];
};

struct columns {
	struct slots slots[N_COLUMNS];
	bool crossed[2]; /* left and right of the pipe */
	double x[N_COLUMNS], w[N_COLUMNS];
};

static bool is_between(const struct passage *p, enum station a, enum station b)
{
	return (p->from == a && p->to == b) || (p->from == b && p->to == a);
}

static enum place place_of(const struct passage *p)
{
	static const struct {
		enum station a, b;
		enum place place;
	} places[] = {
		{STATION_DISK, STATION_USER, DIRECT},	   {STATION_DISK, STATION_CACHE, CACHE},
		{STATION_CACHE, STATION_USER, CACHE},	   {STATION_CACHE, STATION_CACHE, CACHE},
		{STATION_FILE, STATION_FILE, CACHE},	   {STATION_PIPE, STATION_USER, PIPE},
		{STATION_SOCKET, STATION_USER, SOCKET},	   {STATION_SOCKET, STATION_NIC, SOCKET},
		{STATION_SOCKET, STATION_PACKET, SOCKET},  {STATION_CACHE, STATION_PIPE, GAP_LEFT},
		{STATION_PIPE, STATION_SOCKET, GAP_RIGHT}, {STATION_CACHE, STATION_SOCKET, BYPASS},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (is_between(p, places[i].a, places[i].b))
			return places[i].place;
	return NOWHERE;
}

static bool touches(const struct passage *p, enum station s)
{
	return p->from == s || p->to == s;
}

static enum svg_shape shape_of(const struct passages *s, enum passage_id id)
{
	const struct passage *p = &s->p[id];

	if (id == P_DISK_COPY) /* read or written: not told apart */
		return SHAPE_BOTH;
	switch (place_of(p)) {
	case GAP_LEFT:
	case GAP_RIGHT:
	case BYPASS:
		return p->from == STATION_CACHE || p->to == STATION_SOCKET ? SHAPE_RIGHT : SHAPE_LEFT;
	default:
		break;
	}
	if (p->from == p->to || p->to == STATION_PACKET)
		return SHAPE_LOOP;
	return p->to == STATION_USER || p->from == STATION_DISK || p->from == STATION_NIC ? SHAPE_UP : SHAPE_DOWN;
}

static bool is_upright(enum svg_shape shape)
{
	return shape == SHAPE_UP || shape == SHAPE_DOWN || shape == SHAPE_BOTH;
}

static bool pipe_is_there(const struct svg_layout *l, const struct passages *s)
{
	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (l->drawn[id] && touches(&s->p[id], STATION_PIPE))
			return true;
	return false;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

static int n_up(const struct slots *s)
{
	return larger(s->up[UPPER], s->up[LOWER]);
}

static int n_slots(const struct slots *s)
{
	return n_up(s) + larger(s->down[UPPER], s->down[LOWER]);
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static void count_slots(struct columns *c, const struct svg_layout *l, const struct passages *s)
{
	memset(c, 0, sizeof(*c));
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum place place = place_of(&s->p[id]);
		enum svg_shape shape = shape_of(s, id);
		enum level level = touches(&s->p[id], STATION_USER) ? UPPER : LOWER;

		if (!l->drawn[id])
			continue;
		if (place == BYPASS) /* past the pipe its label is beneath that */
			c->crossed[0] |= !pipe_is_there(l, s);
		else if (place >= N_COLUMNS)
			c->crossed[place == GAP_RIGHT] = true;
		else if (shape == SHAPE_UP || shape == SHAPE_BOTH)
			c->slots[place].up[level]++;
		else
			c->slots[place].down[level] += shape == SHAPE_LOOP ? 2 : 1;
	}
}

static double column_width(const struct columns *c, const struct sizes *z, enum place column, double pitch)
{
	double w = n_slots(&c->slots[column]) * pitch;

	return w > z->box_least[column] ? w : z->box_least[column];
}

/* How wide all would be; fills in the widths. Gaps get what is left over. */
static double total_width(struct columns *c, const struct sizes *z, double pitch, bool pipe)
{
	double total = 0;

	for (enum place i = 0; i < N_COLUMNS; i++) {
		c->w[i] = i == PIPE && !pipe ? 0 : column_width(c, z, i, pitch);
		total += c->w[i];
	}
	if (c->w[DIRECT] > 0)
		total += z->gap;
	if (pipe)
		return total + (c->crossed[0] ? z->gap_crossed : z->gap) + (c->crossed[1] ? z->gap_crossed : z->gap);
	return total + (c->crossed[0] ? z->gap_crossed : 2 * z->gap);
}

static enum passage_id thinnest(const struct svg_layout *l, const struct passages *s)
{
	enum passage_id least = P_COUNT;

	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (l->drawn[id] && (least == P_COUNT || s->p[id].bytes.value < s->p[least].bytes.value))
			least = id;
	return least;
}

static void fit(struct svg_layout *l, struct columns *c, const struct passages *s)
{
	const struct sizes *z = &sizes[l->small];

	for (;;) {
		bool pipe = pipe_is_there(l, s);
		enum passage_id least;

		count_slots(c, l, s);
		for (l->pitch = z->pitch_most; l->pitch >= z->pitch_least; l->pitch -= 2)
			if (total_width(c, z, l->pitch, pipe) <= l->width)
				return;
		l->pitch = z->pitch_least;
		least = thinnest(l, s);
		if (least == P_COUNT)
			return;
		l->drawn[least] = false;
		l->left_out[least] = true;
	}
}

/* Arrows across lie above each other where they share a gap, and beneath the pipe those that pass it by. */
static int count_rows(const struct svg_layout *l, const struct passages *s)
{
	int in_gap[2] = {0, 0}, bypass = 0;

	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum place place = place_of(&s->p[id]);

		if (!l->drawn[id])
			continue;
		in_gap[0] += place == GAP_LEFT;
		in_gap[1] += place == GAP_RIGHT;
		bypass += place == BYPASS;
	}
	if (bypass && pipe_is_there(l, s) && !in_gap[0] && !in_gap[1])
		return 2; /* the pipe itself takes one */
	return larger(in_gap[0], in_gap[1]) + bypass;
}

void svg_layout__plan(struct svg_layout *l, const struct passages *s, double width, bool small)
{
	struct columns c;

	*l = (struct svg_layout){.width = width, .small = small};
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		bool some = figure__some(s->p[id].bytes) && (id != P_MAPPED || s->mapping_shown);

		l->drawn[id] = some && place_of(&s->p[id]) != NOWHERE;
		l->left_out[id] = some && !l->drawn[id];
	}
	fit(l, &c, s);
	l->most = smaller(l->pitch - 10, sizes[small].most);
	l->rows = count_rows(l, s);
}

static double row_height(const struct svg_layout *l)
{
	/* narrow gaps have their labels above the arrows */
	return sizes[l->small].most + (l->small ? 34 : 16);
}

static void place_columns(const struct svg_layout *l, struct columns *c, const struct passages *s)
{
	const struct sizes *z = &sizes[l->small];
	bool pipe = pipe_is_there(l, s);
	double left, spare, gap[2];

	count_slots(c, l, s);
	spare = l->width - total_width(c, z, l->pitch, pipe);
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

static void place_boxes(struct svg_layout *l, const struct columns *c)
{
	const struct sizes *z = &sizes[l->small];
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
	struct svg_lane *lane = &l->lane[l->n_lanes++];

	lane->id = id;
	lane->shape = shape;
	return lane;
}

/* The middle of a column's slot. */
static double slot_x(const struct svg_layout *l, const struct columns *c, enum place column, int slot)
{
	return c->x[column] + c->w[column] / 2 + (slot - (n_slots(&c->slots[column]) - 1) / 2.0) * l->pitch;
}

static void place_upright(struct svg_layout *l, const struct passages *s, enum passage_id id, double x, bool odd)
{
	const struct passage *p = &s->p[id];
	enum svg_shape shape = shape_of(s, id);
	bool user = touches(p, STATION_USER), disk = touches(p, STATION_DISK);
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
	lane->length = smaller(lane->length, 2 * (sizes[l->small].lower - 8 - LOOP_DEPTH) - l->most);
	lane->length = smaller(lane->length, 2 * l->pitch - l->most - 10);
	outside = (lane->length + l->most) / 2 + 6;
	lane->y = kernel->y + kernel->h;
	lane->label_room = 2 * l->pitch - 2 * outside - 12;
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

static void place_columns_lanes(struct svg_layout *l, const struct columns *c, const struct passages *s)
{
	int used_up[N_COLUMNS][N_LEVELS] = {0}, used_down[N_COLUMNS][N_LEVELS] = {0};
	int before[N_COLUMNS] = {0};

	for (enum place i = 1; i < N_COLUMNS; i++)
		before[i] = before[i - 1] + n_slots(&c->slots[i - 1]);
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum place column = place_of(&s->p[id]);
		enum level level = touches(&s->p[id], STATION_USER) ? UPPER : LOWER;
		enum svg_shape shape = shape_of(s, id);
		int slot;

		if (!l->drawn[id] || column >= N_COLUMNS)
			continue;
		slot = shape == SHAPE_UP || shape == SHAPE_BOTH ? used_up[column][level]++
								: n_up(&c->slots[column]) + used_down[column][level]++;
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
		enum place place = place_of(&s->p[id]);
		enum svg_shape shape = shape_of(s, id);
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
			lane->label_y = lane->y - sizes[true].most / 2 - 13;
		}
	}
}

/* The pipe ends above the row of what passes it by. */
static void shorten_pipe(struct svg_layout *l, const struct passages *s)
{
	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (l->drawn[id] && place_of(&s->p[id]) == BYPASS && l->box[STATION_PIPE].w > 0)
			l->box[STATION_PIPE].h = l->box[STATION_CACHE].h - row_height(l) - 7;
}

void svg_layout__place(struct svg_layout *l, const struct passages *s, double x, double y)
{
	struct columns c;

	l->x = x;
	l->y = y;
	l->n_lanes = 0;
	place_columns(l, &c, s);
	place_boxes(l, &c);
	shorten_pipe(l, s);
	place_columns_lanes(l, &c, s);
	place_across(l, s);
}
