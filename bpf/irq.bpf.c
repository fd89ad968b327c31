// SPDX-License-Identifier: GPL-2.0-only
/*
 * irq.bpf.c - page faults, hard and soft interrupts.
 *
 * Interrupts are charged to the task they were taken on, as something done to it; those on an idle CPU go to the system
 * line. A hard interrupt arrived in user mode if the registers saved at the task's kernel entry are not a system call's
 * (orig_ax == -1): entry code stores the system call's number there, and -1 for an interrupt (arch/x86/entry, 6.1
 * to 6.18). One taken while the kernel handles a user page fault looks the same: user_irqs over-counts by those.
 * Context: interrupts off, current is the victim. Cannot see: NMIs, TLB shoot-downs that come as calls of their own.
 *
 * The depth counters are kept for every task: they tell other hooks whether current stands for itself.
 */
#include "acc.bpf.h"

SEC("tp_btf/page_fault_user")
int BPF_PROG(page_fault_user, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	struct slot *s = acc_current();

	if (s)
		slot_add(s, M_USER_FAULTS, 1);
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(page_fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error)
{
	struct slot *s = acc_current();

	if (s)
		slot_add(s, M_KERNEL_FAULTS, 1);
	return 0;
}

static __always_inline bool counting(const struct slot *s)
{
	return acc_state == ACC_ON && (s->traced || acc_config.whole_machine);
}

/* Where everything is traced, what interrupts zctrace itself stands on the system line: the machine's sum is whole. */
static __always_inline void irq_add(struct slot *s, enum metric m, u64 n)
{
	if (s->traced)
		slot_add(s, m, n);
	else
		acc_system(m, n);
}

static __always_inline bool arrived_in_user_mode(void)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct pt_regs *regs;

	if (t->flags & PF_KTHREAD || !t->pid)
		return false;
	regs = (struct pt_regs *)bpf_task_pt_regs(t);
	return regs->orig_ax == (unsigned long)-1;
}

/* The interrupts that are being handled on this CPU; count: this one is not yet another handler of the same. */
static __always_inline int hardirq_begin(struct slot *s, bool count)
{
	if (!s)
		return 0;
	if (!s->hardirq_depth++)
		s->hardirq_start_ns = bpf_ktime_get_ns();
	if (!count || !counting(s))
		return 0;
	s->hardirqs++;
	if (s->hardirq_depth == 1 && !s->softirq_depth && arrived_in_user_mode())
		s->user_irqs++;
	return 0;
}

static __always_inline int hardirq_end(struct slot *s)
{
	u64 ns;

	if (!s || !s->hardirq_depth || --s->hardirq_depth)
		return 0;
	/* counted when they end, so that no figures are ever read that have an interrupt and not its time */
	if (s->hardirqs && counting(s))
		irq_add(s, M_HARDIRQS, s->hardirqs);
	if (s->user_irqs && counting(s))
		irq_add(s, M_USER_IRQS, s->user_irqs);
	s->hardirqs = s->user_irqs = 0;
	ns = bpf_ktime_get_ns() - s->hardirq_start_ns;
	if (s->softirq_depth)
		s->hardirq_in_softirq_ns += ns;
	if (counting(s))
		irq_add(s, M_HARDIRQ_NS, ns);
	return 0;
}

/* A shared line runs every handler on it for one interrupt: only the first of the chain is counted. */
SEC("tp_btf/irq_handler_entry")
int BPF_PROG(irq_handler_entry, int irq, struct irqaction *action)
{
	struct slot *s = slot_here();
	bool first;

	if (!s)
		return 0;
	first = s->irq_chain != (u64)action;
	s->irq_chain = (u64)action->next;
	return hardirq_begin(s, first);
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(irq_handler_exit, int irq, struct irqaction *action, int ret)
{
	return hardirq_end(slot_here());
}

/* Interrupts that have a vector of their own on x86 and pass no irqaction. */
#define VECTOR(name)                                                                                                   \
	SEC("tp_btf/" #name "_entry")                                                                                  \
	int BPF_PROG(name##_entry, int vector)                                                                         \
	{                                                                                                              \
		return hardirq_begin(slot_here(), true);                                                               \
	}                                                                                                              \
	SEC("tp_btf/" #name "_exit")                                                                                   \
	int BPF_PROG(name##_exit, int vector)                                                                          \
	{                                                                                                              \
		return hardirq_end(slot_here());                                                                       \
	}

VECTOR(local_timer)
VECTOR(reschedule)
VECTOR(call_function)
VECTOR(call_function_single)
VECTOR(irq_work)

SEC("tp_btf/softirq_entry")
int BPF_PROG(softirq_entry, unsigned int vec)
{
	struct slot *s = slot_here();

	if (!s)
		return 0;
	s->softirq_depth = 1; /* soft interrupts do not nest */
	s->softirq_start_ns = bpf_ktime_get_ns();
	s->hardirq_in_softirq_ns = 0;
	if (counting(s))
		irq_add(s, M_SOFTIRQS, 1);
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(softirq_exit, unsigned int vec)
{
	struct slot *s = slot_here();

	if (!s || !s->softirq_depth)
		return 0;
	s->softirq_depth = 0;
	if (counting(s))
		irq_add(s, M_SOFTIRQ_NS, bpf_ktime_get_ns() - s->softirq_start_ns - s->hardirq_in_softirq_ns);
	return 0;
}
