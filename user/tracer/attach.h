/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attach.h - hooks: which programs serve which (attach_rows.h), best alternative first, chosen by trying.
 */
#ifndef ZCTRACE_ATTACH_H
#define ZCTRACE_ATTACH_H

#include <stdint.h>

#include "opts.h"
#include "snapshot.h"

#define ATTACH_MAX_LINKS 256

struct bpf_link;
struct bpf_object;
struct btf;

struct attached_link {
	struct bpf_link *link; /* NULL: detached */
	const struct bpf_program *program;
	enum hook hook;
};

struct attached {
	struct bpf_object *obj; /* the caller's */
	const struct btf *btf;	/* the kernel's; the caller's */
	enum copy_hook wanted;	/* what --hooks asks for */
	bool no_fexit_sites;	/* they would miss copies on this kernel */
	enum copy_hook copy;	/* as chosen: COPY_FEXIT, COPY_KPROBE or COPY_INFER */
	struct hook_state hook[H_COUNT];
	struct attached_link link[ATTACH_MAX_LINKS];
	int n_links;
	unsigned int keys[H_COUNT]; /* KEY roles attached, as a mask */
	char *refused[H_COUNT]; /* why a hook's programs are left out: the kernel did not take one of them; or NULL */
	char *absent[H_COUNT];	/* the first KEY that the kernel has no place for, in words; or NULL */
	bool no_probes;		/* the same of the program without which none of the probes is right */
	char *text[4 * H_COUNT + 8]; /* what attach__set_hook copied */
	int n_texts;
};

/* Between open and load: chooses how copies are seen, and leaves out of the load what this kernel has no place for. */
void attach__choose(struct attached *a);
/*
 * After a load that the kernel refused because of one program: leaves its hook out of the next try. False if there is
 * no tracing without it, or it was left out already. The object is to be opened anew.
 */
bool attach__do_without(struct attached *a, const char *program, int err);
/* How many files the load and all that follows it will open, at most. */
unsigned int attach__files(const struct attached *a);
/* After load: attaches every row and settles what each hook is measured by. A hook that failed has by NULL and an
 * error. */
void attach__all(struct attached *a);
void attach__free(struct attached *a);

void attach__set_hook(struct attached *a, enum hook h, const char *by, const char *error); /* texts are copied */

/*
 * Time that the programs of each hook have run, as far as the kernel keeps it (bpf_enable_stats): some 50 ns of each
 * run are the clock's, which is about what calling the program costs besides.
 */
void attach__run_ns(const struct attached *a, uint64_t ret[H_COUNT]);
bool attach__can_detach(enum hook h); /* all but those that carry the others */
/* Takes a hook off, and those whose figures would be wrong without it: none of them is measured from here on. */
void attach__detach(struct attached *a, enum hook h, const char *why);
/* Takes off those whose figures would be wrong without hook h, which is not there. */
void attach__detach_needing(struct attached *a, enum hook h, const char *why);
void attach__qualities(const struct attached *a, enum quality q[M_COUNT]);

#endif
