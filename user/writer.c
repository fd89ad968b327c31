// SPDX-License-Identifier: GPL-2.0-only
/* writer.c - bytes on their way to a descriptor, written by a thread. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "writer.h"

#define SETTLE_MS 20
#define ROOM_MS 100
#define STACK_BYTES (128U << 10) /* it calls write and little else */

struct piece {
	struct piece *next;
	size_t len;
	uint8_t at[];
};

struct writer {
	int fd;
	size_t max_bytes;
	bool cut;
	bool running;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;  /* there is something to do for the thread */
	pthread_cond_t taken; /* it has got on */
	struct piece *first, *last;
	size_t n_waiting;
	uint64_t n_taken, n_whole; /* bytes; n_whole of whole pieces */
	int err;
	bool closing, abandoned;
};

static void forget_first(struct writer *w)
{
	struct piece *piece = w->first;

	w->first = piece->next;
	if (!w->first)
		w->last = NULL;
	free(piece);
}

static void forget_all(struct writer *w)
{
	while (w->first)
		forget_first(w);
	w->n_waiting = 0;
}

static void fail(struct writer *w, int err)
{
	w->err = err;
	forget_all(w);
	if (w->cut && ftruncate(w->fd, (off_t)w->n_whole)) /* then its reader will find a part of one */
		errno = 0;
}

/* Whoever shares it has set it to O_NONBLOCK. Not for ever: we may have been abandoned meanwhile. */
static void wait_for_room(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, ROOM_MS);
}

/* The lock is held, but not during a write. */
static void write_first(struct writer *w)
{
	struct piece *piece = w->first;
	size_t done = 0;

	while (done < piece->len && !w->abandoned && !w->err) {
		ssize_t n;
		int err;

		pthread_mutex_unlock(&w->lock);
		n = write(w->fd, piece->at + done, piece->len - done);
		err = n < 0 ? -errno : n ? 0 : -EIO;
		if (err == -EAGAIN)
			wait_for_room(w->fd);
		pthread_mutex_lock(&w->lock);
		if (err == -EINTR || err == -EAGAIN)
			continue;
		if (err) {
			fail(w, err);
			return;
		}
		done += (size_t)n;
		w->n_taken += (uint64_t)n;
		w->n_waiting -= (size_t)n;
		pthread_cond_broadcast(&w->taken);
	}
	if (done < piece->len)
		return;
	w->n_whole += piece->len;
	forget_first(w);
}

static void *run(void *ctx)
{
	struct writer *w = ctx;

	pthread_mutex_lock(&w->lock);
	while (!w->abandoned && (w->first || !w->closing)) {
		if (w->first)
			write_first(w);
		else
			pthread_cond_wait(&w->more, &w->lock);
		pthread_cond_broadcast(&w->taken);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are for the thread that asks whether one has come. */
static int start_thread(struct writer *w)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = -pthread_create(&w->thread, &attr, run, w);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->running = !err;
	return err;
}

int writer__into(struct writer *w, int fd, bool cut)
{
	w->cut = cut;
	w->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return w->fd < 0 ? -errno : start_thread(w);
}

static void free_writer(struct writer *w)
{
	forget_all(w);
	if (w->fd >= 0)
		close(w->fd);
	pthread_cond_destroy(&w->more);
	pthread_cond_destroy(&w->taken);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int writer__new(struct writer **ret, int fd, size_t max_bytes, bool cut)
{
	struct writer *w = *ret = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = -1;
	w->max_bytes = max_bytes;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->more, &attr);
	pthread_cond_init(&w->taken, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&w->lock, NULL);
	err = fd >= 0 ? writer__into(w, fd, cut) : 0;
	if (err) {
		free_writer(w);
		*ret = NULL;
	}
	return err;
}

/* The lock is held. */
static int put(struct writer *w, const void *at, size_t len)
{
	struct piece *piece;

	if (w->err || !len)
		return w->err;
	if (w->first && len > w->max_bytes - (w->n_waiting < w->max_bytes ? w->n_waiting : w->max_bytes))
		return -ENOBUFS;
	piece = malloc(sizeof(*piece) + len);
	if (!piece)
		return -ENOMEM;
	piece->next = NULL;
	piece->len = len;
	memcpy(piece->at, at, len);
	if (w->last)
		w->last->next = piece;
	else
		w->first = piece;
	w->last = piece;
	w->n_waiting += len;
	pthread_cond_signal(&w->more);
	return 0;
}

int writer__put(struct writer *w, const void *at, size_t len)
{
	int err;

	pthread_mutex_lock(&w->lock);
	err = put(w, at, len);
	pthread_mutex_unlock(&w->lock);
	return err;
}

static struct timespec in_ms(int ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += (ms % 1000) * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	return ts;
}

/* The lock is held. */
static int wait_ms(struct writer *w, int ms)
{
	struct timespec until = in_ms(ms);
	uint64_t n_taken = w->n_taken;
	int err = 0;

	while (w->running && w->first && !w->err && !err) {
		err = -pthread_cond_timedwait(&w->taken, &w->lock, &until);
		if (w->n_taken != n_taken) {
			n_taken = w->n_taken;
			until = in_ms(ms);
			err = 0;
		}
	}
	return w->err ? w->err : w->first ? err : 0;
}

int writer__wait(struct writer *w, int timeout_ms)
{
	int err;

	pthread_mutex_lock(&w->lock);
	err = wait_ms(w, timeout_ms);
	pthread_mutex_unlock(&w->lock);
	return err;
}

int writer__settle(struct writer *w)
{
	int err;

	pthread_mutex_lock(&w->lock);
	if (w->first == w->last)
		wait_ms(w, SETTLE_MS);
	err = w->err;
	pthread_mutex_unlock(&w->lock);
	return err;
}

bool writer__busy(struct writer *w)
{
	bool busy;

	pthread_mutex_lock(&w->lock);
	busy = w->first != NULL;
	pthread_mutex_unlock(&w->lock);
	return busy;
}

int writer__error(struct writer *w)
{
	int err;

	pthread_mutex_lock(&w->lock);
	err = w->err;
	pthread_mutex_unlock(&w->lock);
	return err;
}

uint64_t writer__n_taken(struct writer *w)
{
	uint64_t n;

	pthread_mutex_lock(&w->lock);
	n = w->n_taken;
	pthread_mutex_unlock(&w->lock);
	return n;
}

int writer__close(struct writer *w, int timeout_ms)
{
	int err;

	if (!w)
		return 0;
	pthread_mutex_lock(&w->lock);
	err = wait_ms(w, timeout_ms);
	w->closing = true;
	w->abandoned = err == -ETIMEDOUT;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	if (err == -ETIMEDOUT) { /* the thread still has it, wherever in the kernel it is */
		pthread_detach(w->thread);
		return err;
	}
	if (w->running)
		pthread_join(w->thread, NULL);
	free_writer(w);
	return err;
}
