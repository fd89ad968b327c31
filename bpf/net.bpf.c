// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.bpf.c - bytes that network devices move by DMA, and whose they are.
 *
 * A device counts if it has a parent on some bus; loopback, veth, tun, bridges and the like have none.
 *   Transmit: the packet's length when the driver took it. Its owner is the process that last used the socket, known by
 *   socket: half of all packets are sent later, from interrupts, on top of somebody else.
 *   Receive: every frame is the system's at the driver's hand-over; the process that reads the payload later claims it.
 * Context: transmit in the sender or in softirq; receive in softirq; claims in the reader.
 * Cannot see: XDP_TX and redirects, AF_XDP zero-copy, devices bypassing the kernel.
 */
#include "file.bpf.h"
#include "ledger.bpf.h"
#include "class.bpf.h"

#define ETH_HLEN 14
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define MSG_PEEK 2

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* struct sock * */
	__type(value, struct zc_owner);
} sock_owners SEC(".maps");

/* Receiving interfaces with a bus parent, as packets name them later. */
struct iface {
	u64 net;
	u32 index, pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct iface);
	__type(value, u32);
} wires SEC(".maps");

/* The current process is the one that uses this socket from here on. */
static __always_inline void sock_used(const struct slot *s, u64 sk)
{
	struct zc_owner me = {}, *last;

	if (!sk)
		return;
	if (s->traced && acc_state == ACC_ON)
		acc_owner_current(&me);
	last = bpf_map_lookup_elem(&sock_owners, &sk);
	if (!last ? !me.tgid : last->tgid == me.tgid && last->start_ns == me.start_ns)
		return;
	if (me.tgid)
		bpf_map_update_elem(&sock_owners, &sk, &me, BPF_ANY);
	else
		bpf_map_delete_elem(&sock_owners, &sk);
}

/*
 * Who sent through sk. 0: nobody, the system; 1: *owner; -1: a process that is not traced. Unknown sockets belong to
 * the task that transmits, unless an interrupt does it on top of it.
 */
__hidden int sock_owner(struct slot *s, u64 sk, struct zc_owner *owner)
{
	struct zc_owner *o;

	owner->tgid = 0;
	owner->pad = 0;
	owner->start_ns = 0;
	if (!sk)
		return 0;
	o = bpf_map_lookup_elem(&sock_owners, &sk);
	if (o) {
		*owner = *o;
		return 1;
	}
	if (in_task(s) && s->traced) {
		acc_owner_current(owner);
		return owner->tgid ? 1 : 0;
	}
	return acc_config.whole_machine ? 0 : -1;
}

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(start_xmit, const struct sk_buff *skb, const struct net_device *dev)
{
	struct slot *s = slot_here();

	if (!s || acc_state != ACC_ON || !dev->dev.parent)
		return 0;
	s->tx_known = sock_owner(s, (u64)skb->sk, &s->tx_owner);
	return 0;
}

/* Follows on the same CPU; the packet may be gone by now. */
SEC("tp_btf/net_dev_xmit")
int BPF_PROG(dev_xmit, struct sk_buff *skb, int rc, struct net_device *dev, unsigned int len)
{
	struct slot *s = slot_here();
	u64 bounced;

	if (!s || acc_state != ACC_ON || !dev->dev.parent)
		return 0;
	bounced = s->bounced_bytes;
	s->bounced_bytes = 0;
	if (rc || (int)s->tx_known < 0)
		return 0;
	acc_own(&s->tx_owner, M_DMA_NET_TX, len);
	if (bounced)
		acc_own(&s->tx_owner, M_KERN_BOUNCE, bounced);
	return 0;
}

static __always_inline int received(const struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct iface key = {};
	u32 one = 1;

	if (acc_state != ACC_ON || !dev || !dev->dev.parent)
		return 0;
	key.net = (u64)dev->nd_net.net;
	key.index = dev->ifindex;
	if (!bpf_map_lookup_elem(&wires, &key))
		bpf_map_update_elem(&wires, &key, &one, BPF_ANY);
	acc_system(M_DMA_NET_RX, skb->len + ETH_HLEN);
	return 0;
}

/* The driver's hand-over: each frame passes exactly one of these, before GRO merges it. */
#define RECEIVE(tracepoint, name)                                                                                      \
	SEC("tp_btf/" #tracepoint)                                                                                     \
	int BPF_PROG(name, const struct sk_buff *skb)                                                                  \
	{                                                                                                              \
		return received(skb);                                                                                  \
	}

RECEIVE(napi_gro_receive_entry, rx_gro)
RECEIVE(napi_gro_frags_entry, rx_gro_frags)
RECEIVE(netif_receive_skb_entry, rx_skb)
RECEIVE(netif_receive_skb_list_entry, rx_list)
RECEIVE(netif_rx_entry, rx_netif)

/* recvfrom, recvmsg, and both by socketcall, whose arguments stand in memory: the flags are the fourth or the third. */
static __noinline int peeking_32(void)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	u32 flags = 0, call = regs->bx, at = call == SOCKETCALL_RECVMSG ? 8 : 12;

	if (regs->orig_ax == NR32_RECVFROM)
		return regs->si & MSG_PEEK;
	if (regs->orig_ax == NR32_RECVMSG)
		return regs->dx & MSG_PEEK;
	if (regs->orig_ax != NR32_SOCKETCALL ||
	    (call != SOCKETCALL_RECV && call != SOCKETCALL_RECVFROM && call != SOCKETCALL_RECVMSG))
		return 0;
	bpf_probe_read_user(&flags, sizeof(flags), (void *)((u64)(u32)regs->cx + at));
	return flags & MSG_PEEK;
}

