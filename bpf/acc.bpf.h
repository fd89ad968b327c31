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

#include "pid.bpf.h"

/* Metrics that the fold looks at unasked: they change between most switches, and need no mark. Of these v only grows.
 */
/* clang-format off */
#define HOT_METRICS(X) \
	X(M_SYSCALLS) X(M_DATA_CALLS) X(M_TO_USER_FILE) X(M_TO_USER_SOCKET) X(M_TO_USER_PIPE) X(M_FROM_USER_FILE) \
	X(M_FROM_USER_SOCKET) X(M_FROM_USER_PIPE) X(M_COPIES_TO_USER) X(M_COPIES_FROM_USER) X(M_CACHE_HIT) \
	X(M_PAYLOAD_IN) X(M_PAYLOAD_OUT)
/* clang-format on */

static __always_inline bool is_hot(enum metric m)
{
#define HOT(id) | 1ULL << (id)
	return m < 64 && (0 HOT_METRICS(HOT)) >> m & 1;
#undef HOT
}

enum hot_metric {
#define HOT(id) HOT_##id,
	HOT_METRICS(HOT)
#undef HOT
		HOT_COUNT
};

/* What sites can have seen of the call at hand, in bytes: see ledger.bpf.h. */
enum seen {
	SEEN_USER,     /* copied between user memory and the object of a data call */
	SEEN_REF,      /* passed on by reference instead: pages of user memory in packets */
	SEEN_KERNEL,   /* copied inside the kernel */
	SEEN_OTHER,    /* copied by copy_to_user and copy_from_user */
	SEEN_BUFFERED, /* of SEEN_USER, what went through the page cache although the file is open for direct I/O */
	SEEN_INNER,    /* counted already by a site within the function whose end is a site as well */
	SEEN_COUNT
};

