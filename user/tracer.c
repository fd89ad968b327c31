// SPDX-License-Identifier: GPL-2.0-only
/* tracer.c - loads the skeleton, chooses hook alternatives by trying them, reads the maps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "tracer.h"
#include "probe.h"
#include "cgroup.h"
#include "maps.h"
#include "../bpf/zctrace.h"
#include "zctrace.skel.h"

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
	{"sched_process_exec", H_TASK, KEY2},
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
	{"skb_copy_datagram_iter", H_COPY_SOCK, KEY1},
	{"skb_copy_and_csum_datagram_msg", H_COPY_SOCK, PART},
	{"udp_recvmsg", H_COPY_SOCK, PART},
	{"udpv6_recvmsg", H_COPY_SOCK, PART},
	{"begin_udp_recvmsg", H_COPY_SOCK, PART}, /* with fexit only */
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
#define MAX_LINKS 256

struct tracer {
	struct zctrace_bpf *skel;
	const struct opts *opts;
	struct btf *btf;
	bool whole_machine;
	enum copy_hook copy; /* as attached: COPY_FEXIT, COPY_KPROBE or COPY_INFER */
	struct bpf_link *link[MAX_LINKS];
	int n_links;
	struct bpf_link *iter_baseline, *iter_sweep;
	struct hook_state hook[H_COUNT];
	unsigned int keys[H_COUNT];  /* KEY roles attached, as a mask */
	char *text[2 * H_COUNT + 8]; /* what tracer__set_hook copied */
	int n_texts;
	struct ring_buffer *ring;
	tracer_record_fn on_final;
	void *on_final_ctx;
	int n_cpus;
	uint32_t n_live;
	uint64_t rx_early; /* as of the last tracer__system */
};

static int verbosity;

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (verbosity < 2 || (level == LIBBPF_DEBUG && verbosity < 3))
		return 0;
	return vfprintf(stderr, format, args);
}

void tracer__set_hook(struct tracer *t, enum hook h, const char *by, const char *error)
{
	const char **field[2] = {&t->hook[h].by, &t->hook[h].error};
	const char *value[2] = {by, error};

	for (int i = 0; i < 2; i++) {
		char *copy = value[i] ? strdup(value[i]) : NULL;

		if (copy && t->n_texts < (int)N_ROWS(t->text))
			t->text[t->n_texts++] = copy;
		*field[i] = copy;
	}
}

static struct bpf_program *find(struct tracer *t, const char *prefix, const char *name)
{
	char full[96];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	return bpf_object__find_program_by_name(t->skel->obj, full);
}

/* Whether the kernel has what the program hangs on; programs for which it has not are left out of the load. */
static bool can_load(struct tracer *t, const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p), *target = strchr(section, '/');

	if (!target)
		return true;
	target++;
	if (!strncmp(section, "tp_btf/", 7)) {
		int n = probe__tracepoint_args(t->btf, target);

		if (!strcmp(bpf_program__name(p), "uring_done_cqe"))
			return n == 3;
		if (!strcmp(bpf_program__name(p), "uring_done_args"))
			return n > 3;
		return n >= 0;
	}
	if (!strncmp(section, "fexit/", 6) || !strncmp(section, "fentry/", 7))
		return probe__function(t->btf, target, section[1] == 'e' && section[2] == 'x') == 0;
	return true;
}

static bool wanted_site_program(const struct tracer *t, const char *name)
{
	if (!strncmp(name, "x_", 2))
		return t->copy == COPY_FEXIT;
	if (!strncmp(name, "kp_", 3) || !strncmp(name, "kr_", 3))
		return t->copy == COPY_KPROBE ||
		       (t->copy == COPY_FEXIT && (!strcmp(name, "kp_to_user") || !strcmp(name, "kp_from_user")) &&
			probe__kprobes_on_lib());
	return true;
}

static void choose_programs(struct tracer *t)
{
	bool fexit = probe__function(t->btf, "filemap_read", true) == 0;
	struct bpf_program *p;

	switch (t->opts->copy) {
	case COPY_KPROBE:
	case COPY_INFER:
		t->copy = t->opts->copy;
		break;
	default:
		t->copy = fexit ? COPY_FEXIT : probe__kprobes() ? COPY_KPROBE : COPY_INFER;
	}
	bpf_object__for_each_program(p, t->skel->obj)
	{
		const char *name = bpf_program__name(p);
		bool infer = !strncmp(name, "infer_", 6);

		bpf_program__set_autoload(p, (!infer || t->copy == COPY_INFER) && wanted_site_program(t, name) &&
						     can_load(t, p));
	}
}

