// SPDX-License-Identifier: GPL-2.0-only
/* tracer.c - what the rest of the program asks of the kernel: loads and attaches (load.h, attach.h), runs iterators,
 * reads the maps. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "complain.h"
#include "libbpf_words.h"
#include "load.h"
#include "tracer.h"
#include "places.h"
#include "probe.h"
#include "libbpf_words.h"
#include "maps.h"
#include "../../bpf/zctrace.h"
#include "zctrace.skel.h"

struct tracer {
	struct zctrace_bpf *skel;
	const struct opts *opts;
	struct btf *btf;
	bool whole_machine;
	struct attached hooks;
	struct bpf_link *iter_baseline, *iter_sweep;
	struct ring_buffer *ring;
	int wake_fd; /* epoll: the ring woke us, as the programs decide; that it holds something does not count */
	tracer_record_fn on_final;
	void *on_final_ctx;
	int n_cpus;
	int owners_fd;			/* the map that stands in `owners` now */
	uint64_t unattributed[M_COUNT]; /* as last read */
	uint64_t rx_early;		/* as of the last tracer__system */
};

static uint32_t load_acquire(const volatile uint32_t *v)
{
	return __atomic_load_n(v, __ATOMIC_ACQUIRE);
}

static int attach(struct tracer *t)
{
	int saved = 0;

	attach__all(&t->hooks);
	t->iter_baseline = bpf_program__attach_iter(t->skel->progs.baseline, NULL);
	if (!t->iter_baseline)
		saved = errno;
	t->iter_sweep = bpf_program__attach_iter(t->skel->progs.sweep, NULL);
	if (!t->iter_sweep)
		saved = errno;
	if (!t->iter_baseline || !t->iter_sweep || !t->hooks.hook[H_SWITCH].by) {
		if (saved == ENOMEM || saved == EMFILE || saved == ENFILE || saved == EPERM || saved == EACCES)
			return complain(-saved, "attach the hooks that carry everything");
		fprintf(stderr,
			"zctrace: the kernel refused the hooks that carry everything (task iterator, sched_switch); "
			"zctrace needs Linux 6.1 or later with BTF\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int on_ring(void *ctx, void *data, size_t size)
{
	struct tracer *t = ctx;

	return size == sizeof(struct zc_record) ? t->on_final(t->on_final_ctx, data) : 0;
}

static int load(struct tracer *t)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int err;

	t->hooks.btf = t->btf;
	t->hooks.wanted = t->opts->copy;
	err = load__skeleton(&t->skel, &t->hooks, t->opts, t->whole_machine, t->n_cpus);
	if (err)
		return err;
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), on_ring, t, NULL);
	if (!t->ring)
		return complain(-errno, "read its ring buffer");
	t->owners_fd = fcntl(bpf_map__fd(t->skel->maps.first_owners), F_DUPFD_CLOEXEC, 0);
	if (t->owners_fd < 0)
		return complain(-errno, "keep its maps");
	t->wake_fd = epoll_create1(EPOLL_CLOEXEC);
	if (t->wake_fd < 0 || epoll_ctl(t->wake_fd, EPOLL_CTL_ADD, bpf_map__fd(t->skel->maps.ring), &event))
		return complain(-errno, "wait for its ring buffer");
	return 0;
}

int tracer__new(struct tracer **ret, const struct opts *o, bool whole_machine, tracer_record_fn on_final, void *ctx)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return complain(-ENOMEM, "begin");
	t->opts = o;
	t->wake_fd = t->owners_fd = -1;
	t->whole_machine = whole_machine;
	t->on_final = on_final;
	t->on_final_ctx = ctx;
	libbpf_words__listen(o->verbose);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	err = probe__privileges();
	if (err)
		goto out;
	t->n_cpus = libbpf_num_possible_cpus();
	if (t->n_cpus <= 0) {
		err = complain(t->n_cpus, "count the CPUs in /sys/devices/system/cpu/possible");
		goto out;
	}
	t->btf = o->btf ? btf__parse(o->btf, NULL) : btf__load_vmlinux_btf();
	if (!t->btf) {
		err = probe__explain_btf(-errno, o->btf);
		goto out;
	}
	err = load(t);
	if (!err) {
		err = places__find(t->skel->progs.find_reader, t->skel->progs.find_cgroup, o->cgroup);
		if (err)
			err = complain(err, "ask the kernel where it runs");
	}
	if (!err)
		err = attach(t);
out:
	if (err) {
		tracer__free(t);
		return err;
	}
	*ret = t;
	return 0;
}

