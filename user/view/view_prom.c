/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_prom.c - Prometheus text format 0.0.4. Metrics of processes are those of bpf/metrics.h in base units:
 *
 *	copy_to_user_file_bytes -> zctrace_copy_to_user_file_bytes_total     oncpu_ns  -> zctrace_oncpu_seconds_total
 *	cache_hit_pages         -> zctrace_cache_hit_pages_total             syscalls  -> zctrace_syscalls_total
 *
 * A metric that nothing measures is not there. Which series one has is told in prom_series.h; what was derived from a
 * system call's result is in series with inferred="true". zctrace's own cost and losses come last.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "prom_series.h"
#include "safe.h"
#include "views.h"

#ifndef ZCTRACE_VERSION
#define ZCTRACE_VERSION "1.0-dev"
#endif

#define NAME_LEN 96
#define BY_LEN 256
#define NS 1000000000ULL

struct unit_text {
	const char *suffix; /* in the JSON key */
	const char *base;   /* in the name of the series */
	const char *help;
};

static const struct unit_text units[] = {
	[UNIT_COUNT] = {"", "", ""},
	[UNIT_BYTES] = {"_bytes", "_bytes", ""},
	[UNIT_NS] = {"_ns", "_seconds", ""},
	[UNIT_PAGES] = {"_pages", "_pages", ", in pages of 4 KiB"},
};

static const char *name_of(char name[NAME_LEN], enum metric m)
{
	const struct unit_text *u = &units[metrics[m].unit];

	snprintf(name, NAME_LEN, "zctrace_%.*s%s_total", (int)(strlen(metrics[m].name) - strlen(u->suffix)),
		 metrics[m].name, u->base);
	return name;
}

static void put_value(FILE *out, uint64_t v, enum unit unit)
{
	if (unit == UNIT_NS)
		fprintf(out, " %" PRIu64 ".%09" PRIu64 "\n", (uint64_t)(v / NS), (uint64_t)(v % NS));
	else
		fprintf(out, " %" PRIu64 "\n", v);
}

static void put_head(FILE *out, const char *name, const char *type, const char *help, const char *help_more)
{
	fprintf(out, "# HELP %s %s%s\n# TYPE %s %s\n", name, help, help_more, name, type);
}

static void put_metric(FILE *out, enum metric m, const struct prom_series *const *list, int n)
{
	const enum unit unit = metrics[m].unit;
	bool headed = false;
	char name[NAME_LEN];

	name_of(name, m);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < PROM_KINDS; k++) {
			if (!list[i]->shown[k][m])
				continue;
			if (!headed)
				put_head(out, name, "counter", metrics[m].help, units[unit].help);
			headed = true;
			fprintf(out, "%s{%s%s}", name, list[i]->labels, k == PROM_INFERRED ? ",inferred=\"true\"" : "");
			put_value(out, list[i]->v[k][m], unit);
		}
}

static void put_one(FILE *out, const char *name, const char *type, const char *help, uint64_t v, enum unit unit)
{
	put_head(out, name, type, help, "");
	fputs(name, out);
	put_value(out, v, unit);
}

static void put_hooks(FILE *out, const struct snapshot *s)
{
	put_head(out, "zctrace_hook_attached", "gauge", "whether a hook serves its metrics, and by what", "");
	for (enum hook h = 0; h < H_COUNT; h++) {
		const char *raw = s->hook[h].by ? s->hook[h].by : "";
		char by[BY_LEN], label[2 * BY_LEN + sizeof("by=\"\"")];

		prom__append_label(label, "by", safe_text(by, sizeof(by), raw, sizeof(by)));
		fprintf(out, "zctrace_hook_attached{hook=\"%s\",%s} %d\n", hooks[h].name, label, s->hook[h].by != NULL);
	}
}

