/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_slots.h - the slots of a recording: what was last written of each thread, owner work and sum, so that only
 * what changed since is written. Begins zeroed.
 */
#ifndef ZCTRACE_RECORD_SLOTS_H
#define ZCTRACE_RECORD_SLOTS_H

#include <stdint.h>
#include <linux/types.h>

#include "../../bpf/zctrace.h"
#include "recording.h"

struct record_slot;
struct record_slots {
	struct record_slot *by_key;
	struct record_slot **slot;
	uint32_t n, room;
	uint32_t *unused; /* numbers of slots that threads left */
	uint32_t n_unused;
	uint32_t turn; /* whose slot is given away next */
};

struct record_slot_key {
	uint32_t kind; /* of the flags, those that tell what `a` and `b` are */
	uint32_t a;
	uint64_t b;
};

#define HASH_NONFATAL_OOM 1
#ifndef uthash_nonfatal_oom
#define uthash_nonfatal_oom(element) (oom = true)
#endif
#include <uthash.h>

struct record_slot {
	struct record_slot_key key;
	uint32_t number;
	struct zc_record last;
	UT_hash_handle hh;
};

/* The slot of the thread that the record is of; NULL: it has none. */
struct record_slot *record_slots__find(const struct record_slots *s, const struct zc_record *record);
/* A slot for it, another's if there is none left; NULL when out of memory. */
struct record_slot *record_slots__take(struct record_slots *s, const struct zc_record *record);
void record_slots__leave(struct record_slots *s, struct record_slot *slot); /* nothing more comes of it */
void record_slots__free(struct record_slots *s);

#endif
