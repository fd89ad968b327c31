// SPDX-License-Identifier: GPL-2.0-only
/*
 * copy.bpf.c - the copy sites by fexit: result and arguments in one program, no table of entries, nothing to exhaust.
 *
 * bpf_get_func_ret finds the result whatever the number of arguments, which for some sites differs between kernels.
 */
#define RD(pointer, ...) RD_N(__VA_ARGS__, RD3, RD2, RD1)(pointer, __VA_ARGS__)
#define RD_N(a, b, c, n, ...) n
#define RD1(p, a) ((p)->a)
#define RD2(p, a, b) ((p)->a->b)
#define RD3(p, a, b, c) ((p)->a->b->c)

#define SITE_PROGRAM(function, nargs, which)                                                                           \
	SEC("?fexit/" #function)                                                                                       \
	int x_##function(u64 *ctx)                                                                                     \
	{                                                                                                              \
		struct slot *s = which;                                                                                \
		long ret = 0;                                                                                          \
                                                                                                                       \
		if (!s)                                                                                                \
			return 0;                                                                                      \
		bpf_get_func_ret(ctx, (u64 *)&ret);                                                                    \
		return site_##function(s, (void *)ctx[0], (void *)ctx[1], (void *)((nargs) > 2 ? ctx[2] : 0),          \
				       (nargs) > 3 ? ctx[3] : 0, ret);                                                 \
	}
#define SITE(function, nargs) SITE_PROGRAM(function, nargs, acc_current())
#define SITE_ANY(function, nargs) SITE_PROGRAM(function, nargs, slot_here()) /* whoever is current */

#define WRITER_AT_ENTRY 1

#pragma clang diagnostic ignored "-Wint-conversion"
#include "copy.bpf.h"

/* A datagram begins: no site has seen it yet. */
#define UDP_BEGINS(function)                                                                                           \
	SEC("?fentry/" #function)                                                                                      \
	int x_begin_##function(u64 *ctx)                                                                               \
	{                                                                                                              \
		struct thread *th = acc_current() ? acc_thread() : NULL;                                               \
                                                                                                                       \
		if (th)                                                                                                \
			th->udp_seen = 0;                                                                              \
		return 0;                                                                                              \
	}

UDP_BEGINS(udp_recvmsg)
UDP_BEGINS(udpv6_recvmsg)

/* Before the first byte is there to be read: whoever reads it on another CPU wants to know whose it is. */
#define PIPE_WRITE_BEGINS(function)                                                                                    \
	SEC("?fentry/" #function)                                                                                      \
	int x_begin_##function(u64 *ctx)                                                                               \
	{                                                                                                              \
		struct kiocb *iocb = (struct kiocb *)ctx[0];                                                           \
		struct iov_iter *iter = (struct iov_iter *)ctx[1];                                                     \
		struct slot *s = slot_here();                                                                          \
                                                                                                                       \
		if (s && iter->count && iter_memory(iter->iter_type) == MEM_USER)                                      \
			payload_pipe_write(s, iocb->ki_filp);                                                          \
		return 0;                                                                                              \
	}

PIPE_WRITE_BEGINS(pipe_write)
PIPE_WRITE_BEGINS(anon_pipe_write)
