// SPDX-License-Identifier: GPL-2.0-only
/* probe.c - what this kernel and these privileges allow. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <linux/capability.h>
#include <zlib.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "complain.h"
#include "probe.h"
#include "safe.h"

int probe__tracepoint_args(const struct btf *btf, const char *name)
{
	const struct btf_type *t;
	char full[96];
	int id;

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, full, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -ENOENT;
	t = btf__type_by_id(btf, id); /* typedef -> pointer -> prototype */
	t = btf__type_by_id(btf, t->type);
	t = btf__type_by_id(btf, t->type);
	return btf_vlen(t) - 1;
}

int probe__function_args(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	return id < 0 ? -ENOENT : btf_vlen(btf__type_by_id(btf, btf__type_by_id(btf, id)->type));
}

/* Looks a function up in the BTF of each loaded module that is likely to have it: libbpf does the same when it loads.
 */
static bool in_module(const char *name)
{
	static const char *const modules[] = {"btrfs"};
	struct btf *base = btf__load_vmlinux_btf(), *btf;
	bool found = false;

	for (size_t i = 0; base && i < sizeof(modules) / sizeof(modules[0]) && !found; i++) {
		btf = btf__load_module_btf(modules[i], base);
		if (!btf)
			continue;
		found = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
		btf__free(btf);
	}
	btf__free(base);
	return found;
}

int probe__function(const struct btf *btf, const char *name, bool fexit)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = fexit ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY);
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC), fd;

	if (id < 0)
		return in_module(name) ? 0 : -ENOENT;
	o.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "zc_probe", "GPL", nothing, 2, &o);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

bool probe__kprobes(void)
{
	return !access("/sys/bus/event_source/devices/kprobe/type", R_OK);
}

static bool file_has(const char *path, const char *word)
{
	char line[4096] = "";
	FILE *f = fopen(path, "re");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	return strstr(line, word) != NULL;
}

enum answer { NO, YES, UNKNOWN };

/* Whether the kernel's configuration has one of the lines (the second may be NULL), where it can be read. */
static enum answer config_has(const char *line, const char *or_line)
{
	enum answer answer = UNKNOWN;
	char path[128], text[256];
	struct utsname u;
	gzFile f;

	if (uname(&u))
		return UNKNOWN;
	snprintf(path, sizeof(path), "/boot/config-%s", u.release);
	f = gzopen(path, "r"); /* reads plain files as well */
	if (!f)
		f = gzopen("/proc/config.gz", "r");
	while (f && gzgets(f, text, sizeof(text))) {
		text[strcspn(text, "\n")] = '\0';
		if (!strcmp(text, line) || (or_line && !strcmp(text, or_line)))
			answer = YES;
		else if (answer == UNKNOWN)
			answer = NO;
	}
	if (f)
		gzclose(f);
	return answer;
}

/*
 * kernel/bpf/trampoline.c (6.1 to 7.3): programs at fentry and fexit run with migration disabled, not preemption, and
 * a program that is active on a CPU is not entered again there, whoever is current: that run is a recursion miss.
 * In 7.3 the same goes for those of tracepoints (kernel/trace/bpf_trace.c: __bpf_trace_run).
 *
 * What kind of preemption a kernel built for all of them has, debugfs tells, if it is mounted and lockdown lets it be
 * opened; or how it was booted; or for what it was built, if nothing else was asked for. preempt=none is not enough:
 * later kernels, which have nothing but full and lazy, ignore it. Not known means yes: that way misses least.
 */
bool probe__preemptible(void)
{
	static const char *const chosen = "/sys/kernel/debug/sched/preempt";
	struct utsname u;

	if (uname(&u))
		return true;
	if (!strstr(u.version, "PREEMPT_DYNAMIC"))
		return strstr(u.version, "PREEMPT") != NULL;
	if (file_has(chosen, "(full)") || file_has(chosen, "(lazy)"))
		return true;
	if (file_has(chosen, "(none)") || file_has(chosen, "(voluntary)"))
		return false;
	if (file_has("/proc/cmdline", "preempt=full") || file_has("/proc/cmdline", "preempt=lazy"))
		return true;
	return config_has("CONFIG_PREEMPT_NONE=y", "CONFIG_PREEMPT_VOLUNTARY=y") != YES;
}

/*
 * The kernel's configuration says it, where it can be read: asking by trying leaves a complaint in the kernel log at
 * every start, so that is for kernels that do not tell.
 */
bool probe__kprobes_on_lib(void)
{
	return probe__kprobes() && config_has("CONFIG_KPROBE_EVENTS_ON_NOTRACE=y", NULL) != NO;
}

int probe__privileges(void)
{
	static const struct {
		int cap;
		const char *name;
	} needed[] = {{CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};
	unsigned long long effective;
	char missing[64] = "";

	if (syscall(SYS_capget, &header, data))
		return complain(-errno, "see what it is permitted");
	effective = data[0].effective | (unsigned long long)data[1].effective << 32;
	if (effective & 1ULL << CAP_SYS_ADMIN)
		return 0;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (effective & 1ULL << needed[i].cap)
			continue;
		strcat(missing, missing[0] ? " and " : "");
		strcat(missing, needed[i].name);
	}
	if (!missing[0])
		return 0;
	fprintf(stderr, "zctrace: not permitted: %s missing; run it with sudo\n", missing);
	return -EPERM;
}

/* Where securityfs is not mounted, the helper that lockdown takes away tells: every kernel that we know has it. */
static bool confidential(void)
{
	char text[128] = "";
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");

	if (!f)
		return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_probe_read_kernel, NULL) == 0;
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	return strstr(text, "[confidentiality]");
}

int probe__explain(int err, const char *stage)
{
	char text[256];

	err = complain__of_load(text, sizeof(text), err, stage, confidential());
	fprintf(stderr, "zctrace: %s\n", text);
	return err;
}

bool probe__is_refusal(int err)
{
	return err != -EPERM && !complain__is_shortage(err) && !confidential();
}

int probe__explain_refusal(int err, const char *program)
{
	fprintf(stderr,
		"zctrace: the kernel refused the program %s, which everything else rests on: %s; zctrace needs Linux "
		"6.1 or later with BTF (-vv shows the kernel's own words)\n",
		program, strerror(-err));
	return -ENOTSUP;
}

int probe__explain_btf(int err, const char *path)
{
	char name[512], why[128];

	if (path) {
		libbpf_strerror(err, why, sizeof(why)); /* it has numbers of its own */
		fprintf(stderr,
			"zctrace: cannot read kernel type information (BTF) from %s: %s; --btf wants a file as "
			"/sys/kernel/btf/vmlinux is\n",
			safe_text(name, sizeof(name), path, strlen(path)), why);
		return -ENOTSUP;
	}
	if (err != -ENOENT && err != -ESRCH && err != -EINVAL)
		return complain(err, "read kernel type information (BTF) at /sys/kernel/btf/vmlinux");
	fprintf(stderr,
		"zctrace: no kernel type information (BTF) found at /sys/kernel/btf/vmlinux; boot a kernel built "
		"with CONFIG_DEBUG_INFO_BTF=y, or name a file with --btf\n");
	return -ENOTSUP;
}

/* Threads that a table has room for: all that the machine may have, so long as that is not more than 30 MB. */
unsigned int probe__threads_most(void)
{
	unsigned int n = 0;
	FILE *f = fopen("/proc/sys/kernel/threads-max", "re");

	if (f) {
		if (fscanf(f, "%u", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n < 4096 ? 4096 : n > 32768 ? 32768 : n;
}
