// SPDX-License-Identifier: GPL-2.0-only
/* textfile.c - the file of --textfile, replaced by a thread. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "outfile.h"
#include "textfile.h"

#define HANGS_S 5 /* a disk that is only busy has done it by then */
#define STACK_BYTES (256U << 10)

struct textfile {
	const char *path;
	struct outfile_series series; /* the thread's, once it runs */
	bool running;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more, done;
	char *bytes; /* NULL: nothing to do */
	size_t len;
	struct timespec hangs_at; /* if it is not done by then */
	int err;
	bool closing;
};

static void *run(void *ctx)
{
	struct textfile *t = ctx;

	pthread_mutex_lock(&t->lock);
	while (!t->closing) {
		int err;

		if (!t->bytes) {
			pthread_cond_wait(&t->more, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		err = outfile__replace(&t->series, t->path, 0644, t->bytes, t->len);
		pthread_mutex_lock(&t->lock);
		t->err = err;
		free(t->bytes);
		t->bytes = NULL;
		pthread_cond_signal(&t->done);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* Signals are for the thread that asks whether one has come. */
static int start_thread(struct textfile *t)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = -pthread_create(&t->thread, &attr, run, t);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	t->running = !err;
	return err;
}

int textfile__open(struct textfile **ret, const char *path)
{
	struct textfile *t = *ret = calloc(1, sizeof(*t));
	pthread_condattr_t attr;

	if (!t)
		return -ENOMEM;
	t->path = path;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->more, &attr);
	pthread_cond_init(&t->done, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&t->lock, NULL);
	return outfile__claim(&t->series, path);
}

int textfile__put(struct textfile *t, char *bytes, size_t len)
{
	int err = t->running ? 0 : start_thread(t);

	if (err) {
		free(bytes);
		return err;
	}
	pthread_mutex_lock(&t->lock);
	t->bytes = bytes;
	t->len = len;
	clock_gettime(CLOCK_MONOTONIC, &t->hangs_at);
	t->hangs_at.tv_sec += HANGS_S;
	pthread_cond_signal(&t->more);
	pthread_mutex_unlock(&t->lock);
	return 0;
}

bool textfile__busy(struct textfile *t)
{
	bool busy;

	pthread_mutex_lock(&t->lock);
	busy = t->bytes != NULL;
	pthread_mutex_unlock(&t->lock);
	return busy;
}

static bool is_past(const struct timespec *at)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

int textfile__error(struct textfile *t)
{
	int err;

	pthread_mutex_lock(&t->lock);
	err = t->bytes && is_past(&t->hangs_at) ? -ETIMEDOUT : t->err;
	pthread_mutex_unlock(&t->lock);
	return err;
}

int textfile__wait(struct textfile *t)
{
	int err;

	pthread_mutex_lock(&t->lock);
	while (t->bytes && !is_past(&t->hangs_at))
		pthread_cond_timedwait(&t->done, &t->lock, &t->hangs_at);
	err = t->bytes ? -ETIMEDOUT : t->err;
	pthread_mutex_unlock(&t->lock);
	return err;
}

void textfile__close(struct textfile *t)
{
	bool hangs;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	hangs = t->bytes != NULL;
	t->closing = true;
	pthread_cond_signal(&t->more);
	pthread_mutex_unlock(&t->lock);
	if (hangs) {
		pthread_detach(t->thread);
		return;
	}
	if (t->running)
		pthread_join(t->thread, NULL);
	if (t->series.fd >= 0)
		close(t->series.fd);
	pthread_cond_destroy(&t->more);
	pthread_cond_destroy(&t->done);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
