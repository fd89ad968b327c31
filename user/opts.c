/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opts.c - the command line: one table of options, one function per kind of value.
 *
 * getopt prints its own one-line complaint about an unknown option; argp's second line (Try --help) is kept off by
 * taking its error stream away, and the status is ours. Everything after -- is the command.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "opts_value.h"

#ifndef ZCTRACE_VERSION
#define ZCTRACE_VERSION "1.0-dev"
#endif

#define PID_LIMIT 4194304 /* no Linux has a larger pid_max */
#define BUFFER_LEAST 4096
#define BUFFER_MOST (1U << 30)

enum key {
	KEY_COMM = 0x100,
	KEY_CGROUP,
	KEY_SORT,
	KEY_LIMIT,
	KEY_THREADS,
	KEY_JSON,
	KEY_EXACT,
	KEY_HOOKS,
	KEY_BUFFER,
	KEY_MAX_LOST,
	KEY_BTF,
	KEY_READER_SLEEP,
	KEY_LEAF_LIMIT,
	KEY_VERSION,
	KEY_DIR,
	KEY_SIZE,
	KEY_CHUNK,
	KEY_WAY,
	KEY_SINK,
	KEY_RECEIVE,
	KEY_SINK_ONLY,
};

enum group { GROUP_WHAT = 1, GROUP_SHOW, GROUP_HOW, GROUP_DEMO };

/* clang-format off */
static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "What to trace:", GROUP_WHAT},
	{"pid",      'p',          "PID[,PID...]", 0, "attach to these processes, all their threads", GROUP_WHAT},
	{"follow",   'f',          NULL,   0, "with -p: their present and future descendants too", GROUP_WHAT},
	{"comm",     KEY_COMM,     "NAME", 0, "only processes of this name", GROUP_WHAT},
	{"cgroup",   KEY_CGROUP,   "PATH", 0, "only processes in this cgroup and beneath it", GROUP_WHAT},
	{"duration", 'd',          "SECONDS", 0, "stop and report after so long (10, 0.5, 250ms)", GROUP_WHAT},

	{NULL, 0, NULL, 0, "What to show:", GROUP_SHOW},
	{"interval", 'i',          "SECONDS", 0, "print a table of what happened since the last one, as it goes", GROUP_SHOW},
	{"sort",     KEY_SORT,     "METRIC", 0, "order rows by this metric (a JSON key; cpu_copied_bytes)", GROUP_SHOW},
	{"limit",    KEY_LIMIT,    "N",    0, "rows of a table (20; 0: all); JSON has every process", GROUP_SHOW},
	{"threads",  KEY_THREADS,  NULL,   0, "threads of each process too", GROUP_SHOW},
	{"json",     KEY_JSON,     NULL,   0, "one JSON document at the end instead of the report", GROUP_SHOW},

	{NULL, 0, NULL, 0, "How to measure:", GROUP_HOW},
	{"exact",    KEY_EXACT,    NULL,   0, "breakpoints on the innermost copy functions: both figures and their difference", GROUP_HOW},
	{"hooks",    KEY_HOOKS,    "copy=HOW", 0, "force how copies are seen: kprobe, fexit, breakpoint or infer", GROUP_HOW},
	{"buffer",   KEY_BUFFER,   "SIZE", 0, "ring from kernel to zctrace (1M), a power of two", GROUP_HOW},
	{"max-lost", KEY_MAX_LOST, "PERCENT", 0, "exit status 6 if more than this was lost", GROUP_HOW},
	{"btf",      KEY_BTF,      "FILE", 0, "kernel types from FILE instead of /sys/kernel/btf/vmlinux", GROUP_HOW},
	{"verbose",  'v',          NULL,   0, "why each hook is what it is; -vv: libbpf's own words", GROUP_HOW},
	{"leaf-limit", KEY_LEAF_LIMIT, "N", OPTION_HIDDEN, "breakpoint hits a second before a thread is given up, for tests",
	 GROUP_HOW},
	{"reader-sleep", KEY_READER_SLEEP, "MS", OPTION_HIDDEN, "make the reader slow, for tests", GROUP_HOW},

	{NULL, 0, NULL, 0, "zctrace demo:", GROUP_DEMO},
	{"dir",      KEY_DIR,      "DIR",  0, "where the file is made (.)", GROUP_DEMO},
	{"size",     KEY_SIZE,     "SIZE", 0, "bytes to move (32M)", GROUP_DEMO},
	{"chunk",    KEY_CHUNK,    "SIZE", 0, "bytes per call (32K)", GROUP_DEMO},
	{"way",      KEY_WAY,      "NAME,...", 0, "only these ways", GROUP_DEMO},
	{"sink",     KEY_SINK,     "HOST:PORT", 0, "send to a sink elsewhere", GROUP_DEMO},
	{"receive",  KEY_RECEIVE,  NULL,   0, "the other direction: network to user", GROUP_DEMO},
	{"sink-only",KEY_SINK_ONLY,"PORT", 0, "be the other end for --sink, until stopped", GROUP_DEMO},

	{"version",  KEY_VERSION,  NULL,   0, "print the version", -1},
	{NULL,       'h',          NULL,   OPTION_HIDDEN, NULL, -1},
	{0},
};
/* clang-format on */

