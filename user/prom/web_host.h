/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * web_host.h - whether a request was meant for us. A page from elsewhere can make a browser ask a name of its own that
 * it has just pointed at this machine (DNS rebinding), and read the answer; the Host header still says that name.
 * Pure, but for the file it is given.
 */
#ifndef ZCTRACE_WEB_HOST_H
#define ZCTRACE_WEB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WEB_HOST_LEN 256

/* Whole names: of --listen, the machine's own, and that with its domain. "": none. */
struct web_names {
	const char *given;
	char node[WEB_HOST_LEN], full[WEB_HOST_LEN];
};

/* hosts: what is known without asking anybody, as in /etc/hosts; may be NULL. The full name is the first one there that
 * is the node's with a domain, in a line that has the node's name too. */
void web_host__names(struct web_names *ret, const char *given, const char *node, FILE *hosts);

/*
 * header: of the request, len bytes. Ours are the names, as a whole, and localhost, each with any port; and any
 * address: a browser that was led astray by a name says that name, whatever address it found, and behind a forwarded
 * port the address asked for is none of this machine's.
 */
bool web_host__ours(const char *header, size_t len, const struct web_names *names);

#endif
