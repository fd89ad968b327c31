/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_side.c - one subject in a picture: verdict, drawing, notes. */
#include <string.h>

#include "view_block.h"
#include "view_figure.h"
#include "view_svg_side.h"

#define N_VERDICTS 4
#define TEXT_LEN 1024

struct verdict {
	enum derived derived;
	char number[FIGURE_LEN];
	const char *class; /* of the number */
	const char *caption[2], *brief;
};

void side__init(struct side *s, struct metric_view m, double x, bool small)
{
	*s = (struct side){.m = m, .x = x, .small = small};
	passages__find(&s->passages, m);
	/* the drawing of the full width names its zones at the right */
	svg_layout__plan(&s->layout, &s->passages, small ? SVG_HALF : SVG_INNER - 24, small);
}

uint64_t side__most(const struct side *s)
{
	uint64_t most = 0;

	for (enum passage_id id = 0; id < P_COUNT; id++)
		if (s->layout.drawn[id] && s->passages.p[id].bytes.value > most)
			most = s->passages.p[id].bytes.value;
	return most;
}

char *side__payload(char *buf, const struct side *s)
{
	struct subject subject = {.m = s->m};
	char *arrow;

	paths__find(&subject.paths, s->m);
	block__payload(buf, &subject);
	arrow = strstr(buf, " -> ");
	if (arrow) {
		arrow[1] = 't';
		arrow[2] = 'o';
	}
	return buf;
}

static void find_verdicts(struct verdict v[N_VERDICTS], const struct side *s)
{
	struct figure copied = figure__derived(D_CPU_COPIED_BYTES, s->m);

	v[0] = (struct verdict){D_COPIES_PER_PAYLOAD_BYTE,
				"",
				figure__some(copied) ? "number copies" : "number",
				{"CPU copies", "per payload byte"},
				"CPU copies per byte"};
	v[1] = (struct verdict){D_DMA_PER_PAYLOAD_BYTE, "", "number dmas", {"DMA", "per payload byte"}, "DMA per byte"};
	v[2] = (struct verdict){D_MEMORY_TRAFFIC_BYTES, "", "number", {"memory", "traffic"}, "memory traffic"};
	v[3] = (struct verdict){
		D_MODE_SWITCHES_PER_MIB, "", "number", {"mode switches", "per MiB"}, "mode switches per MiB"};
	figure__ratio(v[0].number, D_COPIES_PER_PAYLOAD_BYTE, s->m);
	figure__ratio(v[1].number, D_DMA_PER_PAYLOAD_BYTE, s->m);
	figure__text(v[2].number, figure__derived(D_MEMORY_TRAFFIC_BYTES, s->m), s->small ? fmt_bytes : fmt_bytes_unit);
	figure__ratio(v[3].number, D_MODE_SWITCHES_PER_MIB, s->m);
}

/* "654,422,066" as "654M" */
static void shorten(char *number, enum derived d, struct metric_view m)
{
	bool lower_bound, inferred;
	double r;

	if (derived_value(d, m, &r, &lower_bound, &inferred) && r < 1e18)
		figure__text(number, (struct figure){(uint64_t)(r + 0.5), true, lower_bound, inferred},
			     fmt_count_short);
}

static void put_number(FILE *out, const struct verdict *v, enum svg_anchor anchor, double x, double y, double size)
{
	fprintf(out, "<text class=\"%s\" style=\"font-size:%.0fpx\" x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", v->class,
		size, x, y, anchor == ANCHOR_MIDDLE ? " text-anchor=\"middle\"" : " text-anchor=\"end\"", v->number);
}

/* Four numbers beside each other, as large as the longest allows. */
static double verdict_wide(struct svg_page *p, const struct side *s, const struct verdict *v)
{
	double width = SVG_INNER / (double)N_VERDICTS, size = 40;

	for (int i = 0; i < N_VERDICTS; i++)
		while (size > 20 && svg_text__width(v[i].number, size, true) > width - 10)
			size -= 2;
	for (int i = 0; i < N_VERDICTS; i++) {
		double x = s->x + (i + 0.5) * width;

		put_number(p->body, &v[i], ANCHOR_MIDDLE, x, p->y + 34, size);
		svg_text__put(p->body, FONT_TEXT, ANCHOR_MIDDLE, x, p->y + 60, 0, v[i].caption[0]);
		svg_text__put(p->body, FONT_TEXT, ANCHOR_MIDDLE, x, p->y + 83, 0, v[i].caption[1]);
	}
	return p->y + 92;
}

