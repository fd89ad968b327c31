// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - opens the skeleton, sets what the programs must know, and loads what this kernel takes.
 *
 * Of what it refuses, the hook is left out and the rest is loaded anew: that costs the hook's columns, not the run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "complain.h"
#include "descriptors.h"
#include "libbpf_words.h"
#include "load.h"
#include "probe.h"
#include "proc.h"
#include "../../bpf/zctrace.h"
#include "zctrace.skel.h"

static void configure(struct zctrace_bpf *skel, const struct attached *hooks, const struct opts *o, bool whole_machine,
		      int cpus)
{
	struct acc_config *c = (struct acc_config *)&skel->rodata->acc_config;
	int direct = sizeof(skel->bss->direct_slots) / sizeof(skel->bss->direct_slots[0]);

	c->self_tgid = getpid();
	c->pid_namespace = proc__pid_namespace();
	if (c->pid_namespace == PROC_FIRST_PID_NAMESPACE)
		c->pid_namespace = 0;
	c->boot_offset_ns = proc__boot_offset_ns();
	c->whole_machine = whole_machine;
	c->follow = o->follow || o->command || o->mode == MODE_DEMO;
	c->infer_copies = c->infer_sends = c->infer_cache = hooks->copy == COPY_INFER;
	c->can_cast = btf__find_by_name_kind(hooks->btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
	c->preempts = probe__preemptible();
	if (o->comm) {
		c->match_comm = 1;
		strncpy(c->comm, o->comm, sizeof(c->comm) - 1);
	}
	c->match_cgroup = o->cgroup != NULL;
	bpf_program__set_autoload(skel->progs.find_cgroup, c->match_cgroup);
	if (!c->match_cgroup)
		bpf_program__set_autoload(skel->progs.cgroup_attach, false);
	if (!c->match_comm)
		bpf_program__set_autoload(skel->progs.task_rename, false);
	if (c->preempts)
		bpf_map__set_max_entries(skel->maps.thread_table, probe__threads_most());
	if (cpus > direct)
		bpf_map__set_max_entries(skel->maps.more_slots, cpus - direct);
	bpf_map__set_max_entries(skel->maps.system_lines, cpus);
	bpf_map__set_max_entries(skel->maps.unattributed, cpus);
	bpf_map__set_max_entries(skel->maps.ring, o->ring_bytes);
}

/* For tests: the last instruction of each program in the list becomes one that no kernel knows. */
static int spoil(struct bpf_object *obj, const char *list)
{
	char name[64];
	int n;

	for (; sscanf(list, "%63[^,]%n", name, &n) == 1; list += n + (list[n] == ',')) {
		const struct bpf_program *p = bpf_object__find_program_by_name(obj, name);

		if (!p)
			return complain(-EINVAL, "spoil a program that it does not have");
		((struct bpf_insn *)bpf_program__insns(p))[bpf_program__insn_cnt(p) - 1].code = 0xff;
	}
	return 0;
}

/* One try. *ret_refused: the kernel did not take the programs, which has not been said yet. */
static int load_programs(struct zctrace_bpf *skel, struct attached *hooks, const struct opts *o, bool *ret_refused)
{
	int err = descriptors__check(attach__files(hooks));

	if (!err && o->spoil)
		err = spoil(skel->obj, o->spoil);
	if (err)
		return err;
	err = zctrace_bpf__load(skel);
	*ret_refused = err != 0;
	return err;
}

int load__skeleton(struct zctrace_bpf **ret, struct attached *hooks, const struct opts *o, bool whole_machine, int cpus)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = o->btf);

	for (;;) {
		struct zctrace_bpf *skel = zctrace_bpf__open_opts(&open_opts);
		const char *program;
		bool refused = false;
		int err;

		if (!skel)
			return probe__explain(-errno, "open");
		hooks->obj = skel->obj;
		attach__choose(hooks);
		configure(skel, hooks, o, whole_machine, cpus);
		err = load_programs(skel, hooks, o, &refused);
		program = libbpf_words__blamed();
		if (!err) {
			*ret = skel;
			return 0;
		}
		if (refused && (!program || !probe__is_refusal(err)))
			err = probe__explain(err, "load");
		else if (refused && !attach__do_without(hooks, program, err))
			err = probe__explain_refusal(err, program);
		else if (refused)
			err = 0;
		zctrace_bpf__destroy(skel);
		hooks->obj = NULL;
		if (err)
			return err;
	}
}
