/* SPDX-License-Identifier: GPL-2.0-only */
/* test_json.c - one whole document or nothing, and a schema that names every metric. Run from the top of the tree. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "views.h"

#define SCHEMA "docs/zctrace-1.schema.json"
#define HOSTILE "\x1b[2J\xff\"\n\\x"

struct failing_allocator {
	long left; /* allocations until one fails; negative: none does */
};

static struct failing_allocator allocator = {-1};

static void *failing_malloc(size_t size)
{
	if (allocator.left == 0)
		return NULL;
	allocator.left -= allocator.left > 0;
	return malloc(size);
}

static const char *hostile_path(void *ctx, uint64_t id)
{
	(void)ctx;
	return id == 7 ? "/system.slice/" HOSTILE : NULL;
}

static struct snapshot snapshot_make(void)
{
	struct snapshot s = {.kernel = "6.12.57", .host = HOSTILE, .duration_ns = 5, .model = model__new(1)};
	struct zc_record r = {
		.uid = 1, .tid = 42, .process = {42, 0, 1000}, .flags = ZT_TRACED, .cgroup = 7, .ppid = 3};

	for (enum metric m = 0; m < M_COUNT; m++)
		s.quality[m] = Q_MEASURED;
	s.quality[M_TO_USER_FILE] = Q_INFERRED;
	s.quality[M_KERN_SEGMENT] = Q_NONE;
	s.hook[H_SEGMENT].error = "no fexit\x07";
	s.hook[H_COPY_FILE].by = "inferred";
	s.cgroup_path = hostile_path;
	s.lost[L_RING_FULL] = 3;
	memcpy(r.comm, HOSTILE, sizeof(HOSTILE));
	memcpy(r.leader_comm, HOSTILE, sizeof(HOSTILE));
	r.v[M_TO_USER_FILE] = (1ULL << 53) + 1;
	r.v[M_SYSCALLS] = UINT64_MAX;
	assert_int_equal(model__add(s.model, &r), 0);
	for (uint32_t i = 2; i < 4; i++) {
		r.uid = r.tid = r.process.tgid = i;
		r.flags = ZT_EXITED;
		assert_int_equal(model__add(s.model, &r), 0);
	}
	assert_int_equal(model__sum(s.model), 0);
	return s;
}

static char *json_text(const struct snapshot *s, bool threads, int *ret_err)
{
	struct view_opts o = {.sort = M_COUNT, .limit = 1, .threads = threads};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*ret_err = view_json(out, s, &o);
	fclose(out);
	return text;
}

static json_t *json_of(const struct snapshot *s, bool threads)
{
	int err;
	char *text = json_text(s, threads, &err);
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_int_equal(err, 0);
	assert_non_null(doc);
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p >= 0x20 || *p == '\n');
	free(text);
	return doc;
}

static json_t *at(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	if (!v)
		fail_msg("no key %s", key);
	return v;
}

static void integers_nulls_and_names(void **state)
{
	struct snapshot s = snapshot_make();
	json_t *doc = json_of(&s, false), *p = json_array_get(at(doc, "processes"), 0);

	(void)state;
	assert_string_equal(json_string_value(at(doc, "schema")), "zctrace/1");
	assert_int_equal(json_array_size(at(doc, "processes")), 3); /* --limit is for tables */
	assert_int_equal(json_array_size(at(doc, "inferred")), 1);
	assert_int_equal(json_integer_value(at(at(doc, "lost"), "ring_full")), 3);
	assert_true(json_is_null(at(doc, "command")));
	assert_true(json_is_null(at(doc, "exact")));
	assert_true(json_is_integer(at(at(doc, "system"), "syscalls")));
	assert_int_equal(json_object_size(at(p, "metrics")), M_COUNT);
	assert_true(json_integer_value(at(at(p, "metrics"), "copy_to_user_file_bytes")) == (1LL << 53) + 1);
	assert_true(json_integer_value(at(at(p, "metrics"), "syscalls")) == INT64_MAX); /* never negative */
	assert_true(json_is_null(at(at(p, "metrics"), "copy_in_kernel_segment_bytes")));
	assert_true(json_is_null(at(at(p, "derived"), "copies_per_payload_byte")));
	assert_int_equal(json_object_size(at(p, "derived")), D_COUNT);
	assert_null(json_object_get(p, "threads"));
	json_decref(doc);
	model__free(s.model);
}

