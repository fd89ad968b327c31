// SPDX-License-Identifier: GPL-2.0-only
/* attach.c - hooks: which programs serve which, best alternative first, chosen by trying. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "attach_rows.h"
#include "bound.h"
#include "probe.h"
#include "retprobe.h"

void attach__set_hook(struct attached *a, enum hook h, const char *by, const char *error)
{
	const char **field[2] = {&a->hook[h].by, &a->hook[h].error};
	const char *value[2] = {by, error};

	for (int i = 0; i < 2; i++) {
		char *copy = value[i] ? strdup(value[i]) : NULL;

		if (copy && a->n_texts < (int)(sizeof(a->text) / sizeof(a->text[0])))
			a->text[a->n_texts++] = copy;
		*field[i] = copy;
	}
}

static struct bpf_program *find(struct attached *a, const char *prefix, const char *name)
{
	char full[96];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	return bpf_object__find_program_by_name(a->obj, full);
}

static const char *const absent = "this kernel has none", *const other_args = "its arguments are others here";

/*
 * Whether the kernel has what the program hangs on, by its type information; programs for which it has not are left out
 * of the load. *why is set where that is news.
 */
static bool can_load(struct attached *a, const struct bpf_program *p, const char **why)
{
	const char *section = bpf_program__section_name(p), *name = bpf_program__name(p),
		   *target = strchr(section, '/');
	const struct hook_row *row = hook_rows__find(name);
	int least = row ? row->args : 0, n, err;
	bool fexit;

	*why = NULL;
	if (!target)
		return true;
	target++;
	if (!strncmp(section, "tp_btf/", 7)) {
		n = probe__tracepoint_args(a->btf, target);
		if (!strcmp(name, "task_free"))
			return probe__preemptible(); /* else threads have task storage, which goes by itself */
		*why = n < 0 ? absent : n < least ? other_args : NULL;
		return !*why && (n == least || strcmp(name, "uring_done_cqe") != 0);
	}
	fexit = !strncmp(section, "fexit/", 6);
	if (!fexit && strncmp(section, "fentry/", 7) != 0)
		return true;
	n = probe__function_args(a->btf, target);
	err = probe__function(a->btf, target, fexit);
	if (err == -ENOENT)
		*why = absent;
	else if (n >= 0 &&
		 (n < least || (n != least && !strcmp(name, "x_filemap_read")))) /* its result is behind them */
		*why = other_args;
	return !err && !*why;
}

static bool wanted_site_program(const struct attached *a, const char *name)
{
	if (!strncmp(name, "x_", 2))
		return a->copy == COPY_FEXIT;
	if (!strncmp(name, "kp_", 3) || !strncmp(name, "kr_", 3))
		return a->copy == COPY_KPROBE ||
		       (a->copy == COPY_FEXIT && (!strcmp(name, "kp_to_user") || !strcmp(name, "kp_from_user")) &&
			probe__kprobes_on_lib());
	return true;
}

static bool wanted_program(const struct attached *a, const char *name)
{
	if (!strncmp(name, "infer_", 6))
		return a->copy == COPY_INFER;
	return wanted_site_program(a, name);
}

static void choose_copy(struct attached *a)
{
	bool fexit = probe__function(a->btf, "filemap_read", true) == 0, probes = probe__kprobes() && !a->no_probes;

	switch (a->wanted) {
	case COPY_KPROBE:
		a->copy = a->no_probes ? COPY_INFER : COPY_KPROBE;
		break;
	case COPY_INFER:
		a->copy = a->wanted;
		break;
	case COPY_FEXIT:
		a->copy = fexit ? COPY_FEXIT : probes ? COPY_KPROBE : COPY_INFER;
		break;
	default:
		a->no_fexit_sites = fexit && probes && probe__preemptible();
		a->copy = fexit && !a->no_fexit_sites ? COPY_FEXIT : probes ? COPY_KPROBE : COPY_INFER;
	}
}

void attach__choose(struct attached *a)
{
	struct bpf_program *p;
	const char *why;

	choose_copy(a);
	bpf_object__for_each_program(p, a->obj)
	{
		const char *name = bpf_program__name(p);
		const struct hook_row *row = hook_rows__find(name);

		bpf_program__set_autoload(p, !(row && a->refused[row->hook]) && wanted_program(a, name) &&
						     can_load(a, p, &why));
	}
}

bool attach__do_without(struct attached *a, const char *program, int err)
{
	const struct bpf_program *p = find(a, "", program);
	const struct hook_row *row = hook_rows__find(program);

	if (!p || !row)
		return false;
	if (!strcmp(program, "kp_thread_exit")) { /* without it there is no probing, but there are other ways */
		bool news = !a->no_probes;

		a->no_probes = true;
		return news;
	}
	if (a->refused[row->hook] || (row->hook != H_LEAF && !attach__can_detach(row->hook)))
		return false;
	return asprintf(&a->refused[row->hook], "the kernel refused the program %s (%s): %s", program,
			bpf_program__section_name(p), strerror(-err)) > 0;
}

