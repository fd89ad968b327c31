// SPDX-License-Identifier: GPL-2.0-only
/*
 * syscall.bpf.c - system calls: how many, and what those that move data moved.
 *
 * Hooked at exit only: the number, the result and the argument registers are all there, and it costs half. Calls that
 * never return (exit, exit_group, killed inside by seccomp) are counted when the thread exits. For sendfile, splice and
 * copy_file_range the zero-copy share is the result less what the copy sites saw copied inside the call. Where no copy
 * site can attach (acc_config.infer_copies) the copies themselves are derived from the result and the object.
 * Context: the task itself, before it returns to user mode.
 * Cannot see: vDSO calls (no mode switch).
 */
#include "call_32.bpf.h"

#define MSG_ZEROCOPY 0x4000000
#define MMSG_BYTES 64 /* struct mmsghdr of 64-bit programs */
#define MMSG_LEN 56   /* its msg_len */
#define MMSG_MOST 1024
#define SIGSYS 31
#define SIGNAL_GROUP_EXIT 4

/*
 * Copies out of sockets are seen by a tracepoint (net.bpf.c), except that UDP copies packets that lie in one piece
 * without passing it: what such a call returned beyond what was seen.
 */
SEC("?tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(infer_received, const struct sk_buff *skb, int len)
{
	struct thread *th = acc_current() ? acc_thread() : NULL;

	if (th && len > 0)
		th->received += len;
	return 0;
}

static __always_inline bool sends_zerocopy(const struct file *f, u32 msg_flags)
{
	struct socket *sock = FILE_READ(f, private_data);
	u64 flags;

	if (!(msg_flags & MSG_ZEROCOPY))
		return false;
	flags = BPF_CORE_READ(sock, sk, __sk_common.skc_flags);
	return flags >> bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY) & 1;
}

/*
 * Not static: the verifier then looks at it once, not once for each state that its callers can be in.
 */
