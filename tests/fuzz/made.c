/* SPDX-License-Identifier: GPL-2.0-only */
/* made.c - snapshots that no kernel would give, and some that it would. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

const char *const fuzz_kinds[FUZZ_KINDS] = {
	[FUZZ_ZERO] = "zero",
	[FUZZ_ONE] = "one",
	[FUZZ_FEW] = "few",
	[FUZZ_MAXIMAL] = "maximal",
	[FUZZ_EDGES] = "edges",
	[FUZZ_ORDINARY] = "ordinary",
	[FUZZ_CONTRADICT] = "contradict",
	[FUZZ_CROWD] = "crowd",
};

static const char *const hostile[] = {
	"",
	"\x1b[31mred\x1b[2J",
	"two\nlines\r",
	"\xe2\x80\xaesdrawkcab",
	"日本語の名前日本語の名前",
	"😀😁😂",
	"\xff\xfe\x80\xff\xfe\x80\xff\xfe\x80\xff\xfe\x80\xff\xfe\x80\xff",
	"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\",
	"<script>&\"'</script>",
	"a\"} 1\nforged{x=\"",
	"ended",
	"system",
	"%s%n%99999d",
	"]]>--><!--",
	"\x7f\xc2\x9b\xc2\x85",
	"\xef\xbf\xbf\xef\xbf\xbe",
	"                ",
	"->",
	"nginx",
};

uint64_t dice__roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t dice__below(struct dice *d, uint32_t n)
{
	return (uint32_t)((dice__roll(d) >> 32) * n >> 32);
}

bool dice__one_in(struct dice *d, uint32_t n)
{
	return dice__below(d, n) == 0;
}

static uint64_t edge(struct dice *d)
{
	static const uint64_t edges[] = {0,
					 1,
					 2,
					 3,
					 99,
					 100,
					 999,
					 1000,
					 1023,
					 1024,
					 4096,
					 1ULL << 20,
					 1ULL << 32,
					 1ULL << 53,
					 999999999999999,
					 1000000000000000,
					 1ULL << 62,
					 1ULL << 63,
					 UINT64_MAX / 4096,
					 UINT64_MAX / 2,
					 UINT64_MAX / 3,
					 UINT64_MAX};

	return edges[dice__below(d, sizeof(edges) / sizeof(edges[0]))] - dice__below(d, 2) + dice__below(d, 2);
}

static uint64_t any_size(struct dice *d)
{
	return dice__one_in(d, 4) ? 0 : dice__roll(d) >> dice__below(d, 64);
}

/* Half of the time of any bytes, cut off where it may be in the middle of a character. */
static void hostile_text(struct dice *d, char *text, size_t len)
{
	const char *from = hostile[dice__below(d, sizeof(hostile) / sizeof(hostile[0]))];
	size_t n = strlen(from), wanted = dice__below(d, dice__one_in(d, 8) ? (uint32_t)len : 24);

	memset(text, 0, len);
	for (size_t i = 0; i < wanted && i < len - 1; i++)
		text[i] = n && dice__below(d, 8) ? from[i % n] : (char)(1 + dice__below(d, 255));
	if (dice__below(d, 2))
		snprintf(text, len, "%s", from);
}

static void figures_one(struct made *m, uint64_t v[M_COUNT])
{
	static const uint64_t sizes[] = {1, 2, 3, UINT64_MAX};
	uint64_t n = m->number;

	v[n % M_COUNT] = sizes[n / M_COUNT % 4];
	if (n / M_COUNT / 4 % 2)
		v[M_PAYLOAD_IN] = sizes[n / M_COUNT % 4];
	if (n / M_COUNT / 8 % 2)
		v[M_PAYLOAD_OUT] = 1;
}

