// SPDX-License-Identifier: GPL-2.0-only
/*
 * record.c - writes a recording.
 *
 * A record is told as what changed since the last one of the same thread. Records have slots for that; a sweep of the
 * kernel's threads visits them in much the same order each time, so "the next slot, unchanged" is one byte that
 * deflates to almost none. A thread that ended leaves its slot. When all slots are taken the next in turn is given
 * away, which costs bytes but loses nothing: whatever has no slot is written whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record.h"
#include "record_slots.h"
#include "recording.h"

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

#ifndef ZCTRACE_VERSION
#define ZCTRACE_VERSION "1.0-dev"
#endif

#define PART_BYTES (1U << 20) /* a tick that is longer is written in parts */
#define SOURCES 2

struct known_cgroup {
	uint64_t id;
	bool path; /* it had one when it was told */
	UT_hash_handle hh;
};

struct record {
	int fd;
	struct frame_writer writer;
	struct bytes part; /* operations that are not written yet */
	uint64_t start_ns;
	int err;
	struct record_slots slots;
	uint32_t next;		   /* the slot that would be no surprise */
	struct zc_record identity; /* the last that was written */
	struct known_cgroup *cgroups;
	uint32_t n_told; /* of their paths, since it began anew */
	uint64_t system[SOURCES][M_COUNT];
	uint64_t lost[L_COUNT];
	struct bytes rare; /* what seldom changes of a snapshot, as it was last written */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void fail(struct record *r, int err)
{
	if (!r->err)
		r->err = err;
}

static void write_frame(struct record *r, enum frame_type type, uint64_t time_ns)
{
	int err = r->err ? 0 : frame_writer__write(&r->writer, type, time_ns, &r->part);

	if (err)
		fail(r, err);
	r->part.len = 0;
}

static void put_header(struct bytes *b, uint32_t max_ended)
{
	put_text(b, ZCTRACE_VERSION);
	put_number(b, max_ended);
	put_number(b, M_COUNT);
	for (enum metric m = 0; m < M_COUNT; m++)
		put_text(b, metrics[m].name);
	put_number(b, H_COUNT);
	for (enum hook h = 0; h < H_COUNT; h++)
		put_text(b, hooks[h].name);
	put_number(b, L_COUNT);
	for (enum loss l = 0; l < L_COUNT; l++)
		put_text(b, losses[l].name);
}

int record__into(struct record *r, int fd, bool cut)
{
	int err = frame_writer__into(&r->writer, fd, cut);

	r->fd = fd;
	if (err)
		fail(r, err);
	return r->err;
}

int record__new(struct record **ret, int fd, uint32_t max_ended)
{
	struct record *r = *ret = calloc(1, sizeof(*r));
	int err;

	if (!r) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	r->fd = fd;
	r->start_ns = now_ns();
	r->err = frame_writer__begin(&r->writer, -1);
	put_header(&r->part, max_ended);
	write_frame(r, FRAME_HEADER, 0);
	err = r->err || fd < 0 ? r->err : record__into(r, fd, true);
	if (err) {
		record__close(r, false);
		*ret = NULL;
	}
	return err;
}

static void put_operation(struct bytes *b, enum operation op, uint64_t number)
{
	put_number(b, number << OP_BITS | op);
}

/* From here on each is told again when it comes; the reader forgets at the same place. */
static void forget_cgroups(struct record *r)
{
	struct known_cgroup *known, *next;

	HASH_ITER (hh, r->cgroups, known, next) {
		HASH_DEL(r->cgroups, known);
		free(known);
	}
	r->n_told = 0;
}

/* NULL when out of memory. */
static struct known_cgroup *known_add(struct record *r, uint64_t id)
{
	struct known_cgroup *known = calloc(1, sizeof(*known));
	bool oom = false;

