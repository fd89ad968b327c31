// SPDX-License-Identifier: GPL-2.0-only
/* session.c - one trace from attach to final figures. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "calibrate.h"
#include "cgroup.h"
#include "leaf.h"
#include "objects.h"
#include "overhead.h"
#include "proc.h"
#include "session.h"
#include "targets.h"
#include "tracer.h"

/* How often we look by ourselves, each time for some 50 us; and what watches a rate, if there is something that does.
 */
#define STEP_MS 100
#define WATCH_MS 10
#define SYSTEM_LINE 0
#define SYSTEM_UNATTRIBUTED 1

struct session {
	const struct opts *opts;
	struct tracer *tracer;
	struct leaf *leaf;
	struct model *model;
	struct cgroups *cgroups;
	struct utsname uts;
	bool whole_machine, on, stopped;
	uint64_t start_ns, stop_ns, start_unix_ns;
	uint32_t in_flight;
	struct targets targets; /* every process added so far */
	uint64_t n_records;
	struct calibrate calibrate;
	struct zc_owner calibration; /* the child that calibrates: its records are nobody's; tgid 0: none */
	uint64_t added_ns;
	struct overhead overhead;
	uint64_t untold[M_COUNT]; /* of the unattributed sums, what is kept in the name of a thread */
	struct session_tap tap;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
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
	case EINVAL:
		return EXIT_USAGE;
	case EOVERFLOW:
		return EXIT_LOST;
	default:
		return EXIT_FAILED;
	}
}

/* Its start is learnt from its first record, which comes while it lives. */
static bool is_calibration(struct session *s, const struct zc_record *r)
{
	if (!s->calibration.tgid || r->process.tgid != s->calibration.tgid)
		return false;
	if (!s->calibration.start_ns)
		s->calibration.start_ns = r->process.start_ns;
	return r->process.start_ns == s->calibration.start_ns;
}

static int add_record(struct session *s, const struct zc_record *r)
{
	if (s->tap.record)
		s->tap.record(s->tap.ctx, r, cgroup__path(s->cgroups, r->cgroup));
	return model__add(s->model, r);
}

