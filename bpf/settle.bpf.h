/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * settle.bpf.h - the end of a system call that moved data: what it should have moved, less what the ledger has of it,
 * becomes metrics. For syscall.bpf.c only.
 */
#ifndef ZCTRACE_SETTLE_BPF_H
#define ZCTRACE_SETTLE_BPF_H

#include "move.bpf.h"

#define MSG_ZEROCOPY 0x4000000
#define MMSG_MOST 1024

static __always_inline bool sends_zerocopy(const struct file *f, u32 msg_flags)
{
	struct socket *sock = FILE_READ(f, private_data);
	u64 flags;

	if (!(msg_flags & MSG_ZEROCOPY))
		return false;
	flags = BPF_CORE_READ(sock, sk, __sk_common.skc_flags);
	return flags >> bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY) & 1;
}

/* A call on an object that is neither file, socket nor pipe. */
static __always_inline void settle_other(struct slot *s, struct file *f, bool in, u64 n)
{
	u64 seen = s->seen[SEEN_USER] + s->seen[SEEN_OTHER];

	if (seen < n && !copies_nothing(f))
		infer_copy(s, f, OBJ_OTHER, in, n - seen);
}

/* read, write, send, receive and their kin, of which n > 0 bytes were moved. */
static __noinline int settle_data(struct slot *s, const struct call *c, u64 n)
{
	u64 seen = s->seen[SEEN_USER] + s->seen[SEEN_REF];
	struct file *f = fd_file(c->fd);
	enum object obj = file_object(f);
	bool in = call_is_in(c);

	if (obj == OBJ_OTHER) {
		settle_other(s, f, in, n);
		return 0;
	}
	if (obj == OBJ_FILE) {
		if (is_direct(f))
			return settle_direct(s, in, n, seen);
		if (acc_config.infer_cache)
			infer_cache_access(s, f, n, NULL, c->position);
		else if (!seen &&
			 FILE_READ(f, f_mapping, nrpages)) /* no site saw it; some file systems have no cache */
			slot_mark(s, M_CACHE_HIT, infer_cache_access(s, f, n, NULL, c->position));
	}
	if (seen > n)
		acc_lost(L_INCONSISTENT, 1);
	if (seen >= n || (obj == OBJ_SOCKET && in && c->flags & MSG_TRUNC && throws_away(f)))
		return 0;
	n -= seen;
	if (obj == OBJ_SOCKET && !in && sends_zerocopy(f, c->flags)) {
		infer(s, M_ZC_MSG_ZEROCOPY, n);
		infer_hot(s, M_PAYLOAD_OUT, n);
	} else {
		infer_copy(s, f, obj, in, n);
	}
	return 0;
}

struct mmsg_walk {
	u64 array, bytes;
	u32 stride, len_at;
};

static long mmsg_add(u64 i, struct mmsg_walk *w)
{
	u32 len;

	if (!bpf_probe_read_user(&len, sizeof(len), (void *)(w->array + i * w->stride + w->len_at)))
		w->bytes += len;
	return 0;
}

/* sendmmsg and recvmmsg return how many messages they moved; the sizes stand in the array. */
static __always_inline u64 mmsg_bytes(const struct call *c, u32 n)
{
	struct mmsg_walk w = {.array = c->messages, .stride = c->stride, .len_at = c->length_at};

	bpf_loop(n < MMSG_MOST ? n : MMSG_MOST, mmsg_add, &w, 0);
	return w.bytes;
}

/*
 * Bytes that a data call which returned n has moved, 0 if that cannot be told: with MSG_TRUNC the result is what there
 * was, not what was copied.
 */
static __always_inline u64 moved_bytes(const struct call *c, u64 n)
{
	switch (c->class) {
	case C_SENDMMSG:
		return mmsg_bytes(c, n);
	case C_RECVMMSG:
		return c->flags & MSG_TRUNC ? 0 : mmsg_bytes(c, n);
	case C_RECVMSG:
		return c->flags & MSG_TRUNC ? 0 : n;
	case C_RECVFROM:
		return c->flags & MSG_TRUNC && n > c->length ? c->length : n;
	default:
		return n;
	}
}

/* The caller's own memory is one end of it, another process's the other. */
static __noinline int settle_vm(struct slot *s, const struct call *c, u64 n)
{
	bool in = call_is_in(c);

	infer(s, in ? M_TO_USER_OTHER : M_FROM_USER_OTHER, n);
	infer_hot(s, in ? M_COPIES_TO_USER : M_COPIES_FROM_USER, 1);
	return 0;
}

/* The call has returned ret > 0: what it should have moved, less what was seen of it. */
__noinline int call_settle(struct slot *s, const struct call *c, long ret)
{
	u64 n;

	if (!s || !c)
		return 0;
	slot_count(s, M_DATA_CALLS, 1);
	switch (c->class) {
	case C_SENDFILE:
	case C_SPLICE:
		return settle_splice(s, c, ret);
	case C_COPY_RANGE:
		return settle_copy_range(s, c, ret);
	case C_TEE:
		return settle_tee(s, c, ret);
	case C_VMSPLICE:
		return settle_vmsplice(s, c, ret);
	case C_VM_READ:
	case C_VM_WRITE:
		return settle_vm(s, c, ret);
	}
	n = moved_bytes(c, ret);
	return n ? settle_data(s, c, n) : 0;
}

#endif
