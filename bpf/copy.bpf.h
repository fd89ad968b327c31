/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copy.bpf.h - the copy sites: where payload crosses between kernel objects and memory named by an iterator.
 *
 * On stock kernels no probe can be put on copy_to_iter and its kin (lib/ is notrace), so bytes are counted one level
 * up, in callers that know the exact count and never nest in each other for the same bytes. What the iterator names
 * says what kind of copy it was: UBUF and IOVEC are user memory; KVEC and BVEC are kernel memory, except that io_uring
 * passes registered user pages as BVEC; PIPE (6.1) takes references to page-cache pages, no copy at all.
 *
 * A site is written once, here, and included twice: copy.bpf.c hooks it by fexit, copy_kprobe.bpf.c by kprobe and
 * kretprobe. SITE(function) makes the programs of site_<function>(slot, arguments, result), SITE_ANY the same whoever
 * is current; SITE_MOSTLY is SITE for a function that has a shorter program for its most frequent case, where there is
 * one. RD(pointer, field...) reads a field of a kernel object. All run in the context of the task that copies, and each
 * tells the ledger of its call what it saw.
 */
#include "iter.bpf.h"

#define MSG_ERRQUEUE 0x2000
#define MSG_ZEROCOPY 0x4000000
#define MSG_SPLICE_PAGES 0x8000000

extern int LINUX_KERNEL_VERSION __kconfig;

/* Payload of sockets that arrived through a device is this process's DMA (net.bpf.c). Called for every task. */
void net_claim(struct slot *s, int iif, u64 net, u64 n) __hidden;

static __always_inline void copied_to_user(struct slot *s, enum metric m, u64 n)
{
	slot_add(s, m, n);
	slot_add(s, M_COPIES_TO_USER, 1);
	saw(s, SEEN_USER, n);
}

static __always_inline void copied_from_user(struct slot *s, enum metric m, u64 n)
{
	slot_add(s, m, n);
	slot_add(s, M_COPIES_FROM_USER, 1);
	saw(s, SEEN_USER, n);
}

static __always_inline void copied_in_kernel(struct slot *s, enum metric m, u64 n)
{
	slot_add(s, m, n);
	saw(s, SEEN_KERNEL, n);
}

#include "copy_file.bpf.h"

/* {,anon_}pipe_read(iocb, iter), {,anon_}pipe_write(iocb, iter): fs/pipe.c; anon_ since 6.17. For every task: payload.
 */
static __always_inline int pipe_read_site(struct slot *s, struct kiocb *iocb, struct iov_iter *iter, long ret)
{
	enum copy_memory mem;

	if (ret <= 0)
		return 0;
	mem = iter_memory(RD(iter, iter_type));
	if (mem == MEM_USER) {
		payload_pipe_read(s, RD(iocb, ki_filp), ret);
		if (s->traced && acc_state == ACC_ON)
			copied_to_user(s, M_TO_USER_PIPE, ret);
	} else if (s->traced && acc_state == ACC_ON) {
		copied_in_kernel(s, M_KERN_OTHER, ret);
	}
	return 0;
}

static __always_inline int pipe_write_site(struct slot *s, struct kiocb *iocb, struct iov_iter *iter, long ret)
{
	enum copy_memory mem;

	if (ret <= 0)
		return 0;
	mem = iter_memory(RD(iter, iter_type));
	if (mem == MEM_USER) {
		payload_pipe_write(s, RD(iocb, ki_filp), ret);
		if (s->traced && acc_state == ACC_ON)
			copied_from_user(s, M_FROM_USER_PIPE, ret);
	} else if (s->traced && acc_state == ACC_ON) {
		copied_in_kernel(s, M_KERN_OTHER, ret);
	}
	return 0;
}

#define PIPE_SITE(function, way)                                                                                       \
	static __always_inline int site_##function(struct slot *s, const u64 *arg, long ret)                           \
	{                                                                                                              \
		return pipe_##way##_site(s, (struct kiocb *)arg[0], (struct iov_iter *)arg[1], ret);                   \
	}                                                                                                              \
	SITE_ANY(function)

PIPE_SITE(pipe_read, read)
PIPE_SITE(pipe_write, write)
PIPE_SITE(anon_pipe_read, read)
PIPE_SITE(anon_pipe_write, write)

/* A packet without a socket may be a datagram in the hands of udp_recvmsg: it need not count it again. */
static __always_inline void datagram_seen(struct slot *s, struct sk_buff *skb, u64 n)
{
	if (!RD(skb, sk))
		saw(s, SEEN_INNER, n);
}