static void folded_and_threads(void **state)
{
	struct snapshot s = snapshot_make();
	json_t *doc = json_of(&s, true), *p;
	size_t i, n_folded = 0;

	(void)state;
	json_array_foreach (at(doc, "processes"), i, p) {
		bool folded = json_integer_value(at(p, "folded")) > 0;

		n_folded += folded;
		assert_int_equal(json_is_null(at(p, "pid")), folded);
		assert_int_equal(json_array_size(at(p, "threads")), folded ? 0 : 1);
	}
	assert_int_equal(n_folded, 1);
	assert_int_equal(json_integer_value(at(doc, "folded")), 1);
	json_decref(doc);
	model__free(s.model);
}

static void command_and_exact(void **state)
{
	struct snapshot s = snapshot_make();
	json_t *doc;

	(void)state;
	s.command = (struct snapshot_command){.present = true, .pid = 9, .exited = true, .status = 3 << 8};
	s.leaf = (struct snapshot_leaf){true, 100, 50, 90, 60};
	doc = json_of(&s, false);
	assert_int_equal(json_integer_value(at(at(doc, "command"), "status")), 3);
	assert_true(json_is_null(at(at(doc, "command"), "signal")));
	assert_int_equal(json_integer_value(at(at(at(doc, "exact"), "to_user"), "difference")), -10);
	assert_int_equal(json_integer_value(at(at(at(doc, "exact"), "from_user"), "difference")), 10);
	json_decref(doc);
	s.command.status = 9;
	doc = json_of(&s, false);
	assert_int_equal(json_integer_value(at(at(doc, "command"), "signal")), 9);
	assert_true(json_is_null(at(at(doc, "command"), "status")));
	json_decref(doc);
	model__free(s.model);
}

/* A null of its own, on a figure that failed to be made, must not be taken for "not measured" either. */
static void no_memory_makes_no_document(void **state)
{
	struct snapshot s = snapshot_make();
	int err = -ENOMEM;
	char *whole, *text = NULL;

	(void)state;
	whole = json_text(&s, true, &err);
	assert_int_equal(err, 0);
	json_set_alloc_funcs(failing_malloc, free);
	for (long left = 0; err == -ENOMEM || left == 0; left++) {
		free(text);
		allocator.left = left;
		text = json_text(&s, true, &err);
		assert_true(err == 0 || err == -ENOMEM);
		if (err)
			assert_string_equal(text, "");
	}
	allocator.left = -1;
	json_set_alloc_funcs(malloc, free);
	assert_string_equal(text, whole);
	free(text);
	free(whole);
	model__free(s.model);
}

static void a_full_disk_is_told(void **state)
{
	struct snapshot s = snapshot_make();
	struct view_opts o = {.sort = M_COUNT};
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(view_json(full, &s, &o), -ENOSPC);
	assert_int_equal(view_report(full, &s, &o), -ENOSPC);
	assert_int_equal(view_table(full, &s, NULL, &o), -ENOSPC);
	fclose(full);
	model__free(s.model);
}

static json_t *schema_properties(json_t *schema, const char *definition)
{
	return at(at(at(schema, "definitions"), definition), "properties");
}

static void the_schema_names_every_metric(void **state)
{
	json_error_t error;
	json_t *schema = json_load_file(SCHEMA, 0, &error), *of;

	(void)state;
	if (!schema)
		fail_msg("%s: %s", SCHEMA, error.text);
	of = schema_properties(schema, "metrics");
	assert_int_equal(json_object_size(of), M_COUNT); /* if not: make schema */
	for (enum metric m = 0; m < M_COUNT; m++)
		at(of, metrics[m].name);
	of = schema_properties(schema, "derived");
	assert_int_equal(json_object_size(of), D_COUNT);
	for (enum derived d = 0; d < D_COUNT; d++)
		at(of, deriveds[d].name);
	of = schema_properties(schema, "lost");
	assert_int_equal(json_object_size(of), L_COUNT);
	for (enum loss l = 0; l < L_COUNT; l++)
		at(of, losses[l].name);
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_nulls_and_names), cmocka_unit_test(folded_and_threads),
		cmocka_unit_test(command_and_exact),	    cmocka_unit_test(no_memory_makes_no_document),
		cmocka_unit_test(a_full_disk_is_told),	    cmocka_unit_test(the_schema_names_every_metric),
	};

	return RUN_TESTS(tests);
}
