// SPDX-License-Identifier: GPL-2.0-only
/*
 * acc.bpf.c - the accumulators: their maps (those of owners stand in owner.bpf.c), the fold at each context switch, a
 * thread's end, and what the reader reads.
 *
 * Totals are absolute and never reset. A thread's leave the kernel in three ways: the sweep (a task iterator that the
 * reader runs when it wants figures), a record in the ring at the thread's last context switch, and, when the ring is
 * full, the finals map. When that is full too they are added to the unattributed sums: named no more, but not lost.
 */
#include "thread.bpf.h"
#include "ledger.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define WAKE_NS 10000000 /* no more often for single processes */

volatile int acc_state = ACC_ARMING;
const volatile struct acc_config acc_config = {};
/* found by the programs of reader.bpf.c before anything is attached */
__u32 pid_level;
__u64 cgroup_id;
__u32 cgroup_level;

__u64 direct_slots[DIRECT_SLOTS][sizeof(struct slot) / 8] __attribute__((aligned(64)));
__u64 unseen[M_COUNT];
struct slots_map more_slots SEC(".maps");
struct threads_map threads SEC(".maps");
struct thread_table thread_table SEC(".maps");
const volatile __u64 blank_thread[sizeof(struct thread) / 8] = {};
struct system_map system_lines SEC(".maps");
struct lost_map lost SEC(".maps");
struct dirtiers_map dirtiers SEC(".maps"); /* shared by two hooks; the rest of the hooks' own maps stand beside them */

/* Sums of threads that found no room to be kept by name. */
struct system_map unattributed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, u64); /* uid */
	__type(value, struct zc_record);
} finals SEC(".maps");

__u64 next_uid = 1;
/* Threads that are traced and no kernel threads, and those of them that have left their last word. */
__u32 threads_begun, threads_ended;
/*
 * Where a thread's last word goes when there is no room for it: the sums above, as a whole. Of a thread that a sweep
 * has told of before, the reader must know, to take off what it has in its name: its uid stands in `untold`. The two
 * counters tell the reader whether it has caught the sums and the uids between two of those threads.
 */
__u64 untold[UNTOLD_MOST];
__u32 untold_n;			 /* written so far, ever */
__u32 untold_read;		 /* of them, what the reader has taken out */
__u32 untold_begun, untold_done; /* threads that took this way */

__u64 woken_ns;	      /* when the reader was woken last */
__u32 finals_waiting; /* there is something in `finals`; the reader takes it back before it looks */

/* index of the lowest bit set, by de Bruijn multiplication: BPF has no count-trailing-zeros */
static const u8 bit_index[64] = {
	0,  1,	2,  53, 3,  7,	54, 27, 4,  38, 41, 8,	34, 55, 48, 28, 62, 5,	39, 46, 44, 42,
	22, 9,	24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
	23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};
#define DE_BRUIJN 0x022fdd63cc95386dULL

/*
 * From a task's stack to the registers that its entry into the kernel saved: one figure for all, seen at the first task
 * that is synchronised. 0 is as good, but slower (syscall.bpf.c).
 */
__u64 regs_offset;

static __always_inline void slot_is(struct slot *s, struct task_struct *t, bool traced)
{
	u64 stack = (u64)t->stack, regs = stack + regs_offset, place = stack - s->self;

	if (!s->self) /* of a CPU that came up later: its second switch knows */
		place = NOWHERE;
	s->task = (u64)t;
	s->traced = traced;
	s->traced_regs = traced ? regs : 0;
	s->traced_stack = traced ? place : NOWHERE;
	s->quiet_stack = traced ? NOWHERE : place;
	*(volatile u64 *)&s->self = (u64)s;
	s->quiet = traced ? 0 : (u64)t;
	s->quiet_regs = traced || acc_config.infer_copies ? 0 : regs;
	s->other_regs = traced || !acc_config.infer_copies ? 0 : regs;
}

