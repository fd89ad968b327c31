/* SPDX-License-Identifier: GPL-2.0-only */
/* call.bpf.h - what a finished call moved, for system calls and io_uring alike. The current task made it; s is its
 * slot. */
#ifndef ZCTRACE_CALL_BPF_H
#define ZCTRACE_CALL_BPF_H

#include "file.bpf.h"

#define IPPROTO_UDP 17

/* What the sites copied inside the kernel during the call that ends here; the count starts anew. */
static __always_inline u64 take_kernel_copied(void)
{
	struct thread *th = acc_thread();
	u64 n = 0;

	if (th) {
		n = th->kernel_copied;
		th->kernel_copied = 0;
	}
	return n;
}

static __always_inline void add_zerocopy(struct slot *s, enum metric m, u64 moved, u64 copied)
{
	if (copied > moved)
		acc_lost(L_INCONSISTENT, 1);
	else if (moved > copied)
		slot_add(s, m, moved - copied);
}

/* One end of a call that moves n bytes between two objects: into the process (from f, which is obj) or out of it (to
 * f). */
static __always_inline void payload_of(struct slot *s, struct file *f, enum object obj, bool in, u64 n)
{
	switch (obj) {
	case OBJ_PIPE:
		if (in)
			payload_pipe_read(s, f, n);
		else
			payload_pipe_write(s, f, n);
		break;
	case OBJ_FILE:
	case OBJ_SOCKET:
		slot_count(s, in ? M_PAYLOAD_IN : M_PAYLOAD_OUT, n);
		break;
	default:
		break;
	}
}

static __always_inline void payload_end(struct slot *s, struct file *f, bool in, u64 n)
{
	payload_of(s, f, file_object(f), in, n);
}

/* The range of the file that a call which moved n bytes ended at, from *off (as the call left it) or the file position.
 */
static __noinline int infer_cache_access(struct slot *s, struct file *f, u64 n, const void *off, u64 pos_before)
{
	struct address_space *mapping = FILE_READ(f, f_mapping);
	u64 first, last, end;

	if (!n)
		return 0;
	if (pos_before != -1ULL) {
		end = pos_before + n;
	} else if (off) {
		if (bpf_probe_read_user(&end, sizeof(end), off))
			return 0;
	} else {
		end = FILE_READ(f, f_pos);
	}
	if (end < n)
		return 0;
	first = (end - n) >> PAGE_SHIFT;
	last = (end - 1) >> PAGE_SHIFT;
	if (!s->inserted && mapping_clean(mapping)) {
		slot_count(s, M_CACHE_HIT, last - first + 1);
	} else if (is_cache(FILE_READ(f, f_inode, i_sb, s_magic))) {
		mapping_learn(mapping);
		cache_access(s, (u64)FILE_READ(f, f_mapping, host), first, last);
	}
	return 0;
}

static __noinline int direct_call(struct slot *s, bool in, u64 n)
{
	struct thread *th = acc_thread();
	u64 buffered = 0;

	if (th) {
		buffered = th->direct_fallback;
		th->direct_fallback = 0;
	}
	if (buffered > n) {
		acc_lost(L_INCONSISTENT, 1);
		return 0;
	}
	slot_add(s, in ? M_ZC_DIRECT_READ : M_ZC_DIRECT_WRITE, n - buffered);
	slot_count(s, in ? M_PAYLOAD_IN : M_PAYLOAD_OUT, n - buffered); /* the rest was payload at its site */
	return 0;
}

static __always_inline void infer_copy(struct slot *s, struct file *f, enum object obj, bool in, u64 n)
{
	enum metric m;

	if (obj == OBJ_FILE)
		m = in ? M_TO_USER_FILE : M_FROM_USER_FILE;
	else if (obj == OBJ_PIPE)
		m = in ? M_TO_USER_PIPE : M_FROM_USER_PIPE;
	else if (obj == OBJ_SOCKET && !in)
		m = M_FROM_USER_SOCKET;
	else
		return; /* see infer_receive */
	slot_count(s, m, n);
	slot_count(s, in ? M_COPIES_TO_USER : M_COPIES_FROM_USER, 1);
	payload_of(s, f, obj, in, n);
	if (!in && obj != OBJ_PIPE)
		payload_from_mapping(s, n);
}

/* What a receive returned beyond what the tracepoint saw copied (syscall.bpf.c: infer_received). */
static __noinline int infer_receive(struct slot *s, struct file *f, u64 n)
{
	struct socket *sock = FILE_READ(f, private_data);
	struct thread *th = acc_thread();
	u64 seen;

	if (!th)
		return 0;
	seen = th->received;
	th->received = seen > n ? seen - n : 0;
	if (n <= seen || BPF_CORE_READ(sock, sk, sk_protocol) != IPPROTO_UDP)
		return 0;
	slot_count(s, M_TO_USER_SOCKET, n - seen);
	slot_count(s, M_COPIES_TO_USER, 1);
	slot_count(s, M_PAYLOAD_IN, n - seen);
	return 0;
}

#endif
