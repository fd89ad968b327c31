/* SPDX-License-Identifier: GPL-2.0-only */
/* top_text.h - text as a terminal can show it: cut to columns, ASCII where there is nothing else; bars. Pure. */
#ifndef ZCTRACE_TOP_TEXT_H
#define ZCTRACE_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * As much of sanitised text as fits `columns`, whole characters only; *ret_columns (may be NULL) gets what it takes.
 * ascii: our own signs get one that looks alike, others '?', as wide as before. Otherwise what the locale gives no
 * width becomes '?', too: nobody knows how far it would push what follows. Returns out.
 */
char *text__fit(char *out, size_t out_len, const char *in, int columns, bool ascii, int *ret_columns);

#define HISTORY_MOST 32

struct history {
	uint64_t v[HISTORY_MOST]; /* a ring */
	uint32_t n;		  /* added so far */
};

void history__add(struct history *h, uint64_t v);
/* The last `columns` values, oldest first, as UTF-8 bars; the largest of those shown is the full height. Returns out,
 * which has 3 * columns + 1 bytes. */
char *history__bar(char *out, const struct history *h, int columns);

#endif
