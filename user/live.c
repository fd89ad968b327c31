// SPDX-License-Identifier: GPL-2.0-only
/* live.c - a trace of this machine as a source. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "complain.h"
#include "live.h"
#include "outfile.h"
#include "record.h"
#include "run.h"
#include "safe.h"
#include "session.h"
#include "signals.h"

struct live {
	const struct opts *o;
	struct session *session;
	struct command command;
	uint64_t start_ns;
	uint64_t next_look_ns;	    /* whether the targets are gone is asked no more often than this */
	struct record *record;	    /* --record, else NULL */
	struct outfile_place place; /* of the recording until it is begun there; fd -1: none */
	uint64_t tick_ns;	    /* when the last one was recorded */
	bool stopped, recorded_all, record_failed;
	int record_err; /* of its end */
};

#define LOOK_NS 100000000ULL
#define TICK_NS 1000000000ULL
#define TICK_NS_MAX (30 * TICK_NS)
#define RECORD_BYTES_PER_S 24576 /* 84 MiB an hour */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void complain_of_command(const struct live *l, const char *what, int err)
{
	char name[256];

	fprintf(stderr, "zctrace: cannot %s %s: %s\n", what, safe_text(name, sizeof(name), l->o->command[0], PATH_MAX),
		strerror(-err));
}

static void tap_record(void *ctx, const struct zc_record *r, const char *cgroup_path)
{
	record__add(ctx, r, cgroup_path);
}

static void tap_system(void *ctx, uint32_t source, const uint64_t v[M_COUNT])
{
	record__set_system(ctx, source, v);
}

static void tap_sum(void *ctx)
{
	record__sum(ctx);
}

static int complain_of_record(const struct live *l, const char *what, int err, const char *remedy)
{
	char name[512];

	fprintf(stderr, "zctrace: cannot %s %s: %s%s\n", what, safe_text(name, sizeof(name), l->o->record, PATH_MAX),
		outfile__why(err), remedy);
	return -EIO; /* whatever the reason, this is no lack of rights to trace and no missing target */
}

/* What an older recording holds is given up here, and nowhere else. */
static int begin_record(struct live *l)
{
	int err = outfile__empty(&l->place, 0600), fd = l->place.fd;

	if (!err) {
		l->place.fd = -1;
		err = record__into(l->record, fd, l->place.regular); /* only what we emptied is ours to cut */
	}
	return err ? complain_of_record(l, "record to", err, "") : 0;
}

/*
 * The file is ours, or it is said now that it cannot be. An older recording in it stays until the trace runs; where
 * there is none, what can go wrong with the first write does so before a command is started.
 */
static int start_record(struct live *l)
{
	int err;

	if (!l->o->record)
		return 0;
	err = outfile__hold(&l->place, l->o->record, 0600);
	if (!err)
		err = record__new(&l->record, -1, SESSION_MAX_ENDED);
	if (err)
		return complain_of_record(l, "record to", err, "");
	return l->place.content ? 0 : begin_record(l);
}

/* Tracing goes on without its recording: told once, and in the exit status. */
static void look_after_record(struct live *l)
{
	int err = l->record ? record__error(l->record) : 0;

	if (!err || l->record_failed)
		return;
	l->record_failed = true;
	complain_of_record(l, "go on recording to", err, "; tracing goes on, what was recorded can be replayed");
}

static int start(struct live *l)
{
	int err = start_record(l);

	if (err)
		return err;
	if (l->o->command) {
		err = command__start(&l->command, l->o->command);
		if (err) {
			complain_of_command(l, "start", err);
			return err;
		}
	}
	err = session__new(&l->session, l->o, l->o->command != NULL);
	if (!err && signals__stop())
		return -EINTR;
	if (!err && l->record)
		session__set_tap(l->session, (struct session_tap){tap_record, tap_system, tap_sum, l->record});
	if (!err && l->o->command)
		err = session__add_target(l->session, l->command.pid, true);
	if (!err)
		err = session__start(l->session);
	if (!err && signals__stop())
		return -EINTR;
	if (!err && l->o->command) {
		err = command__release(&l->command);
		if (err == -EPIPE) /* it was killed before it ran */
			err = -EINTR;
		else if (err)
			complain_of_command(l, "run", err);
	}
	if (!err && l->place.fd >= 0)
		err = begin_record(l);
	if (!err)
		l->place.made = false; /* from here on it is a recording, whatever comes */
	l->start_ns = l->tick_ns = now_ns();
	return err;
}

