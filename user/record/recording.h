/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording.h - the bytes of a recording, docs/recording.md: numbers, frames, and the slots that values are told
 * against. Shared by record.c, which writes them, and play.c, which reads them and trusts none.
 *
 * Functions return 0 or a negative errno unless said otherwise, and print nothing.
 */
#ifndef ZCTRACE_RECORDING_H
#define ZCTRACE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define RECORDING_NAME "zctrace recording "
#define RECORDING_MAGIC RECORDING_NAME "1\n"
#define RECORDING_MAGIC_LEN (sizeof(RECORDING_MAGIC) - 1)
#define RECORDING_RAW_MAX (16U << 20) /* of one frame, inflated */
#define RECORDING_SLOTS_MAX 65536
#define RECORDING_SOURCES_MAX 16
/* Paths of cgroups that are told before both sides begin anew: what the reader needs no more it forgets. */
#define RECORDING_CGROUPS_MAX 16384
#define RECORDING_SUM_AFTER 1000 /* threads that ended: sums between ticks come no more often */
#define RECORDING_NAMES_MAX 4096
#define RECORDING_TEXT_MAX 65536
/* What a recording may make its reader hold of processes, threads and cgroups: so much, so much more for each byte that
 * was read of it, and no more than that. A process costs a recorder 6 bytes or more, and a reader some 1,500. */
#define RECORDING_HOLD_LEAST (64ULL << 20)
#define RECORDING_HOLD_PER_BYTE 128
#define RECORDING_HOLD_MOST (1ULL << 30)

enum frame_type {
	FRAME_HEADER = 1, /* names; the first */
	FRAME_PART = 2,	  /* operations, a tick too large for one frame goes on */
	FRAME_TICK = 3,	  /* operations, the last of them OP_TICK */
	FRAME_END = 4,	  /* counting was ended and all of it is there */
};

enum operation {
	OP_SAME = 0,	/* the record of a slot came again, nothing in it had changed */
	OP_VALUES = 1,	/* it came with other values */
	OP_CHANGED = 2, /* and another identity, name, ... */
	OP_NEW = 3,	/* a record that no slot had; all zero before */
	OP_SYSTEM = 4,	/* values of a source of the system line */
	OP_CGROUP = 5,	/* the path of a cgroup id */
	OP_TICK = 6,	/* sums are made here, and the rest of a snapshot follows */
	OP_SUM = 7,	/* sums are made here, too */
};
#define OP_BITS 3 /* what is above is the operation's own small number */

/* Bytes that grow. err is set once and for all when there was no memory. */
struct bytes {
	uint8_t *at;
	size_t len, room;
	int err;
};

void bytes__free(struct bytes *b);
void put_raw(struct bytes *b, const void *at, size_t len);
void put_byte(struct bytes *b, uint8_t v);
void put_number(struct bytes *b, uint64_t v);  /* seven bits a byte, the lowest first */
void put_signed(struct bytes *b, int64_t v);   /* 0, -1, 1, -2, ... as 0, 1, 2, 3 */
void put_text(struct bytes *b, const char *s); /* NULL is told from "" */
/* Those of v that differ from last: how far on, and the difference; then 0. */
void put_changes(struct bytes *b, const uint64_t *v, const uint64_t *last, size_t n);

/* A place in bytes that nobody vouches for. bad is set once and for all when they end early or make no sense; what is
 * got from then on is 0. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

void get_raw(struct cursor *c, void *ret, size_t len);
uint8_t get_byte(struct cursor *c);
uint64_t get_number(struct cursor *c);
int64_t get_signed(struct cursor *c);
uint32_t get_u32(struct cursor *c); /* a number that must fit */
/* *ret: NULL or the caller's to free. 0 or -ENOMEM. */
int get_text(struct cursor *c, char **ret);
/* Adds what changed to v, index i of the recording being map[i] here; what is not known here (n_here) is passed over.
 */
void get_changes(struct cursor *c, uint64_t *v, const uint16_t *map, size_t n_map, size_t n_here);

#define FRAME_HEAD_LEN 21

struct frame_head {
	uint8_t type;	  /* enum frame_type */
	uint64_t time_ns; /* since the recording began */
	uint32_t raw_len; /* of the payload, inflated */
	uint32_t len;	  /* of the payload as it stands in the file */
	uint32_t crc;	  /* of the head up to here and the payload */
};

/* One stream of deflated bytes, flushed at the end of each frame, so that what repeats from tick to tick costs little.
 */
struct writer;
struct frame_writer {
	struct writer *to;
	uint64_t at; /* where the next frame begins */
	z_stream z;
	struct bytes deflated;
};

/* Writes the magic line. fd stays the caller's; -1: frames are kept until frame_writer__into. */
int frame_writer__begin(struct frame_writer *w, int fd);
int frame_writer__into(struct frame_writer *w, int fd, bool cut); /* cut: as writer__into */
/*
 * All of it or, as far as the file can be cut, nothing. Waits for no reader and no disk: what does not get out in a
 * moment follows, and what goes wrong then is told next time. -ENOBUFS: too much waits already.
 */
int frame_writer__write(struct frame_writer *w, enum frame_type type, uint64_t time_ns, const struct bytes *raw);
int frame_writer__error(const struct frame_writer *w); /* what has gone wrong with what was written */
int frame_writer__end(struct frame_writer *w);	       /* -ETIMEDOUT: some of it is not taken */

struct frame_reader {
	int fd;
	uint64_t at; /* where the frame of `head` begins */
	bool peeked;
	struct frame_head head; /* of the next frame */
	z_stream z;
	struct bytes deflated, raw;
	const char *what; /* of -EBADMSG: what is wrong, as the rest of "the recording ..." */
};

int frame_reader__begin(struct frame_reader *r, int fd); /* reads the magic line */
/* Looks at the head of the next frame, once. -ENODATA: the file ends here. -EBADMSG: see what, and at. */
int frame_reader__peek(struct frame_reader *r);
/* Takes the frame that was peeked; its payload is in raw until the next one is taken. */
int frame_reader__take(struct frame_reader *r);
void frame_reader__end(struct frame_reader *r); /* the descriptor stays open */

#endif
