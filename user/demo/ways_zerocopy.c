/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways_zerocopy.c - read + send with MSG_ZEROCOPY. The kernel keeps references to the buffer until it says, on the
 * socket's error queue, that the bytes are out; so the buffers go round a ring, and none is used again before that.
 * Reading the error queue moves no data: recvmsg returns 0 bytes, and is no data call.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "ways_step.h"

#define RING_BYTES (4u << 20)
#define RING_MAX 256u
#define IDS 4096u /* sends under way at most; the kernel numbers them from 0, per socket */
#define PATIENCE_MS 30000

struct ring {
	unsigned int n_bufs, next;
	unsigned int pending[RING_MAX]; /* sends under way from this buffer */
	uint16_t buf_of_id[IDS];
	uint32_t next_id, n_pending;
};

/* One completion tells of a range of sends. */
static void ring_complete(struct way_run *w, const struct sock_extended_err *e)
{
	struct ring *ring = w->own;

	if (e->ee_errno != 0 || e->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
		return;
	for (uint32_t id = e->ee_info;; id++) {
		ring->pending[ring->buf_of_id[id % IDS]]--;
		ring->n_pending--;
		if (e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
			w->r->zerocopy_copied++;
		if (id == e->ee_data)
			return;
	}
}

/* Reads what is on the error queue; waits for something first if told to. */
static int ring_drain(struct way_run *w, bool wait)
{
	struct pollfd p = {.fd = w->sock_fd}; /* POLLERR comes unasked */
	char control[256];

	if (wait) {
		int n = poll(&p, 1, PATIENCE_MS);

		if (n == 0)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (p.revents & (POLLHUP | POLLNVAL))
			return -EPIPE;
	}
	for (;;) {
		struct msghdr msg = {.msg_control = control, .msg_controllen = sizeof(control)};

		if (recvmsg(w->sock_fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
			if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
			    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
				ring_complete(w, (const struct sock_extended_err *)CMSG_DATA(c));
	}
}

static int zerocopy_send(struct way_run *w, unsigned int buf, const char *mem, size_t n)
{
	struct ring *ring = w->own;

	while (n > 0) {
		ssize_t sent;
		int err = ring->n_pending >= IDS ? ring_drain(w, true) : 0;

		if (err)
			return err;
		sent = send(w->sock_fd, mem, n, MSG_ZEROCOPY);
		if (sent < 0 && errno == ENOBUFS && ring->n_pending > 0) { /* optmem_max: completions unread */
			err = ring_drain(w, true);
			if (err)
				return err;
			continue;
		}
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		w->r->data_calls++;
		w->r->zerocopied += sent;
		ring->buf_of_id[ring->next_id++ % IDS] = buf;
		ring->pending[buf]++;
		ring->n_pending++;
		mem += sent;
		n -= sent;
	}
	return 0;
}

static int zerocopy_step(struct way_run *w, uint64_t offset, size_t n)
{
	struct ring *ring = w->own;
	unsigned int buf = ring->next++ % ring->n_bufs;
	char *mem = w->buf + buf * way__round_up(w->chunk, WAY_BLOCK_BYTES);
	int err = 0;

	(void)offset;
	for (bool wait = false; ring->pending[buf] > 0 && !err; wait = true)
		err = ring_drain(w, wait);
	if (!err)
		err = way__read(w, w->file_fd, mem, n);
	return err ? err : zerocopy_send(w, buf, mem, n);
}

int way__run_zerocopy(int file_fd, int sock_fd, uint64_t size, uint64_t chunk, struct way_result *r)
{
	struct way_run w = {.file_fd = file_fd, .sock_fd = sock_fd, .size = size, .chunk = chunk, .r = r};
	size_t buf_len = way__round_up(chunk, WAY_BLOCK_BYTES);
	struct ring ring = {.n_bufs = way__min(way__max(RING_BYTES / buf_len, 2), RING_MAX)};
	int on = 1, err;

	if (setsockopt(sock_fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) < 0)
		return -EOPNOTSUPP;
	w.own = &ring;
	w.buf = way__alloc(ring.n_bufs * buf_len);
	if (!w.buf)
		return -ENOMEM;
	err = way__for_each_chunk(&w, zerocopy_step);
	while (!err && ring.n_pending > 0)
		err = ring_drain(&w, true);
	way__free(&w, w.buf, ring.n_bufs * buf_len);
	return err;
}
