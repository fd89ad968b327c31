/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * zctrace.h - the wire between the BPF programs and the reader: types only, fixed width, the same bytes on both sides.
 */
#ifndef ZCTRACE_H
#define ZCTRACE_H

#include "metrics.h"

#define ZC_COMM_LEN 16
#define ZC_MASK_WORDS ((M_COUNT + 63) / 64)

/* Who a process is, for ever: pids are reused, (pid, start time) is not. tgid 0 is nobody: the system line. */
struct zc_owner {
	__u32 tgid;
	__u32 pad;
	__u64 start_ns; /* task->group_leader->start_boottime */
};

enum zc_thread_flags {
	ZT_TRACED = 1 << 0,
	ZT_KTHREAD = 1 << 1,
	ZT_EXITED = 1 << 2,	  /* last record of this thread */
	ZT_LEADER = 1 << 3,	  /* tid == tgid at the time of the record */
	ZT_EXEC_SUID = 1 << 4,	  /* exec changed its privileges: the kernel dropped its hardware breakpoints */
	ZT_IN_CALL = 1 << 5,	  /* was inside a system call when tracing began */
	ZT_LEAF_OFF = 1 << 6,	  /* gave up its breakpoints: too many hits */
	ZT_OWNER = 1 << 7,	  /* no thread: work done for the process while it was not current */
	ZT_UNATTRIBUTED = 1 << 8, /* no thread: sums whose thread could not be kept */
};

/*
 * One thread's totals since attach. Absolute, never reset: of two records with the same uid the larger value holds.
 * Work done for a process while it was not current has a uid of its own, and later work for the same process may have
 * another: they add up. ZT_EXITED says that nothing more comes under a uid.
 */
struct zc_record {
	__u64 uid;	/* one per task_struct life; survives exec, which changes tid */
	__u64 start_ns; /* thread start, CLOCK_BOOTTIME */
	struct zc_owner process;
	__u32 tid;
	__u32 ppid;
	__u32 flags; /* enum zc_thread_flags */
	__u32 pad;
	__u64 cgroup; /* id of its cgroup v2 directory */
	char comm[ZC_COMM_LEN];
	char leader_comm[ZC_COMM_LEN];
	__u64 v[M_COUNT];
	__u64 inferred[ZC_MASK_WORDS]; /* bit m: no hook saw some part of v[m], which a call's result told of */
};

/* Processes for which work is kept; the reader takes it out when half of the room is used. */
#define OWNERS_MOST 16384

/* Ended threads of which a sweep had told before their last word went to the unattributed sums. */
#define UNTOLD_MOST 8192

/* Whether counting is on; the reader moves it forward. Baselines are taken while arming. */
enum acc_state { ACC_ARMING, ACC_ON, ACC_OFF };

/* What is traced, fixed before load. */
struct acc_config {
	__u32 self_tgid;      /* zctrace's own process: never counted */
	__u32 pid_namespace;  /* where pids are from, as bpf/pid.bpf.h; 0: the machine's first one */
	__u32 whole_machine;  /* every process */
	__u32 follow;	      /* children of traced processes are traced */
	__u32 match_comm;     /* comm below */
	__u32 match_cgroup;   /* members of the cgroup that find_cgroup found */
	__u32 infer_copies;   /* no copy site could attach: copies are derived from system-call results */
	__u32 infer_sends;    /* nor the zero-copy send sites */
	__u32 infer_cache;    /* page-cache accesses are derived from system-call results */
	__u32 can_cast;	      /* the kernel has bpf_rdonly_cast (6.2): fields are loaded, not fetched by a helper */
	__u32 preempts;	      /* programs may be preempted: threads have no task storage, see thread_of in acc.bpf.h */
	__s64 boot_offset_ns; /* what the kernel adds to the time since boot before it shows it to zctrace */
	char comm[ZC_COMM_LEN];
};

/* A process to trace: the one of that number that started then, as /proc/PID/stat has it. */
struct zc_target {
	__u64 start_ticks;
	__u32 at_exec; /* count from its next execve */
	__u32 pad;
};
#define PROC_TICK_NS 10000000 /* of /proc, whatever CONFIG_HZ is: include/asm-generic/param.h */

/* Counters the kernel keeps in the task, in the order of the base fields. */
enum task_counter { TC_MINFLT, TC_MAJFLT, TC_ONCPU, TC_NVCSW, TC_NIVCSW, TC_COUNT };

/* One CPU's work without an owner. */
struct system_line {
	__u64 v[M_COUNT];
	__u64 base[TC_COUNT]; /* of this CPU's idle task */
	__u64 based;
	__u64 rx_claimed; /* of v[M_DMA_NET_RX]: payload that some process has read since */
};

/* Facts only the reader can know, asked of it through maps. */
enum zc_disk_class {
	ZD_UNKNOWN = 0,
	ZD_DMA = 1,	/* masters the bus */
	ZD_CPU = 2,	/* the CPU moves the bytes of its requests: programmed I/O */
	ZD_CPU_BIO = 3, /* the same, and it has no request queue: brd, pmem, zram */
	ZD_STACKED = 4, /* loop, dm, md, nbd: counted at the device beneath */
};

#endif
