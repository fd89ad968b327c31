/* SPDX-License-Identifier: GPL-2.0-only */
/* test_top_columns.c - the live display's columns: which fit, what they say, where the marks stand. */
#include "top_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_give_way_one_by_one),
		TEST(rows_are_as_wide_as_they_should_be),
		TEST(marks_go_to_the_head_if_all_have_them),
		TEST(marks_stay_in_cells_if_some_have_them),
		TEST(cells_say_what_happened),
		TEST(tight_columns),
		TEST(every_metric_of_a_column_is_found),
	};

	return RUN_TESTS(tests);
}
