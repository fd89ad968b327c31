/* SPDX-License-Identifier: GPL-2.0-only */
/* view_figure.c - figures with their marks, lines with their edges. */
#include <stdarg.h>
#include <string.h>

#include "safe.h"
#include "view_figure.h"

#define TEXT_LEN 512

static char *marks(char *buf, bool lower_bound, bool inferred)
{
	strcpy(buf, lower_bound ? "≥" : "");
	if (inferred)
		strcat(buf, "~");
	return buf + strlen(buf);
}

char *figure__text(char *buf, struct figure f, char *(*format)(char *, uint64_t))
{
	if (f.known)
		format(marks(buf, f.lower_bound, f.inferred), f.value);
	else
		strcpy(buf, "-");
	return buf;
}

char *figure__ratio(char *buf, enum derived d, struct metric_view m)
{
	bool lower_bound, inferred;
	double r;

	if (derived_value(d, m, &r, &lower_bound, &inferred))
		fmt_ratio(marks(buf, lower_bound, inferred), r);
	else
		strcpy(buf, "-");
	return buf;
}

struct figure figure__derived(enum derived d, struct metric_view m)
{
	struct figure f = {0};

	f.known = derived_integer(d, m, &f.value, &f.lower_bound, &f.inferred);
	return f;
}

bool figure__some(struct figure f)
{
	return f.known && f.value > 0;
}

struct line line__begin(FILE *out, const char *label)
{
	fprintf(out, "  %-*s", LABEL_COLUMNS - 2, label);
	return (struct line){out, LABEL_COLUMNS, true};
}

/* Behind the separator, or on a new line; one column is left for the separator of what follows. */
static void line_put(struct line *l, const char *separator, const char *text)
{
	int gap = l->empty ? 0 : (int)strlen(separator), width = safe_width(text);

	if (!l->empty && l->column + gap + width >= VIEW_COLUMNS) {
		fprintf(l->out, "%.*s\n%*s", (int)strcspn(separator, " "), separator, LABEL_COLUMNS, "");
		l->column = LABEL_COLUMNS;
		gap = 0;
	}
	fprintf(l->out, "%s%s", gap ? separator : "", text);
	l->column += gap + width;
	l->empty = false;
}

void line__add(struct line *l, const char *separator, const char *format, ...)
{
	char text[TEXT_LEN], *rest;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (safe_width(text) < VIEW_COLUMNS - LABEL_COLUMNS) {
		line_put(l, separator, text);
		return;
	}
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		line_put(l, separator, word);
		separator = " ";
	}
}

void line__end(struct line *l)
{
	fputc('\n', l->out);
}
