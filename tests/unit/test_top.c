/* test_top.c - the live display without a terminal: columns, layout, order, keys, text. */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/safe.h"
#include "../../user/top_detail.h"
#include "../../user/top_head.h"
#include "../../user/top_keys.h"
#include "../../user/top_layout.h"

#define SECOND 1000000000ULL

struct fixture {
	struct snapshot s;
	struct rates *r;
	struct top_order o;
	struct top_list l;
};

/* 10 init - 11 nginx - 12 nginx, 13 worker (two threads); 14 postgres; 11 again, older than its child 15 is not. */
static const struct {
	uint32_t pid, ppid;
	uint64_t start, uid, bytes;
	const char *comm;
	uint32_t tid, flags;
} people[] = {
	{10, 0, 100, 1, 1, "init", 10, 0},	     {11, 10, 110, 2, 50, "nginx", 11, 0},
	{12, 11, 120, 3, 400, "nginx", 12, 0},	     {13, 11, 130, 4, 200, "Worker", 13, 0},
	{13, 11, 130, 5, 100, "pool-7", 213, 0},     {14, 10, 140, 6, 300, "postgres", 14, 0},
	{15, 16, 150, 7, 0, "orphan", 15, 0},	     {16, 1, 160, 8, 0, "late", 16, 0},
	{17, 10, 170, 9, 0, "ended", 17, ZT_EXITED},
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	setlocale(LC_CTYPE, "C.UTF-8");
	for (int m = 0; m < M_COUNT; m++)
		f->s.quality[m] = Q_MEASURED;
	f->s.model = model__new(100);
	f->s.duration_ns = SECOND;
	f->s.host = "web-7";
	f->s.kernel = "6.12.117";
	f->r = rates__new();
	f->o = (struct top_order){.sort = TOP_COPY};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	rates__free(f->r);
	model__free(f->s.model);
	free(f->l.lines);
	free(f);
	return 0;
}

static void update(struct fixture *f)
{
	assert_int_equal(model__sum(f->s.model), 0);
	assert_int_equal(rates__update(f->r, &f->s), 0);
}

static void populate(struct fixture *f)
{
	for (size_t i = 0; i < N_OF(people); i++) {
		struct zc_record r = {
			.uid = people[i].uid,
			.process = {.tgid = people[i].pid, .start_ns = people[i].start},
			.tid = people[i].tid,
			.ppid = people[i].ppid,
			.flags = people[i].flags,
		};

		r.v[M_TO_USER_FILE] = people[i].bytes;
		memcpy(r.comm, people[i].comm, strlen(people[i].comm));
		if (r.tid == r.process.tgid)
			memcpy(r.leader_comm, people[i].comm, strlen(people[i].comm));
		assert_int_equal(model__add(f->s.model, &r), 0);
	}
	update(f);
}

/* The list as "pid/depth pid/depth ..." */
static const char *listed(struct fixture *f)
{
	static char text[512];
	size_t used = 0;

	assert_int_equal(top_rows__order(&f->l, f->r, &f->o), 0);
	*text = '\0';
	for (size_t i = 0; i < f->l.n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u/%d", i ? " " : "",
					 f->l.lines[i].row->pid, f->l.lines[i].depth);
	return text;
}

static void sorted_by_columns(void **state)
{
	struct fixture *f = *state;

	populate(f);
	assert_string_equal(listed(f), "12/0 13/0 14/0 11/0 10/0 0/0 15/0 16/0");
	f->o.invert = true;
	assert_string_equal(listed(f), "0/0 15/0 16/0 10/0 11/0 13/0 14/0 12/0");
	f->o = (struct top_order){.sort = TOP_PID};
	assert_string_equal(listed(f), "0/0 10/0 11/0 12/0 13/0 14/0 15/0 16/0");
	f->o = (struct top_order){.sort = TOP_COMM};
	assert_string_equal(listed(f), "0/0 10/0 16/0 11/0 12/0 15/0 14/0 13/0");
	f->o = (struct top_order){.sort = TOP_CPU};
	f->s.quality[M_ONCPU_NS] = Q_NONE;
	update(f);
	assert_string_equal(listed(f), "0/0 10/0 11/0 12/0 13/0 14/0 15/0 16/0");
}

