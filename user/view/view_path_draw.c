/* SPDX-License-Identifier: GPL-2.0-only */
/* view_path_draw.c - ways as lines of stations and arrows: disk ══ 32.0M ══▶ page cache ── 32.0M ──▶ user. */
#include <string.h>

#include "safe.h"
#include "view_figure.h"
#include "view_path.h"

/* Writes one path to out, or only measures it if out is NULL; returns its columns. */
static int path_write(FILE *out, const struct path *p, int dashes, const char *space)
{
	static const char *const strokes[] = {[ARROW_DMA] = "═", [ARROW_COPY] = "─", [ARROW_NO_COPY] = "┄"};
	int columns = 0;

	for (int i = 0; i < p->n_stations; i++) {
		char bytes[FIGURE_LEN], stroke[16] = "";

		columns += safe_width(p->station[i]);
		if (out)
			fputs(p->station[i], out);
		if (i == p->n_stations - 1)
			break;
		for (int n = 0; n < dashes; n++)
			strcat(stroke, strokes[p->arrow[i]]);
		figure__text(bytes, p->bytes[i], fmt_bytes);
		columns += 3 + 2 * dashes + 2 * (int)strlen(space) + safe_width(bytes);
		if (out)
			fprintf(out, " %s%s%s%s%s▶ ", stroke, space, bytes, space, stroke);
	}
	return columns;
}

void paths__draw(FILE *out, const struct paths *p)
{
	static const struct {
		int dashes;
		const char *space;
	} styles[] = {{2, " "}, {1, " "}, {1, ""}};
	int style = 0;

	/* one style for all, the widest that fits */
	for (int i = 0; i < p->n; i++)
		while (style < 2 &&
		       2 + path_write(NULL, &p->path[i], styles[style].dashes, styles[style].space) > VIEW_COLUMNS)
			style++;
	for (int i = 0; i < p->n; i++) {
		fputs("  ", out);
		path_write(out, &p->path[i], styles[style].dashes, styles[style].space);
		fputc('\n', out);
	}
}