static __always_inline void slot_switch_to(struct slot *s, struct task_struct *t)
{
	struct thread *th = NULL;
	bool traced = true;

	s->hardirq_depth = s->softirq_depth = 0; /* nothing is switched in a hard interrupt; heals a missed exit */
	s->inserted = 0;
	if (t->pid) {
		th = thread_of(t);
		traced = th && th->rec.flags & ZT_TRACED;
		if (traced)
			s->inserted = th->inserted;
		if (traced && th->joined)
			thread_rebase(th, t);
		if (acc_config.preempts && traced && th->in_softirq)
			softirq_resume(s);
	}
	ledger_bring_back(s, traced ? th : NULL);
	slot_is(s, t, traced);
}

__hidden void slot_resync(struct slot *s)
{
	slot_switch_to(s, bpf_get_current_task_btf());
}

__hidden struct slot *far_slot_here(u32 cpu)
{
	u32 key = cpu - DIRECT_SLOTS;
	struct slot *s = bpf_map_lookup_elem(&more_slots, &key);

	if (s && s->task != bpf_get_current_task())
		slot_resync(s);
	return s;
}

__hidden struct slot *far_slot_current(u32 cpu)
{
	struct slot *s = far_slot_here(cpu);

	return s && s->traced && acc_state == ACC_ON ? s : NULL;
}

/* After the totals were written: a sweep that misses them sees this, and tells of the thread once more. */
static __always_inline void tell_change(struct thread *th)
{
#ifdef bpf_target_x86
	*(volatile u32 *)&th->changed = 1; /* stores are not reordered */
#else
	__sync_lock_test_and_set(&th->changed, 1);
#endif
}

/*
 * With interrupts off, on the slot's CPU: nobody adds to s or v meanwhile, and an addition to this metric is one atomic
 * instruction, so that loads and stores will do. (sync_cpu on the reader's own CPU has interrupts on, but the reader is
 * never traced: there is nothing to fold.)
 */
static __always_inline void fold_one(volatile u64 *from, volatile u64 *to)
{
	u64 n = *from;

	*from = 0;
	*to += n;
}

/* The same for a hot metric, whose addition may have been interrupted between its load and its store. */
static __always_inline void fold_hot(volatile u64 *from, volatile u64 *folded, volatile u64 *to)
{
	u64 now = *from, n = now - *folded;

	if (!n)
		return;
	*folded = now;
	*to += n;
}

/* Moves what the slot holds into v. The slot's CPU calls it; adds that interrupt it are kept for the next fold. */
static __noinline int slot_fold(struct slot *s, u64 *v)
{
#define FOLD(m) fold_hot(&s->v[m], &s->folded[HOT_##m], &v[m]);
	HOT_METRICS(FOLD)
#undef FOLD
	for (int w = 0; w < ZC_MASK_WORDS; w++) {
		u64 m = s->touched[w];

		if (!m)
			continue;
		*(volatile u64 *)&s->touched[w] = 0;
		for (int i = 0; i < 64 && m; i++) {
			u64 low = m & -m;
			u32 k = w * 64 + bit_index[(low * DE_BRUIJN) >> 58 & 63];

			m ^= low;
			barrier_var(k); /* else clang tests k in a way the verifier cannot follow */
			if (k < M_COUNT)
				fold_one(&s->v[k], &v[k]);
		}
	}
	return 0;
}

/* The same for a thread, with the marks of what was inferred. */
static __always_inline void slot_fold_thread(struct slot *s, struct thread *th)
{
	slot_fold(s, th->rec.v);
	if (!s->any_inferred)
		return;
	*(volatile u64 *)&s->any_inferred = 0;
	for (int w = 0; w < ZC_MASK_WORDS; w++) {
		th->rec.inferred[w] |= s->inferred[w];
		*(volatile u64 *)&s->inferred[w] = 0;
	}
}

