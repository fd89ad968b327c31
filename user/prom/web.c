// SPDX-License-Identifier: GPL-2.0-only
/*
 * web.c - libmicrohttpd in a loop that is not its own. We accept connections ourselves and hand them over, for two
 * things it does not do: a deadline that bytes do not put off, and room for a newcomer when all places are taken. A
 * connection is cut by shutting its socket down; the library sees that and closes it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "complain.h"
#include "listen.h"
#include "safe.h"
#include "views.h"
#include "web.h"
#include "web_host.h"

#define PLACES 16
#define DEADLINE_NS 5000000000ULL
#define ACCEPTS_A_RUN 64
#define DEAF_NS 200000000ULL
#define HEADER_MOST (8 << 10)
#define CONNECTION_MEMORY (32 << 10) /* parsed headers take more than their bytes; beyond it the library refuses */
#define TEXT "text/plain; charset=utf-8"

enum rejection { REJECT_METHOD, REJECT_PATH, REJECT_HOST, REJECT_HEADER, REJECT_DEADLINE, REJECT_PLACES, REJECT_COUNT };

struct place {
	int fd; /* the library's, valid while taken */
	bool taken, cut;
	uint64_t since_ns;
};

struct web {
	struct listener listener;
	struct MHD_Daemon *daemon;
	uint64_t deaf_until_ns; /* no descriptor was left for a newcomer; 0: we listen */
	int epoll_fd;		/* of the listening socket and the library's own set */
	struct web_names names;
	web_collect collect;
	void *ctx;
	struct place places[PLACES];
	struct place *next;		 /* for the connection that is being handed over */
	struct MHD_Response *exposition; /* of this run: who asks at the same time gets the same */
	uint64_t n_scrapes;
	struct prom_count rejected[REJECT_COUNT];
};

static const char landing[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>zctrace</title></head>\n"
	"<body><h1>zctrace</h1><p>What the bytes of this machine's processes cost: CPU copies, DMA, mode "
	"switches.</p>\n"
	"<p><a href=\"/metrics\">Metrics</a></p></body></html>\n";

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static struct MHD_Response *dress(struct MHD_Response *r, const char *type)
{
	if (!r)
		return NULL;
	MHD_add_response_header(r, "Content-Type", type);
	MHD_add_response_header(r, "Connection", "close");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	return r;
}

static struct MHD_Response *text_response(const char *type, const char *text)
{
	return dress(MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT), type);
}

/* Gives the response away. NULL: out of memory, the connection is closed. */
static enum MHD_Result answer(struct MHD_Connection *c, unsigned int status, struct MHD_Response *r)
{
	enum MHD_Result ret = r ? MHD_queue_response(c, status, r) : MHD_NO;

	if (r)
		MHD_destroy_response(r);
	return ret;
}

static enum MHD_Result reject(struct web *w, struct MHD_Connection *c, enum rejection why, unsigned int status,
			      const char *text)
{
	struct MHD_Response *r = text_response(TEXT, text);

	w->rejected[why].n++;
	if (r && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	return answer(c, status, r);
}

static enum MHD_Result answer_metrics(struct web *w, struct MHD_Connection *c)
{
	char *body = NULL;
	size_t len = 0;

	w->n_scrapes++;
	if (!w->exposition) {
		if (w->collect(w->ctx, &body, &len)) {
			free(body);
			return answer(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				      text_response(TEXT, "the counters could not be read\n"));
		}
		w->exposition = dress(MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE),
				      "text/plain; version=0.0.4; charset=utf-8");
		if (!w->exposition) {
			free(body);
			return MHD_NO;
		}
	}
	return MHD_queue_response(c, MHD_HTTP_OK, w->exposition);
}

static enum MHD_Result answer_landing(struct MHD_Connection *c)
{
	struct MHD_Response *r = text_response("text/html; charset=utf-8", landing);

	if (r)
		MHD_add_response_header(r, "Content-Security-Policy", "default-src 'none'");
	return answer(c, MHD_HTTP_OK, r);
}

static bool header_too_long(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info && info->header_size > HEADER_MOST;
}

struct hosts {
	const char *first; /* of len bytes, and a NUL */
	size_t len, n;
};

