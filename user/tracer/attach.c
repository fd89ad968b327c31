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

#include "bound.h"
#include "attach.h"
#include "retprobe.h"
#include "probe.h"

/*
 * Which program serves which hook. A hook is measured if one KEY program of each of its sets attached; PARTs widen it.
 * Sets: alternatives of which one is needed share a number. Rows attach in order: an exit before its entry, which
 * ignores exits it has no entry for, whereas an entry without its exit would leave a CPU inside an interrupt for ever.
 */
enum role { PART = 0, KEY1 = 1, KEY2 = 2 };

struct row {
	const char *program;
	enum hook hook;
	enum role role;
};

static const struct row always_rows[] = {
	{"sys_exit", H_SYSCALL, KEY1},
	{"sched_process_exit", H_SYSCALL, KEY2},
	{"sched_switch", H_SWITCH, KEY1},
	{"task_newtask", H_TASK, KEY1},
	{"task_free", H_TASK, PART},
	{"kp_thread_exit", H_TASK, PART},
	{"sched_process_exec", H_TASK, KEY2},
	{"task_rename", H_TASK, PART},
	{"cgroup_attach", H_TASK, PART},
	{"page_fault_user", H_FAULT, KEY1},
	{"page_fault_kernel", H_FAULT, KEY2},
	{"irq_handler_exit", H_IRQ, KEY2},
	{"irq_handler_entry", H_IRQ, KEY1},
	{"local_timer_exit", H_IRQ, PART},
	{"local_timer_entry", H_IRQ, PART},
	{"reschedule_exit", H_IRQ, PART},
	{"reschedule_entry", H_IRQ, PART},
	{"call_function_exit", H_IRQ, PART},
	{"call_function_entry", H_IRQ, PART},
	{"call_function_single_exit", H_IRQ, PART},
	{"call_function_single_entry", H_IRQ, PART},
	{"irq_work_exit", H_IRQ, PART},
	{"irq_work_entry", H_IRQ, PART},
	{"softirq_exit", H_SOFTIRQ, KEY2},
	{"softirq_entry", H_SOFTIRQ, KEY1},
	{"bio_queue", H_DISK, KEY1},
	{"bio_split", H_DISK, PART},
	{"rq_complete", H_DISK, KEY2},
	{"rq_issue", H_DISK, PART},
	{"bio_backmerge", H_DISK, PART},
	{"bio_frontmerge", H_DISK, PART},
	{"rq_merge", H_DISK, PART},
	{"start_xmit", H_NET, KEY1},
	{"dev_xmit", H_NET, KEY2},
	{"rx_gro", H_NET, PART},
	{"rx_gro_frags", H_NET, PART},
	{"rx_skb", H_NET, PART},
	{"rx_list", H_NET, PART},
	{"rx_netif", H_NET, PART},
	{"rx_copy", H_NET, PART},
	{"rx_udp", H_NET, PART},
	{"rx_splice", H_NET, PART},
	{"e_tcp_sendmsg_locked", H_NET, PART},
	{"e_do_tcp_sendpages", H_NET, PART},
	{"e_udp_sendmsg", H_NET, PART},
	{"e_udpv6_sendmsg", H_NET, PART},
	{"tp_tcp_send", H_NET, PART},
	{"sock_state", H_NET, PART},
	{"cache_add", H_CACHE, KEY1},
	{"cache_delete", H_CACHE, KEY2},
	{"cache_dirty", H_CACHE, KEY2},
	{"uring_done_args", H_ZC_CALL, PART},
	{"uring_done_cqe", H_ZC_CALL, PART},
	{"seg_cut", H_SEGMENT, KEY1},
	{"seg_linearize", H_SEGMENT, KEY2},
	{"ubuf_used", H_UNZC, PART},
	{"unzc_begin", H_UNZC, KEY1},
	{"unzc_end", H_UNZC, KEY2},
	{"bounce_map", H_BOUNCE, KEY1},
	{"b_swiotlb_tbl_unmap_single", H_BOUNCE, PART},
	{"b___swiotlb_tbl_unmap_single", H_BOUNCE, PART},
	{"b_swiotlb_sync_single_for_cpu", H_BOUNCE, KEY2},
	{"b___swiotlb_sync_single_for_cpu", H_BOUNCE, KEY2},
	{"b_swiotlb_sync_single_for_device", H_BOUNCE, PART},
	{"b___swiotlb_sync_single_for_device", H_BOUNCE, PART},
	{"map_one", H_MAPPED, KEY1},
	{"map_range", H_MAPPED, KEY1},
};

static const struct row infer_rows[] = {
	{"infer_fault", H_MAPPED, PART},
	{"infer_map", H_MAPPED, PART},
	{"infer_received", H_COPY_SOCK, PART},
};

