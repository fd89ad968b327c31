// SPDX-License-Identifier: GPL-2.0-only
/* play.c - a recording, read tick by tick into a model: the operations that record.c writes, undone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "play_parts.h"

/* What was read since the last tick is summed up too: it is right, only younger than the rest. */
int play__damaged_at(struct play *p, uint64_t at, const char *what)
{
	p->what = what;
	p->what_at = at;
	return p->model && model__sum(p->model) ? -ENOMEM : -EBADMSG;
}

int play__damaged(struct play *p, const char *what)
{
	return play__damaged_at(p, p->reader.at, what);
}

/* What the reader of frames says, as ours. */
int play__frame_error(struct play *p, int err)
{
	return err == -EBADMSG ? play__damaged(p, p->reader.what) : err;
}

int play__open(struct play **ret, int fd)
{
	struct play *p = *ret = calloc(1, sizeof(*p));
	int err;

	if (!p) {
		close(fd);
		return -ENOMEM;
	}
	err = frame_reader__begin(&p->reader, fd);
	return err ? play__frame_error(p, err) : play__read_header(p);
}

static struct zc_record *slot_of(struct play *p, struct cursor *c, uint64_t number, bool is_new)
{
	int64_t surprise = (int64_t)((number >> 1) ^ (number & 1 ? UINT64_MAX : 0));
	int64_t slot;

	if (surprise > RECORDING_SLOTS_MAX || surprise < -RECORDING_SLOTS_MAX - 1) {
		c->bad = true;
		return NULL;
	}
	slot = (int64_t)p->next + surprise;
	if (slot < 0 || slot >= RECORDING_SLOTS_MAX || slot > p->n_slots || (slot == p->n_slots && !is_new)) {
		c->bad = true;
		return NULL;
	}
	p->next = (uint32_t)slot + 1;
	if (slot == p->room) {
		uint32_t room = p->room ? 2 * p->room : 256;
		struct zc_record *slots = realloc(p->slots, room * sizeof(*slots));

		if (!slots)
			return NULL;
		p->slots = slots;
		p->room = room;
	}
	if (is_new)
		memset(&p->slots[slot], 0, sizeof(p->slots[slot]));
	if (slot == p->n_slots)
		p->n_slots++;
	return &p->slots[slot];
}

/* A number told against another, modulo 2^32. */
static uint32_t get_u32_from(struct cursor *c, uint32_t from)
{
	return from + (uint32_t)get_signed(c);
}

static void read_identity(struct play *p, struct cursor *c, struct zc_record *r)
{
	const struct zc_record *before = &p->identity;

	r->uid = before->uid + (uint64_t)get_signed(c);
	r->process.start_ns = before->process.start_ns + (uint64_t)get_signed(c);
	r->process.tgid = get_u32_from(c, before->process.tgid);
	r->start_ns = r->process.start_ns + (uint64_t)get_signed(c);
	r->tid = get_u32_from(c, r->process.tgid);
	r->ppid = get_u32_from(c, before->ppid);
	r->flags = get_u32(c);
	r->cgroup = before->cgroup + (uint64_t)get_signed(c);
	get_raw(c, r->comm, ZC_COMM_LEN);
	memcpy(r->leader_comm, r->comm, ZC_COMM_LEN);
	if (get_byte(c))
		get_raw(c, r->leader_comm, ZC_COMM_LEN);
	p->identity = *r;
}

static int read_record(struct play *p, struct cursor *c, enum operation op, uint64_t number)
{
	struct zc_record *r = slot_of(p, c, number, op == OP_NEW);
	uint64_t v[M_COUNT];

	if (!r)
		return c->bad ? 0 : -ENOMEM;
	if (op == OP_NEW || op == OP_CHANGED)
		read_identity(p, c, r);
	for (int i = 0; i < M_COUNT; i++)
		v[i] = r->v[i];
	if (op != OP_SAME)
		get_changes(c, v, p->metrics.map, p->metrics.n, M_COUNT);
	for (int i = 0; i < M_COUNT; i++)
		r->v[i] = v[i];
	p->n_ended += !!(r->flags & ZT_EXITED);
	return c->bad ? 0 : model__add(p->model, r);
}