static void configure(struct tracer *t)
{
	struct zctrace_bpf *skel = t->skel;
	struct acc_config *c = (struct acc_config *)&skel->rodata->acc_config;
	int cpus = t->n_cpus;

	c->self_tgid = getpid();
	c->whole_machine = t->whole_machine;
	c->follow = t->opts->follow || t->opts->command || t->opts->mode == MODE_DEMO;
	c->infer_copies = c->infer_sends = c->infer_cache = t->copy == COPY_INFER;
	if (t->opts->comm) {
		c->match_comm = 1;
		strncpy(c->comm, t->opts->comm, sizeof(c->comm) - 1);
	}
	if (t->opts->cgroup) {
		uint64_t id = 0;
		uint32_t level = 0;

		cgroup__resolve(t->opts->cgroup, &id, &level);
		c->cgroup_id = id;
		c->cgroup_level = level;
	}
	bpf_map__set_max_entries(skel->maps.slots, cpus);
	bpf_map__set_max_entries(skel->maps.system_lines, cpus);
	bpf_map__set_max_entries(skel->maps.unattributed, cpus);
	bpf_map__set_max_entries(skel->maps.ring, t->opts->ring_bytes);
}

/* Attaches one program for a hook; the first failure of a hook is kept as its complaint. */
static int attach_program(struct tracer *t, struct bpf_program *p, const struct row *row, const char *by)
{
	struct bpf_link *link;
	char error[160];

	if (!p || !bpf_program__autoload(p))
		return -ENOENT;
	link = bpf_program__attach(p);
	if (!link) {
		int err = -errno;

		snprintf(error, sizeof(error), "%s: %s", bpf_program__section_name(p), strerror(-err));
		if (!t->hook[row->hook].error)
			tracer__set_hook(t, row->hook, t->hook[row->hook].by, error);
		return err;
	}
	if (t->n_links < MAX_LINKS)
		t->link[t->n_links++] = link;
	if (row->role != PART)
		t->keys[row->hook] |= 1u << row->role;
	if (by && row->role != PART && !t->hook[row->hook].by)
		tracer__set_hook(t, row->hook, by, t->hook[row->hook].error);
	return 0;
}

static const char *method(const struct bpf_program *p)
{
	const char *section = p ? bpf_program__section_name(p) : "";

	if (!strncmp(section, "tp_btf/", 7))
		return "tp_btf";
	return !strncmp(section, "fentry/", 7) || !strncmp(section, "fexit/", 6) ? "fexit" : "kprobe";
}

static void attach_rows(struct tracer *t, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bpf_program *p = find(t, "", rows[i].program);

		attach_program(t, p, &rows[i], method(p));
	}
}

static void attach_sites(struct tracer *t)
{
	for (size_t i = 0; i < N_ROWS(site_rows); i++) {
		const struct row *row = &site_rows[i];

		if (t->copy == COPY_FEXIT) {
			attach_program(t, find(t, "x_", row->program), row, "fexit");
		} else if (!attach_program(t, find(t, "kr_", row->program), row, "kretprobe")) {
			static const struct row entry = {"", H_PAYLOAD, PART};

			attach_program(t, find(t, "kp_", row->program), &entry, NULL);
		}
	}
}

/* copy_to_user and copy_from_user by kprobe, where the kernel allows probes on lib/. Breakpoints come later, per
 * thread. */
static void attach_other(struct tracer *t)
{
	static const struct row rows[] = {{"kp_to_user", H_COPY_OTHER, KEY1}, {"kp_from_user", H_COPY_OTHER, KEY2}};

	if (t->opts->copy == COPY_BREAKPOINT)
		return;
	if (!probe__kprobes_on_lib() || t->copy == COPY_INFER) {
		tracer__set_hook(t, H_COPY_OTHER, NULL,
				 "this kernel allows no kprobe on copy_to_user (CONFIG_KPROBE_EVENTS_ON_NOTRACE)");
		return;
	}
	attach_rows(t, rows, N_ROWS(rows));
}

static void settle_hook(struct tracer *t, enum hook h, const char *missing)
{
	unsigned int need = 1u << KEY1;

	for (size_t i = 0; i < N_ROWS(always_rows); i++)
		if (always_rows[i].hook == h && always_rows[i].role == KEY2)
			need |= 1u << KEY2;
	if ((t->keys[h] & need) == need && t->hook[h].by)
		return;
	tracer__set_hook(t, h, NULL, t->hook[h].error ? t->hook[h].error : missing);
}

static void settle_inferred(struct tracer *t)
{
	static const enum hook from_results[] = {H_COPY_FILE, H_COPY_SOCK, H_COPY_PIPE, H_ZC_SEND, H_CACHE, H_MAPPED};
	const char *why = t->opts->copy == COPY_INFER ? "asked for by --hooks copy=infer"
						      : "this kernel allows neither fexit nor kprobes";

	for (size_t i = 0; i < N_ROWS(from_results); i++)
		tracer__set_hook(t, from_results[i], "inferred from system-call results", why);
	tracer__set_hook(t, H_MAPPED, "inferred from tracepoints", why);
	tracer__set_hook(t, H_TO_FILE, NULL, why);
}