/* The copy sites: x_ by fexit, kp_ and kr_ by probes; named without the prefix. */
static const struct row site_rows[] = {
	{"filemap_read", H_COPY_FILE, KEY1},
	{"generic_perform_write", H_COPY_FILE, KEY2},
	{"shmem_file_read_iter", H_COPY_FILE, PART},
	{"iomap_file_buffered_write", H_COPY_FILE, PART},
	{"btrfs_buffered_write", H_COPY_FILE, PART},
	{"filemap_splice_read", H_CACHE, PART},
	{"pipe_read", H_COPY_PIPE, KEY1},
	{"pipe_write", H_COPY_PIPE, KEY2},
	{"anon_pipe_read", H_COPY_PIPE, KEY1},
	{"anon_pipe_write", H_COPY_PIPE, KEY2},
	{"begin_pipe_write", H_COPY_PIPE, PART}, /* with fexit only, as the others that begin */
	{"begin_anon_pipe_write", H_COPY_PIPE, PART},
	{"skb_copy_datagram_iter", H_COPY_SOCK, KEY1},
	{"skb_copy_and_csum_datagram_msg", H_COPY_SOCK, PART},
	{"udp_recvmsg", H_COPY_SOCK, PART},
	{"udpv6_recvmsg", H_COPY_SOCK, PART},
	{"begin_udp_recvmsg", H_COPY_SOCK, PART},
	{"begin_udpv6_recvmsg", H_COPY_SOCK, PART},
	{"tcp_sendmsg_locked", H_COPY_SOCK, KEY2},
	{"skb_copy_datagram_from_iter", H_COPY_SOCK, PART},
	{"ip_generic_getfrag", H_COPY_SOCK, PART},
	{"skb_splice_from_iter", H_ZC_SEND, PART},
	{"skb_zerocopy_iter_stream", H_ZC_SEND, KEY1},
	{"seq_read_iter", H_COPY_OTHER, PART},
	{"tty_read", H_COPY_OTHER, PART},
	{"eventfd_read", H_COPY_OTHER, PART},
	{"tty_write", H_COPY_OTHER, PART},
};

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

