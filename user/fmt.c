/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt.c - numbers as people read and write them. Three figures; IEC steps of 1024; never depends on the locale. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"

static const char iec_steps[] = " KMGTPE";

/* Divides by 1024 until at most three figures stand before the point, so that 1000 KiB reads 0.98 M. */
static double iec_scale(uint64_t bytes, char *ret_step)
{
	double v = (double)bytes;
	size_t i = 0;

	while (v >= 999.5 && i + 2 < sizeof(iec_steps)) {
		v /= 1024;
		i++;
	}
	*ret_step = iec_steps[i];
	return v;
}

static int three_figures(char *buf, double v)
{
	int decimals = v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;

	return snprintf(buf, FMT_LEN, "%.*f", decimals, v);
}

char *fmt_bytes(char *buf, uint64_t bytes)
{
	char step;
	int n;

	if (bytes < 1024) {
		snprintf(buf, FMT_LEN, "%u", (unsigned int)bytes);
		return buf;
	}
	n = three_figures(buf, iec_scale(bytes, &step));
	snprintf(buf + n, FMT_LEN - n, "%c", step);
	return buf;
}

char *fmt_bytes_unit(char *buf, uint64_t bytes)
{
	char step;
	int n;

	if (bytes < 1024) {
		snprintf(buf, FMT_LEN, "%u B", (unsigned int)bytes);
		return buf;
	}
	n = three_figures(buf, iec_scale(bytes, &step));
	snprintf(buf + n, FMT_LEN - n, " %ciB", step);
	return buf;
}

/* At most four columns: "512", "9.9K", "32M". Steps are 1024 for bytes, 1000 for counts. */
static char *two_figures(char *buf, uint64_t n, const char *steps, double step)
{
	double v = (double)n;
	size_t i = 0;

	while (v >= 999.5 && i + 1 < strlen(steps)) {
		v /= step;
		i++;
	}
	snprintf(buf, FMT_LEN, "%.*f%c", v < 9.95 ? 1 : 0, v, steps[i]);
	return buf;
}

char *fmt_bytes_short(char *buf, uint64_t bytes)
{
	if (bytes < 1024) {
		snprintf(buf, FMT_LEN, "%u", (unsigned int)bytes);
		return buf;
	}
	return two_figures(buf, bytes, iec_steps, 1024);
}

char *fmt_count_short(char *buf, uint64_t n)
{
	if (n < 10000) {
		snprintf(buf, FMT_LEN, "%u", (unsigned int)n);
		return buf;
	}
	return two_figures(buf, n, " kMGTPE", 1000);
}

char *fmt_count(char *buf, uint64_t n)
{
	char digits[FMT_LEN];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *out = buf;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return buf;
}

char *fmt_duration(char *buf, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} steps[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
	uint64_t s = ns / 1000000000;

	if (s >= 3600) {
		snprintf(buf, FMT_LEN, "%llu h %02u min", (unsigned long long)(s / 3600),
			 (unsigned int)(s % 3600 / 60));
		return buf;
	}
	if (s >= 120) {
		snprintf(buf, FMT_LEN, "%u min %02u s", (unsigned int)(s / 60), (unsigned int)(s % 60));
		return buf;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		/* 999.6 us reads 1.00 ms */
		if ((double)ns < 0.9995 * (double)steps[i].ns)
			continue;
		int n = three_figures(buf, (double)ns / (double)steps[i].ns);

		snprintf(buf + n, FMT_LEN - n, " %s", steps[i].unit);
		return buf;
	}
	snprintf(buf, FMT_LEN, "%u ns", (unsigned int)ns);
	return buf;
}

char *fmt_ratio(char *buf, double r)
{
	if (!isfinite(r))
		snprintf(buf, FMT_LEN, "-");
	else if (r >= 999.995 && r < 1e15)
		return fmt_count(buf, (uint64_t)(r + 0.5));
	else
		snprintf(buf, FMT_LEN, r < 999.995 ? "%.2f" : "%.3g", r);
	return buf;
}

uint64_t fmt_whole(double v)
{
	v += 0.5;
	return v >= 0x1p64 ? UINT64_MAX : v > 0 ? (uint64_t)v : 0;
}

struct decimal {
	long double value;
	bool fraction;
	const char *rest; /* what follows the number */
};

/* Digits with at most one point between or before digits; no sign, no space, no exponent: strtod takes too much. */
static bool parse_decimal(const char *s, struct decimal *ret)
{
	long double v = 0, place = 1;
	bool digit = false, point = false;

	for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		digit = true;
		if (point)
			place /= 10;
		v = point ? v + (*s - '0') * place : v * 10 + (*s - '0');
	}
	*ret = (struct decimal){v, point, s};
	return digit && s[-1] != '.';
}

int fmt_parse_bytes(const char *s, uint64_t *ret)
{
	struct decimal d;
	long double v;
	const char *step;

	if (!parse_decimal(s, &d))
		return -EINVAL;
	v = d.value;
	step = *d.rest && *d.rest != ' ' ? strchr(iec_steps, *d.rest == 'k' ? 'K' : *d.rest) : NULL;
	if (step) {
		v *= (long double)(1ULL << (10 * (step - iec_steps)));
		d.rest++;
		if (strcmp(d.rest, "iB") == 0)
			d.rest += 2;
	}
	if (*d.rest || (d.fraction && !step))
		return -EINVAL;
	if (v >= 0x1p64L)
		return -ERANGE;
	*ret = (uint64_t)v;
	return 0;
}

int fmt_parse_duration(const char *s, uint64_t *ret)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{"", 1000000000}, {"s", 1000000000},	 {"ms", 1000000},	  {"us", 1000},
		{"ns", 1},	  {"m", 60000000000ULL}, {"min", 60000000000ULL}, {"h", 3600000000000ULL},
	};
	struct decimal d;

	if (!parse_decimal(s, &d))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(d.rest, units[i].unit) != 0)
			continue;
		if (d.value * units[i].ns >= 0x1p63L)
			return -EINVAL;
		*ret = (uint64_t)(d.value * units[i].ns + 0.5L);
		return 0;
	}
	return -EINVAL;
}
