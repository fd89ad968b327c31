/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.h - all that a face (report, table, JSON, ...) may know: one struct, filled by the tracer, read by the
 * views.
 */
#ifndef ZCTRACE_SNAPSHOT_H
#define ZCTRACE_SNAPSHOT_H

#include "model.h"

struct hook_state {
	const char *by; /* "tp_btf", "fexit", "kretprobe", "hardware breakpoint", "inferred", ...; NULL: not attached */
	const char *error; /* why not, or why not the better alternative; NULL: no complaint */
};

struct snapshot_leaf { /* --exact: what the iterator leaves saw, beside the sites; see user/tracer/leaf.h */
	bool valid;
	uint64_t to_user_bytes, from_user_bytes;	   /* by hardware breakpoint on the leaves */
	uint64_t site_to_user_bytes, site_from_user_bytes; /* by the sites, same processes, same time */
};

struct snapshot_command {
	bool present;
	int pid;
	bool exited;
	int status; /* as of waitpid */
};

struct snapshot_cost { /* of zctrace itself, since it was started */
	uint64_t cpu_ns;
	uint64_t resident_bytes;
	uint64_t records;	     /* read from the kernel */
	uint64_t added_ns_per_event; /* what tracing adds to a system call, measured at the start; 0: not known */
};

struct snapshot {
	const char *kernel;	/* uname -r */
	const char *host;	/* uname -n, untrusted */
	uint64_t start_unix_ns; /* CLOCK_REALTIME when counting began */
	uint64_t duration_ns;
	bool whole_machine;	  /* every process is traced */
	uint32_t calls_in_flight; /* threads inside a system call when tracing began */
	struct hook_state hook[H_COUNT];
	enum quality quality[M_COUNT];
	uint64_t lost[L_COUNT];
	struct snapshot_leaf leaf;
	struct snapshot_command command;
	struct snapshot_cost cost;
	struct model *model;
	/* the cgroup's path relative to the cgroup root ("/system.slice/x"), untrusted bytes, or NULL; never freed by
	 * the view */
	const char *(*cgroup_path)(void *ctx, uint64_t id);
	void *cgroup_ctx;
};

/*
 * Quality of one metric for one process: the snapshot's, but none where this process's hook was lost (breakpoints
 * dropped by a set-user-ID exec or given up). p NULL: the system line.
 */
enum quality snapshot__quality(const struct snapshot *s, const struct model_process *p, enum metric m);
/* Fills out[M_COUNT] for derived_value. */
void snapshot__qualities(const struct snapshot *s, const struct model_process *p, enum quality out[M_COUNT]);
/* The machine's figures, or those of all that was traced: the n processes and the system line. */
void snapshot__sum(const struct snapshot *s, const struct model_process *const *list, int n, uint64_t ret[M_COUNT]);

/* How many events the programs have counted, for all that was traced. 0 or -ENOMEM. */
int snapshot__events(const struct snapshot *s, uint64_t *ret);

#endif
