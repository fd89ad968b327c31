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

/* The program finds out whether the task is of interest; its body saves registers, which others need not pay for. */
#define SITE_BODY(function, which)                                                                                     \
	static __noinline int body_##function(u64 *ctx)                                                                \
	{                                                                                                              \
		struct slot *s = which;                                                                                \
		long ret = 0;                                                                                          \
                                                                                                                       \
		if (!s)                                                                                                \
			return 0;                                                                                      \
		bpf_get_func_ret(ctx, (u64 *)&ret);                                                                    \
		return site_##function(s, ctx, ret);                                                                   \
	}
#define SITE_PROGRAM(function, mostly)                                                                                 \
	SEC("?fexit/" #function)                                                                                       \
	int x_##function(u64 *ctx)                                                                                     \
	{                                                                                                              \
		u64 cpu = cpu_beside(&ctx), frame;                                                                     \
		struct slot *s;                                                                                        \
                                                                                                                       \
		if (cpu >= DIRECT_SLOTS)                                                                               \
			return body_##function(ctx);                                                                   \
		s = (struct slot *)direct_slots[cpu];                                                                  \
		barrier_var(s); /* else clang computes it anew */                                                      \
		frame = frame_from(s);                                                                                 \
		if (frame - s->quiet_stack < STACK_MOST || (mostly))                                                   \
			return 0;                                                                                      \
		return body_##function(ctx);                                                                           \
	}
#define SITE(function) SITE_BODY(function, acc_current()) SITE_PROGRAM(function, false)
/* mostly_<function>(slot, frame, context) does what is needed in the most frequent case, and says whether it was that
 */
#define SITE_MOSTLY(function)                                                                                          \
	SITE_BODY(function, acc_current()) SITE_PROGRAM(function, mostly_##function(s, frame, ctx))
/* whoever is current */
#define SITE_ANY(function)                                                                                             \
	SITE_BODY(function, slot_here())                                                                               \
	SEC("?fexit/" #function)                                                                                       \
	int x_##function(u64 *ctx)                                                                                     \
	{                                                                                                              \
		return body_##function(ctx);                                                                           \
	}

#include "iter.bpf.h"

/* Into user memory, of pages that were there, by a file that is not open for direct I/O. */
static __always_inline bool mostly_filemap_read(struct slot *s, u64 frame, u64 *ctx)
{
	struct address_space *mapping;
	struct kiocb *iocb;
	struct file *f;
	u64 n, end;
	u8 type;

	if (frame - s->traced_stack >= STACK_MOST || acc_state != ACC_ON || s->inserted)
		return false;
	type = ((struct iov_iter *)ctx[1])->iter_type;
	if (type != bpf_core_enum_value(enum iter_type, ITER_UBUF) &&
	    type != bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return false;
	iocb = (struct kiocb *)ctx[0];
	f = iocb->ki_filp;
	if (f->f_flags & O_DIRECT)
		return false;
	mapping = f->f_mapping;
	if (!mapping_clean(mapping))
		return false;
	n = ctx[3] - ctx[2]; /* less what was read directly before */
	if ((long)n <= 0)
		return false;
	end = iocb->ki_pos;
	slot_add(s, M_TO_USER_FILE, n);
	slot_add(s, M_COPIES_TO_USER, 1);
	slot_add(s, M_PAYLOAD_IN, n);
	slot_add(s, M_CACHE_HIT, ((end - 1) >> PAGE_SHIFT) - ((end - n) >> PAGE_SHIFT) + 1);
	saw(s, SEEN_USER, n);
	return true;
}

#include "copy.bpf.h"

/* A datagram begins: no site within has seen it yet. */
#define UDP_BEGINS(function)                                                                                           \
	SEC("?fentry/" #function)                                                                                      \
	int x_begin_##function(u64 *ctx)                                                                               \
	{                                                                                                              \
		struct slot *s = acc_current();                                                                        \
                                                                                                                       \
		if (s)                                                                                                 \
			ledger_take_inner(s);                                                                          \
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
			payload_pipe_write(s, iocb->ki_filp, 0);                                                       \
		return 0;                                                                                              \
	}

PIPE_WRITE_BEGINS(pipe_write)
PIPE_WRITE_BEGINS(anon_pipe_write)
