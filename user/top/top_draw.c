/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top_draw.c - the pages of the live display.
 *
 *	line 0, 1	who and how; the machine's sums
 *	line 2		the table's head
 *	...		rows
 *	last line	what is shown, and the way to help
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "safe.h"
#include "top_parts.h"
#include "top_screen.h"

#define TABLE_TOP 3

int top__table_lines(void)
{
	int columns, lines;

	screen__size(&columns, &lines);
	return lines > TABLE_TOP + 1 ? lines - TABLE_TOP - 1 : 0;
}

static void draw_head_line(int line, const struct head_line *l)
{
	for (int i = 0; i < l->n; i++)
		screen__put(line, l->part[i].x, l->part[i].style, l->part[i].text);
}

static void draw_head(const struct top *t, int columns)
{
	struct head_line l;

	head__who(&l, &t->head, t->rates, t->interval_ns, columns);
	draw_head_line(0, &l);
	head__sums(&l, &t->head, t->rates, t->order.period, columns);
	draw_head_line(1, &l);
}

/* The cursor stays with whom it was on, and what it is on stays on the screen. */
static void place_cursor(struct top *t, size_t room)
{
	size_t n = t->list.n;

	if (t->follows)
		for (size_t i = 0; i < n; i++) {
			const struct rates_row *row = t->list.lines[i].row;

			if (row->kind == t->chosen.kind && row->uid == t->chosen.uid && row->pid == t->chosen.pid &&
			    row->id.start_ns == t->chosen.id.start_ns) {
				t->cursor = i;
				break;
			}
		}
	if (t->cursor >= n)
		t->cursor = n ? n - 1 : 0;
	if (t->cursor < t->first)
		t->first = t->cursor;
	if (t->cursor >= t->first + room)
		t->first = t->cursor - room + 1;
	if (t->first + room > n)
		t->first = n > room ? n - room : 0;
}

static void draw_table_head(const struct top *t)
{
	char text[LAYOUT_TEXT_LEN], *from;
	int at, width;

	layout__head(text, &t->layout, &t->order, &at, &width);
	screen__fill(2, STYLE_HEAD, text);
	if (!width)
		return;
	from = text + safe_prefix(text, at);
	from[safe_prefix(from, width)] = '\0';
	screen__put(2, at, STYLE_SORTED, from);
}

static void draw_rows(struct top *t, size_t room)
{
	for (size_t i = 0; i < room && t->first + i < t->list.n; i++) {
		const struct top_line *line = &t->list.lines[t->first + i];
		struct top_subject s = top_subject(t->rates, line->row, t->order.period);
		char text[LAYOUT_TEXT_LEN];
		bool ended = line->row->flags & ZT_EXITED || line->row->kind != RATES_PROCESS;

		layout__row(text, &t->layout, line, &s);
		if (t->first + i == t->cursor)
			screen__fill(TABLE_TOP + (int)i, STYLE_CURSOR, text);
		else
			screen__put(TABLE_TOP + (int)i, 0, ended ? STYLE_FAINT : STYLE_PLAIN, text);
	}
}

static void draw_status(const struct top *t, int columns, int line)
{
	static const char help[] = "? help  q quit";
	char text[LAYOUT_TEXT_LEN], span[FMT_LEN], n[FMT_LEN];
	int x;

	if (t->prompt) {
		x = screen__put(line, 0, STYLE_STRONG, "filter: ");
		x = screen__put(line, x, STYLE_PLAIN, t->order.filter);
		x = screen__put(line, x, STYLE_CURSOR, " ");
		screen__put(line, x, STYLE_FAINT, "  Enter keeps it, Esc shows all");
		return;
	}
	x = t->paused ? screen__put(line, 0, STYLE_WARNING, "PAUSED  ") : 0;
	if (*t->order.filter) {
		snprintf(text, sizeof(text), "filter: %s  ", t->order.filter);
		x = screen__put(line, x, STYLE_STRONG, text);
	}
	if (t->order.period == RATES_TOTAL)
		snprintf(text, sizeof(text), "totals of %s, ",
			 fmt_duration(span, rates__span_ns(t->rates, RATES_TOTAL)));
	else
		strcpy(text, "per second, ");
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s rows, by %s%s", fmt_count(n, t->list.n),
		 top_columns[t->order.sort].head, t->order.invert ? ", inverted" : "");
	x = screen__put(line, x, STYLE_PLAIN, text);
	if (x + 2 + (int)strlen(help) <= columns)
		screen__put(line, columns - (int)strlen(help), STYLE_FAINT, help);
}

