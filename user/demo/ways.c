/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways.c - the list of ways, and those that move a file to a socket by plain system calls.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "ways_step.h"

int way__for_each_chunk(struct way_run *w, way_step step)
{
	for (uint64_t done = 0; done < w->size;) {
		size_t n = way__min(w->chunk, w->size - done);
		int err = step(w, done, n);

		if (err)
			return err;
		done += n;
		w->r->bytes += n;
		w->r->chunks++;
	}
	return 0;
}

void *way__alloc(size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

void way__free(struct way_run *w, void *mem, size_t len)
{
	if (mem && munmap(mem, len) == 0)
		w->r->setup_map_calls++;
}

size_t way__round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

int way__read(struct way_run *w, int fd, char *buf, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, buf, n);

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

int way__write(struct way_run *w, int fd, const char *buf, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, buf, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		w->r->data_calls++;
		buf += put;
		n -= put;
	}
	return 0;
}

void way__align_chunk(struct way_run *w)
{
	w->chunk = way__max(w->chunk / WAY_BLOCK_BYTES, 1) * WAY_BLOCK_BYTES;
}

int way__open_pipe(struct way_run *w)
{
	/* A chunk that starts within a page touches one page more, and each page takes a slot. */
	size_t len = way__round_up(w->chunk, WAY_BLOCK_BYTES) + WAY_BLOCK_BYTES;

	if (pipe2(w->pipe, O_CLOEXEC) < 0)
		return -errno;
	/* Refused above pipe-max-size without privilege: then a chunk takes more calls, and they are counted. */
	while (fcntl(w->pipe[1], F_SETPIPE_SZ, (int)len) < 0 && len > WAY_BLOCK_BYTES)
		len /= 2;
	return 0;
}

void way__close_pipe(struct way_run *w)
{
	close(w->pipe[0]);
	close(w->pipe[1]);
}

static int read_write_step(struct way_run *w, uint64_t offset, size_t n)
{
	int err = way__read(w, w->file_fd, w->buf, n);

	(void)offset;
	return err ? err : way__write(w, w->sock_fd, w->buf, n);
}

static int run_read_write(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	int err;

	w.buf = way__alloc(chunk);
	if (!w.buf)
		return -ENOMEM;
	err = way__for_each_chunk(&w, read_write_step);
	way__free(&w, w.buf, chunk);
	return err;
}

static int mmap_once_step(struct way_run *w, uint64_t offset, size_t n)
{
	return way__write(w, w->sock_fd, w->buf + offset, n);
}

static int run_mmap_once(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	int err;

	w.buf = mmap(NULL, size, PROT_READ, MAP_SHARED, file_fd, 0);
	if (w.buf == MAP_FAILED)
		return -errno;
	r->setup_map_calls++;
	err = way__for_each_chunk(&w, mmap_once_step);
	way__free(&w, w.buf, size);
	return err;
}

static int mmap_chunk_step(struct way_run *w, uint64_t offset, size_t n)
{
	size_t within = offset % WAY_BLOCK_BYTES; /* a mapping starts at a page */
	char *map = mmap(NULL, within + n, PROT_READ, MAP_SHARED, w->file_fd, (off_t)(offset - within));
	int err;

	if (map == MAP_FAILED)
		return -errno;
	w->r->map_calls++;
	err = way__write(w, w->sock_fd, map + within, n);
	if (munmap(map, within + n) == 0)
		w->r->map_calls++;
	return err;
}

static int run_mmap_chunk(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};

	return way__for_each_chunk(&w, mmap_chunk_step);
}

static int sendfile_step(struct way_run *w, uint64_t offset, size_t n)
{
	(void)offset;
	while (n > 0) {
		ssize_t sent = sendfile(w->sock_fd, w->file_fd, NULL, n);

		if (sent == 0)
			return -ENODATA;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EINVAL ? -EOPNOTSUPP : -errno;
		w->r->data_calls++;
		n -= sent;
	}
	return 0;
}

static int run_sendfile(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};

	return way__for_each_chunk(&w, sendfile_step);
}

/* One splice that may move less than n. Bytes moved, or a negative errno. */
static ssize_t splice_once(struct way_run *w, int from, int to, size_t n)
{
	for (;;) {
		ssize_t moved = splice(from, NULL, to, NULL, n, SPLICE_F_MOVE | SPLICE_F_MORE);

		if (moved > 0)
			w->r->data_calls++;
		if (moved > 0)
			return moved;
		if (moved == 0)
			return -ENODATA;
		if (errno != EINTR)
			return errno == EINVAL ? -EOPNOTSUPP : -errno;
	}
}

static int splice_step(struct way_run *w, uint64_t offset, size_t n)
{
	(void)offset;
	while (n > 0) {
		ssize_t in = splice_once(w, w->file_fd, w->pipe[1], n);

		if (in < 0)
			return (int)in;
		n -= in;
		while (in > 0) {
			ssize_t out = splice_once(w, w->pipe[0], w->sock_fd, in);

			if (out < 0)
				return (int)out;
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
	return err;
}

static int direct_step(struct way_run *w, uint64_t offset, size_t n)
{
	/* The tail is asked for as a whole block and comes back shorter, at the end of the file. */
	ssize_t got = pread(w->file_fd, w->buf, way__round_up(n, WAY_BLOCK_BYTES), (off_t)offset);

	if (got < 0)
		return errno == EINVAL ? -EOPNOTSUPP : -errno;
	if (got > 0)
		w->r->data_calls++;
	if ((size_t)got < n)
		return -ENODATA;
	return way__write(w, w->sock_fd, w->buf, n);
}

static int run_direct(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	int err;

	way__align_chunk(&w);
	w.buf = way__alloc(w.chunk);
	if (!w.buf)
		return -ENOMEM;
	err = way__for_each_chunk(&w, direct_step);
	way__free(&w, w.buf, w.chunk);
	return err;
}

/* clang-format off */
const struct way ways[] = {
	/* name         title                                direct run                      copies calls */
	{"read+write",  "read + write",                      false, run_read_write,          2,     2},
	{"mmap",        "mmap once + write",                 false, run_mmap_once,           1,     1},
	{"mmap-chunk",  "mmap + write + munmap per chunk",   false, run_mmap_chunk,          1,     3},
	{"sendfile",    "sendfile",                          false, run_sendfile,            0,     1},
	{"splice",      "splice through a pipe",             false, run_splice,              0,     2},
	{"direct",      "O_DIRECT read + write",             true,  run_direct,              1,     2},
	{"zerocopy",    "read + MSG_ZEROCOPY",               false, way__run_zerocopy,       1,     2},
	{"uring",       "io_uring read + send",              false, way__run_uring,          2,     1},
	{"uring-zc",    "io_uring O_DIRECT read + SEND_ZC",  true,  way__run_uring_zerocopy, 0,     1},
};
/* clang-format on */
const size_t n_ways = sizeof(ways) / sizeof(ways[0]);

const struct way *way__find(const char *name, bool receive)
{
	const struct way *list = receive ? receive_ways : ways;
	size_t n = receive ? n_receive_ways : n_ways;

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}
