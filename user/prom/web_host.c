/* SPDX-License-Identifier: GPL-2.0-only */
/* web_host.c - whether a request was meant for us. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <arpa/inet.h>

#include "web_host.h"

/* Takes the port, the brackets and the dot at the end off. False: it is too long, or no host at all. */
static bool name_of(char name[WEB_HOST_LEN], const char *header)
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
	if (len == 0 || len >= WEB_HOST_LEN)
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

/* Whether full is node with a domain. */
static bool is_full(const char *full, const char *node)
{
	size_t len = strlen(node);

	return len > 0 && strncasecmp(full, node, len) == 0 && full[len] == '.' && full[len + 1];
}

/* A line is an address and names. */
static void look_in_line(struct web_names *ret, char *line)
{
	const char *full = NULL;
	char *rest, *word;
	bool has_node = false;

	line[strcspn(line, "#\n")] = '\0';
	strtok_r(line, " \t", &rest);
	while ((word = strtok_r(NULL, " \t", &rest))) {
		has_node |= strcasecmp(word, ret->node) == 0;
		if (!full && is_full(word, ret->node))
			full = word;
	}
	if (has_node && full && !*ret->full)
		snprintf(ret->full, sizeof(ret->full), "%s", full);
}

void web_host__names(struct web_names *ret, const char *given, const char *node, FILE *hosts)
{
	char line[1024];

	*ret = (struct web_names){.given = given};
	snprintf(ret->node, sizeof(ret->node), "%s", node);
	while (hosts && fgets(line, sizeof(line), hosts))
		look_in_line(ret, line);
}

/* A name of ours may end in a dot as well as theirs. */
static bool same_name(const char *name, const char *ours)
{
	size_t len = strlen(ours);

	if (len > 1 && ours[len - 1] == '.')
		len--;
	return len > 0 && strlen(name) == len && strncasecmp(name, ours, len) == 0;
}

bool web_host__ours(const char *header, size_t len, const struct web_names *names)
{
	char name[WEB_HOST_LEN];

	if (strnlen(header, len) != len || !name_of(name, header))
		return false;
	return is_address(name, *header == '[') || same_name(name, "localhost") ||
	       (names->given && same_name(name, names->given)) || same_name(name, names->node) ||
	       same_name(name, names->full);
}
