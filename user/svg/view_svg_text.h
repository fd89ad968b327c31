/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_svg_text.h - words in a picture: escaped, and as wide as they can get; for view_svg*.c only.
 *
 * Text is sanitised (safe.h) by whoever calls, cut to its width here, and escaped last. Nobody knows the reader's font:
 * widths are those of DejaVu Sans, wider than what desktops and phones have.
 */
#ifndef ZCTRACE_VIEW_SVG_TEXT_H
#define ZCTRACE_VIEW_SVG_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* Units of the picture: at 390 of the 760 units' width a phone shows 18.5 as 9.5 pixels. */
enum svg_font { FONT_TITLE, FONT_NAME, FONT_TEXT, FONT_FAINT, FONT_STATION, FONT_LABEL, FONT_COUNT };

struct svg_font_desc {
	const char *class;
	double size;
	bool bold;
};

extern const struct svg_font_desc svg_fonts[FONT_COUNT];

enum svg_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/* & < > " ' as entities; the rest of sanitised text is as XML 1.0 wants it. */
void svg_text__escape(FILE *out, const char *text);
double svg_text__width(const char *text, double size, bool bold);
double svg_text__width_in(enum svg_font font, const char *text);
/* One line at x, y (its base line), cut with an ellipsis to most_width (0: as it is). */
void svg_text__put(FILE *out, enum svg_font font, enum svg_anchor anchor, double x, double y, double most_width,
		   const char *text);
/* Broken at spaces into lines of most_width beneath each other; returns where the next line would stand. */
double svg_text__wrap(FILE *out, enum svg_font font, double x, double y, double most_width, const char *text);

#define SVG_LINE 25 /* from one line of text to the next */

#endif