static void figures_contradict(struct dice *d, uint64_t v[M_COUNT])
{
	for (int i = 0; i < M_COUNT; i++)
		v[i] = any_size(d) >> 20;
	v[M_CACHE_READAHEAD_USED] = 2 * v[M_CACHE_READAHEAD] + 1;
	v[M_ZC_SPLICE] = dice__below(d, 2) ? 1 : v[M_PAYLOAD_IN] + v[M_PAYLOAD_IN] / 2;
	v[M_ZC_DIRECT_READ] = v[M_DMA_DISK_READ] + 7;
	v[M_KERN_TO_FILE] = v[M_ZC_SENDFILE] + 1;
	if (dice__below(d, 2))
		v[M_PAYLOAD_IN] = v[M_PAYLOAD_OUT] = 0;
	if (dice__below(d, 2))
		v[M_SYSCALLS] = v[M_USER_FAULTS] = v[M_USER_IRQS] = 0;
	v[M_MAPPED_FILE_FAULT] = dice__below(d, 2) ? UINT64_MAX / 4096 + 3 : v[M_MAPPED_FILE_FAULT];
}

static void figures(struct made *m, uint64_t v[M_COUNT])
{
	struct dice *d = &m->dice;

	memset(v, 0, M_COUNT * sizeof(v[0]));
	for (int i = 0; i < M_COUNT; i++)
		switch (m->kind) {
		case FUZZ_FEW:
			v[i] = dice__below(d, 4);
			break;
		case FUZZ_MAXIMAL:
			v[i] = UINT64_MAX;
			break;
		case FUZZ_EDGES:
			v[i] = edge(d);
			break;
		case FUZZ_ORDINARY:
			v[i] = any_size(d) >> dice__below(d, 40);
			break;
		case FUZZ_CROWD:
			v[i] = any_size(d) >> 40;
			break;
		default:
			break;
		}
	if (m->kind == FUZZ_ONE)
		figures_one(m, v);
	else if (m->kind == FUZZ_CONTRADICT)
		figures_contradict(d, v);
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	struct made *m = ctx;

	return id % 3 == 0 ? NULL : id % 3 == 1 ? m->text[2] : "/system.slice/\xff\"nginx\\.service";
}

/* Any text or none; of hooks what the program says most of the time. */
static const char *some_text(struct made *m, int which)
{
	if (dice__one_in(&m->dice, 4))
		return NULL;
	hostile_text(&m->dice, m->text[which], dice__one_in(&m->dice, 4) ? FUZZ_TEXT : 80);
	return m->text[which];
}

static void hooks_turn(struct made *m)
{
	static const char *const by[] = {"fexit", "kretprobe", "tp_btf", "hardware breakpoint", "inferred"};
	bool honest = dice__below(&m->dice, 4), mixed = dice__below(&m->dice, 2);
	uint32_t one = dice__below(&m->dice, 5);

	for (enum hook h = 0; h < H_COUNT; h++) {
		uint32_t which = mixed ? dice__below(&m->dice, 6) : one;

		m->s.hook[h].by = !honest ? some_text(m, 3 + 2 * (int)h) : which < 5 ? by[which] : NULL;
		m->s.hook[h].error = dice__one_in(&m->dice, 4) ? some_text(m, 4 + 2 * (int)h) : NULL;
	}
	for (enum metric i = 0; i < M_COUNT; i++) {
		const char *served = m->s.hook[metrics[i].hook].by;

		m->s.quality[i] = !served ? Q_NONE : strcmp(served, "inferred") ? Q_MEASURED : Q_INFERRED;
		if (!honest)
			m->s.quality[i] = (enum quality)dice__below(&m->dice, 3);
	}
}

static uint64_t some_time(struct dice *d)
{
	return dice__below(d, 2) ? edge(d) : dice__roll(d) >> (20 + dice__below(d, 30));
}

/* All that is neither a hook nor a process. */
static void facts(struct made *m)
{
	struct dice *d = &m->dice;
	struct snapshot *s = &m->s;
	bool small = m->kind == FUZZ_ZERO || dice__below(d, 2);

	s->host = some_text(m, 0);
	s->kernel = some_text(m, 1);
	hostile_text(d, m->text[2], FUZZ_TEXT);
	s->start_unix_ns = some_time(d);
	s->whole_machine = dice__below(d, 2);
	s->calls_in_flight = (uint32_t)(small ? 0 : edge(d));
	for (enum loss l = 0; l < L_COUNT; l++)
		s->lost[l] = small || dice__below(d, 3) ? 0 : edge(d);
	s->leaf = (struct snapshot_leaf){dice__one_in(d, 4), edge(d), edge(d), edge(d), edge(d)};
	s->command = (struct snapshot_command){dice__one_in(d, 3), (int)dice__roll(d), dice__below(d, 2),
					       (int)(dice__roll(d) >> dice__below(d, 56))};
	s->cost = (struct snapshot_cost){some_time(d), edge(d), edge(d), dice__below(d, 2) ? 0 : edge(d)};
	m->opts = (struct view_opts){
		.sort = (enum metric)dice__below(d, M_COUNT + 1),
		.limit = (int[]){0, 1, 2, 20, INT_MAX}[dice__below(d, 5)],
		.threads = dice__below(d, 2),
		.verbose = dice__below(d, 2),
	};
}

