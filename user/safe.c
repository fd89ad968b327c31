/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * safe.c - the one sanitiser. A strict UTF-8 decoder (no overlong form, no surrogate, nothing above U+10FFFF) and a
 * list of the characters that act on a terminal or hide in one; what is refused is written byte by byte as \xNN.
 */
#define _GNU_SOURCE 1 /* wcwidth */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "safe.h"

struct range {
	uint32_t first, last;
};

static const struct range refused[] = {
	{0x00, 0x1f},	    {0x7f, 0x9f},     /* C0, DEL, C1 */
	{0x061c, 0x061c},		      /* Arabic letter mark: bidi */
	{0x200b, 0x200f},		      /* zero width, bidi marks */
	{0x2028, 0x202e},		      /* line and paragraph separator, bidi embedding */
	{0x2060, 0x206f},		      /* word joiner, bidi isolates, deprecated formats */
	{0xfeff, 0xfeff},   {0xfff9, 0xfffb}, /* byte order mark, interlinear annotation */
	{0xfffe, 0xffff},		      /* no characters, and not allowed in XML */
	{0xe0000, 0xe0fff},		      /* tags, which no terminal shows */
};

/* Length of the character at s, 0 if it is not one; never reads past len. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

static bool is_refused(uint32_t c)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (c >= refused[i].first && c <= refused[i].last)
			return true;
	return false;
}

/* Writes what stands for n bytes at s into piece, and says how long it is. */
static size_t write_piece(char piece[20], const unsigned char *s, size_t n, bool shown)
{
	size_t len = 0;

	if (shown && s[0] == '\\')
		piece[len++] = '\\';
	if (shown) {
		memcpy(piece + len, s, n);
		return len + n;
	}
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(piece + len, "\\x%02X", s[i]);
	return len;
}

char *safe_text(char *out, size_t out_len, const char *in, size_t len)
{
	const unsigned char *s = (const unsigned char *)in;
	size_t used = 0;

	if (out_len == 0)
		return out;
	len = strnlen(in, len);
	for (size_t i = 0, n; i < len; i += n) {
		char piece[20];
		uint32_t c;
		bool shown;

		n = decode(s + i, len - i, &c);
		shown = n > 0 && !is_refused(c);
		if (n == 0)
			n = 1;
		size_t piece_len = write_piece(piece, s + i, n, shown);

		if (used + piece_len >= out_len)
			break;
		memcpy(out + used, piece, piece_len);
		used += piece_len;
	}
	out[used] = '\0';
	return out;
}

/* Columns of the character at *s, which is moved on. A locale that knows no width for it gives 1. */
static int step_width(const unsigned char **s)
{
	uint32_t c;
	size_t n = decode(*s, strlen((const char *)*s), &c);
	int w = n ? wcwidth((wchar_t)c) : 1;

	*s += n ? n : 1;
	return w < 0 ? 1 : w;
}

int safe_width(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	int columns = 0;

	while (*p)
		columns += step_width(&p);
	return columns;
}

size_t safe_prefix(const char *s, int columns)
{
	const unsigned char *p = (const unsigned char *)s, *end = p;

	while (*p && (columns -= step_width(&p)) >= 0)
		end = p;
	return (size_t)(end - (const unsigned char *)s);
}
