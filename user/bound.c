/* SPDX-License-Identifier: GPL-2.0-only */
/* bound.c - the end of a program whose index is outside its array. */
#include <stdio.h>
#include <unistd.h>

#include "bound.h"

void (*bound__before_end)(void);

void bound__fail(size_t i, size_t n, const char *file, int line)
{
	if (bound__before_end)
		bound__before_end();
	fprintf(stderr,
		"zctrace: this is a bug in zctrace, please report it: %s:%d asked for place %zd of an array of %zu\n",
		file, line, (ssize_t)i, n);
	fflush(stderr);
	_exit(1);
}
