/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * safe.c - the one sanitiser. A strict UTF-8 decoder (no overlong form, no surrogate, nothing above U+10FFFF) and a
 * list of the characters that act on a terminal or show as nothing; what is refused is written byte by byte as \xNN.
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

/*
 * By what Unicode says of a character: control, format, surrogate, line and paragraph separator (Cc, Cf, Cs, Zl, Zp),
 * spaces other than U+0020 (Zs), which look like it or like nothing, Default_Ignorable_Code_Point, which is drawn as
 * nothing, with what is reserved for more of those, and code points that are no characters. Those that end a plane are
 * in is_refused. tests/unit/unicode.py asks others' tables.
 */
static const struct range refused[] = {
	{0x00, 0x1f},	    {0x7f, 0xa0},			    /* C0, DEL, C1, no-break space */
	{0xad, 0xad},	    {0x34f, 0x34f},			    /* soft hyphen, grapheme joiner */
	{0x600, 0x605},	    {0x61c, 0x61c},	{0x6dd, 0x6dd},	    /* Arabic number signs, letter mark: bidi */
	{0x70f, 0x70f},	    {0x890, 0x891},	{0x8e2, 0x8e2},	    /* Syriac and Arabic marks */
	{0x115f, 0x1160},   {0x1680, 0x1680},	{0x17b4, 0x17b5},   /* Hangul fillers, Ogham space, Khmer vowels */
	{0x180b, 0x180f},   {0x2000, 0x200f},			    /* Mongolian; spaces, zero width, bidi marks */
	{0x2028, 0x202f},   {0x205f, 0x206f},			    /* separators, bidi embedding, isolates, joiners */
	{0x2800, 0x2800},   {0x3000, 0x3000},	{0x3164, 0x3164},   /* blank: Braille, ideographic, Hangul */
	{0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},	{0xfeff, 0xfeff},   /* none; variation selectors; byte order mark */
	{0xffa0, 0xffa0},   {0xfff0, 0xfffb},			    /* Hangul filler, interlinear annotation */
	{0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, /* Kaithi, Egyptian formats */
	{0x1bca0, 0x1bca3}, {0x1d159, 0x1d159}, {0x1d173, 0x1d17a}, /* shorthand; music: blank note, formats */
	{0xe0000, 0xe0fff},					    /* tags, variation selectors */
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
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && c >= refused[i].first; i++)
		if (c <= refused[i].last)
			return true;
	return (c & 0xfffe) == 0xfffe;
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

/* Bytes of what safe_text may have written at s, a whole character or escape; 0: it would not have. */
static size_t written_piece(const char *s)
{
	uint32_t c;
	size_t n = decode((const unsigned char *)s, strlen(s), &c);

	if (n == 0 || is_refused(c))
		return 0;
	if (c != '\\')
		return n;
	if (s[1] == 'x' && strspn(s + 2, "0123456789ABCDEF") >= 2)
		return 4;
	return s[1] == '\\' ? 2 : 0;
}

char *safe_text_again(char *out, size_t out_len, const char *in)
{
	const char *s = in;
	size_t n, fits = 0;

	while (*s && (n = written_piece(s)) > 0) {
		s += n;
		if ((size_t)(s - in) < out_len)
			fits = (size_t)(s - in);
	}
	if (*s || out_len == 0)
		return safe_text(out, out_len, in, strlen(in));
	memmove(out, in, fits);
	out[fits] = '\0';
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
