// SPDX-License-Identifier: GPL-2.0-only
/*
 * kcopy.bpf.c - copies inside the kernel that nobody asked for: packets cut or linearized because the device cannot
 * gather, zero-copy payload copied after all, and bounce buffers. Charged to the owner of the packet or the request.
 *
 * The functions that hold the copies (skb_copy_bits, swiotlb_bounce) are reached from process and interrupt context,
 * and a program interrupted by its own hook loses the inner event; so the hooks are on callers that know the byte
 * count.
 */
#include "acc.bpf.h"

#define NETIF_F_SG 1
#define DMA_BIDIRECTIONAL 0
#define DMA_FROM_DEVICE 2
#define DMA_TO_DEVICE 1
#define DMA_ATTR_SKIP_CPU_SYNC (1UL << 5)

int sock_owner(struct slot *s, u64 sk, struct zc_owner *owner) __hidden; /* net.bpf.c */

static __always_inline void own_packet(struct slot *s, u64 sk, enum metric m, u64 n)
{
	struct zc_owner owner = {};

	if (sock_owner(s, sk, &owner) >= 0)
		acc_own(&owner, m, n);
}

/*
 * skb_segment(head_skb, features): net/core/skbuff.c. Called with the headers pulled, so len is payload. Without
 * scatter-gather it copies every byte of it into new linear packets, by skb_copy_bits or skb_copy_and_csum_bits.
 */
SEC("?fentry/skb_segment")
int seg_cut(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct slot *s = slot_here();

	if (!s || acc_state != ACC_ON || ctx[1] & NETIF_F_SG)
		return 0;
	own_packet(s, (u64)skb->sk, M_KERN_SEGMENT, skb->len);
	return 0;
}

/*
 * __pskb_pull_tail(skb, delta): net/core/skbuff.c. With delta = everything that is not linear it is __skb_linearize, on
 * the way to a device that cannot gather. Header pulls on receive leave a rest, or act on packets without a socket.
 */
SEC("?fexit/__pskb_pull_tail")
int seg_linearize(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct slot *s = slot_here();
	int delta = ctx[1];
	u64 ret = 0;

	if (!s || acc_state != ACC_ON || delta <= 0 || !skb->sk || skb->data_len)
		return 0;
	bpf_get_func_ret(ctx, &ret);
	if (ret)
		own_packet(s, (u64)skb->sk, M_KERN_SEGMENT, delta);
	return 0;
}

/* Owners of zero-copy sends in flight, by their notification: loopback strips the packet of its socket before it
 * copies. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* struct ubuf_info * */
	__type(value, struct zc_owner);
} ubuf_owners SEC(".maps");

/* skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, ...) */
SEC("?fentry/skb_zerocopy_iter_stream")
int ubuf_used(u64 *ctx)
{
	struct slot *s = acc_current();
	struct zc_owner me, *last;
	u64 uarg = ctx[4];

	if (!s)
		return 0;
	acc_owner_current(&me);
	last = bpf_map_lookup_elem(&ubuf_owners, &uarg);
	if (!last || last->tgid != me.tgid || last->start_ns != me.start_ns)
		bpf_map_update_elem(&ubuf_owners, &uarg, &me, BPF_ANY);
	return 0;
}

/*
 * skb_copy_ubufs(skb, gfp): net/core/skbuff.c. Copies the packet's user pages: on delivery over loopback, to a packet
 * socket (tcpdump), through tun. The notification is gone at its exit, so its owner is looked up at its entry.
 */
SEC("?fentry/skb_copy_ubufs")
int unzc_begin(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct slot *s = slot_here();
	struct skb_shared_info *info;
	struct zc_owner *o;
	u64 uarg;

	if (!s || acc_state != ACC_ON)
		return 0;
	info = (void *)skb->head + skb->end;
	uarg = (u64)BPF_CORE_READ(info, destructor_arg) & ~3UL;
	s->ubufs_skb = 0;
	if (!BPF_CORE_READ(info, nr_frags))
		return 0;
	o = bpf_map_lookup_elem(&ubuf_owners, &uarg);
	if (o) {
		s->ubufs_owner = *o;
	} else if (acc_config.whole_machine) {
		__builtin_memset(&s->ubufs_owner, 0, sizeof(s->ubufs_owner));
	} else {
		return 0; /* another process's */
	}
	s->ubufs_skb = (u64)skb;
	return 0;
}

SEC("?fexit/skb_copy_ubufs")
int unzc_end(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct slot *s = slot_here();
	u64 ret = 0;

	if (!s || acc_state != ACC_ON || s->ubufs_skb != (u64)skb)
		return 0;
	s->ubufs_skb = 0;
	bpf_get_func_ret(ctx, &ret);
	if (!(int)ret)
		acc_own(&s->ubufs_owner, M_KERN_UNZEROCOPIED, skb->data_len);
	return 0;
}

/*
 * Bounce buffers (kernel/dma/swiotlb.c): swiotlb_map copies towards the buffer unconditionally, even for a read; what
 * the device wrote is copied back by a sync for the CPU, which dma_direct_unmap makes before it unmaps, or by the
 * unmapping itself (IOMMU). The request or packet it was for is known a moment later on the same CPU (block.bpf.c,
 * net.bpf.c).
 */
static __always_inline int bounced(u64 size)
{
	struct slot *s = slot_here();

	if (s && acc_state == ACC_ON)
		__sync_fetch_and_add(&s->bounced_bytes, size);
	return 0;
}

SEC("?tp_btf/swiotlb_bounced")
int BPF_PROG(bounce_map, struct device *dev, u64 addr, size_t size)
{
	return bounced(size);
}

static __always_inline int bounced_if(u64 size, u32 dir, u32 wanted)
{
	return dir == wanted || dir == DMA_BIDIRECTIONAL ? bounced(size) : 0;
}

/* (dev, address, size, direction, attributes or pool); the second name of each is that of 6.12 and later */
#define BOUNCE(function, condition, wanted)                                                                            \
	SEC("?fentry/" #function)                                                                                      \
	int b_##function(u64 *ctx)                                                                                     \
	{                                                                                                              \
		return (condition) ? bounced_if(ctx[2], ctx[3], wanted) : 0;                                           \
	}

BOUNCE(swiotlb_tbl_unmap_single, !(ctx[4] & DMA_ATTR_SKIP_CPU_SYNC), DMA_FROM_DEVICE)
BOUNCE(__swiotlb_tbl_unmap_single, !(ctx[4] & DMA_ATTR_SKIP_CPU_SYNC), DMA_FROM_DEVICE)
BOUNCE(swiotlb_sync_single_for_cpu, true, DMA_FROM_DEVICE)
BOUNCE(__swiotlb_sync_single_for_cpu, true, DMA_FROM_DEVICE)
BOUNCE(swiotlb_sync_single_for_device, true, DMA_TO_DEVICE)
BOUNCE(__swiotlb_sync_single_for_device, true, DMA_TO_DEVICE)
