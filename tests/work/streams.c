/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * streams.c - pipes and sockets, N times BYTES. Where one process holds both ends it empties after each write what it
 * wrote, so BYTES must fit the buffer between.
 */
#define _GNU_SOURCE 1

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "work.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define FITS_BYTES 65536 /* a pipe's and every socket's buffer take as much */

/* N writes of BYTES to out, each read back from in. */
static int to_and_fro(int out, int in, uint64_t n, uint64_t bytes)
{
	char *buf = work__alloc(bytes);

	if (bytes > FITS_BYTES)
		return -EMSGSIZE;
	memset(buf, 0xa5, bytes);
	for (uint64_t i = 0; i < n; i++) {
		int err = work__write_all(out, buf, bytes);

		if (!err)
			err = work__read_all(in, buf, bytes);
		if (err)
			return err;
	}
	return 0;
}

static int run_pipe(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]);
	char *buf = work__alloc(bytes);
	int ends[2], err = 0;
	pid_t pid;

	if (pipe(ends) < 0)
		return -errno;
	if (arg__flag(argc, argv, "--self"))
		return to_and_fro(ends[1], ends[0], n, bytes);
	pid = work__fork();
	if (pid < 0)
		return pid;
	for (uint64_t i = 0; i < n && !err; i++)
		err = pid == 0 ? work__write_all(ends[1], buf, bytes) : work__read_all(ends[0], buf, bytes);
	if (pid == 0)
		syscall(SYS_exit_group, err ? 1 : 0);
	out__add("child_pid", pid);
	out__add("child_out_bytes", n * bytes);
	return err ? err : work__wait(pid);
}

static int run_unix(int argc, char **argv)
{
	int ends[2];

	(void)argc;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -errno;
	return to_and_fro(ends[0], ends[1], arg__number(argv[1]), arg__number(argv[2]));
}

/* A socket bound to a loopback port of its own, whose address *addr gets. */
static int bind_loopback(int type, int protocol, struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, type, protocol);

	*addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd < 0 || bind(fd, (struct sockaddr *)addr, len) < 0 || getsockname(fd, (struct sockaddr *)addr, &len) < 0)
		return -errno;
	return fd;
}

/* N datagrams of BYTES whose pages the socket takes as they are, each read back. */
static int to_and_fro_by_reference(int out, int in, uint64_t n, uint64_t bytes)
{
	char *buf = work__alloc(bytes);
	int one = 1;

	if (setsockopt(out, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)) < 0)
		return -errno;
	for (uint64_t i = 0; i < n; i++) {
		ssize_t sent = work__moved(send(out, buf, bytes, MSG_ZEROCOPY), 2);
		int err = sent < 0 ? (int)sent : work__read_all(in, buf, bytes);

		if (err)
			return err;
	}
	return 0;
}

static int run_udp(int argc, char **argv)
{
	struct sockaddr_in here, there;
	int in = bind_loopback(SOCK_DGRAM, 0, &there), out = bind_loopback(SOCK_DGRAM, 0, &here);

	if (in < 0 || out < 0 || connect(out, (struct sockaddr *)&there, sizeof(there)) < 0)
		return -errno;
	return arg__flag(argc, argv, "--zerocopy")
		       ? to_and_fro_by_reference(out, in, arg__number(argv[1]), arg__number(argv[2]))
		       : to_and_fro(out, in, arg__number(argv[1]), arg__number(argv[2]));
}

/* From elsewhere, to this port: N datagrams of BYTES. */
static int run_udp_recv(int argc, char **argv)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(arg__number(argv[1]))};
	uint64_t n = arg__number(argv[2]), bytes = arg__number(argv[3]);
	int in = socket(AF_INET, SOCK_DGRAM, 0), err = 0;
	char *buf = work__alloc(bytes);

	(void)argc;
	if (in < 0 || bind(in, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	for (uint64_t i = 0; i < n && !err; i++)
		err = work__read_all(in, buf, bytes);
	return err;
}

static int run_udp_send(int argc, char **argv)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(arg__number(argv[2]))};
	uint64_t n = arg__number(argv[3]), bytes = arg__number(argv[4]);
	int out = socket(AF_INET, SOCK_DGRAM, 0), err = 0;
	char *buf = work__alloc(bytes);

	(void)argc;
	if (inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1)
		return -EADDRNOTAVAIL;
	if (out < 0 || connect(out, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	for (uint64_t i = 0; i < n && !err; i++)
		err = work__write_all(out, buf, bytes);
	return err;
}

/* N writes of BYTES, each of which the other end throws away: the kernel says how much it was, and copies nothing. */
static int to_be_discarded(int out, int in, uint64_t n, uint64_t bytes)
{
	char *buf = work__alloc(bytes);

	for (uint64_t i = 0; i < n; i++) {
		int err = work__write_all(out, buf, bytes);

		for (uint64_t left = bytes; !err && left;) {
			ssize_t got = work__moved(recv(in, buf, left, MSG_TRUNC), 1);

			if (got <= 0)
				return got < 0 ? (int)got : -ENODATA;
			left -= got;
		}
		if (err)
			return err;
	}
	return 0;
}

static int run_tcp(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]);
	int protocol = arg__flag(argc, argv, "--mptcp") ? IPPROTO_MPTCP : 0;
	struct sockaddr_in addr;
	int listener = bind_loopback(SOCK_STREAM, protocol, &addr), out = socket(AF_INET, SOCK_STREAM, protocol), in;

	if (listener < 0 || out < 0 || listen(listener, 1) < 0 ||
	    connect(out, (struct sockaddr *)&addr, sizeof(addr)) < 0 || (in = accept(listener, NULL, NULL)) < 0)
		return -errno;
	return arg__flag(argc, argv, "--discard") ? to_be_discarded(out, in, n, bytes) : to_and_fro(out, in, n, bytes);
}