static int read_system(struct play *p, struct cursor *c, uint64_t source)
{
	if (source >= RECORDING_SOURCES_MAX) {
		c->bad = true;
		return 0;
	}
	get_changes(c, p->system[source], p->metrics.map, p->metrics.n, M_COUNT);
	return c->bad ? 0 : model__set_system(p->model, (uint32_t)source, p->system[source]);
}

static int read_cgroup(struct play *p, struct cursor *c)
{
	uint64_t id = get_number(c);
	char *text;
	int err = get_text(c, &text);

	if (!err && !c->bad)
		return play_paths__add(p, id, text);
	free(text);
	return err;
}

static int read_own_text(struct play *p, struct cursor *c, size_t i)
{
	free(p->texts[i]);
	return get_text(c, &p->texts[i]);
}

static int read_hooks(struct play *p, struct cursor *c)
{
	char *passed_over;
	int err = 0;

	for (uint32_t i = 0; !err && i < 2 * p->hooks.n; i++) {
		uint16_t h = p->hooks.map[i / 2];

		if (h < H_COUNT) {
			err = read_own_text(p, c, 2 + 2 * (size_t)h + i % 2);
			continue;
		}
		err = get_text(c, &passed_over);
		free(passed_over);
	}
	for (enum hook h = 0; h < H_COUNT; h++)
		p->now.hook[h] = (struct hook_state){p->texts[2 + 2 * h], p->texts[3 + 2 * h]};
	return err;
}

static int read_rare(struct play *p, struct cursor *c)
{
	int err;

	p->now.start_unix_ns = get_number(c);
	err = read_own_text(p, c, 0);
	if (!err)
		err = read_own_text(p, c, 1);
	p->now.kernel = p->texts[0];
	p->now.host = p->texts[1];
	p->now.whole_machine = get_byte(c) != 0;
	if (!err)
		err = read_hooks(p, c);
	for (uint32_t i = 0; i < p->metrics.n; i++) {
		uint8_t quality = get_byte(c);

		c->bad |= quality > Q_MEASURED;
		if (p->metrics.map[i] < M_COUNT)
			p->now.quality[p->metrics.map[i]] = quality > Q_MEASURED ? Q_NONE : quality;
	}
	return err;
}

static int read_tick(struct play *p, struct cursor *c)
{
	struct snapshot *s = &p->now;
	int err = 0;

	s->duration_ns = get_number(c);
	if (get_byte(c))
		err = read_rare(p, c);
	s->calls_in_flight = get_u32(c);
	get_changes(c, s->lost, p->losses.map, p->losses.n, L_COUNT);
	s->leaf.valid = get_byte(c) != 0;
	s->leaf.to_user_bytes = get_number(c);
	s->leaf.from_user_bytes = get_number(c);
	s->leaf.site_to_user_bytes = get_number(c);
	s->leaf.site_from_user_bytes = get_number(c);
	s->command.present = get_byte(c) != 0;
	s->command.exited = get_byte(c) != 0;
	s->command.pid = (int)get_signed(c);
	s->command.status = (int)get_signed(c);
	s->cost.cpu_ns = get_number(c);
	s->cost.resident_bytes = get_number(c);
	s->cost.records = get_number(c);
	s->cost.added_ns_per_event = get_number(c);
	p->next = 0;
	p->n_ticks++;
	p->n_ended = 0;
	return err ? err : model__sum(p->model);
}

/* Sums cost time, so that a file of nothing else would take for ever. */
static int read_sum(struct play *p, struct cursor *c)
{
	c->bad |= p->n_ended < RECORDING_SUM_AFTER;
	p->n_ended = 0;
	return c->bad ? 0 : model__sum(p->model);
}

