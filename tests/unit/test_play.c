/* SPDX-License-Identifier: GPL-2.0-only */
/* test_play.c - what is recorded is what is played, and a damaged file costs one answer and no memory error. */
#include "play_fixture.h"

/* Processes 100 + n that ended at a tick, so that folds come to be. */
static void add(struct record *rec, struct model *m, const struct zc_record *r)
{
	record__add(rec, r, path_of(NULL, r->cgroup));
	assert_int_equal(model__add(m, r), 0);
}

static void record_tick(struct record *rec, struct model *m, uint32_t tick)
{
	uint64_t system[M_COUNT];
	struct snapshot s;

	for (uint32_t i = 0; i < 13; i++) {
		struct zc_record r = record_at(i, tick);

		if (!(i % 5 == 2 && tick > 3))
			add(rec, m, &r);
	}
	for (uint32_t i = 0; i < 3; i++) {
		struct zc_record r = record_at(100 + i, tick);

		r.uid = 100000 + 10 * tick + i;
		r.process.tgid = 1000 + 10 * tick + i;
		r.flags = ZT_EXITED | ZT_LEADER;
		add(rec, m, &r);
	}
	for (int i = 0; i < M_COUNT; i++)
		system[i] = 17ULL * tick * (unsigned int)i;
	record__set_system(rec, 1, system);
	model__set_system(m, 1, system);
	assert_int_equal(model__sum(m), 0);
	fill_snapshot(&s, m, tick);
	record__tick(rec, &s);
}

/* A recording as bytes; documents[]: what the views made of each tick. */
static uint8_t *make_recording(size_t *ret_len, char *documents[N_TICKS], bool ended)
{
	int fd = memfd_create("recording", 0), kept;
	struct model *m = model__new(MAX_ENDED);
	struct record *rec;
	uint8_t *bytes;

	assert_true(fd >= 0);
	kept = dup(fd);
	assert_int_equal(record__new(&rec, fd, MAX_ENDED), 0);
	for (uint32_t tick = 0; tick < N_TICKS; tick++) {
		struct snapshot s;

		record_tick(rec, m, tick);
		fill_snapshot(&s, m, tick);
		if (documents)
			documents[tick] = json_of(&s);
	}
	assert_true(model__n_folded(m) > 0);
	assert_int_equal(record__error(rec), 0);
	assert_int_equal(record__close(rec, ended), 0);
	*ret_len = (size_t)lseek(kept, 0, SEEK_END);
	bytes = malloc(*ret_len);
	assert_int_equal(pread(kept, bytes, *ret_len, 0), *ret_len);
	close(kept);
	model__free(m);
	return bytes;
}

static void what_is_played_is_what_was_recorded(void **state)
{
	char *documents[N_TICKS];
	size_t len;
	uint8_t *bytes = make_recording(&len, documents, true);
	struct play *p;

	(void)state;
	assert_int_equal(play__open(&p, fd_of(bytes, len)), 0);
	for (int tick = 0; tick < N_TICKS; tick++) {
		struct snapshot s;
		char *played;

		assert_int_equal(play__step(p), 1);
		play__snapshot(p, &s);
		played = json_of(&s);
		assert_string_equal(played, documents[tick]);
		assert_int_equal(s.start_unix_ns, 1700000000123456789);
		assert_int_equal(s.cost.cpu_ns, tick * 1009);
		free(played);
		free(documents[tick]);
	}
	assert_int_equal(play__step(p), 0);
	assert_int_equal(play__step(p), 0);
	assert_null(play__unknown(p, 0));
	play__close(p);
	free(bytes);
}

/* Every byte that a view would read, for the sanitizer; now and then by a view. */
static void look_at(const struct snapshot *s)
{
	static unsigned int n_looks;
	const struct model_process **list;
	int n = model__list(s->model, M_COUNT, &list);
	uint64_t sum = 0;

	for (int i = 0; i < n; i++) {
		const char *path = s->cgroup_path(s->cgroup_ctx, list[i]->cgroup);

		sum += path ? strlen(path) : 0;
		for (enum metric m = 0; m < M_COUNT; m++)
			sum += list[i]->v[m] + (unsigned int)snapshot__quality(s, list[i], m);
	}
	free(list);
	for (enum hook h = 0; h < H_COUNT; h++)
		sum += (s->hook[h].by ? strlen(s->hook[h].by) : 0) + (s->hook[h].error ? strlen(s->hook[h].error) : 0);
	if (sum && ++n_looks % 97 == 0)
		free(json_of(s));
}