static uint32_t some_flags(struct dice *d)
{
	static const uint32_t flags[] = {ZT_EXITED, ZT_EXEC_SUID, ZT_LEAF_OFF, ZT_KTHREAD, ZT_OWNER, ZT_UNATTRIBUTED};
	uint32_t ret = ZT_TRACED | (dice__below(d, 3) ? 0 : ZT_EXITED);

	if (dice__one_in(d, 5))
		ret |= flags[dice__below(d, 6)];
	return ret;
}

static void add(struct made *m, uint32_t process, uint32_t thread)
{
	struct dice name = {(uint64_t)m->number << 8 ^ process};
	struct zc_record r = {
		.uid = 1 + process * 1000ULL + thread,
		.process = {.tgid = process ? process : (uint32_t)edge(&name), .start_ns = process},
		.tid = process + thread,
		.ppid = dice__below(&name, 8),
		.cgroup = dice__below(&name, 5),
		.flags = some_flags(&m->dice),
	};
	uint64_t v[M_COUNT];

	hostile_text(&name, r.leader_comm, ZC_COMM_LEN);
	memcpy(r.comm, r.leader_comm, ZC_COMM_LEN);
	if (thread || dice__one_in(&m->dice, 10))
		hostile_text(&m->dice, r.comm, ZC_COMM_LEN);
	if (dice__one_in(&m->dice, 8)) /* no NUL at its end */
		memset(r.comm, '\xf0', ZC_COMM_LEN);
	figures(m, v);
	for (int i = 0; i < M_COUNT; i++)
		r.v[i] = v[i];
	if (model__add(m->s.model, &r))
		abort();
}

void made__begin(struct made *m, enum fuzz_kind kind, uint64_t number)
{
	static const uint32_t few[] = {0, 1, 1, 2, 3, 4, 7, 30};
	uint32_t max_ended;

	*m = (struct made){.kind = kind, .number = number, .dice = {number * FUZZ_KINDS + kind}};
	max_ended = dice__below(&m->dice, kind == FUZZ_CROWD ? 40 : 4);
	m->s.model = model__new(max_ended);
	if (!m->s.model)
		abort();
	m->n_processes = kind == FUZZ_CROWD ? 50 + dice__below(&m->dice, 150) : few[dice__below(&m->dice, 8)];
	m->n_threads = kind == FUZZ_CROWD ? 3 : 1 + dice__below(&m->dice, 3);
	if (kind == FUZZ_CROWD && dice__one_in(&m->dice, 4)) { /* one of many threads */
		m->n_processes = 1 + dice__below(&m->dice, 3);
		m->n_threads = 200;
	}
	m->s.cgroup_path = cgroup_path;
	m->s.cgroup_ctx = m;
}

void made__next(struct made *m)
{
	uint64_t v[M_COUNT];

	facts(m);
	/* a recording was damaged, a clock was set: it may not even go forward */
	m->s.duration_ns = dice__one_in(&m->dice, 3) ? some_time(&m->dice) : m->s.duration_ns + 1000000007;
	if (m->counted++ == 0 || dice__one_in(&m->dice, 3))
		hooks_turn(m);
	for (uint32_t p = 0; p < m->n_processes; p++)
		for (uint32_t t = 0; t < m->n_threads; t++)
			if (m->counted == 1 || dice__below(&m->dice, 2))
				add(m, (uint32_t)m->counted / 2 * 8 + p, t);
	figures(m, v);
	if (dice__below(&m->dice, 2) && model__set_system(m->s.model, dice__below(&m->dice, 3), v))
		abort();
	if (model__sum(m->s.model))
		abort();
}

void made__end(struct made *m)
{
	model__free(m->s.model);
}
