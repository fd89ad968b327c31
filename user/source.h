/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * source.h - where snapshots come from: today a live trace (live.h). The faces
 * know this and snapshot.h, and nothing of what is behind it.
 *
 * Functions return 0 or a negative errno; what went wrong has then been printed, as one sentence.
 */
#ifndef ZCTRACE_SOURCE_H
#define ZCTRACE_SOURCE_H

#include "snapshot.h"

struct source_ops {
	int (*poll)(void *self, int timeout_ms, int wake_fd);
	int (*snapshot)(void *self, struct snapshot *ret);
	uint64_t (*elapsed_ns)(void *self);
	bool (*over)(void *self);
	int (*stop)(void *self);
	void (*done)(void *self); /* may be NULL */
};

struct source {
	const struct source_ops *ops;
	void *self;
};

/*
 * Lets so much time pass, and takes in what comes meanwhile; ends early when wake_fd (-1: none) is readable, at a
 * signal, and when a recording ends. A recording without a speed passes the time at once.
 */
static inline int source__poll(const struct source *s, int timeout_ms, int wake_fd)
{
	return s->ops->poll(s->self, timeout_ms, wake_fd);
}

/* The figures as of now; *ret points into the source and holds until the next call. */
static inline int source__snapshot(const struct source *s, struct snapshot *ret)
{
	return s->ops->snapshot(s->self, ret);
}

/* Since counting began; of a recording, as far as it has been replayed. */
static inline uint64_t source__elapsed_ns(const struct source *s)
{
	return s->ops->elapsed_ns(s->self);
}

/* Nothing more will come: the targets or the command have ended, -d is over, the recording is at its end. */
static inline bool source__over(const struct source *s)
{
	return s->ops->over(s->self);
}

/* Counting ends; source__snapshot then gives the final figures. A recording that was left early stays where it was. */
static inline int source__stop(const struct source *s)
{
	return s->ops->stop(s->self);
}

/* The final figures have been taken: no snapshot is asked for any more, and a recording of them can be finished. */
static inline void source__done(const struct source *s)
{
	if (s->ops->done)
		s->ops->done(s->self);
}

#endif
