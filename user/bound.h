/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bound.h - computed indices. What counts how full an array is follows from figures, and those from what strangers do:
 * BOUND holds it against the array's length, in every build. One that is outside is a bug of ours, and ends the program
 * with a sentence and status 1 instead of writing where it must not.
 */
#ifndef ZCTRACE_BOUND_H
#define ZCTRACE_BOUND_H

#include <stddef.h>

void __attribute__((cold, noreturn)) bound__fail(size_t i, size_t n, const char *file, int line);
/* Called before that sentence is printed; NULL: nothing. The live display gives the terminal back. */
extern void (*bound__before_end)(void);

/* i, if an array of n has it. A negative one is none. */
static inline size_t bound__index(size_t i, size_t n, const char *file, int line)
{
	if (__builtin_expect(i >= n, 0))
		bound__fail(i, n, file, line);
	return i;
}

/* array[i]; an array, not a pointer */
#define BOUND(array, i) (array)[BOUND_OF(i, sizeof(array) / sizeof((array)[0]))]
/* i, of an array that was allocated for n */
#define BOUND_OF(i, n) bound__index((size_t)(i), (size_t)(n), __FILE__, __LINE__)

#endif
