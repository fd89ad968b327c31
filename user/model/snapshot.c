/* SPDX-License-Identifier: GPL-2.0-only */
/* snapshot.c - how good a figure is for one process. */
#include <string.h>

#include "snapshot.h"

/* Hardware breakpoints are a thread's own: an exec that changes privileges drops them, too many hits give them up. */
static bool leaf_lost(const struct snapshot *s, const struct model_process *p, enum hook h)
{
	const char *by = h == H_COPY_OTHER || h == H_LEAF ? s->hook[h].by : NULL;

	return p && (p->flags & (ZT_EXEC_SUID | ZT_LEAF_OFF)) && by && strstr(by, "breakpoint");
}

enum quality snapshot__quality(const struct snapshot *s, const struct model_process *p, enum metric m)
{
	if (leaf_lost(s, p, metrics[m].hook))
		return Q_NONE;
	return s->quality[m];
}

void snapshot__qualities(const struct snapshot *s, const struct model_process *p, enum quality out[M_COUNT])
{
	for (enum metric m = 0; m < M_COUNT; m++)
		out[m] = snapshot__quality(s, p, m);
}

void snapshot__sum(const struct snapshot *s, const struct model_process *const *list, int n, uint64_t ret[M_COUNT])
{
	memcpy(ret, model__system(s->model), M_COUNT * sizeof(ret[0]));
	for (int i = 0; i < n; i++)
		for (enum metric m = 0; m < M_COUNT; m++)
			ret[m] = metric__plus(ret[m], list[i]->v[m]);
}

int snapshot__events(const struct snapshot *s, uint64_t *ret)
{
	uint64_t v[M_COUNT];

	model__total(s->model, v);
	*ret = metric__events(v);
	return 0;
}
