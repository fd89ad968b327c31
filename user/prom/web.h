/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * web.h - an HTTP server without a thread: /metrics, /healthz and a landing page. It runs when its owner lets it, so
 * that figures are collected by the one thread that may.
 *
 * Nobody is trusted: GET and HEAD, exact paths, hosts that are ours (web_host.h), 8 KiB of header, one request a
 * connection, and 5 s from being accepted to the end of the answer whatever is sent meanwhile. There are 16
 * connections; a newcomer beyond them takes the place of the one that has been there longest, so that connections which
 * say nothing keep nobody out.
 */
#ifndef ZCTRACE_WEB_H
#define ZCTRACE_WEB_H

#include <stddef.h>

struct web;
struct prom_service;

/* Makes the exposition, malloced. 0 or a negative errno. */
typedef int (*web_collect)(void *ctx, char **ret, size_t *ret_len);

/* Listens at the address as listen.h takes it; answers nobody yet. 0, or a negative errno and one sentence. */
int web__open(struct web **ret, const char *address, web_collect collect, void *ctx);
void web__tell(const struct web *w); /* on standard error: where it is, and if others can reach it */
int web__fd(const struct web *w);    /* readable when web__run has something to do; for poll and epoll */
void web__run(struct web *w);	     /* does what there is to do, waits for nothing */
int web__timeout_ms(struct web *w);  /* when to call it again at the latest; -1: when web__fd is readable */
void web__service(const struct web *w, struct prom_service *ret); /* fills in what was served and turned away */
void web__close(struct web *w);					  /* takes NULL */

#endif
