// SPDX-License-Identifier: GPL-2.0-only
/* maps.c - reads the BPF maps by file descriptor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/types.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../bpf/zctrace.h"
#include "maps.h"

int maps__add_target(const struct maps *m, pid_t tgid, uint64_t start_ticks, bool at_exec)
{
	struct zc_target value = {.start_ticks = start_ticks, .at_exec = at_exec};
	__u32 key = tgid;

	return bpf_map_update_elem(m->targets, &key, &value, BPF_ANY) ? -errno : 0;
}

int maps__forget_targets(const struct maps *m)
{
	__u32 key;

	while (!bpf_map_get_next_key(m->targets, NULL, &key))
		if (bpf_map_delete_elem(m->targets, &key))
			return -errno;
	return errno == ENOENT ? 0 : -errno;
}

int maps__sync_cpus(const struct maps *m)
{
	for (int cpu = 0; cpu < m->n_cpus; cpu++) {
		LIBBPF_OPTS(bpf_test_run_opts, o, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);

		if (bpf_prog_test_run_opts(m->sync_prog, &o) && errno != ENXIO) /* ENXIO: that CPU is offline */
			return -errno;
	}
	return 0;
}

int maps__run(int prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, o);

	return bpf_prog_test_run_opts(prog, &o) ? -errno : 0;
}

int maps__flush_pipes(const struct maps *m)
{
	return maps__run(m->flush_prog);
}

int maps__settle_pipes(const struct maps *m)
{
	return maps__run(m->settle_prog);
}

int maps__run_iterator(int link_fd, maps_record_fn fn, void *ctx)
{
	enum { BATCH = 64 };
	struct zc_record *buf = malloc(BATCH * sizeof(*buf));
	size_t have = 0;
	int fd, err = 0;
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	fd = bpf_iter_create(link_fd);
	if (fd < 0) {
		free(buf);
		return -errno;
	}
	while (!err && (n = read(fd, (char *)buf + have, BATCH * sizeof(*buf) - have)) != 0) {
		size_t whole;

		if (n < 0) {
			err = errno == EINTR || errno == EAGAIN ? 0 : -errno;
			continue;
		}
		have += n;
		whole = have / sizeof(*buf);
		for (size_t i = 0; i < whole && fn && !err; i++)
			err = fn(ctx, &buf[i]);
		have -= whole * sizeof(*buf);
		memmove(buf, buf + whole, have);
	}
	close(fd);
	free(buf);
	return err;
}

int maps__drain_finals(const struct maps *m, maps_record_fn fn, void *ctx)
{
	struct zc_record r;
	__u64 key;

	while (!bpf_map_get_next_key(m->finals, NULL, &key)) {
		int err = bpf_map_lookup_elem(m->finals, &key, &r) ? 0 : fn(ctx, &r);

		if (err)
			return err;
		bpf_map_delete_elem(m->finals, &key);
	}
	return 0;
}

static int read_owners(int fd, uint32_t flags, maps_record_fn fn, void *ctx)
{
	struct zc_owner key, *prev = NULL;
	struct zc_record r;

	while (!bpf_map_get_next_key(fd, prev, &key)) {
		int err = 0;

		if (!bpf_map_lookup_elem(fd, &key, &r) && r.uid) { /* else nothing has been added to it yet */
			r.process = key; /* the record was made from a per-CPU blank, which an interrupt may have used
					    at once */
			r.flags |= flags;
			err = fn(ctx, &r);
		}
		if (err)
			return err;
		prev = &key;
	}
	return errno == ENOENT ? 0 : -errno;
}

int maps__read_owners(const struct maps *m, maps_record_fn fn, void *ctx)
{
	return read_owners(m->current_owners, 0, fn, ctx);
}

int maps__change_owners(const struct maps *m, maps_record_fn fn, void *ctx)
{
	LIBBPF_OPTS(bpf_map_create_opts, o, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "owners", sizeof(struct zc_owner), sizeof(struct zc_record),
				OWNERS_MOST, &o);
	__u32 zero = 0;
	int err;

	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(m->owners, &zero, &fd, BPF_ANY)) {
		err = -errno;
		close(fd);
		return err;
	}
	err = read_owners(m->current_owners, ZT_EXITED, fn, ctx);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int maps__read_lines(int fd, int n_cpus, uint64_t v[M_COUNT], uint64_t *rx_early)
{
	__u64 claimed = 0;
	struct system_line l;

	memset(v, 0, M_COUNT * sizeof(*v));
	for (__u32 cpu = 0; cpu < (__u32)n_cpus; cpu++) {
		if (bpf_map_lookup_elem(fd, &cpu, &l))
			return -errno;
		for (int i = 0; i < M_COUNT; i++)
			v[i] += l.v[i];
		claimed += l.rx_claimed;
	}
	/* payload that a process has read is that process's; what arrived before counting began may be read after */
	*rx_early = claimed > v[M_DMA_NET_RX] ? claimed - v[M_DMA_NET_RX] : 0;
	v[M_DMA_NET_RX] = *rx_early ? 0 : v[M_DMA_NET_RX] - claimed;
	return 0;
}

int maps__read_lost(const struct maps *m, uint64_t lost[L_COUNT])
{
	memset(lost, 0, L_COUNT * sizeof(*lost));
	for (__u32 i = 0; i < L_COUNT; i++) {
		__u64 v;

		if (bpf_map_lookup_elem(m->lost, &i, &v))
			return -errno;
		lost[i] = v;
	}
	return 0;
}

uint64_t maps__misses(int prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (prog < 0 || bpf_obj_get_info_by_fd(prog, &info, &len))
		return 0;
	return info.recursion_misses;
}

void maps__tell_misses(int prog, const char *name, const char *where)
{
	uint64_t n = maps__misses(prog);

	if (n)
		fprintf(stderr, "zctrace: %llu events were kept from %s (%s), which was interrupted by its own hook\n",
			(unsigned long long)n, name, where);
}