/* The sums that have no name have no marks either; those of the next thread are its own. */
static __always_inline void slot_drop_marks(struct slot *s)
{
	if (!s->any_inferred)
		return;
	*(volatile u64 *)&s->any_inferred = 0;
	for (int w = 0; w < ZC_MASK_WORDS; w++)
		*(volatile u64 *)&s->inferred[w] = 0;
}

static __always_inline enum metric switched_to(const struct task_struct *prev, const struct task_struct *next)
{
	if (next->pid == 0)
		return M_SWITCHES_TO_IDLE;
	if (next->flags & PF_KTHREAD)
		return M_SWITCHES_TO_KTHREAD;
	return next->tgid == prev->tgid ? M_SWITCHES_TO_THREAD : M_SWITCHES_TO_PROCESS;
}

/* Half of the room is kept for CPUs that pass the test at the same time. */
static __always_inline bool remember_untold(u64 uid)
{
	u32 n;

	if (*(volatile u32 *)&untold_n - *(volatile u32 *)&untold_read >= UNTOLD_MOST / 2)
		return false;
	n = __sync_fetch_and_add(&untold_n, 1);
	untold[n & (UNTOLD_MOST - 1)] = uid;
	return true;
}

/*
 * The reader looks by itself ten times a second. It is woken when a quarter of the ring waits for it, and soon after a
 * process ended, while its control group may still have a name.
 */
static __always_inline u64 wake_up(const struct thread *th)
{
	u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA), size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);
	u64 now = bpf_ktime_get_ns();

	if (waiting <= size / 4 && (!(th->rec.flags & ZT_LEADER) || now - woken_ns < WAKE_NS))
		return BPF_RB_NO_WAKEUP;
	woken_ns = now;
	return BPF_RB_FORCE_WAKEUP;
}

__hidden void acc_wake_reader(void)
{
	void *nothing = bpf_ringbuf_reserve(&ring, 8, 0);

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

/* The last word on a thread that is about to vanish with its storage. */
static __noinline int thread_end(struct thread *th)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct system_line *u;

	th->rec.flags |= ZT_EXITED;
	for (int i = 0; i < CACHE_PENDING; i++) {
		struct cache_pending *p = &th->pending[i];

		if (p->inode && is_regular_file(p->inode))
			th->rec.v[M_CACHE_READAHEAD] += p->last - p->first + 1;
	}
	if (!bpf_ringbuf_output(&ring, &th->rec, sizeof(th->rec), wake_up(th)))
		return 0;
	acc_lost(L_RING_FULL, 1);
	if (!bpf_map_update_elem(&finals, &th->rec.uid, &th->rec, BPF_ANY)) {
		finals_waiting = 1;
		return 0;
	}
	acc_lost(L_FINALS_FULL, 1);
	u = bpf_map_lookup_elem(&unattributed, &cpu);
	if (!u)
		return 0;
	__sync_fetch_and_add(&untold_begun, 1);
	/* with a full barrier, as in the sweep: it sees this, or we see that it has told */
	__sync_lock_test_and_set(&th->nameless, 1);
	if (!*(volatile u32 *)&th->told || remember_untold(th->rec.uid))
		for (int i = 0; i < M_COUNT; i++)
			__sync_fetch_and_add(&u->v[i], th->rec.v[i]);
	else
		acc_lost(L_UNTOLD, 1);
	__sync_fetch_and_add(&untold_done, 1);
	return 0;
}

/*
 * The CPU's idle task: its storage could not be seen by a task iterator, so it has a line of its own. Where it did not
 * run while arming, its first switch is counted already, and as all of idle's involuntary.
 */
static __always_inline void idle_fold(struct slot *s, struct task_struct *idle, int state, bool switching)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct system_line *l = bpf_map_lookup_elem(&system_lines, &cpu);

	if (!l)
		return;
	slot_fold(s, l->v);
	slot_drop_marks(s);
	if (state == ACC_OFF)
		return;
	if (state == ACC_ARMING || !l->based) {
		task_counters(idle, l->base);
		if (state == ACC_ON && switching)
			l->base[TC_NIVCSW]--;
		l->based = 1;
	}
	read_task(idle, l->base, l->v);
	l->v[M_ONCPU_NS] = 0; /* idling is not running */
}