static int read_operation(struct play *p, struct cursor *c, bool *ret_tick)
{
	uint64_t number = get_number(c);
	enum operation op = number & ((1 << OP_BITS) - 1);

	number >>= OP_BITS;
	switch (op) {
	case OP_SAME:
	case OP_VALUES:
	case OP_CHANGED:
	case OP_NEW:
		return read_record(p, c, op, number);
	case OP_SYSTEM:
		return read_system(p, c, number);
	case OP_CGROUP:
		return read_cgroup(p, c);
	case OP_TICK:
		*ret_tick = true;
		return read_tick(p, c);
	case OP_SUM:
		return read_sum(p, c);
	default:
		c->bad = true;
		return 0;
	}
}

static bool holds_too_much(const struct play *p)
{
	uint64_t most =
		RECORDING_HOLD_LEAST +
		RECORDING_HOLD_PER_BYTE * (p->reader.at < RECORDING_HOLD_MOST ? p->reader.at : RECORDING_HOLD_MOST);

	if (most > RECORDING_HOLD_MOST)
		most = RECORDING_HOLD_MOST;
	return model__bytes(p->model) + p->path_bytes > most;
}

/* 1: the frame ended with a tick */
static int play_frame(struct play *p)
{
	uint8_t type = p->reader.head.type;
	uint64_t at = p->reader.at;
	bool tick = false;
	struct cursor c;
	int err = frame_reader__take(&p->reader);

	if (err)
		return play__frame_error(p, err);
	c = (struct cursor){p->reader.raw.at, p->reader.raw.at + p->reader.raw.len, false};
	while (!err && !c.bad && !tick && c.at < c.end) {
		err = read_operation(p, &c, &tick);
		if (!err && holds_too_much(p))
			return play__damaged_at(p, at, "asks for more memory than a recording of its size may");
	}
	if (err)
		return err;
	if (c.bad || c.at < c.end || tick != (type == FRAME_TICK))
		return play__damaged_at(p, at, "holds a frame that makes no sense");
	return tick;
}

int play__next_ns(struct play *p, uint64_t *ret_ns)
{
	int err;

	if (p->what)
		return -EBADMSG;
	if (p->ended)
		return 0;
	err = frame_reader__peek(&p->reader);
	if (err == -ENODATA)
		return play__damaged(p, "ends without its last frame, as when its recorder is killed,");
	if (err)
		return play__frame_error(p, err);
	if (p->reader.head.type == FRAME_HEADER)
		return play__damaged(p, "holds a second header");
	p->ended = p->reader.head.type == FRAME_END;
	*ret_ns = p->reader.head.time_ns;
	err = p->ended ? frame_reader__take(&p->reader) : 0;
	if (err)
		return play__frame_error(p, err);
	return !p->ended;
}

int play__step(struct play *p)
{
	uint64_t at_ns;
	int ret;

	do {
		ret = play__next_ns(p, &at_ns);
		if (ret == 1)
			ret = play_frame(p);
		else
			return ret;
	} while (ret == 0);
	return ret;
}

void play__snapshot(const struct play *p, struct snapshot *ret)
{
	*ret = p->now;
	ret->model = p->model;
	ret->cgroup_path = play_paths__text;
	ret->cgroup_ctx = (void *)p;
}

uint32_t play__n_ticks(const struct play *p)
{
	return p->n_ticks;
}

const char *play__what(const struct play *p, uint64_t *ret_at)
{
	*ret_at = p->what_at;
	return p->what;
}

const char *play__unknown(const struct play *p, uint32_t i)
{
	return i < p->n_unknown ? p->unknown[i] : NULL;
}

void play__close(struct play *p)
{
	if (!p)
		return;
	close(p->reader.fd);
	frame_reader__end(&p->reader);
	model__free(p->model);
	play_paths__free(p);
	for (uint32_t i = 0; i < p->n_unknown; i++)
		free(p->unknown[i]);
	for (size_t i = 0; i < sizeof(p->texts) / sizeof(p->texts[0]); i++)
		free(p->texts[i]);
	free(p->unknown);
	free(p->metrics.map);
	free(p->hooks.map);
	free(p->losses.map);
	free(p->slots);
	free(p);
}
