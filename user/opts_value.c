/* SPDX-License-Identifier: GPL-2.0-only */
/* opts_value.c - one function per kind of value an option takes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "opts.h"
#include "opts_value.h"
#include "safe.h"

void usage_fail(const char *format, ...)
{
	char message[512], shown[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fprintf(stderr, "zctrace: %s\n", safe_text(shown, sizeof(shown), message, sizeof(message)));
	exit(EXIT_USAGE);
}

uint64_t value__number(const char *option, const char *s, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno || n < least || n > most)
		usage_fail("%s wants a number from %llu to %llu, not '%s'", option, (unsigned long long)least,
			   (unsigned long long)most, s);
	return n;
}

uint64_t value__bytes(const char *option, const char *s)
{
	uint64_t n;

	if (fmt_parse_bytes(s, &n) || n == 0 || n > INT64_MAX)
		usage_fail("%s wants a size such as 320000000, 32K or 1.5G, not '%s'", option, s);
	return n;
}

uint64_t value__duration(const char *option, const char *s)
{
	uint64_t ns;

	if (fmt_parse_duration(s, &ns) || ns == 0)
		usage_fail("%s wants a time in seconds, such as 10, 0.5 or 250ms, not '%s'", option, s);
	return ns;
}

double value__percent(const char *option, const char *s)
{
	size_t len = strlen(s);
	char *end;
	double v;

	if (len > 0 && s[len - 1] == '%')
		len--;
	v = strtod(s, &end);
	/* strtod also takes signs, spaces, hex and words */
	if (len == 0 || strspn(s, "0123456789.") != len || end != s + len || v > 100)
		usage_fail("%s wants a percentage from 0 to 100, not '%s'", option, s);
	return v;
}

double value__factor(const char *option, const char *s)
{
	char *end;
	double v = strtod(s, &end);

	if (!*s || strspn(s, "0123456789.") != strlen(s) || *end || v <= 0 || v > 1e6)
		usage_fail("%s wants a factor such as 1, 0.5 or 60, not '%s'", option, s);
	return v;
}

const char *value__text(const char *option, const char *s)
{
	if (!*s)
		usage_fail("%s wants a name, not an empty word", option);
	return s;
}