__noinline int data_call(struct slot *s, int fd, u64 n, u32 how, u64 pos)
{
	struct file *f = fd_file(fd);
	enum object obj = file_object(f);
	bool in = how & HOW_IN;

	if (!s)
		return 0;
	if (obj == OBJ_FILE && FILE_READ(f, f_flags) & O_DIRECT && FILE_READ(f, f_inode, i_sb, s_magic) != TMPFS_MAGIC)
		return direct_call(s, in, n);
	if (obj == OBJ_FILE && acc_config.infer_cache)
		infer_cache_access(s, f, n, NULL, pos);
	if (obj == OBJ_SOCKET && in) {
		if (acc_config.infer_copies)
			infer_receive(s, f, n);
	} else if (obj == OBJ_SOCKET && acc_config.infer_sends && sends_zerocopy(f, how)) {
		slot_add(s, M_ZC_MSG_ZEROCOPY, n);
		slot_count(s, M_PAYLOAD_OUT, n);
	} else if (acc_config.infer_copies) {
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
__noinline u64 mmsg_bytes(u64 array, u32 n, u32 stride, u32 len_at)
{
	struct mmsg_walk w = {.array = array, .stride = stride, .len_at = len_at};

	bpf_loop(n < MMSG_MOST ? n : MMSG_MOST, mmsg_add, &w, 0);
	return w.bytes;
}

/* Worth a look at the file: whatever is inferred, and what may have been direct I/O, whose lengths are whole sectors.
 */
static __always_inline bool look_at_file(u64 len)
{
	return acc_config.infer_copies || acc_config.infer_cache || (len && !(len & 511));
}

static __always_inline void moved(struct slot *s, const struct pt_regs *regs, u32 class, long nr, long n)
{
	bool infer = acc_config.infer_copies, look = infer;
	u64 pos = -1, bytes = n;
	u32 how = 0;

	slot_count(s, M_DATA_CALLS, 1);
	switch (class) {
	case C_READ:
	case C_WRITE:
		look = look_at_file(regs->dx);
		how = class == C_READ ? HOW_IN : 0;
		if (nr == __NR_pread64 || nr == __NR_pwrite64)
			pos = regs->r10;
		break;
	case C_READV:
	case C_WRITEV:
		look = true;
		how = class == C_READV ? HOW_IN : 0;
		if (nr != __NR_readv && nr != __NR_writev)
			pos = regs->r10;
		break;
	case C_SENDTO:
		how = regs->r10 & ~HOW_IN;
		break;
	case C_SENDMSG:
		how = regs->dx & ~HOW_IN;
		break;
	case C_SENDMMSG:
		how = regs->r10 & ~HOW_IN;
		bytes = infer ? mmsg_bytes(regs->si, n, MMSG_BYTES, MMSG_LEN) : 0;
		break;
	case C_RECVFROM:
		how = HOW_IN;
		if (regs->r10 & MSG_TRUNC && bytes > regs->dx)
			bytes = regs->dx; /* the result is what there was, not what was copied */
		break;
	case C_RECVMSG:
		how = HOW_IN;
		look = infer && !(regs->dx & MSG_TRUNC);
		break;
	case C_RECVMMSG:
		how = HOW_IN;
		look = infer && !(regs->r10 & MSG_TRUNC);
		bytes = look ? mmsg_bytes(regs->si, n, MMSG_BYTES, MMSG_LEN) : 0;
		break;
	case C_TEE:
		slot_add(s, M_ZC_TEE, n);
		tee_call(s, regs->si, n);
		return;
	case C_VMSPLICE:
		vmsplice_call(s, regs->di, n);
		return;
	default:
		return;
	}
	if (look && bytes)
		data_call(s, regs->di, bytes, how, pos);
}

/* Where no site tells: the other end of a pipe that somebody traced uses (payload.bpf.c), in a process that is not. */
static __noinline int untraced_call(const struct pt_regs *regs, long n)
{
	struct slot *s = slot_here();
	u32 class = call_class_of(regs);
	struct file *f;

	if (!s || acc_state != ACC_ON)
		return 0;
	if (is_compat()) /* its number means something else */
		return 0;
	f = fd_file(regs->di);
	if (file_object(f) != OBJ_PIPE)
		return 0;
	if (class == C_READ || class == C_READV)
		payload_pipe_read(s, f, n);
	else
		payload_pipe_write(s, f, n);
	return 0;
}

/* A child comes to life in its parent's call: it returns from what it never called. */
static __always_inline bool is_birth(u32 class, bool compat, long nr, long ret)
{
	if (ret || (class != C_FORK && class != C_FORK_32))
		return false;
	return nr == __NR_clone3 || compat == (class == C_FORK_32);
}

static __noinline int other_call(struct slot *s, const struct pt_regs *regs, long ret)
{
	u32 class = call_class_of(regs);
	long nr = regs->orig_ax;

	switch (class) {
	case C_NONE:
	case C_FORK:
	case C_FORK_32: /* what these numbers are among 64-bit calls moves no data either */
	case C_DATA_32:
		return 0;
	case C_SYNC:
		slot_add(s, M_FSYNCS, 1);
		return 0;
	case C_MMAP:
		if ((int)regs->r8 >= 0 && !(regs->r10 & MAP_ANONYMOUS) && (unsigned long)ret < -4095UL)
			slot_add(s, M_MAP_CALLS, 1);
		return 0;
	case C_MUNMAP:
		if (!ret)
			slot_add(s, M_MAP_CALLS, 1);
		return 0;
	case C_URING:
		if (ret >= 0)
			slot_count(s, M_DATA_CALLS, 1);
		return 0;
	}
	/* these count from zero at each call, so they must see its end whatever the result */
	if (class == C_SENDFILE)
		sendfile_call(s, regs->di, regs->si, regs->dx, ret);
	else if (class == C_SPLICE)
		splice_call(s, regs->di, regs->si, regs->dx, ret);
	else if (class == C_COPY_RANGE)
		copy_range_call(s, regs->di, regs->dx, ret);
	if (ret > 0)
		moved(s, regs, class, nr, ret);
	return 0;
}

static __noinline int classed_call(struct slot *s, const struct pt_regs *regs, long ret)
{
	bool compat = is_compat();

	s->buffered = 0;
	if (is_birth(call_class_of(regs), compat, regs->orig_ax, ret))
		return 0;
	slot_count(s, M_SYSCALLS, 1);
	return compat ? call_32(s, ret) : other_call(s, regs, ret);
}

/* A call that moved data, of which the sites know all: nothing to look at. As short as it can be. */
static __noinline int plain_data_call(struct slot *s)
{
	if (!is_compat())
		slot_count(s, M_DATA_CALLS, 1);
	return 0;
}

/* Whether nothing is to be learnt from a call but that it was made, and moved data if ret > 0. */
static __always_inline bool is_plain(const struct pt_regs *regs, u32 class)
{
	if (class > C_MOVE)
		return false;
	return class >= C_SENDTO || (class <= C_WRITE && regs->dx & 511);
}

/* A call that is not known at a glance to be a traced task's or one of nobody's concern. */
static __noinline int unknown_call(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	struct slot *s = acc_current();
	u32 class = call_class_of(regs);
	long ret = ctx[1];

	if (s)
		return classed_call(s, regs, ret);
	if (acc_config.infer_copies && !acc_config.whole_machine && pipes_used && ret > 0 && class >= C_READ &&
	    class <= C_WRITEV)
		untraced_call(regs, ret);
	return 0;
}

/*
 * The hottest of all: what most calls need is done here with no call of a function, and no register saved.
 *
 * Where a site saw the call read a file by a request of its own, on the thread's stack, there is no direct I/O to look
 * for, in a 32-bit call either.
 */
SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	u64 cpu = cpu_beside(&ctx);
	struct pt_regs *regs;
	struct slot *s;
	u32 class;

	if (cpu >= DIRECT_SLOTS)
		return unknown_call(ctx);
	s = (struct slot *)direct_slots[cpu];
	barrier_var(s); /* else clang computes it anew */
	regs = (struct pt_regs *)ctx[0];
	if (s->quiet_regs == (u64)regs)
		return 0;
	if (s->traced_regs != (u64)regs) {
		if (s->other_regs != (u64)regs)
			return unknown_call(ctx);
		if (!pipes_used)
			return 0;
		class = call_class_of(regs);
		return class >= C_READ && class <= C_WRITEV ? unknown_call(ctx) : 0;
	}
	if (acc_state != ACC_ON)
		return 0;
	class = call_class_of(regs);
	if (!class) {
		s->buffered = 0;
		slot_count(s, M_SYSCALLS, 1);
		return 0;
	}
	/* traced_regs is regs, but a number */
	if (*(volatile u64 *)&s->traced_regs - s->buffered < STACK_MOST) {
		s->buffered = 0;
		slot_count(s, M_SYSCALLS, 1);
		if ((long)ctx[1] > 0)
			slot_count(s, M_DATA_CALLS, 1);
		return 0;
	}
	if (acc_config.infer_copies || !is_plain(regs, class))
		return classed_call(s, regs, ctx[1]);
	s->buffered = 0;
	slot_count(s, M_SYSCALLS, 1);
	return (long)ctx[1] > 0 ? plain_data_call(s) : 0;
}

/*
 * The call a thread dies in: exit and exit_group, and any call at which SECCOMP_RET_KILL_THREAD strikes, which exits
 * with SIGSYS straight from the entry path (kernel/seccomp.c). A thread killed otherwise dies on its way back to user
 * mode, after its sys_exit.
 */
static __always_inline bool killed_at_entry(const struct task_struct *t)
{
	if (t->exit_code != SIGSYS)
		return false;
	/* the whole process died of it, after its sys_exit; but a process may also end otherwise while one of its
	 * threads dies */
	return !(t->signal->flags & SIGNAL_GROUP_EXIT && t->signal->group_exit_code == SIGSYS);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *t)
{
	struct slot *s = acc_current();
	bool exits;
	long nr;

	if (!s)
		return 0;
	nr = current_call();
	exits = is_compat() ? nr == NR32_EXIT || nr == NR32_EXIT_GROUP : nr == __NR_exit || nr == __NR_exit_group;
	if (exits || (nr >= 0 && killed_at_entry(t)))
		slot_count(s, M_SYSCALLS, 1);
	return 0;
}
