/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways_step.h - what the ways of ways.c, ways_zerocopy.c, ways_uring.c and ways_receive.c share; nobody else includes
 * it.
 *
 * A way is a step, called once per chunk, and what it needs set up before. Everything is allocated and touched before
 * the loop, so that the loop takes no faults of its own. Calls are counted as the metrics data_calls and map_calls
 * count them: a data call moved at least one byte (io_uring_enter: submitted something), a map call is an mmap of a
 * file or any munmap.
 */
#ifndef ZCTRACE_WAYS_STEP_H
#define ZCTRACE_WAYS_STEP_H

#include <sys/types.h>

#include "ways.h"

#define WAY_BLOCK_BYTES                                                                                                \
	4096 /* what O_DIRECT offsets, lengths and buffers are aligned to: enough for every disk here                  \
	      */

#define way__min(a, b) ((a) < (b) ? (a) : (b))
#define way__max(a, b) ((a) > (b) ? (a) : (b))

struct way_run {
	int file_fd, sock_fd;
	uint64_t size, chunk;
	struct way_result *r;
	char *buf; /* way__alloc'ed or mapped by the way */
	int pipe[2];
	void *own; /* the way's */
};

/* Moves the n bytes at offset. 0 or a negative errno. */
typedef int (*way_step)(struct way_run *w, uint64_t offset, size_t n);

/* Calls step for every chunk and counts chunks and bytes. */
int way__for_each_chunk(struct way_run *w, way_step step);

/* Page-aligned memory, all of it present, NULL: none. way__free counts its munmap as set-up. */
void *way__alloc(size_t len);
void way__free(struct way_run *w, void *mem, size_t len);

size_t way__round_up(size_t n, size_t to);

/* Exactly n bytes, in as many calls as it takes, each counted. 0 or a negative errno; -ENODATA: the file or peer ended.
 */
int way__read(struct way_run *w, int fd, char *buf, size_t n);
int way__write(struct way_run *w, int fd, const char *buf, size_t n);
/* Rounds the chunk down to whole blocks, as O_DIRECT demands. */
void way__align_chunk(struct way_run *w);
/* A pipe that takes a whole chunk at any offset, in w->pipe. */
int way__open_pipe(struct way_run *w);
void way__close_pipe(struct way_run *w);

int way__run_zerocopy(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r);
int way__run_uring(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r);
int way__run_uring_zerocopy(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r);

#endif
