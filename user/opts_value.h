/* SPDX-License-Identifier: GPL-2.0-only */
/* opts_value.h - values of options; for opts.c only. What is no such value ends the program with one sentence. */
#ifndef ZCTRACE_OPTS_VALUE_H
#define ZCTRACE_OPTS_VALUE_H

#include <stdint.h>

/* Prints "zctrace: ..." to stderr, sanitised, and exits EXIT_USAGE. */
void __attribute__((noreturn, format(printf, 1, 2))) usage_fail(const char *format, ...);

/* `option` is what the sentence calls the option. */
uint64_t value__number(const char *option, const char *s, uint64_t least, uint64_t most);
uint64_t value__bytes(const char *option, const char *s);    /* more than 0 */
uint64_t value__duration(const char *option, const char *s); /* nanoseconds, more than 0 */
double value__percent(const char *option, const char *s);    /* 0 to 100 */
double value__factor(const char *option, const char *s);     /* more than 0 */
const char *value__text(const char *option, const char *s);  /* not empty */

#endif