static __always_inline bool peeking(void)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
	long nr = regs->orig_ax;

	if (is_compat())
		return peeking_32();

	return (nr == __NR_recvfrom && regs->r10 & MSG_PEEK) || (nr == __NR_recvmsg && regs->dx & MSG_PEEK);
}

/* Payload that came over a wire, in the hands of the process that reads it: no longer the system's. */
__hidden void net_claim(struct slot *s, int iif, u64 net, u64 n)
{
	struct iface key = {.net = net, .index = iif};
	u32 cpu = bpf_get_smp_processor_id();
	struct system_line *l;

	if (acc_state != ACC_ON || !iif || !bpf_map_lookup_elem(&wires, &key) || peeking())
		return;
	l = bpf_map_lookup_elem(&system_lines, &cpu);
	if (l)
		__sync_fetch_and_add(&l->rx_claimed, n);
	if (s->traced)
		slot_add(s, M_DMA_NET_RX, n);
}

/* First thing in skb_copy_datagram_iter (net/core/datagram.c, 6.1 to 6.18): every receive that copies, whoever reads.
 */
SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(rx_copy, const struct sk_buff *skb, int len)
{
	struct slot *s = slot_here();
	struct sock *sk = skb->sk;

	if (!s || acc_state != ACC_ON || len <= 0)
		return 0;
	sock_used(s, (u64)sk);
	if (skb->skb_iif && sk)
		net_claim(s, skb->skb_iif, (u64)sk->__sk_common.skc_net.net, len);
	if (acc_config.infer_copies && s->traced) { /* no site: the tracepoint lacks only the kind of memory */
		slot_add(s, M_TO_USER_SOCKET, len);
		slot_add(s, M_COPIES_TO_USER, 1);
		slot_add(s, M_PAYLOAD_IN, len);
		saw(s, SEEN_USER, len);
	}
	return 0;
}

/*
 * skb_consume_udp(sk, skb, len): net/ipv4/udp.c, the end of a receive. Datagrams have no socket of their own any more,
 * and those in one piece pass no tracepoint. len is less than 0 for a peek.
 */
SEC("?fentry/skb_consume_udp")
int rx_udp(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	struct sk_buff *skb = (struct sk_buff *)ctx[1];
	struct slot *s = slot_here();
	int len = ctx[2];

	if (!s || acc_state != ACC_ON)
		return 0;
	sock_used(s, (u64)sk);
	if (len > 0)
		net_claim(s, skb->skb_iif, (u64)sk->__sk_common.skc_net.net, len);
	return 0;
}

/* Splicing out of a socket: skb_splice_bits(skb, sk, offset, pipe, len, flags), net/core/skbuff.c; its result is bytes.
 */
SEC("?fexit/skb_splice_bits")
int rx_splice(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct sock *sk = (struct sock *)ctx[1];
	struct slot *s = slot_here();
	long ret = 0;

	if (!s || acc_state != ACC_ON)
		return 0;
	bpf_get_func_ret(ctx, (u64 *)&ret);
	sock_used(s, (u64)sk);
	if ((int)ret > 0)
		net_claim(s, skb->skb_iif, (u64)sk->__sk_common.skc_net.net, (int)ret);
	return 0;
}

/* A socket that was inherited or passed is its new user's before the first packet goes out. */
#define SENDS(function)                                                                                                \
	SEC("?fentry/" #function)                                                                                      \
	int e_##function(u64 *ctx)                                                                                     \
	{                                                                                                              \
		struct slot *s = slot_here();                                                                          \
                                                                                                                       \
		if (s && acc_state == ACC_ON)                                                                          \
			sock_used(s, ctx[0]);                                                                          \
		return 0;                                                                                              \
	}

SENDS(tcp_sendmsg_locked)
SENDS(do_tcp_sendpages) /* sendfile and splice up to 6.4 */
SENDS(udp_sendmsg)
SENDS(udpv6_sendmsg)

/* Since 6.17 there is a tracepoint in the send loop, before anything is pushed: as good, and on any kernel. */
SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(tp_tcp_send, const struct sock *sk)
{
	struct slot *s = slot_here();

	if (s && acc_state == ACC_ON)
		sock_used(s, (u64)sk);
	return 0;
}

/* Who connects uses the socket from the first packet on; the answer's acknowledgement may go out of an interrupt. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(sock_state, const struct sock *sk, const int oldstate, const int newstate)
{
	struct slot *s = slot_here();
	u64 key = (u64)sk;

	if (newstate == TCP_CLOSE)
		bpf_map_delete_elem(&sock_owners, &key);
	else if (newstate == TCP_SYN_SENT && s && in_task(s) && acc_state == ACC_ON)
		sock_used(s, key);
	return 0;
}
