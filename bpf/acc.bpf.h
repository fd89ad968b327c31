/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * acc.bpf.h - the accumulators, as the hooks use them.
 *
 * A number has one of three homes:
 *   slot    per CPU, for what the current task does. Atomic adds only, so that a hook may run in any context, hardware
 *           breakpoints included, and may be preempted. Folded into the thread's totals when the task leaves the CPU.
 *   owners  a hash by process, for work done on a process's behalf while it is not current (sockets, writeback).
 *   system  per CPU, for work that has no owner.
 *
 * A hook for what the current task does:	struct slot *s = acc_current(); if (!s) return 0; slot_add(s, M_X, n);
 * A hook for work on somebody's behalf:	acc_own(&owner, M_X, n);  tgid 0 is nobody.
 */
#ifndef ZCTRACE_ACC_BPF_H
#define ZCTRACE_ACC_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "zctrace.h"

#define PF_KTHREAD 0x00200000

extern volatile int acc_state;

extern const volatile struct acc_config acc_config;

/* One cache-line-aligned block per CPU. */
struct slot {
	u64 v[M_COUNT];
	u64 touched[ZC_MASK_WORDS]; /* which of v are not 0: the fold walks only those */
	u64 task;		    /* whom `traced` speaks of */
	u32 traced;		    /* the current task is traced */
	u32 inserted;		    /* mirrors its thread's `inserted` */
	/* interrupts, see irq.bpf.c */
	u32 softirq_depth;
	u32 hardirq_depth;
	u32 hardirqs, user_irqs; /* begun and not yet counted */
	u32 pad0;
	u64 hardirq_start_ns;
	u64 softirq_start_ns;
	u64 hardirq_in_softirq_ns;
	u64 irq_chain; /* next handler of the shared line that is being walked */
	/* between two hooks of one transmission or one completion on this CPU */
	u64 bounced_bytes; /* copied through bounce buffers for the request or packet at hand */
	struct zc_owner tx_owner;
	u32 tx_known;
	u32 pad2;
	u64 ubufs_skb; /* skb_copy_ubufs: entry to exit */
	struct zc_owner ubufs_owner;
} __attribute__((aligned(64)));

/* Page-cache insertions of the call at hand, not yet told apart into misses and readahead. */
struct cache_pending {
	u64 inode;
	u64 first, last; /* page indices */
};
#define CACHE_PENDING 4

/* A thread's task storage. */
struct thread {
	u32 exec_armed;	      /* not traced yet: counting begins at its next execve */
	u32 inserted;	      /* some of `pending` is taken */
	u32 changed;	      /* rec is not what the last sweep has told; set after rec was written */
	u32 told;	      /* a sweep has told of it */
	struct zc_record rec; /* rec.v: totals since attach */
	u64 base[TC_COUNT];   /* the task's own counters when counting began; index enum task_counter */
	/* the system call at hand, for calls whose zero-copy share is what the sites did not copy */
	u64 kernel_copied;   /* copied inside the kernel since the last such call */
	u64 zc_nested;	     /* zero-copied inside the send at hand */
	u64 direct_fallback; /* buffered bytes of an O_DIRECT file */
	u64 udp_seen;	     /* a site has counted the datagram at hand */
	u64 received;	     /* tracepoint tier: seen copied out of sockets since the last receive that was settled */
	struct cache_pending pending[CACHE_PENDING];
	struct cache_pending fault; /* tracepoint tier: a fault whose outcome is not known yet */
};

/* Maps are defined in acc.bpf.c; sizes that depend on the machine are set by the tracer before load. */
struct slots_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot);
};
struct threads_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
};
struct system_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct system_line);
};
struct lost_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, L_COUNT);
	__type(key, u32);
	__type(value, u64);
};
extern struct slots_map slots SEC(".maps");
extern struct threads_map threads SEC(".maps");
extern struct system_map system_lines SEC(".maps");
extern struct lost_map lost SEC(".maps");

/* Tells the slot who is current where no switch did: some kernels run no program on top of tasks that they hide. */
void slot_resync(struct slot *s) __hidden;

static __always_inline struct slot *slot_here(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct slot *s = bpf_map_lookup_elem(&slots, &cpu);

	if (s && s->task != bpf_get_current_task())
		slot_resync(s);
	return s;
}

/* The slot, if the current task is traced and counting is on; else NULL. */
static __always_inline struct slot *acc_current(void)
{
	struct slot *s = slot_here();

	return s && s->traced && acc_state == ACC_ON ? s : NULL;
}

/*
 * The mark is set before the add and looked at again after it: a preemptible program (fexit) may be switched out in
 * between, and the fold at that switch clears the mark.
 */
static __always_inline void slot_add(struct slot *s, enum metric m, u64 n)
{
	u64 bit = 1ULL << (m & 63);
	volatile u64 *touched = &s->touched[m / 64];

	if (!(*touched & bit))
		__sync_fetch_and_or(&s->touched[m / 64], bit);
	__sync_fetch_and_add(&s->v[m], n);
	if (!(*touched & bit))
		__sync_fetch_and_or(&s->touched[m / 64], bit);
}

static __always_inline void acc_lost(enum loss what, u64 n)
{
	u32 key = what;
	u64 *v = bpf_map_lookup_elem(&lost, &key);

	if (v)
		__sync_fetch_and_add(v, n);
}

static __always_inline void acc_system(enum metric m, u64 n)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct system_line *l = bpf_map_lookup_elem(&system_lines, &cpu);

	if (l && (u32)m < M_COUNT)
		__sync_fetch_and_add(&l->v[m], n);
}

/* The current task's totals, NULL if it is not traced. Costs a look-up: for rare events. */
static __always_inline struct thread *acc_thread(void)
{
	return bpf_task_storage_get(&threads, bpf_get_current_task_btf(), 0, 0);
}

/* The current task stands for itself here: neither a hard nor a soft interrupt is being handled on top of it. */
static __always_inline bool in_task(const struct slot *s)
{
	return !s->softirq_depth && !s->hardirq_depth;
}

/* Adds to the totals of a process that need not be current; tgid 0: the system line. */
void acc_own(const struct zc_owner *owner, u32 metric, u64 n) __hidden;
/* Fills *owner with the current process, traced or not; tgid 0 for a kernel thread. */
static __always_inline void acc_owner_current(struct zc_owner *owner)
{
	struct task_struct *t = bpf_get_current_task_btf();

	owner->pad = 0;
	owner->tgid = t->flags & PF_KTHREAD ? 0 : t->tgid;
	owner->start_ns = owner->tgid ? t->group_leader->start_boottime : 0;
}

#endif
