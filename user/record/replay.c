// SPDX-License-Identifier: GPL-2.0-only
/*
 * replay.c - a recording as a source.
 *
 * Time is that of the ticks. Without a speed a poll goes on to the next tick whatever it was asked to wait, so that
 * tables come at the ticks they were printed at when this was recorded. With one, a poll waits, and what was recorded
 * up to the time it then is comes in.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "play.h"
#include "play_tell.h"
#include "replay.h"

#define TIME_MAX 9e18 /* ns: three hundred years, and no overflow */

struct replay {
	const struct opts *o;
	struct play *play;
	double speed;	   /* 0: no time passes */
	uint64_t clock_ns; /* recorded time */
	bool fresh;	   /* the tick that was read has not been polled for */
	bool at_end;
	int err; /* how reading it ended: 0 or a negative errno */
};

/* ret: what play__step or play__next_ns gave */
static void note_end(struct replay *r, int ret)
{
	if (ret == 1)
		return;
	r->at_end = true;
	r->err = ret;
}

/* Whether there is more is known before it is asked for. */
static void look_ahead(struct replay *r)
{
	uint64_t next_ns;

	note_end(r, play__next_ns(r->play, &next_ns));
}

int replay__open(struct replay **ret, const struct opts *o, bool realtime)
{
	struct replay *r = *ret = calloc(1, sizeof(*r));
	struct snapshot s;
	int fd, err;

	if (!r)
		return -ENOMEM;
	r->o = o;
	r->speed = o->speed > 0 ? o->speed : realtime ? 1 : 0;
	fd = open(o->replay, O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : play__open(&r->play, fd);
	if (!err) {
		play_tell__unknown(r->play, o->replay);
		err = play__step(r->play);
		err = err ? err : -ENODATA;
	}
	if (err < 0) {
		play_tell__error(r->play, o->replay, err);
		return err;
	}
	play__snapshot(r->play, &s);
	r->clock_ns = s.duration_ns;
	r->fresh = true;
	look_ahead(r);
	return 0;
}

static uint64_t replay_elapsed_ns(void *self)
{
	const struct replay *r = self;
	struct snapshot s;

	play__snapshot(r->play, &s);
	return s.duration_ns;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Lets recorded time pass; ends early as source__poll says. */
static void pass_time(struct replay *r, int timeout_ms, int wake_fd)
{
	uint64_t begin_ns = monotonic_ns(), wait_ns = (uint64_t)fmin((double)timeout_ms * 1e6 / r->speed, TIME_MAX);
	struct timespec ts = {.tv_sec = (time_t)(wait_ns / 1000000000), .tv_nsec = (long)(wait_ns % 1000000000)};
	struct pollfd fd = {.fd = wake_fd, .events = POLLIN};

	ppoll(&fd, wake_fd >= 0, &ts, NULL);
	r->clock_ns = (uint64_t)fmin((double)r->clock_ns + (double)(monotonic_ns() - begin_ns) * r->speed, TIME_MAX);
}

/* All ticks up to now. */
static void catch_up(struct replay *r)
{
	uint64_t next_ns;
	int ret;

	while ((ret = play__next_ns(r->play, &next_ns)) == 1 && next_ns <= r->clock_ns)
		note_end(r, play__step(r->play));
	note_end(r, ret);
}

static int replay_poll(void *self, int timeout_ms, int wake_fd)
{
	struct replay *r = self;

	if (r->speed > 0) {
		r->fresh = false;
		pass_time(r, timeout_ms, wake_fd);
		catch_up(r);
	} else if (r->fresh) {
		r->fresh = false;
	} else if (!r->at_end) {
		note_end(r, play__step(r->play));
		look_ahead(r);
	}
	return r->err == -EBADMSG ? 0 : r->err;
}

static int replay_snapshot(void *self, struct snapshot *ret)
{
	const struct replay *r = self;

	play__snapshot(r->play, ret);
	return 0;
}

static bool replay_over(void *self)
{
	const struct replay *r = self;

	if (r->fresh)
		return false;
	return r->at_end || (r->o->duration_ns && replay_elapsed_ns(self) >= r->o->duration_ns);
}

static int replay_stop(void *self)
{
	const struct replay *r = self;

	if (r->err)
		play_tell__error(r->play, r->o->replay, r->err);
	return 0;
}

struct source replay__source(struct replay *r)
{
	static const struct source_ops ops = {
		.poll = replay_poll,
		.snapshot = replay_snapshot,
		.elapsed_ns = replay_elapsed_ns,
		.over = replay_over,
		.stop = replay_stop,
	};

	return (struct source){&ops, r};
}

bool replay__damaged(const struct replay *r)
{
	return r->err != 0;
}

void replay__close(struct replay *r)
{
	if (!r)
		return;
	play__close(r->play);
	free(r);
}
