/* SPDX-License-Identifier: GPL-2.0-only */
/* opts_table.c - every option in one list. A row says which modes take it; help shows only those. */
#include <stddef.h>

#include "opts_table.h"

enum group { GROUP_WHAT = 1, GROUP_SHOW, GROUP_EXPORT, GROUP_HOW, GROUP_DEMO };

#define T (1 << MODE_TRACE)
#define D (1 << MODE_DEMO)
#define R (1 << MODE_REPLAY)
#define C (1 << MODE_DIFF)

struct row {
	unsigned int modes;
	struct argp_option option;
};

/* clang-format off */
static const struct row rows[] = {
	{T,       {NULL, 0, NULL, 0, "What to trace:", GROUP_WHAT}},
	{T,       {"pid",      'p',          "PID[,PID...]", 0, "attach to these processes, all their threads", GROUP_WHAT}},
	{T,       {"follow",   'f',          NULL,   0, "with -p: their present and future descendants too", GROUP_WHAT}},
	{T|C,     {"comm",     KEY_COMM,     "NAME", 0, "only processes of this name", GROUP_WHAT}},
	{T,       {"cgroup",   KEY_CGROUP,   "PATH", 0, "only processes in this cgroup and beneath it", GROUP_WHAT}},
	{T|R,     {"duration", 'd',          "SECONDS", 0, "stop and report after so long (10, 0.5, 250ms)", GROUP_WHAT}},

	{T|D|R|C, {NULL, 0, NULL, 0, "What to show:", GROUP_SHOW}},
	{T|R,     {"interval", 'i',          "SECONDS", 0, "print a table of what happened since the last one, as it goes", GROUP_SHOW}},
	{T|R,     {"plain",    KEY_PLAIN,    NULL,   0, "the report at the end, not the live display", GROUP_SHOW}},
	{T|R,     {"ascii",    KEY_ASCII,    NULL,   0, "draw the live display in ASCII only", GROUP_SHOW}},
	{T|R,     {"sort",     KEY_SORT,     "METRIC", 0, "order rows by this metric (a JSON key; cpu_copied_bytes)", GROUP_SHOW}},
	{T|R,     {"limit",    KEY_LIMIT,    "N",    0, "rows of a table (20; 0: all); JSON has every process", GROUP_SHOW}},
	{T|R,     {"threads",  KEY_THREADS,  NULL,   0, "threads of each process too", GROUP_SHOW}},
	{T|D|R|C, {"json",     KEY_JSON,     NULL,   0, "one JSON document at the end instead of the report", GROUP_SHOW}},
	{T|R|C,   {"svg",      KEY_SVG,      "FILE", 0, "draw the way of the bytes as a picture at the end", GROUP_SHOW}},
	{R,       {"speed",    KEY_SPEED,    "N",    0, "N times as fast as recorded (1 in the display, else as fast as it can)", GROUP_SHOW}},

	{T,       {NULL, 0, NULL, 0, "Where else it goes:", GROUP_EXPORT}},
	{T,       {"record",   KEY_RECORD,   "FILE", 0, "keep all that is read, for zctrace replay and diff", GROUP_EXPORT}},
	{T,       {"listen",   KEY_LISTEN,   "ADDRESS", 0, "serve Prometheus at 127.0.0.1:PORT, [::1]:PORT or unix:PATH", GROUP_EXPORT}},
	{T|R,     {"prom",     KEY_PROM,     NULL,   0, "one Prometheus exposition at the end instead of the report (after -d, 1 s)", GROUP_EXPORT}},
	{T,       {"textfile", KEY_TEXTFILE, "FILE.prom", 0, "write an exposition for node_exporter's textfile collector every interval (-i, 15 s)", GROUP_EXPORT}},
	{T|R,     {"labels",   KEY_LABELS,   "pid",  0, "Prometheus series per process, not only per comm and cgroup", GROUP_EXPORT}},
	{T|R,     {"max-series", KEY_MAX_SERIES, "N", 0, "Prometheus series of processes at the most (1000)", GROUP_EXPORT}},

	{T|D,     {NULL, 0, NULL, 0, "How to measure:", GROUP_HOW}},
	{T|D,     {"exact",    KEY_EXACT,    NULL,   0, "breakpoints on the innermost copy functions: both figures and their difference", GROUP_HOW}},
	{T|D,     {"hooks",    KEY_HOOKS,    "copy=HOW", 0, "force how copies are seen: kprobe, fexit, breakpoint or infer", GROUP_HOW}},
	{T|D,     {"buffer",   KEY_BUFFER,   "SIZE", 0, "ring from kernel to zctrace (1M), a power of two", GROUP_HOW}},
	{T|D,     {"max-lost", KEY_MAX_LOST, "PERCENT", 0, "exit status 6 if more than this was lost", GROUP_HOW}},
	{T,       {"max-overhead", KEY_MAX_OVERHEAD, "PERCENT", 0, "take the costliest hooks off when tracing takes more than this of all CPUs", GROUP_HOW}},
	{T,       {"no-calibrate", KEY_NO_CALIBRATE, NULL, 0, "do not measure at the start (50 ms at the most) what an event costs", GROUP_HOW}},
	{T|D,     {"btf",      KEY_BTF,      "FILE", 0, "kernel types from FILE instead of /sys/kernel/btf/vmlinux", GROUP_HOW}},
	{T|D|R|C, {"verbose",  'v',          NULL,   0, "why each hook is what it is; -vv: libbpf's own words", GROUP_HOW}},
	{T|D,     {"leaf-limit", KEY_LEAF_LIMIT, "N", OPTION_HIDDEN, "breakpoint hits a second before a thread is given up, for tests", GROUP_HOW}},
	{T|D,     {"spoil",    KEY_SPOIL,    "PROGRAM,...", OPTION_HIDDEN, "make these programs such as no kernel takes, for tests", GROUP_HOW}},
	{T|D,     {"reader-sleep", KEY_READER_SLEEP, "MS", OPTION_HIDDEN, "make the reader slow, for tests", GROUP_HOW}},

	{D,       {NULL, 0, NULL, 0, "zctrace demo:", GROUP_DEMO}},
	{D,       {"dir",      KEY_DIR,      "DIR",  0, "where the file is made (.)", GROUP_DEMO}},
	{D,       {"size",     KEY_SIZE,     "SIZE", 0, "bytes to move (32M)", GROUP_DEMO}},
	{D,       {"chunk",    KEY_CHUNK,    "SIZE", 0, "bytes per call (32K)", GROUP_DEMO}},
	{D,       {"way",      KEY_WAY,      "NAME,...", 0, "only these ways", GROUP_DEMO}},
	{D,       {"sink",     KEY_SINK,     "HOST:PORT", 0, "send to a sink elsewhere", GROUP_DEMO}},
	{D,       {"receive",  KEY_RECEIVE,  NULL,   0, "the other direction: network to user", GROUP_DEMO}},
	{D,       {"sink-only",KEY_SINK_ONLY,"PORT", 0, "be the other end for --sink, until stopped", GROUP_DEMO}},

	{T|D|R|C, {"version",  KEY_VERSION,  NULL,   0, "print the version", -1}},
	{T|D|R|C, {NULL,       'h',          NULL,   OPTION_HIDDEN, NULL, -1}},
};
/* clang-format on */

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const struct argp_option *opts_table__for(enum mode mode)
{
	static struct argp_option options[N_ROWS + 1];
	size_t n = 0;

	for (size_t i = 0; i < N_ROWS; i++) {
		options[n] = rows[i].option;
		if (!(rows[i].modes & 1U << mode)) {
			if (!rows[i].option.name) /* a heading that has nothing beneath it here */
				continue;
			/* still parsed, so that it can be refused by name */
			options[n].flags |= OPTION_HIDDEN;
		}
		n++;
	}
	options[n] = (struct argp_option){0};
	return options;
}

const char *opts_table__elsewhere(enum mode mode, int key, enum mode *taker)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!key || rows[i].option.key != key || !rows[i].option.name || rows[i].modes & 1U << mode)
			continue;
		for (*taker = MODE_TRACE; !(rows[i].modes & 1U << *taker);)
			++*taker;
		return rows[i].option.name;
	}
	return NULL;
}

const char *opts_table__command(enum mode mode)
{
	static const char *const commands[] = {
		[MODE_TRACE] = "zctrace",     [MODE_DEMO] = "zctrace demo", [MODE_REPLAY] = "zctrace replay",
		[MODE_DIFF] = "zctrace diff", [MODE_SINK] = "zctrace demo",
	};

	return commands[mode];
}
