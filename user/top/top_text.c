/* SPDX-License-Identifier: GPL-2.0-only */
/* top_text.c - text as a terminal can show it. */
#define _GNU_SOURCE 1 /* wcwidth */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "safe.h"
#include "top_text.h"

static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

static const struct {
	const char *sign, *ascii;
} signs[] = {
	{"═", "="}, {"─", "-"}, {"┄", "."}, {"▶", ">"}, {"≥", ">"}, {"▼", "v"}, {"▲", "^"},
	{"└", "`"}, {"│", "|"}, {"├", "+"}, {"·", "."}, {"▁", "_"}, {"▂", "."}, {"▃", ":"},
	{"▄", "-"}, {"▅", "="}, {"▆", "+"}, {"▇", "*"}, {"█", "#"}, {"×", "x"},
};

/* Bytes of the character at s, with what of no width follows it, and its columns. */
static size_t step(const char *s, int *columns)
{
	size_t n = safe_prefix(s, *columns = 1);

	if (!n)
		n = safe_prefix(s, *columns = 2);
	return n ? n : 1;
}

static size_t put_ascii(char *out, const char *s, size_t n, int columns)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strlen(signs[i].sign) != n || memcmp(signs[i].sign, s, n) != 0)
			continue;
		out[0] = signs[i].ascii[0];
		return 1;
	}
	memset(out, '?', (size_t)columns);
	return (size_t)columns;
}

static bool has_width(const char *s, size_t n)
{
	mbstate_t state = {0};
	wchar_t c;

	while (n > 0) {
		size_t len = mbrtowc(&c, s, n, &state);

		if (len == 0 || len > n || wcwidth(c) < 0)
			return false;
		s += len;
		n -= len;
	}
	return true;
}

char *text__fit(char *out, size_t out_len, const char *in, int columns, bool ascii, int *ret_columns)
{
	size_t used = 0;
	int taken = 0;

	while (*in) {
		char piece[128];
		int width;
		size_t n = step(in, &width), len = n;

		if (taken + width > columns)
			break;
		if (n == 1 && *in >= ' ' && *in < 0x7f)
			piece[0] = *in;
		else if (ascii || n > sizeof(piece) || !has_width(in, n))
			len = put_ascii(piece, in, n, width);
		else
			memcpy(piece, in, n);
		if (used + len >= out_len)
			break;
		memcpy(out + used, piece, len);
		used += len;
		taken += width;
		in += n;
	}
	out[used] = '\0';
	if (ret_columns)
		*ret_columns = taken;
	return out;
}

void history__add(struct history *h, uint64_t v)
{
	h->v[h->n++ % HISTORY_MOST] = v;
}

char *history__bar(char *out, const struct history *h, int columns)
{
	uint32_t n = columns < 0 ? 0 : (uint32_t)columns;
	uint64_t most = 0;
	char *at = out;

	if (n > HISTORY_MOST)
		n = HISTORY_MOST;
	if (n > h->n)
		n = h->n;
	for (uint32_t i = h->n - n; i < h->n; i++)
		if (h->v[i % HISTORY_MOST] > most)
			most = h->v[i % HISTORY_MOST];
	for (uint32_t i = h->n - n; i < h->n; i++) {
		uint64_t v = h->v[i % HISTORY_MOST];
		/* something is never as low as nothing */
		size_t level = v ? 1 + (size_t)((long double)v * 6.999L / (long double)most) : 0;

		at = stpcpy(at, bars[level > 7 ? 7 : level]);
	}
	*at = '\0';
	return out;
}
