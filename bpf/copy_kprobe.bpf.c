// SPDX-License-Identifier: GPL-2.0-only
/*
 * copy_kprobe.bpf.c - the copy sites by kprobe and kretprobe, where fexit is refused.
 *
 * The arguments are kept from entry to exit by thread and site. A call that was in flight when the probes attached has
 * no entry: its bytes are missed and counted as unmatched. Dearer than fexit, and return probes can run out while calls
 * sleep or are preempted (user/tracer/retprobe.c). The entry of one whose return the kernel did not see is found there
 * by the thread's next, or at its exit, and counted as missed.
 */
#define RD(pointer, ...) BPF_CORE_READ(pointer, __VA_ARGS__)

#define IS_SITE(function, name) (!__builtin_strcmp(#function, name))
#define BEGINS_DATAGRAM(function) (IS_SITE(function, "udp_recvmsg") || IS_SITE(function, "udpv6_recvmsg"))
#define SITE_PROGRAM(function, which)                                                                                  \
	enum { site_id_##function = __COUNTER__ };                                                                     \
	SEC("?kprobe/" #function)                                                                                      \
	int kp_##function(struct pt_regs *ctx)                                                                         \
	{                                                                                                              \
		struct slot *s = which;                                                                                \
                                                                                                                       \
		if (!s)                                                                                                \
			return 0;                                                                                      \
		if (BEGINS_DATAGRAM(function))                                                                         \
			ledger_take_inner(s);                                                                          \
		return probe_enter(ctx, site_id_##function);                                                           \
	}                                                                                                              \
	SEC("?kretprobe/" #function)                                                                                   \
	int kr_##function(struct pt_regs *ctx)                                                                         \
	{                                                                                                              \
		struct slot *s = which;                                                                                \
		struct probe_entry e;                                                                                  \
                                                                                                                       \
		if (!s || !probe_leave(&e, site_id_##function))                                                        \
			return 0;                                                                                      \
		return site_##function(s, e.arg, ctx->ax);                                                             \
	}
#define SITE(function) SITE_PROGRAM(function, acc_current())
#define SITE_MOSTLY SITE
#define SITE_ANY(function) SITE_PROGRAM(function, slot_here()) /* whoever is current */

#include "ledger.bpf.h"

struct probe_key {
	u64 thread; /* pid_tgid */
	u64 site;
};

struct probe_entry {
	u64 arg[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct probe_key);
	__type(value, struct probe_entry);
} probe_entries SEC(".maps");

static __noinline int probe_enter(struct pt_regs *ctx, u64 site)
{
	struct probe_key key = {bpf_get_current_pid_tgid(), site};
	struct probe_entry e = {{ctx->di, ctx->si, ctx->dx, ctx->cx}};

	if (!bpf_map_update_elem(&probe_entries, &key, &e, BPF_NOEXIST))
		return 0;
	acc_lost(bpf_map_update_elem(&probe_entries, &key, &e, BPF_ANY) ? L_DEPTH : L_KPROBE_MISSED, 1);
	return 0;
}

static __always_inline bool probe_leave(struct probe_entry *ret, u64 site)
{
	struct probe_key key = {bpf_get_current_pid_tgid(), site};
	struct probe_entry *e = bpf_map_lookup_elem(&probe_entries, &key);

	if (!e) {
		acc_lost(L_UNMATCHED, 1);
		return false;
	}
	*ret = *e;
	bpf_map_delete_elem(&probe_entries, &key);
	return true;
}

#define SITES_MOST 64

SEC("tp_btf/sched_process_exit")
int kp_thread_exit(void *ctx)
{
	struct probe_key key = {bpf_get_current_pid_tgid(), 0};

	if (!acc_current())
		return 0;
	for (u32 site = 0; site < SITES_MOST; site++) {
		key.site = site;
		if (!bpf_map_delete_elem(&probe_entries, &key))
			acc_lost(L_KPROBE_MISSED, 1);
	}
	return 0;
}

#include "copy.bpf.h"

_Static_assert(__COUNTER__ < SITES_MOST, "a site beyond those that kp_thread_exit looks at");