void tracer__free(struct tracer *t)
{
	if (!t)
		return;
	attach__free(&t->hooks);
	bpf_link__destroy(t->iter_baseline);
	bpf_link__destroy(t->iter_sweep);
	ring_buffer__free(t->ring);
	if (t->wake_fd >= 0)
		close(t->wake_fd);
	if (t->owners_fd >= 0)
		close(t->owners_fd);
	zctrace_bpf__destroy(t->skel);
	btf__free(t->btf);
	free(t);
}

const struct hook_state *tracer__hooks(const struct tracer *t)
{
	return t->hooks.hook;
}

uint32_t tracer__n_live(const struct tracer *t)
{
	return t->skel->bss->sweep_live;
}

bool tracer__all_ended(const struct tracer *t)
{
	return load_acquire(&t->skel->bss->threads_ended) == load_acquire(&t->skel->bss->threads_begun);
}

void tracer__run_ns(const struct tracer *t, uint64_t ret[H_COUNT])
{
	attach__run_ns(&t->hooks, ret);
}

bool tracer__can_detach(const struct tracer *t, enum hook h)
{
	return t->hooks.hook[h].by && attach__can_detach(h);
}

void tracer__detach(struct tracer *t, enum hook h, const char *why)
{
	attach__detach(&t->hooks, h, why);
}

void tracer__set_hook(struct tracer *t, enum hook h, const char *by, const char *error)
{
	attach__set_hook(&t->hooks, h, by, error);
}

const char *tracer__refused(const struct tracer *t, enum hook h)
{
	return t->hooks.refused[h];
}

void tracer__qualities(const struct tracer *t, enum quality q[M_COUNT])
{
	attach__qualities(&t->hooks, q);
	/* of what no site saw it is known only that there is some: it may be any process's */
	for (int m = 0; m < M_COUNT; m++)
		if (q[m] == Q_MEASURED && ((const volatile __u64 *)t->skel->bss->unseen)[m])
			q[m] = Q_INFERRED;
}

struct tracer_leaf_progs tracer__leaf_progs(const struct tracer *t)
{
	const struct zctrace_bpf *s = t->skel;

	return (struct tracer_leaf_progs){
		.to_user = bpf_program__fd(s->progs.bp_to_user),
		.from_user = bpf_program__fd(s->progs.bp_from_user),
		.to_iter = bpf_program__fd(s->progs.bp_to_iter),
		.from_iter = bpf_program__fd(s->progs.bp_from_iter),
		.from_atomic = bpf_program__fd(s->progs.bp_from_atomic),
	};
}

int tracer__disks_fd(const struct tracer *t)
{
	return bpf_map__fd(t->skel->maps.disks);
}

/* Everything below only reads maps: user/tracer/maps.c, which needs no skeleton. */
static struct maps maps_of(const struct tracer *t)
{
	const struct zctrace_bpf *s = t->skel;

	return (struct maps){
		.finals = bpf_map__fd(s->maps.finals),
		.owners = bpf_map__fd(s->maps.owners),
		.current_owners = t->owners_fd,
		.system = bpf_map__fd(s->maps.system_lines),
		.unattributed = bpf_map__fd(s->maps.unattributed),
		.lost = bpf_map__fd(s->maps.lost),
		.targets = bpf_map__fd(s->maps.targets),
		.sync_prog = bpf_program__fd(s->progs.sync_cpu),
		.flush_prog = bpf_program__fd(s->progs.flush_pipes),
		.settle_prog = bpf_program__fd(s->progs.settle_pipes),
		.n_cpus = t->n_cpus,
	};
}

int tracer__add_target(struct tracer *t, struct proc_id id, bool at_exec)
{
	struct maps m = maps_of(t);
	int err = maps__add_target(&m, id.pid, id.start, at_exec);

	if (err != -E2BIG)
		return err;
	err = tracer__baseline(t);
	if (!err)
		err = maps__forget_targets(&m);
	return err ? err : maps__add_target(&m, id.pid, id.start, at_exec);
}

int tracer__baseline(struct tracer *t)
{
	return maps__run_iterator(bpf_link__fd(t->iter_baseline), NULL, NULL);
}

int tracer__arm(struct tracer *t)
{
	struct maps m = maps_of(t);
	int err = tracer__baseline(t);

	return err ? err : maps__sync_cpus(&m);
}

void tracer__on(struct tracer *t)
{
	t->skel->bss->acc_state = ACC_ON;
}

void tracer__off(struct tracer *t)
{
	struct maps m = maps_of(t);

	maps__sync_cpus(&m);
	t->skel->bss->acc_state = ACC_OFF;
	maps__sync_cpus(&m); /* programs that still saw it on have run */
	maps__settle_pipes(&m);
}

int tracer__wake_fd(const struct tracer *t)
{
	return t->wake_fd;
}

