// SPDX-License-Identifier: GPL-2.0-only
/* aside.c - serves and writes expositions while a face waits for its source. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>

#include "aside.h"
#include "complain.h"
#include "outfile.h"
#include "prom_series.h"
#include "safe.h"
#include "signals.h"
#include "textfile.h"
#include "views.h"
#include "web.h"

#define FILE_INTERVAL_NS 15000000000ULL /* no collector looks more often */

struct aside {
	const struct opts *o;
	struct source inner;
	struct prom *prom;
	struct web *web; /* NULL: only a file */
	int epoll_fd;	 /* of the web server and the face's own descriptor */
	int wake_fd;	 /* the one in it, -1: none */
	uint64_t next_file_ns;
	struct textfile *textfile; /* NULL: none */
	int file_error;		   /* of the last write, already told */
	bool failed;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int write_exposition(struct aside *a, FILE *out)
{
	uint64_t begin = now_ns();
	struct prom_service service = {0};
	struct snapshot s;
	int err = source__snapshot(&a->inner, &s);

	if (err)
		return err;
	service.collect_ns = now_ns() - begin;
	if (a->web)
		web__service(a->web, &service);
	return view_prom(out, &s, a->prom, &service);
}

static int collect(void *ctx, char **ret, size_t *ret_len)
{
	FILE *out = open_memstream(ret, ret_len);
	int err = out ? write_exposition(ctx, out) : -ENOMEM;

	if (out && fclose(out) == EOF && !err)
		err = -ENOMEM;
	return err;
}

/* Told when it is another than before. */
static void note_file_error(struct aside *a, int err)
{
	char name[1024];

	if (err && err != a->file_error)
		fprintf(stderr, "zctrace: cannot write %s: %s; what was there is kept\n",
			safe_text(name, sizeof(name), a->o->textfile, PATH_MAX), outfile__why(err));
	a->file_error = err;
	a->failed |= err != 0;
}

/* The thread that writes gets the next contents when it has done with the last. */
static void write_file(struct aside *a)
{
	char *bytes = NULL;
	size_t len;
	int err = textfile__error(a->textfile);

	if (!textfile__busy(a->textfile)) {
		int collect_err = collect(a, &bytes, &len);

		if (collect_err)
			free(bytes);
		else
			collect_err = textfile__put(a->textfile, bytes, len);
		err = collect_err ? collect_err : err;
	}
	note_file_error(a, err);
}

static void do_what_is_due(struct aside *a)
{
	uint64_t now = now_ns(), interval = a->o->interval_ns ? a->o->interval_ns : FILE_INTERVAL_NS;

	if (a->web)
		web__run(a->web);
	if (a->textfile)
		note_file_error(a, textfile__error(a->textfile));
	if (!a->o->textfile || now < a->next_file_ns)
		return;
	write_file(a);
	a->next_file_ns += interval;
	if (a->next_file_ns < now) /* the first, or one that took long */
		a->next_file_ns = now + interval;
}

/* Until the face's time is over or something of ours is due; at least 1 ms, so that the inner source gets on. */
static int left_ms(const struct aside *a, uint64_t end_ns)
{
	uint64_t now = now_ns(), until = end_ns, ms;
	int web_ms = a->web ? web__timeout_ms(a->web) : -1;

	if (a->o->textfile && a->next_file_ns < until)
		until = a->next_file_ns;
	ms = until > now ? (until - now) / 1000000 : 0;
	if (web_ms >= 0 && (uint64_t)web_ms < ms)
		ms = (uint64_t)web_ms;
	return ms ? (int)ms : 1;
}

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

/* One that epoll does not take, as a file on disk, is not waited for. */
static void watch(struct aside *a, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (fd == a->wake_fd)
		return;
	if (a->wake_fd >= 0)
		epoll_ctl(a->epoll_fd, EPOLL_CTL_DEL, a->wake_fd, NULL);
	a->wake_fd = fd >= 0 && !epoll_ctl(a->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? fd : -1;
}

static int aside_poll(void *self, int timeout_ms, int wake_fd)
{
	struct aside *a = self;
	uint64_t end = now_ns() + (uint64_t)timeout_ms * 1000000, until;
	int err;

	watch(a, wake_fd);
	do {
		int ms = left_ms(a, end);

		until = now_ns() + (uint64_t)ms * 1000000;
		err = source__poll(&a->inner, ms, a->epoll_fd);
		if (err)
			return err;
		/* back early for nothing of ours: a signal, which the face may want to know of */
		if (now_ns() < until && !readable(a->epoll_fd))
			break;
		do_what_is_due(a);
	} while (now_ns() < end && !readable(a->wake_fd) && !signals__stop() && !source__over(&a->inner));
	return 0;
}

static int aside_snapshot(void *self, struct snapshot *ret)
{
	const struct aside *a = self;

	return source__snapshot(&a->inner, ret);
}

static uint64_t aside_elapsed_ns(void *self)
{
	const struct aside *a = self;

	return source__elapsed_ns(&a->inner);
}

static bool aside_over(void *self)
{
	const struct aside *a = self;

	return source__over(&a->inner);
}

/* The file is left with the final figures. */
static int aside_stop(void *self)
{
	struct aside *a = self;
	int err = source__stop(&a->inner);

	if (err || !a->textfile)
		return err;
	textfile__wait(a->textfile);
	write_file(a);
	note_file_error(a, textfile__wait(a->textfile));
	return 0;
}

static void aside_done(void *self)
{
	const struct aside *a = self;

	source__done(&a->inner);
}

int aside__open(struct aside **ret, const struct opts *o)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct aside *a = *ret = NULL;
	int err;

	if (!o->listen && !o->textfile)
		return 0;
	a = *ret = calloc(1, sizeof(*a));
	if (!a)
		return complain(-ENOMEM, "begin");
	a->o = o;
	a->wake_fd = -1;
	a->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (a->epoll_fd < 0)
		return complain(-errno, "wait for requests");
	a->prom = prom__new(o->max_series, o->label_pid);
	if (!a->prom)
		return complain(-ENOMEM, "begin");
	err = o->textfile ? textfile__open(&a->textfile, o->textfile) : 0;
	if (err) {
		note_file_error(a, err);
		return -EIO; /* whatever the reason, this is no lack of rights to trace and no missing target */
	}
	if (!o->listen)
		return 0;
	err = web__open(&a->web, o->listen, collect, a);
	if (err)
		return err;
	event.data.fd = web__fd(a->web);
	if (epoll_ctl(a->epoll_fd, EPOLL_CTL_ADD, web__fd(a->web), &event))
		return complain(-errno, "wait for requests");
	return 0;
}

struct source aside__source(struct aside *a, const struct source *inner)
{
	static const struct source_ops ops = {
		.poll = aside_poll,
		.snapshot = aside_snapshot,
		.elapsed_ns = aside_elapsed_ns,
		.over = aside_over,
		.stop = aside_stop,
		.done = aside_done,
	};

	if (!a)
		return *inner;
	a->inner = *inner;
	if (a->web)
		web__tell(a->web);
	return (struct source){&ops, a};
}

int aside__error(const struct aside *a)
{
	return a && a->failed ? -EIO : 0;
}

void aside__close(struct aside *a)
{
	if (!a)
		return;
	web__close(a->web);
	textfile__close(a->textfile);
	prom__free(a->prom);
	if (a->epoll_fd >= 0)
		close(a->epoll_fd);
	free(a);
}
