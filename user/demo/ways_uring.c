/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways_uring.c - io_uring: a read and a send per chunk, linked, submitted and waited for by one io_uring_enter. The
 * second way reads with O_DIRECT and sends with SEND_ZC, whose buffer stays the kernel's until a second completion
 * gives it back. Completions are looked for in shared memory, without a call: a wait by io_uring_enter could be woken
 * by the notification of an older send, and the number of calls would depend on time.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>

#include "ways_step.h"

#define RING_BYTES (4u << 20)
#define RING_MAX 256u
#define PATIENCE_NS (30ull * 1000 * 1000 * 1000)

/* Newer than Debian 12's header. */
#define FEAT_REG_REG_RING (1u << 13) /* Linux 6.3: the first feature bit after REPORT_USAGE came, in 6.2 */
#define SEND_ZC_REPORT_USAGE (1u << 3)
#define NOTIF_USAGE_COPIED (1u << 31)

enum tag { TAG_READ, TAG_SEND };

struct uring {
	struct io_uring ring;
	bool zerocopy;
	unsigned int zc_flags;
	unsigned int n_bufs, next;
	size_t buf_len;
	int lent[RING_MAX]; /* SEND_ZC: sends from it that the kernel may still read */
	int n_lent;
	int n_awaited; /* completions of this chunk still to come */
	int read_ret, send_ret;
};

static void uring_reap(struct way_run *w)
{
	struct uring *u = w->own;
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe)
	{
		unsigned int buf = cqe->user_data >> 8;

		n++;
		if (cqe->flags & IORING_CQE_F_NOTIF) {
			u->lent[buf]--;
			u->n_lent--;
			if (u->zc_flags && ((uint32_t)cqe->res & NOTIF_USAGE_COPIED))
				w->r->zerocopy_copied++;
			continue;
		}
		if ((cqe->user_data & 0xff) == TAG_READ)
			u->read_ret = cqe->res;
		else
			u->send_ret = cqe->res;
		if (u->zerocopy && (cqe->flags & IORING_CQE_F_MORE)) {
			u->lent[buf]++;
			u->n_lent++;
		}
		u->n_awaited--;
	}
	io_uring_cq_advance(&u->ring, n);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Looks until `done` says so, first giving way, then sleeping. */