static void ended_ones_stay_while_they_did_something(void **state)
{
	struct fixture *f = *state;
	struct zc_record r = {.uid = 9, .process = {.tgid = 17, .start_ns = 170}, .tid = 17, .flags = ZT_EXITED};

	populate(f);
	r.v[M_SYSCALLS] = 1;
	assert_int_equal(model__add(f->s.model, &r), 0);
	update(f);
	assert_non_null(strstr(listed(f), "17/0"));
	update(f);
	assert_null(strstr(listed(f), "17/0"));
	f->o.period = RATES_TOTAL; /* its total still counts */
	assert_non_null(strstr(listed(f), "17/0"));
	rates__rebase(f->r);
	assert_null(strstr(listed(f), "17/0"));
}

static void trees(void **state)
{
	struct fixture *f = *state;

	populate(f);
	f->o.tree = true;
	/* 16 is younger than 15 and so not its parent */
	assert_string_equal(listed(f), "10/0 14/1 11/1 12/2 13/2 0/0 15/0 16/0");
	f->o.threads = true;
	assert_string_equal(listed(f), "10/0 14/1 11/1 12/2 13/2 13/3 213/3 0/0 15/0 16/0");
	f->o.tree = false;
	assert_string_equal(listed(f), "12/0 13/0 13/1 213/1 14/0 11/0 10/0 0/0 15/0 16/0");
}

static void filters(void **state)
{
	struct fixture *f = *state;

	populate(f);
	strcpy(f->o.filter, "NGI");
	assert_string_equal(listed(f), "12/0 11/0");
	strcpy(f->o.filter, "work");
	assert_string_equal(listed(f), "13/0");
	f->o.threads = true;
	assert_string_equal(listed(f), "13/0 13/1 213/1"); /* all of a process that matches */
	strcpy(f->o.filter, "pool");
	assert_string_equal(listed(f), "13/0 213/1"); /* and the process of a thread that does */
	f->o.threads = false;
	assert_string_equal(listed(f), "");
	strcpy(f->o.filter, "14");
	assert_string_equal(listed(f), "14/0");
	strcpy(f->o.filter, "nginx");
	f->o.tree = true;
	assert_string_equal(listed(f), "11/0 12/1");
	strcpy(f->o.filter, "nothing of that name");
	assert_string_equal(listed(f), "");
}

static void columns_give_way_one_by_one(void **state)
{
	bool seen[TOP_COUNT + 1] = {false};
	struct top_layout l, before;

	(void)state;
	for (enum top_column c = 0; c < TOP_COUNT; c++) {
		assert_true(top_columns[c].gives_way <= TOP_COUNT);
		assert_false(top_columns[c].gives_way && seen[top_columns[c].gives_way]);
		seen[top_columns[c].gives_way] = true;
	}
	layout__fit(&before, LAYOUT_COLUMNS_LEAST, false);
	assert_true(before.shown[TOP_COPY] && before.shown[TOP_RATIO] && before.shown[TOP_CPU]);
	assert_false(before.shown[TOP_DISK]);
	for (int width = LAYOUT_COLUMNS_LEAST; width <= 200; width++) {
		layout__fit(&l, width, width % 2);
		for (enum top_column c = 0; c < TOP_COUNT; c++)
			assert_true(l.shown[c] || !before.shown[c]); /* what was there at less width still is */
		before = l;
	}
	for (enum top_column c = 0; c < TOP_COUNT; c++)
		assert_true(l.shown[c]);
}

