// SPDX-License-Identifier: GPL-2.0-only
/* view_diff_json.c - zctrace-diff/1, docs/zctrace-diff-1.schema.json: the whole document, or nothing. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "safe.h"
#include "views_diff.h"

/* As in view_json.c: what could not be made makes NULL of all that would hold it. */
static json_t *put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *integer(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

static json_t *value_of(const struct diff_value *v)
{
	json_t *o;

	if (!v->known)
		return json_null();
	o = json_object();
	o = put(o, "median", json_real(v->median));
	o = put(o, "min", json_real(v->min));
	o = put(o, "max", json_real(v->max));
	o = put(o, "inferred", json_boolean(v->inferred));
	o = put(o, "lower_bound", json_boolean(v->lower_bound));
	return o;
}

static json_t *comparison(const struct diff_value side[2], const struct diff_change *c)
{
	static const char *const verdicts[] = {
		[DIFF_UNKNOWN] = "unknown", [DIFF_SAME] = "same", [DIFF_WITHIN] = "within_spread",
		[DIFF_LESS] = "less",	    [DIFF_MORE] = "more",
	};
	json_t *o = json_object();

	o = put(o, "a", value_of(&side[0]));
	o = put(o, "b", value_of(&side[1]));
	o = put(o, "verdict", json_string(verdicts[c->verdict]));
	o = put(o, "change", c->has_ratio && isfinite(c->ratio) ? json_real(c->ratio) : json_null());
	return o;
}

static json_t *row_of(const struct diff_row *row)
{
	static const char *const units[] = {
		[DIFF_COUNT] = "count", [DIFF_BYTES] = "bytes", [DIFF_NS] = "ns",
		[DIFF_PAGES] = "pages", [DIFF_RATIO] = "ratio",
	};
	static const char *const per[] = {
		[DIFF_COUNT] = "per_mib", [DIFF_BYTES] = "per_byte", [DIFF_NS] = "per_byte",
		[DIFF_PAGES] = "per_mib", [DIFF_RATIO] = NULL,
	};
	json_t *o = json_object(), *payload = json_null();

	o = put(o, "name", json_string(row->name));
	o = put(o, "unit", json_string(units[row->unit]));
	o = put(o, "total", comparison(row->side, &row->change));
	if (row->has_payload) {
		payload = comparison(row->payload_side, &row->payload_change);
		payload = put(payload, "unit", json_string(per[row->unit]));
	}
	return put(o, "payload", payload);
}

static json_t *rows_of(const struct diff_row *rows, int n)
{
	json_t *a = json_array();

	for (int i = 0; i < n; i++)
		a = append(a, row_of(&rows[i]));
	return a;
}

static json_t *run_of(const struct diff_run *run)
{
	json_t *o = json_object(), *lost = json_object(), *system = json_object();

	for (enum loss l = 0; l < L_COUNT; l++)
		lost = put(lost, losses[l].name, integer(run->lost[l]));
	for (enum metric m = 0; m < M_COUNT; m++)
		system = put(system, metrics[m].name,
			     run->system_quality[m] == Q_NONE ? json_null() : integer(run->system[m]));
	o = put(o, "file", json_string(run->file));
	o = put(o, "format", json_string(run->recording ? "recording" : "zctrace/1"));
	o = put(o, "host", json_string(run->host));
	o = put(o, "kernel", json_string(run->kernel));
	o = put(o, "duration_ns", integer(run->duration_ns));
	o = put(o, "whole_machine", json_boolean(run->whole_machine));
	o = put(o, "processes", integer(run->n_processes));
	o = put(o, "lost", lost);
	return put(o, "system", system);
}

static json_t *runs_of(const struct diff *d, int side)
{
	json_t *a = json_array();

	for (int i = 0; i < d->n_runs[side]; i++)
		a = append(a, run_of(&d->runs[side][i]));
	return a;
}

int view_diff_json(FILE *out, const struct diff *d, const char *comm)
{
	char shown[DIFF_TEXT_LEN];
	json_t *doc = json_object();
	char *bytes;
	int err = 0;

	doc = put(doc, "schema", json_string("zctrace-diff/1"));
	doc = put(doc, "comm", comm ? json_string(safe_text(shown, sizeof(shown), comm, sizeof(shown))) : json_null());
	doc = put(doc, "spread_known", json_boolean(d->spread_known));
	doc = put(doc, "a", runs_of(d, 0));
	doc = put(doc, "b", runs_of(d, 1));
	doc = put(doc, "headlines", rows_of(d->headlines, DIFF_HEADLINES));
	doc = put(doc, "figures", rows_of(d->rows, D_COUNT + M_COUNT));
	bytes = doc ? json_dumps(doc, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
	json_decref(doc);
	if (!bytes)
		return -ENOMEM;
	errno = 0;
	if (fputs(bytes, out) == EOF || fputc('\n', out) == EOF || fflush(out) == EOF)
		err = errno ? -errno : -EIO;
	free(bytes);
	return err;
}
