/* SPDX-License-Identifier: GPL-2.0-only */
/* play_fixture.h - made-up threads and snapshots to be recorded and played; for test_play*.c. */
#ifndef ZCTRACE_PLAY_FIXTURE_H
#define ZCTRACE_PLAY_FIXTURE_H

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "play.h"
#include "record.h"
#include "recording.h"
#include "views.h"

#define N_TICKS 7
#define MAX_ENDED 3

static inline const char *path_of(void *ctx, uint64_t id)
{
	(void)ctx;
	return id == 11 ? "/system.slice/a\033b.service" : id == 13 ? "/" : NULL;
}

static inline void fill_snapshot(struct snapshot *s, struct model *m, uint32_t tick)
{
	*s = (struct snapshot){
		.kernel = "6.1.0-test",
		.host = "web\n7",
		.start_unix_ns = 1700000000123456789,
		.duration_ns = (tick + 1) * 1000000007ULL,
		.whole_machine = true,
		.calls_in_flight = 31,
		.leaf = {true, 101, 103, 107, 109},
		.command = {true, 4243, tick == N_TICKS - 1, 0x200},
		.cost = {tick * 1009, 1013, 1019},
		.model = m,
		.cgroup_path = path_of,
	};
	for (enum hook h = 0; h < H_COUNT; h++)
		s->hook[h] =
			h % 5 == 3 ? (struct hook_state){NULL, "no such probe"} : (struct hook_state){"fexit", NULL};
	if (tick > 2)
		s->hook[1].by = "hardware breakpoint";
	for (enum metric i = 0; i < M_COUNT; i++)
		s->quality[i] = i % 7 == 2 ? Q_NONE : i % 7 == 3 ? Q_INFERRED : Q_MEASURED;
	for (enum loss l = 0; l < L_COUNT; l++)
		s->lost[l] = tick * l;
}

/* Thread `i` as it is at a tick: some never change, some end, one runs backwards, one changes its name. */
static inline struct zc_record record_at(uint32_t i, uint32_t tick)
{
	struct zc_record r = {
		.uid = 1000 + i,
		.start_ns = 5000 + i,
		.process = {.tgid = 10 + i / 2, .start_ns = 77},
		.tid = 20 + i,
		.ppid = 1,
		.flags = i % 2 ? 0 : ZT_LEADER,
		.cgroup = i % 3 == 0   ? 11
			  : i % 3 == 1 ? 13
				       : 17,
	};

	snprintf(r.comm, sizeof(r.comm), "t%u", i);
	snprintf(r.leader_comm, sizeof(r.leader_comm), tick > 3 && i == 4 ? "exec\033ed" : "p%u", i / 2);
	for (int m = 0; m < M_COUNT; m++)
		r.v[m] = i % 4 == 1 ? 7 : i * 1000003ULL + (i == 6 ? N_TICKS - tick : tick) * (unsigned int)m;
	if (i % 5 == 2 && tick == 3)
		r.flags |= ZT_EXITED;
	if (i == 8) {
		r.flags = ZT_OWNER;
		r.uid = 0;
	}
	if (i == 9)
		r.flags = ZT_UNATTRIBUTED;
	return r;
}

static inline char *json_of(const struct snapshot *s)
{
	struct view_opts o = {.sort = M_COUNT, .threads = true};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(view_json(f, s, &o), 0);
	fclose(f);
	return text;
}

static inline int fd_of(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("played", 0);

	assert_int_equal(write(fd, bytes, len), len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

#endif