void tracer__woken(const struct tracer *t)
{
	struct epoll_event event;

	epoll_wait(t->wake_fd, &event, 1, 0);
}

/* Long before the programs find no room. If there is no memory for it, they say so when they do (L_OWNERS_FULL). */
static int change_owners(struct tracer *t)
{
	struct maps m = maps_of(t);
	uint32_t n = load_acquire(&t->skel->bss->owners_n);
	int fd = maps__change_owners(&m, t->on_final, t->on_final_ctx);

	if (fd < 0)
		return fd == -ENOMEM || fd == -EMFILE ? 0 : fd;
	__atomic_fetch_sub(&t->skel->bss->owners_n, n, __ATOMIC_SEQ_CST);
	close(t->owners_fd);
	t->owners_fd = fd;
	return 0;
}

/* Threads that became ones to trace where no program could begin with them. */
static int take_in_members(struct tracer *t)
{
	if (!t->skel->bss->members_came || t->skel->bss->acc_state != ACC_ON)
		return 0;
	__atomic_store_n(&t->skel->bss->members_came, 0, __ATOMIC_SEQ_CST);
	return tracer__arm(t);
}

int tracer__poll(struct tracer *t)
{
	int n = ring_buffer__consume(t->ring), err = take_in_members(t);
	struct maps m;

	if (n < 0)
		return n;
	if (!err && *(volatile __u32 *)&t->skel->bss->owners_n >= OWNERS_MOST / 2)
		err = change_owners(t);
	if (err || !t->skel->bss->finals_waiting)
		return err;
	t->skel->bss->finals_waiting = 0;
	m = maps_of(t);
	return maps__drain_finals(&m, t->on_final, t->on_final_ctx);
}

int tracer__sweep(struct tracer *t, tracer_record_fn fn, void *ctx)
{
	struct maps m = maps_of(t);
	int err = maps__sync_cpus(&m);

	t->skel->bss->sweep_live = 0;
	if (!err)
		err = maps__run_iterator(bpf_link__fd(t->iter_sweep), fn, ctx);
	if (!err)
		err = tracer__poll(t);
	m = maps_of(t); /* the owners' map may have been changed */
	if (!err && t->skel->bss->pipes_used)
		err = maps__flush_pipes(&m);
	return err ? err : maps__read_owners(&m, fn, ctx);
}

/* The sums and how many uids belong to them: read between two threads that add to both. */
static int read_unattributed(struct tracer *t, const struct maps *m, uint64_t v[M_COUNT], uint32_t *ret_n)
{
	enum { TRIES = 1000 };
	uint64_t none;
	int err;

	for (int i = 0; i < TRIES; i++) {
		uint32_t done = load_acquire(&t->skel->bss->untold_done);

		if (load_acquire(&t->skel->bss->untold_begun) != done)
			continue;
		err = maps__read_lines(m->unattributed, m->n_cpus, v, &none);
		*ret_n = load_acquire(&t->skel->bss->untold_n);
		if (err || load_acquire(&t->skel->bss->untold_begun) == done)
			return err;
	}
	memcpy(v, t->unattributed, sizeof(t->unattributed)); /* as of last time: threads end faster than we read */
	*ret_n = t->skel->bss->untold_read;
	return 0;
}

int tracer__system(struct tracer *t, uint64_t system[M_COUNT], uint64_t unattributed[M_COUNT],
		   int (*on_untold)(void *ctx, uint64_t uid), void *ctx)
{
	struct maps m = maps_of(t);
	uint32_t n = 0;
	int err = maps__read_lines(m.system, m.n_cpus, system, &t->rx_early);

	if (!err)
		err = read_unattributed(t, &m, unattributed, &n);
	while (!err && t->skel->bss->untold_read != n) {
		err = on_untold(ctx, t->skel->bss->untold[t->skel->bss->untold_read % UNTOLD_MOST]);
		__atomic_store_n(&t->skel->bss->untold_read, t->skel->bss->untold_read + 1, __ATOMIC_RELEASE);
	}
	memcpy(t->unattributed, unattributed, sizeof(t->unattributed));
	return err;
}

int tracer__lost(struct tracer *t, uint64_t lost[L_COUNT])
{
	struct maps m = maps_of(t);
	struct bpf_program *p;
	int err = maps__read_lost(&m, lost);

	lost[L_RX_EARLY] += t->rx_early;
	bpf_object__for_each_program(p, t->skel->obj) lost[L_RECURSION] += maps__misses(bpf_program__fd(p));
	return err;
}

void tracer__tell_misses(const struct tracer *t)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, t->skel->obj)
		maps__tell_misses(bpf_program__fd(p), bpf_program__name(p), bpf_program__section_name(p));
}
