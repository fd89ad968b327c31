// SPDX-License-Identifier: GPL-2.0-only
/*
 * reader.bpf.c - what only the kernel can tell the reader about itself and what it names. Not attached: the reader runs
 * them once, between load and attach. Context: its own system call.
 */
#include "thread.bpf.h"

/* How deep the pid namespace is that the reader lives in: a process has a number in its own and in each above it. */
SEC("raw_tp/find_reader")
int find_reader(void *ctx)
{
	pid_level = BPF_CORE_READ(bpf_get_current_task_btf(), thread_pid, level);
	return 0;
}

/* The cgroup of --cgroup, by its directory: a path does not tell how deep it is where the hierarchy is not seen whole.
 */
SEC("iter/cgroup")
int find_cgroup(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *c = ctx->cgroup;

	if (!c)
		return 0;
	cgroup_id = c->kn->id;
	cgroup_level = c->level;
	return 0;
}
