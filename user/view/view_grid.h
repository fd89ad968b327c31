/* SPDX-License-Identifier: GPL-2.0-only */
/* view_grid.h - cells as a table of 80 columns; for view_table.c only. */
#ifndef ZCTRACE_VIEW_GRID_H
#define ZCTRACE_VIEW_GRID_H

#include <stdio.h>

#include "view_figure.h"

#define NAME_ROW_LEN 96

enum column { C_TO, C_FROM, C_KERN, C_READ, C_WRITE, C_RX, C_TX, C_ZERO, C_RATIO, C_MODE, C_CTX, C_HIT, C_COUNT };

struct row {
	char pid[FMT_LEN];
	char name[NAME_ROW_LEN];
	char cell[C_COUNT][FIGURE_LEN];
};

struct grid {
	struct row *rows;
	size_t n_rows;
	char head[C_COUNT][FIGURE_LEN]; /* filled by grid__write */
};

/* Changes cells: a mark that all of a column has goes to its head. */
void grid__write(FILE *out, struct grid *g);

#endif