/* One cache-line-aligned block per CPU. */
struct slot {
	u64 v[M_COUNT];
	u64 folded[HOT_COUNT];	     /* of the hot ones, how much of v has been folded */
	u64 touched[ZC_MASK_WORDS];  /* which of v that are not hot are not 0: the fold walks only those */
	u64 inferred[ZC_MASK_WORDS]; /* which of v hold something that no hook saw */
	u64 any_inferred;
	/* about the task that the last switch brought in */
	u64 task;	 /* its task_struct: whom this speaks of */
	u64 quiet;	 /* the same if it is not traced, else 0 */
	u64 traced_regs; /* where its kernel entry saved its registers, if it is traced: they tell who it is as well */
	u64 quiet_regs;	 /* the same if nothing about its system calls is wanted, else 0 */
	u64 other_regs;	 /* the same if only what it reads and writes is: see untraced_call in syscall.bpf.c; else 0 */
	/*
	 * A program that runs on the task's stack knows it by that alone: its frame pointer less the slot's address is
	 * at most STACK_MOST beyond one of these (other stacks: NOWHERE). In differences, since pointers have no value.
	 */
	u64 quiet_stack, traced_stack;
	u64 self;	      /* the slot's own address */
	u64 seen[SEEN_COUNT]; /* of the current task's call */
	u32 seen_any;	      /* bit i: seen[i] may not be 0 */
	u32 traced;
	u32 inserted; /* mirrors its thread's `inserted` */
	u32 pad3;
	/* interrupts, see irq.bpf.c */
	u32 softirq_depth;
	u32 hardirq_depth;
	u32 hardirqs, user_irqs; /* begun and not yet counted */
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

#define PIPE_BITS 256

/* A thread's task storage. */
struct thread {
	u32 exec_armed; /* not traced yet: counting begins at its next execve */
	u32 inserted;	/* some of `pending` is taken */
	u32 changed;	/* rec is not what the last sweep has told; set after rec was written */
	u32 told;	/* a sweep has told of it, or is about to */
	u32 nameless;	/* it has ended, and its totals are in the unattributed sums */
	u32 in_softirq; /* it was switched out of a soft interrupt: where programs are preempted, they are, too */
	u32 joined;	/* it became one to trace while it may have run elsewhere: it counts from its next switch in */
	u32 seen_any;	/* as the slot's */
	struct zc_record rec;		   /* rec.v: totals since attach */
	u64 base[TC_COUNT];		   /* the task's own counters when counting began; index enum task_counter */
	u64 seen[SEEN_COUNT];		   /* of its call, while it is off the CPU */
	u64 pipes_written[PIPE_BITS / 64]; /* of a process's first thread, see payload.bpf.c */
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
/* The same where task storage will not do: by the address of the task_struct. The tracer makes room for them all. */
struct thread_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
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
/*
 * The slots of the first CPUs are addressed without a look-up; those of more stand in a map. Words, since the skeleton
 * has no struct slot.
 */
#define DIRECT_SLOTS 512
extern __u64 direct_slots[DIRECT_SLOTS][sizeof(struct slot) / 8];
extern __u64 unseen[M_COUNT]; /* of each metric, what was inferred for whatever task, where sites see the rest */
extern struct slots_map more_slots SEC(".maps");
extern struct threads_map threads SEC(".maps");
extern struct thread_table thread_table SEC(".maps");
extern struct system_map system_lines SEC(".maps");
extern struct lost_map lost SEC(".maps");

/* Tells the slot who is current where no switch did: some kernels run no program on top of tasks that they hide. */
void slot_resync(struct slot *s) __hidden;

/* For CPUs beyond the direct slots: what the two functions below do. */
struct slot *far_slot_here(u32 cpu) __hidden;
struct slot *far_slot_current(u32 cpu) __hidden;

/* The CPU that t, which is current, runs on: it saves a helper call. A kernel without the field has one CPU. */
static __always_inline u32 cpu_of(const struct task_struct *t)
{
	u32 cpu;

	if (bpf_core_field_exists(t->thread_info.cpu))
		return t->thread_info.cpu;
	asm volatile("%0 = 0" : "=r"(cpu)); /* code of its own: the verifier drops what is never reached */
	return cpu;
}

#define STACK_MOST 16384 /* the least that x86-64 has */
#define NOWHERE (1ULL << 63)

/* Where this program's frame is, as quiet_stack has it. */
static __always_inline u64 frame_from(struct slot *s)
{
	u64 frame;

	asm volatile("%0 = r10" : "=r"(frame));
	frame -= (u64)s;
	barrier_var(frame); /* else clang adds to the address, which the verifier will not have */
	return frame;
}

/*
 * bpf_get_smp_processor_id() for a program that needs nothing else kept over it than its context. Since 6.12 the
 * verifier makes a load of it and takes the saving out (bpf_fastcall); clang would save a register for good. The
 * program keeps nothing of its own in the first 8 bytes of its stack: tests/frame.sh looks.
 */
static __always_inline u64 cpu_beside(u64 **ctx)
{
	register u64 *c asm("r1") = *ctx;
	register u64 cpu asm("r0");

	asm volatile("*(u64 *)(r10 - 8) = %[c]\n"
		     "call 8\n"
		     "%[c] = *(u64 *)(r10 - 8)\n"
		     : "=r"(cpu), [c] "+r"(c)
		     :
		     : "r2", "r3", "r4", "r5", "memory");
	*ctx = c;
	return cpu;
}

static __always_inline struct slot *slot_here(void)
{
	struct task_struct *t = bpf_get_current_task_btf();
	u32 cpu = cpu_of(t);
	struct slot *s;

	if (cpu >= DIRECT_SLOTS)
		return far_slot_here(cpu);
	s = (struct slot *)direct_slots[cpu];
	if (s->task != (u64)t)
		slot_resync(s);
	return s;
}

/* Whether t, which is current, is traced and counting is on; s is the slot of its CPU. */
static __always_inline bool acc_counts(struct slot *s, struct task_struct *t)
{
	if (s->task != (u64)t) {
		slot_resync(s);
		if (!s->traced)
			return false;
	}
	return acc_state == ACC_ON;
}

/* The slot, if the current task is traced and counting is on; else NULL. */
static __always_inline struct slot *acc_current(void)
{
	struct task_struct *t = bpf_get_current_task_btf();
	u32 cpu = cpu_of(t);
	struct slot *s;

	if (cpu >= DIRECT_SLOTS)
		return far_slot_current(cpu);
	s = (struct slot *)direct_slots[cpu];
	if (s->quiet == (u64)t)
		return NULL;
	if (!acc_counts(s, t)) {
		barrier(); /* else clang makes a choice of it, which the verifier cannot follow */
		return NULL;
	}
	return s;
}

/*
 * The mark is set before the add and looked at again after it: a preemptible program (fexit) may be switched out in
 * between, and the fold at that switch clears the mark.
 */
static __always_inline void slot_add(struct slot *s, enum metric m, u64 n)
{
	u64 bit = 1ULL << (m & 63);
	volatile u64 *touched = &s->touched[m / 64];

	if (is_hot(m)) {
		__sync_fetch_and_add(&s->v[m], n);
		return;
	}
	if (!(*touched & bit))
		__sync_fetch_and_or(&s->touched[m / 64], bit);
	__sync_fetch_and_add(&s->v[m], n);
	if (!(*touched & bit))
		__sync_fetch_and_or(&s->touched[m / 64], bit);
}

/*
 * The same, cheaper, for a hot metric in a program that runs with preemption off, as those of raw tracepoints do: these
 * metrics are added to by nobody but the task itself. A fold that the reader asks for may come between load and store;
 * it only reads v.
 */
static __always_inline void slot_count(struct slot *s, enum metric m, u64 n)
{
	if (acc_config.preempts)
		__sync_fetch_and_add(&s->v[m], n);
	else
		*(volatile u64 *)&s->v[m] += n;
}

/* n of what was added to m no hook saw. The flag is set before and after: a fold in between finds the bit next time. */
static __always_inline void slot_mark(struct slot *s, enum metric m, u64 n)
{
	*(volatile u64 *)&s->any_inferred = 1;
	__sync_fetch_and_or(&s->inferred[m / 64], 1ULL << (m & 63));
	*(volatile u64 *)&s->any_inferred = 1;
	__sync_fetch_and_add(&unseen[m], n);
}

/* For what a call's result tells of and no hook saw. */
static __always_inline void slot_infer(struct slot *s, enum metric m, u64 n)
{
	slot_add(s, m, n);
	slot_mark(s, m, n);
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

/*
 * A thread's totals, NULL if it has none. Where the kernel preempts anything anywhere, task storage refuses: whoever is
 * preempted inside its helpers, or while the kernel frees a task's, keeps the others on that CPU from creating any, and
 * up to 6.1 from finding any (kernel/bpf/bpf_task_storage.c: bpf_task_storage_trylock); and on PREEMPT_RT its allocator
 * is filled up by a thread that may come too late (kernel/bpf/memalloc.c: irq_work_raise). A preallocated hash does
 * neither: it is locked with interrupts off (kernel/bpf/hashtab.c: htab_lock_bucket).
 */
static __always_inline struct thread *thread_of(struct task_struct *t)
{
	u64 key = (u64)t;

	if (acc_config.preempts)
		return bpf_map_lookup_elem(&thread_table, &key);
	return bpf_task_storage_get(&threads, t, 0, 0);
}

/* The current task's. Costs a look-up: for rare events. */
static __always_inline struct thread *acc_thread(void)
{
	return thread_of(bpf_get_current_task_btf());
}

/* The current task stands for itself here: neither a hard nor a soft interrupt is being handled on top of it. */
static __always_inline bool in_task(const struct slot *s)
{
	return !s->softirq_depth && !s->hardirq_depth;
}

/* Adds to the totals of a process that need not be current; tgid 0: the system line. */
void acc_own(const struct zc_owner *owner, u32 metric, u64 n) __hidden;
/* Wakes the reader, who looks by itself ten times a second only. */
void acc_wake_reader(void) __hidden;
/* Fills *owner with the current process, traced or not; tgid 0 for a kernel thread. */
static __always_inline void acc_owner_current(struct zc_owner *owner)
{
	struct task_struct *t = bpf_get_current_task_btf();

	owner->pad = 0;
	owner->tgid = t->flags & PF_KTHREAD ? 0 : tgid_of(t);
	owner->start_ns = owner->tgid ? t->group_leader->start_boottime : 0;
}

#endif