/* Names from the kernel that want to break a table. */
static const char *const hostile[] = {
	"\x1b[2J\x1b[31m",
	"a\nb\rc\td",
	"\xe2\x80\xae"
	"evil",
	"日本語日本語",
	"😀😀😀",
	"e\u0301e\u0301e\u0301e\u0301",
	"\xff\xfe\x80\x9b",
	"\xc2\x9b"
	"31m",
	"fifteen bytes !",
	"",
};

static void rows_are_as_wide_as_they_should_be(void **state)
{
	struct fixture *f = *state;
	char text[LAYOUT_TEXT_LEN];
	struct top_layout l;
	int at, sort_width;

	for (size_t i = 0; i < N_OF(hostile); i++) {
		struct zc_record r = {.uid = i, .process = {.tgid = (uint32_t)i + 1, .start_ns = 1}, .flags = 0};

		memcpy(r.comm, hostile[i], strlen(hostile[i]) < 15 ? strlen(hostile[i]) : 15);
		for (int m = 0; m < M_COUNT; m++)
			r.v[m] = i ? 1ULL << (6 * i) : 0;
		assert_int_equal(model__add(f->s.model, &r), 0);
	}
	update(f);
	for (int deep = 0; deep <= 12; deep += 4)
		for (int width = LAYOUT_COLUMNS_LEAST; width <= 140; width++) {
			int head;

			assert_true(strlen(listed(f)) > 0);
			layout__fit(&l, width, deep > 0);
			layout__marks(&l, &f->l);
			layout__head(text, &l, &f->o, &at, &sort_width);
			head = safe_width(text);
			assert_true(head <= width && at + sort_width <= head && sort_width > 0);
			for (size_t i = 0; i < f->l.n; i++) {
				struct top_line line = {f->l.lines[i].row, deep};
				struct top_subject s = top_subject(f->r, line.row, RATES_STEP);

				layout__row(text, &l, &line, &s);
				assert_int_equal(safe_width(text), head);
				for (const unsigned char *c = (void *)text; *c; c++)
					assert_true(*c >= ' ' && *c != 0x7f);
				assert_null(strstr(text, "\xe2\x80\xae"));
			}
		}
}

static void marks_go_to_the_head_if_all_have_them(void **state)
{
	struct fixture *f = *state;
	char text[LAYOUT_TEXT_LEN];
	struct top_layout l;
	int at, width;
	struct top_subject s;

	f->s.quality[M_TO_USER_FILE] = Q_INFERRED;
	f->s.quality[M_FROM_USER_OTHER] = Q_NONE;
	f->s.quality[M_ONCPU_NS] = Q_NONE;
	populate(f);
	listed(f);
	layout__fit(&l, 140, false);
	layout__marks(&l, &f->l);
	layout__head(text, &l, &f->o, &at, &width);
	assert_non_null(strstr(text, " ≥~COPY/s▼ "));
	assert_non_null(strstr(text, " ~to "));
	assert_non_null(strstr(text, " ≥from "));
	assert_non_null(strstr(text, " kern "));
	s = top_subject(f->r, f->l.lines[0].row, RATES_STEP);
	layout__row(text, &l, &f->l.lines[0], &s);
	assert_null(strstr(text, "~"));
	assert_null(strstr(text, "≥"));
	assert_string_equal(top_column__cell(text, TOP_COPY, &s, 0), "≥~400");
	assert_string_equal(top_column__cell(text, TOP_CPU, &s, 0), "-");
	f->o.sort = TOP_PID;
	f->o.period = RATES_TOTAL;
	layout__head(text, &l, &f->o, &at, &width);
	assert_non_null(strstr(text, "PID▲"));
	assert_non_null(strstr(text, "~COPY "));
}

