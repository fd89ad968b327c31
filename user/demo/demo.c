/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo.c - runs each way in a process of its own, in one session:
 *
 *	demo                               way's process             sink
 *	connect, ask for N bytes to be drained ───────────────────────▶
 *	fork ──────────────────────────────▶ blocked on a pipe
 *	add as target; empty the cache
 *	close the pipe ────────────────────▶ runs; leaves its report
 *	poll the session                     in shared memory; ends
 *	read the reply ◀───────────────────────────────────────────────
 *
 * The process inherits everything and the pipe ends without a byte, so that no call of its but the way's moves data.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"
#include "demo_choice.h"
#include "demo_table.h"
#include "descriptors.h"
#include "session.h"
#include "sink.h"
#include "views.h"
#include "ways_file.h"

#define MAX_WAYS 16
#define POLL_MS 5

struct demo {
	const struct opts *o;
	struct session *session;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	pid_t sink;
	int file;		    /* the source; with --receive only asked for its disk */
	struct demo_report *shared; /* one per way */
	struct demo_path path;
	struct demo_row rows[MAX_WAYS];
	size_t n_rows;
};

static int fail(int err, const char *what)
{
	fprintf(stderr, "zctrace: demo: %s: %s\n", what, strerror(-err));
	return err;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Before the session begins, so that the sink holds none of its descriptors. */
static int find_sink(struct demo *d)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&d->addr;
	uint16_t port;
	int err;

	if (d->o->demo.sink)
		return demo_choice__resolve_sink(d->o->demo.sink, &d->addr, &d->addr_len);
	err = sink__start(&port, &d->sink);
	if (err)
		return fail(err, "cannot start a sink on loopback");
	*v4 = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	d->addr_len = sizeof(*v4);
	return 0;
}

static int make_file(struct demo *d)
{
	const char *dir = d->o->demo.dir ? d->o->demo.dir : ".";
	int err;

	d->file = way_file__scratch(dir);
	if (d->file < 0)
		return fail(d->file, dir);
	err = d->o->demo.receive ? 0 : way_file__fill(d->file, d->o->demo.size_bytes);
	if (err)
		return fail(err, "cannot make the file (--dir, --size)");
	demo_path__find_disk(&d->path, d->file);
	return 0;
}

static int prepare(struct demo *d)
{
	size_t len = MAX_WAYS * sizeof(*d->shared);
	int probe, err = make_file(d);

	if (!err)
		err = find_sink(d);
	if (err)
		return err;
	d->shared = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (d->shared == MAP_FAILED)
		return fail(-errno, "no memory");
	probe = sink__connect((struct sockaddr *)&d->addr, d->addr_len);
	if (probe < 0)
		return fail(probe, "cannot connect to the sink (is `zctrace demo --sink-only PORT` running there?)");
	err = demo_path__find_link(&d->path, probe);
	close(probe);
	return err ? fail(err, "cannot find the interface that leads to the sink") : 0;
}

/* A file descriptor of the way's own, as it wants it. */
static int open_for(struct demo *d, const struct way *way)
{
	const char *dir = d->o->demo.dir ? d->o->demo.dir : ".";

	if (d->o->demo.receive)
		return way_file__scratch(dir);
	return way_file__reopen(d->file, O_RDONLY | (way->needs_direct ? O_DIRECT : 0));
}

/* The traced process: from the fork on it makes no call that is not here. */
static void run_way(const struct demo *d, const struct way *way, struct demo_report *report, int file, int sock,
		    int gate)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (read(gate, &c, 1) != 0) /* the end of the pipe, not a byte: no data call */
		_exit(EXIT_FAILURE);
	report->start_ns = now_ns();
	report->err = way->run(file, sock, d->o->demo.size_bytes, d->o->demo.chunk_bytes, &report->result);
	report->end_ns = now_ns();
	report->finished = true;
	_exit(EXIT_SUCCESS);
}

/* Polls the session until the process has ended. */
static int follow(struct demo *d, pid_t pid)
{
	int status;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);
		int err;

		if (ended < 0 && errno != EINTR)
			return -errno;
		if (ended == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
		err = session__poll(d->session, POLL_MS, -1);
		if (err < 0)
			return err;
	}
}

/* How much of the file is cached still, as a share. */
static double empty_cache(struct demo *d)
{
	int64_t n_pages = ((int64_t)d->o->demo.size_bytes + 4095) / 4096, cached;

	if (d->o->demo.receive)
		return 0;
	(void)way_file__evict(d->file);
	cached = way_file__cached_pages(d->file);
	return cached > 0 ? (double)cached / (double)n_pages : 0;
}

