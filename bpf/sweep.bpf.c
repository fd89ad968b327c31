// SPDX-License-Identifier: GPL-2.0-only
/*
 * sweep.bpf.c - task iterators that the reader runs: the baseline of every thread when counting begins, and the totals
 * of every living thread when figures are wanted.
 *
 * Context: the reader's own system call, one task after another. Cannot see: the idle tasks (acc.bpf.c has a line for
 * them).
 */
#include "thread.bpf.h"
#include <stddef.h>

/* Processes to trace, by tgid, where the trace is not for the whole machine. Value: count from the next execve. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u32);
} targets SEC(".maps");

/* The reader runs it once when it arms, and again for each target added later: takes the baseline of every thread
 * traced. */
SEC("iter/task")
int baseline(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct pt_regs *regs;
	struct thread *th;
	u32 tgid, *target;
	bool exec_armed;

	if (!t)
		return 0;
	tgid = t->tgid;
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target && !task_matches(t))
		return 0;
	th = bpf_task_storage_get(&threads, t, 0, 0);
	if (th && th->rec.flags & ZT_TRACED)
		return 0;
	exec_armed = target && *target;
	th = thread_start(t, false, exec_armed);
	if (!th || t->flags & PF_KTHREAD)
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(t);
	if ((long)regs->orig_ax >= 0 && !exec_armed)
		th->rec.flags |= ZT_IN_CALL;
	return 0;
}

SEC("iter/task")
int sweep(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;
	struct thread *th;

	if (!t)
		return 0;
	th = bpf_task_storage_get(&threads, t, 0, 0);
	if (!th || !(th->rec.flags & ZT_TRACED))
		return 0;
	read_identity(th, t);
	for (int i = 0; i < M_COUNT; i++)
		th->sent[i] = th->rec.v[i]; /* a fold on another CPU may be at it: what is written is what is kept */
	bpf_seq_write(ctx->meta->seq, &th->rec, offsetof(struct zc_record, v));
	bpf_seq_write(ctx->meta->seq, th->sent, sizeof(th->sent));
	return 0;
}
