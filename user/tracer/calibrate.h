/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calibrate.h - what a traced event costs on this machine: a child of ours times a system call that does nothing,
 * before the hooks are attached and again while they count it. Prints nothing.
 *
 *	calibrate__begin  ->  attach, trace c->pid too, start counting  ->  calibrate__end
 *
 * The child is no part of the figures: the caller leaves its records out. Both halves together take at most
 * CALIBRATE_MOST_MS; a child that was kept from the CPU for longer leaves the cost unknown.
 */
#ifndef ZCTRACE_CALIBRATE_H
#define ZCTRACE_CALIBRATE_H

#include <sys/types.h>

#define CALIBRATE_MOST_MS 50

struct calibrate {
	pid_t pid;	/* 0: none */
	int fd;		/* of a socket: it times when told so, and tells what it took */
	double bare_ns; /* 0: not known */
};

void calibrate__begin(struct calibrate *c);
/* Nanoseconds that tracing adds to a system call, 0 if that is not known. The child has ended and is reaped. */
double calibrate__end(struct calibrate *c);

#endif
