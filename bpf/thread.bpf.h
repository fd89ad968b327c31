/* SPDX-License-Identifier: GPL-2.0-only */
/* thread.bpf.h - a thread's identity and the counters the kernel keeps in it, and whether it is one to trace. */
#ifndef ZCTRACE_THREAD_BPF_H
#define ZCTRACE_THREAD_BPF_H

#include "file.bpf.h"

#define TASK_DEAD 0x80

extern __u32 threads_begun; /* acc.bpf.c */
extern __u64 next_uid;	    /* acc.bpf.c */
extern __u64 cgroup_id;	    /* acc.bpf.c: the cgroup that is traced, if acc_config says so */
extern __u32 cgroup_level;  /* acc.bpf.c: how deep it is, 0 for the root */

static __always_inline void task_counters(const struct task_struct *t, u64 c[TC_COUNT])
{
	c[TC_MINFLT] = t->min_flt;
	c[TC_MAJFLT] = t->maj_flt;
	c[TC_ONCPU] = t->se.sum_exec_runtime;
	c[TC_NVCSW] = t->nvcsw;
	c[TC_NIVCSW] = t->nivcsw;
}

/* The figures the kernel keeps itself: its value less that at the start, so that they agree with /proc to the last
 * digit. */
static __always_inline void read_task(const struct task_struct *t, const u64 base[TC_COUNT], u64 *v)
{
	v[M_MINOR_FAULTS] = t->min_flt - base[TC_MINFLT];
	v[M_MAJOR_FAULTS] = t->maj_flt - base[TC_MAJFLT];
	v[M_ONCPU_NS] = t->se.sum_exec_runtime - base[TC_ONCPU];
	v[M_SWITCHES_VOLUNTARY] = t->nvcsw - base[TC_NVCSW];
	v[M_SWITCHES_INVOLUNTARY] = t->nivcsw - base[TC_NIVCSW];
}

static __always_inline void read_identity(struct thread *th, const struct task_struct *t)
{
	const struct task_struct *leader = t->group_leader;
	struct zc_record *r = &th->rec;
	u32 tid = tid_of(t), tgid = tgid_of(t);

	if (tid) /* one that has ended keeps those it had */
		r->tid = tid;
	r->start_ns = t->start_boottime;
	if (tgid)
		r->process.tgid = tgid;
	r->process.start_ns = leader->start_boottime;
	r->ppid = tgid_of(leader->real_parent);
	r->cgroup = t->cgroups->dfl_cgrp->kn->id;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), t->comm);
	bpf_probe_read_kernel(r->leader_comm, sizeof(r->leader_comm), leader->comm);
	if (t->pid == t->tgid)
		r->flags |= ZT_LEADER;
	else
		r->flags &= ~ZT_LEADER;
	if (t->flags & PF_KTHREAD)
		r->flags |= ZT_KTHREAD;
}

/* Where its slot did not know that it is traced, its counters went on without what the slot counts beside them. */
static __always_inline void thread_rebase(struct thread *th, const struct task_struct *t)
{
	task_counters(t, th->base);
	th->joined = 0;
}

extern const volatile __u64 blank_thread[sizeof(struct thread) / 8]; /* acc.bpf.c */

static __always_inline struct thread *thread_create(struct task_struct *t)
{
	u64 key = (u64)t;

	if (!acc_config.preempts)
		return bpf_task_storage_get(&threads, t, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	bpf_map_update_elem(&thread_table, &key, (const void *)blank_thread, BPF_NOEXIST);
	return bpf_map_lookup_elem(&thread_table, &key);
}

/*
 * Starts counting a thread, from its counters as they are now (0 for one that is just born). NULL: no memory, or it is
 * us, or one that has no number where zctrace runs.
 */
static __always_inline struct thread *thread_start(struct task_struct *t, bool born, bool exec_armed)
{
	u32 tgid = tgid_of(t);
	struct thread *th;

	if (tgid == acc_config.self_tgid || (acc_config.pid_namespace && !tgid))
		return NULL;
	th = thread_create(t);
	if (!th) {
		acc_lost(L_NO_STORAGE, 1);
		return NULL;
	}
	if (!th->rec.uid)
		th->rec.uid = __sync_fetch_and_add(&next_uid, 1);
	if (!born)
		task_counters(t, th->base);
	read_identity(th, t);
	th->exec_armed = exec_armed;
	*(volatile u32 *)&th->joined = !born && !exec_armed && acc_state == ACC_ON && t != bpf_get_current_task_btf();
	if (!exec_armed && !(th->rec.flags & ZT_TRACED)) {
		*(volatile u32 *)&th->rec.flags |= ZT_TRACED;
		if (!(t->flags & PF_KTHREAD))
			__sync_fetch_and_add(&threads_begun, 1);
	}
	th->changed = 1;
	return th;
}

/*
 * On PREEMPT_RT soft interrupts are handled in the context of a task, which may be preempted meanwhile
 * (kernel/softirq.c:
 * __local_bh_disable_ip). Its soft interrupt goes with it, and is not handled for as long as it is off the CPU.
 */
static __always_inline void softirq_pause(struct slot *s, struct thread *th, bool counting)
{
	th->in_softirq = s->softirq_depth;
	if (th->in_softirq && counting)
		slot_add(s, M_SOFTIRQ_NS, bpf_ktime_get_ns() - s->softirq_start_ns - s->hardirq_in_softirq_ns);
}

static __always_inline void softirq_resume(struct slot *s)
{
	s->softirq_depth = 1;
	s->softirq_start_ns = bpf_ktime_get_ns();
	s->hardirq_in_softirq_ns = 0;
}

static __always_inline bool comm_matches(const char *name)
{
	char comm[ZC_COMM_LEN];

	if (bpf_probe_read_kernel_str(comm, sizeof(comm), name) < 0)
		return false;
	for (int i = 0; i < ZC_COMM_LEN; i++) {
		if (comm[i] != acc_config.comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

static __always_inline bool cgroup_matches(const struct task_struct *t)
{
	struct cgroup *c = BPF_CORE_READ(t, cgroups, dfl_cgrp), *a;
	u32 level = cgroup_level;

	if ((u32)BPF_CORE_READ(c, level) < level || bpf_probe_read_kernel(&a, sizeof(a), &c->ancestors[level]))
		return false;
	return BPF_CORE_READ(a, kn, id) == cgroup_id;
}

/* By what the task is, not by whose child it is. */
static __always_inline bool task_matches(const struct task_struct *t)
{
	if (acc_config.whole_machine)
		return true;
	if (acc_config.match_comm && comm_matches(t->comm))
		return true;
	return acc_config.match_cgroup && cgroup_matches(t);
}

#endif
