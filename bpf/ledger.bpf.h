/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ledger.bpf.h - the ledger of a call: what the copy sites saw of the call at hand.
 *
 * Sites only add to it, in the task that copies. Who knows the result (call.bpf.h for system calls, uring.bpf.c for
 * requests) compares: what was seen is measured, what was expected and not seen is inferred, by object. Then the ledger
 * starts anew, whatever the result was: a call that fails may have copied.
 *
 * It stands in the CPU's slot and goes with its task: a switch puts it away with the thread (acc.bpf.c), and brings it
 * back. Nobody but the task itself adds to it, so that one that is preempted in the middle of an addition finds the
 * ledger as it was: plain loads and stores will do, the mark before the sum.
 */
#ifndef ZCTRACE_LEDGER_BPF_H
#define ZCTRACE_LEDGER_BPF_H

#include "acc.bpf.h"

/* The current task, which is traced, did it. */
static __always_inline void saw(struct slot *s, enum seen what, u64 n)
{
	*(volatile u32 *)&s->seen_any |= 1U << what;
	*(volatile u64 *)&s->seen[what] += n;
}

static __always_inline void ledger_begin(struct slot *s)
{
	for (int i = 0; i < SEEN_COUNT; i++)
		s->seen[i] = 0;
	s->seen_any = 0;
}

/* Takes at most n of it out: of a request that ends among others. */
static __always_inline u64 ledger_take(struct slot *s, enum seen what, u64 n)
{
	u64 had = s->seen[what];

	if (n > had)
		n = had;
	s->seen[what] = had - n;
	return n;
}

/* What sites within the function that ends here have counted already. */
static __always_inline u64 ledger_take_inner(struct slot *s)
{
	u64 n = s->seen[SEEN_INNER];

	s->seen[SEEN_INNER] = 0;
	return n;
}

/* At a switch: prev's, whose slot this was, is put away, and next's brought back. NULL: that one is not traced. */
static __always_inline void ledger_put_away(struct slot *s, struct thread *th)
{
	if (!s->seen_any)
		return;
	th->seen_any = s->seen_any;
	for (int i = 0; i < SEEN_COUNT; i++)
		th->seen[i] = s->seen[i];
}

static __always_inline void ledger_bring_back(struct slot *s, struct thread *th)
{
	if (s->seen_any)
		ledger_begin(s);
	if (!th || !th->seen_any)
		return;
	s->seen_any = th->seen_any;
	th->seen_any = 0;
	for (int i = 0; i < SEEN_COUNT; i++)
		s->seen[i] = th->seen[i];
}

#endif
