// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor.c - the least that hooks can cost: empty programs (r0 = 0; exit) on the hooks that a running process has.
 *
 *	floor PID	on each tracepoint and each function entry and exit of PID's BPF links, as often as it has it
 *	floor NAME...	on the tracepoints named
 *
 * Prints `ready N` when they are attached and waits for a signal.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

static int attached;

static void attach_empty(enum bpf_attach_type type, unsigned int btf_id, const char *name)
{
	const struct bpf_insn empty[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = type, .attach_btf_id = btf_id);
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", empty, 2, &o);

	if (fd < 0 || bpf_raw_tracepoint_open(NULL, fd) < 0) {
		fprintf(stderr, "floor: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	attached++;
}

static void attach(const char *tracepoint)
{
	int id = libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP);

	if (id < 0) {
		fprintf(stderr, "floor: no tracepoint %s\n", tracepoint);
		exit(1);
	}
	attach_empty(BPF_TRACE_RAW_TP, (unsigned int)id, tracepoint);
}

/* One link, as /proc/PID/fdinfo shows it; what is on a module's function is left out. */
static void attach_like_link(FILE *f)
{
	unsigned int type = 0, object = 0, id = 0;
	char line[256], name[128];

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "tp_name: %127s", name) == 1)
			attach(name);
		sscanf(line, "attach_type: %u", &type);
		sscanf(line, "target_obj_id: %u", &object);
		sscanf(line, "target_btf_id: %u", &id);
	}
	if (id && object == 1 && (type == BPF_TRACE_FENTRY || type == BPF_TRACE_FEXIT))
		attach_empty((enum bpf_attach_type)type, id, "function");
}

static void attach_like(const char *pid)
{
	struct dirent *e;
	char path[320];
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, e->d_name);
		f = fopen(path, "re");
		if (f) {
			attach_like_link(f);
			fclose(f);
		}
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (isdigit((unsigned char)argv[i][0]))
			attach_like(argv[i]);
		else
			attach(argv[i]);
	}
	printf("ready %d\n", attached);
	fflush(stdout);
	pause();
	return 0;
}
