/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake.c - the live display on a source whose figures are known: each process does the same every second.
 *
 *	pid  parent  name     a second
 *	100    0     init     nothing
 *	101  100     steady   1 MiB to user, by two threads
 *	102  101     writer   2 MiB from user, 2 MiB written to disk
 *	103  100     sender   3 MiB past user, to the network; a quarter of its pages missed
 *	104    0     spinner  1 s on a CPU
 *	105    0     brief    4 MiB to user, and ends when 4 s have passed
 *	200 ...      hostile names, then 40 that idle
 *
 * usage: fake-top [--ascii] [broken | over | slow]; broken: no snapshot after 2 s; over: at its end after 2 s; slow:
 *from the second on, a snapshot takes 2 s and no signal makes it shorter.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "signals.h"
#include "top.h"

#define SECOND 1000000000ULL
#define MIB (1ULL << 20)

struct fake {
	uint64_t start_ns;
	struct model *model;
	bool broken, over, slow;
};

static const char *const hostile[] = {
	"\x1b[31mred\x1b[2J",	     "two\nlines\r", "\xe2\x80\xaesdrawkcab", "日本語の名前", "😀😁😂", "\xff\xfe\x80",
	"e\xcc\x81\xcc\x81\xcc\x81", "back\\slash",
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static uint64_t fake_elapsed_ns(void *self)
{
	return now_ns() - ((struct fake *)self)->start_ns;
}

static int fake_poll(void *self, int timeout_ms, int wake_fd)
{
	struct pollfd fd = {.fd = wake_fd, .events = POLLIN};

	(void)self;
	poll(&fd, 1, timeout_ms);
	return 0;
}

static struct zc_record process(uint32_t pid, uint32_t ppid, const char *comm)
{
	struct zc_record r = {.uid = pid, .tid = pid, .ppid = ppid, .process = {.tgid = pid, .start_ns = pid}};

	memcpy(r.comm, comm, strnlen(comm, ZC_COMM_LEN - 1));
	memcpy(r.leader_comm, r.comm, ZC_COMM_LEN);
	return r;
}

static int add(struct fake *f, struct zc_record r)
{
	return model__add(f->model, &r);
}

static uint64_t times(uint64_t a_second, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)a_second * ns / SECOND);
}

static int add_all(struct fake *f, uint64_t ns)
{
	struct zc_record init = process(100, 0, "init"), steady = process(101, 100, "steady"), helper = steady,
			 writer = process(102, 101, "writer"), sender = process(103, 100, "sender"),
			 spinner = process(104, 0, "spinner"), brief = process(105, 0, "brief");
	int err;

	helper.uid = helper.tid = 1101;
	strcpy(helper.comm, "helper");
	steady.v[M_TO_USER_FILE] = helper.v[M_TO_USER_FILE] = times(MIB / 2, ns);
	steady.v[M_PAYLOAD_IN] = helper.v[M_PAYLOAD_IN] = times(MIB / 2, ns);
	writer.v[M_FROM_USER_FILE] = writer.v[M_PAYLOAD_OUT] = writer.v[M_DMA_DISK_WRITE] = times(2 * MIB, ns);
	sender.v[M_ZC_SENDFILE] = sender.v[M_PAYLOAD_OUT] = sender.v[M_DMA_NET_TX] = times(3 * MIB, ns);
	sender.v[M_CACHE_HIT] = times(300, ns);
	sender.v[M_CACHE_MISS] = times(100, ns);
	sender.v[M_SYSCALLS] = times(50000, ns);
	sender.v[M_SWITCHES_VOLUNTARY] = times(3000, ns);
	sender.v[M_SWITCHES_INVOLUNTARY] = times(2000, ns);
	spinner.v[M_ONCPU_NS] = ns;
	brief.v[M_TO_USER_FILE] = times(4 * MIB, ns > 4 * SECOND ? 4 * SECOND : ns);
	brief.flags = ns > 4 * SECOND ? ZT_EXITED : 0;
	err = add(f, init) || add(f, steady) || add(f, helper) || add(f, writer) || add(f, sender) || add(f, spinner) ||
	      add(f, brief);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]) && !err; i++)
		err = add(f, process(200 + (uint32_t)i, 0, hostile[i]));
	for (uint32_t i = 0; i < 40 && !err; i++)
		err = add(f, process(300 + i, 0, "idler"));
	return err ? -ENOMEM : model__sum(f->model);
}

static int fake_snapshot(void *self, struct snapshot *ret)
{
	struct fake *f = self;
	uint64_t ns = fake_elapsed_ns(f);

	if (f->broken && ns > 2 * SECOND) {
		fprintf(stderr, "fake: the source broke\n");
		return -EIO;
	}
	for (uint64_t end = now_ns() + 2 * SECOND; f->slow && ns > SECOND && now_ns() < end;)
		;
	*ret = (struct snapshot){
		.kernel = "6.12.0", .host = "fake\x1b[31m", .duration_ns = ns, .start_unix_ns = 0, .model = f->model};
	ret->hook[H_COPY_FILE].by = "fexit";
	for (int m = 0; m < M_COUNT; m++)
		ret->quality[m] = Q_MEASURED;
	return add_all(f, ns);
}

static bool fake_over(void *self)
{
	return ((struct fake *)self)->over && fake_elapsed_ns(self) > 2 * SECOND;
}

static int fake_stop(void *self)
{
	(void)self;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct source_ops ops = {fake_poll, fake_snapshot, fake_elapsed_ns, fake_over, fake_stop, NULL};
	struct opts o = {.sort = M_COUNT};
	struct fake f = {.start_ns = now_ns(), .model = model__new(100)};
	struct source source = {&ops, &f};
	int err;

	setlocale(LC_CTYPE, "");
	signals__catch();
	for (int i = 1; i < argc; i++) {
		o.ascii |= strcmp(argv[i], "--ascii") == 0;
		f.broken |= strcmp(argv[i], "broken") == 0;
		f.slow |= strcmp(argv[i], "slow") == 0;
		f.over |= strcmp(argv[i], "over") == 0;
	}
	if (!top__wanted(&o)) {
		puts("fake: no display");
		return 2;
	}
	err = top__run(&source, &o);
	model__free(f.model);
	printf("fake: ended with %d\n", err);
	return err ? 1 : 0;
}
