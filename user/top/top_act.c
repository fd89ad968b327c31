/* SPDX-License-Identifier: GPL-2.0-only */
/* top_act.c - what keys do. Figures are not asked for here: a key changes what is shown of them. */
#include <string.h>
#include <wchar.h>

#include "top_parts.h"
#include "top_screen.h"

static const uint64_t intervals_ns[] = {250000000,  500000000,	 1000000000,  2000000000,
					5000000000, 10000000000, 30000000000, 60000000000};
#define N_INTERVALS (sizeof(intervals_ns) / sizeof(intervals_ns[0]))

static void set_interval(struct top *t, int direction)
{
	size_t i = 0;

	while (i + 1 < N_INTERVALS && intervals_ns[i] < t->interval_ns)
		i++;
	if (direction < 0 ? i == 0 : i + 1 == N_INTERVALS)
		return;
	t->next_ns += intervals_ns[i + (size_t)direction] - t->interval_ns;
	t->interval_ns = intervals_ns[i + (size_t)direction];
}

static void choose(struct top *t, size_t line)
{
	if (t->list.n == 0)
		return;
	t->cursor = line < t->list.n ? line : t->list.n - 1;
	t->chosen = *t->list.lines[t->cursor].row;
	t->follows = t->cursor > 0;
}

static size_t moved(size_t at, enum top_action a, size_t page, size_t last)
{
	switch (a) {
	case ACT_UP:
		return at ? at - 1 : 0;
	case ACT_DOWN:
		return at < last ? at + 1 : last;
	case ACT_PAGE_UP:
		return at > page ? at - page : 0;
	case ACT_PAGE_DOWN:
		return at + page < last ? at + page : last;
	case ACT_HOME:
		return 0;
	default:
		return last;
	}
}

static void move(struct top *t, enum top_action a)
{
	int columns, lines;
	size_t page = (size_t)top__table_lines();

	screen__size(&columns, &lines);
	if (t->page == PAGE_TABLE)
		choose(t, moved(t->cursor, a, page > 1 ? page - 1 : 1, t->list.n ? t->list.n - 1 : 0));
	/* the draw keeps them within the page */
	else if (t->page == PAGE_DETAIL)
		t->scroll = moved(t->scroll, a, (size_t)lines, detail__n_lines(&t->detail));
	else
		t->scroll_help = moved(t->scroll_help, a, (size_t)lines, n_top_keys + TOP_COUNT);
}

static void open_detail(struct top *t)
{
	if (t->page != PAGE_TABLE || t->list.n == 0)
		return;
	choose(t, t->cursor);
	t->follows = true; /* back from it, the cursor is still on it */
	t->detail.like = t->chosen;
	if (t->chosen.kind == RATES_THREAD)
		t->detail.like.kind = RATES_PROCESS;
	t->page = PAGE_DETAIL;
	t->scroll = 0;
}

static void back(struct top *t)
{
	if (t->page == PAGE_HELP)
		t->page = t->page_before_help;
	else if (t->page == PAGE_DETAIL)
		t->page = PAGE_TABLE;
	else
		*t->order.filter = '\0';
}

static void help(struct top *t)
{
	if (t->page == PAGE_HELP) {
		back(t);
		return;
	}
	t->page_before_help = t->page;
	t->page = PAGE_HELP;
	t->scroll_help = 0;
}

/* Of the table only: elsewhere nothing would show it. */
static void change_order(struct top *t, enum top_action a)
{
	if (t->page != PAGE_TABLE)
		return;
	switch (a) {
	case ACT_SORT_LEFT:
	case ACT_SORT_RIGHT:
		t->order.sort = layout__next(&t->layout, t->order.sort, a == ACT_SORT_LEFT ? -1 : 1);
		break;
	case ACT_INVERT:
		t->order.invert = !t->order.invert;
		break;
	case ACT_TREE:
		t->order.tree = !t->order.tree;
		break;
	case ACT_THREADS:
		t->order.threads = !t->order.threads;
		break;
	case ACT_FILTER:
		t->prompt = true;
		break;
	default:
		break;
	}
}

static void last_character_off(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && ((unsigned char)text[--n] & 0xc0) == 0x80)
		;
	text[n] = '\0';
}

/* The filter's own keys; false: it is none of them. */
static bool type(struct top *t, int key)
{
	char *filter = t->order.filter, bytes[16];
	mbstate_t state = {0};
	size_t n;

	if (key == '\n' || key == '\r' || top_keys__action(key) == ACT_DETAIL) {
		t->prompt = false;
	} else if (key == 0x1b) {
		t->prompt = false;
		*filter = '\0';
	} else if (top_keys__is_backspace(key)) {
		last_character_off(filter);
	} else if (key == ('u' & 0x1f)) {
		*filter = '\0';
	} else if (key & TOP_KEY_CODE || key < ' ') {
		return false;
	} else {
		n = wcrtomb(bytes, (wchar_t)key, &state);
		if (n <= sizeof(bytes) && strlen(filter) + n < FILTER_LEN)
			strncat(filter, bytes, n);
	}
	t->stale = true;
	return true;
}

void top__act(struct top *t, int key)
{
	enum top_action a = top_keys__action(key);

	if (t->prompt && type(t, key))
		return;
	t->stale = true;
	switch (a) {
	case ACT_QUIT:
		t->quit = true;
		break;
	case ACT_HELP:
		help(t);
		break;
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_HOME:
	case ACT_END:
		move(t, a);
		break;
	case ACT_PAUSE:
		t->paused = !t->paused;
		break;
	case ACT_SLOWER:
		set_interval(t, 1);
		break;
	case ACT_FASTER:
		set_interval(t, -1);
		break;
	case ACT_TOTALS:
		t->order.period = t->order.period == RATES_STEP ? RATES_TOTAL : RATES_STEP;
		break;
	case ACT_REBASE:
		rates__rebase(t->rates);
		break;
	case ACT_DETAIL:
		open_detail(t);
		break;
	case ACT_BACK:
		back(t);
		break;
	case ACT_REDRAW:
	case ACT_RESIZE:
		screen__redraw();
		break;
	default:
		change_order(t, a);
	}
}
