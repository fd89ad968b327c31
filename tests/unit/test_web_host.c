/* SPDX-License-Identifier: GPL-2.0-only */
/* test_web_host.c - which Host headers are ours. */
#include "unit.h"

#include <string.h>

#include "web_host.h"

static struct web_names names_from(const char *given, const char *node, const char *hosts)
{
	FILE *f = *hosts ? fmemopen((void *)hosts, strlen(hosts), "r") : NULL;
	struct web_names names;

	web_host__names(&names, given, node, f);
	if (f)
		fclose(f);
	return names;
}

static bool is_ours(const char *header, const struct web_names *names)
{
	return web_host__ours(header, strlen(header), names);
}

static bool ours(const char *header)
{
	struct web_names names = names_from("metrics.example.org", "web-7",
					    "127.0.0.1 localhost\n"
					    "# 10.0.0.1 web-7 web-7.comment\n"
					    "10.0.0.2\tweb-8.internal web-8\n"
					    "10.0.0.3 web-7.alone\n"
					    "10.0.0.4 web-7 web-77.internal web-7. db web-7.internal # web-7.remark\n"
					    "10.0.0.5 web-7.second web-7\n");

	return is_ours(header, &names);
}

static void names_of_ours(void **state)
{
	static const char *const good[] = {
		"127.0.0.1",	    "127.0.0.1:9100", "10.1.2.3:80",	 "[::1]:9100",		"[fe80::1]",
		"localhost",	    "LocalHost:9100", "localhost.",	 "metrics.example.org", "METRICS.example.org:1",
		"web-7.internal:1", "web-7",	      "WEB-7.internal.",
	};

	struct web_names names;

	(void)state;
	for (size_t i = 0; i < N_OF(good); i++)
		if (!ours(good[i]))
			fail_msg("%s", good[i]);
	names = names_from(NULL, "", "");
	assert_true(is_ours("127.0.0.1", &names));
	names = names_from("", "web-7.internal.", "");
	assert_true(is_ours("web-7.internal", &names));
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
		"web-7.evil.example",
		"web-7.example.net:9100",
		"web-7.internal.evil.example",
		"web-7.internal..",
		"web-7.alone",
		"web-7.comment",
		"web-7.remark",
		"web-7.second",
		"web-8",
		"db",
		"web-7,localhost",
		"localhost localhost",
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

	struct web_names names = names_from("", "", "10.0.0.1 .evil.example\n");

	(void)state;
	for (size_t i = 0; i < N_OF(bad); i++)
		if (ours(bad[i]))
			fail_msg("%s", bad[i]);
	assert_false(web_host__ours("localhost\0.evil.example", 22, &names));
	assert_false(is_ours("", &names));
	assert_false(is_ours("x", &names));
	assert_false(is_ours(".evil.example", &names));
	names = names_from("", "vm.example", "10.0.0.1 vm vm.evil\n");
	assert_true(is_ours("vm.example", &names));
	assert_false(is_ours("vm", &names));
	assert_false(is_ours("vm.evil", &names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_ours),
		cmocka_unit_test(names_of_others),
	};

	return RUN_TESTS(tests);
}
