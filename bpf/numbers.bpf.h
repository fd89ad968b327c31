/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * numbers.bpf.h - the numbers of system calls that are asked for by name: __NR_ of the 64-bit ones, NR32_ of the 32-bit
 * ones (arch/x86/entry/syscalls/syscall_32.tbl, 6.1 to 7.3). The tables by class are in class.bpf.h and call_32.bpf.h.
 */
#ifndef ZCTRACE_NUMBERS_BPF_H
#define ZCTRACE_NUMBERS_BPF_H

#include <asm/unistd_64.h>

#define NR32_EXIT 1
#define NR32_EXECVE 11
#define NR32_OLD_MMAP 90
#define NR32_SOCKETCALL 102
#define NR32_SENDFILE 187 /* its offset has 32 bits */
#define NR32_EXIT_GROUP 252
#define NR32_EXECVEAT 358
#define NR32_RECVFROM 371
#define NR32_RECVMSG 372

/* What socketcall is asked to do, by its first argument: include/uapi/linux/net.h. */
#define SOCKETCALL_RECV 10
#define SOCKETCALL_RECVFROM 12
#define SOCKETCALL_SENDMSG 16
#define SOCKETCALL_RECVMSG 17

#endif
