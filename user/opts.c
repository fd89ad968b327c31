/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * opts.c - the command line: the table of options is opts_table.c, values are opts_value.c.
 *
 * getopt prints its own one-line complaint about an unknown option; argp's second line (Try --help) is kept off by
 * taking its error stream away, and the status is ours. Everything after -- is the command.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "opts_table.h"
#include "opts_value.h"
#include "safe.h"

#ifndef ZCTRACE_VERSION
#define ZCTRACE_VERSION "1.0-dev"
#endif

#define PID_LIMIT 4194304 /* no Linux has a larger pid_max */
#define MAX_SERIES_LEAST 100
#define BUFFER_LEAST 4096
#define PROM_DURATION_NS 1000000000ULL
#define BUFFER_MOST (1U << 30)

static const char help_text[] =
	"Counts, per process, the bytes the CPU copied and the bytes DMA moved, with the mode switches, context "
	"switches and page cache traffic that went with them.\v"
	"With neither -p nor CMD every process is traced. "
	"On a terminal a live display shows what happens, like top (? for help). "
	"Its end, Ctrl-C, -d or the targets' end prints the report: data on standard output, messages on standard "
	"error.\n\n"
	"zctrace demo measures the textbook ways to send a file; zctrace replay FILE shows a recording through any "
	"face; zctrace diff A[,A2...] B[,B2...] puts recordings or JSON documents side by side. Each has a --help.\n\n"
	"Exit status: 0 measured; 1 failed while running; 2 usage; 3 no permission; 4 the kernel lacks something "
	"needed; 5 target not found; 6 more lost than --max-lost allows; 128 and the number of a signal that came "
	"before counting began. What CMD returned is in the JSON document.";

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