/* One process of each: its breakpoints lost, or not. */
static void marks_stay_in_cells_if_some_have_them(void **state)
{
	struct fixture *f = *state;
	struct zc_record r = {.uid = 99, .process = {.tgid = 99, .start_ns = 1}, .flags = ZT_LEAF_OFF};
	char text[LAYOUT_TEXT_LEN];
	struct top_layout l;
	int at, width;

	f->s.hook[H_COPY_OTHER].by = "hardware breakpoint";
	r.v[M_TO_USER_FILE] = 1 << 20;
	assert_int_equal(model__add(f->s.model, &r), 0);
	populate(f);
	for (int i = 0; i < 2; i++) {
		f->o.invert = i;
		listed(f);
		layout__fit(&l, 140, false);
		layout__marks(&l, &f->l);
		layout__head(text, &l, &f->o, &at, &width);
		assert_null(strstr(text, "≥"));
	}
	for (size_t i = 0; i < f->l.n; i++) {
		struct top_subject s = top_subject(f->r, f->l.lines[i].row, RATES_STEP);

		layout__row(text, &l, &f->l.lines[i], &s);
		assert_true(!strstr(text, "≥1.00M") == (f->l.lines[i].row->pid != 99));
	}
}

static void cells_say_what_happened(void **state)
{
	static const struct {
		enum top_column c;
		const char *step, *total;
	} cells[] = {
		{TOP_COPY, "600", "1.17K"},    {TOP_TO_USER, "500", "1000"}, {TOP_FROM_USER, "0", "0"},
		{TOP_IN_KERNEL, "100", "200"}, {TOP_DISK, "50/0", "100/0"},  {TOP_NET, "0/512K", "0/1.0M"},
		{TOP_ZERO, "0", "0"},	       {TOP_RATIO, "2.00", "2.00"},  {TOP_MODE, "20", "40"},
		{TOP_CTX, "3/4", "6/8"},       {TOP_HIT, "75%", "75%"},	     {TOP_CPU, "150%", "150%"},
	};
	struct fixture *f = *state;
	struct zc_record r = {.uid = 1, .process = {.tgid = 1, .start_ns = 1}};
	const struct rates_row *const *rows;
	char text[CELL_LEN];
	size_t n;

	r.v[M_TO_USER_FILE] = 1000;
	r.v[M_KERN_TO_FILE] = 200;
	r.v[M_DMA_DISK_READ] = 100;
	r.v[M_DMA_NET_TX] = 1 << 20;
	r.v[M_PAYLOAD_IN] = 600;
	r.v[M_PAYLOAD_OUT] = 5;
	r.v[M_SYSCALLS] = 20;
	r.v[M_SWITCHES_VOLUNTARY] = 6;
	r.v[M_SWITCHES_INVOLUNTARY] = 8;
	r.v[M_CACHE_HIT] = 3;
	r.v[M_CACHE_MISS] = 1;
	r.v[M_ONCPU_NS] = 3 * SECOND;
	f->s.duration_ns = 2 * SECOND;
	assert_int_equal(model__add(f->s.model, &r), 0);
	update(f);
	rows = rates__rows(f->r, &n);
	for (size_t i = 0; i < N_OF(cells); i++) {
		struct top_subject s = top_subject(f->r, rows[1], RATES_STEP);

		assert_string_equal(top_column__cell(text, cells[i].c, &s, 0), cells[i].step);
		s = top_subject(f->r, rows[1], RATES_TOTAL);
		assert_string_equal(top_column__cell(text, cells[i].c, &s, 0), cells[i].total);
		assert_true(top_column__key(cells[i].c, &s) >= 0);
	}
}