static const char help_text[] =
	"Counts, per process, the bytes the CPU copied and the bytes DMA moved, with the mode switches, context "
	"switches and "
	"page cache traffic that went with them.\v"
	"zctrace demo measures the textbook ways to send a file. With neither -p nor CMD every process is traced. "
	"Ctrl-C, -d or the targets' end prints the report: data on "
	"standard "
	"output, messages on standard error.\n\n"
	"Exit status: 0 measured; 1 failed while running; 2 usage; 3 no permission; 4 the kernel lacks something "
	"needed; "
	"5 target not found; 6 more lost than --max-lost allows. What CMD returned is in the JSON document.";

static void pids_add(struct opts *o, const char *list)
{
	char word[32];

	for (;;) {
		size_t len = strcspn(list, ",");
		pid_t pid;
		int i = 0;

		snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : (int)sizeof(word) - 1, list);
		pid = (pid_t)value__number("-p", word, 1, PID_LIMIT);
		while (i < o->n_pids && o->pids[i] != pid)
			i++;
		if (i == OPTS_MAX_PIDS)
			usage_fail("-p takes at most %d processes", OPTS_MAX_PIDS);
		o->pids[i] = pid;
		if (i == o->n_pids)
			o->n_pids++;
		if (!list[len])
			return;
		list += len + 1;
	}
}

static enum metric sort_key(const char *s)
{
	enum metric m = metric__find(s);

	if (m == M_COUNT && strcmp(s, deriveds[D_CPU_COPIED_BYTES].name) != 0)
		usage_fail("--sort wants the name of a metric as in --json, such as dma_disk_read_bytes, not '%s'", s);
	return m;
}

static enum copy_hook copy_hook(const char *s)
{
	static const char *const names[] = {
		[COPY_KPROBE] = "copy=kprobe",
		[COPY_FEXIT] = "copy=fexit",
		[COPY_BREAKPOINT] = "copy=breakpoint",
		[COPY_INFER] = "copy=infer",
	};

	for (int i = COPY_KPROBE; i <= COPY_INFER; i++)
		if (strcmp(s, names[i]) == 0)
			return i;
	usage_fail("--hooks wants copy=kprobe, copy=fexit, copy=breakpoint or copy=infer, not '%s'", s);
}

static uint32_t buffer_bytes(const char *s)
{
	uint64_t n = value__bytes("--buffer", s);

	if (n < BUFFER_LEAST || n > BUFFER_MOST || (n & (n - 1)))
		usage_fail("--buffer wants a power of two from 4K to 1G, not '%s'", s);
	return (uint32_t)n;
}

static const char *host_port(const char *s)
{
	const char *colon = strrchr(s, ':');

	if (!colon || colon == s)
		usage_fail("--sink wants HOST:PORT, not '%s'", s);
	value__number("--sink HOST:PORT", colon + 1, 1, 65535);
	return s;
}