static void settle_hooks(struct tracer *t)
{
	const char *no_fexit = "this kernel allows no fexit here";

	for (int h = 0; h < H_COUNT; h++) {
		bool site = h == H_COPY_FILE || h == H_COPY_SOCK || h == H_COPY_PIPE || h == H_ZC_SEND;

		if (h == H_TO_FILE || h == H_PAYLOAD || h == H_ZC_CALL || h == H_LEAF || h == H_COPY_OTHER || site)
			continue;
		settle_hook(t, h, no_fexit);
	}
	tracer__set_hook(t, H_ZC_CALL, t->hook[H_SYSCALL].by, t->hook[H_SYSCALL].error);
	if (t->copy == COPY_INFER) {
		settle_inferred(t);
	} else {
		tracer__set_hook(t, H_TO_FILE, t->hook[H_COPY_FILE].by, t->hook[H_COPY_FILE].error);
		tracer__set_hook(t, H_CACHE, t->hook[H_CACHE].by, t->hook[H_CACHE].error);
	}
	tracer__set_hook(t, H_PAYLOAD, t->hook[H_COPY_FILE].by, NULL);
	tracer__set_hook(t, H_LEAF, NULL, "only with --exact");
}

static int attach(struct tracer *t)
{
	attach_rows(t, always_rows, N_ROWS(always_rows));
	if (t->copy == COPY_INFER)
		attach_rows(t, infer_rows, N_ROWS(infer_rows));
	else
		attach_sites(t);
	attach_other(t);
	settle_hooks(t);
	t->iter_baseline = bpf_program__attach_iter(t->skel->progs.baseline, NULL);
	t->iter_sweep = bpf_program__attach_iter(t->skel->progs.sweep, NULL);
	if (!t->iter_baseline || !t->iter_sweep || !t->hook[H_SWITCH].by) {
		fprintf(stderr,
			"zctrace: the kernel refused the hooks that carry everything (task iterator, sched_switch); "
			"zctrace needs Linux 6.1 or later with BTF\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int on_ring(void *ctx, void *data, size_t size)
{
	struct tracer *t = ctx;

	return size == sizeof(struct zc_record) ? t->on_final(t->on_final_ctx, data) : 0;
}

static int load(struct tracer *t)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = t->opts->btf);
	int err;

	t->skel = zctrace_bpf__open_opts(&open_opts);
	if (!t->skel)
		return probe__explain(-errno, "open");
	choose_programs(t);
	configure(t);
	err = zctrace_bpf__load(t->skel);
	if (err)
		return probe__explain(err, "load");
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), on_ring, t, NULL);
	return t->ring ? 0 : -errno;
}

int tracer__new(struct tracer **ret, const struct opts *o, bool whole_machine, tracer_record_fn on_final, void *ctx)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->opts = o;
	t->whole_machine = whole_machine;
	t->on_final = on_final;
	t->on_final_ctx = ctx;
	t->n_cpus = libbpf_num_possible_cpus();
	verbosity = o->verbose;
	libbpf_set_print(print_libbpf);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	err = probe__privileges();
	if (err)
		goto out;
	t->btf = o->btf ? btf__parse(o->btf, NULL) : btf__load_vmlinux_btf();
	if (!t->btf) {
		err = probe__explain(-ENOENT, "btf");
		goto out;
	}
	err = load(t);
	if (!err)
		err = attach(t);
out:
	if (err) {
		tracer__free(t);
		return err;
	}
	*ret = t;
	return 0;
}

void tracer__free(struct tracer *t)
{
	if (!t)
		return;
	for (int i = 0; i < t->n_links; i++)
		bpf_link__destroy(t->link[i]);
	bpf_link__destroy(t->iter_baseline);
	bpf_link__destroy(t->iter_sweep);
	ring_buffer__free(t->ring);
	zctrace_bpf__destroy(t->skel);
	btf__free(t->btf);
	for (int i = 0; i < t->n_texts; i++)
		free(t->text[i]);
	free(t);
}

const struct hook_state *tracer__hooks(const struct tracer *t)
{
	return t->hook;
}

uint32_t tracer__n_live(const struct tracer *t)
{
	return t->n_live;
}