/*
 * skb_copy_datagram_iter(skb, offset, to, len): net/core/datagram.c; every receive that copies, but for UDP (below). 0:
 * all of len was copied. Its DMA is claimed by the tracepoint that it begins with (net.bpf.c).
 */
static __always_inline int site_skb_copy_datagram_iter(struct slot *s, const u64 *arg, long ret)
{
	struct sk_buff *skb = (struct sk_buff *)arg[0];
	struct iov_iter *to = (struct iov_iter *)arg[2];
	u32 n = arg[3];

	if ((int)ret || !n)
		return 0;
	datagram_seen(s, skb, n);
	if (iter_memory(RD(to, iter_type)) == MEM_USER) {
		copied_to_user(s, M_TO_USER_SOCKET, n);
		slot_add(s, M_PAYLOAD_IN, n);
	} else {
		copied_in_kernel(s, M_KERN_OTHER, n);
	}
	return 0;
}
SITE(skb_copy_datagram_iter)

/*
 * skb_copy_and_csum_datagram_msg(skb, hlen, msg): net/core/datagram.c; datagrams whose checksum is still to do. It
 * calls skb_copy_datagram_iter when the buffer is too short, but its callers verify the checksum first in that case
 * (udp_recvmsg), so what comes here copies skb->len - hlen by itself. For every task: DMA claims.
 */
static __always_inline int site_skb_copy_and_csum_datagram_msg(struct slot *s, const u64 *arg, long ret)
{
	struct sk_buff *skb = (struct sk_buff *)arg[0];
	struct msghdr *msg = (struct msghdr *)arg[2];
	u32 n = RD(skb, len) - (u32)arg[1];

	if ((int)ret || !n)
		return 0;
	net_claim(s, RD(skb, skb_iif), (u64)RD(skb, sk, __sk_common.skc_net.net), n);
	if (!s->traced || acc_state != ACC_ON)
		return 0;
	datagram_seen(s, skb, n);
	if (iter_memory(RD(msg, msg_iter.iter_type)) == MEM_USER) {
		copied_to_user(s, M_TO_USER_SOCKET, n);
		slot_add(s, M_PAYLOAD_IN, n);
	} else {
		copied_in_kernel(s, M_KERN_OTHER, n);
	}
	return 0;
}
SITE_ANY(skb_copy_and_csum_datagram_msg)

/*
 * udp_recvmsg(sk, msg, len, flags, ...), udpv6_recvmsg likewise: net/ipv4/udp.c. A datagram that lies in one piece is
 * copied right here (copy_linear_skb); others pass a site above. The result is what was copied or, with MSG_TRUNC, what
 * there was.
 */
static __always_inline int udp_received(struct slot *s, struct msghdr *msg, u64 len, u64 flags, long ret)
{
	u64 n = (int)ret, inner = ledger_take_inner(s);

	if ((int)ret <= 0 || flags & MSG_ERRQUEUE)
		return 0;
	if (n > len)
		n = len;
	if (n <= inner)
		return 0;
	n -= inner;
	if (iter_memory(RD(msg, msg_iter.iter_type)) == MEM_USER) {
		copied_to_user(s, M_TO_USER_SOCKET, n);
		slot_add(s, M_PAYLOAD_IN, n);
	} else {
		copied_in_kernel(s, M_KERN_OTHER, n);
	}
	return 0;
}

static __always_inline int site_udp_recvmsg(struct slot *s, const u64 *arg, long ret)
{
	return udp_received(s, (struct msghdr *)arg[1], arg[2], arg[3], ret);
}
SITE(udp_recvmsg)

static __always_inline int site_udpv6_recvmsg(struct slot *s, const u64 *arg, long ret)
{
	return udp_received(s, (struct msghdr *)arg[1], arg[2], arg[3], ret);
}
SITE(udpv6_recvmsg)

static __always_inline void sent(struct slot *s, u8 iter_type, u64 copied, u64 total)
{
	if (iter_memory(iter_type) == MEM_USER) {
		if (copied)
			copied_from_user(s, M_FROM_USER_SOCKET, copied);
		slot_add(s, M_PAYLOAD_OUT, total);
		payload_from_mapping(s, total);
	} else if (copied) { /* sendfile and splice know their payload themselves */
		copied_in_kernel(s, M_KERN_OTHER, copied);
	}
}