/* sendmsg, sendto, recvmsg and recvfrom take turns; each moves the whole of a datagram. */
static int run_messages(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]);
	struct iovec iov = {work__alloc(bytes), bytes};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int ends[2];

	(void)argc;
	if (bytes > FITS_BYTES || socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0)
		return bytes > FITS_BYTES ? -EMSGSIZE : -errno;
	for (uint64_t i = 0; i < n; i++) {
		ssize_t put = i & 1 ? syscall(SYS_sendmsg, ends[0], &msg, 0)
				    : syscall(SYS_sendto, ends[0], iov.iov_base, bytes, 0, NULL, 0);
		ssize_t got;

		if (work__moved(put, 2) != (ssize_t)bytes)
			return -EIO;
		got = i & 2 ? syscall(SYS_recvmsg, ends[1], &msg, 0)
			    : syscall(SYS_recvfrom, ends[1], iov.iov_base, bytes, 0, NULL, NULL);
		if (work__moved(got, 1) != (ssize_t)bytes)
			return -EIO;
	}
	return 0;
}

/* vmsplice N BYTES: pages of ours into a pipe, and spliced on to /dev/null, which takes them without looking. */
static int run_vmsplice(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]), vmspliced = 0;
	struct iovec iov = {work__alloc(bytes), bytes};
	int ends[2], null = open("/dev/null", O_WRONLY);

	(void)argc;
	if (bytes > FITS_BYTES - 4096 || null < 0 || pipe(ends) < 0)
		return bytes > FITS_BYTES - 4096 ? -EMSGSIZE : -errno;
	for (uint64_t i = 0; i < n; i++) {
		ssize_t put = work__moved(vmsplice(ends[1], &iov, 1, 0), 2);

		if (put != (ssize_t)bytes)
			return put < 0 ? (int)put : -EIO;
		vmspliced += put;
		while (put > 0) {
			ssize_t got = work__moved(splice(ends[0], NULL, null, NULL, put, 0), 0);

			if (got <= 0)
				return got ? (int)got : -EIO;
			put -= got;
		}
	}
	out__add("vmspliced_bytes", vmspliced);
	out__add("spliced_bytes", vmspliced);
	return 0;
}

/* tee N BYTES: written into a pipe, duplicated into another, both read: one call each. */
static int run_tee(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]), teed = 0;
	char *buf = work__alloc(bytes);
	int first[2], second[2];

	(void)argc;
	if (bytes > FITS_BYTES - 4096)
		return -EMSGSIZE;
	if (pipe(first) < 0 || pipe(second) < 0)
		return -errno;
	for (uint64_t i = 0; i < n; i++) {
		int err = work__write_all(first[1], buf, bytes);
		ssize_t put = err ? err : work__moved(tee(first[0], second[1], bytes, 0), 0);

		if (put != (ssize_t)bytes)
			return put < 0 ? (int)put : -EIO;
		teed += put;
		err = work__read_all(first[0], buf, bytes);
		if (!err)
			err = work__read_all(second[0], buf, bytes);
		if (err)
			return err;
	}
	out__add("teed_bytes", teed);
	return 0;
}

/* clang-format off */
const struct command stream_commands[] = {
	{"pipe",     "N BYTES [--self]  a child writes, we read; --self: we do both", 2, 3, run_pipe},
	{"unix",     "N BYTES           socketpair, both ends ours", 2, 2, run_unix},
	{"udp",      "N BYTES [--zerocopy]  loopback, both ends ours", 2, 3, run_udp},
	{"udp-recv", "PORT N BYTES      from elsewhere", 3, 3, run_udp_recv},
	{"udp-send", "HOST PORT N BYTES", 4, 4, run_udp_send},
	{"tcp",      "N BYTES [--mptcp] [--discard]  loopback, both ends ours; what arrives is thrown away", 2, 4, run_tcp},
	{"messages", "N BYTES           datagrams by sendmsg, sendto, recvmsg, recvfrom", 2, 2, run_messages},
	{"vmsplice", "N BYTES           our pages into a pipe, then to /dev/null", 2, 2, run_vmsplice},
	{"tee",      "N BYTES           pipe to pipe", 2, 2, run_tee},
	{0},
};
/* clang-format on */
