/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call.bpf.h - a finished call and what it moved: what its result and its objects say it should have, less what the
 * ledger has of it. For system calls and io_uring alike. The current task made it; s is its slot.
 */
#ifndef ZCTRACE_CALL_BPF_H
#define ZCTRACE_CALL_BPF_H

#include "class.bpf.h"
#include "file.bpf.h"
#include "ledger.bpf.h"

#define NO_POSITION (~0ULL)
#define PROTOCOL_TCP 6 /* include/uapi/linux/in.h */
#define PROTOCOL_MPTCP 262
#define UNREADABLE (~0ULL)

/* A system call as the ledger is settled with it, whatever the width of its arguments. */
struct call {
	u32 class;    /* enum call_class */
	u32 flags;    /* MSG_ of a send or receive */
	int fd;	      /* its object; of one that moves data between two, where from */
	int to_fd;    /* where to */
	u64 position; /* where in the file a positioned one began, else NO_POSITION */
	u64 offset;   /* address of the offset that one that moves data was given; 0: none */
	u64 length;   /* of the buffer of a receive */
	u64 messages; /* address of struct mmsghdr */
	u32 stride, length_at;
};

static __always_inline bool call_is_in(const struct call *c)
{
	switch (c->class) {
	case C_READ:
	case C_READV:
	case C_RECVFROM:
	case C_RECVMSG:
	case C_RECVMMSG:
	case C_VM_READ:
		return true;
	default:
		return false;
	}
}

/*
 * Counts what was expected of a call and not seen. Where no site can attach, that is all of it, which the reader knows:
 * no mark is needed.
 */
static __always_inline void infer(struct slot *s, enum metric m, u64 n)
{
	if (acc_config.infer_copies)
		slot_add(s, m, n);
	else
		slot_infer(s, m, n);
}

/* The same for a hot metric. */
static __always_inline void infer_hot(struct slot *s, enum metric m, u64 n)
{
	if (acc_config.infer_copies)
		slot_count(s, m, n);
	else
		slot_infer(s, m, n);
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

/*
 * The range of the file that a call which moved n bytes ended at, from *off (as the call left it) or the file position.
 * Returns how many pages were accessed.
 */
static __noinline int infer_cache_access(struct slot *s, struct file *f, u64 n, const void *off, u64 pos_before)
{
	struct address_space *mapping = FILE_READ(f, f_mapping);
	u64 first, last, end;

	if (!n)
		return 0;
	if (pos_before != NO_POSITION) {
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
	} else {
		return 0;
	}
	return last - first + 1;
}

/* Open for direct I/O; tmpfs takes the flag and has nothing else to offer than its memory. */
static __always_inline bool is_direct(const struct file *f)
{
	return FILE_READ(f, f_flags) & O_DIRECT && FILE_READ(f, f_inode, i_sb, s_magic) != TMPFS_MAGIC;
}

/* Direct I/O moved n bytes, of which sites saw `buffered` go through the page cache after all. */
static __noinline int settle_direct(struct slot *s, bool in, u64 n, u64 buffered)
{
	if (buffered > n) {
		acc_lost(L_INCONSISTENT, 1);
		return 0;
	}
	slot_add(s, in ? M_ZC_DIRECT_READ : M_ZC_DIRECT_WRITE, n - buffered);
	slot_count(s, in ? M_PAYLOAD_IN : M_PAYLOAD_OUT, n - buffered); /* the rest was payload at its site */
	return 0;
}

/*
 * What a socket returned with MSG_TRUNC need not have been copied: TCP throws it away (net/ipv4/tcp.c:
 * tcp_recvmsg_locked; net/mptcp/protocol.c: __mptcp_recvmsg_mskq).
 */
static __always_inline bool throws_away(const struct file *f)
{
	struct socket *sock = FILE_READ(f, private_data);
	u32 protocol = BPF_CORE_READ(sock, sk, sk_protocol);

	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_MPTCP;
}

static __always_inline void infer_copy(struct slot *s, struct file *f, enum object obj, bool in, u64 n)
{
	enum metric m;

	if (obj == OBJ_FILE)
		m = in ? M_TO_USER_FILE : M_FROM_USER_FILE;
	else if (obj == OBJ_SOCKET)
		m = in ? M_TO_USER_SOCKET : M_FROM_USER_SOCKET;
	else if (obj == OBJ_PIPE)
		m = in ? M_TO_USER_PIPE : M_FROM_USER_PIPE;
	else
		m = M_COUNT;
	if (m < M_COUNT)
		infer_hot(s, m, n);
	else
		infer(s, in ? M_TO_USER_OTHER : M_FROM_USER_OTHER, n);
	infer_hot(s, in ? M_COPIES_TO_USER : M_COPIES_FROM_USER, 1);
	payload_of(s, f, obj, in, n);
	if (!acc_config.infer_copies && obj != OBJ_OTHER)
		slot_mark(s, in ? M_PAYLOAD_IN : M_PAYLOAD_OUT, n);
	if (!in && (obj == OBJ_FILE || obj == OBJ_SOCKET))
		payload_from_mapping(s, n);
}

#endif