/*
 * tcp_sendmsg_locked(sk, msg, size): net/ipv4/tcp.c. Copies what the zero-copy functions called within it did not take:
 * skb_zerocopy_iter_stream (MSG_ZEROCOPY, io_uring) and skb_splice_from_iter (sendfile, splice; since 6.5).
 */
static __always_inline int site_tcp_sendmsg_locked(struct slot *s, const u64 *arg, long ret)
{
	struct msghdr *msg = (struct msghdr *)arg[1];
	u64 nested = ledger_take_inner(s);

	ret = (int)ret;
	if (ret <= 0)
		return 0;
	if (nested > (u64)ret) {
		acc_lost(L_INCONSISTENT, 1);
		nested = ret;
	}
	sent(s, RD(msg, msg_iter.iter_type), ret - nested, ret);
	return 0;
}
SITE(tcp_sendmsg_locked)

/* skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, ...): net/core/skbuff.c; user pages pinned into the packet. */
static __always_inline int site_skb_zerocopy_iter_stream(struct slot *s, const u64 *arg, long ret)
{
	struct msghdr *msg = (struct msghdr *)arg[2];

	ret = (int)ret;
	if (ret <= 0)
		return 0;
	/* io_uring brings a notification of its own along */
	slot_add(s, RD(msg, msg_ubuf) ? M_ZC_IO_URING_SEND : M_ZC_MSG_ZEROCOPY, ret);
	saw(s, SEEN_REF, ret);
	saw(s, SEEN_INNER, ret);
	return 0;
}
SITE(skb_zerocopy_iter_stream)

/* skb_splice_from_iter(skb, iter, maxsize, ...): net/core/skbuff.c since 6.5. TCP's packets have no owner yet; others
 * do. */
static __always_inline int site_skb_splice_from_iter(struct slot *s, const u64 *arg, long ret)
{
	struct sk_buff *skb = (struct sk_buff *)arg[0];

	if (ret > 0 && !RD(skb, sk))
		saw(s, SEEN_INNER, ret);
	return 0;
}
SITE(skb_splice_from_iter)

/* skb_copy_datagram_from_iter(skb, offset, from, len): net/core/datagram.c; unix sockets, tun, packet sockets. */
static __always_inline int site_skb_copy_datagram_from_iter(struct slot *s, const u64 *arg, long ret)
{
	struct iov_iter *from = (struct iov_iter *)arg[2];
	u32 len = arg[3];

	if (!(int)ret && len)
		sent(s, RD(from, iter_type), len, len);
	return 0;
}
SITE(skb_copy_datagram_from_iter)

/* ip_generic_getfrag(msg, to, offset, len, ...): net/ipv4/ip_output.c; UDP and raw sockets, once per fragment. */
static __always_inline int site_ip_generic_getfrag(struct slot *s, const u64 *arg, long ret)
{
	struct msghdr *msg = (struct msghdr *)arg[0]; /* void * in the kernel: not a typed pointer to the verifier */
	u32 len = arg[3];
	u8 type;

	if ((int)ret < 0 || !len)
		return 0;
	type = BPF_CORE_READ(msg, msg_iter.iter_type);
	sent(s, type, len, len);
	return 0;
}
SITE(ip_generic_getfrag)

/* Data calls on objects that are neither file, socket nor pipe, and copy by iterator: they belong to `other`. */
#define OTHER_READ_SITE(function)                                                                                      \
	static __always_inline int site_##function(struct slot *s, const u64 *arg, long ret)                           \
	{                                                                                                              \
		struct iov_iter *iter = (struct iov_iter *)arg[1];                                                     \
                                                                                                                       \
		if (ret > 0 && iter_memory(RD(iter, iter_type)) == MEM_USER)                                           \
			copied_to_user(s, M_TO_USER_OTHER, ret);                                                       \
		return 0;                                                                                              \
	}                                                                                                              \
	SITE(function)

OTHER_READ_SITE(seq_read_iter)
OTHER_READ_SITE(tty_read)
OTHER_READ_SITE(eventfd_read)

static __always_inline int site_tty_write(struct slot *s, const u64 *arg, long ret)
{
	struct iov_iter *iter = (struct iov_iter *)arg[1];

	if (ret > 0 && iter_memory(RD(iter, iter_type)) == MEM_USER)
		copied_from_user(s, M_FROM_USER_OTHER, ret);
	return 0;
}
SITE(tty_write)
