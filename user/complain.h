/* SPDX-License-Identifier: GPL-2.0-only */
/* complain.h - one sentence about an error, with what can be done about it. */
#ifndef ZCTRACE_COMPLAIN_H
#define ZCTRACE_COMPLAIN_H

#include <stddef.h>

/*
 * Prints "zctrace: cannot WHAT: ...". Returns the error as it goes with the exit status: what says "no such" or
 * "invalid" here is a failure, for no user named it.
 */
int complain(int err, const char *what);
const char *complain__remedy(int err); /* "; ...", or "" */
int complain__is_shortage(int err);    /* what no other kernel, and no other program, would do better with */

/*
 * The sentence for a kernel that did not take the programs at a stage ("open", "load"), without "zctrace: ".
 * confidential: its lockdown forbids reading kernel memory. Returns the error as it goes with the exit status.
 */
int complain__of_load(char *text, size_t len, int err, const char *stage, int confidential);

#endif