	if (!known)
		return NULL;
	known->id = id;
	HASH_ADD(hh, r->cgroups, id, sizeof(known->id), known);
	if (!oom)
		return known;
	free(known);
	return NULL;
}

static void learn_cgroup(struct record *r, uint64_t id, const char *path)
{
	struct known_cgroup *known;

	HASH_FIND(hh, r->cgroups, &id, sizeof(id), known);
	if (known && (known->path || !path))
		return;
	if (r->n_told == RECORDING_CGROUPS_MAX) {
		forget_cgroups(r);
		known = NULL;
	}
	if (!known)
		known = known_add(r, id);
	if (!known) {
		fail(r, -ENOMEM);
		return;
	}
	known->path = path != NULL;
	r->n_told++;
	put_operation(&r->part, OP_CGROUP, 0);
	put_number(&r->part, id);
	put_text(&r->part, path);
}

static bool same_identity(const struct zc_record *a, const struct zc_record *b)
{
	return a->uid == b->uid && a->start_ns == b->start_ns && a->process.tgid == b->process.tgid &&
	       a->process.start_ns == b->process.start_ns && a->tid == b->tid && a->ppid == b->ppid &&
	       a->flags == b->flags && a->cgroup == b->cgroup && !memcmp(a->comm, b->comm, ZC_COMM_LEN) &&
	       !memcmp(a->leader_comm, b->leader_comm, ZC_COMM_LEN);
}

/* Against the identity before, whoever's it was: what is born at one time is alike. */
static void put_identity(struct record *r, const struct zc_record *record)
{
	struct bytes *b = &r->part;
	const struct zc_record *before = &r->identity;
	bool same_name = !memcmp(record->comm, record->leader_comm, ZC_COMM_LEN);

	put_signed(b, (int64_t)(record->uid - before->uid));
	put_signed(b, (int64_t)(record->process.start_ns - before->process.start_ns));
	put_signed(b, (int64_t)record->process.tgid - before->process.tgid);
	put_signed(b, (int64_t)(record->start_ns - record->process.start_ns));
	put_signed(b, (int64_t)record->tid - record->process.tgid);
	put_signed(b, (int64_t)record->ppid - before->ppid);
	put_number(b, record->flags);
	put_signed(b, (int64_t)(record->cgroup - before->cgroup));
	put_raw(b, record->comm, ZC_COMM_LEN);
	put_byte(b, !same_name);
	if (!same_name)
		put_raw(b, record->leader_comm, ZC_COMM_LEN);
	r->identity = *record;
}

static void copy_values(uint64_t ret[M_COUNT], const struct zc_record *record)
{
	for (int i = 0; i < M_COUNT; i++)
		ret[i] = record->v[i];
}

static void put_record(struct record *r, const struct record_slot *slot, bool is_new, const struct zc_record *record)
{
	uint64_t now[M_COUNT], last[M_COUNT];
	int64_t surprise = (int64_t)slot->number - r->next;
	enum operation op = OP_NEW;

	copy_values(now, record);
	copy_values(last, &slot->last);
	if (!is_new && !same_identity(record, &slot->last))
		op = OP_CHANGED;
	else if (!is_new)
		op = memcmp(now, last, sizeof(now)) ? OP_VALUES : OP_SAME;
	put_operation(&r->part, op, ((uint64_t)surprise << 1) ^ (surprise < 0 ? UINT64_MAX : 0));
	if (op == OP_NEW || op == OP_CHANGED)
		put_identity(r, record);
	if (op != OP_SAME)
		put_changes(&r->part, now, last, M_COUNT);
	r->next = slot->number + 1;
}

void record__add(struct record *r, const struct zc_record *record, const char *cgroup_path)
{
	struct record_slot *slot = record_slots__find(&r->slots, record);
	bool is_new = !slot;

	if (r->err)
		return;
	learn_cgroup(r, record->cgroup, cgroup_path);
	if (is_new)
		slot = record_slots__take(&r->slots, record);
	if (!slot) {
		fail(r, -ENOMEM);
		return;
	}
	put_record(r, slot, is_new, record);
	slot->last = *record;
	if (record->flags & ZT_EXITED)
		record_slots__leave(&r->slots, slot);
	if (r->part.len >= PART_BYTES)
		write_frame(r, FRAME_PART, now_ns() - r->start_ns);
}

void record__set_system(struct record *r, uint32_t source, const uint64_t v[M_COUNT])
{
	if (r->err || source >= SOURCES)
		return;
	put_operation(&r->part, OP_SYSTEM, source);
	put_changes(&r->part, v, r->system[source], M_COUNT);
	memcpy(r->system[source], v, sizeof(r->system[source]));
}

void record__sum(struct record *r)
{
	if (!r->err)
		put_operation(&r->part, OP_SUM, 0);
}

static void put_rare(struct record *r, const struct snapshot *s)
{
	struct bytes now = {0}, last = r->rare;

	put_number(&now, s->start_unix_ns);
	put_text(&now, s->kernel);
	put_text(&now, s->host);
	put_byte(&now, s->whole_machine);
	for (enum hook h = 0; h < H_COUNT; h++) {
		put_text(&now, s->hook[h].by);
		put_text(&now, s->hook[h].error);
	}
	for (enum metric m = 0; m < M_COUNT; m++)
		put_byte(&now, (uint8_t)s->quality[m]);
	if (now.err)
		fail(r, now.err);
	if (now.len == last.len && !memcmp(now.at, last.at, now.len)) {
		put_byte(&r->part, 0);
		bytes__free(&now);
		return;
	}
	put_byte(&r->part, 1);
	put_raw(&r->part, now.at, now.len);
	r->rare = now;
	bytes__free(&last);
}

static void put_snapshot(struct record *r, const struct snapshot *s)
{
	struct bytes *b = &r->part;

	put_number(b, s->duration_ns);
	put_rare(r, s);
	put_number(b, s->calls_in_flight);
	put_changes(b, s->lost, r->lost, L_COUNT);
	memcpy(r->lost, s->lost, sizeof(r->lost));
	put_byte(b, s->leaf.valid);
	put_number(b, s->leaf.to_user_bytes);
	put_number(b, s->leaf.from_user_bytes);
	put_number(b, s->leaf.site_to_user_bytes);
	put_number(b, s->leaf.site_from_user_bytes);
	put_byte(b, s->command.present);
	put_byte(b, s->command.exited);
	put_signed(b, s->command.pid);
	put_signed(b, s->command.status);
	put_number(b, s->cost.cpu_ns);
	put_number(b, s->cost.resident_bytes);
	put_number(b, s->cost.records);
	put_number(b, s->cost.added_ns_per_event);
}

void record__tick(struct record *r, const struct snapshot *s)
{
	if (r->err)
		return;
	put_operation(&r->part, OP_TICK, 0);
	put_snapshot(r, s);
	r->next = 0;
	write_frame(r, FRAME_TICK, s->duration_ns);
}

uint64_t record__n_bytes(const struct record *r)
{
	return r->writer.at;
}

int record__error(const struct record *r)
{
	return r->err ? r->err : frame_writer__error(&r->writer);
}

int record__close(struct record *r, bool ended)
{
	int err;

	if (!r)
		return 0;
	r->part.len = 0;
	if (ended)
		write_frame(r, FRAME_END, 0);
	err = frame_writer__end(&r->writer);
	if (err)
		fail(r, err);
	if (r->fd >= 0 && err != -ETIMEDOUT && close(r->fd)) /* a close may wait for a disk that hangs, too */
		fail(r, -errno);
	record_slots__free(&r->slots);
	forget_cgroups(r);
	bytes__free(&r->part);
	bytes__free(&r->rare);
	err = r->err;
	free(r);
	return err;
}
