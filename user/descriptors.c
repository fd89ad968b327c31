// SPDX-License-Identifier: GPL-2.0-only
/* descriptors.c - how many files this process may have open. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>

#include "descriptors.h"

static struct rlimit before;
static bool raised;

void descriptors__raise(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &before) || before.rlim_cur == before.rlim_max)
		return;
	l = (struct rlimit){.rlim_cur = before.rlim_max, .rlim_max = before.rlim_max};
	raised = !setrlimit(RLIMIT_NOFILE, &l);
}

void descriptors__restore(void)
{
	if (raised)
		setrlimit(RLIMIT_NOFILE, &before);
}

int descriptors__check(unsigned int n)
{
	unsigned int free = 0, taken = 0;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l))
		return 0;
	for (rlim_t fd = 0; fd < l.rlim_cur && free < n; fd++) {
		if (fcntl((int)fd, F_GETFD) < 0 && errno == EBADF)
			free++;
		else
			taken++;
	}
	if (free == n)
		return 0;
	fprintf(stderr,
		"zctrace: it needs %u file descriptors, and %llu are allowed (ulimit -n); raise that, as with ulimit "
		"-n "
		"%u\n",
		n + taken, (unsigned long long)l.rlim_cur, (n + taken + 255) / 256 * 256);
	return -EMFILE;
}