int live__open(struct live **ret, const struct opts *o)
{
	struct live *l = *ret = calloc(1, sizeof(*l));

	if (!l)
		return complain(-ENOMEM, "begin");
	l->o = o;
	l->command = (struct command){.release_fd = -1, .error_fd = -1};
	l->place.fd = -1;
	return start(l);
}

static uint64_t live_elapsed_ns(void *self)
{
	const struct live *l = self;

	return now_ns() - l->start_ns;
}

static int live_snapshot(void *self, struct snapshot *ret)
{
	struct live *l = self;
	int err = session__snapshot(l->session, ret);

	if (err)
		return err;
	if (l->o->command)
		ret->command = (struct snapshot_command){true, l->command.pid, l->command.exited, l->command.status};
	if (!l->record)
		return 0;
	record__tick(l->record, ret);
	look_after_record(l);
	l->tick_ns = now_ns();
	l->recorded_all = l->stopped;
	return 0;
}

/*
 * Where tables are printed, each is a tick already. Else once a second; where that would fill more than so many bytes a
 * second (the figures of a thousand busy threads do), as often as they allow, but always now and then.
 */
static bool tick_is_due(const struct live *l)
{
	uint64_t since_ns = now_ns() - l->tick_ns;

	if (!l->record || l->record_failed)
		return false;
	if (l->o->interval_ns)
		return since_ns >= l->o->interval_ns * 3 / 2;
	if (since_ns < TICK_NS)
		return false;
	return since_ns >= TICK_NS_MAX ||
	       record__n_bytes(l->record) <= RECORD_BYTES_PER_S * ((now_ns() - l->start_ns) / 1000000000);
}

static int live_poll(void *self, int timeout_ms, int wake_fd)
{
	struct live *l = self;
	struct snapshot ignored;
	int err;

	if (l->o->duration_ns) {
		uint64_t now = live_elapsed_ns(l);
		uint64_t left = l->o->duration_ns > now ? (l->o->duration_ns - now) / 1000000 + 1 : 0;

		if (left < (uint64_t)timeout_ms)
			timeout_ms = (int)left;
	}
	err = session__poll(l->session, timeout_ms > 0 ? timeout_ms : 1, wake_fd);
	return !err && tick_is_due(l) ? live_snapshot(l, &ignored) : err;
}

static bool live_over(void *self)
{
	struct live *l = self;

	if (l->o->duration_ns && live_elapsed_ns(l) >= l->o->duration_ns)
		return true;
	if (now_ns() < l->next_look_ns)
		return false;
	l->next_look_ns = now_ns() + LOOK_NS;
	if (l->o->command && !command__exited(&l->command))
		return false;
	return session__targets_gone(l->session);
}

static int live_stop(void *self)
{
	struct live *l = self;

	l->stopped = true;
	return session__stop(l->session);
}

int live__end_record(struct live *l)
{
	int err = record__close(l->record, l->recorded_all);

	l->record = NULL;
	if (err && !l->record_failed)
		complain_of_record(l, "finish", err, "; what was recorded can be replayed");
	if (err)
		l->record_err = -EIO;
	return l->record_err;
}

/* Before the report is put out, whose reader may keep us waiting. */
static void live_done(void *self)
{
	live__end_record(self);
}

struct source live__source(struct live *l)
{
	static const struct source_ops ops = {
		.poll = live_poll,
		.snapshot = live_snapshot,
		.elapsed_ns = live_elapsed_ns,
		.over = live_over,
		.stop = live_stop,
		.done = live_done,
	};

	return (struct source){&ops, l};
}

void live__close(struct live *l)
{
	if (!l)
		return;
	outfile__let_go(&l->place);
	record__close(l->record, false);
	if (l->o->command)
		command__end(&l->command);
	session__free(l->session);
	free(l);
}
