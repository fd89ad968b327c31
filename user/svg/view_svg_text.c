/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_text.c - words in a picture. */
#include <string.h>

#include "safe.h"
#include "view_svg_text.h"

#define TEXT_LEN 1024
#define OTHER 0.84 /* em of a character that is not ASCII, per column */

const struct svg_font_desc svg_fonts[FONT_COUNT] = {
	[FONT_TITLE] = {"title", 30, true},	[FONT_NAME] = {"name", 21, true},
	[FONT_TEXT] = {"text", 19, false},	[FONT_FAINT] = {"faint", 18.5, false},
	[FONT_STATION] = {"station", 20, true}, [FONT_LABEL] = {"label", 19, true},
};

/* Hundredths of an em, from the space on. */
static const unsigned char upright_widths[] = {
	32, 41, 46, 84, 64, 96, 78, 28, 40,  40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
	61, 79, 70, 64, 62, 74, 69, 99, 69,  62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64,
	64, 28, 28, 58, 28, 98, 64, 62, 64,  64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
};
static const unsigned char bold_widths[] = {
	35, 46, 53, 84, 70, 101, 88, 31,  46,  46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70,  70, 70,
	70, 70, 40, 40, 84, 84,	 84, 59,  100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 86,
	74, 86, 78, 73, 69, 82,	 78, 111, 78,  73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68,  44, 72,
	72, 35, 35, 67, 35, 105, 72, 69,  72,  72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72,  84,
};

#define N_WIDTHS ('~' - ' ' + 1)
_Static_assert(sizeof(upright_widths) == N_WIDTHS && sizeof(bold_widths) == N_WIDTHS, "a width for each of ASCII");

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void svg_text__escape(FILE *out, const char *text)
{
	for (const char *s = text; *s; s++) {
		if (entity(*s))
			fputs(entity(*s), out);
		else
			fputc(*s, out);
	}
}

double svg_text__width(const char *text, double size, bool bold)
{
	const unsigned char *widths = bold ? bold_widths : upright_widths;
	double em = 0;

	for (const char *s = text; *s;) {
		if (*s >= ' ' && *s <= '~') {
			em += widths[*s - ' '] / 100.0;
			s++;
		} else {
			char one[8] = "";
			size_t n = 1;

			while ((s[n] & 0xc0) == 0x80 && n < 4)
				n++;
			memcpy(one, s, n);
			em += OTHER * safe_width(one);
			s += n;
		}
	}
	return em * size;
}

double svg_text__width_in(enum svg_font font, const char *text)
{
	return svg_text__width(text, svg_fonts[font].size, svg_fonts[font].bold);
}

/* Cut at a whole character, by columns, before anything is escaped. */
static void cut(char *buf, enum svg_font font, double most_width)
{
	int columns = safe_width(buf);

	if (svg_text__width_in(font, buf) <= most_width)
		return;
	while (columns > 0) {
		buf[safe_prefix(buf, --columns)] = '\0';
		if (svg_text__width_in(font, buf) + OTHER * svg_fonts[font].size <= most_width)
			break;
	}
	strcat(buf, "…");
}

void svg_text__put(FILE *out, enum svg_font font, enum svg_anchor anchor, double x, double y, double most_width,
		   const char *text)
{
	static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
	char shown[TEXT_LEN + 4];

	snprintf(shown, TEXT_LEN, "%s", text);
	shown[safe_prefix(shown, TEXT_LEN)] = '\0'; /* a whole character, wherever it was cut */
	if (most_width > 0)
		cut(shown, font, most_width);
	fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"%s>", svg_fonts[font].class, x, y, anchors[anchor]);
	svg_text__escape(out, shown);
	fputs("</text>\n", out);
}

double svg_text__wrap(FILE *out, enum svg_font font, double x, double y, double most_width, const char *text)
{
	char words[2 * TEXT_LEN], line[2 * TEXT_LEN] = "", tried[2 * TEXT_LEN + TEXT_LEN], *rest;

	snprintf(words, sizeof(words), "%s", text);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		snprintf(tried, sizeof(tried), "%s%s%s", line, *line ? " " : "", word);
		if (*line && svg_text__width_in(font, tried) > most_width) {
			svg_text__put(out, font, ANCHOR_START, x, y, most_width, line);
			y += SVG_LINE;
			snprintf(line, sizeof(line), "%s", word);
		} else {
			snprintf(line, sizeof(line), "%.*s", (int)sizeof(line) - 1, tried);
		}
	}
	if (*line) {
		svg_text__put(out, font, ANCHOR_START, x, y, most_width, line);
		y += SVG_LINE;
	}
	return y;
}