/* What would not fit is written shorter, or cut where it does not mislead. */
static void tight_columns(void **state)
{
	struct fixture *f = *state;
	struct zc_record r = {.uid = 1, .process = {.tgid = 1, .start_ns = 1}, .comm = "worker"};
	struct top_line line = {.depth = 100};
	char text[LAYOUT_TEXT_LEN];
	struct top_layout l;
	struct top_subject s;
	int at, width;

	r.v[M_TO_USER_FILE] = 123456789;
	r.v[M_PAYLOAD_IN] = 1000;
	f->s.quality[M_SYSCALLS] = Q_INFERRED;
	f->s.quality[M_USER_IRQS] = Q_NONE;
	assert_int_equal(model__add(f->s.model, &r), 0);
	update(f);
	f->o.sort = TOP_MODE;
	assert_string_equal(listed(f), "0/0 1/0");
	s = top_subject(f->r, f->l.lines[1].row, RATES_STEP);
	assert_string_equal(top_column__cell(text, TOP_RATIO, &s, 0), "123k");
	layout__fit(&l, 140, true);
	layout__marks(&l, &f->l);
	layout__head(text, &l, &f->o, &at, &width);
	assert_non_null(strstr(text, " ≥~MODE▼"));
	line.row = f->l.lines[1].row;
	assert_non_null(strstr(layout__row(text, &l, &line, &s), "└ worker "));
}

static void every_metric_of_a_column_is_found(void **state)
{
	(void)state;
	assert_int_equal(top_column__of_metric(M_COUNT), TOP_COPY);
	assert_int_equal(top_column__of_metric(M_FROM_USER_PIPE), TOP_FROM_USER);
	assert_int_equal(top_column__of_metric(M_DMA_DISK_WRITE), TOP_DISK);
	assert_int_equal(top_column__of_metric(M_SYSCALLS), TOP_MODE);
	assert_int_equal(top_column__of_metric(M_CACHE_MISS), TOP_HIT);
	assert_int_equal(top_column__of_metric(M_ONCPU_NS), TOP_CPU);
	assert_int_equal(top_column__of_metric(M_FSYNCS), TOP_COPY);
}

static void no_key_does_two_things(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_top_keys; i++)
		for (size_t k = 0; k < 4 && top_keys[i].keys[k]; k++)
			assert_int_equal(top_keys__action(top_keys[i].keys[k]), top_keys[i].action);
	assert_int_equal(top_keys__action('q'), ACT_QUIT);
	assert_int_equal(top_keys__action(3), ACT_QUIT);
	assert_int_equal(top_keys__action(0x1b), ACT_BACK);
	assert_int_equal(top_keys__action('x'), ACT_NONE);
	assert_int_equal(top_keys__action(0), ACT_NONE);
}

static void text_fits(void **state)
{
	static const struct {
		const char *in;
		int columns;
		bool ascii;
		const char *out;
		int taken;
	} cases[] = {
		{"abc", 3, false, "abc", 3},
		{"abc", 2, false, "ab", 2},
		{"abc", 0, false, "", 0},
		{"日本", 3, false, "日", 2},
		{"日本", 1, false, "", 0},
		{"日本", 4, true, "????", 4},
		{"≥1▼▶══", 6, true, ">1v>==", 6},
		{"▁▂▃▄▅▆▇█", 8, true, "_.:-=+*#", 8},
		{"e\u0301x", 2, false, "e\u0301x", 2},
		{"\u0378x", 2, false, "?x", 2}, /* assigned to nothing */
	};
	char out[64];
	int taken;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		text__fit(out, sizeof(out), cases[i].in, cases[i].columns, cases[i].ascii, &taken);
		assert_string_equal(out, cases[i].out);
		assert_int_equal(taken, cases[i].taken);
	}
	assert_string_equal(text__fit(out, 3, "abc", 10, false, NULL), "ab");
}

static void bars(void **state)
{
	struct history h = {0};
	char out[3 * HISTORY_MOST + 1];

	(void)state;
	assert_string_equal(history__bar(out, &h, 8), "");
	history__add(&h, 0);
	assert_string_equal(history__bar(out, &h, 8), "▁");
	history__add(&h, 1);
	history__add(&h, 1000);
	history__add(&h, UINT64_MAX);
	assert_string_equal(history__bar(out, &h, 8), "▁▂▂█");
	assert_string_equal(history__bar(out, &h, 2), "▂█");
	assert_string_equal(history__bar(out, &h, -1), "");
	for (int i = 0; i < 100; i++)
		history__add(&h, 5);
	assert_int_equal(strlen(history__bar(out, &h, 1000)), 3 * HISTORY_MOST);
}

