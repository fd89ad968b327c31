// SPDX-License-Identifier: GPL-2.0-only
/*
 * syscall.bpf.c - system calls: how many, and what those that move data moved.
 *
 * Hooked at exit only: the number, the result and the argument registers are all there, and it costs half. Calls that
 * never return (exit, exit_group, killed inside by seccomp) are counted when the thread exits. The ledger of the call
 * (ledger.bpf.h) is settled here: what the result says was moved, less what sites saw, is inferred by object, and of
 * sendfile, splice and copy_file_range the rest is zero-copy. Where no copy site can attach nothing was seen.
 * Context: the task itself, before it returns to user mode.
 * Cannot see: vDSO calls (no mode switch).
 */
#include "settle.bpf.h"
#include "call_32.bpf.h"

#define MMSG_BYTES 64 /* struct mmsghdr of 64-bit programs */
#define MMSG_LEN 56   /* its msg_len */
#define SIGSYS 31
#define SIGNAL_GROUP_EXIT 4

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

/* The arguments of a 64-bit call. Of mmap the length says whether it mapped a file. */
static __always_inline void call_of_64(struct call *c, const struct pt_regs *regs, long ret)
{
	long nr = regs->orig_ax;

	c->class = call_class_of(regs);
	c->fd = regs->di;
	switch (c->class) {
	case C_READ:
	case C_WRITE:
		if (nr == __NR_pread64 || nr == __NR_pwrite64)
			c->position = regs->r10;
		break;
	case C_READV:
	case C_WRITEV:
		if (nr != __NR_readv && nr != __NR_writev)
			c->position = regs->r10;
		break;
	case C_SENDTO:
	case C_RECVFROM:
		c->flags = regs->r10;
		c->length = regs->dx;
		break;
	case C_SENDMSG:
	case C_RECVMSG:
		c->flags = regs->dx;
		break;
	case C_SENDMMSG:
	case C_RECVMMSG:
		c->flags = regs->r10;
		c->messages = regs->si;
		c->stride = MMSG_BYTES;
		c->length_at = MMSG_LEN;
		break;
	case C_SENDFILE:
		c->fd = regs->si;
		c->to_fd = regs->di;
		c->offset = regs->dx;
		break;
	case C_SPLICE:
	case C_COPY_RANGE:
		c->offset = regs->si;
		c->to_fd = regs->dx;
		break;
	case C_TEE:
		c->to_fd = regs->si;
		break;
	case C_MMAP:
		c->length = (int)regs->r8 >= 0 && !(regs->r10 & MAP_ANONYMOUS) && (unsigned long)ret < -4095UL;
		break;
	}
}

/* Any call but those of which nothing is wanted; the ledger begins anew. */
static __noinline int classed_call(struct slot *s, const struct pt_regs *regs, long ret)
{
	struct call c = {.position = NO_POSITION};
	bool compat = is_compat();

	if (is_birth(call_class_of(regs), compat, regs->orig_ax, ret))
		return 0;
	slot_count(s, M_SYSCALLS, 1);
	if (compat)
		call_of_32(&c, ret);
	else
		call_of_64(&c, regs, ret);
	switch (c.class) {
	case C_NONE:
	case C_FORK:
	case C_FORK_32: /* what these numbers are among 64-bit calls moves no data either */
	case C_DATA_32:
		break;
	case C_SYNC:
		slot_add(s, M_FSYNCS, 1);
		break;
	case C_MMAP:
		if (c.length)
			slot_add(s, M_MAP_CALLS, 1);
		break;
	case C_MUNMAP:
		if (!ret)
			slot_add(s, M_MAP_CALLS, 1);
		break;
	case C_URING:
		if (ret >= 0)
			slot_count(s, M_DATA_CALLS, 1);
		break;
	default:
		if (ret > 0)
			call_settle(s, &c, ret);
	}
	if (s->seen_any)
		ledger_begin(s);
	return 0;
}

/*
 * A read or write of which no site saw anything: of /dev/null and its like there is nothing to see. All that
 * classed_call does for one, for a third of its cost: programs that write their output there do little else.
 */
static __noinline int is_of_nothing(int fd)
{
	const struct file *f = fd_file(fd);

	return f && copies_nothing(f) && !is_compat();
}

/* Of a traced task; what sys_exit cannot do without saving a register, which every call would pay for. */
static __noinline int ended_call(struct slot *s, const struct pt_regs *regs, long ret)
{
	if (!acc_config.infer_copies && !s->seen_any && call_class_of(regs) <= C_WRITE && ret > 0 &&
	    is_of_nothing(regs->di)) {
		slot_count(s, M_SYSCALLS, 1);
		slot_count(s, M_DATA_CALLS, 1);
		return 0;
	}
	return classed_call(s, regs, ret);
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
 * A call of which sites saw each byte, a 32-bit one or not, needs no more than to be counted.
 */
SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	u64 cpu = cpu_beside(&ctx);
	struct pt_regs *regs;
	u32 class, seen;
	struct slot *s;

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
	seen = s->seen_any;
	if (seen == 1 << SEEN_USER && (long)ctx[1] > 0 && s->seen[SEEN_USER] == ctx[1]) {
		s->seen[SEEN_USER] = 0;
		s->seen_any = 0;
		slot_count(s, M_SYSCALLS, 1);
		slot_count(s, M_DATA_CALLS, 1);
		return 0;
	}
	class = call_class_of(regs);
	if (!seen && !class) {
		slot_count(s, M_SYSCALLS, 1);
		return 0;
	}
	return ended_call(s, regs, ctx[1]);
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
