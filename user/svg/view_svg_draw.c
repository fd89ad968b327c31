/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_draw.c - stations, border, arrows. An arrow is a group with data-bytes; the first two points of its outline
 * are as far apart as it is wide.
 */
#include <string.h>

#include "view_figure.h"
#include "view_svg_draw.h"
#include "view_svg_text.h"

#define FLARE 5	  /* of a head, on each side */
#define ZONE_X 20 /* where the zones are named, right of the stations */

static const char *const arrow_classes[] = {[ARROW_DMA] = "dma", [ARROW_COPY] = "copy", [ARROW_NO_COPY] = "free"};

double svg_scale__width(struct svg_scale scale, uint64_t bytes)
{
	double w = scale.bytes_per_unit > 0 ? (double)bytes / scale.bytes_per_unit : 0;

	return w < SVG_THINNEST ? SVG_THINNEST : w;
}

struct svg_scale svg_scale__of(const struct svg_layout *l, const struct passages *s, int n)
{
	uint64_t bytes = 0;
	double units = 0;

	for (int i = 0; i < n; i++) {
		if (units == 0 || l[i].most < units)
			units = l[i].most;
		for (enum passage_id id = 0; id < P_COUNT; id++)
			if (l[i].drawn[id] && s[i].p[id].bytes.value > bytes)
				bytes = s[i].p[id].bytes.value;
	}
	return (struct svg_scale){units > 0 ? (double)bytes / units : 0};
}

static bool is_used(const struct svg_layout *l, const struct passages *s, enum station station)
{
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		const struct passage *p = &s->p[id];
		bool here = p->from == station || p->to == station;

		/* what is shared or copied from file to file is drawn at the page cache */
		if (l->drawn[id] && (here || (p->from == STATION_FILE && station == STATION_CACHE)))
			return true;
	}
	return false;
}

static void draw_name(FILE *out, const struct svg_box *b, const char *name)
{
	const char *space = strchr(name, ' ');
	double x = b->x + b->w / 2, y = b->y + b->h / 2 + 7;
	char first[32];

	if (!space || svg_text__width_in(FONT_STATION, name) < b->w - 8) {
		svg_text__put(out, FONT_STATION, ANCHOR_MIDDLE, x, y, 0, name);
		return;
	}
	snprintf(first, sizeof(first), "%.*s", (int)(space - name), name);
	svg_text__put(out, FONT_STATION, ANCHOR_MIDDLE, x, y - 12, 0, first);
	svg_text__put(out, FONT_STATION, ANCHOR_MIDDLE, x, y + 12, 0, space + 1);
}

static void draw_box(FILE *out, const struct svg_box *b, const char *class, const char *name)
{
	if (b->w <= 0)
		return;
	fprintf(out, "<rect class=\"box%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"9\"/>\n", class,
		b->x, b->y, b->w, b->h);
	draw_name(out, b, name);
}

static void write_switches(char *text, size_t len, bool small, struct metric_view m, char *(*format)(char *, uint64_t))
{
	char a[FIGURE_LEN], b[FIGURE_LEN];

	figure__text(a, metric__figure(m, M_SWITCHES_VOLUNTARY), format);
	figure__text(b, metric__figure(m, M_SWITCHES_INVOLUNTARY), format);
	snprintf(text, len, small ? "%s + %s context switches" : "context switches: %s voluntary, %s forced", a, b);
}

static void draw_counts(FILE *out, const struct svg_layout *l, struct metric_view m)
{
	double x = l->x + l->width / 2, room = l->width - 16;
	char n[FIGURE_LEN], text[128];

	snprintf(text, sizeof(text), "%s mode switches",
		 figure__text(n, figure__derived(D_MODE_SWITCHES, m), fmt_count));
	svg_text__put(out, FONT_TEXT, ANCHOR_MIDDLE, x, l->border_y - 65, room, text);
	write_switches(text, sizeof(text), l->small, m, fmt_count);
	if (svg_text__width_in(FONT_TEXT, text) > room)
		write_switches(text, sizeof(text), l->small, m, fmt_count_short);
	svg_text__put(out, FONT_TEXT, ANCHOR_MIDDLE, x, l->border_y - 40, room, text);
}