static void heads_fit(void **state)
{
	struct fixture *f = *state;
	struct top_head h = {0};
	struct head_line l;

	populate(f);
	f->s.lost[0] = 12;
	head__take(&h, &f->s, f->r);
	for (int i = 0; i < HISTORY_MOST; i++)
		history__add(&h.history[SUM_DMA], (uint64_t)i);
	for (int width = 1; width <= 250; width++) {
		for (int which = 0; which < 2; which++) {
			int end = 0;

			if (which)
				head__sums(&l, &h, f->r, RATES_STEP, width);
			else
				head__who(&l, &h, f->r, SECOND, width);
			assert_true(l.n > 0);
			for (int i = 0; i < l.n; i++) {
				assert_true(l.part[i].x >= end);
				end = l.part[i].x + safe_width(l.part[i].text) + 1;
			}
			assert_true(width < LAYOUT_COLUMNS_LEAST || end <= width + 1);
		}
		if (width < LAYOUT_COLUMNS_LEAST)
			continue;
		head__who(&l, &h, f->r, SECOND, width); /* what was lost is never left out */
		assert_string_equal(l.part[l.n - 3].text, "lost 12!");
		assert_int_equal(l.part[l.n - 3].style, STYLE_WARNING);
	}
}

static void details_outlive_the_process(void **state)
{
	struct fixture *f = *state;
	struct top_detail d = {.like = {.kind = RATES_PROCESS, .id = {.tgid = 13, .start_ns = 130}}};
	char text[LAYOUT_TEXT_LEN], all[16384] = "";
	size_t n;

	populate(f);
	assert_int_equal(detail__build(&d, f->r, &f->o), 0);
	assert_non_null(strstr(detail__title(text, sizeof(text), &d, f->r, RATES_STEP), "Worker (13)  2 threads"));
	n = detail__n_lines(&d);
	assert_true(n > M_COUNT + D_COUNT);
	for (size_t i = 0; i < n; i++) {
		strcat(all, detail__line(text, &d, f->r, RATES_STEP, i));
		strcat(all, "\n");
	}
	for (enum metric m = 0; m < M_COUNT; m++)
		assert_non_null(strstr(all, metrics[m].name));
	assert_non_null(strstr(all, "page cache ── 300 ──▶ user"));
	assert_non_null(strstr(all, " 213 pool-7 "));
	model__free(f->s.model);
	f->s.model = model__new(1);
	update(f);
	assert_int_equal(detail__build(&d, f->r, &f->o), 0);
	assert_true(d.gone);
	assert_non_null(strstr(detail__title(text, sizeof(text), &d, f->r, RATES_STEP), "has ended"));
	assert_true(detail__n_lines(&d) > M_COUNT);
	detail__line(text, &d, f->r, RATES_STEP, detail__n_lines(&d) - 1);
	detail__free(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sorted_by_columns),
		TEST(ended_ones_stay_while_they_did_something),
		TEST(trees),
		TEST(filters),
		TEST(columns_give_way_one_by_one),
		TEST(rows_are_as_wide_as_they_should_be),
		TEST(marks_go_to_the_head_if_all_have_them),
		TEST(marks_stay_in_cells_if_some_have_them),
		TEST(cells_say_what_happened),
		TEST(tight_columns),
		TEST(every_metric_of_a_column_is_found),
		TEST(no_key_does_two_things),
		TEST(text_fits),
		TEST(bars),
		TEST(heads_fit),
		TEST(details_outlive_the_process),
	};

	return RUN_TESTS(tests);
}
