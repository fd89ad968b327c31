/* SPDX-License-Identifier: GPL-2.0-only */
/* web_host.c - whether a request was meant for us. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <arpa/inet.h>

#include "web_host.h"

#define NAME_LEN 256

/* Takes the port, the brackets and the dot at the end off. False: it is too long, or no host at all. */
static bool name_of(char name[NAME_LEN], const char *header)
{
	const char *end;
	size_t len;

	if (*header == '[') {
		end = strchr(++header, ']');
		if (!end || (end[1] && (end[1] != ':' || strspn(end + 2, "0123456789") != strlen(end + 2))))
			return false;
	} else {
		end = header + strcspn(header, ":");
		if (*end && strspn(end + 1, "0123456789") != strlen(end + 1))
			return false;
	}
	len = (size_t)(end - header);
	if (len > 1 && header[len - 1] == '.')
		len--;
	if (len == 0 || len >= NAME_LEN)
		return false;
	memcpy(name, header, len);
	name[len] = '\0';
	return true;
}

static bool is_address(const char *name, bool bracketed)
{
	struct in6_addr any;

	return inet_pton(bracketed ? AF_INET6 : AF_INET, name, &any) == 1;
}

/* web-7 and web-7.example.org are one machine, whichever of them it calls itself. */
static bool same_machine(const char *name, const char *node)
{
	size_t len = strcspn(name, ".");

	return len > 0 && len == strcspn(node, ".") && strncasecmp(name, node, len) == 0;
}

bool web_host__ours(const char *header, const char *given, const char *node)
{
	char name[NAME_LEN];

	if (!header)
		return true;
	if (!name_of(name, header))
		return false;
	return is_address(name, *header == '[') || strcasecmp(name, "localhost") == 0 ||
	       (given && strcasecmp(name, given) == 0) || same_machine(name, node);
}
