/* SPDX-License-Identifier: GPL-2.0-only */
/* top_layout.c - columns give way in a fixed order, the name takes what is left. */
#include <string.h>

#include "safe.h"
#include "top_layout.h"

#define NAME_MOST 16
#define NAME_MOST_INDENTED 32
#define DEPTH_MOST 8 /* deeper is drawn as deep as this */

static int width_of(const struct top_layout *l)
{
	int width = 0;

	for (enum top_column c = 0; c < TOP_COUNT; c++)
		if (l->shown[c])
			width += top_columns[c].width + (c > 0);
	return width;
}

void layout__fit(struct top_layout *l, int columns, bool wide_names)
{
	int most = wide_names ? NAME_MOST_INDENTED : NAME_MOST, left;

	*l = (struct top_layout){0};
	for (enum top_column c = 0; c < TOP_COUNT; c++)
		l->shown[c] = true;
	for (int order = 1; order <= TOP_COUNT && width_of(l) > columns; order++)
		for (enum top_column c = 0; c < TOP_COUNT; c++)
			if (top_columns[c].gives_way == order)
				l->shown[c] = false;
	left = columns - width_of(l) + top_columns[TOP_COMM].width;
	l->name_width = left < top_columns[TOP_COMM].width ? top_columns[TOP_COMM].width : left > most ? most : left;
}

void layout__marks(struct top_layout *l, const struct top_list *rows)
{
	const enum quality *last = NULL;
	bool any = false;

	for (size_t i = 0; i < rows->n; i++) {
		const enum quality *q = rows->lines[i].row->quality;

		if (q == last)
			continue;
		for (enum top_column c = TOP_COPY; c < TOP_COUNT; c++)
			l->marks[c] = top_column__marks(c, q) & (any ? l->marks[c] : ~0U);
		any = true;
		last = q;
	}
}

static int column_width(const struct top_layout *l, enum top_column c)
{
	return c == TOP_COMM ? l->name_width : top_columns[c].width;
}

/* text in its column behind a space, at the right of it unless it is a name; returns the new end. */
static char *put(char *at, const struct top_layout *l, enum top_column c, const char *text, char gap)
{
	int width = column_width(l, c);
	size_t n = safe_prefix(text, width);
	char shown[LAYOUT_TEXT_LEN / 4];
	int pad;

	if (n >= sizeof(shown))
		n = safe_prefix(text, 0);
	memcpy(shown, text, n);
	shown[n] = '\0';
	pad = width - safe_width(shown);
	if (c > 0)
		*at++ = gap;
	return at + (c == TOP_COMM ? sprintf(at, "%s%*s", shown, pad, "") : sprintf(at, "%*s%s", pad, "", shown));
}

/* Marks, name, arrow; what does not fit is cut off the name. */
static void head_of(char *buf, size_t len, const struct top_layout *l, enum top_column c, const struct top_order *o)
{
	const struct top_column_desc *d = &top_columns[c];
	bool small_first = (c == TOP_PID || c == TOP_COMM) != o->invert;

	snprintf(buf, len, "%s%s%s", l->marks[c] & MARK_LOWER_BOUND ? "≥" : "", l->marks[c] & MARK_INFERRED ? "~" : "",
		 o->period == RATES_STEP && d->rate ? d->rate : d->head);
	if (o->sort != c)
		return;
	buf[safe_prefix(buf, column_width(l, c) - 1)] = '\0';
	strcat(buf, small_first ? "▲" : "▼");
}

char *layout__head(char *out, const struct top_layout *l, const struct top_order *o, int *sort_at, int *sort_width)
{
	int column = 0;
	char *at = out;

	*sort_at = *sort_width = 0;
	*at = '\0';
	for (enum top_column c = 0; c < TOP_COUNT; c++) {
		char text[64];

		if (!l->shown[c])
			continue;
		head_of(text, sizeof(text), l, c, o);
		at = put(at, l, c, text, ' ');
		column += (c > 0) + column_width(l, c);
		if (o->sort == c) {
			*sort_width = column_width(l, c);
			*sort_at = column - *sort_width;
		}
	}
	return out;
}

static char *name_of(char *buf, size_t len, const struct top_line *line, const struct top_subject *s)
{
	int depth = line->depth > DEPTH_MOST ? DEPTH_MOST : line->depth;
	char name[CELL_LEN];

	snprintf(buf, len, "%*s%s%s", depth > 1 ? 2 * (depth - 1) : 0, "", depth > 0 ? "└ " : "",
		 top_column__cell(name, TOP_COMM, s, 0));
	return buf;
}

char *layout__row(char *out, const struct top_layout *l, const struct top_line *line, const struct top_subject *s)
{
	char text[CELL_LEN + 64], *at = out;

	*at = '\0';
	for (enum top_column c = 0; c < TOP_COUNT; c++) {
		if (!l->shown[c])
			continue;
		if (c == TOP_COMM)
			name_of(text, sizeof(text), line, s);
		else
			top_column__cell(text, c, s, l->marks[c]);
		at = put(at, l, c, text, c == TOP_COMM && line->row->flags & ZT_EXITED ? '+' : ' ');
	}
	return out;
}

enum top_column layout__next(const struct top_layout *l, enum top_column from, int direction)
{
	int c = (int)from;

	for (int tried = 0; tried < TOP_COUNT; tried++) {
		c = (c + direction + TOP_COUNT) % TOP_COUNT;
		if (l->shown[c])
			return (enum top_column)c;
	}
	return from;
}
