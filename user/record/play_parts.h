/* SPDX-License-Identifier: GPL-2.0-only */
/* play_parts.h - what reading a recording is made of; for play.c and play_*.c only. */
#ifndef ZCTRACE_PLAY_PARTS_H
#define ZCTRACE_PLAY_PARTS_H

#include "play.h"
#include "recording.h"

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

struct path {
	uint64_t id;
	char *text; /* NULL: none was known */
	bool wanted;
	UT_hash_handle hh;
};

/* Names in the order of the recording; map: their number here, or that of none. */
struct names {
	uint16_t *map;
	uint32_t n;
};

struct play {
	struct frame_reader reader;
	const char *what;
	uint64_t what_at;
	struct names metrics, hooks, losses;
	char **unknown;
	uint32_t n_unknown;
	struct model *model;
	struct zc_record *slots;
	uint32_t n_slots, room, next;
	struct zc_record identity; /* the last that was read */
	uint64_t system[RECORDING_SOURCES_MAX][M_COUNT];
	struct path *paths;
	uint32_t n_told;   /* paths, since the recorder began anew */
	size_t path_bytes; /* that they take */
	struct snapshot now;
	char *texts[2 + 2 * H_COUNT]; /* those that `now` points to */
	uint32_t n_ticks;
	uint32_t n_ended; /* records of threads that ended, since sums were made */
	bool ended;
};

/* Each returns -EBADMSG, or -ENOMEM, and has play__what say it. */
int play__damaged(struct play *p, const char *what); /* in the frame that comes next */
int play__damaged_at(struct play *p, uint64_t at, const char *what);
int play__frame_error(struct play *p, int err); /* what the reader of frames says, as ours */

int play__read_header(struct play *p); /* makes the model */

/* A cgroup's path as it was told; takes text (NULL: none was known). 0 or -ENOMEM. */
int play_paths__add(struct play *p, uint64_t id, char *text);
const char *play_paths__text(void *play, uint64_t id); /* NULL: not known */
void play_paths__free(struct play *p);

#endif