void tracer__qualities(const struct tracer *t, enum quality q[M_COUNT])
{
	for (int m = 0; m < M_COUNT; m++) {
		const struct hook_state *h = &t->hook[metrics[m].hook];

		q[m] = !h->by ? Q_NONE : strncmp(h->by, "inferred", 8) ? Q_MEASURED : Q_INFERRED;
	}
	if (t->copy != COPY_INFER)
		return;
	/* what the page cache's own tracepoints say is not inferred; what only the missing sites know is not known */
	q[M_CACHE_DIRTIED] = q[M_CACHE_EVICTED] = Q_MEASURED;
	q[M_ZC_SENDFILE] = q[M_ZC_SPLICE] = Q_INFERRED;
	q[M_ZC_COPY_FILE_RANGE] = Q_NONE;
}

struct tracer_leaf_progs tracer__leaf_progs(const struct tracer *t)
{
	const struct zctrace_bpf *s = t->skel;

	return (struct tracer_leaf_progs){
		.to_user = bpf_program__fd(s->progs.bp_to_user),
		.from_user = bpf_program__fd(s->progs.bp_from_user),
		.to_iter = bpf_program__fd(s->progs.bp_to_iter),
		.from_iter = bpf_program__fd(s->progs.bp_from_iter),
		.from_atomic = bpf_program__fd(s->progs.bp_from_atomic),
	};
}

int tracer__disks_fd(const struct tracer *t)
{
	return bpf_map__fd(t->skel->maps.disks);
}

/* Everything below only reads maps: user/maps.c, which needs no skeleton. */
static struct maps maps_of(const struct tracer *t)
{
	const struct zctrace_bpf *s = t->skel;

	return (struct maps){
		.finals = bpf_map__fd(s->maps.finals),
		.owners = bpf_map__fd(s->maps.owners),
		.system = bpf_map__fd(s->maps.system_lines),
		.unattributed = bpf_map__fd(s->maps.unattributed),
		.lost = bpf_map__fd(s->maps.lost),
		.targets = bpf_map__fd(s->maps.targets),
		.sync_prog = bpf_program__fd(s->progs.sync_cpu),
		.n_cpus = t->n_cpus,
	};
}

int tracer__add_target(struct tracer *t, pid_t tgid, bool at_exec)
{
	struct maps m = maps_of(t);

	return maps__add_target(&m, tgid, at_exec);
}

int tracer__baseline(struct tracer *t)
{
	return maps__run_iterator(bpf_link__fd(t->iter_baseline), NULL, NULL);
}

int tracer__arm(struct tracer *t)
{
	struct maps m = maps_of(t);
	int err = tracer__baseline(t);

	return err ? err : maps__sync_cpus(&m);
}

void tracer__on(struct tracer *t)
{
	t->skel->bss->acc_state = ACC_ON;
}

void tracer__off(struct tracer *t)
{
	struct maps m = maps_of(t);

	maps__sync_cpus(&m);
	t->skel->bss->acc_state = ACC_OFF;
}

int tracer__poll(struct tracer *t)
{
	struct maps m = maps_of(t);
	int n = ring_buffer__consume(t->ring);

	return n < 0 ? n : maps__drain_finals(&m, t->on_final, t->on_final_ctx);
}

struct sweep {
	struct tracer *t;
	tracer_record_fn fn;
	void *ctx;
};

static int count_live(void *ctx, const struct zc_record *r)
{
	struct sweep *s = ctx;

	if (!(r->flags & ZT_KTHREAD))
		s->t->n_live++;
	return s->fn(s->ctx, r);
}

int tracer__sweep(struct tracer *t, tracer_record_fn fn, void *ctx)
{
	struct sweep s = {t, fn, ctx};
	struct maps m = maps_of(t);
	int err = maps__sync_cpus(&m);

	t->n_live = 0;
	if (!err)
		err = maps__run_iterator(bpf_link__fd(t->iter_sweep), count_live, &s);
	if (!err)
		err = tracer__poll(t);
	return err ? err : maps__read_owners(&m, fn, ctx);
}

int tracer__system(struct tracer *t, uint64_t system[M_COUNT], uint64_t unattributed[M_COUNT])
{
	struct maps m = maps_of(t);
	uint64_t none;
	int err = maps__read_lines(m.system, m.n_cpus, system, &t->rx_early);

	return err ? err : maps__read_lines(m.unattributed, m.n_cpus, unattributed, &none);
}

/* Besides what the programs count themselves: what the kernel says it kept from them. */
int tracer__lost(struct tracer *t, uint64_t lost[L_COUNT])
{
	struct maps m = maps_of(t);
	struct bpf_program *p;
	int err = maps__read_lost(&m, lost);

	lost[L_RX_EARLY] += t->rx_early;

	bpf_object__for_each_program(p, t->skel->obj)
	{
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (bpf_program__fd(p) >= 0 && !bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len))
			lost[L_RECURSION] += info.recursion_misses;
	}
	return err;
}
