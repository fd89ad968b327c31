/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * listen.h - a socket to listen at, from what --listen says:
 *
 *	9100, :9100		127.0.0.1: loopback unless told otherwise
 *	HOST:9100, [::1]:9100	a name or address of this machine; port 0: any that is free
 *	unix:PATH		mode 0600; one that nobody listens at any more is replaced, nothing else is
 */
#ifndef ZCTRACE_LISTEN_H
#define ZCTRACE_LISTEN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct listener {
	int fd;		    /* does not block; -1: closed */
	char url[PATH_MAX]; /* http://127.0.0.1:9100, or as given for unix: */
	char host[256];	    /* the name given, "" if none */
	const char *path;   /* unix: of the socket, lives as long as the option */
	bool loopback;	    /* nobody else can reach it */
	dev_t dev;	    /* of the socket at path, so that no other is removed */
	ino_t ino;
};

int listen__open(struct listener *l, const char *address); /* 0, or a negative errno and one sentence */
void listen__close(struct listener *l);			   /* removes its socket */

#endif
