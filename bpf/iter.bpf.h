/* SPDX-License-Identifier: GPL-2.0-only */
/* iter.bpf.h - what an iterator names: user memory, kernel memory, or nothing that is copied. */
#ifndef ZCTRACE_ITER_BPF_H
#define ZCTRACE_ITER_BPF_H

#include "file.bpf.h"
#include "ledger.bpf.h"
#include "numbers.bpf.h"

#define PF_IO_WORKER 0x10
#define PF_USER_WORKER 0x4000

enum copy_memory { MEM_USER, MEM_KERNEL, MEM_REFERENCES };

static __always_inline enum copy_memory iter_memory(u8 type)
{
	struct task_struct *t;
	long call;

	if (type == bpf_core_enum_value(enum iter_type, ITER_UBUF) ||
	    type == bpf_core_enum_value(enum iter_type, ITER_IOVEC))
		return MEM_USER;
	if (bpf_core_enum_value_exists(enum iter_type___pipe, ITER_PIPE) &&
	    type == bpf_core_enum_value(enum iter_type___pipe, ITER_PIPE))
		return MEM_REFERENCES;
	if (type == bpf_core_enum_value(enum iter_type, ITER_DISCARD))
		return MEM_REFERENCES;
	if (type != bpf_core_enum_value(enum iter_type, ITER_BVEC))
		return MEM_KERNEL;
	/* io_uring's registered buffers: in one of its workers, in its call, or in no call at all, on the way back to
	 * user mode */
	t = bpf_get_current_task_btf();
	if (t->flags & PF_KTHREAD)
		return MEM_KERNEL;
	call = current_call();
	if (t->flags & (PF_IO_WORKER | PF_USER_WORKER) || call == __NR_io_uring_enter || call < 0)
		return MEM_USER;
	return MEM_KERNEL;
}

#endif
