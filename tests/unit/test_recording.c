/* SPDX-License-Identifier: GPL-2.0-only */
/* test_recording.c - the bytes of a recording: numbers, changes, names, slots. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "play.h"
#include "record.h"
#include "recording.h"

static struct cursor at_begin(const struct bytes *b)
{
	return (struct cursor){b->at, b->at + b->len, false};
}

static void numbers_come_back(void **state)
{
	static const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, 1ULL << 63, UINT64_MAX};
	static const int64_t signs[] = {0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};
	struct bytes b = {0};
	struct cursor c;

	(void)state;
	for (size_t i = 0; i < N_OF(numbers); i++)
		put_number(&b, numbers[i]);
	for (size_t i = 0; i < N_OF(signs); i++)
		put_signed(&b, signs[i]);
	c = at_begin(&b);
	for (size_t i = 0; i < N_OF(numbers); i++)
		assert_int_equal(get_number(&c), numbers[i]);
	for (size_t i = 0; i < N_OF(signs); i++)
		assert_int_equal(get_signed(&c), signs[i]);
	assert_false(c.bad);
	assert_ptr_equal(c.at, c.end);
	assert_int_equal(get_number(&c), 0);
	assert_true(c.bad);
	bytes__free(&b);
}

static void numbers_that_are_none_are_bad(void **state)
{
	static const uint8_t too_long[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0};
	static const uint8_t too_large[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
	static const uint8_t cut[] = {0x80};
	struct cursor c = {too_long, too_long + sizeof(too_long), false};

	(void)state;
	assert_int_equal(get_number(&c), UINT64_MAX);
	assert_false(c.bad);
	c = (struct cursor){too_large, too_large + sizeof(too_large), false};
	get_number(&c);
	assert_true(c.bad);
	c = (struct cursor){cut, cut + sizeof(cut), false};
	get_number(&c);
	assert_true(c.bad);
	c = (struct cursor){too_long, too_long + sizeof(too_long), false};
	get_u32(&c);
	assert_true(c.bad);
}

static void texts_come_back_and_nothing_is_not_empty(void **state)
{
	struct bytes b = {0};
	struct cursor c;
	char *s;

	(void)state;
	put_text(&b, NULL);
	put_text(&b, "");
	put_text(&b, "a\033b");
	put_number(&b, 1000); /* longer than what is left */
	c = at_begin(&b);
	assert_int_equal(get_text(&c, &s), 0);
	assert_null(s);
	get_text(&c, &s);
	assert_string_equal(s, "");
	free(s);
	get_text(&c, &s);
	assert_string_equal(s, "a\033b");
	free(s);
	get_text(&c, &s);
	assert_null(s);
	assert_true(c.bad);
	bytes__free(&b);
}

static void changes_come_back_by_the_map(void **state)
{
	static const uint64_t last[] = {5, 0, UINT64_MAX, 7}, now[] = {5, 3, 1, 6};
	static const uint16_t same[] = {0, 1, 2, 3}, turned[] = {3, 9, 1, 0}; /* 9: not known here */
	uint64_t v[4];
	struct bytes b = {0};
	struct cursor c;

	(void)state;
	put_changes(&b, now, last, 4);
	c = at_begin(&b);
	memcpy(v, last, sizeof(v));
	get_changes(&c, v, same, 4, 4);
	assert_memory_equal(v, now, sizeof(v));
	c = at_begin(&b);
	memset(v, 0, sizeof(v));
	get_changes(&c, v, turned, 4, 4);
	assert_int_equal(v[0], UINT64_MAX); /* 6 - 7 */
	assert_int_equal(v[1], 2);	    /* 1 - UINT64_MAX */
	assert_false(c.bad);
	c = at_begin(&b);
	get_changes(&c, v, same, 2, 4); /* names more than there are */
	assert_true(c.bad);
	bytes__free(&b);
}

/* A header as another zctrace may write it: names in another order, some of them new. */
static void names_are_mapped_and_new_ones_told(void **state)
{
	int fd = memfd_create("other", 0), kept = dup(fd);
	struct frame_writer w;
	struct bytes b = {0};
	struct snapshot s;
	struct play *p;

	(void)state;
	assert_int_equal(frame_writer__begin(&w, fd), 0);
	put_text(&b, "9.9");
	put_number(&b, 10);
	put_number(&b, 3);
	put_text(&b, "payload_out_bytes");
	put_text(&b, "furlongs");
	put_text(&b, "syscalls");
	put_number(&b, 0); /* hooks */
	put_number(&b, 1);
	put_text(&b, "ring_full");
	assert_int_equal(frame_writer__write(&w, FRAME_HEADER, 0, &b), 0);
	b.len = 0;
	put_number(&b, 0 << OP_BITS | OP_SYSTEM);
	for (int i = 0; i < 3; i++) {
		put_number(&b, 1);
		put_signed(&b, 101 + i);
	}
	put_number(&b, 0);
	put_number(&b, OP_TICK);
	put_number(&b, 1000000007);
	put_byte(&b, 1);
	put_number(&b, 1);
	put_text(&b, "k");
	put_text(&b, "h");
	put_byte(&b, 0);
	for (int i = 0; i < 3; i++)
		put_byte(&b, Q_MEASURED);
	put_number(&b, 0);
	put_number(&b, 1); /* ring_full */
	put_signed(&b, 13);
	put_number(&b, 0);
	for (int i = 0; i < 13; i++)
		put_byte(&b, 0);
	assert_int_equal(frame_writer__write(&w, FRAME_TICK, 1000000007, &b), 0);
	b.len = 0;
	assert_int_equal(frame_writer__write(&w, FRAME_END, 0, &b), 0);
	frame_writer__end(&w);
	bytes__free(&b);
	close(fd);
	lseek(kept, 0, SEEK_SET);
	assert_int_equal(play__open(&p, kept), 0);
	assert_string_equal(play__unknown(p, 0), "furlongs");
	assert_null(play__unknown(p, 1));
	assert_int_equal(play__step(p), 1);
	play__snapshot(p, &s);
	assert_int_equal(model__system(s.model)[M_PAYLOAD_OUT], 101);
	assert_int_equal(model__system(s.model)[M_SYSCALLS], 103);
	assert_int_equal(s.quality[M_SYSCALLS], Q_MEASURED);
	assert_int_equal(s.quality[M_DATA_CALLS], Q_NONE);
	assert_null(s.hook[H_DISK].by);
	assert_int_equal(s.lost[L_RING_FULL], 13);
	assert_int_equal(play__step(p), 0);
	play__close(p);
}

