// SPDX-License-Identifier: GPL-2.0-only
/* model.c - what the reader's model costs per record, from 10 threads to 100,000: new records, then changed ones,
 * summed. */
#include <stdio.h>
#include <time.h>

#include "model.h"

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int feed(struct model *m, uint32_t threads, uint64_t value)
{
	struct zc_record r = {.cgroup = 1, .comm = "worker", .leader_comm = "server"};
	int err = 0;

	for (uint32_t i = 0; i < threads && !err; i++) {
		r.uid = i + 1;
		r.start_ns = 1000 + i;
		r.tid = 1000 + i;
		r.process = (struct zc_owner){.tgid = 1000 + i / 50 * 50, .start_ns = 1000 + i / 50 * 50};
		r.v[M_SYSCALLS] = r.v[M_ONCPU_NS] = value;
		err = model__add(m, &r);
	}
	return err ? err : model__sum(m);
}

int main(void)
{
	static const uint32_t sizes[] = {10, 1000, 10000, 100000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t rounds = 1000000 / sizes[i] < 5 ? 5 : 1000000 / sizes[i];
		struct model *m = model__new(10000);
		double begin;

		if (!m || feed(m, sizes[i], 1))
			return 1;
		begin = now_ns();
		for (uint32_t n = 0; n < rounds; n++)
			if (feed(m, sizes[i], 2 + n))
				return 1;
		printf("model ns per record at %u %.1f\n", sizes[i], (now_ns() - begin) / rounds / sizes[i]);
		model__free(m);
	}
	return 0;
}
