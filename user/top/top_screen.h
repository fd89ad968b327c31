/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top_screen.h - the terminal: the only file that draws with ncurses.
 *
 * While it is open, what anybody writes to a standard error that is this terminal is kept and printed at screen__close,
 * behind the restored screen. Text is sanitised by whoever made it.
 */
#ifndef ZCTRACE_TOP_SCREEN_H
#define ZCTRACE_TOP_SCREEN_H

#include <stdbool.h>

enum style {
	STYLE_PLAIN,
	STYLE_STRONG,
	STYLE_FAINT,
	STYLE_HEAD,   /* of the table */
	STYLE_SORTED, /* the head it is sorted by */
	STYLE_CURSOR,
	STYLE_COPY, /* what the CPU copied */
	STYLE_DMA,
	STYLE_WARNING,
};

/* NULL, or why there can be no display here: the end of a sentence; static text. */
const char *screen__refusal(void);
/* 0 or a negative errno, nothing printed. */
int screen__open(bool ascii);
void screen__close(void);

void screen__size(int *columns, int *lines);
bool screen__ascii(void); /* asked for, or the locale has nothing else */

void screen__clear(void);
/* What fits from column x on; returns the column behind it. */
int screen__put(int line, int x, enum style style, const char *text);
/* A whole line in this style. */
void screen__fill(int line, enum style style, const char *text);
void screen__show(void);
void screen__redraw(void); /* the next show draws everything */

/* 1: a key in *ret, a character or an ncurses code with TOP_KEY_CODE; 0: none waits; -EIO: the terminal is gone. */
int screen__key(int *ret);

#endif