static void draw_zone(FILE *out, const struct svg_layout *l, double y, const char *name)
{
	double x = l->x + l->width + ZONE_X;

	fprintf(out,
		"<text class=\"faint\" text-anchor=\"middle\" transform=\"translate(%.1f %.1f) "
		"rotate(90)\">%s</text>\n",
		x - 6, y, name);
}

static void draw_border(FILE *out, const struct svg_layout *l)
{
	const struct svg_box *cache = &l->box[STATION_CACHE], *disk = &l->box[STATION_DISK];
	double right = l->x + l->width + (l->small ? 0 : ZONE_X);

	fprintf(out, "<path class=\"border\" d=\"M%.1f %.1fH%.1f\"/>\n", l->x, l->border_y, right);
	if (l->small)
		return;
	draw_zone(out, l, (l->y + l->border_y) / 2, "user");
	draw_zone(out, l, (l->border_y + cache->y + cache->h) / 2, "kernel");
	draw_zone(out, l, disk->y + disk->h / 2, "device");
}

void svg_draw__stations(FILE *out, const struct svg_layout *l, const struct passages *s, struct metric_view m)
{
	const struct svg_box *user = &l->box[STATION_USER];

	fprintf(out, "<path class=\"user\" d=\"M%.1f %.1fV%.1fq0 -9 9 -9H%.1fq9 0 9 9V%.1fZ\"/>\n", user->x,
		l->border_y, user->y + 9, user->x + user->w - 9, l->border_y);
	draw_border(out, l);
	svg_text__put(out, FONT_STATION, ANCHOR_MIDDLE, user->x + user->w / 2, user->y + 27, 0, "user memory");
	draw_counts(out, l, m);
	for (enum station i = 0; i < STATION_COUNT; i++)
		if (i != STATION_USER)
			draw_box(out, &l->box[i], is_used(l, s, i) ? "" : " unused", station_names[i]);
}

struct point {
	double x, y;
};

static double head_length(double width)
{
	return width * 0.35 + 10 < 24 ? width * 0.35 + 10 : 24;
}

/* From its tail at p, along the unit vector d. */
static void write_outline(FILE *out, struct point p, struct point d, double length, double w, bool both)
{
	double head = head_length(w), from = both ? head : 0, half = w / 2, wide = half + FLARE;
	const double along[] = {from, from, length - head, length - head, length, length - head, length - head,
				from, 0,    from};
	const double aside[] = {half, -half, -half, -wide, 0, wide, half, wide, 0, -wide};

	for (int i = 0; i < (both ? 10 : 7); i++)
		fprintf(out, "%c%.2f %.2f", i ? 'L' : 'M', p.x + along[i] * d.x - aside[i] * d.y,
			p.y + along[i] * d.y + aside[i] * d.x);
	fputc('Z', out);
}

/* Down, round, and up again to where it came from. */
static void write_loop(FILE *out, const struct svg_lane *l, double w)
{
	double half = w / 2, head = head_length(w), turn = l->y + LOOP_DEPTH;
	double left = l->x - l->length / 2, right = l->x + l->length / 2;

	fprintf(out, "M%.2f %.2fL%.2f %.2fV%.2f", left - half, l->y, left + half, l->y, turn);
	fprintf(out, "A%.2f %.2f 0 0 0 %.2f %.2f", (l->length - w) / 2, (l->length - w) / 2, right - half, turn);
	fprintf(out, "V%.2fH%.2fL%.2f %.2fL%.2f %.2fH%.2fV%.2f", l->y + head, right - half - FLARE, right, l->y,
		right + half + FLARE, l->y + head, right + half, turn);
	fprintf(out, "A%.2f %.2f 0 0 1 %.2f %.2fZ", (l->length + w) / 2, (l->length + w) / 2, left - half, turn);
}