/* What play__step says of one frame of these bytes, behind a header of no names. */
static int play_frame_of(const struct bytes *operations)
{
	int fd = memfd_create("frame", 0), kept = dup(fd), err;
	struct bytes header = {0};
	struct frame_writer w;
	struct play *p;

	put_text(&header, "");
	for (int i = 0; i < 4; i++) /* max_ended, metrics, hooks, losses */
		put_number(&header, 0);
	assert_int_equal(frame_writer__begin(&w, fd), 0);
	assert_int_equal(frame_writer__write(&w, FRAME_HEADER, 0, &header), 0);
	assert_int_equal(frame_writer__write(&w, FRAME_PART, 0, operations), 0);
	frame_writer__end(&w);
	bytes__free(&header);
	close(fd);
	lseek(kept, 0, SEEK_SET);
	assert_int_equal(play__open(&p, kept), 0);
	err = play__step(p);
	if (err == -EBADMSG) {
		uint64_t at;

		/* the frame was good and the file ended behind it */
		err = strstr(play__what(p, &at), "last frame") ? 0 : err;
	}
	play__close(p);
	return err;
}

static void slots_and_sources_that_are_none_are_refused(void **state)
{
	static const struct {
		uint64_t operation;
		bool good;
	} cases[] = {
		{0 << OP_BITS | OP_NEW, true},
		{0 << OP_BITS | OP_SAME, false},
		{1 << OP_BITS | OP_NEW, false},
		{2 << OP_BITS | OP_NEW, false},
		{120000ULL << OP_BITS | OP_NEW, false},
		{UINT64_MAX << OP_BITS | OP_NEW, false},
		{120000ULL << OP_BITS | OP_SAME, false},
		{(UINT64_MAX - 1) << OP_BITS | OP_SAME, false},
		{15 << OP_BITS | OP_SYSTEM, true},
		{16 << OP_BITS | OP_SYSTEM, false},
		{OP_CGROUP, true},
		{7, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct bytes b = {0};
		bool same = (cases[i].operation & 7) == OP_SAME;

		put_number(&b, cases[i].operation);
		for (int k = 0; !same && k < ((cases[i].operation & 7) == OP_NEW      ? 8 + ZC_COMM_LEN + 1 + 1
					      : (cases[i].operation & 7) == OP_CGROUP ? 2
										      : 1);
		     k++)
			put_byte(&b, 0);
		assert_int_equal(play_frame_of(&b), cases[i].good ? 0 : -EBADMSG);
		bytes__free(&b);
	}
}

/* More threads than slots: what has none is written whole. */
static void more_threads_than_slots_lose_nothing(void **state)
{
	int fd = memfd_create("many", 0), kept = dup(fd);
	uint32_t n = RECORDING_SLOTS_MAX + 1009;
	struct record *rec;
	struct snapshot s;
	struct model *m = model__new(10);
	struct play *p;

	(void)state;
	assert_int_equal(record__new(&rec, fd, 10), 0);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < n; i++) {
			struct zc_record r = {.uid = i + 1, .process = {.tgid = 7, .start_ns = 1}, .tid = i + 1};

			r.v[M_SYSCALLS] = i + round;
			record__add(rec, &r, NULL);
		}
	s = (struct snapshot){.model = m, .duration_ns = 7};
	record__tick(rec, &s);
	assert_int_equal(record__close(rec, true), 0);
	lseek(kept, 0, SEEK_SET);
	assert_int_equal(play__open(&p, kept), 0);
	assert_int_equal(play__step(p), 1);
	play__snapshot(p, &s);
	assert_int_equal(model__n_processes(s.model), 1);
	{
		const struct model_process **list;

		assert_int_equal(model__list(s.model, M_COUNT, &list), 1);
		assert_int_equal(list[0]->n_threads, n);
		assert_int_equal(list[0]->v[M_SYSCALLS], (uint64_t)n * (n + 1) / 2);
		free(list);
	}
	assert_int_equal(play__step(p), 0);
	play__close(p);
	model__free(m);
}

static void a_full_disk_is_an_error_and_stays_one(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct record *rec;

	(void)state;
	assert_int_equal(record__new(&rec, fd, 10), -ENOSPC);
	assert_null(rec);
	assert_int_equal(record__close(NULL, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(numbers_that_are_none_are_bad),
		cmocka_unit_test(texts_come_back_and_nothing_is_not_empty),
		cmocka_unit_test(changes_come_back_by_the_map),
		cmocka_unit_test(names_are_mapped_and_new_ones_told),
		cmocka_unit_test(slots_and_sources_that_are_none_are_refused),
		cmocka_unit_test(more_threads_than_slots_lose_nothing),
		cmocka_unit_test(a_full_disk_is_an_error_and_stays_one),
	};

	return RUN_TESTS(tests);
}
