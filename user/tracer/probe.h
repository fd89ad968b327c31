/* SPDX-License-Identifier: GPL-2.0-only */
/* probe.h - what this kernel and these privileges allow, found out by trying, and errors in words. */
#ifndef ZCTRACE_PROBE_H
#define ZCTRACE_PROBE_H

#include <stdbool.h>

struct btf;

/* Arguments of a tracepoint as tp_btf sees them (without the leading one); -ENOENT: this kernel has none of that name.
 */
int probe__tracepoint_args(const struct btf *btf, const char *name);
/* Arguments of a function of the kernel proper; -ENOENT: there is none of that name. */
int probe__function_args(const struct btf *btf, const char *name);
/* 0 if a trivial fentry (or fexit) program for the function loads; a function of a module: if the module is there. */
int probe__function(const struct btf *btf, const char *name, bool fexit);
bool probe__kprobes(void); /* the kernel has kprobes */
/* The kernel may take the CPU from a program at fexit: another task's run of it there is then skipped. */
bool probe__preemptible(void);
bool probe__kprobes_on_lib(void);	/* and allows them on lib/, where the copies are */
unsigned int probe__threads_most(void); /* that the machine may have, or a table has room for */
/* 0, or -EPERM with the missing capabilities named on stderr. */
int probe__privileges(void);
/* Prints one sentence for an error of stage "open" or "load", and returns it as it goes with the exit status. */
int probe__explain(int err, const char *stage);
/* A failed load says something about one program, rather than about privileges, lockdown or what the machine lacks. */
bool probe__is_refusal(int err);
/* As probe__explain, for a refused program that everything else rests on. */
int probe__explain_refusal(int err, const char *program);
/* The same for type information that cannot be read; path: of --btf, or NULL. */
int probe__explain_btf(int err, const char *path);

#endif