static void draw_table(struct top *t, int columns, int lines)
{
	size_t room = (size_t)top__table_lines();

	layout__fit(&t->layout, columns, t->order.tree || t->order.threads);
	layout__marks(&t->layout, &t->list);
	draw_head(t, columns);
	draw_table_head(t);
	place_cursor(t, room);
	draw_rows(t, room);
	if (t->list.n == 0)
		screen__put(TABLE_TOP, 0, STYLE_PLAIN,
			    !t->measured       ? "the first figures are being taken"
			    : *t->order.filter ? "no name or pid has this in it: Esc shows all"
					       : "nothing to show yet");
	draw_status(t, columns, lines - 1);
}

static size_t held(size_t scroll, size_t n, size_t room)
{
	return scroll + room <= n ? scroll : n > room ? n - room : 0;
}

static void draw_detail(struct top *t, int lines)
{
	size_t room = (size_t)lines - 2, n = detail__n_lines(&t->detail);
	char text[LAYOUT_TEXT_LEN];

	screen__fill(0, STYLE_HEAD, detail__title(text, sizeof(text), &t->detail, t->rates, t->order.period));
	t->scroll = held(t->scroll, n, room);
	for (size_t i = 0; i < room && t->scroll + i < n; i++)
		screen__put(1 + (int)i, 0, STYLE_PLAIN,
			    detail__line(text, &t->detail, t->rates, t->order.period, t->scroll + i));
	snprintf(text, sizeof(text), "%sEsc back  arrows, PgDn scroll  a %s  q quit", t->paused ? "PAUSED  " : "",
		 t->order.period == RATES_STEP ? "total" : "per second");
	screen__put(lines - 1, 0, STYLE_FAINT, text);
}

static void help_line(char *text, size_t len, size_t i)
{
	if (i < n_top_keys) {
		snprintf(text, len, "  %-14s %s", top_keys[i].names, top_keys[i].help ? top_keys[i].help : "");
		return;
	}
	i -= n_top_keys;
	if (i < TOP_COUNT)
		snprintf(text, len, "  %-14s %s", top_columns[i].rate ? top_columns[i].rate : top_columns[i].head,
			 top_columns[i].help);
	else
		snprintf(text, len, "%s", i == TOP_COUNT ? "  - not measured   ~ inferred   ≥ at least" : "");
}

static void draw_help(struct top *t, int lines)
{
	size_t room = (size_t)lines - 2, n = n_top_keys + TOP_COUNT + 1;
	char text[LAYOUT_TEXT_LEN];

	screen__fill(0, STYLE_HEAD, "zctrace: keys, columns, signs");
	t->scroll_help = held(t->scroll_help, n, room);
	for (size_t i = 0; i < room && t->scroll_help + i < n; i++) {
		help_line(text, sizeof(text), t->scroll_help + i);
		screen__put(1 + (int)i, 0, STYLE_PLAIN, text);
	}
	screen__put(lines - 1, 0, STYLE_FAINT, "Esc back  arrows, PgDn scroll  q quit");
}

/* Too small for a table: the sums, or as much of them as there is room for. */
static void draw_summary(const struct top *t, int columns)
{
	struct head_line l;

	head__sums(&l, &t->head, t->rates, t->order.period, columns);
	draw_head_line(0, &l);
}

void top__draw(struct top *t)
{
	int columns, lines;

	screen__size(&columns, &lines);
	screen__clear();
	if (columns < LAYOUT_COLUMNS_LEAST || lines < LAYOUT_LINES_LEAST)
		draw_summary(t, columns);
	else if (t->page == PAGE_DETAIL)
		draw_detail(t, lines);
	else if (t->page == PAGE_HELP)
		draw_help(t, lines);
	else
		draw_table(t, columns, lines);
	screen__show();
}
