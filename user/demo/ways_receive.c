/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways_receive.c - the other direction: a socket's bytes to user memory or to a file. The file is written from its
 * start and fsync'ed at the end, so that its bytes reach the disk while the process is traced.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ways_step.h"

#define GIVE_UP_BYTES (1u << 20) /* nothing mapped by then: this path does not deliver whole pages */

/* MSG_WAITALL: one call per chunk however the segments fall. */
static int receive_exactly(struct way_run *w, char *buf, size_t n)
{
	while (n > 0) {
		ssize_t got = recv(w->sock_fd, buf, n, MSG_WAITALL);

		if (got == 0)
			return -ENODATA;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		w->r->data_calls++;
		buf += got;
		n -= got;
	}
	return 0;
}

static int recv_step(struct way_run *w, uint64_t offset, size_t n)
{
	(void)offset;
	return receive_exactly(w, w->buf, n);
}

static int recv_write_step(struct way_run *w, uint64_t offset, size_t n)
{
	int err = receive_exactly(w, w->buf, n);

	(void)offset;
	return err ? err : way__write(w, w->file_fd, w->buf, n);
}

static int run_buffered(struct way_run *w, way_step step)
{
	int err;

	w->buf = way__alloc(w->chunk);
	if (!w->buf)
		return -ENOMEM;
	err = way__for_each_chunk(w, step);
	way__free(w, w->buf, w->chunk);
	return err;
}

static int run_recv(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};

	return run_buffered(&w, recv_step);
}

static int run_recv_write(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	int err = run_buffered(&w, recv_write_step);

	return err ? err : fsync(file_fd) < 0 ? -errno : 0;
}

static int splice_step(struct way_run *w, uint64_t offset, size_t n)
{
	loff_t at = (loff_t)offset;

	while (n > 0) {
		ssize_t in = splice(w->sock_fd, NULL, w->pipe[1], NULL, n, SPLICE_F_MOVE);

		if (in == 0)
			return -ENODATA;
		if (in < 0 && errno == EINTR)
			continue;
		if (in < 0)
			return errno == EINVAL ? -EOPNOTSUPP : -errno;
		w->r->data_calls++;
		n -= in;
		while (in > 0) {
			ssize_t out = splice(w->pipe[0], NULL, w->file_fd, &at, in, SPLICE_F_MOVE);

			if (out <= 0)
				return out == 0 ? -EIO : errno == EINVAL ? -EOPNOTSUPP : -errno;
			w->r->data_calls++;
			in -= out;
		}
	}
	return 0;
}

static int run_splice(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	int err = way__open_pipe(&w);

	if (err)
		return err;
	err = way__for_each_chunk(&w, splice_step);
	way__close_pipe(&w);
	return err ? err : fsync(file_fd) < 0 ? -errno : 0;
}

/*
 * TCP_ZEROCOPY_RECEIVE maps whole pages of payload over w->own; what is not page-shaped (recv_skip_hint) must be read.
 * Pages come page-shaped only where the NIC splits headers from payload and the MSS is a multiple of the page.
 */
static int zerocopy_step(struct way_run *w, uint64_t offset, size_t n)
{
	for (size_t left = n; left > 0;) {
		struct tcp_zerocopy_receive zc = {.address = (uintptr_t)w->own};
		socklen_t len = sizeof(zc);
		size_t rest;
		int err;

		zc.length = left / WAY_BLOCK_BYTES * WAY_BLOCK_BYTES;
		if (zc.length > 0 && getsockopt(w->sock_fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len) < 0)
			return errno == EINVAL || errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
		w->r->zerocopied += zc.length;
		left -= zc.length;
		if (zc.length > 0 && zc.recv_skip_hint == 0)
			continue;
		/* No hint and nothing mapped: the queue is empty. A read of a page waits for the next bytes. */
		rest = way__min(left, zc.recv_skip_hint ? zc.recv_skip_hint : WAY_BLOCK_BYTES);
		err = rest ? receive_exactly(w, w->buf, rest) : 0;
		if (err)
			return err;
		left -= rest;
	}
	return w->r->zerocopied == 0 && offset + n >= way__min(w->size, GIVE_UP_BYTES) ? -EOPNOTSUPP : 0;
}

static int run_zerocopy(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	size_t map_len = way__round_up(chunk, WAY_BLOCK_BYTES);
	int err;

	w.own = mmap(NULL, map_len, PROT_READ, MAP_SHARED, sock_fd, 0);
	if (w.own == MAP_FAILED)
		return -EOPNOTSUPP;
	r->setup_map_calls++;
	err = run_buffered(&w, zerocopy_step);
	way__free(&w, w.own, map_len);
	return err;
}

/* clang-format off */
const struct way receive_ways[] = {
	/* name               title                               direct run           copies calls (0: as the segments fall) */
	{"recv",              "recv into a buffer",               false, run_recv,       1,     1},
	{"recv+write",        "recv + write to a file",           false, run_recv_write, 2,     2},
	{"splice",            "splice through a pipe to a file",  false, run_splice,     1,     0},
	{"zerocopy-receive",  "TCP_ZEROCOPY_RECEIVE",             false, run_zerocopy,   0,     0},
};
/* clang-format on */
const size_t n_receive_ways = sizeof(receive_ways) / sizeof(receive_ways[0]);
