/* SPDX-License-Identifier: GPL-2.0-only */
/* view_svg_diff.c - the picture of a diff: the medians of its sides. */
#include "fmt.h"
#include "views.h"
#include "views_diff.h"

static void medians(const struct diff *d, int side, uint64_t v[M_COUNT], enum quality q[M_COUNT])
{
	for (enum metric m = 0; m < M_COUNT; m++) {
		const struct diff_value *value = &d->rows[D_COUNT + m].side[side];

		q[m] = !value->known ? Q_NONE : value->inferred ? Q_INFERRED : Q_MEASURED;
		v[m] = value->known ? fmt_whole(value->median) : 0;
	}
}

int view_diff_svg(FILE *out, const struct diff *d)
{
	enum quality quality[2][M_COUNT];
	struct svg_side sides[2];
	uint64_t v[2][M_COUNT];
	char note[128];

	for (int i = 0; i < 2; i++) {
		medians(d, i, v[i], quality[i]);
		sides[i] = (struct svg_side){d->runs[i]->file, d->runs[i]->kernel, {v[i], quality[i]}};
	}
	snprintf(note, sizeof(note), "medians of %d and %d runs", d->n_runs[0], d->n_runs[1]);
	return view_svg_pair(out, sides, "what changed from A to B", d->spread_known ? note : NULL);
}