static void put_losses(FILE *out, const struct snapshot *s)
{
	put_head(out, "zctrace_events_lost_total", "counter", "events lost, or kept without their process, by reason",
		 "");
	for (enum loss l = 0; l < L_COUNT; l++)
		fprintf(out, "zctrace_events_lost_total{reason=\"%s\"} %" PRIu64 "\n", losses[l].name, s->lost[l]);
}

/* Of processes known by name, those that have not ended. */
static int n_alive(const struct model *m, uint64_t *ret)
{
	const struct model_process **list;
	int n = model__list(m, M_COUNT, &list);

	if (n < 0)
		return n;
	*ret = 0;
	for (int i = 0; i < n; i++)
		*ret += !list[i]->folded && !(list[i]->flags & ZT_EXITED);
	free(list);
	return 0;
}

static int put_own(FILE *out, const struct snapshot *s, const struct prom *p)
{
	uint64_t alive, events;
	int err = n_alive(s->model, &alive);

	if (err)
		return err;
	put_head(out, "zctrace_build_info", "gauge", "the zctrace that says so", "");
	fprintf(out, "zctrace_build_info{version=\"%s\"} 1\n", ZCTRACE_VERSION);
	put_one(out, "zctrace_start_timestamp_seconds", "gauge", "when counting began", s->start_unix_ns, UNIT_NS);
	put_hooks(out, s);
	put_losses(out, s);
	put_one(out, "zctrace_cpu_seconds_total", "counter", "CPU time of zctrace itself", s->cost.cpu_ns, UNIT_NS);
	put_one(out, "zctrace_resident_memory_bytes", "gauge", "memory of zctrace itself", s->cost.resident_bytes,
		UNIT_BYTES);
	put_one(out, "zctrace_records_total", "counter", "records read from the kernel", s->cost.records, UNIT_COUNT);
	if (!snapshot__events(s, &events))
		put_one(out, "zctrace_events_total", "counter", "events counted by the programs in the kernel", events,
			UNIT_COUNT);
	if (s->cost.added_ns_per_event)
		put_one(out, "zctrace_event_cost_seconds", "gauge",
			"what tracing adds to a system call here, measured at the start", s->cost.added_ns_per_event,
			UNIT_NS);
	put_one(out, "zctrace_processes", "gauge", "processes traced that have not ended", alive, UNIT_COUNT);
	put_one(out, "zctrace_series", "gauge", "series of processes", prom__n_lines(p), UNIT_COUNT);
	put_one(out, "zctrace_series_limit", "gauge", "how many of them there may be (--max-series)",
		prom__max_lines(p), UNIT_COUNT);
	put_one(out, "zctrace_series_dropped_total", "counter",
		"series of processes that found no room: their figures are in comm other", prom__n_dropped(p),
		UNIT_COUNT);
	return 0;
}

static void put_service(FILE *out, const struct prom_service *service)
{
	put_one(out, "zctrace_scrape_duration_seconds", "gauge", "time it took to collect these figures",
		service->collect_ns, UNIT_NS);
	if (!service->n_rejected)
		return;
	put_one(out, "zctrace_scrapes_total", "counter", "expositions served by HTTP, this one included",
		service->n_scrapes, UNIT_COUNT);
	put_head(out, "zctrace_http_rejected_total", "counter", "requests and connections turned away, by reason", "");
	for (size_t i = 0; i < service->n_rejected; i++)
		fprintf(out, "zctrace_http_rejected_total{reason=\"%s\"} %" PRIu64 "\n", service->rejected[i].reason,
			service->rejected[i].n);
}

int view_prom(FILE *out, const struct snapshot *s, struct prom *state, const struct prom_service *service)
{
	const struct prom_series **list = NULL;
	int err = prom__update(state, s), n;

	if (err)
		return err;
	n = prom__list(state, &list);
	if (n < 0)
		return n;
	errno = 0;
	for (enum metric m = 0; m < M_COUNT; m++)
		put_metric(out, m, list, n);
	free(list);
	err = put_own(out, s, state);
	if (service)
		put_service(out, service);
	if (!err && (fflush(out) == EOF || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}
