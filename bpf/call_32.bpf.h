/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call_32.bpf.h - what 32-bit system calls moved: their numbers, their arguments, and otherwise as the 64-bit ones.
 * arch/x86/entry/syscalls/syscall_32.tbl (6.1 to 6.18) has the numbers; the arguments stand in bx, cx, dx, si, di, bp,
 * and pointers are 32 bits wide. Cannot see: bytes of a mapped file that such a call sends (payload).
 */
#ifndef ZCTRACE_CALL_32_BPF_H
#define ZCTRACE_CALL_32_BPF_H

#include "call.bpf.h"

#define MMSG32_BYTES 32 /* struct mmsghdr of 32-bit programs */
#define MMSG32_LEN 28

static const u8 class_32[N_CALLS] = {
	[3] = C_READ,	      /* read */
	[4] = C_WRITE,	      /* write */
	[90] = C_MMAP,	      /* mmap: its arguments in memory */
	[91] = C_MUNMAP,      /* munmap */
	[118] = C_SYNC,	      /* fsync */
	[144] = C_SYNC,	      /* msync */
	[145] = C_READV,      /* readv */
	[146] = C_WRITEV,     /* writev */
	[148] = C_SYNC,	      /* fdatasync */
	[180] = C_READ,	      /* pread64: the offset in two words */
	[181] = C_WRITE,      /* pwrite64 */
	[187] = C_SENDFILE,   /* sendfile */
	[192] = C_MMAP,	      /* mmap2 */
	[239] = C_SENDFILE,   /* sendfile64 */
	[313] = C_SPLICE,     /* splice */
	[314] = C_SYNC,	      /* sync_file_range */
	[315] = C_TEE,	      /* tee */
	[316] = C_VMSPLICE,   /* vmsplice */
	[333] = C_READV,      /* preadv */
	[334] = C_WRITEV,     /* pwritev */
	[337] = C_RECVMMSG,   /* recvmmsg */
	[344] = C_SYNC,	      /* syncfs */
	[345] = C_SENDMMSG,   /* sendmmsg */
	[347] = C_VM_READ,    /* process_vm_readv */
	[348] = C_VM_WRITE,   /* process_vm_writev */
	[369] = C_SENDTO,     /* sendto */
	[370] = C_SENDMSG,    /* sendmsg */
	[371] = C_RECVFROM,   /* recvfrom */
	[372] = C_RECVMSG,    /* recvmsg */
	[377] = C_COPY_RANGE, /* copy_file_range */
	[378] = C_READV,      /* preadv2 */
	[379] = C_WRITEV,     /* pwritev2 */
	[417] = C_RECVMMSG,   /* recvmmsg_time64 */
	[426] = C_URING,      /* io_uring_enter */
};

/* By the first argument of socketcall (include/uapi/linux/net.h); the others stand in memory. */
static const u8 socketcall_class[33] = {
	[9] = C_SENDTO,			  /* send */
	[10] = C_RECVFROM,		  /* recv */
	[11] = C_SENDTO,		  /* sendto */
	[12] = C_RECVFROM,		  /* recvfrom */
	[SOCKETCALL_SENDMSG] = C_SENDMSG, /* sendmsg */
	[SOCKETCALL_RECVMSG] = C_RECVMSG, /* recvmsg */
	[19] = C_RECVMMSG,		  /* recvmmsg */
	[20] = C_SENDMMSG,		  /* sendmmsg */
};

struct args_32 {
	u32 a[6];
	u32 class, nr;
};

static __always_inline void read_args_32(struct args_32 *c, const struct pt_regs *regs)
{
	u32 call = regs->bx;

	c->nr = regs->orig_ax;
	c->class = c->nr < N_CALLS ? class_32[c->nr] : C_NONE;
	c->a[0] = regs->bx;
	c->a[1] = regs->cx;
	c->a[2] = regs->dx;
	c->a[3] = regs->si;
	c->a[4] = regs->di;
	c->a[5] = regs->bp;
	if (c->nr == NR32_SOCKETCALL) {
		/* no more than the call has: the rest may not be there */
		if (call > 31 ||
		    bpf_probe_read_user(c->a, call == SOCKETCALL_SENDMSG || call == SOCKETCALL_RECVMSG ? 12 : 16,
					(void *)(u64)c->a[1]))
			return;
		barrier_var(call); /* else clang drops the next line, by which the verifier knows its bound */
		c->class = socketcall_class[call & 31];
	} else if (c->nr == NR32_OLD_MMAP && bpf_probe_read_user(c->a, sizeof(c->a), (void *)(u64)c->a[0])) {
		c->class = C_NONE;
	}
}

/* The file position that a positioned call began at, -1 if it is none. */
static __always_inline u64 position_32(const struct args_32 *c)
{
	switch (c->nr) {
	case 180:
	case 181:
	case 333:
	case 334:
	case 378:
	case 379:
		return (u64)c->a[4] << 32 | c->a[3];
	default:
		return -1;
	}
}

/* With an offset of 32 bits its end is known here, and not where the others read theirs. */
static __always_inline void offset_32(struct call *to, const struct args_32 *c, long n)
{
	u64 offset = c->a[2];
	u32 end;

	to->offset = offset;
	if (c->nr != NR32_SENDFILE || !offset)
		return;
	to->offset = UNREADABLE;
	if (n > 0 && !bpf_probe_read_user(&end, sizeof(end), (const void *)offset)) {
		to->offset = 0;
		to->position = (u64)end - n;
	}
}

/*
 * The call at hand, which returned ret. Not static: see settle_splice. Of mmap the length says whether it mapped a
 * file.
 */
__noinline int call_of_32(struct call *to, long ret)
{
	struct args_32 c;

	if (!to)
		return 0;
	read_args_32(&c, (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	to->class = c.class;
	to->fd = c.a[0];
	switch (c.class) {
	case C_READ:
	case C_WRITE:
	case C_READV:
	case C_WRITEV:
		to->position = position_32(&c);
		break;
	case C_SENDTO:
	case C_RECVFROM:
		to->flags = c.a[3];
		to->length = c.a[2];
		break;
	case C_SENDMSG:
	case C_RECVMSG:
		to->flags = c.a[2];
		break;
	case C_SENDMMSG:
	case C_RECVMMSG:
		to->flags = c.a[3];
		to->messages = c.a[1];
		to->stride = MMSG32_BYTES;
		to->length_at = MMSG32_LEN;
		break;
	case C_SENDFILE:
		to->fd = c.a[1];
		to->to_fd = c.a[0];
		offset_32(to, &c, ret);
		break;
	case C_SPLICE:
	case C_COPY_RANGE:
		to->offset = c.a[1];
		to->to_fd = c.a[2];
		break;
	case C_TEE:
		to->to_fd = c.a[1];
		break;
	case C_MMAP:
		to->length = (int)c.a[4] >= 0 && !(c.a[3] & MAP_ANONYMOUS) && (u32)ret < -4095U;
		break;
	}
	return 0;
}

#endif