/* Modules whose type information libbpf keeps open while it loads: each may hold a function that a program is for. */
static unsigned int n_modules(void)
{
	DIR *d = opendir("/sys/kernel/btf");
	unsigned int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

unsigned int attach__files(const struct attached *a)
{
	enum { OTHERS = 24 }; /* iterators, the ring, pipes, what is opened and closed again */
	unsigned int n = OTHERS + n_modules();
	struct bpf_program *p;
	struct bpf_map *m;

	bpf_object__for_each_program(p, a->obj) if (bpf_program__autoload(p)) n +=
		bpf_program__type(p) == BPF_PROG_TYPE_KPROBE ? 3 : 2; /* itself, its link, its event */
	bpf_object__for_each_map(m, a->obj) n++;
	return n;
}

/* What this kernel has no place for: told of unless that is nothing new, or the program was not wanted. */
static void tell_absent(struct attached *a, const struct bpf_program *p, const struct hook_row *row)
{
	const char *why;
	char text[160];

	if (row->role == SOME || a->hook[row->hook].error || !wanted_program(a, bpf_program__name(p)) ||
	    can_load(a, p, &why) || !why)
		return;
	snprintf(text, sizeof(text), "%s: %s", bpf_program__section_name(p), why);
	if (row->role == PART)
		attach__set_hook(a, row->hook, a->hook[row->hook].by, text);
	else if (!a->absent[row->hook])
		a->absent[row->hook] = strdup(text);
}

/* Attaches one program for a hook; the first failure of a hook is kept as its complaint. */
static int attach_program(struct attached *a, struct bpf_program *p, const struct hook_row *row, const char *by)
{
	struct bpf_link *link;
	char error[160];

	if (!p)
		return -ENOENT;
	if (!bpf_program__autoload(p)) {
		tell_absent(a, p, row);
		return -ENOENT;
	}
	link = strncmp(bpf_program__section_name(p), "kretprobe/", 10) ? NULL : retprobe__attach(p);
	if (!link)
		link = bpf_program__attach(p);
	if (!link) {
		int err = -errno;

		snprintf(error, sizeof(error), "%s: %s", bpf_program__section_name(p), strerror(-err));
		if (!a->hook[row->hook].error)
			attach__set_hook(a, row->hook, a->hook[row->hook].by, error);
		return err;
	}
	BOUND(a->link, a->n_links++) = (struct attached_link){link, p, row->hook};
	if (row->role > PART)
		a->keys[row->hook] |= 1u << row->role;
	if (by && row->role > PART && !a->hook[row->hook].by)
		attach__set_hook(a, row->hook, by, a->hook[row->hook].error);
	return 0;
}

static const char *method(const struct bpf_program *p)
{
	const char *section = p ? bpf_program__section_name(p) : "";

	if (!strncmp(section, "tp_btf/", 7))
		return "tp_btf";
	return !strncmp(section, "fentry/", 7) || !strncmp(section, "fexit/", 6) ? "fexit" : "kprobe";
}

static void attach_rows(struct attached *a, const struct hook_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct bpf_program *p = find(a, "", rows->row[i].program);

		attach_program(a, p, &rows->row[i], method(p));
	}
}

static void attach_sites(struct attached *a)
{
	for (size_t i = 0; i < site_rows.n; i++) {
		const struct hook_row *row = &site_rows.row[i];

		if (a->copy == COPY_FEXIT) {
			attach_program(a, find(a, "x_", row->program), row, "fexit");
		} else if (!attach_program(a, find(a, "kr_", row->program), row, "kretprobe")) {
			static const struct hook_row entry = {"", H_PAYLOAD, SOME, 0};

			attach_program(a, find(a, "kp_", row->program), &entry, NULL);
		}
	}
}

/* copy_to_user and copy_from_user by kprobe, where the kernel allows probes on lib/. Breakpoints come later, per
 * thread. */
static void attach_other(struct attached *a)
{
	if (a->wanted == COPY_BREAKPOINT)
		return;
	if (!probe__kprobes_on_lib() || a->copy == COPY_INFER) {
		attach__set_hook(a, H_COPY_OTHER, NULL,
				 "this kernel allows no kprobe on copy_to_user (CONFIG_KPROBE_EVENTS_ON_NOTRACE)");
		return;
	}
	attach_rows(a, &other_rows);
}

