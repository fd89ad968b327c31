// SPDX-License-Identifier: GPL-2.0-only
/* listen.c - a socket to listen at. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "listen.h"
#include "safe.h"

#define BACKLOG 128

static int complain(const char *address, int err, const char *remedy)
{
	char shown[1024];

	fprintf(stderr, "zctrace: cannot listen at %s: %s%s\n", safe_text(shown, sizeof(shown), address, PATH_MAX),
		err == -EADDRINUSE ? "something else does"
		: err == -EINVAL   ? "that is no address"
				   : strerror(-err),
		remedy);
	return err;
}

/* A socket that nobody listens at is left over from one that was killed. */
static bool is_stale(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool stale = false;

	if (fd >= 0 && !lstat(addr->sun_path, &st) && S_ISSOCK(st.st_mode))
		stale = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return stale;
}

static int bind_at(int fd, const struct sockaddr *addr, socklen_t len)
{
	return bind(fd, addr, len) || listen(fd, BACKLOG) ? -errno : 0;
}

static int open_unix(struct listener *l, const char *address)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	mode_t mask;
	struct stat st;
	int err;

	l->path = address + strlen("unix:");
	l->loopback = true;
	if (!*l->path || strlen(l->path) >= sizeof(addr.sun_path))
		return complain(address, -EINVAL, "; a path of a socket has at most 107 bytes");
	strcpy(addr.sun_path, l->path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return complain(address, -errno, "");
	mask = umask(0177); /* from its first moment */
	err = bind_at(l->fd, (struct sockaddr *)&addr, sizeof(addr));
	if (err == -EADDRINUSE && is_stale(&addr) && !unlink(addr.sun_path))
		err = bind_at(l->fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (err) {
		l->path = NULL;
		return complain(address, err, err == -EADDRINUSE ? "; choose another path" : "");
	}
	if (!lstat(l->path, &st)) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	return 0;
}

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static bool is_loopback(const union address *addr)
{
	const struct in6_addr *six = &addr->six.sin6_addr;

	if (addr->any.sa_family == AF_INET)
		return ntohl(addr->four.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static void describe(struct listener *l)
{
	union address addr;
	socklen_t len = sizeof(addr);
	char host[INET6_ADDRSTRLEN], port[8];

	memset(&addr, 0, sizeof(addr));
	if (getsockname(l->fd, &addr.any, &len) ||
	    getnameinfo(&addr.any, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	l->loopback = is_loopback(&addr);
	snprintf(l->url, sizeof(l->url), addr.any.sa_family == AF_INET6 ? "http://[%s]:%s" : "http://%s:%s", host,
		 port);
}

static int open_info(struct listener *l, const struct addrinfo *info)
{
	int on = 1, err;

	l->fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, info->ai_protocol);
	if (l->fd < 0)
		return -errno;
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* connections of the one before linger */
	err = bind_at(l->fd, info->ai_addr, info->ai_addrlen);
	if (!err)
		return 0;
	close(l->fd);
	l->fd = -1;
	return err;
}

/* Splits HOST:PORT, [HOST]:PORT, :PORT and PORT; the port is a number. Returns the port, NULL: it is none of them. */
static const char *split(struct listener *l, const char *address)
{
	const char *colon = strrchr(address, ':'), *port = colon ? colon + 1 : address, *end = colon ? colon : address;
	size_t digits = strspn(port, "0123456789");

	if (digits == 0 || port[digits] || digits > 5 || atoi(port) > 65535)
		return NULL;
	if (*address == '[') {
		if (end == address || end[-1] != ']')
			return NULL;
		address++;
		end--;
	} else if (memchr(address, ':', (size_t)(end - address))) {
		return NULL;
	}
	if ((size_t)(end - address) >= sizeof(l->host))
		return NULL;
	memcpy(l->host, address, (size_t)(end - address));
	return port;
}

static int open_inet(struct listener *l, const char *address)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	const char *port = split(l, address);
	struct addrinfo *list;
	int err;

	if (!port)
		return complain(address, -EINVAL, "; say 127.0.0.1:PORT, [::1]:PORT or unix:PATH");
	err = getaddrinfo(*l->host ? l->host : "127.0.0.1", port, &hints, &list);
	if (err)
		return complain(address, -EADDRNOTAVAIL, "; the name is not known");
	err = -EADDRNOTAVAIL;
	for (const struct addrinfo *info = list; info && err; info = info->ai_next)
		err = open_info(l, info);
	freeaddrinfo(list);
	if (err)
		return complain(address, err,
				err == -EADDRINUSE ? "; choose another port, 0 for any that is free" : "");
	describe(l);
	return 0;
}

int listen__open(struct listener *l, const char *address)
{
	int err;

	*l = (struct listener){.fd = -1};
	snprintf(l->url, sizeof(l->url), "%s", address);
	err = strncmp(address, "unix:", 5) == 0 ? open_unix(l, address) : open_inet(l, address);
	if (err)
		listen__close(l);
	return err;
}

void listen__close(struct listener *l)
{
	struct stat st;

	if (l->fd >= 0 && l->path && !lstat(l->path, &st) && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
