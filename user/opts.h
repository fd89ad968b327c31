/* SPDX-License-Identifier: GPL-2.0-only */
/* opts.h - the command line as a struct; nothing else reads argv. Filled by opts.c (argp). */
#ifndef ZCTRACE_OPTS_H
#define ZCTRACE_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "metric.h"

/* Exit status, as documented in README and zctrace --help. */
enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* failed while running */
	EXIT_USAGE = 2,
	EXIT_PERMISSION = 3,
	EXIT_KERNEL = 4, /* the kernel lacks something needed */
	EXIT_NO_TARGET = 5,
	EXIT_LOST = 6,	   /* more data lost than --max-lost allows */
	EXIT_SIGNAL = 128, /* and the number of the signal that came before counting began */
};

enum copy_hook { COPY_AUTO, COPY_KPROBE, COPY_FEXIT, COPY_BREAKPOINT, COPY_INFER };

enum mode { MODE_TRACE, MODE_DEMO, MODE_REPLAY, MODE_DIFF, MODE_SINK };

#define OPTS_MAX_PIDS 64

struct demo_opts {
	const char *dir;      /* where the file is made; NULL: the current directory */
	uint64_t size_bytes;  /* 32 MiB */
	uint64_t chunk_bytes; /* 32 KiB */
	const char *ways;     /* comma list, NULL: all */
	const char *sink;     /* HOST:PORT, NULL: a sink of its own on loopback */
	bool receive;	      /* the other direction: the peer sends, the traced process receives */
	int sink_port;	      /* --sink-only PORT */
};

struct opts {
	enum mode mode;
	pid_t pids[OPTS_MAX_PIDS];
	int n_pids;
	bool follow;	      /* -f */
	uint64_t interval_ns; /* -i, 0: none */
	uint64_t duration_ns; /* -d, 0: until stopped */
	const char *comm;     /* --comm */
	const char *cgroup;   /* --cgroup */
	enum metric sort;     /* --sort, default M_COUNT: by CPU-copied bytes */
	int limit;	      /* --limit, 20; 0: all */
	bool threads, json, exact;
	bool plain;		     /* --plain: no display */
	bool ascii;		     /* --ascii: a display of ASCII only */
	const char *svg;	     /* --svg FILE */
	const char *record;	     /* --record FILE */
	const char *replay;	     /* the file to replay */
	double speed;		     /* --speed, 0: not asked */
	const char *diff[2];	     /* comma lists of files: before and after */
	const char *listen;	     /* --listen ADDRESS */
	bool prom;		     /* --prom */
	const char *textfile;	     /* --textfile FILE.prom */
	bool label_pid;		     /* --labels pid */
	uint32_t max_series;	     /* --max-series, 1000 */
	enum copy_hook copy;	     /* --hooks copy=... */
	int verbose;		     /* 1: -v, 2: -vv */
	uint32_t ring_bytes;	     /* --buffer, 1 MiB; a power of two, at least a page */
	double max_lost_percent;     /* --max-lost, negative: not asked */
	bool calibrate;		     /* unless --no-calibrate, or demo */
	double max_overhead_percent; /* --max-overhead, negative: not asked */
	const char *btf;	     /* --btf FILE */
	uint32_t leaf_limit;	     /* --leaf-limit, hidden; 0: LEAF_MAX_HITS_PER_SECOND */
	uint32_t reader_sleep_ms;    /* --reader-sleep, hidden: tests starve the reader with it */
	const char *spoil;	     /* --spoil, hidden: programs that the kernel is to refuse */
	char **command;		     /* after --, NULL-terminated; NULL: none */
	struct demo_opts demo;
};

/* Fills *o. On a usage error prints one sentence to stderr and exits EXIT_USAGE; --help and --version exit 0. */
void opts__parse(struct opts *o, int argc, char **argv);

#endif