static const char *textfile(const char *s)
{
	size_t len = strlen(s);

	if (len < 6 || strcmp(s + len - 5, ".prom") != 0)
		usage_fail("--textfile wants a name that ends in .prom (the collector reads no other), not '%s'", s);
	return s;
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

static int parse_face(int key, const char *arg, struct opts *o)
{
	switch (key) {
	case KEY_JSON:
		o->json = true;
		break;
	case KEY_PLAIN:
		o->plain = true;
		break;
	case KEY_ASCII:
		o->ascii = true;
		break;
	case KEY_SVG:
		o->svg = value__text("--svg", arg);
		break;
	case KEY_RECORD:
		o->record = value__text("--record", arg);
		break;
	case KEY_SPEED:
		o->speed = value__factor("--speed", arg);
		break;
	case KEY_LISTEN:
		o->listen = value__text("--listen", arg);
		break;
	case KEY_PROM:
		o->prom = true;
		break;
	case KEY_TEXTFILE:
		o->textfile = textfile(arg);
		break;
	case KEY_LABELS:
		if (strcmp(arg, "pid") != 0)
			usage_fail("--labels knows pid, not '%s'", arg);
		o->label_pid = true;
		break;
	case KEY_MAX_SERIES:
		o->max_series = (uint32_t)value__number("--max-series", arg, MAX_SERIES_LEAST, 1000000);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int parse_how(int key, const char *arg, struct opts *o)
{
	switch (key) {
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
	case KEY_MAX_OVERHEAD:
		o->max_overhead_percent = value__percent("--max-overhead", arg);
		break;
	case KEY_NO_CALIBRATE:
		o->calibrate = false;
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
	case KEY_SPOIL:
		o->spoil = value__text("--spoil", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void check_trace(const struct opts *o)
{
	bool target = o->n_pids || o->comm || o->cgroup || o->command;

	if (o->n_pids && o->command)
		usage_fail("-p and a command exclude each other: attach to one or start the other");
	if (o->follow && !o->n_pids)
		usage_fail("-f goes with -p (the children of a command are always followed)");
	if (o->exact && !target)
		usage_fail("--exact needs -p, --comm, --cgroup or a command: breakpoints are never machine-wide");
	if (o->copy == COPY_BREAKPOINT && !target)
		usage_fail("--hooks copy=breakpoint needs -p, --comm, --cgroup or a command: breakpoints are never "
			   "machine-wide");
	if (o->prom && (o->listen || o->textfile))
		usage_fail("--prom writes one exposition and ends: it does not go with --listen or --textfile");
	if (o->interval_ns && o->listen && !o->textfile)
		usage_fail("-i prints tables and --listen serves: choose one");
	if (o->label_pid && !o->prom && !o->listen && !o->textfile)
		usage_fail("--labels goes with --listen, --prom or --textfile");
}

/* What holds of the options together. */
static void check(const struct opts *o)
{
	if (o->mode == MODE_TRACE)
		check_trace(o);
	if (o->mode == MODE_REPLAY && !o->replay)
		usage_fail("replay wants the file that --record wrote");
	if (o->mode == MODE_DIFF && !o->diff[1])
		usage_fail("diff wants two sides: zctrace diff BEFORE AFTER, each a recording or JSON document, or "
			   "several "
			   "with commas between");
	if (o->demo.sink_port && (o->demo.sink || o->demo.ways))
		usage_fail("--sink-only is the other end and takes neither --sink nor --way");
	if (o->interval_ns && o->json && !o->textfile)
		usage_fail("-i prints tables and --json one document at the end: choose one");
	if (o->interval_ns && o->prom)
		usage_fail("-i prints tables and --prom one document at the end: choose one");
	if (o->json && o->prom)
		usage_fail("--json and --prom each write one document: choose one");
}

static void parse_argument(struct opts *o, struct argp_state *state, const char *arg)
{
	if (o->mode == MODE_REPLAY && !o->replay) {
		o->replay = value__text("replay", arg);
		return;
	}
	if (o->mode == MODE_DIFF && !o->diff[1]) {
		o->diff[o->diff[0] != NULL] = value__text("diff", arg);
		return;
	}
	if (o->mode != MODE_TRACE && state->quoted)
		usage_fail("%s takes no command", opts_table__command(o->mode));
	if (!state->quoted)
		usage_fail("unexpected '%s': a command to start goes after --, a process to attach to after -p", arg);
	if (!*arg)
		usage_fail("the command after -- is empty");
	o->command = &state->argv[state->next - 1];
	state->next = state->argc;
}

/* An option that only other modes have. What is in no row is argp's own (--help) and passes. */
static void refuse_elsewhere(const struct opts *o, int key)
{
	enum mode taker;
	const char *name = opts_table__elsewhere(o->mode, key, &taker);

	if (name && o->mode == MODE_TRACE)
		usage_fail("--%s belongs to %s", name, opts_table__command(taker));
	if (name)
		usage_fail("--%s does not go with %s", name, opts_table__command(o->mode) + strlen("zctrace "));
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
		if (state->quoted && !o->command && o->mode == MODE_TRACE)
			usage_fail("a command must follow --");
		return 0;
	case KEY_VERSION:
		printf("zctrace %s\n", ZCTRACE_VERSION);
		exit(EXIT_OK);
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	}
	refuse_elsewhere(o, key);
	ret = parse_target(key, arg, o);
	if (ret == ARGP_ERR_UNKNOWN)
		ret = parse_face(key, arg, o);
	if (ret == ARGP_ERR_UNKNOWN)
		ret = parse_how(key, arg, o);
	return ret == ARGP_ERR_UNKNOWN ? parse_demo(key, arg, &o->demo) : ret;
}

static enum mode mode_of(const char *word)
{
	static const struct {
		const char *word;
		enum mode mode;
	} modes[] = {{"demo", MODE_DEMO}, {"replay", MODE_REPLAY}, {"diff", MODE_DIFF}};

	for (size_t i = 0; word && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(word, modes[i].word) == 0)
			return modes[i].mode;
	return MODE_TRACE;
}

/* getopt's complaints repeat an option as it is; what may not reach a terminal is in no option's name. */
static void check_names(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t len = strcspn(argv[i], "="), shown_len = 4 * len + 1;
		char *shown = malloc(shown_len);

		if (shown && argv[i][0] == '-' && strncmp(safe_text(shown, shown_len, argv[i], len), argv[i], len) != 0)
			usage_fail("there is no option %.*s", (int)len, argv[i]);
		free(shown);
	}
}

void opts__parse(struct opts *o, int argc, char **argv)
{
	static const char *const args_doc[] = {[MODE_TRACE] = "[-- CMD [ARG...]]",
					       [MODE_REPLAY] = "FILE",
					       [MODE_DIFF] = "BEFORE[,...] AFTER[,...]",
					       [MODE_SINK] = NULL};
	enum mode mode = mode_of(argc > 1 ? argv[1] : NULL);
	int skip = mode != MODE_TRACE;
	const struct argp parser = {
		.options = opts_table__for(mode),
		.parser = parse_option,
		.args_doc = args_doc[mode],
		.doc = help_text,
	};

	*o = (struct opts){
		.mode = mode,
		.sort = M_COUNT,
		.limit = 20,
		.ring_bytes = 1 << 20,
		.max_lost_percent = -1,
		.max_overhead_percent = -1,
		.max_series = 1000,
		.calibrate = mode == MODE_TRACE,
		.demo = {.size_bytes = 32 << 20, .chunk_bytes = 32 << 10},
	};
	/* getopt's complaints begin with argv[0] */
	argv[skip] = (char *)opts_table__command(mode);
	check_names(argc - skip, argv + skip);
	if (argp_parse(&parser, argc - skip, argv + skip, ARGP_IN_ORDER, NULL, o))
		exit(EXIT_USAGE);
	if (o->demo.sink_port)
		o->mode = MODE_SINK;
	check(o);
	if (o->mode == MODE_TRACE && o->prom && !o->command && !o->duration_ns)
		o->duration_ns = PROM_DURATION_NS;
}
