// SPDX-License-Identifier: GPL-2.0-only
/*
 * session_missing.c - threads that ended when there was no room even for their uid (L_UNTOLD): nothing will ever tell
 * of their end, and what they are part of would be shown as living for ever. Once any was lost, those that the model
 * takes to live are asked for by number, now and then.
 *
 * A thread may be gone by number before its last word is out: it is ended only if it was missing the time before, too.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "session_parts.h"

#define LOOK_NS 1000000000ULL

/* Living threads, as the model has them, that are not there; *ret_living: how many are. */
struct look {
	uint64_t *uid;
	size_t n, room, living;
};

static bool is_there(const struct model_process *p, const struct model_thread *t)
{
	return syscall(SYS_tgkill, p->id.tgid, t->tid, 0) == 0 || errno != ESRCH;
}

static int note(struct look *l, uint64_t uid)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		uint64_t *more = realloc(l->uid, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->uid = more;
		l->room = room;
	}
	l->uid[l->n++] = uid;
	return 0;
}

static int look_at_process(struct look *l, const struct model *m, const struct model_process *p)
{
	const struct model_thread **threads;
	int n = model__threads(m, p, &threads), err = 0;

	if (n < 0)
		return n;
	for (int i = 0; i < n && !err; i++) {
		if (threads[i]->flags & ZT_EXITED)
			continue;
		if (is_there(p, threads[i]))
			l->living++;
		else
			err = note(l, threads[i]->uid);
	}
	free(threads);
	return err;
}

static int look(struct look *l, const struct model *m)
{
	const struct model_process **list;
	int n = model__list(m, M_SYSCALLS, &list), err = 0;

	if (n < 0)
		return n;
	for (int i = 0; i < n && !err; i++)
		if (!list[i]->folded && !(list[i]->flags & ZT_EXITED))
			err = look_at_process(l, m, list[i]);
	free(list);
	return err;
}

static int by_uid(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int end(struct session *s, uint64_t uid)
{
	struct zc_record r;

	if (!model__last_record(s->model, uid, &r))
		return 0;
	r.flags |= ZT_EXITED;
	return session__on_record(s, &r);
}

int session__end_missing(struct session *s)
{
	uint64_t now = session__clock_ns(CLOCK_MONOTONIC);
	struct look l = {0};
	int err;

	if (!s->lost[L_UNTOLD] || now - s->missing_looked_ns < LOOK_NS)
		return 0;
	s->missing_looked_ns = now;
	err = look(&l, s->model);
	if (!err && !l.living && tracer__n_live(s->tracer)) /* our numbers are not the kernel's */
		l.n = 0;
	if (l.n)
		qsort(l.uid, l.n, sizeof(*l.uid), by_uid);
	for (size_t i = 0; i < l.n && !err; i++)
		if (s->n_missing && bsearch(&l.uid[i], s->missing, s->n_missing, sizeof(*l.uid), by_uid))
			err = end(s, l.uid[i]);
	free(s->missing);
	s->missing = l.uid;
	s->n_missing = l.n;
	return err;
}
