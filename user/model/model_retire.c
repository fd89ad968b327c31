/* SPDX-License-Identifier: GPL-2.0-only */
/* model_retire.c - threads and owner work that ended while their process lives: counted in it, and told apart no more.
 */
#include <errno.h>
#include <stdlib.h>

#include "model_parts.h"

bool retire__holds(const struct model *m, uint64_t uid)
{
	struct tomb *tomb;

	HASH_FIND(hh, m->tombs, &uid, sizeof(uid), tomb); /* NOLINT(clang-analyzer-core.*): uthash */
	return tomb != NULL;
}

static void tomb_free(struct model *m, struct tomb *tomb)
{
	HASH_DEL(m->tombs, tomb);
	free(tomb);
}

void retire__free(struct model *m)
{
	struct tomb *tomb, *next;

	HASH_ITER (hh, m->tombs, tomb, next)
		tomb_free(m, tomb);
}

int retire__note(struct model *m, uint64_t uid)
{
	struct tomb *tomb = calloc(1, sizeof(*tomb));
	bool oom = false;

	if (!tomb)
		return -ENOMEM;
	tomb->uid = uid;
	HASH_ADD(hh, m->tombs, uid, sizeof(tomb->uid), tomb);
	if (oom) {
		free(tomb);
		return -ENOMEM;
	}
	if (HASH_COUNT(m->tombs) > TOMBS_MAX)
		tomb_free(m, m->tombs);
	return 0;
}

int retire__part(struct model *m, struct part *part)
{
	struct process *p = part->process;
	struct part_key key = {PART_RETIRED, p ? p->p.id.tgid : 0, p ? p->p.id.start_ns : 0};
	struct part *to = part__find(m, &key);

	if (!to)
		to = part__add(m, &key);
	if (!to || (part->key.kind == PART_THREAD && retire__note(m, part->t.uid)))
		return -ENOMEM;
	to->process = p;
	if (p) {
		p->retired = true;
		p->n_retired += part->key.kind == PART_THREAD;
	}
	for (int i = 0; i < M_COUNT; i++)
		to->t.v[i] += part->t.v[i];
	to->t.flags |= part->t.flags & ~(uint32_t)ZT_EXITED;
	part__free(m, part);
	return 0;
}

/* Makes the lists of threads anew, as model__sum does. */
static void relist(struct model *m)
{
	struct process *p, *next_p;
	struct part *part, *next;

	HASH_ITER (hh, m->processes, p, next_p)
		p->threads = NULL;
	HASH_ITER (hh, m->parts, part, next) {
		if (part->key.kind != PART_THREAD || !part->process || part->process->p.folded)
			continue;
		part->next_thread = part->process->threads;
		part->process->threads = part;
	}
}

int retire__threads(struct model *m, size_t n)
{
	struct part *part, *next;
	int err = 0;

	HASH_ITER (hh, m->parts, part, next) {
		if (!n || err)
			break;
		if (part->key.kind != PART_THREAD || !part->process || !(part->t.flags & ZT_EXITED) ||
		    part->process->p.folded || part->process->ended_order)
			continue;
		err = retire__part(m, part);
		n--;
	}
	relist(m);
	return err;
}