void attach__set_hook(struct attached *a, enum hook h, const char *by, const char *error)
{
	const char **field[2] = {&a->hook[h].by, &a->hook[h].error};
	const char *value[2] = {by, error};

	for (int i = 0; i < 2; i++) {
		char *copy = value[i] ? strdup(value[i]) : NULL;

		if (copy && a->n_texts < (int)N_ROWS(a->text))
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

/* Whether the kernel has what the program hangs on; programs for which it has not are left out of the load. */
static bool can_load(struct attached *a, const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p), *target = strchr(section, '/');

	if (!target)
		return true;
	target++;
	if (!strncmp(section, "tp_btf/", 7)) {
		int n = probe__tracepoint_args(a->btf, target);

		if (!strcmp(bpf_program__name(p), "task_free"))
			return probe__preemptible(); /* else threads have task storage, which goes by itself */
		if (!strcmp(bpf_program__name(p), "uring_done_cqe"))
			return n == 3;
		if (!strcmp(bpf_program__name(p), "uring_done_args"))
			return n > 3;
		return n >= 0;
	}
	if (!strncmp(section, "fexit/", 6) || !strncmp(section, "fentry/", 7)) {
		if (!strcmp(bpf_program__name(p), "x_filemap_read") && probe__function_args(a->btf, target) != 3)
			return false; /* it finds the result behind them */
		return probe__function(a->btf, target, section[1] == 'e' && section[2] == 'x') == 0;
	}
	return true;
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

void attach__choose(struct attached *a)
{
	bool fexit = probe__function(a->btf, "filemap_read", true) == 0;
	struct bpf_program *p;

	switch (a->wanted) {
	case COPY_KPROBE:
	case COPY_INFER:
		a->copy = a->wanted;
		break;
	case COPY_FEXIT:
		a->copy = fexit ? COPY_FEXIT : probe__kprobes() ? COPY_KPROBE : COPY_INFER;
		break;
	default:
		a->no_fexit_sites = fexit && probe__kprobes() && probe__preemptible();
		a->copy = fexit && !a->no_fexit_sites ? COPY_FEXIT : probe__kprobes() ? COPY_KPROBE : COPY_INFER;
	}
	bpf_object__for_each_program(p, a->obj)
	{
		const char *name = bpf_program__name(p);
		bool infer = !strncmp(name, "infer_", 6);

		bpf_program__set_autoload(p, (!infer || a->copy == COPY_INFER) && wanted_site_program(a, name) &&
						     can_load(a, p));
	}
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

/* Attaches one program for a hook; the first failure of a hook is kept as its complaint. */
static int attach_program(struct attached *a, struct bpf_program *p, const struct row *row, const char *by)
{
	struct bpf_link *link;
	char error[160];

	if (!p || !bpf_program__autoload(p))
		return -ENOENT;
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
	if (row->role != PART)
		a->keys[row->hook] |= 1u << row->role;
	if (by && row->role != PART && !a->hook[row->hook].by)
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

static void attach_rows(struct attached *a, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bpf_program *p = find(a, "", rows[i].program);

		attach_program(a, p, &rows[i], method(p));
	}
}

static void attach_sites(struct attached *a)
{
	for (size_t i = 0; i < N_ROWS(site_rows); i++) {
		const struct row *row = &site_rows[i];

		if (a->copy == COPY_FEXIT) {
			attach_program(a, find(a, "x_", row->program), row, "fexit");
		} else if (!attach_program(a, find(a, "kr_", row->program), row, "kretprobe")) {
			static const struct row entry = {"", H_PAYLOAD, PART};

			attach_program(a, find(a, "kp_", row->program), &entry, NULL);
		}
	}
}

/* copy_to_user and copy_from_user by kprobe, where the kernel allows probes on lib/. Breakpoints come later, per
 * thread. */
static void attach_other(struct attached *a)
{
	static const struct row rows[] = {{"kp_to_user", H_COPY_OTHER, KEY1}, {"kp_from_user", H_COPY_OTHER, KEY2}};

	if (a->wanted == COPY_BREAKPOINT)
		return;
	if (!probe__kprobes_on_lib() || a->copy == COPY_INFER) {
		attach__set_hook(a, H_COPY_OTHER, NULL,
				 "this kernel allows no kprobe on copy_to_user (CONFIG_KPROBE_EVENTS_ON_NOTRACE)");
		return;
	}
	attach_rows(a, rows, N_ROWS(rows));
}

static unsigned int keys_of(enum hook h, const struct row *rows, size_t n)
{
	unsigned int keys = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].hook == h && rows[i].role != PART)
			keys |= 1u << rows[i].role;
	return keys;
}

/* Half a hook would show the other half as 0 and call it measured: without one of its keys it is not measured at all.
 */
static void settle_hook(struct attached *a, enum hook h, const char *missing)
{
	unsigned int need = keys_of(h, always_rows, N_ROWS(always_rows)) | keys_of(h, site_rows, N_ROWS(site_rows));

	if ((a->keys[h] & need) == need && a->hook[h].by)
		return;
	attach__set_hook(a, h, NULL, a->hook[h].error ? a->hook[h].error : missing);
}

static void settle_inferred(struct attached *a)
{
	static const enum hook from_results[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE, H_ZC_SEND, H_CACHE, H_MAPPED};
	const char *why = a->wanted == COPY_INFER ? "asked for by --hooks copy=infer"
						  : "this kernel allows neither fexit nor kprobes";

	for (size_t i = 0; i < N_ROWS(from_results); i++)
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

void attach__qualities(const struct attached *a, enum quality q[M_COUNT])
{
	for (int m = 0; m < M_COUNT; m++) {
		const struct hook_state *h = &a->hook[metrics[m].hook];

		q[m] = !h->by ? Q_NONE : strncmp(h->by, "inferred", 8) ? Q_MEASURED : Q_INFERRED;
	}
	if (a->copy != COPY_INFER)
		return;
	/* what the page cache's own tracepoints say is not inferred; what only the missing sites know is not known */
	q[M_CACHE_DIRTIED] = q[M_CACHE_EVICTED] = Q_MEASURED;
	q[M_ZC_SENDFILE] = q[M_ZC_SPLICE] = Q_INFERRED;
	q[M_ZC_COPY_FILE_RANGE] = Q_NONE;
}

/* Probes run with preemption off: dearer, but they see every copy. */
static void tell_preemption(struct attached *a)
{
	static const enum hook sites[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE};

	for (size_t i = 0; i < N_ROWS(sites); i++)
		attach__set_hook(a, sites[i], a->hook[sites[i]].by,
				 "this kernel preempts programs at fexit, which then miss what others copy "
				 "(--hooks copy=fexit takes them all the same)");
}

void attach__all(struct attached *a)
{
	attach_rows(a, always_rows, N_ROWS(always_rows));
	if (a->copy == COPY_INFER)
		attach_rows(a, infer_rows, N_ROWS(infer_rows));
	else
		attach_sites(a);
	attach_other(a);
	settle_hooks(a);
	if (a->no_fexit_sites)
		tell_preemption(a);
}

void attach__free(struct attached *a)
{
	for (int i = 0; i < a->n_links; i++)
		bpf_link__destroy(a->link[i].link);
	if (a->copy == COPY_KPROBE)
		retprobe__free_all();
	for (int i = 0; i < a->n_texts; i++)
		free(a->text[i]);
}
