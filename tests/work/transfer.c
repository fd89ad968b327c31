/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transfer.c - the ways of user/demo/ways.h as commands, their far end, and io_uring reads. The sink's request (24
 * bytes sent) and its reply (24 bytes read) are calls of this process too: they are in data_calls, in_bytes and
 * out_bytes.
 */
#define _GNU_SOURCE 1

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink.h"
#include "ways.h"
#include "work.h"

#define MESSAGE_BYTES 24

static int run_sink(int argc, char **argv)
{
	(void)argc;
	return sink__serve(arg__number(argv[1]));
}

static int connect_to(const char *host, uint16_t port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		return sink__connect((struct sockaddr *)&v4, sizeof(v4));
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
		return sink__connect((struct sockaddr *)&v6, sizeof(v6));
	return -EADDRNOTAVAIL;
}

static void tell(const struct way *way, const struct way_result *r, bool receive)
{
	bool to_memory = strcmp(way->name, "recv") == 0 || strcmp(way->name, "zerocopy-receive") == 0;

	did.calls = did.data_calls = r->data_calls + r->setup_data_calls + 2;
	did.map_calls = r->map_calls + r->setup_map_calls;
	did.in_bytes = r->bytes + MESSAGE_BYTES;
	did.out_bytes = (to_memory ? 0 : r->bytes) + MESSAGE_BYTES;
	out__add("receive", receive);
	out__add("chunks", r->chunks);
	out__add("way_data_calls", r->data_calls);
	out__add("way_map_calls", r->map_calls);
	out__add("setup_data_calls", r->setup_data_calls);
	out__add("setup_map_calls", r->setup_map_calls);
	out__add("zerocopied", r->zerocopied);
	out__add("zerocopy_copied", r->zerocopy_copied);
}

/* What TCP says it sent, headers left out, and sent again. One getsockopt, not a data call. */
static void tell_tcp(int sock)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &len))
		return;
	out__add("tcp_bytes_sent", info.tcpi_bytes_sent);
	out__add("tcp_bytes_retrans", info.tcpi_bytes_retrans);
	out__add("tcp_segs_out", info.tcpi_segs_out);
}

static int transfer(const struct way *way, int sock, int file, uint64_t size, uint64_t chunk, enum sink_op op)
{
	struct way_result r = {0};
	struct sink_reply reply;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = sink__request(sock, op, size);
	if (!err)
		err = way->run(file, sock, size, chunk, &r);
	if (!err)
		err = sink__wait_reply(sock, &reply);
	if (err)
		return err;
	if (reply.bytes != size || r.bytes != size)
		return -EPROTO;
	tell(way, &r, op == SINK_SEND);
	out__add("checksum", reply.checksum);
	tell_tcp(sock);
	return 0;
}

/* send HOST PORT FILE WAY CHUNK [--check] */
static int run_send(int argc, char **argv)
{
	const struct way *way = way__find(argv[4], false);
	int sock, file;
	struct stat st;

	if (!way)
		return -EINVAL;
	file = open(argv[3], O_RDONLY | (way->needs_direct ? O_DIRECT : 0));
	if (file < 0 || fstat(file, &st) < 0)
		return -errno;
	sock = connect_to(argv[1], arg__number(argv[2]));
	if (sock < 0)
		return sock;
	return transfer(way, sock, file, st.st_size, arg__number(argv[5]),
			arg__flag(argc, argv, "--check") ? SINK_CHECK : SINK_DRAIN);
}

/* recv HOST PORT FILE WAY CHUNK BYTES */
static int run_recv(int argc, char **argv)
{
	const struct way *way = way__find(argv[4], true);
	int sock, file;

	(void)argc;
	if (!way)
		return -EINVAL;
	file = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (file < 0)
		return -errno;
	sock = connect_to(argv[1], arg__number(argv[2]));
	if (sock < 0)
		return sock;
	return transfer(way, sock, file, arg__number(argv[6]), arg__number(argv[5]), SINK_SEND);
}

/* One read per io_uring_enter. */
static int run_uring_read(int argc, char **argv)
{
	int fd = open(argv[1], O_RDONLY | (arg__flag(argc, argv, "--direct") ? O_DIRECT : 0));
	uint64_t chunk = arg__number(argv[2]), size;
	struct iovec iov = {work__alloc(chunk), chunk};
	bool fixed = arg__flag(argc, argv, "--fixed");
	struct io_uring ring;
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	size = st.st_size;
	err = io_uring_queue_init(8, &ring, 0);
	if (!err && fixed)
		err = io_uring_register_buffers(&ring, &iov, 1);
	if (err)
		return err;
	while (did.in_bytes < size) {
		struct io_uring_cqe *cqe;

		if (fixed)
			io_uring_prep_read_fixed(io_uring_get_sqe(&ring), fd, iov.iov_base, chunk, did.in_bytes, 0);
		else
			io_uring_prep_read(io_uring_get_sqe(&ring), fd, iov.iov_base, chunk, did.in_bytes);
		err = io_uring_submit_and_wait(&ring, 1);
		if (err < 0)
			return err;
		did.calls++;
		did.data_calls++;
		err = io_uring_peek_cqe(&ring, &cqe);
		if (err || cqe->res <= 0)
			return err ? err : cqe->res < 0 ? cqe->res : -ENODATA;
		did.in_bytes += cqe->res;
		io_uring_cqe_seen(&ring, cqe);
	}
	did.map_calls += ring.features & IORING_FEAT_SINGLE_MMAP ? 2 : 3; /* the ring's own; it is not unmapped */
	return 0;
}

/* clang-format off */
const struct command transfer_commands[] = {
	{"sink",       "PORT              the far end, for ever", 1, 1, run_sink},
	{"send",       "HOST PORT FILE WAY CHUNK [--check]", 5, 6, run_send},
	{"recv",       "HOST PORT FILE WAY CHUNK BYTES", 6, 6, run_recv},
	{"uring-read", "FILE CHUNK [--direct] [--fixed]", 2, 4, run_uring_read},
	{0},
};
/* clang-format on */
