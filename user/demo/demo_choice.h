/* SPDX-License-Identifier: GPL-2.0-only */
/* demo_choice.h - demo's --way and --sink. What is wrong with them is said on standard error. */
#ifndef ZCTRACE_DEMO_CHOICE_H
#define ZCTRACE_DEMO_CHOICE_H

#include <sys/socket.h>

#include "demo_table.h"

/* Fills rows[].way with the ways asked for, in their order, or with all. Their number, or -EINVAL. */
int demo_choice__ways(const struct opts *o, struct demo_row *rows, size_t max);
/* HOST:PORT or [V6]:PORT. 0 or a negative errno. */
int demo_choice__resolve_sink(const char *sink, struct sockaddr_storage *addr, socklen_t *addr_len);

#endif