static int on_record(void *ctx, const struct zc_record *r)
{
	struct session *s = ctx;
	struct zc_record copy;

	if (is_calibration(s, r))
		return 0;
	s->n_records++;
	if (!s->leaf || !leaf__given_up(s->leaf, r->process.tgid))
		return add_record(s, r);
	copy = *r;
	copy.flags |= ZT_LEAF_OFF;
	return add_record(s, &copy);
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

int session__new(struct session **ret, const struct opts *o, bool targets_follow)
{
	struct session *s;
	int err = targets__check(o);

	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->opts = o;
	s->whole_machine = !targets_follow && !o->n_pids && !o->comm && !o->cgroup && !o->command;
	uname(&s->uts);
	overhead__begin(&s->overhead, o->max_overhead_percent);
	if (o->calibrate)
		calibrate__begin(&s->calibrate);
	s->calibration.tgid = (uint32_t)s->calibrate.pid;
	s->model = model__new(SESSION_MAX_ENDED);
	s->cgroups = cgroup__new();
	err = !s->model || !s->cgroups ? -ENOMEM : tracer__new(&s->tracer, o, s->whole_machine, on_record, s);
	if (!err) {
		objects__class_disks(tracer__disks_fd(s->tracer));
		set_up_leaf(s);
	}
	if (!err && s->calibrate.pid)
		err = tracer__add_target(s->tracer, s->calibrate.pid, false);
	for (int i = 0; i < o->n_pids && !err; i++)
		err = session__add_target(s, o->pids[i], false);
	if (err) {
		session__free(s);
		return err;
	}
	*ret = s;
	return 0;
}

static int add_target(struct session *s, pid_t pid, bool at_exec)
{
	int err = targets__remember(&s->targets, pid);

	if (!err)
		err = tracer__add_target(s->tracer, pid, at_exec);
	if (!err && s->leaf) {
		int leaf_err = leaf__add(s->leaf, pid, at_exec);

		if (leaf_err) {
			char text[128];

			snprintf(text, sizeof(text), "breakpoints on process %d: %s", pid, strerror(-leaf_err));
			tracer__set_hook(s->tracer, s->opts->exact ? H_LEAF : H_COPY_OTHER, NULL, text);
			leaf__free(s->leaf);
			s->leaf = NULL;
		}
	}
	return err;
}

static int add_child(void *ctx, pid_t pid)
{
	return add_target(ctx, pid, false);
}

static int count_in_flight(void *ctx, const struct zc_record *r)
{
	struct session *s = ctx;

	if (r->flags & ZT_IN_CALL && !is_calibration(s, r))
		s->in_flight++;
	return on_record(s, r);
}

int session__add_target(struct session *s, pid_t pid, bool at_exec)
{
	int err = targets__check_pid(pid);

	if (!err)
		err = add_target(s, pid, at_exec);
	return err || !s->on ? err : tracer__arm(s->tracer);
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

int session__start(struct session *s)
{
	int err = arm(s);

	if (!err)
		err = tracer__sweep(s->tracer, count_in_flight, s);
	s->start_ns = now_ns();
	s->start_unix_ns = clock_ns(CLOCK_REALTIME);
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
		if (woken)
			return err;
		if (s->leaf)
			leaf__check_rate(s->leaf, now_ns(),
					 s->opts->leaf_limit ? s->opts->leaf_limit : LEAF_MAX_HITS_PER_SECOND);
		now = now_ns();
		overhead__step(&s->overhead, s->tracer, now - s->start_ns);
	} while (!err && now < end);
	return err;
}

/* A thread ended and its totals stand in the unattributed sums: what we have in its name stays there. */
static int on_untold(void *ctx, uint64_t uid)
{
	struct session *s = ctx;
	struct zc_record r;

	if (!model__last_record(s->model, uid, &r))
		return 0;
	for (int i = 0; i < M_COUNT; i++)
		s->untold[i] += r.v[i];
	r.flags |= ZT_EXITED;
	return on_record(s, &r);
}

static int set_system(struct session *s, uint32_t source, const uint64_t v[M_COUNT])
{
	if (s->tap.system)
		s->tap.system(s->tap.ctx, source, v);
	return model__set_system(s->model, source, v);
}

static int read_all(struct session *s)
{
	uint64_t system[M_COUNT], unattributed[M_COUNT];
	int err = tracer__sweep(s->tracer, on_record, s);

	if (!err)
		err = tracer__system(s->tracer, system, unattributed, on_untold, s);
	for (int i = 0; i < M_COUNT && !err; i++)
		unattributed[i] -= s->untold[i];
	if (!err)
		err = set_system(s, SYSTEM_LINE, system);
	if (!err)
		err = set_system(s, SYSTEM_UNATTRIBUTED, unattributed);
	return err ? err : model__sum(s->model);
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	return cgroup__path(ctx, id);
}

static void add_leaf(const struct session *s, struct snapshot *ret)
{
	const struct model_process **list;
	int n = model__list(s->model, M_SYSCALLS, &list);

	ret->leaf.valid = s->opts->exact && ret->hook[H_LEAF].by && n >= 0;
	for (int i = 0; i < n; i++) {
		const uint64_t *v = list[i]->v;

		ret->leaf.to_user_bytes += v[M_LEAF_TO_USER];
		ret->leaf.from_user_bytes += v[M_LEAF_FROM_USER];
		ret->leaf.site_to_user_bytes += v[M_TO_USER_FILE] + v[M_TO_USER_SOCKET] + v[M_TO_USER_PIPE];
		ret->leaf.site_from_user_bytes += v[M_FROM_USER_FILE] + v[M_FROM_USER_SOCKET] + v[M_FROM_USER_PIPE];
	}
	if (n >= 0)
		free(list);
}

static void add_cost(const struct session *s, struct snapshot *ret)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%*d %ld", &pages) == 1)
		ret->cost.resident_bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
	if (f)
		fclose(f);
	ret->cost.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ret->cost.records = s->n_records;
	ret->cost.added_ns_per_event = s->added_ns;
}

int session__snapshot(struct session *s, struct snapshot *ret)
{
	int err = read_all(s);

	if (err) {
		fprintf(stderr, "zctrace: cannot read its counters: %s\n", strerror(-err));
		return err;
	}
	*ret = (struct snapshot){
		.kernel = s->uts.release,
		.host = s->uts.nodename,
		.start_unix_ns = s->start_unix_ns,
		.duration_ns = (s->stopped ? s->stop_ns : now_ns()) - s->start_ns,
		.whole_machine = s->whole_machine,
		.calls_in_flight = s->in_flight,
		.model = s->model,
		.cgroup_path = cgroup_path,
		.cgroup_ctx = s->cgroups,
	};
	memcpy(ret->hook, tracer__hooks(s->tracer), sizeof(ret->hook));
	tracer__qualities(s->tracer, ret->quality);
	err = tracer__lost(s->tracer, ret->lost);
	if (ret->lost[L_UNKNOWN_DISK]) /* a disk came while we ran */
		objects__class_disks(tracer__disks_fd(s->tracer));
	add_leaf(s, ret);
	add_cost(s, ret);
	return err;
}

int session__stop(struct session *s)
{
	overhead__end(&s->overhead);
	s->overhead.limit_percent = -1;
	tracer__off(s->tracer);
	s->stop_ns = now_ns();
	s->stopped = true;
	if (s->opts->verbose)
		tracer__tell_misses(s->tracer);
	return tracer__poll(s->tracer);
}

bool session__targets_gone(struct session *s)
{
	if (s->whole_machine || s->opts->comm || s->opts->cgroup)
		return false;
	for (int i = 0; i < s->opts->n_pids; i++)
		if (proc__alive(s->opts->pids[i]))
			return false;
	if (tracer__sweep(s->tracer, on_record, s))
		return false;
	return !tracer__n_live(s->tracer);
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
	targets__free(&s->targets);
	free(s);
}
