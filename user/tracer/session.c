// SPDX-License-Identifier: GPL-2.0-only
/* session.c - one trace from attach to final figures. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "descriptors.h"
#include "objects.h"
#include "proc.h"
#include "session_parts.h"

/* How often we look by ourselves, each time for some 50 us; and what watches a rate, if there is something that does.
 */
#define STEP_MS 100
#define WATCH_MS 10
#define LAST_WORDS_NS 1000000000ULL /* a thread that has not had the CPU for so long to leave it */
#define FILES_AT_FIRST 24	    /* until it is known how many hooks there are */

static uint64_t now_ns(void)
{
	return session__clock_ns(CLOCK_MONOTONIC);
}

int session__exit_status(int err)
{
	switch (-err) {
	case 0:
		return EXIT_OK;
	case EPERM:
	case EACCES:
		return EXIT_PERMISSION;
	case ENOTSUP:
		return EXIT_KERNEL;
	case ESRCH:
	case ENOENT:
		return EXIT_NO_TARGET;
	case EOVERFLOW:
		return EXIT_LOST;
	default:
		return EXIT_FAILED;
	}
}

void session__set_tap(struct session *s, struct session_tap tap)
{
	s->tap = tap;
}

/* Breakpoints are for named processes and started commands, never machine-wide: every hit is an exception. */
static void set_up_leaf(struct session *s)
{
	const struct hook_state *other = &tracer__hooks(s->tracer)[H_COPY_OTHER];
	enum hook h = s->opts->exact ? H_LEAF : H_COPY_OTHER;
	const char *why;
	char text[256];

	if (s->whole_machine || s->opts->comm || s->opts->cgroup) {
		if (s->opts->exact || !other->by)
			tracer__set_hook(s->tracer, h, NULL,
					 "breakpoints need -p or a command: they are never set machine-wide");
		return;
	}
	if (s->opts->copy == COPY_INFER || (!s->opts->exact && other->by && s->opts->copy != COPY_BREAKPOINT))
		return;
	why = tracer__refused(s->tracer, h) ? tracer__refused(s->tracer, h) : tracer__refused(s->tracer, H_LEAF);
	if (why) {
		tracer__set_hook(s->tracer, h, NULL, why);
		return;
	}
	if (leaf__new(&s->leaf, tracer__leaf_progs(s->tracer), s->opts->exact, &why)) {
		snprintf(text, sizeof(text), "%s%s%s", other->error && h == H_COPY_OTHER ? other->error : "",
			 other->error && h == H_COPY_OTHER ? "; " : "", why);
		tracer__set_hook(s->tracer, h, NULL, text);
		return;
	}
	tracer__set_hook(s->tracer, h, "hardware breakpoint", NULL);
	if (h == H_LEAF && !other->by)
		tracer__set_hook(s->tracer, H_COPY_OTHER, NULL,
				 "--exact needs the breakpoints for the iterator leaves");
}

static int add_target(struct session *s, struct proc_id id, bool at_exec)
{
	int err = targets__remember(&s->targets, id);

	if (!err)
		err = tracer__add_target(s->tracer, id, at_exec);
	if (!err && s->leaf) {
		int leaf_err = leaf__add(s->leaf, id.pid, at_exec);

		if (leaf_err) {
			char text[128];

			snprintf(text, sizeof(text), "breakpoints on process %d: %s", id.pid, strerror(-leaf_err));
			tracer__set_hook(s->tracer, s->opts->exact ? H_LEAF : H_COPY_OTHER, NULL, text);
			leaf__free(s->leaf);
			s->leaf = NULL;
		}
	}
	return err;
}

static int add_child(void *ctx, struct proc_id id)
{
	return add_target(ctx, id, false);
}

int session__add_target(struct session *s, pid_t pid, bool at_exec)
{
	struct proc_id id;
	int err = targets__check_pid(pid, &id);

	if (err)
		return err;
	err = add_target(s, id, at_exec);
	if (!err && s->on)
		err = tracer__arm(s->tracer);
	return err ? complain(err, "add a target") : 0;
}

/* Those of -p, as they were when the options were checked, and the child that calibrates. */
static int add_first_targets(struct session *s)
{
	struct proc_stat stat;
	int err = 0;

	if (s->calibrate.pid && proc__read_stat(s->calibrate.pid, &stat))
		err = tracer__add_target(s->tracer, (struct proc_id){s->calibrate.pid, stat.start}, false);
	for (int i = 0; i < s->opts->n_pids && !err; i++)
		err = add_target(s, s->pid[i], false);
	return err;
}

int session__new(struct session **ret, const struct opts *o, bool targets_follow)
{
	struct session *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return complain(-ENOMEM, "begin");
	err = descriptors__check(FILES_AT_FIRST);
	if (!err)
		err = targets__check(o, s->pid);
	if (err) {
		free(s);
		return err;
	}
	s->opts = o;
	s->whole_machine = !targets_follow && !o->n_pids && !o->comm && !o->cgroup && !o->command;
	uname(&s->uts);
	overhead__begin(&s->overhead, o->max_overhead_percent);
	if (o->calibrate)
		calibrate__begin(&s->calibrate);
	s->calibration.tgid = (uint32_t)s->calibrate.pid;
	s->model = model__new(SESSION_MAX_ENDED);
	s->cgroups = cgroup__new();
	err = !s->model || !s->cgroups ? complain(-ENOMEM, "begin")
				       : tracer__new(&s->tracer, o, s->whole_machine, session__on_record, s);
	if (!err) {
		objects__class_disks(tracer__disks_fd(s->tracer));
		set_up_leaf(s);
	}
	if (!err) {
		err = add_first_targets(s);
		if (err)
			err = complain(err, "add its targets");
	}
	if (err) {
		session__free(s);
		return err;
	}
	*ret = s;
	return 0;
}

