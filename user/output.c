// SPDX-License-Identifier: GPL-2.0-only
/* output.c - standard output for what runs for long, and descriptors 0 to 2. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "output.h"
#include "writer.h"

#define GRACE_MS 3000 /* for a reader, after we were asked to end */
#define LOOK_MS 100
#define PAGES_MAX (256U << 20) /* one page and the report */
#define MESSAGE_WAIT_MS 100

/* Not a byte more than there is room for: on a pipe that is full of our own tables we would wait for ever. */
static ssize_t write_now(const char *at, size_t len)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	struct iovec v = {.iov_base = (void *)at, .iov_len = len};
	struct stat st;
	ssize_t n;

	if (fstat(STDERR_FILENO, &st) || S_ISREG(st.st_mode))
		return write(STDERR_FILENO, at, len);
	if (poll(&p, 1, MESSAGE_WAIT_MS) <= 0)
		return -1;
	n = S_ISFIFO(st.st_mode) ? pwritev2(STDERR_FILENO, &v, 1, -1, RWF_NOWAIT) : -1;
	if (n < 0 && (!S_ISFIFO(st.st_mode) || errno == EOPNOTSUPP)) /* before Linux 6.4 */
		n = write(STDERR_FILENO, at, len);
	return n;
}

/* What cannot be said is dropped: an error here would only keep later messages back. */
static ssize_t write_message(void *ctx, const char *at, size_t len)
{
	size_t done = 0;

	(void)ctx;
	while (done < len) {
		ssize_t n = write_now(at + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)len;
}

void output__prepare(void)
{
	FILE *messages;

	for (int fd = 0; fd <= STDERR_FILENO; fd++) /* such a descriptor is there and neither read nor written */
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			_exit(EXIT_FAILURE);
	messages = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_message});
	if (!messages)
		return;
	setvbuf(messages, NULL, _IOLBF, BUFSIZ);
	stderr = messages;
}

FILE *output__page(struct output *o)
{
	o->page = open_memstream(&o->bytes, &o->len);
	return o->page;
}

static int send_page(struct output *o)
{
	int err = o->to ? 0 : writer__new(&o->to, STDOUT_FILENO, PAGES_MAX, false);

	if (!err)
		err = writer__put(o->to, o->bytes, o->len);
	return err ? err : writer__settle(o->to);
}

int output__send(struct output *o, int err)
{
	if (fclose(o->page) == EOF && !err)
		err = -ENOMEM;
	if (!err)
		err = send_page(o);
	free(o->bytes);
	*o = (struct output){.to = o->to};
	return err;
}

bool output__takes(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&p, 1, 0) > 0;
}

bool output__busy(const struct output *o)
{
	return o->to && writer__busy(o->to);
}

int output__error(const struct output *o)
{
	return o->to ? writer__error(o->to) : 0;
}

int output__finish(struct output *o, bool (*asked)(void), bool hasty)
{
	bool before = !hasty && asked(), heard = before;
	uint64_t n_taken = 0;
	int idle_ms = 0;

	while (o->to) {
		int err = writer__wait(o->to, LOOK_MS);

		if (err != -ETIMEDOUT)
			return err;
		idle_ms = writer__n_taken(o->to) == n_taken ? idle_ms + LOOK_MS : 0;
		n_taken = writer__n_taken(o->to);
		if (asked() && !heard) { /* its time begins now */
			heard = true;
			idle_ms = 0;
		}
		if (idle_ms >= GRACE_MS && asked() && !before)
			return err;
	}
	return 0;
}

void output__close(struct output *o)
{
	if (o->to)
		writer__close(o->to, 0);
	o->to = NULL;
}
