// SPDX-License-Identifier: GPL-2.0-only
/* session_read.c - the figures of a trace: from the programs' records to the model, from the model to a snapshot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "objects.h"
#include "session_parts.h"

#define SYSTEM_LINE 0
#define SYSTEM_UNATTRIBUTED 1

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
	const char *path = r->cgroup ? cgroup__path(s->cgroups, r->cgroup) : NULL; /* while it has one */

	if (s->tap.record)
		s->tap.record(s->tap.ctx, r, path);
	return model__add(s->model, r);
}

int session__on_record(void *ctx, const struct zc_record *r)
{
	struct session *s = ctx;
	struct zc_record copy;

	if (is_calibration(s, r))
		return 0;
	s->n_records++;
	s->n_ended += !!(r->flags & ZT_EXITED);
	if (!s->leaf || !leaf__given_up(s->leaf, r->process.tgid))
		return add_record(s, r);
	copy = *r;
	copy.flags |= ZT_LEAF_OFF;
	return add_record(s, &copy);
}

int session__on_first_record(void *ctx, const struct zc_record *r)
{
	struct session *s = ctx;

	if (r->flags & ZT_IN_CALL && !is_calibration(s, r))
		s->in_flight++;
	return session__on_record(s, r);
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
	return session__on_record(s, &r);
}

static int set_system(struct session *s, uint32_t source, const uint64_t v[M_COUNT])
{
	if (s->tap.system)
		s->tap.system(s->tap.ctx, source, v);
	return model__set_system(s->model, source, v);
}

/* Paths are remembered for as long as somebody may be shown who lives or lived there. */
static int forget_cgroups(struct session *s)
{
	const struct model_process **list;
	int n;

	if (!cgroup__crowded(s->cgroups))
		return 0;
	n = model__list(s->model, M_SYSCALLS, &list);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		cgroup__keep(s->cgroups, list[i]->cgroup);
	free(list);
	cgroup__forget(s->cgroups);
	return 0;
}

static int read_all(struct session *s)
{
	uint64_t system[M_COUNT], unattributed[M_COUNT];
	int err = tracer__sweep(s->tracer, session__on_record, s);

	if (!err)
		err = tracer__system(s->tracer, system, unattributed, on_untold, s);
	for (int i = 0; i < M_COUNT && !err; i++)
		unattributed[i] -= s->untold[i];
	if (!err)
		err = set_system(s, SYSTEM_LINE, system);
	if (!err)
		err = set_system(s, SYSTEM_UNATTRIBUTED, unattributed);
	if (!err)
		err = tracer__lost(s->tracer, s->lost);
	if (!err)
		err = session__end_missing(s);
	if (!err)
		err = model__sum(s->model);
	if (!err)
		err = forget_cgroups(s);
	if (err)
		err = complain(err, "read its counters");
	s->n_ended = 0;
	return err;
}

/*
 * Living threads are read first, as for a snapshot: of a process whose first thread to be heard of has ended, others
 * may live.
 */
int session__fold(struct session *s)
{
	int err;

	if (s->n_ended < SESSION_SUM_AFTER)
		return 0;
	err = read_all(s);
	if (!err && s->tap.sum)
		s->tap.sum(s->tap.ctx);
	return err;
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	return cgroup__path(ctx, id);
}

static void add_leaf(const struct session *s, struct snapshot *ret)
{
	const struct model_process **list;
	int n;

	if (!s->opts->exact)
		return;
	n = model__list(s->model, M_SYSCALLS, &list);
	ret->leaf.valid = ret->hook[H_LEAF].by && n >= 0;
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
	ret->cost.cpu_ns = session__clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	ret->cost.records = s->n_records;
	ret->cost.added_ns_per_event = s->added_ns;
}

int session__snapshot(struct session *s, struct snapshot *ret)
{
	int err = read_all(s);

	if (err)
		return err;
	*ret = (struct snapshot){
		.kernel = s->uts.release,
		.host = s->uts.nodename,
		.start_unix_ns = s->start_unix_ns,
		.duration_ns = (s->stopped ? s->stop_ns : session__clock_ns(CLOCK_MONOTONIC)) - s->start_ns,
		.whole_machine = s->whole_machine,
		.calls_in_flight = s->in_flight,
		.model = s->model,
		.cgroup_path = cgroup_path,
		.cgroup_ctx = s->cgroups,
	};
	memcpy(ret->hook, tracer__hooks(s->tracer), sizeof(ret->hook));
	tracer__qualities(s->tracer, ret->quality);
	memcpy(ret->lost, s->lost, sizeof(ret->lost));
	if (ret->lost[L_UNKNOWN_DISK]) /* a disk came while we ran */
		objects__class_disks(tracer__disks_fd(s->tracer));
	add_leaf(s, ret);
	add_cost(s, ret);
	return 0;
}
