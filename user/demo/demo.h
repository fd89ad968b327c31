/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo.h - zctrace demo: the textbook ways to move a file, each in a traced process of its own, measured beside what
 * the textbook gives for the path the bytes really took. Both functions print their errors and return an exit status.
 */
#ifndef ZCTRACE_DEMO_H
#define ZCTRACE_DEMO_H

#include "opts.h"

int demo__run(const struct opts *o);
int demo__sink_only(const struct opts *o); /* --sink-only: serves until it is killed */

#endif
