/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways.h - the textbook ways to move a file's bytes to a socket, and a socket's bytes to a file's reader. Used by
 * zctrace demo, and by the tests as a load whose calls and bytes are known exactly.
 *
 * A way runs in a process of its own that zctrace traces. It opens nothing by itself, allocates before the loop, prints
 * nothing, and counts what it did.
 */
#ifndef ZCTRACE_WAYS_H
#define ZCTRACE_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct way_result {
	uint64_t bytes;	     /* payload moved */
	uint64_t chunks;     /* of which each is at most chunk_bytes */
	uint64_t data_calls; /* system calls in the loop that moved data (read, write, sendfile, splice, io_uring_enter,
				...) */
	uint64_t map_calls;  /* mmap and munmap in the loop */
	uint64_t setup_data_calls; /* calls of the data kind outside the loop that moved data (pipe prefill, ...): 0 for
				      most */
	uint64_t setup_map_calls;  /* mmap and munmap outside the loop, in this process after the trace began */
	uint64_t zerocopied;	   /* bytes handed over with MSG_ZEROCOPY / SEND_ZC */
	uint64_t zerocopy_copied;  /* completions that said the kernel had copied after all */
};

struct way {
	const char *name;  /* as in --way: "read+write", "mmap", "mmap-chunk", "sendfile", "splice", "direct",
			      "zerocopy", "uring", "uring-zc" */
	const char *title; /* as in the table: "mmap + write + munmap per chunk" */
	bool needs_direct; /* file opened O_DIRECT */
	/* 0 or a negative errno (-ENOSYS, -EOPNOTSUPP: this kernel or file system cannot). */
	int (*run)(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r);
	/* the textbook's value, per payload byte and per chunk, when the file is read from a disk by DMA and the
	 * socket's NIC has scatter-gather */
	double cpu_copies;	     /* from user + to user + in kernel */
	double data_calls_per_chunk; /* data and map calls in the loop; 0: it depends on how segments fall */
};

extern const struct way ways[]; /* file to socket */
extern const size_t n_ways;
extern const struct way receive_ways[]; /* socket to user: recv, and what else is there */
extern const size_t n_receive_ways;

const struct way *way__find(const char *name, bool receive); /* NULL: none of that name */

#endif