static struct point direction(enum svg_shape shape)
{
	switch (shape) {
	case SHAPE_DOWN:
		return (struct point){0, 1};
	case SHAPE_RIGHT:
		return (struct point){1, 0};
	case SHAPE_LEFT:
		return (struct point){-1, 0};
	default:
		return (struct point){0, -1};
	}
}

static void draw_arrow(FILE *out, const struct svg_lane *lane, const struct passage *p, double w)
{
	static const char *const hows[] = {"by DMA", "copied by the CPU", "without a copy"};
	char n[FMT_LEN];

	fprintf(out, "<g class=\"arrow\" data-bytes=\"%llu\"><title>%s to %s: %s%s bytes %s (%s)</title>",
		(unsigned long long)p->bytes.value, station_names[p->from], station_names[p->to],
		p->bytes.inferred ? "~" : "", fmt_count(n, p->bytes.value), hows[p->arrow], passage__name(lane->id));
	fprintf(out, "<path class=\"%s\" d=\"", arrow_classes[p->arrow]);
	if (lane->shape == SHAPE_LOOP)
		write_loop(out, lane, w);
	else
		write_outline(out, (struct point){lane->x, lane->y}, direction(lane->shape), lane->length, w,
			      lane->shape == SHAPE_BOTH);
	fputs("\"/></g>\n", out);
}

/* What its ends and its colour do not say. */
static bool wants_name(enum passage_id id, const struct passage *p)
{
	return p->arrow == ARROW_NO_COPY || id == P_DIRECT_READ || id == P_DIRECT_WRITE || p->from == p->to ||
	       p->to == STATION_PACKET || id == P_DISK_COPY;
}

static void draw_label(FILE *out, const struct svg_layout *l, const struct svg_lane *lane, const struct passage *p)
{
	const char *name = passage__name(lane->id);
	char bytes[FIGURE_LEN];
	double width, y = lane->label_y, height = 25;
	bool named =
		!l->small && wants_name(lane->id, p) && svg_text__width_in(FONT_FAINT, name) + 10 <= lane->label_room;

	figure__text(bytes, p->bytes, fmt_bytes);
	if (svg_text__width_in(FONT_LABEL, bytes) > lane->label_room)
		figure__text(bytes, p->bytes, fmt_bytes_short);
	width = svg_text__width_in(FONT_LABEL, bytes);
	if (named) {
		height += 22;
		if (svg_text__width_in(FONT_FAINT, name) > width)
			width = svg_text__width_in(FONT_FAINT, name);
	}
	fprintf(out, "<rect class=\"pill\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"7\"/>\n",
		lane->label_x - width / 2 - 4, y - height / 2, width + 8, height);
	if (named)
		svg_text__put(out, FONT_FAINT, ANCHOR_MIDDLE, lane->label_x, y - 5, 0, name);
	svg_text__put(out, FONT_LABEL, ANCHOR_MIDDLE, lane->label_x, y + (named ? 18 : 7), 0, bytes);
}

void svg_draw__arrows(FILE *out, const struct svg_layout *l, const struct passages *s, struct svg_scale scale)
{
	for (int i = 0; i < l->n_lanes; i++) {
		const struct passage *p = &s->p[l->lane[i].id];

		draw_arrow(out, &l->lane[i], p, svg_scale__width(scale, p->bytes.value));
	}
	for (int i = 0; i < l->n_lanes; i++)
		draw_label(out, l, &l->lane[i], &s->p[l->lane[i].id]);
}

void svg_draw__sample(FILE *out, enum arrow arrow, double x, double y, double length, double width)
{
	fprintf(out, "<path class=\"%s\" d=\"", arrow_classes[arrow]);
	write_outline(out, (struct point){x, y}, (struct point){1, 0}, length, width, false);
	fputs("\"/>\n", out);
}
