// SPDX-License-Identifier: GPL-2.0-only
/* diff_load_json.c - a run from a zctrace/1 document. Whoever wrote it, what does not fit the schema is refused. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "diff_load.h"
#include "safe.h"

static void get_text(char ret[DIFF_TEXT_LEN], const json_t *doc, const char *key)
{
	const char *s = json_string_value(json_object_get(doc, key));

	safe_text_again(ret, DIFF_TEXT_LEN, s ? s : "");
}

/* null and what is missing: not measured */
static bool get_metrics(const json_t *o, const enum quality *best, uint64_t v[M_COUNT], enum quality quality[M_COUNT])
{
	if (!json_is_object(o))
		return false;
	for (enum metric m = 0; m < M_COUNT; m++) {
		const json_t *value = json_object_get(o, metrics[m].name);

		quality[m] = json_is_integer(value) ? best[m] : Q_NONE;
		v[m] = json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value)
									       : 0;
		if (value && !json_is_null(value) && (!json_is_integer(value) || json_integer_value(value) < 0))
			return false;
	}
	return true;
}

static void get_inferred(const json_t *doc, enum quality best[M_COUNT])
{
	const json_t *inferred = json_object_get(doc, "inferred"), *name;
	size_t i;

	for (enum metric m = 0; m < M_COUNT; m++)
		best[m] = Q_MEASURED;
	json_array_foreach (inferred, i, name) {
		enum metric m = json_is_string(name) ? metric__find(json_string_value(name)) : M_COUNT;

		if (m < M_COUNT)
			best[m] = Q_INFERRED;
	}
}

static bool add_process(struct diff_sum *sum, const json_t *process, const enum quality *best)
{
	const char *comm = json_string_value(json_object_get(process, "comm"));
	json_int_t folded = json_integer_value(json_object_get(process, "folded"));
	enum quality quality[M_COUNT];
	uint64_t v[M_COUNT];
	char shown[DIFF_TEXT_LEN];

	if (!comm || folded < 0 || !get_metrics(json_object_get(process, "metrics"), best, v, quality))
		return false;
	if (diff_sum__wants(sum, safe_text_again(shown, sizeof(shown), comm)))
		diff_sum__add(sum, v, quality, folded ? (uint64_t)folded : 1);
	return true;
}

static bool read_document(struct diff_sum *sum, const json_t *doc)
{
	const json_t *processes = json_object_get(doc, "processes"), *process;
	const json_t *lost = json_object_get(doc, "lost");
	json_int_t duration = json_integer_value(json_object_get(doc, "duration_ns"));
	struct diff_run *run = sum->run;
	enum quality best[M_COUNT];
	size_t i;

	if (!json_is_array(processes) || duration < 0)
		return false;
	get_text(run->host, doc, "host");
	get_text(run->kernel, doc, "kernel");
	run->duration_ns = (uint64_t)duration;
	run->whole_machine = json_is_true(json_object_get(doc, "whole_machine"));
	for (enum loss l = 0; l < L_COUNT; l++) {
		json_int_t n = json_integer_value(json_object_get(lost, losses[l].name));

		run->lost[l] = n > 0 ? (uint64_t)n : 0;
	}
	get_inferred(doc, best);
	if (!get_metrics(json_object_get(doc, "system"), best, run->system, run->system_quality))
		return false;
	json_array_foreach (processes, i, process)
		if (!add_process(sum, process, best))
			return false;
	return true;
}

int diff_load_json(struct diff_sum *sum, const char *path)
{
	json_error_t error;
	json_t *doc = json_load_file(path, 0, &error);
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	int err = 0;

	if (!doc || !schema) {
		fprintf(stderr, "zctrace: %s is neither a recording nor a JSON document of zctrace\n", sum->run->file);
		err = -EINVAL;
	} else if (strcmp(schema, "zctrace/1") != 0) {
		fprintf(stderr, "zctrace: %s is a JSON document of another kind than zctrace/1, which --json writes\n",
			sum->run->file);
		err = -EINVAL;
	} else if (!read_document(sum, doc)) {
		fprintf(stderr, "zctrace: %s does not hold what a zctrace/1 document must hold\n", sum->run->file);
		err = -EINVAL;
	}
	json_decref(doc);
	return err;
}
