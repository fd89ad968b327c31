/* SPDX-License-Identifier: GPL-2.0-only */
/* test_top.c - the live display without a terminal: order, keys, text, head, detail. */
#include "top_fixture.h"

#include "top_detail.h"
#include "top_head.h"
#include "top_keys.h"

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

/* As on a screen that was too small for the table from the start. */
static void no_column_is_no_next(void **state)
{
	struct top_layout l = {0};

	(void)state;
	assert_int_equal(layout__next(&l, TOP_COPY, 1), TOP_COPY);
	assert_int_equal(layout__next(&l, TOP_COPY, -1), TOP_COPY);
	l.shown[TOP_CPU] = true;
	assert_int_equal(layout__next(&l, TOP_COPY, -1), TOP_CPU);
	assert_int_equal(layout__next(&l, TOP_CPU, 1), TOP_CPU);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sorted_by_columns),
		TEST(ended_ones_stay_while_they_did_something),
		TEST(trees),
		TEST(filters),
		TEST(no_key_does_two_things),
		TEST(no_column_is_no_next),
		TEST(text_fits),
		TEST(bars),
		TEST(heads_fit),
		TEST(details_outlive_the_process),
	};

	return RUN_TESTS(tests);
}