/* A child that was forked after the scan and before its parent was traced is found by the next one. */
static int arm(struct session *s)
{
	size_t known;
	int err;

	do {
		known = s->targets.n;
		err = s->opts->follow ? targets__descend(&s->targets, add_child, s) : 0;
		if (!err)
			err = tracer__arm(s->tracer);
		if (!err && s->opts->follow)
			err = targets__descend(&s->targets, add_child, s);
	} while (!err && s->targets.n != known);
	return err;
}

/* One that ended meanwhile has left nothing to count, and its number may be another's. */
static int check_targets_live(const struct session *s)
{
	for (int i = 0; i < s->opts->n_pids; i++)
		if (!proc__alive(s->pid[i])) {
			fprintf(stderr, "zctrace: process %d ended before counting began\n", s->pid[i].pid);
			return -ESRCH;
		}
	return 0;
}

int session__start(struct session *s)
{
	int err = arm(s);

	if (err)
		return complain(err, "find the threads to count");
	err = check_targets_live(s);
	if (err)
		return err;
	err = tracer__sweep(s->tracer, session__on_first_record, s);
	if (err)
		return complain(err, "read its counters");
	s->start_ns = now_ns();
	s->start_unix_ns = session__clock_ns(CLOCK_REALTIME);
	s->on = true;
	tracer__on(s->tracer);
	s->added_ns = (uint64_t)(calibrate__end(&s->calibrate) + 0.5);
	return err;
}

static uint64_t step_ns(const struct session *s, uint64_t left)
{
	bool watches = s->leaf || s->overhead.limit_percent >= 0;
	uint64_t ns = (watches ? WATCH_MS : STEP_MS) * 1000000ULL;

	if (s->opts->reader_sleep_ms)
		return s->opts->reader_sleep_ms * 1000000ULL;
	return ns < left ? ns : left;
}

/* 1: time to go home, a signal or the descriptor; 0: the time has passed, or there is something to read */
static int wait_ns(const struct session *s, uint64_t ns, int wake_fd)
{
	struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
	struct pollfd fd[] = {{.fd = wake_fd, .events = POLLIN}, {.fd = tracer__wake_fd(s->tracer), .events = POLLIN}};
	int n = ppoll(fd, s->opts->reader_sleep_ms ? 1 : 2, &ts, NULL);

	if (n > 0 && fd[1].revents)
		tracer__woken(s->tracer);
	return n < 0 || fd[0].revents;
}

int session__poll(struct session *s, int timeout_ms, int wake_fd)
{
	uint64_t now = now_ns(), end = now + (uint64_t)timeout_ms * 1000000;
	int err;

	do {
		bool woken = wait_ns(s, step_ns(s, end - now), wake_fd);

		err = tracer__poll(s->tracer);
		if (err)
			return complain(err, "read its counters");
		err = session__fold(s);
		if (err)
			return err;
		if (woken)
			return 0;
		if (s->leaf)
			leaf__check_rate(s->leaf, now_ns(),
					 s->opts->leaf_limit ? s->opts->leaf_limit : LEAF_MAX_HITS_PER_SECOND);
		now = now_ns();
		overhead__step(&s->overhead, s->tracer, now - s->start_ns);
	} while (!err && now < end);
	return err;
}

int session__stop(struct session *s)
{
	int err;

	overhead__end(&s->overhead);
	s->overhead.limit_percent = -1;
	tracer__off(s->tracer);
	s->stop_ns = now_ns();
	s->stopped = true;
	if (s->opts->verbose)
		tracer__tell_misses(s->tracer);
	err = tracer__poll(s->tracer);
	return err ? complain(err, "read its counters") : 0;
}

bool session__targets_gone(struct session *s)
{
	if (s->whole_machine || s->opts->comm || s->opts->cgroup)
		return false;
	for (int i = 0; i < s->opts->n_pids; i++)
		if (proc__alive(s->pid[i]))
			return false;
	if (tracer__sweep(s->tracer, session__on_record, s))
		return false;
	if (tracer__n_live(s->tracer)) {
		s->gone_ns = 0;
		return false;
	}
	if (!s->gone_ns)
		s->gone_ns = now_ns();
	return tracer__all_ended(s->tracer) || now_ns() - s->gone_ns > LAST_WORDS_NS;
}

void session__free(struct session *s)
{
	if (!s)
		return;
	calibrate__end(&s->calibrate);
	overhead__end(&s->overhead);
	leaf__free(s->leaf);
	tracer__free(s->tracer);
	model__free(s->model);
	cgroup__free(s->cgroups);
	free(s->missing);
	targets__free(&s->targets);
	free(s);
}
