/* SPDX-License-Identifier: GPL-2.0-only */
/* run.h - a command that is started under the trace: forked at once, held before its execve until released. */
#ifndef ZCTRACE_RUN_H
#define ZCTRACE_RUN_H

#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;
	int release_fd; /* -1 once released */
	int error_fd;	/* gets the errno of a failed execve */
	bool exited;
	int status; /* as of waitpid */
};

/* Forks argv as the user behind sudo, if there is one. 0 or -errno. */
int command__start(struct command *c, char **argv);
/* Lets it exec. 0, or the negative errno of its execve. */
int command__release(struct command *c);
bool command__exited(struct command *c); /* does not wait */
void command__end(struct command *c);	 /* kills it if it never ran, closes descriptors */

#endif
