// SPDX-License-Identifier: GPL-2.0-only
/* record_slots.c - the slots of a recording. */
#include <stdbool.h>
#include <stdlib.h>

#include "record_slots.h"

static struct record_slot_key key_of(const struct zc_record *record)
{
	uint32_t kind = record->flags & (ZT_OWNER | ZT_UNATTRIBUTED);

	if (kind & ZT_UNATTRIBUTED)
		return (struct record_slot_key){ZT_UNATTRIBUTED, record->tid, record->uid};
	if (kind && record->uid)
		return (struct record_slot_key){kind, UINT32_MAX, record->uid};
	if (kind)
		return (struct record_slot_key){kind, record->process.tgid, record->process.start_ns};
	return (struct record_slot_key){kind, 0, record->uid};
}

struct record_slot *record_slots__find(const struct record_slots *s, const struct zc_record *record)
{
	struct record_slot_key key = key_of(record);
	struct record_slot *slot;

	HASH_FIND(hh, s->by_key, &key, sizeof(key), slot); /* NOLINT(clang-analyzer-core.*): uthash */
	return slot;
}

static bool make_room(struct record_slots *s)
{
	uint32_t room = s->room ? 2 * s->room : 256;
	struct record_slot **slot = realloc(s->slot, room * sizeof(struct record_slot *));
	uint32_t *unused;

	if (!slot)
		return false;
	s->slot = slot;
	unused = realloc(s->unused, room * sizeof(*unused));
	if (!unused)
		return false;
	s->unused = unused;
	s->room = room;
	return true;
}

void record_slots__leave(struct record_slots *s, struct record_slot *slot)
{
	HASH_DEL(s->by_key, slot); /* NOLINT(clang-analyzer-core.*): uthash */
	s->slot[slot->number] = NULL;
	s->unused[s->n_unused++] = slot->number;
	free(slot);
}

struct record_slot *record_slots__take(struct record_slots *s, const struct zc_record *record)
{
	struct record_slot *slot = calloc(1, sizeof(*slot));
	bool oom = false;

	if (!slot)
		return NULL;
	if (!s->n_unused && s->n == RECORDING_SLOTS_MAX)
		record_slots__leave(s, s->slot[s->turn++ % RECORDING_SLOTS_MAX]);
	if (!s->n_unused && s->n == s->room && !make_room(s)) {
		free(slot);
		return NULL;
	}
	slot->key = key_of(record);
	slot->number = s->n_unused ? s->unused[--s->n_unused] : s->n++;
	s->slot[slot->number] = slot;
	HASH_ADD(hh, s->by_key, key, sizeof(slot->key), slot);
	if (!oom)
		return slot;
	s->slot[slot->number] = NULL;
	s->unused[s->n_unused++] = slot->number;
	free(slot);
	return NULL;
}

void record_slots__free(struct record_slots *s)
{
	struct record_slot *slot, *next;

	HASH_ITER (hh, s->by_key, slot, next) {
		HASH_DEL(s->by_key, slot);
		free(slot);
	}
	free(s->slot);
	free(s->unused);
	*s = (struct record_slots){0};
}
