/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_grid.c - how a table is laid out. Columns are as wide as what is in them, and the name takes what is left of 80
 * columns. A mark (inferred, lower bound) that every cell of a column has is written once, in its head.
 */
#include <string.h>

#include "safe.h"
#include "view_grid.h"

#define NAME_LEAST 8
#define NAME_MOST 15

static const struct {
	const char *group; /* over this column and the next ones without a group */
	const char *head;
} columns[C_COUNT] = {
	[C_TO] = {"CPU copies", "to"}, [C_FROM] = {NULL, "from"},   [C_KERN] = {NULL, "kern"},
	[C_READ] = {"disk", "read"},   [C_WRITE] = {NULL, "write"}, [C_RX] = {"net", "rx"},
	[C_TX] = {NULL, "tx"},	       [C_ZERO] = {"zero", "copy"}, [C_RATIO] = {"", "cp/B"},
	[C_MODE] = {"", "mode"},       [C_CTX] = {"", "ctx"},	    [C_HIT] = {"", "hit"},
};

/* Length of a cell's mark, "≥" or "~". */
static size_t has_mark(const char *cell, const char *mark)
{
	size_t len = strlen(mark);

	return strncmp(cell, mark, len) == 0 ? len : 0;
}

/* A mark that every cell of a column has goes to the head of the column instead. */
static void marks_to_heads(struct grid *g, const char *mark)
{
	for (enum column c = 0; c < C_COUNT; c++) {
		size_t n_marked = 0, n_known = 0;

		for (size_t i = 0; i < g->n_rows; i++) {
			n_known += strcmp(g->rows[i].cell[c], "-") != 0;
			n_marked += has_mark(g->rows[i].cell[c], mark) > 0;
		}
		if (n_marked == 0 || n_marked < n_known)
			continue;
		strcat(g->head[c], mark);
		for (size_t i = 0; i < g->n_rows; i++) {
			char *cell = g->rows[i].cell[c];

			memmove(cell, cell + has_mark(cell, mark), strlen(cell) + 1 - has_mark(cell, mark));
		}
	}
}

static void heads_fill(struct grid *g)
{
	marks_to_heads(g, "≥");
	marks_to_heads(g, "~");
	for (enum column c = 0; c < C_COUNT; c++)
		strcat(g->head[c], columns[c].head);
}

static void widths_find(const struct grid *g, int width[C_COUNT], int *pid, int *name)
{
	int left = VIEW_COLUMNS;

	*pid = (int)strlen("PID");
	*name = NAME_LEAST;
	for (enum column c = 0; c < C_COUNT; c++)
		width[c] = safe_width(g->head[c]);
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct row *r = &g->rows[i];

		*pid = safe_width(r->pid) > *pid ? safe_width(r->pid) : *pid;
		*name = safe_width(r->name) > *name ? safe_width(r->name) : *name;
		for (enum column c = 0; c < C_COUNT; c++)
			width[c] = safe_width(r->cell[c]) > width[c] ? safe_width(r->cell[c]) : width[c];
	}
	for (enum column c = 0; c < C_COUNT; c++)
		left -= width[c] + 1;
	left -= *pid + 1;
	*name = *name > NAME_MOST ? NAME_MOST : *name;
	*name = *name < left ? *name : left > NAME_LEAST ? left : NAME_LEAST;
}

static void write_right(FILE *out, int width, const char *text)
{
	fprintf(out, "%*s%s", width - safe_width(text), "", text);
}

static void write_heads(FILE *out, const struct grid *g, const int width[C_COUNT], int pid, int name)
{
	fprintf(out, "%*s", pid + 1 + name, "");
	for (enum column c = 0, end; c < C_COUNT; c = end) {
		int span = -1;

		for (end = c; end < C_COUNT && (end == c || !columns[end].group); end++)
			span += width[end] + 1;
		if (!*columns[c].group)
			break; /* from here on, heads of one line */
		fputc(' ', out);
		write_right(out, span, columns[c].group);
	}
	fprintf(out, "\n%*s %-*s", pid, "PID", name, "COMM");
	for (enum column c = 0; c < C_COUNT; c++) {
		fputc(' ', out);
		write_right(out, width[c], g->head[c]);
	}
	fputc('\n', out);
}

static void write_row(FILE *out, const struct row *r, const int width[C_COUNT], int pid, int name)
{
	int bytes = (int)safe_prefix(r->name, name);
	char shown[NAME_ROW_LEN];

	snprintf(shown, sizeof(shown), "%.*s", bytes, r->name);
	write_right(out, pid, r->pid);
	fprintf(out, " %s%*s", shown, name - safe_width(shown), "");
	for (enum column c = 0; c < C_COUNT; c++) {
		fputc(' ', out);
		write_right(out, width[c], r->cell[c]);
	}
	fputc('\n', out);
}

void grid__write(FILE *out, struct grid *g)
{
	int width[C_COUNT], pid, name;

	heads_fill(g);
	widths_find(g, width, &pid, &name);
	write_heads(out, g, width, pid, name);
	for (size_t i = 0; i < g->n_rows; i++)
		write_row(out, &g->rows[i], width, pid, name);
}
