// SPDX-License-Identifier: GPL-2.0-only
/*
 * load.c - the loads of make bench, all in one process, so that a tracer attaches once and sees them all.
 *
 *	load FILE [HTTP-PORT]	FILE: at least 1 MiB, in the page cache
 *	load --count FILE	answers with the least of 7 runs of a fixed number of operations, for a machine whose
 *				clock counts instructions (QEMU -icount): `NAME nanoseconds`, the milliseconds asked
 *				for are ignored
 *
 * Reads lines from standard input and answers each:
 *	NAME MILLISECONDS	`NAME p20 median mean operations`, in nanoseconds per operation
 *	idle N			`idle N` when there are N threads that wait
 *	ends N			`ends N bytes` when N threads have read so many bytes from FILE and ended, one by one
 *
 * A run is cut into slices of about 2 ms; the 20th percentile of the slices is what the machine does when nothing else
 * interferes, the mean is what it did. Runs on the last CPU with a real-time priority, so that what a tracer's reader
 * costs stays on the others.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define SLICE_NS 2000000ULL
#define MAX_SLICES 100000
#define BLOCK (64 << 10)

static char buffer[1 << 20], sink[1 << 20];
static int file_fd, zero_fd, ping[2], pong[2], tcp[2], http_fd = -1;
static uint64_t idle_threads;
static bool counting;
static char request[128];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static int last_cpu(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

static void op_getppid(void)
{
	syscall(SYS_getppid);
}

static void op_read1(void)
{
	if (read(zero_fd, buffer, 1) != 1)
		die("read");
}

static void op_pread(size_t n)
{
	if (pread(file_fd, buffer, n, 0) != (ssize_t)n)
		die("pread");
}

static void op_pread4k(void)
{
	op_pread(4 << 10);
}

static void op_pread64k(void)
{
	op_pread(64 << 10);
}

static void op_pread1m(void)
{
	op_pread(1 << 20);
}

/* One operation is a switch there and a switch back. */
static void op_pingpong(void)
{
	char c = 0;

	if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
		die("ping-pong");
}

static void *pong_main(void *arg)
{
	char c;

	(void)arg;
	while (read(ping[0], &c, 1) == 1 && write(pong[1], &c, 1) == 1)
		;
	return NULL;
}

static void receive(int fd, size_t n)
{
	while (n) {
		ssize_t got = recv(fd, sink, n < sizeof(sink) ? n : sizeof(sink), 0);

		if (got <= 0)
			die("recv");
		n -= (size_t)got;
	}
}

static void op_tcp(void)
{
	if (send(tcp[0], buffer, BLOCK, 0) != BLOCK)
		die("send");
	receive(tcp[1], BLOCK);
}

/* A request on a connection that is kept; the reply is a header and 64 KiB. */
static void op_http(void)
{
	size_t have = 0;
	char *end = NULL;

	if (send(http_fd, request, strlen(request), 0) < 0)
		die("send");
	while (!end) {
		ssize_t n = recv(http_fd, sink + have, sizeof(sink) - 1 - have, 0);

		if (n <= 0)
			die("reply");
		have += (size_t)n;
		sink[have] = 0;
		end = strstr(sink, "\r\n\r\n");
	}
	receive(http_fd, BLOCK - (have - (size_t)(end + 4 - sink)));
}