static __always_inline void slot_fold_nobody(struct slot *s)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct system_line *u = bpf_map_lookup_elem(&unattributed, &cpu);

	acc_lost(L_NO_STORAGE, 1);
	if (u)
		slot_fold(s, u->v);
	slot_drop_marks(s);
}

/*
 * __schedule() bumps prev->nvcsw or prev->nivcsw just before this tracepoint (kernel/sched/core.c, 6.1 to 6.18), so the
 * values read here are the ones /proc shows. prev_state tells no more than whether prev is dead: 6.12 zeroes it when a
 * signal is pending. Context: interrupts off, prev is current.
 *
 * While arming every task's baseline moves along, since the slot may not know yet that its task is traced. After the
 * end nothing is added, but what a slot still holds is its task's, and a thread that dies before the last sweep leaves
 * its record.
 */
SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state)
{
	struct slot *s = slot_here();
	int state = acc_state;
	struct thread *th;

	if (!s)
		return 0;
	if (s->traced || state == ACC_ARMING) {
		if (state == ACC_ON)
			slot_add(s, switched_to(prev, next), 1);
		if (prev->pid == 0) {
			idle_fold(s, prev, state, true);
		} else if ((th = thread_of(prev))) {
			if (state == ACC_ARMING)
				task_counters(prev, th->base);
			if (acc_config.preempts)
				softirq_pause(s, th, s->traced && state == ACC_ON);
			slot_fold_thread(s, th);
			ledger_put_away(s, th);
			if (state != ACC_OFF)
				read_task(prev, th->base, th->rec.v);
			tell_change(th);
			if (prev_state & TASK_DEAD && th->rec.flags & ZT_TRACED) {
				read_identity(th, prev);
				thread_end(th);
				if (!(prev->flags & PF_KTHREAD))
					__sync_fetch_and_add(&threads_ended, 1);
			}
		} else if (s->traced) {
			slot_fold_nobody(s);
		}
	} else if (prev_state & TASK_DEAD && (th = thread_of(prev)) && th->rec.flags & ZT_TRACED) {
		read_identity(th, prev); /* it became one to trace while it ran, and its slot never knew */
		thread_end(th);
	}
	slot_switch_to(s, next);
	return 0;
}

/*
 * Not attached: the reader runs it on each CPU in turn (BPF_PROG_TEST_RUN on a CPU interrupts whatever runs there), to
 * bring the totals of running threads up to date and to tell the slot whether its current task is traced.
 */
SEC("raw_tp/sync_cpu")
int sync_cpu(void *ctx)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct slot *s = slot_here();
	int state = acc_state;
	struct thread *th;

	if (!s)
		return 0;
	if (!regs_offset) {
		s->traced_regs = (u64)bpf_task_pt_regs(t); /* through memory, and it is a number */
		regs_offset = *(volatile u64 *)&s->traced_regs - (u64)t->stack;
	}
	if (t->pid == 0) {
		idle_fold(s, t, state, false);
		slot_is(s, t, true);
		return 0;
	}
	th = thread_of(t);
	if (th && th->rec.flags & ZT_TRACED) {
		if (state == ACC_ARMING) {
			task_counters(t, th->base);
			if (current_call() < 0) /* the baseline saw what was on its stack from an earlier call */
				th->rec.flags &= ~ZT_IN_CALL;
		}
		if (th->joined)
			thread_rebase(th, t);
		slot_fold_thread(s, th);
		if (state != ACC_OFF)
			read_task(t, th->base, th->rec.v);
		tell_change(th);
		slot_is(s, t, true);
	} else {
		slot_is(s, t, false);
	}
	return 0;
}
