/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * move.bpf.h - system calls that move data between two objects, or pages into a pipe: sendfile, splice,
 * copy_file_range, tee and vmsplice. n > 0 is the result; what sites saw copied inside the kernel is no zero-copy. Not
 * static: the verifier then looks at each once, not once for each state that its callers can be in.
 */
#ifndef ZCTRACE_MOVE_BPF_H
#define ZCTRACE_MOVE_BPF_H

#include "call.bpf.h"

#define FMODE_WRITE 0x2

/* The cache's side of what sendfile and splice read. */
static __always_inline void move_accessed(struct slot *s, const struct call *c, struct file *in, u64 n)
{
	if (acc_config.infer_cache && file_object(in) == OBJ_FILE && c->offset != UNREADABLE)
		infer_cache_access(s, in, n, (const void *)c->offset, c->position);
}

/* sendfile and splice: pages by reference, except that a page cache takes copies only. */
__noinline int settle_splice(struct slot *s, const struct call *c, u64 n)
{
	struct file *in, *out;
	u64 copied;

	if (!s || !c)
		return 0;
	in = fd_file(c->fd);
	out = fd_file(c->to_fd);
	copied = s->seen[SEEN_KERNEL];
	if (copied < n && file_object(out) == OBJ_FILE && !is_direct(out)) {
		infer(s, M_KERN_TO_FILE, n - copied);
		copied = n;
	}
	add_zerocopy(s, c->class == C_SENDFILE ? M_ZC_SENDFILE : M_ZC_SPLICE, n, copied);
	payload_end(s, in, true, n);
	payload_end(s, out, false, n);
	move_accessed(s, c, in, n);
	return 0;
}

__noinline int settle_copy_range(struct slot *s, const struct call *c, u64 n)
{
	if (!s || !c)
		return 0;
	if (!acc_config.infer_copies) /* else nobody knows whether it was shared or copied */
		add_zerocopy(s, M_ZC_COPY_FILE_RANGE, n, s->seen[SEEN_KERNEL]);
	payload_end(s, fd_file(c->fd), true, n);
	payload_end(s, fd_file(c->to_fd), false, n);
	return 0;
}

/* What it put into the second pipe besides is this process's, as if it had been written. */
__noinline int settle_tee(struct slot *s, const struct call *c, u64 n)
{
	struct file *f;

	if (!s || !c)
		return 0;
	slot_add(s, M_ZC_TEE, n);
	f = fd_file(c->to_fd);
	if (f)
		payload_pipe_write(s, f, n);
	return 0;
}

/* The write end maps user pages into the pipe; the read end copies out of it. */
__noinline int settle_vmsplice(struct slot *s, const struct call *c, u64 n)
{
	struct file *f;

	if (!s || !c)
		return 0;
	f = fd_file(c->fd);
	if (!f)
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
