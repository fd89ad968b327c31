/* SPDX-License-Identifier: GPL-2.0-only */
/* top_keys.h - what each key does: one list, from which the help page is made. */
#ifndef ZCTRACE_TOP_KEYS_H
#define ZCTRACE_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum top_action {
	ACT_NONE,
	ACT_QUIT,
	ACT_HELP,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_HOME,
	ACT_END,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_INVERT,
	ACT_FILTER,
	ACT_TREE,
	ACT_THREADS,
	ACT_PAUSE,
	ACT_SLOWER,
	ACT_FASTER,
	ACT_TOTALS,
	ACT_REBASE,
	ACT_DETAIL,
	ACT_BACK,
	ACT_REDRAW,
	ACT_RESIZE,
};

/* A key that is no character: its ncurses code with this. */
#define TOP_KEY_CODE (1 << 24)

struct top_key {
	enum top_action action;
	int keys[4]; /* ends with 0 */
	const char *names;
	const char *help; /* NULL: not told */
};

extern const struct top_key top_keys[];
extern const size_t n_top_keys;

enum top_action top_keys__action(int key);
bool top_keys__is_backspace(int key);

#endif
