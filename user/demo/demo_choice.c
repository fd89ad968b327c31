/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo_choice.c - which ways demo runs, and to where.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "demo_choice.h"
#include "safe.h"

int demo_choice__ways(const struct opts *o, struct demo_row *rows, size_t max)
{
	const struct way *list = o->demo.receive ? receive_ways : ways;
	size_t n_list = o->demo.receive ? n_receive_ways : n_ways, n = 0;

	for (size_t i = 0; !o->demo.ways && i < n_list && i < max; i++)
		rows[n++].way = &list[i];
	for (const char *at = o->demo.ways; at && *at; at += *at == ',') {
		size_t len = strcspn(at, ",");
		const struct way *way;
		char name[32], shown[4 * sizeof(name)];

		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		at += len;
		way = way__find(name, o->demo.receive);
		if (way && n < max) {
			rows[n++].way = way;
			continue;
		}
		fprintf(stderr, "zctrace: demo: %s '%s': choose from", way ? "too many ways with" : "no way is called",
			safe_text(shown, sizeof(shown), name, sizeof(name)));
		for (size_t i = 0; i < n_list; i++)
			fprintf(stderr, "%s %s", i ? "," : "", list[i].name);
		fprintf(stderr, "\n");
		return -EINVAL;
	}
	if (n > 0)
		return (int)n;
	fprintf(stderr, "zctrace: demo: --way is empty\n");
	return -EINVAL;
}

int demo_choice__resolve_sink(const char *sink, struct sockaddr_storage *addr, socklen_t *addr_len)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	const char *colon = strrchr(sink, ':');
	char host[256], shown[4 * sizeof(host)];
	size_t len;
	int err;

	if (!colon || colon == sink || !colon[1]) {
		fprintf(stderr, "zctrace: demo: --sink takes HOST:PORT, not '%s'\n",
			safe_text(shown, sizeof(shown), sink, PATH_MAX));
		return -EINVAL;
	}
	len = colon - sink;
	if (sink[0] == '[' && colon[-1] == ']') {
		sink++;
		len -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)len, sink);
	err = getaddrinfo(host, colon + 1, &hints, &found);
	if (err) {
		fprintf(stderr, "zctrace: demo: --sink %s: %s\n", safe_text(shown, sizeof(shown), host, sizeof(host)),
			gai_strerror(err));
		return -EHOSTUNREACH;
	}
	memcpy(addr, found->ai_addr, found->ai_addrlen);
	*addr_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}