static unsigned int keys_of(enum hook h, const struct hook_rows *rows)
{
	unsigned int keys = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->row[i].hook == h && rows->row[i].role > PART)
			keys |= 1u << rows->row[i].role;
	return keys;
}

/* Half a hook would show the other half as 0 and call it measured: without one of its keys it is not measured at all.
 */
static void settle_hook(struct attached *a, enum hook h, const char *missing)
{
	unsigned int need = keys_of(h, &always_rows) | keys_of(h, &site_rows);

	if ((a->keys[h] & need) == need && a->hook[h].by)
		return;
	attach__set_hook(a, h, NULL,
			 a->refused[h]	    ? a->refused[h]
			 : a->hook[h].error ? a->hook[h].error
			 : a->absent[h]	    ? a->absent[h]
					    : missing);
}

static void settle_inferred(struct attached *a)
{
	static const enum hook from_results[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE, H_ZC_SEND, H_CACHE, H_MAPPED};
	const char *why = a->wanted == COPY_INFER ? "asked for by --hooks copy=infer"
						  : "this kernel allows neither fexit nor kprobes";

	for (size_t i = 0; i < sizeof(from_results) / sizeof(from_results[0]); i++)
		attach__set_hook(a, from_results[i], "inferred from system-call results", why);
	attach__set_hook(a, H_MAPPED, "inferred from tracepoints", why);
	attach__set_hook(a, H_TO_FILE, NULL, why);
}

static void settle_hooks(struct attached *a)
{
	const char *no_fexit = "this kernel allows no fexit here";

	for (int h = 0; h < H_COUNT; h++) {
		if (h != H_TO_FILE && h != H_PAYLOAD && h != H_ZC_CALL && h != H_LEAF && h != H_COPY_OTHER)
			settle_hook(a, h, no_fexit);
	}
	attach__set_hook(a, H_ZC_CALL, a->hook[H_SYSCALL].by, a->hook[H_SYSCALL].error);
	if (a->copy == COPY_INFER)
		settle_inferred(a);
	else
		attach__set_hook(a, H_TO_FILE, a->hook[H_COPY_FILE].by, a->hook[H_COPY_FILE].error);
	attach__set_hook(a, H_PAYLOAD, a->hook[H_COPY_FILE].by, NULL);
	attach__set_hook(a, H_LEAF, NULL, "only with --exact");
}

/* What a refused program served is not measured, nor what would be wrong without a hook that is not there. */
static void settle_refused(struct attached *a)
{
	for (int h = 0; h < H_COUNT; h++)
		if (a->refused[h])
			attach__set_hook(a, h, NULL, a->refused[h]);
	for (int h = 0; h < H_COUNT; h++)
		if (!a->hook[h].by)
			attach__detach_needing(a, h, a->hook[h].error);
}

void attach__qualities(const struct attached *a, enum quality q[M_COUNT])
{
	for (int m = 0; m < M_COUNT; m++) {
		const struct hook_state *h = &a->hook[metrics[m].hook];

		q[m] = !h->by ? Q_NONE : strncmp(h->by, "inferred", 8) ? Q_MEASURED : Q_INFERRED;
	}
	if (a->copy != COPY_INFER)
		return;
	/* what the page cache's own tracepoints say is not inferred; what only the missing sites know is not known */
	if (a->hook[H_CACHE].by)
		q[M_CACHE_DIRTIED] = q[M_CACHE_EVICTED] = Q_MEASURED;
	if (a->hook[H_ZC_CALL].by)
		q[M_ZC_SENDFILE] = q[M_ZC_SPLICE] = Q_INFERRED;
	q[M_ZC_COPY_FILE_RANGE] = Q_NONE;
}

/* Probes run with preemption off: dearer, but they see every copy. */
static void tell_preemption(struct attached *a)
{
	static const enum hook sites[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE};

	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++)
		attach__set_hook(a, sites[i], a->hook[sites[i]].by,
				 "this kernel preempts programs at fexit, which then miss what others copy "
				 "(--hooks copy=fexit takes them all the same)");
}

void attach__all(struct attached *a)
{
	attach_rows(a, &always_rows);
	if (a->copy == COPY_INFER)
		attach_rows(a, &infer_rows);
	else
		attach_sites(a);
	attach_other(a);
	settle_hooks(a);
	if (a->no_fexit_sites)
		tell_preemption(a);
	settle_refused(a);
}

void attach__free(struct attached *a)
{
	for (int i = 0; i < a->n_links; i++)
		bpf_link__destroy(a->link[i].link);
	if (a->copy == COPY_KPROBE)
		retprobe__free_all();
	for (int i = 0; i < a->n_texts; i++)
		free(a->text[i]);
	for (int h = 0; h < H_COUNT; h++) {
		free(a->refused[h]);
		free(a->absent[h]);
	}
}
