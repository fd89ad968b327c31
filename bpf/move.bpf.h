/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * move.bpf.h - system calls that move data between two objects, or pages into a pipe: sendfile, splice,
 * copy_file_range, tee and vmsplice. n is the result; each runs in the task, before it returns to user mode. Not
 * static: the verifier then looks at each once, not once for each state that its callers can be in. For syscall.bpf.c
 * only.
 */
#ifndef ZCTRACE_MOVE_BPF_H
#define ZCTRACE_MOVE_BPF_H

#include "call.bpf.h"

#define FMODE_WRITE 0x2

__noinline int sendfile_call(struct slot *s, int out_fd, int in_fd, u64 off, long n)
{
	struct file *in = fd_file(in_fd), *out = fd_file(out_fd);
	u64 copied = take_kernel_copied();

	if (n <= 0 || !s)
		return 0;
	if (acc_config.infer_copies && file_object(out) == OBJ_FILE)
		copied = n; /* into a page cache: always a copy, but not one that was seen */
	add_zerocopy(s, M_ZC_SENDFILE, n, copied);
	payload_end(s, in, true, n);
	payload_end(s, out, false, n);
	if (acc_config.infer_cache && file_object(in) == OBJ_FILE)
		infer_cache_access(s, in, n, (const void *)off, -1);
	return 0;
}

__noinline int splice_call(struct slot *s, int in_fd, u64 off, int out_fd, long n)
{
	struct file *in = fd_file(in_fd), *out = fd_file(out_fd);
	u64 copied = take_kernel_copied();

	if (n <= 0 || !s)
		return 0;
	if (acc_config.infer_copies && file_object(out) == OBJ_FILE)
		copied = n;
	add_zerocopy(s, M_ZC_SPLICE, n, copied);
	payload_end(s, in, true, n);
	payload_end(s, out, false, n);
	if (acc_config.infer_cache && file_object(in) == OBJ_FILE)
		infer_cache_access(s, in, n, (const void *)off, -1);
	return 0;
}

__noinline int copy_range_call(struct slot *s, int in_fd, int out_fd, long n)
{
	u64 copied = take_kernel_copied();

	if (n <= 0 || !s)
		return 0;
	if (!acc_config.infer_copies) /* else nobody knows whether it was shared or copied */
		add_zerocopy(s, M_ZC_COPY_FILE_RANGE, n, copied);
	payload_end(s, fd_file(in_fd), true, n);
	payload_end(s, fd_file(out_fd), false, n);
	return 0;
}

/* What it put into the second pipe besides is this process's, as if it had been written. */
__noinline int tee_call(struct slot *s, int fd, u64 n)
{
	struct file *f = fd_file(fd);

	if (f && s)
		payload_pipe_write(s, f, n);
	return 0;
}

/* The write end maps user pages into the pipe; the read end copies out of it. */
__noinline int vmsplice_call(struct slot *s, int fd, u64 n)
{
	struct file *f = fd_file(fd);

	if (!f || !s)
		return 0;
	if (FILE_READ(f, f_mode) & FMODE_WRITE) {
		slot_add(s, M_ZC_VMSPLICE, n);
		payload_pipe_write(s, f, n);
	} else {
		slot_add(s, M_TO_USER_PIPE, n);
		slot_add(s, M_COPIES_TO_USER, 1);
		payload_pipe_read(s, f, n);
	}
	return 0;
}

#endif
