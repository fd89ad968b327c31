// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep.bpf.c - task iterators that the reader runs: the baseline of every thread when counting begins, and the totals
 * of every living thread when figures are wanted.
 *
 * Context: the reader's own system call, one task after another. Cannot see: the idle tasks (acc.bpf.c has a line for
 * them).
 */
#include "thread.bpf.h"

/* It has left its CPU for good: its last word is told, whoever waits for it or does not. */
static __always_inline bool is_over(const struct task_struct *t)
{
	if (!(*(volatile unsigned int *)&t->__state & TASK_DEAD))
		return false;
	return !bpf_core_field_exists(t->on_cpu) || !*(volatile int *)&t->on_cpu;
}

/*
 * Whether a thread may still run. One that never will has had its last word, and its place in the table may be
 * another's at any time. Of one that is only about to leave its CPU the place outlasts this program, an RCU reader:
 * finish_task_switch clears on_cpu before it gives the task up (kernel/sched/core.c).
 */
static __always_inline bool may_run(const struct task_struct *t)
{
	return !acc_config.preempts || !is_over(t);
}

/*
 * Processes to trace, by tgid, where the trace is not for the whole machine. The reader empties it when it is full,
 * once the threads of all that are in it have been found.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct zc_target);
} targets SEC(".maps");

static __always_inline u64 start_ticks(const struct task_struct *t)
{
	return (t->group_leader->start_boottime + acc_config.boot_offset_ns) / PROC_TICK_NS;
}

/* The reader runs it once when it arms, and again for each target added later: takes the baseline of every thread
 * traced. */
SEC("iter/task")
int baseline(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct pt_regs *regs;
	struct thread *th;
	struct zc_target *target;
	bool exec_armed;
	u32 tgid;

	if (!t || is_over(t))
		return 0;
	tgid = tgid_of(t);
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (target && target->start_ticks != start_ticks(t)) /* its number is another's now */
		target = NULL;
	if (!target && !task_matches(t))
		return 0;
	th = thread_of(t);
	if (th && th->rec.flags & ZT_TRACED)
		return 0;
	exec_armed = target && target->at_exec;
	th = thread_start(t, false, exec_armed);
	if (!th || t->flags & PF_KTHREAD)
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(t);
	if ((long)regs->orig_ax >= 0 && !exec_armed && acc_state == ACC_ARMING)
		th->rec.flags |= ZT_IN_CALL;
	return 0;
}

__u32 sweep_live; /* threads that are traced, have not ended and are no kernel threads; the reader sets it to 0 before
		     each sweep */

static __always_inline bool is_other_name(const char *now, const char *then)
{
	u64 words[ZC_COMM_LEN / 8];

	bpf_probe_read_kernel(words, sizeof(words), now);
	return words[0] != ((const u64 *)then)[0] || words[1] != ((const u64 *)then)[1];
}

/* Whether a thread that has not run is known by other names than the last sweep told: that takes no run of its own. */
static __always_inline bool renamed(const struct zc_record *r, const struct task_struct *t)
{
	const struct task_struct *leader = t->group_leader;

	return r->ppid != tgid_of(leader->real_parent) || r->cgroup != t->cgroups->dfl_cgrp->kn->id ||
	       is_other_name(t->comm, r->comm) || is_other_name(leader->comm, r->leader_comm);
}

/*
 * Tells of the threads about which there is something new since the last sweep. When the buffer of the iterator is
 * full, the kernel throws away what this task wrote and shows it again at the next read (kernel/bpf/bpf_iter.c:
 * bpf_seq_read).
 */
SEC("iter/task")
int sweep(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct thread *th;

	if (!t || !may_run(t))
		return 0;
	th = thread_of(t);
	if (!th || !(th->rec.flags & ZT_TRACED))
		return 0;
	/* taken back before the totals are read, with a full barrier: a fold that is under way marks it again */
	if (__sync_lock_test_and_set(&th->changed, 0) || renamed(&th->rec, t)) {
		__sync_lock_test_and_set(&th->told, 1);
		if (*(volatile u32 *)&th->nameless) /* it is still waited for; what it had would be counted again */
			return 0;
		read_identity(th, t);
		if (bpf_seq_write(ctx->meta->seq, &th->rec, sizeof(th->rec))) {
			th->changed = 1;
			return 0;
		}
	}
	if (!(th->rec.flags & ZT_KTHREAD) && !is_over(t))
		sweep_live++;
	return 0;
}