static enum MHD_Result take_host(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *value,
				 size_t len)
{
	struct hosts *hosts = cls;

	(void)kind;
	if (key_len == strlen("Host") && strncasecmp(key, "Host", key_len) == 0 && hosts->n++ == 0) {
		hosts->first = value ? value : "";
		hosts->len = value ? len : 0;
	}
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_len, void **request)
{
	struct web *w = cls;
	struct hosts hosts = {0};

	MHD_get_connection_values_n(c, MHD_HEADER_KIND, take_host, &hosts);
	(void)upload;
	(void)upload_len;
	(void)request;
	if (header_too_long(c))
		return reject(w, c, REJECT_HEADER, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
			      "the header has more than 8 KiB\n");
	/* only what is older than HTTP/1.1 may leave it out, and no browser is */
	if (hosts.n > 1 || (hosts.n == 0 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0))
		return reject(w, c, REJECT_HOST, MHD_HTTP_BAD_REQUEST, "there must be one Host header\n");
	if (!w->listener.path && hosts.n && !web_host__ours(hosts.first, hosts.len, &w->names))
		return reject(w, c, REJECT_HOST, MHD_HTTP_MISDIRECTED_REQUEST,
			      "not a name of this machine: ask for its address, or give --listen the name\n");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return reject(w, c, REJECT_METHOD, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_metrics(w, c);
	if (strcmp(url, "/healthz") == 0)
		return answer(c, MHD_HTTP_OK, text_response(TEXT, "ok\n"));
	if (strcmp(url, "/") == 0)
		return answer_landing(c);
	return reject(w, c, REJECT_PATH, MHD_HTTP_NOT_FOUND, "there is /metrics and /healthz\n");
}

/* The library closes the socket after this, so that a place that is taken has a descriptor which is still its own. */
static void on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct web *w = cls;
	struct place *p = *socket_context;

	(void)c;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = w->next;
		w->next->taken = true;
	} else if (p) {
		*p = (struct place){.fd = -1};
	}
}

static void cut(struct web *w, struct place *p, enum rejection why)
{
	p->cut = true;
	w->rejected[why].n++;
	shutdown(p->fd, SHUT_RDWR);
}

static struct place *free_place(struct web *w)
{
	for (size_t i = 0; i < PLACES; i++)
		if (!w->places[i].taken)
			return &w->places[i];
	return NULL;
}

static struct place *oldest_place(struct web *w)
{
	struct place *oldest = NULL;

	for (size_t i = 0; i < PLACES; i++)
		if (w->places[i].taken && !w->places[i].cut && (!oldest || w->places[i].since_ns < oldest->since_ns))
			oldest = &w->places[i];
	return oldest;
}

/* NULL: there is none, although the oldest was asked to go. */
static struct place *place_for_newcomer(struct web *w)
{
	struct place *p = free_place(w);

	if (p)
		return p;
	MHD_run(w->daemon); /* who has asked gets an answer first */
	p = free_place(w);
	if (p)
		return p;
	p = oldest_place(w);
	if (p)
		cut(w, p, REJECT_PLACES);
	MHD_run(w->daemon);
	return free_place(w);
}

/* A newcomer we have no descriptor for stays at the door: the loop must not turn and turn for it. */
static void listen_again(struct web *w, bool on)
{
	struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.fd = w->listener.fd};

	w->deaf_until_ns = on ? 0 : now_ns() + DEAF_NS;
	epoll_ctl(w->epoll_fd, EPOLL_CTL_MOD, w->listener.fd, &event);
}

