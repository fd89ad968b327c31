/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_slots.c - which arrows there is room for.
 *
 * Arrows up and down stand in slots, so far apart that their labels do not touch, or, where they are many, in two rows
 * of labels by turns. When even that is too narrow the thinnest are left out and told in words.
 */
#include <string.h>

#include "view_figure.h"
#include "view_svg_slots.h"

const struct svg_sizes svg_sizes[] = {
	[false] = {58, 150, 56, {0, 150, 90, 150}, 14, 112, 124, 124, 84, 122, 54},
	[true] = {48, 110, 40, {0, 82, 66, 94}, 8, 52, 120, 112, 74, 98, 48},
};

static bool is_between(const struct passage *p, enum station a, enum station b)
{
	return (p->from == a && p->to == b) || (p->from == b && p->to == a);
}

enum svg_place svg_slots__place(const struct passage *p)
{
	static const struct {
		enum station a, b;
		enum svg_place place;
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

bool svg_slots__touches(const struct passage *p, enum station s)
{
	return p->from == s || p->to == s;
}

enum svg_shape svg_slots__shape(const struct passages *s, enum passage_id id)
{
	const struct passage *p = &s->p[id];

	if (id == P_DISK_COPY) /* read or written: not told apart */
		return SHAPE_BOTH;
	switch (svg_slots__place(p)) {
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

bool svg_slots__pipe(const struct svg_layout *l, const struct passages *s)
{
	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (l->drawn[id] && svg_slots__touches(&s->p[id], STATION_PIPE))
			return true;
	return false;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

int svg_slots__up(const struct svg_slots *s)
{
	return larger(s->up[UPPER], s->up[LOWER]);
}

int svg_slots__count(const struct svg_slots *s)
{
	return svg_slots__up(s) + larger(s->down[UPPER], s->down[LOWER]);
}

void svg_slots__fill(struct svg_columns *c, const struct svg_layout *l, const struct passages *s)
{
	memset(c, 0, sizeof(*c));
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		enum svg_place place = svg_slots__place(&s->p[id]);
		enum svg_shape shape = svg_slots__shape(s, id);
		enum svg_level level = svg_slots__touches(&s->p[id], STATION_USER) ? UPPER : LOWER;

		if (!l->drawn[id])
			continue;
		if (place == BYPASS) /* past the pipe its label is beneath that */
			c->crossed[0] |= !svg_slots__pipe(l, s);
		else if (place >= N_COLUMNS)
			c->crossed[place == GAP_RIGHT] = true;
		else if (shape == SHAPE_UP || shape == SHAPE_BOTH)
			c->slots[place].up[level]++;
		else
			c->slots[place].down[level] += shape == SHAPE_LOOP ? 2 : 1;
	}
}

static double column_width(const struct svg_columns *c, const struct svg_sizes *z, enum svg_place column, double pitch)
{
	double w = svg_slots__count(&c->slots[column]) * pitch;

	return w > z->box_least[column] ? w : z->box_least[column];
}

/* How wide all would be; fills in the widths. Gaps get what is left over. */
double svg_slots__width(struct svg_columns *c, const struct svg_sizes *z, double pitch, bool pipe)
{
	double total = 0;

	for (enum svg_place i = 0; i < N_COLUMNS; i++) {
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

static void fit(struct svg_layout *l, struct svg_columns *c, const struct passages *s)
{
	const struct svg_sizes *z = &svg_sizes[l->small];

	for (;;) {
		bool pipe = svg_slots__pipe(l, s);
		enum passage_id least;

		svg_slots__fill(c, l, s);
		for (l->pitch = z->pitch_most; l->pitch >= z->pitch_least; l->pitch -= 2)
			if (svg_slots__width(c, z, l->pitch, pipe) <= l->width)
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
		enum svg_place place = svg_slots__place(&s->p[id]);

		if (!l->drawn[id])
			continue;
		in_gap[0] += place == GAP_LEFT;
		in_gap[1] += place == GAP_RIGHT;
		bypass += place == BYPASS;
	}
	if (bypass && svg_slots__pipe(l, s) && !in_gap[0] && !in_gap[1])
		return 2; /* the pipe itself takes one */
	return larger(in_gap[0], in_gap[1]) + bypass;
}

void svg_layout__plan(struct svg_layout *l, const struct passages *s, double width, bool small)
{
	struct svg_columns c;

	*l = (struct svg_layout){.width = width, .small = small};
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		bool some = figure__some(s->p[id].bytes) && (id != P_MAPPED || s->mapping_shown);

		l->drawn[id] = some && svg_slots__place(&s->p[id]) != NOWHERE;
		l->left_out[id] = some && !l->drawn[id];
	}
	fit(l, &c, s);
	l->most = smaller(l->pitch - 10, svg_sizes[small].most);
	l->rows = count_rows(l, s);
}