/* Plays what may be anything, to the end; the views must stand what came of it. */
static int play_all(const uint8_t *bytes, size_t len, uint32_t *ret_ticks, uint64_t *ret_at)
{
	struct play *p;
	int err = play__open(&p, fd_of(bytes, len));
	const char *what;

	*ret_ticks = 0;
	while (!err && (err = play__step(p)) == 1) {
		++*ret_ticks;
		err = 0;
	}
	what = play__what(p, ret_at);
	assert_true((err == -EBADMSG) == (what != NULL));
	if (*ret_ticks) {
		struct snapshot s;

		play__snapshot(p, &s);
		look_at(&s);
	}
	play__close(p);
	return err;
}

static void a_file_cut_anywhere_gives_the_ticks_before(void **state)
{
	size_t len;
	uint8_t *bytes = make_recording(&len, NULL, true);
	uint32_t ticks = 0, before = 0;
	uint64_t at;

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		assert_int_equal(play_all(bytes, cut, &ticks, &at), -EBADMSG);
		assert_true(ticks == before || ticks == before + 1);
		assert_true(at <= cut);
		before = ticks;
	}
	assert_int_equal(before, N_TICKS); /* only the end frame is missing */
	assert_int_equal(play_all(bytes, len, &ticks, &at), 0);
	assert_int_equal(ticks, N_TICKS);
	free(bytes);
}

static void a_recorder_that_is_killed_leaves_all_ticks(void **state)
{
	size_t len;
	uint8_t *bytes = make_recording(&len, NULL, false);
	uint32_t ticks;
	uint64_t at;

	(void)state;
	assert_int_equal(play_all(bytes, len, &ticks, &at), -EBADMSG);
	assert_int_equal(ticks, N_TICKS);
	assert_int_equal(at, len);
	free(bytes);
}

static void a_byte_that_is_wrong_anywhere_is_found(void **state)
{
	static const uint8_t masks[] = {0xff, 0x01};
	size_t len;
	uint8_t *bytes = make_recording(&len, NULL, true);
	uint32_t ticks;
	uint64_t at;

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < N_OF(masks); k++) {
			bytes[i] ^= masks[k];
			assert_int_equal(play_all(bytes, len, &ticks, &at), -EBADMSG);
			assert_true(at <= i);
			bytes[i] ^= masks[k];
		}
	free(bytes);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Frames whose checksums are right and whose contents are not: what only malice makes. */
static void contents_that_make_no_sense_do_no_harm(void **state)
{
	size_t len, refused = 0, rounds = 2003;
	uint8_t *bytes = make_recording(&len, NULL, true);
	uint32_t seed = 7, ticks;
	uint64_t at;

	(void)state;
	for (size_t round = 0; round < rounds; round++) {
		int in = fd_of(bytes, len), out = memfd_create("mutant", 0), err;
		struct frame_reader r;
		struct frame_writer w;
		uint32_t victim = random_next(&seed) % (N_TICKS + 2), n = 1 + random_next(&seed) % 5;
		uint8_t *mutant;
		size_t mutant_len;

		assert_int_equal(frame_reader__begin(&r, in), 0);
		assert_int_equal(frame_writer__begin(&w, out), 0);
		for (uint32_t i = 0; frame_reader__peek(&r) == 0; i++) {
			uint8_t type = r.head.type;
			uint64_t time_ns = r.head.time_ns;

			assert_int_equal(frame_reader__take(&r), 0);
			for (uint32_t k = 0; i == victim && r.raw.len && k < n; k++)
				r.raw.at[random_next(&seed) % r.raw.len] = (uint8_t)random_next(&seed);
			if (i == victim && random_next(&seed) % 4 == 0)
				r.raw.len = r.raw.len ? random_next(&seed) % r.raw.len : 0;
			assert_int_equal(frame_writer__write(&w, type, time_ns, &r.raw), 0);
		}
		mutant_len = (size_t)w.at;
		assert_int_equal(frame_writer__end(&w), 0);
		mutant = malloc(mutant_len);
		assert_int_equal(pread(out, mutant, mutant_len, 0), mutant_len);
		frame_reader__end(&r);
		close(in);
		close(out);
		err = play_all(mutant, mutant_len, &ticks, &at);
		assert_true(err == 0 || err == -EBADMSG);
		refused += err != 0;
		free(mutant);
	}
	assert_true(refused > rounds / 4);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_played_is_what_was_recorded),
		cmocka_unit_test(a_file_cut_anywhere_gives_the_ticks_before),
		cmocka_unit_test(a_recorder_that_is_killed_leaves_all_ticks),
		cmocka_unit_test(a_byte_that_is_wrong_anywhere_is_found),
		cmocka_unit_test(contents_that_make_no_sense_do_no_harm),
	};

	return RUN_TESTS(tests);
}