/* The process is forked and blocked: from here until its end. gate is the pipe's writing end, closed in any case. */
static int measure_way(struct demo *d, struct demo_row *row, int sock, int gate)
{
	bool receive = d->o->demo.receive;
	struct sink_reply reply = {0};
	int err = session__add_target(d->session, row->pid, false);

	if (err < 0) {
		kill(row->pid, SIGKILL);
		close(gate);
		waitpid(row->pid, NULL, 0);
		return err;
	}
	row->cached = empty_cache(d);
	row->err = sink__request(sock, receive ? SINK_SEND : SINK_DRAIN, d->o->demo.size_bytes);
	if (row->err)
		kill(row->pid, SIGKILL);
	close(gate);
	err = follow(d, row->pid);
	if (err < 0 && err != -ECHILD)
		return err;
	row->report = d->shared[row - d->rows];
	if (!row->err)
		row->err = row->report.finished ? row->report.err : -ECHILD;
	shutdown(sock, SHUT_WR); /* a way that gave up early leaves the sink waiting otherwise */
	if (!row->err)
		row->err = sink__wait_reply(sock, &reply);
	if (!row->err && (reply.bytes != d->o->demo.size_bytes || row->report.result.bytes != reply.bytes))
		row->err = -EPROTO;
	row->arrived_bytes = reply.bytes;
	return 0;
}

static int fork_and_measure(struct demo *d, struct demo_row *row, int file, int sock)
{
	int gate[2], err;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	row->pid = fork();
	if (row->pid == 0) {
		close(gate[1]);
		run_way(d, row->way, &d->shared[row - d->rows], file, sock, gate[0]);
	}
	close(gate[0]);
	if (row->pid < 0) {
		err = -errno;
		close(gate[1]);
		return err;
	}
	return measure_way(d, row, sock, gate[1]);
}

/* A negative errno is the session's; what goes wrong with one way alone stays in row->err. */
static int run_row(struct demo *d, struct demo_row *row)
{
	int file = open_for(d, row->way), sock, err;

	if (file < 0) {
		row->err = file == -EINVAL ? -EOPNOTSUPP : file; /* no O_DIRECT */
		return 0;
	}
	sock = sink__connect((struct sockaddr *)&d->addr, d->addr_len);
	if (sock < 0) {
		row->err = sock;
		close(file);
		return 0;
	}
	err = fork_and_measure(d, row, file, sock);
	close(sock);
	close(file);
	return err;
}

static void find_processes(struct demo *d, const struct snapshot *s)
{
	const struct model_process **list = NULL;
	int n = model__list(s->model, M_COUNT, &list);

	for (int i = 0; i < n; i++)
		for (size_t j = 0; j < d->n_rows; j++)
			if (d->rows[j].pid > 0 && list[i]->id.tgid == (uint32_t)d->rows[j].pid)
				d->rows[j].process = list[i];
	free(list);
}

/* A way that cannot be had here is no failure. The table says what failed; a JSON document has no place for it. */
static int judge(const struct demo *d)
{
	int status = EXIT_OK;

	for (size_t i = 0; i < d->n_rows; i++) {
		const struct demo_row *row = &d->rows[i];

		if (row->err && d->o->json)
			fail(row->err, row->way->name);
		if (row->err && row->err != -EOPNOTSUPP && row->err != -ENOSYS)
			status = EXIT_FAILED;
	}
	return status;
}

static int show(struct demo *d)
{
	struct view_opts view = {.sort = d->o->sort, .limit = 0, .threads = d->o->threads};
	struct demo_table table = {.opts = d->o, .path = d->path, .rows = d->rows, .n_rows = d->n_rows};
	struct snapshot snapshot;
	int err = session__snapshot(d->session, &snapshot);

	if (err)
		return session__exit_status(err);
	table.snapshot = &snapshot;
	find_processes(d, &snapshot);
	err = d->o->json ? view_json(stdout, &snapshot, &view) : demo_table__print(stdout, &table);
	if (err) {
		fail(err, "cannot write the result");
		return EXIT_FAILED;
	}
	return judge(d);
}

static int trace(struct demo *d)
{
	int err = session__new(&d->session, d->o, true);

	if (!err)
		err = session__start(d->session);
	for (size_t i = 0; i < d->n_rows && !err; i++)
		err = run_row(d, &d->rows[i]);
	if (!err)
		err = session__stop(d->session);
	return err < 0 ? session__exit_status(err) : show(d);
}

int demo__run(const struct opts *o)
{
	struct demo d = {.o = o, .file = -1};
	int status, n;

	if (o->demo.size_bytes == 0 || o->demo.chunk_bytes == 0) {
		fprintf(stderr, "zctrace: demo: --size and --chunk must be at least 1\n");
		return EXIT_USAGE;
	}
	n = demo_choice__ways(o, d.rows, MAX_WAYS);
	if (n < 0)
		return EXIT_USAGE;
	d.n_rows = n;
	descriptors__raise();
	status = prepare(&d) ? EXIT_FAILED : trace(&d);
	session__free(d.session);
	sink__stop(d.sink);
	if (d.file >= 0)
		close(d.file);
	return status;
}

int demo__sink_only(const struct opts *o)
{
	int err = sink__serve((uint16_t)o->demo.sink_port);

	fprintf(stderr, "zctrace: demo: cannot serve on port %d: %s\n", o->demo.sink_port, strerror(-err));
	return EXIT_FAILED;
}
