/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.c - the far end of a transfer.
 *
 *	near end                        sink
 *	   ── magic, op, bytes ──────▶           24 bytes, big-endian
 *	   ── payload ───────────────▶           DRAIN, CHECK: up to `bytes`, or until the peer shuts its side
 *	   ◀─────────────── payload ──           SEND
 *	   ◀─ magic, bytes, checksum ─           24 bytes
 */
#define _GNU_SOURCE 1

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sink.h"

#define MAGIC 0x7a63747261636531ull /* "zctrace1" */
#define BUF_BYTES (256u << 10)
#define MAX_CONNECTIONS 64
#define PATIENCE_S 60 /* a peer silent for so long is gone */

struct message {
	uint64_t magic, a, b; /* big-endian; request: op, bytes; reply: bytes, checksum */
};

static int read_full(int fd, void *mem, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t got = read(fd, (char *)mem + done, len - done);

		if (got == 0)
			return -ECONNRESET;
		if (got < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		done += got > 0 ? got : 0;
	}
	return 0;
}

static int send_full(int fd, const void *mem, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t put = send(fd, (const char *)mem + done, len - done, MSG_NOSIGNAL);

		if (put < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		done += put > 0 ? put : 0;
	}
	return 0;
}

static int send_message(int fd, uint64_t a, uint64_t b)
{
	struct message m = {htobe64(MAGIC), htobe64(a), htobe64(b)};

	return send_full(fd, &m, sizeof(m));
}

static int read_message(int fd, uint64_t *a, uint64_t *b)
{
	struct message m;
	int err = read_full(fd, &m, sizeof(m));

	if (err)
		return err;
	if (be64toh(m.magic) != MAGIC)
		return -EPROTO;
	*a = be64toh(m.a);
	*b = be64toh(m.b);
	return 0;
}

void sink__checksum_add(struct sink_checksum *c, const void *mem, size_t len)
{
	const unsigned char *p = mem;

	while (len > 0) {
		if (c->n_bytes == 0 && len >= sizeof(c->word)) {
			uint64_t word;

			memcpy(&word, p, sizeof(word));
			c->sum = c->sum * 0x100000001b3ull + le64toh(word);
			p += sizeof(word);
			len -= sizeof(word);
			continue;
		}
		c->word |= (uint64_t)*p++ << (8 * c->n_bytes++);
		len--;
		if (c->n_bytes == sizeof(c->word)) {
			c->sum = c->sum * 0x100000001b3ull + c->word;
			c->word = c->n_bytes = 0;
		}
	}
}

uint64_t sink__checksum(const struct sink_checksum *c)
{
	return (c->sum * 0x100000001b3ull + c->word) * 0x100000001b3ull + c->n_bytes;
}

static int drain(int fd, char *buf, uint64_t bytes, bool check)
{
	struct sink_checksum sum = {0};
	uint64_t done = 0;

	while (done < bytes) {
		ssize_t got = read(fd, buf, bytes - done < BUF_BYTES ? bytes - done : BUF_BYTES);

		if (got == 0)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (check)
			sink__checksum_add(&sum, buf, got);
		done += got;
	}
	return send_message(fd, done, check ? sink__checksum(&sum) : 0);
}

static int produce(int fd, char *buf, uint64_t bytes)
{
	memset(buf, 0x5a, BUF_BYTES);
	for (uint64_t done = 0; done < bytes;) {
		size_t n = bytes - done < BUF_BYTES ? bytes - done : BUF_BYTES;
		int err = send_full(fd, buf, n);

		if (err)
			return err;
		done += n;
	}
	return send_message(fd, bytes, 0);
}

static int set_patience(int fd)
{
	struct timeval t = {.tv_sec = PATIENCE_S};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0)
		return -errno;
	return 0;
}

static int serve_connection(int fd)
{
	uint64_t op, bytes;
	char *buf = malloc(BUF_BYTES);
	int err = buf ? set_patience(fd) : -ENOMEM;

	if (!err)
		err = read_message(fd, &op, &bytes);
	if (!err && (op == SINK_DRAIN || op == SINK_CHECK))
		err = drain(fd, buf, bytes, op == SINK_CHECK);
	else if (!err && op == SINK_SEND)
		err = produce(fd, buf, bytes);
	free(buf);
	return err;
}

/* A process per connection; no more than MAX_CONNECTIONS, further ones wait in the backlog. */
static int accept_forever(int listen_fd)
{
	for (int n = 0;;) {
		int fd;
		pid_t pid;

		while (n > 0 && waitpid(-1, NULL, n < MAX_CONNECTIONS ? WNOHANG : 0) > 0)
			n--;
		fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return -errno;
		pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(serve_connection(fd) ? EXIT_FAILURE : EXIT_SUCCESS);
		}
		n += pid > 0;
		close(fd);
	}
}

/* A listening socket, or a negative errno. */
static int listen_on(const struct sockaddr *addr, socklen_t len)
{
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1, off = 0, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->sa_family == AF_INET6) /* IPv4 arrives there too */
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, addr, len) == 0 && listen(fd, MAX_CONNECTIONS) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int sink__serve(uint16_t port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
	int fd = listen_on((struct sockaddr *)&v6, sizeof(v6));
	int err;

	if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)
		fd = listen_on((struct sockaddr *)&v4, sizeof(v4));
	if (fd < 0)
		return fd;
	err = accept_forever(fd);
	close(fd);
	return err;
}

int sink__start(uint16_t *port, pid_t *pid)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(v4);
	int fd = listen_on((struct sockaddr *)&v4, sizeof(v4));
	pid_t parent = getpid();

	if (fd < 0)
		return fd;
	if (getsockname(fd, (struct sockaddr *)&v4, &len) < 0 || (*pid = fork()) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	if (*pid == 0) {
		signal(SIGINT,
		       SIG_IGN); /* the terminal's Ctrl-C is for the caller, who stops the sink when it is done */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(getppid() != parent || accept_forever(fd) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	close(fd);
	*port = ntohs(v4.sin_port);
	return 0;
}

void sink__stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int sink__connect(const struct sockaddr *addr, socklen_t len)
{
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = set_patience(fd);
	if (!err && connect(fd, addr, len) < 0)
		err = -errno;
	if (err)
		close(fd);
	return err ? err : fd;
}

int sink__request(int fd, enum sink_op op, uint64_t bytes)
{
	return send_message(fd, op, bytes);
}

int sink__wait_reply(int fd, struct sink_reply *ret)
{
	return read_message(fd, &ret->bytes, &ret->checksum);
}
