/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call_32.bpf.h - what 32-bit system calls moved: their numbers, their arguments, and otherwise as the 64-bit ones.
 * arch/x86/entry/syscalls/syscall_32.tbl (6.1 to 6.18) has the numbers; the arguments stand in bx, cx, dx, si, di, bp,
 * and pointers are 32 bits wide. Cannot see: bytes of a mapped file that such a call sends (payload).
 */
#ifndef ZCTRACE_CALL_32_BPF_H
#define ZCTRACE_CALL_32_BPF_H

#include "move.bpf.h"
#include "class.bpf.h"

#define NR32_EXIT 1
#define NR32_EXIT_GROUP 252
#define NR32_OLD_MMAP 90
#define NR32_SENDFILE 187 /* its offset has 32 bits */
#define MMSG32_BYTES 32	  /* struct mmsghdr of 32-bit programs */
#define MMSG32_LEN 28
#define UNREADABLE (~0ULL)

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
	[347] = C_MOVE,	      /* process_vm_readv */
	[348] = C_MOVE,	      /* process_vm_writev */
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
static __always_inline void sendfile_32(struct slot *s, const struct args_32 *c, long n)
{
	u64 off = c->a[2];
	struct file *in;
	u32 end;

	if (c->nr != NR32_SENDFILE || !off) {
		sendfile_call(s, c->a[0], c->a[1], off, n);
		return;
	}
	sendfile_call(s, c->a[0], c->a[1], UNREADABLE, n);
	in = fd_file(c->a[1]);
	if (n > 0 && acc_config.infer_cache && file_object(in) == OBJ_FILE &&
	    !bpf_probe_read_user(&end, sizeof(end), (const void *)off))
		infer_cache_access(s, in, n, NULL, (u64)end - n);
}

/* read, write, send and their kin, of which n bytes were moved (messages, if there were many). */
static __always_inline void data_32(struct slot *s, const struct args_32 *c, u64 n)
{
	bool infer = acc_config.infer_copies;
	u64 bytes = n;
	u32 how = 0;

	switch (c->class) {
	case C_READ:
	case C_READV:
		how = HOW_IN;
		break;
	case C_WRITE:
	case C_WRITEV:
		break;
	case C_SENDTO:
		how = c->a[3] & ~HOW_IN;
		break;
	case C_SENDMSG:
		how = c->a[2] & ~HOW_IN;
		break;
	case C_SENDMMSG:
		how = c->a[3] & ~HOW_IN;
		bytes = infer ? mmsg_bytes(c->a[1], n, MMSG32_BYTES, MMSG32_LEN) : 0;
		break;
	case C_RECVFROM:
		how = HOW_IN;
		if (c->a[3] & MSG_TRUNC && bytes > c->a[2])
			bytes = c->a[2];
		break;
	case C_RECVMSG:
		how = HOW_IN;
		bytes = infer && !(c->a[2] & MSG_TRUNC) ? n : 0;
		break;
	case C_RECVMMSG:
		how = HOW_IN;
		bytes = infer && !(c->a[3] & MSG_TRUNC) ? mmsg_bytes(c->a[1], n, MMSG32_BYTES, MMSG32_LEN) : 0;
		break;
	default:
		return;
	}
	if (bytes)
		data_call(s, c->a[0], bytes, how, position_32(c));
}

/* Not static: see data_call. */
__noinline int call_32(struct slot *s, long ret)
{
	struct args_32 c;

	if (!s)
		return 0;
	read_args_32(&c, (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	switch (c.class) {
	case C_NONE:
		return 0;
	case C_SYNC:
		slot_add(s, M_FSYNCS, 1);
		return 0;
	case C_MMAP:
		if ((int)c.a[4] >= 0 && !(c.a[3] & MAP_ANONYMOUS) && (u32)ret < -4095U)
			slot_add(s, M_MAP_CALLS, 1);
		return 0;
	case C_MUNMAP:
		if (!ret)
			slot_add(s, M_MAP_CALLS, 1);
		return 0;
	case C_URING:
		if (ret >= 0)
			slot_count(s, M_DATA_CALLS, 1);
		return 0;
	case C_SENDFILE:
		sendfile_32(s, &c, ret);
		break;
	case C_SPLICE:
		splice_call(s, c.a[0], c.a[1], c.a[2], ret);
		break;
	case C_COPY_RANGE:
		copy_range_call(s, c.a[0], c.a[2], ret);
		break;
	}
	if (ret <= 0)
		return 0;
	slot_count(s, M_DATA_CALLS, 1);
	if (c.class == C_TEE) {
		slot_add(s, M_ZC_TEE, ret);
		tee_call(s, c.a[1], ret);
	} else if (c.class == C_VMSPLICE) {
		vmsplice_call(s, c.a[0], ret);
	} else {
		data_32(s, &c, ret);
	}
	return 0;
}

#endif
