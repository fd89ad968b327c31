/* SPDX-License-Identifier: GPL-2.0-only */
/* test_web_host.c - which Host headers are ours. */
#include "unit.h"

#include "web_host.h"

static bool ours(const char *header)
{
	return web_host__ours(header, "metrics.example.org", "web-7.internal");
}

static void names_of_ours(void **state)
{
	static const char *const good[] = {
		"127.0.0.1",
		"127.0.0.1:9100",
		"10.1.2.3:80",
		"[::1]:9100",
		"[fe80::1]",
		"localhost",
		"LocalHost:9100",
		"localhost.",
		"metrics.example.org",
		"METRICS.example.org:1",
		"web-7.internal:1",
		"web-7",
		"web-7.example.net:9100",
	};

	(void)state;
	assert_true(ours(NULL)); /* HTTP/1.0 without one is no browser */
	for (size_t i = 0; i < N_OF(good); i++)
		if (!ours(good[i]))
			fail_msg("%s", good[i]);
	assert_true(web_host__ours("127.0.0.1", NULL, ""));
}

static void names_of_others(void **state)
{
	static const char *const bad[] = {
		"",
		":9100",
		"evil.example",
		"evil.example:9100",
		"127.0.0.1.evil.example",
		"localhost.evil.example",
		"web-77",
		"web-7-evil.example",
		".web-7",
		"[evil]",
		"[::1",
		"[::1]x",
		"::1",
		"localhost:80@evil",
		"127.0.0.1:x",
		"metrics.example.org.evil.example",
		"example.org",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++)
		if (ours(bad[i]))
			fail_msg("%s", bad[i]);
	assert_false(web_host__ours("", "", ""));
	assert_false(web_host__ours("x", "", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_ours),
		cmocka_unit_test(names_of_others),
	};

	return RUN_TESTS(tests);
}