static int uring_look(struct way_run *w, bool (*done)(const struct uring *u))
{
	struct timespec nap = {.tv_nsec = 20000};
	uint64_t start = 0;

	for (unsigned int i = 0;; i++) {
		uring_reap(w);
		if (done(w->own))
			return 0;
		if (i < 64) {
			sched_yield();
			continue;
		}
		if (!start)
			start = now_ns();
		if (now_ns() - start > PATIENCE_NS)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
}

static bool nothing_awaited(const struct uring *u)
{
	return u->n_awaited == 0;
}

static bool next_is_free(const struct uring *u)
{
	return u->lent[u->next % u->n_bufs] == 0;
}

static bool nothing_lent(const struct uring *u)
{
	return u->n_lent == 0;
}

static void prep_read(struct way_run *w, struct io_uring_sqe *sqe, unsigned int buf, char *mem, size_t n,
		      uint64_t offset)
{
	size_t ask = ((struct uring *)w->own)->zerocopy ? way__round_up(n, WAY_BLOCK_BYTES) : n;

	io_uring_prep_read(sqe, w->file_fd, mem, ask, offset);
	sqe->user_data = (uint64_t)buf << 8 | TAG_READ;
}

static void prep_send(struct way_run *w, struct io_uring_sqe *sqe, unsigned int buf, const char *mem, size_t n)
{
	struct uring *u = w->own;

	if (u->zerocopy)
		io_uring_prep_send_zc(sqe, w->sock_fd, mem, n, MSG_WAITALL, u->zc_flags);
	else
		io_uring_prep_send(sqe, w->sock_fd, mem, n, MSG_WAITALL);
	sqe->user_data = (uint64_t)buf << 8 | TAG_SEND;
}

/* Submits the n requests prepared, in one call, and waits for their completions. */
static int uring_go(struct way_run *w, int n)
{
	struct uring *u = w->own;
	int ret;

	u->n_awaited = n;
	do
		ret = io_uring_submit_and_wait(&u->ring, n);
	while (ret == -EINTR || ret == -EAGAIN);
	if (ret < 0)
		return ret;
	w->r->data_calls++;
	return uring_look(w, nothing_awaited);
}

/* What a short read or send left: one request at a time. */
static int uring_finish(struct way_run *w, unsigned int buf, char *mem, uint64_t offset, size_t n, size_t got,
			size_t sent)
{
	struct uring *u = w->own;

	while (got < n) {
		int err;

		prep_read(w, io_uring_get_sqe(&u->ring), buf, mem + got, n - got, offset + got);
		err = uring_go(w, 1);
		if (err || u->read_ret <= 0)
			return err ? err : u->read_ret < 0 ? u->read_ret : -ENODATA;
		got += u->read_ret;
	}
	while (sent < n) {
		int err;

		prep_send(w, io_uring_get_sqe(&u->ring), buf, mem + sent, n - sent);
		err = uring_go(w, 1);
		if (err || u->send_ret <= 0)
			return err ? err : u->send_ret < 0 ? u->send_ret : -EPIPE;
		sent += u->send_ret;
	}
	return 0;
}

static int uring_step(struct way_run *w, uint64_t offset, size_t n)
{
	struct uring *u = w->own;
	struct io_uring_sqe *sqe;
	unsigned int buf = u->next % u->n_bufs;
	char *mem = w->buf + buf * u->buf_len;
	int err = uring_look(w, next_is_free);

	if (err)
		return err;
	u->next++;
	if (u->zerocopy)
		w->r->zerocopied += n;
	/* A read past the end of the file comes back short, which breaks a link: the tail of O_DIRECT goes alone. */
	if (u->zerocopy && n % WAY_BLOCK_BYTES)
		return uring_finish(w, buf, mem, offset, n, 0, 0);
	sqe = io_uring_get_sqe(&u->ring);
	prep_read(w, sqe, buf, mem, n, offset);
	io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK);
	prep_send(w, io_uring_get_sqe(&u->ring), buf, mem, n);
	err = uring_go(w, 2);
	if (err)
		return err;
	if (u->read_ret < 0)
		return u->read_ret == -EINVAL && u->zerocopy ? -EOPNOTSUPP : u->read_ret;
	if (u->send_ret < 0 && u->send_ret != -ECANCELED)
		return u->send_ret == -EINVAL && u->zerocopy ? -EOPNOTSUPP : u->send_ret;
	return uring_finish(w, buf, mem, offset, n, way__min((size_t)u->read_ret, n), way__max(u->send_ret, 0));
}

static int uring_run(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r, bool zerocopy)
{
	struct uring u = {.zerocopy = zerocopy, .n_bufs = 1};
	struct way_run run = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r, .own = &u};
	struct way_run *w = &run;
	int err;

	if (zerocopy)
		way__align_chunk(w);
	u.buf_len = way__round_up(w->chunk, WAY_BLOCK_BYTES);
	if (zerocopy)
		u.n_bufs = way__min(way__max(RING_BYTES / u.buf_len, 2), RING_MAX);
	w->buf = way__alloc(u.n_bufs * u.buf_len);
	if (!w->buf)
		return -ENOMEM;
	err = io_uring_queue_init(2 * RING_MAX, &u.ring, 0);
	if (err) {
		way__free(w, w->buf, u.n_bufs * u.buf_len);
		return err == -EPERM ? -EOPNOTSUPP : err; /* kernel.io_uring_disabled */
	}
	/* The submission and completion rings share a mapping where IORING_FEAT_SINGLE_MMAP is; the entries have one.
	 */
	w->r->setup_map_calls += u.ring.features & IORING_FEAT_SINGLE_MMAP ? 4u : 6u;
	if (zerocopy && (u.ring.features & FEAT_REG_REG_RING))
		u.zc_flags = SEND_ZC_REPORT_USAGE;
	err = way__for_each_chunk(w, uring_step);
	if (!err)
		err = uring_look(w, nothing_lent);
	io_uring_queue_exit(&u.ring);
	way__free(w, w->buf, u.n_bufs * u.buf_len);
	return err;
}

int way__run_uring(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	return uring_run(file_fd, sock_fd, size, chunk, r, false);
}

int way__run_uring_zerocopy(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	return uring_run(file_fd, sock_fd, size, chunk, r, true);
}
