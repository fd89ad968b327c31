/* SPDX-License-Identifier: GPL-2.0-only */
/* check.c - what no output may be, whatever it was made of. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz.h"

/* Length of the character at s, 0: none, or one that acts on a terminal. */
static size_t character(const unsigned char *s, size_t len)
{
	size_t n = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	if (n > len || (n == 1 && (*s < ' ' || *s == 0x7f)) || (*s == 0xc2 && s[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

const char *check__text(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = text[i] == '\n' ? 1 : character((const unsigned char *)text + i, len - i);
		if (!n)
			return "a byte that is no character, or one that acts on a terminal";
	}
	return NULL;
}

/* As far as numbers that big are told apart in a document. */
static bool is_apart(const json_t *o)
{
	json_int_t leaf = json_integer_value(json_object_get(o, "leaf_bytes"));
	json_int_t site = json_integer_value(json_object_get(o, "site_bytes"));
	json_int_t apart = json_integer_value(json_object_get(o, "difference"));

	return site == leaf || (apart > 0) == (site > leaf);
}

static const char *check_value(const char *key, const json_t *value)
{
	bool may_be_less = key && (!strcmp(key, "difference") || !strcmp(key, "change"));
	const char *wrong = NULL, *inner;
	const json_t *each;
	size_t i;

	if (json_is_object(value) && json_object_get(value, "difference") && !is_apart(value))
		return "a difference that is none of its two figures";
	if (json_is_integer(value) && !may_be_less && json_integer_value(value) < 0)
		return "a negative integer";
	if (json_is_real(value) && !isfinite(json_real_value(value)))
		return "a number that is none";
	if (json_is_real(value) && !may_be_less && json_real_value(value) < 0)
		return "a negative number";
	if (json_is_object(value))
		json_object_foreach ((json_t *)value, inner, each)
			wrong = wrong ? wrong : check_value(inner, each);
	json_array_foreach (value, i, each)
		wrong = wrong ? wrong : check_value(NULL, each);
	return wrong;
}

const char *check__json(const char *text, size_t len)
{
	const char *wrong = check__text(text, len);
	json_error_t error;
	json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!doc)
		return "no JSON document";
	if (!wrong)
		wrong = check_value(NULL, doc);
	json_decref(doc);
	return wrong;
}

/* &amp; and its like */
static bool is_entity(const char *s)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strncmp(s, entities[i], strlen(entities[i])) == 0)
			return true;
	return false;
}

static bool is_coordinate(const char *name, size_t n)
{
	static const char *const names[] = {"d", "x", "y", "rx", "width", "height"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
			return true;
	return false;
}

/* One attribute at s, behind spaces; *s is moved behind it. Coordinates are numbers. */
static const char *check_attribute(const char **s)
{
	const char *name = *s, *value;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	if (!n || strncmp(name + n, "=\"", 2) != 0)
		return "no attribute where one must be";
	value = name + n + 2;
	*s = strchr(value, '"') + 1;
	for (const char *c = value; c < *s - 1; c++)
		if (*c == '<' || (*c == '&' && !is_entity(c)))
			return "an attribute that is not escaped";
	if (!is_coordinate(name, n))
		return NULL;
	for (const char *c = value; c < *s - 1; c++) /* nan and inf have an n */
		if (*c == 'n' || *c == 'N' || (n > 1 && *c == '-'))
			return "a coordinate that is no number, or a negative width";
	return NULL;
}

#define DEPTH_MOST 16

struct xml {
	const char *open[DEPTH_MOST];
	size_t len[DEPTH_MOST];
	int depth;
};

static const char *check_tag(struct xml *x, const char **at)
{
	const char *s = *at + 1, *wrong;
	bool closes = *s == '/';
	size_t n;

	s += closes;
	n = strcspn(s, " />\n");
	if (closes) {
		if (!x->depth || x->len[x->depth - 1] != n || memcmp(x->open[x->depth - 1], s, n) != 0)
			return "an end without its beginning";
		x->depth--;
		*at = s + n + 1;
		return s[n] == '>' ? NULL : "an end with something in it";
	}
	x->open[x->depth] = s;
	x->len[x->depth] = n;
	for (s += n; *s == ' ' || *s == '\n';) {
		s += strspn(s, " \n");
		wrong = check_attribute(&s);
		if (wrong)
			return wrong;
	}
	if (*s == '/')
		s++;
	else if (++x->depth == DEPTH_MOST)
		return "too deep";
	*at = s + 1;
	return *s == '>' ? NULL : "a tag that does not end";
}

const char *check__svg(const char *text, size_t len)
{
	const char *wrong = check__text(text, len);
	struct xml x = {0};

	for (const char *s = text; !wrong && s < text + len;) {
		if (*s == '<')
			wrong = check_tag(&x, &s);
		else if (*s == '&' && !is_entity(s))
			wrong = "a text that is not escaped";
		else
			s++;
	}
	return wrong ? wrong : x.depth ? "something was not closed" : NULL;
}

/* name{a="...",b="..."} at s; returns behind it, NULL if it is not that. */
static const char *behind_labels(const char *s)
{
	s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
	if (*s != '{')
		return s;
	do {
		s++;
		s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
		if (*s++ != '=' || *s++ != '"')
			return NULL;
		for (; *s != '"'; s++)
			if (*s == '\n' || (*s == '\\' && !strchr("\\\"n", *++s)))
				return NULL;
		s++;
	} while (*s == ',');
	return *s == '}' ? s + 1 : NULL;
}

const char *check__prom(const char *text, size_t len)
{
	const char *wrong = check__text(text, len);

	for (const char *line = text; !wrong && line < text + len; line = strchr(line, '\n') + 1) {
		const char *s = behind_labels(line);

		if (*line == '#')
			continue;
		if (strncmp(line, "zctrace_", 8) != 0 || !s || *s != ' ' || !isdigit((unsigned char)s[1]) ||
		    s[1 + strspn(s + 1, "0123456789.")] != '\n')
			wrong = "a line that is no series";
	}
	return wrong;
}
