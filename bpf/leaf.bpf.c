// SPDX-License-Identifier: GPL-2.0-only
/*
 * leaf.bpf.c - the functions that hold the copy instructions, where the kernel lets us see them.
 *
 * copy_to_user and copy_from_user carry what is copied outside data calls; payload goes through the iterator leaves,
 * which do not call them. Stock kernels refuse every probe on lib/, but not hardware breakpoints: the perf_event
 * programs are attached to breakpoint events that user/tracer/leaf.c opens on each traced thread. The kprobe programs
 * serve kernels with CONFIG_KPROBE_EVENTS_ON_NOTRACE. Context of a breakpoint: like an NMI, so nothing but atomic adds
 * to the slot. What is counted is the size asked for; the iterator leaves are asked for more than there is, so it is
 * cut to what the iterator holds. Cannot see: get_user, put_user and unsafe_put_user, which are inlined: `other` is a
 * lower bound.
 */
#include "iter.bpf.h"

/* struct bpf_perf_event_data begins with the registers; loads from it must be at constant offsets */
struct breakpoint_ctx {
	struct pt_regs regs;
};

static __always_inline int other(bool to_user, u64 n)
{
	struct slot *s = acc_current();

	if (!s || !n)
		return 0;
	slot_add(s, to_user ? M_TO_USER_OTHER : M_FROM_USER_OTHER, n);
	slot_add(s, to_user ? M_COPIES_TO_USER : M_COPIES_FROM_USER, 1);
	saw(s, SEEN_OTHER, n);
	return 0;
}

/* _copy_to_user(to, from, n), _copy_from_user(to, from, n) */
SEC("perf_event")
int bp_to_user(struct breakpoint_ctx *ctx)
{
	return other(true, ctx->regs.dx);
}

SEC("perf_event")
int bp_from_user(struct breakpoint_ctx *ctx)
{
	return other(false, ctx->regs.dx);
}

SEC("?kprobe/_copy_to_user")
int kp_to_user(struct pt_regs *ctx)
{
	return other(true, ctx->dx);
}

SEC("?kprobe/_copy_from_user")
int kp_from_user(struct pt_regs *ctx)
{
	return other(false, ctx->dx);
}

static __always_inline int leaf(bool to_user, u64 bytes, const struct iov_iter *iter)
{
	struct slot *s = acc_current();
	u64 count;

	if (!s || iter_memory(BPF_CORE_READ(iter, iter_type)) != MEM_USER)
		return 0;
	count = BPF_CORE_READ(iter, count);
	if (bytes > count)
		bytes = count;
	if (bytes)
		slot_add(s, to_user ? M_LEAF_TO_USER : M_LEAF_FROM_USER, bytes);
	return 0;
}

/* _copy_to_iter(addr, bytes, iter), _copy_from_iter(addr, bytes, iter) */
SEC("perf_event")
int bp_to_iter(struct breakpoint_ctx *ctx)
{
	u64 bytes = ctx->regs.si, iter = ctx->regs.dx;

	return leaf(true, bytes, (void *)iter);
}

SEC("perf_event")
int bp_from_iter(struct breakpoint_ctx *ctx)
{
	u64 bytes = ctx->regs.si, iter = ctx->regs.dx;

	return leaf(false, bytes, (void *)iter);
}

/* copy_page_from_iter_atomic(page, offset, bytes, iter), copy_folio_from_iter_atomic likewise: buffered file writes */
SEC("perf_event")
int bp_from_atomic(struct breakpoint_ctx *ctx)
{
	u64 bytes = ctx->regs.dx, iter = ctx->regs.cx;

	return leaf(false, bytes, (void *)iter);
}
