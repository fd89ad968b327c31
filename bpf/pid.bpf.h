/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pid.bpf.h - the numbers of processes and threads as whoever runs zctrace knows them: in the pid namespace that
 * zctrace runs in. In the machine's first one, which is known before load, these are the task's own fields.
 */
#ifndef ZCTRACE_PID_BPF_H
#define ZCTRACE_PID_BPF_H

extern __u32 pid_level; /* acc.bpf.c: how deep acc_config.pid_namespace is */

/* 0: it has none there, or has ended. */
static __always_inline u32 number_of(const struct pid *p)
{
	struct upid u;

	if (!p || BPF_CORE_READ(p, level) < pid_level || bpf_probe_read_kernel(&u, sizeof(u), &p->numbers[pid_level]) ||
	    BPF_CORE_READ(u.ns, ns.inum) != acc_config.pid_namespace)
		return 0;
	return u.nr;
}

static __always_inline u32 tgid_of(const struct task_struct *t)
{
	if (!acc_config.pid_namespace)
		return t->tgid;
	return number_of(BPF_CORE_READ(t, signal, pids[1]));
}

static __always_inline u32 tid_of(const struct task_struct *t)
{
	if (!acc_config.pid_namespace)
		return t->pid;
	return number_of(BPF_CORE_READ(t, thread_pid));
}

#endif