static int parse_demo(int key, const char *arg, struct demo_opts *o)
{
	switch (key) {
	case KEY_DIR:
		o->dir = value__text("--dir", arg);
		break;
	case KEY_SIZE:
		o->size_bytes = value__bytes("--size", arg);
		break;
	case KEY_CHUNK:
		o->chunk_bytes = value__bytes("--chunk", arg);
		break;
	case KEY_WAY:
		o->ways = value__text("--way", arg);
		break;
	case KEY_SINK:
		o->sink = host_port(arg);
		break;
	case KEY_RECEIVE:
		o->receive = true;
		break;
	case KEY_SINK_ONLY:
		o->sink_port = (int)value__number("--sink-only", arg, 1, 65535);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int parse_target(int key, const char *arg, struct opts *o)
{
	switch (key) {
	case 'p':
		pids_add(o, arg);
		break;
	case 'f':
		o->follow = true;
		break;
	case KEY_COMM:
		o->comm = value__text("--comm", arg);
		break;
	case KEY_CGROUP:
		o->cgroup = value__text("--cgroup", arg);
		break;
	case 'd':
		o->duration_ns = value__duration("-d", arg);
		break;
	case 'i':
		o->interval_ns = value__duration("-i", arg);
		break;
	case KEY_SORT:
		o->sort = sort_key(arg);
		break;
	case KEY_LIMIT:
		o->limit = (int)value__number("--limit", arg, 0, 1000000);
		break;
	case KEY_THREADS:
		o->threads = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int parse_common(int key, const char *arg, struct opts *o)
{
	switch (key) {
	case KEY_JSON:
		o->json = true;
		break;
	case KEY_EXACT:
		o->exact = true;
		break;
	case KEY_HOOKS:
		o->copy = copy_hook(arg);
		break;
	case KEY_BUFFER:
		o->ring_bytes = buffer_bytes(arg);
		break;
	case KEY_MAX_LOST:
		o->max_lost_percent = value__percent("--max-lost", arg);
		break;
	case KEY_BTF:
		o->btf = value__text("--btf", arg);
		break;
	case 'v':
		o->verbose += o->verbose < 2;
		break;
	case KEY_LEAF_LIMIT:
		o->leaf_limit = (uint32_t)value__number("--leaf-limit", arg, 1, 1000000000);
		break;
	case KEY_READER_SLEEP:
		o->reader_sleep_ms = (uint32_t)value__number("--reader-sleep", arg, 0, 3600000);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* What holds of the options together. */
static void check(const struct opts *o)
{
	bool target = o->n_pids || o->comm || o->cgroup || o->command;

	if (o->mode != MODE_TRACE && o->command)
		usage_fail("demo starts its own processes and takes no command");
	if (o->demo.sink_port && (o->demo.sink || o->demo.ways))
		usage_fail("--sink-only is the other end and takes neither --sink nor --way");
	if (o->n_pids && o->command)
		usage_fail("-p and a command exclude each other: attach to one or start the other");
	if (o->follow && !o->n_pids)
		usage_fail("-f goes with -p (the children of a command are always followed)");
	if (o->interval_ns && o->json)
		usage_fail("-i prints tables and --json one document at the end: choose one");
	if (o->mode == MODE_TRACE && o->exact && !target)
		usage_fail("--exact needs -p, --comm, --cgroup or a command: breakpoints are never machine-wide");
	if (o->mode == MODE_TRACE && o->copy == COPY_BREAKPOINT && !target)
		usage_fail("--hooks copy=breakpoint needs -p, --comm, --cgroup or a command: breakpoints are never "
			   "machine-wide");
}

static void parse_argument(struct opts *o, struct argp_state *state, const char *arg)
{
	if (!state->quoted)
		usage_fail("unexpected '%s': a command to start goes after --, a process to attach to after -p", arg);
	if (!*arg)
		usage_fail("the command after -- is empty");
	o->command = &state->argv[state->next - 1];
	state->next = state->argc;
}

/* An option of the table that the other mode has. What is in no table is argp's own (--help) and passes. */
static void refuse_elsewhere(const struct opts *o, int key)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (key && options[i].key == key && options[i].name)
			usage_fail(o->mode == MODE_TRACE ? "--%s belongs to zctrace demo"
							 : "--%s does not go with demo",
				   options[i].name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;
	int ret;

	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = NULL;
		return 0;
	case ARGP_KEY_ARG:
		parse_argument(o, state, arg);
		return 0;
	case ARGP_KEY_END:
		if (state->quoted && !o->command)
			usage_fail("a command must follow --");
		return 0;
	case KEY_VERSION:
		printf("zctrace %s\n", ZCTRACE_VERSION);
		exit(EXIT_OK);
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	}
	ret = parse_common(key, arg, o);
	if (ret != ARGP_ERR_UNKNOWN)
		return ret;
	ret = o->mode == MODE_TRACE ? parse_target(key, arg, o) : parse_demo(key, arg, &o->demo);
	if (ret == ARGP_ERR_UNKNOWN)
		refuse_elsewhere(o, key);
	return ret;
}

void opts__parse(struct opts *o, int argc, char **argv)
{
	bool demo = argc > 1 && strcmp(argv[1], "demo") == 0;
	const struct argp parser = {
		.options = options,
		.parser = parse_option,
		.args_doc = demo ? NULL : "[-- CMD [ARG...]]",
		.doc = help_text,
	};

	*o = (struct opts){
		.mode = demo ? MODE_DEMO : MODE_TRACE,
		.sort = M_COUNT,
		.limit = 20,
		.ring_bytes = 1 << 20,
		.max_lost_percent = -1,
		.demo = {.size_bytes = 32 << 20, .chunk_bytes = 32 << 10},
	};
	/* getopt's complaints begin with argv[0] */
	argv[demo] = demo ? (char *)"zctrace demo" : (char *)"zctrace";
	if (argp_parse(&parser, argc - demo, argv + demo, ARGP_IN_ORDER, NULL, o))
		exit(EXIT_USAGE);
	if (o->demo.sink_port)
		o->mode = MODE_SINK;
	check(o);
}
