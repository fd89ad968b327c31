/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * web_host.h - whether a request was meant for us. A page from elsewhere can make a browser ask a name of its own that
 * it has just pointed at this machine (DNS rebinding), and read the answer; the Host header still says that name.
 * Pure.
 */
#ifndef ZCTRACE_WEB_HOST_H
#define ZCTRACE_WEB_HOST_H

#include <stdbool.h>

/*
 * header: of the request, NULL if it has none (no browser leaves it out). Ours are addresses, localhost, the name in
 * --listen (`given`, or NULL) and the machine's own (`node`), short or with any domain; each with any port.
 */
bool web_host__ours(const char *header, const char *given, const char *node);

#endif
