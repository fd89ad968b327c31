// SPDX-License-Identifier: GPL-2.0-only
/* attach_detach.c - what hooks cost while they run, and how they are taken off again (--max-overhead). */
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach.h"

/* Whose figures come from whose programs: without the first, the second would be incomplete or somebody else's. */
static const struct {
	enum hook first, second;
	bool tracepoints_only; /* where copies are inferred */
} needed[] = {
	{H_SYSCALL, H_ZC_CALL, false},	 {H_COPY_FILE, H_ZC_CALL, false}, {H_COPY_FILE, H_TO_FILE, false},
	{H_COPY_FILE, H_CACHE, false},	 {H_COPY_FILE, H_PAYLOAD, false}, {H_COPY_SOCK, H_PAYLOAD, false},
	{H_COPY_PIPE, H_PAYLOAD, false}, {H_IRQ, H_DISK, false},	  {H_IRQ, H_NET, false},
	{H_IRQ, H_CACHE, false},	 {H_SOFTIRQ, H_DISK, false},	  {H_SOFTIRQ, H_NET, false},
	{H_SOFTIRQ, H_CACHE, false},	 {H_SYSCALL, H_COPY_FILE, true},  {H_SYSCALL, H_COPY_SOCK, true},
	{H_SYSCALL, H_COPY_PIPE, true},	 {H_SYSCALL, H_ZC_SEND, true},	  {H_NET, H_COPY_SOCK, true},
};

void attach__run_ns(const struct attached *a, uint64_t ret[H_COUNT])
{
	memset(ret, 0, H_COUNT * sizeof(ret[0]));
	for (int i = 0; i < a->n_links; i++) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(a->link[i].program), &info, &len))
			ret[a->link[i].hook] += info.run_time_ns;
	}
}

bool attach__can_detach(enum hook h)
{
	return h != H_SWITCH && h != H_TASK && h != H_LEAF; /* the fold, the threads, breakpoints of their own */
}

void attach__detach_needing(struct attached *a, enum hook h, const char *why)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i].first == h && (!needed[i].tracepoints_only || a->copy == COPY_INFER))
			attach__detach(a, needed[i].second, why);
}

void attach__detach(struct attached *a, enum hook h, const char *why)
{
	if (!a->hook[h].by)
		return;
	attach__set_hook(a, h, NULL, why);
	for (int i = a->n_links - 1; i >= 0; i--) { /* entries before exits: see the rows */
		if (a->link[i].hook != h || !a->link[i].link)
			continue;
		bpf_link__destroy(a->link[i].link);
		a->link[i].link = NULL;
	}
	attach__detach_needing(a, h, why);
}
