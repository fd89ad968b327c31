// SPDX-License-Identifier: GPL-2.0-only
/* run.c - starts a command under the trace. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>

#include "descriptors.h"
#include "run.h"
#include "signals.h"

/* Root behind sudo was somebody: the command is theirs. */
static int become_invoker(void)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID"), *user = getenv("SUDO_USER");

	if (geteuid() || !uid || !gid || !user || !strtoul(uid, NULL, 10))
		return 0;
	if (initgroups(user, strtoul(gid, NULL, 10)) || setgid(strtoul(gid, NULL, 10)) ||
	    setuid(strtoul(uid, NULL, 10)))
		return -errno;
	return 0;
}

static _Noreturn void child(char **argv, int release_fd, int error_fd)
{
	sigset_t none;
	char go;
	int err;

	signals__forget(); /* Ctrl-C is for us both */
	if (read(release_fd, &go, 1) != 1)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	descriptors__restore();
	err = become_invoker();
	if (!err) {
		execvp(argv[0], argv);
		err = -errno;
	}
	if (write(error_fd, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int command__start(struct command *c, char **argv)
{
	int release[2], error[2], err;

	*c = (struct command){.release_fd = -1, .error_fd = -1};
	if (pipe2(release, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		err = -errno;
		goto close_release;
	}
	c->pid = fork();
	if (c->pid < 0) {
		err = -errno;
		goto close_both;
	}
	if (!c->pid) {
		close(release[1]);
		close(error[0]);
		child(argv, release[0], error[1]);
	}
	close(release[0]);
	close(error[1]);
	c->release_fd = release[1];
	c->error_fd = error[0];
	return 0;
close_both:
	close(error[0]);
	close(error[1]);
close_release:
	close(release[0]);
	close(release[1]);
	return err;
}

int command__release(struct command *c)
{
	int err = 0;
	ssize_t n;

	if (write(c->release_fd, "x", 1) != 1)
		return -errno;
	close(c->release_fd);
	c->release_fd = -1;
	do
		n = read(c->error_fd, &err, sizeof(err)); /* end of file: the execve closed it */
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? err : 0;
}

bool command__exited(struct command *c)
{
	if (!c->exited && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->exited = true;
	return c->exited;
}

void command__end(struct command *c)
{
	if (c->release_fd >= 0) {
		close(c->release_fd);
		kill(c->pid, SIGKILL); /* another child of ours may hold the pipe open */
		waitpid(c->pid, &c->status, 0);
	}
	if (c->error_fd >= 0)
		close(c->error_fd);
}
