/* SPDX-License-Identifier: GPL-2.0-only */
/* class.bpf.h - system calls by what there is to learn from them, by their 64-bit numbers. */
#ifndef ZCTRACE_CLASS_BPF_H
#define ZCTRACE_CLASS_BPF_H

#include "acc.bpf.h"
#include "numbers.bpf.h"

enum call_class {
	C_NONE,
	C_READ, /* fd, buffer, length */
	C_WRITE,
	C_READV,
	C_WRITEV,
	C_SENDTO,   /* flags in the fourth argument */
	C_SENDMSG,  /* flags in the third */
	C_SENDMMSG, /* fd, array of messages */
	C_RECVFROM, /* fd, buffer, length, flags */
	C_RECVMSG,  /* flags in the third argument */
	C_RECVMMSG,
	C_VM_READ,  /* process_vm_readv: another process's memory into the caller's */
	C_VM_WRITE, /* process_vm_writev */
	C_SENDFILE,
	C_SPLICE,
	C_TEE,
	C_VMSPLICE,
	C_COPY_RANGE,
	C_URING,
	C_SYNC,
	C_MMAP,
	C_MUNMAP,
	C_FORK,
	C_FORK_32, /* a fork if it is a 32-bit call */
	C_DATA_32, /* moves data, maps, or writes back, if it is a 32-bit call: see call_32.bpf.h */
};

#define MAP_ANONYMOUS 0x20

#define MSG_TRUNC 0x20

#define N_CALLS 512
static const u8 call_class[N_CALLS] = {
	[__NR_read] = C_READ,
	[__NR_pread64] = C_READ,
	[__NR_readv] = C_READV,
	[__NR_preadv] = C_READV,
	[__NR_preadv2] = C_READV,
	[__NR_recvfrom] = C_RECVFROM,
	[__NR_recvmsg] = C_RECVMSG,
	[__NR_recvmmsg] = C_RECVMMSG,
	[__NR_write] = C_WRITE,
	[__NR_pwrite64] = C_WRITE,
	[__NR_writev] = C_WRITEV,
	[__NR_pwritev] = C_WRITEV,
	[__NR_pwritev2] = C_WRITEV,
	[__NR_sendto] = C_SENDTO,
	[__NR_sendmsg] = C_SENDMSG,
	[__NR_sendmmsg] = C_SENDMMSG,
	[__NR_process_vm_readv] = C_VM_READ,
	[__NR_process_vm_writev] = C_VM_WRITE,
	[__NR_sendfile] = C_SENDFILE,
	[__NR_splice] = C_SPLICE,
	[__NR_tee] = C_TEE,
	[__NR_vmsplice] = C_VMSPLICE,
	[__NR_copy_file_range] = C_COPY_RANGE,
	[__NR_io_uring_enter] = C_URING,
	[__NR_fsync] = C_SYNC,
	[__NR_fdatasync] = C_SYNC,
	[__NR_sync_file_range] = C_SYNC,
	[__NR_msync] = C_SYNC,
	[__NR_syncfs] = C_SYNC,
	[__NR_mmap] = C_MMAP,
	[__NR_munmap] = C_MUNMAP,
	[__NR_clone] = C_FORK,
	[__NR_fork] = C_FORK,
	[__NR_vfork] = C_FORK,
	[__NR_clone3] = C_FORK,
	[2] = C_FORK_32, /* fork, clone, vfork */
	[120] = C_FORK_32,
	[190] = C_FORK_32,
	[3] = C_DATA_32, /* those of call_32.bpf.h that are no such call among the 64-bit ones */
	[4] = C_DATA_32,
	[90 ... 91] = C_DATA_32,
	[102] = C_DATA_32,
	[118] = C_DATA_32,
	[144 ... 146] = C_DATA_32,
	[148] = C_DATA_32,
	[180 ... 181] = C_DATA_32,
	[187] = C_DATA_32,
	[192] = C_DATA_32,
	[239] = C_DATA_32,
	[313 ... 316] = C_DATA_32,
	[333 ... 334] = C_DATA_32,
	[337] = C_DATA_32,
	[344 ... 345] = C_DATA_32,
	[347 ... 348] = C_DATA_32,
	[369 ... 372] = C_DATA_32,
	[377 ... 379] = C_DATA_32,
	[417] = C_DATA_32,
};

static __always_inline u32 call_class_of(const struct pt_regs *regs)
{
	u64 nr = regs->orig_ax;

	return nr < N_CALLS ? call_class[nr] : C_NONE;
}

#endif