static void accept_all(struct web *w)
{
	if (w->deaf_until_ns && now_ns() < w->deaf_until_ns)
		return;
	if (w->deaf_until_ns)
		listen_again(w, true);
	for (int i = 0; i < ACCEPTS_A_RUN; i++) {
		struct sockaddr_storage addr;
		socklen_t len = sizeof(addr);
		int fd = accept4(w->listener.fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			listen_again(w, false);
		if (fd < 0)
			return;
		w->next = place_for_newcomer(w);
		if (!w->next) {
			w->rejected[REJECT_PLACES].n++;
			close(fd);
			continue;
		}
		*w->next = (struct place){.fd = fd, .since_ns = now_ns()};
		MHD_add_connection(w->daemon, fd, (struct sockaddr *)&addr, len); /* closes it if it fails */
	}
}

void web__run(struct web *w)
{
	uint64_t now = now_ns();

	accept_all(w);
	for (size_t i = 0; i < PLACES; i++) {
		struct place *p = &w->places[i];

		if (p->taken && !p->cut && now >= p->since_ns + DEADLINE_NS)
			cut(w, p, REJECT_DEADLINE);
	}
	MHD_run(w->daemon);
	if (w->exposition)
		MHD_destroy_response(w->exposition); /* those still being sent hold it */
	w->exposition = NULL;
}

int web__timeout_ms(struct web *w)
{
	const struct place *p = oldest_place(w);
	uint64_t until = p ? p->since_ns + DEADLINE_NS : UINT64_MAX, ms = UINT64_MAX, now = now_ns(), left;
	MHD_UNSIGNED_LONG_LONG library_ms;

	if (MHD_get_timeout(w->daemon, &library_ms) == MHD_YES)
		ms = library_ms;
	if (w->deaf_until_ns && w->deaf_until_ns < until)
		until = w->deaf_until_ns;
	left = until > now ? (until - now) / 1000000 + 1 : 0;
	ms = left < ms ? left : ms;
	return ms > INT32_MAX ? -1 : (int)ms;
}

/* The library sets no limit of time of its own (that is its default): whom it cut would be counted by nobody. */
static int start(struct web *w)
{
	struct epoll_event listening = {.events = EPOLLIN, .data.fd = w->listener.fd}, library = {.events = EPOLLIN};
	const union MHD_DaemonInfo *info;

	errno = 0; /* the library says no more than that it failed */
	w->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, w,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned int)PLACES, MHD_OPTION_NOTIFY_CONNECTION,
				     on_connection, w, MHD_OPTION_END);
	if (!w->daemon)
		return errno ? -errno : -ENOMEM;
	info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -ENOMEM;
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return -errno;
	library.data.fd = info->epoll_fd;
	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->listener.fd, &listening) ||
	    epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, info->epoll_fd, &library))
		return -errno;
	return 0;
}

/* What may be asked of a name server is not: it may keep us waiting, and its answers are others'. */
static void find_names(struct web *w)
{
	FILE *hosts = fopen("/etc/hosts", "re");
	struct utsname uts;

	uname(&uts);
	web_host__names(&w->names, w->listener.host, uts.nodename, hosts);
	if (hosts)
		fclose(hosts);
}

int web__open(struct web **ret, const char *address, web_collect collect, void *ctx)
{
	static const char *const reasons[] = {
		[REJECT_METHOD] = "method", [REJECT_PATH] = "path",	    [REJECT_HOST] = "host",
		[REJECT_HEADER] = "header", [REJECT_DEADLINE] = "deadline", [REJECT_PLACES] = "connections"};
	struct web *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return complain(-ENOMEM, "begin");
	w->epoll_fd = -1;
	w->collect = collect;
	w->ctx = ctx;
	for (int i = 0; i < REJECT_COUNT; i++)
		w->rejected[i].reason = reasons[i];
	err = listen__open(&w->listener, address);
	find_names(w);
	if (!err) {
		err = start(w);
		if (err)
			err = complain(err, "start its web server");
	}
	if (err) {
		web__close(w);
		return err;
	}
	*ret = w;
	return 0;
}

void web__tell(const struct web *w)
{
	char url[1024];

	safe_text(url, sizeof(url), w->listener.url, sizeof(w->listener.url));
	fprintf(stderr, "zctrace: serving %s%s\n", url, w->listener.path ? "" : "/metrics");
	if (!w->listener.loopback)
		fprintf(stderr, "zctrace: warning: other machines can reach it, and read the names of processes and "
				"cgroups there\n");
}

int web__fd(const struct web *w)
{
	return w->epoll_fd;
}

void web__service(const struct web *w, struct prom_service *ret)
{
	ret->n_scrapes = w->n_scrapes;
	ret->rejected = w->rejected;
	ret->n_rejected = REJECT_COUNT;
}

void web__close(struct web *w)
{
	if (!w)
		return;
	if (w->daemon)
		MHD_stop_daemon(w->daemon);
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	listen__close(&w->listener);
	free(w);
}
