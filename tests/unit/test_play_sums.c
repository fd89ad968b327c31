/* SPDX-License-Identifier: GPL-2.0-only */
/* test_play_sums.c - where the recorder summed its model between ticks the player does, so that both fold the same. */
#include "play_fixture.h"

static const char *storm_path(void *ctx, uint64_t id)
{
	static char path[32];

	(void)ctx;
	snprintf(path, sizeof(path), "/storm%llu", (unsigned long long)id);
	return id % 5 ? path : NULL;
}

/* A storm of processes, each of its own name and cgroup, that the model is summed up in the middle of. sums: in vain.
 */
static uint8_t *record_storm(size_t *ret_len, char **ret_document, uint32_t n, uint32_t sums)
{
	int fd = memfd_create("recording", 0), kept = dup(fd);
	struct model *m = model__new(MAX_ENDED);
	struct record *rec;
	struct snapshot s;
	uint8_t *bytes;

	assert_int_equal(record__new(&rec, fd, MAX_ENDED), 0);
	for (uint32_t i = 0; i < n; i++) {
		struct zc_record r = record_at(100 + i * 7919 % n, 1);

		r.uid = 100000 + i;
		r.flags = ZT_EXITED | ZT_LEADER;
		r.process.tgid = 1000 + i;
		r.cgroup = 1 + i;
		if (i % 11 == 3) { /* one that lives, and ends later: folds depend on when sums are made */
			r.flags = ZT_LEADER;
			r.cgroup = 7;
		}
		record__add(rec, &r, storm_path(NULL, r.cgroup));
		assert_int_equal(model__add(m, &r), 0);
		if (i % 1511 == 1510) {
			record__sum(rec);
			assert_int_equal(model__sum(m), 0);
		}
	}
	for (uint32_t i = 0; i < sums; i++)
		record__sum(rec);
	assert_int_equal(model__sum(m), 0);
	fill_snapshot(&s, m, 0);
	s.cgroup_path = storm_path;
	record__tick(rec, &s);
	*ret_document = json_of(&s);
	assert_int_equal(record__close(rec, true), 0);
	*ret_len = (size_t)lseek(kept, 0, SEEK_END);
	bytes = malloc(*ret_len);
	assert_int_equal(pread(kept, bytes, *ret_len, 0), *ret_len);
	close(kept);
	model__free(m);
	return bytes;
}

static void sums_between_ticks_are_played(void **state)
{
	struct snapshot s;
	char *document, *played;
	size_t len;
	uint8_t *bytes = record_storm(&len, &document, 26 * 1511 + 101, 0);
	struct play *p;

	(void)state;
	assert_int_equal(play__open(&p, fd_of(bytes, len)), 0);
	assert_int_equal(play__step(p), 1);
	play__snapshot(p, &s);
	played = json_of(&s);
	assert_int_equal(strcmp(played, document), 0);
	assert_true(play__n_paths(p) < 16384 + 5000);
	free(played);
	free(document);
	play__close(p);
	free(bytes);
}

/* Each takes time, and but few bytes. */
static void sums_in_vain_are_damage(void **state)
{
	char *document;
	size_t len;
	uint8_t *bytes = record_storm(&len, &document, 1511, 1);
	struct play *p;

	(void)state;
	assert_int_equal(play__open(&p, fd_of(bytes, len)), 0);
	assert_int_equal(play__step(p), -EBADMSG);
	free(document);
	play__close(p);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_between_ticks_are_played),
		cmocka_unit_test(sums_in_vain_are_damage),
	};

	return RUN_TESTS(tests);
}
