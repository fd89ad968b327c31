// SPDX-License-Identifier: GPL-2.0-only
/*
 * thread.bpf.c - a thread's birth, what its exec changes, what makes it one to trace later, and its place in the table
 * when it is gone. Its end is told at its last switch (acc.bpf.c).
 */
#include "thread.bpf.h"
#include "numbers.bpf.h"

#define CLONE_THREAD 0x00010000

__u32 members_came; /* some that are to be traced may not be yet; the reader sets it to 0 and takes their baseline */

SEC("tp_btf/task_newtask")
int BPF_PROG(task_newtask, struct task_struct *child, u64 clone_flags)
{
	struct thread *parent, *th;
	bool inherit = false;

	if (acc_state == ACC_OFF)
		return 0;
	parent = acc_thread();
	if (parent && parent->rec.flags & ZT_TRACED)
		inherit = acc_config.follow || clone_flags & CLONE_THREAD;
	if (inherit || task_matches(child))
		th = thread_start(child, true, false);
	else
		return 0;
	if (th && parent) /* breakpoints that the parent lost are not there to inherit */
		th->rec.flags |= parent->rec.flags & ZT_EXEC_SUID;
	return 0;
}

/*
 * What the table has of a thread goes with its task, as task storage does. The kernel calls this a grace period after
 * the task has left its CPU for good (kernel/exit.c: delayed_put_task_struct): who looked at it before is done with it.
 */
SEC("tp_btf/sched_process_free")
int BPF_PROG(task_free, struct task_struct *t)
{
	u64 key = (u64)t;

	bpf_map_delete_elem(&thread_table, &key);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *t, pid_t old_pid, struct linux_binprm *bprm)
{
	struct thread *th = thread_of(t);
	struct slot *s = slot_here();

	if (acc_state == ACC_OFF || !s)
		return 0;
	if (!th || !(th->rec.flags & ZT_TRACED)) {
		if (!(th && th->exec_armed) && !task_matches(t))
			return 0;
		th = thread_start(t, false, false);
		if (!th)
			return 0;
		slot_resync(s);
	}
	read_identity(th, t); /* a thread that execs becomes the leader: its tid changes, its uid does not */
	if (BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		th->rec.flags |= ZT_EXEC_SUID;
	return 0;
}

/*
 * A thread that becomes one to trace in the middle of its life. If it is not current, its CPU does not know: it counts
 * from its next switch in, or as soon as the reader has told each CPU.
 */
static __always_inline void thread_join(struct task_struct *t)
{
	struct thread *th = thread_of(t);
	struct slot *s = slot_here();

	if (!s || (th && th->rec.flags & ZT_TRACED))
		return;
	th = thread_start(t, false, false);
	if (!th)
		return;
	if (t == bpf_get_current_task_btf()) {
		slot_resync(s);
		return;
	}
	members_came = 1;
	acc_wake_reader();
}

/* --comm: a thread takes the name, by prctl or through /proc. One that once had it stays traced. */
SEC("tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *t, const char *name)
{
	long call = current_call();
	bool execs = is_compat() ? call == NR32_EXECVE || call == NR32_EXECVEAT
				 : call == __NR_execve || call == __NR_execveat;

	if (acc_state == ACC_OFF || !comm_matches(name))
		return 0;
	if (t == bpf_get_current_task_btf() && execs)
		return 0; /* sched_process_exec comes next */
	thread_join(t);
	return 0;
}

/*
 * --cgroup: a process or a thread was moved into it or beneath it; once traced it stays so. The kernel tells of the one
 * thread that was named. Those beside it the reader finds, at once.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach, struct cgroup *to, const char *path, struct task_struct *t, bool whole_process)
{
	if (acc_state == ACC_OFF || !cgroup_matches(t))
		return 0;
	thread_join(t);
	if (whole_process) {
		members_came = 1;
		acc_wake_reader();
	}
	return 0;
}