double side__verdict(struct svg_page *p, const struct side *s, bool terse)
{
	struct verdict v[N_VERDICTS];
	double y = p->y;

	find_verdicts(v, s);
	if (!s->small)
		return verdict_wide(p, s, v);
	for (int i = 0; i < (terse ? 2 : N_VERDICTS); i++) {
		if (svg_text__width(v[i].number, 20, true) > 112)
			shorten(v[i].number, v[i].derived, s->m);
		put_number(p->body, &v[i], ANCHOR_END, s->x + 112, y + 20, 20);
		svg_text__put(p->body, FONT_FAINT, ANCHOR_START, s->x + 122, y + 20, SVG_HALF - 122, v[i].brief);
		y += 26;
	}
	return y + 4;
}

double side__drawing(struct svg_page *p, struct side *s, struct svg_scale scale)
{
	svg_layout__place(&s->layout, &s->passages, s->x, p->y);
	svg_draw__stations(p->body, &s->layout, &s->passages, s->m);
	svg_draw__arrows(p->body, &s->layout, &s->passages, scale);
	return p->y + s->layout.height;
}

static void add(char *text, const char *separator, const char *words)
{
	size_t used = strlen(text);

	snprintf(text + used, TEXT_LEN - used, "%s%s", used ? separator : "", words);
}

double side__notes(struct svg_page *p, const struct side *s, bool terse)
{
	double width = s->small ? SVG_HALF : SVG_INNER, y = p->y + 16;
	char also[TEXT_LEN] = "", unknown[TEXT_LEN] = "", text[TEXT_LEN + 32];

	for (enum passage_id id = 0; id < P_COUNT; id++) {
		const struct passage *passage = &s->passages.p[id];
		char words[128], n[FIGURE_LEN];

		figure__text(n, passage->bytes, fmt_bytes);
		if (passage->from != passage->to && passage->from != STATION_ELSEWHERE &&
		    passage->to != STATION_ELSEWHERE && passage->to != STATION_PACKET)
			snprintf(words, sizeof(words), "%s to %s %s", station_names[passage->from],
				 station_names[passage->to], n);
		else
			snprintf(words, sizeof(words), "%s %s", passage__name(id), n);
		if (s->layout.left_out[id])
			add(also, ", ", words);
		else if (!passage->bytes.known && id != P_SPLICE_OUT)
			add(unknown, ", ", words);
	}
	if (*also) {
		snprintf(text, sizeof(text), "not drawn: %s", also);
		y = svg_text__wrap(p->body, FONT_FAINT, s->x, y, width, text);
	}
	if (*unknown && !terse) {
		snprintf(text, sizeof(text), "not measured: %s", unknown);
		y = svg_text__wrap(p->body, FONT_FAINT, s->x, y, width, text);
	}
	return y - 16;
}

void side__describe(FILE *out, const struct side *s)
{
	static const char *const hows[] = {"by DMA", "copied by the CPU", "without a copy"};
	char n[FIGURE_LEN];

	fprintf(out, " CPU copies per payload byte: %s.", figure__ratio(n, D_COPIES_PER_PAYLOAD_BYTE, s->m));
	fprintf(out, " DMA per payload byte: %s.", figure__ratio(n, D_DMA_PER_PAYLOAD_BYTE, s->m));
	for (enum passage_id id = 0; id < P_COUNT; id++) {
		const struct passage *p = &s->passages.p[id];

		if (s->layout.drawn[id])
			fprintf(out, " %s to %s: %s %s.", station_names[p->from], station_names[p->to],
				figure__text(n, p->bytes, fmt_bytes_unit), hows[p->arrow]);
	}
}