static const struct load {
	const char *name;
	void (*op)(void);
	int batch; /* operations between looks at the clock */
} loads[] = {
	{"getppid", op_getppid, 100},  {"read1", op_read1, 100},   {"pread4k", op_pread4k, 50},
	{"pread64k", op_pread64k, 20}, {"pread1m", op_pread1m, 2}, {"pingpong", op_pingpong, 10},
	{"tcp64k", op_tcp, 5},	       {"nginx64k", op_http, 2},   {"storm2", op_getppid, 100},
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void run(const struct load *l, const char *name, uint64_t duration_ns)
{
	static double slice[MAX_SLICES];
	uint64_t begin = now_ns(), at = begin, slice_begin = begin, ops = 0, slice_ops = 0;
	size_t n = 0;

	do {
		for (int i = 0; i < l->batch; i++)
			l->op();
		slice_ops += (uint64_t)l->batch;
		at = now_ns();
		if (at - slice_begin >= SLICE_NS && n < MAX_SLICES) {
			slice[n++] = (double)(at - slice_begin) / (double)slice_ops;
			ops += slice_ops;
			slice_ops = 0;
			slice_begin = at;
		}
	} while (at - begin < duration_ns);
	if (!n)
		slice[n++] = (double)(at - begin) / (double)(ops = slice_ops);
	qsort(slice, n, sizeof(slice[0]), by_value);
	printf("%s %.2f %.2f %.2f %llu\n", name, slice[n / 5], slice[n / 2], (double)(at - begin) / (double)ops,
	       (unsigned long long)ops);
	fflush(stdout);
}

/* A run once to warm up, then the least of seven: what a timer interrupt adds is no part of the operation. */
static void count(const struct load *l)
{
	uint64_t begin, least = 0;
	int ops = l->batch * 20;

	for (int run = 0; run < 8; run++) {
		begin = now_ns();
		for (int i = 0; i < ops; i++)
			l->op();
		begin = now_ns() - begin;
		if (run && (!least || begin < least))
			least = begin;
	}
	printf("%s %.1f\n", l->name, (double)least / ops);
	fflush(stdout);
}

static volatile bool hog_on;
static sem_t hog_go;

/* The other CPU's storm. */
static void *hog_main(void *arg)
{
	(void)arg;
	pin(0);
	while (!sem_wait(&hog_go) || errno == EINTR)
		while (hog_on)
			syscall(SYS_getppid);
	return NULL;
}

/* Not before it storms. */
static void start_hog(void)
{
	hog_on = true;
	if (sem_post(&hog_go))
		die("sem_post");
}

static void *idle_main(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

static void add_idle(uint64_t n)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16 << 10);
	for (; idle_threads < n; idle_threads++)
		if ((errno = pthread_create(&t, &attr, idle_main, NULL)))
			die("pthread_create");
	printf("idle %llu\n", (unsigned long long)idle_threads);
	fflush(stdout);
}

#define END_READS 16

static void *end_main(void *arg)
{
	char block[4 << 10];

	(void)arg;
	for (int i = 0; i < END_READS; i++)
		if (pread(file_fd, block, sizeof(block), 0) != sizeof(block))
			die("pread");
	return NULL;
}

static void make_ends(uint64_t n)
{
	pthread_t t;

	for (uint64_t i = 0; i < n; i++)
		if ((errno = pthread_create(&t, NULL, end_main, NULL)) || (errno = pthread_join(t, NULL)))
			die("pthread_create");
	printf("ends %llu %llu\n", (unsigned long long)n, (unsigned long long)n * END_READS * (4 << 10));
	fflush(stdout);
}

static void connect_http(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	http_fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(http_fd, (struct sockaddr *)&a, sizeof(a)))
		die("connect");
	snprintf(request, sizeof(request), "GET /64k HTTP/1.1\r\nHost: x\r\n\r\n");
}

static void connect_tcp(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM, 0), size = 1 << 20;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp[0] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(tcp[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&a, &len) || connect(tcp[0], (struct sockaddr *)&a, sizeof(a)))
		die("tcp");
	tcp[1] = accept(listener, NULL, NULL);
	close(listener);
}

static void answer(const char *name, uint64_t value)
{
	if (strcmp(name, "idle") == 0) {
		add_idle(value);
		return;
	}
	if (strcmp(name, "ends") == 0) {
		make_ends(value);
		return;
	}
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (strcmp(name, loads[i].name) != 0)
			continue;
		if (counting) {
			count(&loads[i]);
			return;
		}
		if (strcmp(name, "storm2") == 0)
			start_hog();
		run(&loads[i], name, value * 1000000);
		hog_on = false;
		return;
	}
	printf("unknown %s\n", name);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sched_param fifo = {.sched_priority = 1};
	pthread_t partner, hog;
	char name[32];
	unsigned long long value;

	counting = argc > 2 && strcmp(argv[1], "--count") == 0;
	argv += counting;
	argc -= counting;
	if (argc < 2)
		return 2;
	if (pipe(ping) || pipe(pong) || sem_init(&hog_go, 0, 0) ||
	    (!counting && pthread_create(&hog, NULL, hog_main, NULL)))
		die("pipe");
	pin(last_cpu());
	if (!counting && sched_setscheduler(0, SCHED_FIFO, &fifo))
		perror("load: no real-time priority, figures will be noisy");
	file_fd = open(argv[1], O_RDONLY);
	zero_fd = open("/dev/zero", O_RDONLY);
	if (file_fd < 0 || zero_fd < 0 || pread(file_fd, buffer, sizeof(buffer), 0) != sizeof(buffer))
		die(argv[1]);
	connect_tcp();
	if (argc > 2)
		connect_http(atoi(argv[2]));
	if (pthread_create(&partner, NULL, pong_main, NULL)) /* inherits the CPU and the priority */
		die("pthread_create");
	printf("ready %d\n", getpid());
	fflush(stdout);
	while (scanf("%31s %llu", name, &value) == 2)
		answer(name, value);
	return 0;
}
