/* SPDX-License-Identifier: GPL-2.0-only */
/* test_opts.c - what command lines mean, and that a wrong one costs one sentence and status 2. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "opts.h"

#define ARGS_MAX 32

/* Splits at spaces; the options point into the line, which lives as long as the test. */
static void parse(struct opts *o, const char *line)
{
	static char words[1024];
	static char *argv[ARGS_MAX];
	int argc = 0;

	snprintf(words, sizeof(words), "/usr/sbin/zctrace %s", line);
	for (char *rest, *w = strtok_r(words, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	argv[argc] = NULL;
	opts__parse(o, argc, argv);
}

/* Runs the parser in a child; fills what it wrote to stderr and stdout. */
static int parse_in_child(const char *line, char *err, size_t err_len, char *out, size_t out_len)
{
	FILE *err_file = tmpfile(), *out_file = tmpfile();
	struct opts o;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(fileno(err_file), STDERR_FILENO);
		dup2(fileno(out_file), STDOUT_FILENO);
		parse(&o, line);
		_exit(100);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	rewind(err_file);
	rewind(out_file);
	err[fread(err, 1, err_len - 1, err_file)] = '\0';
	out[fread(out, 1, out_len - 1, out_file)] = '\0';
	fclose(err_file);
	fclose(out_file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void defaults(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "");
	assert_int_equal(o.mode, MODE_TRACE);
	assert_int_equal(o.n_pids, 0);
	assert_int_equal(o.sort, M_COUNT);
	assert_int_equal(o.limit, 20);
	assert_int_equal(o.ring_bytes, 1 << 20);
	assert_true(o.max_lost_percent < 0);
	assert_int_equal(o.copy, COPY_AUTO);
	assert_null(o.command);
}

static void pids_come_in_lists_and_again(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "-p 1,2 --pid=3 -p 2 -f -d 0.5 -i 250ms --sort dma_disk_read_bytes --limit 0 --threads -vv");
	assert_int_equal(o.n_pids, 3);
	assert_int_equal(o.pids[0], 1);
	assert_int_equal(o.pids[2], 3);
	assert_true(o.follow && o.threads);
	assert_int_equal(o.duration_ns, 500000000);
	assert_int_equal(o.interval_ns, 250000000);
	assert_int_equal(o.sort, M_DMA_DISK_READ);
	assert_int_equal(o.limit, 0);
	assert_int_equal(o.verbose, 2);
}

static void a_command_keeps_its_own_options(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "--json --exact --hooks copy=breakpoint -- ls -l --json -- x");
	assert_true(o.json && o.exact);
	assert_int_equal(o.copy, COPY_BREAKPOINT);
	assert_string_equal(o.command[0], "ls");
	assert_string_equal(o.command[2], "--json");
	assert_string_equal(o.command[3], "--");
	assert_string_equal(o.command[4], "x");
	assert_null(o.command[5]);
}

static void the_rest_of_the_table(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "--comm nginx --cgroup /system.slice --buffer 4K --max-lost 0.1% --btf /x --reader-sleep 50 --sort "
		  "cpu_copied_bytes --hooks copy=infer");
	assert_string_equal(o.comm, "nginx");
	assert_string_equal(o.cgroup, "/system.slice");
	assert_int_equal(o.ring_bytes, 4096);
	assert_true(o.max_lost_percent > 0.099 && o.max_lost_percent < 0.101);
	assert_string_equal(o.btf, "/x");
	assert_int_equal(o.reader_sleep_ms, 50);
	assert_int_equal(o.copy, COPY_INFER);
	assert_int_equal(o.sort, M_COUNT);
}

static void prometheus(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "");
	assert_int_equal(o.max_series, 1000);
	parse(&o, "--prom --labels pid --max-series 100");
	assert_true(o.prom && o.label_pid);
	assert_int_equal(o.max_series, 100);
	assert_int_equal(o.duration_ns, 1000000000); /* it ends by itself */
	parse(&o, "--prom -d 3");
	assert_int_equal(o.duration_ns, 3000000000);
	parse(&o, "--prom -- ls");
	assert_int_equal(o.duration_ns, 0);
	parse(&o, "--listen unix:/x --textfile a.prom -i 5 --json");
	assert_string_equal(o.listen, "unix:/x");
	assert_string_equal(o.textfile, "a.prom");
	assert_int_equal(o.interval_ns, 5000000000);
	assert_int_equal(o.duration_ns, 0);
}

static void demo(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "demo");
	assert_int_equal(o.mode, MODE_DEMO);
	assert_int_equal(o.demo.size_bytes, 32 << 20);
	assert_int_equal(o.demo.chunk_bytes, 32 << 10);
	parse(&o,
	      "demo --size 320000000 --chunk 32000 --way read+write,sendfile --dir /var/tmp --sink h:99 --receive -v");
	assert_int_equal(o.demo.size_bytes, 320000000);
	assert_int_equal(o.demo.chunk_bytes, 32000);
	assert_string_equal(o.demo.ways, "read+write,sendfile");
	assert_string_equal(o.demo.dir, "/var/tmp");
	assert_string_equal(o.demo.sink, "h:99");
	assert_true(o.demo.receive && o.verbose == 1);
	parse(&o, "demo --sink-only 5000");
	assert_int_equal(o.mode, MODE_SINK);
	assert_int_equal(o.demo.sink_port, 5000);
}

static void replay_and_diff(void **state)
{
	struct opts o;

	(void)state;
	parse(&o, "--record r.zct -d 1");
	assert_int_equal(o.mode, MODE_TRACE);
	assert_string_equal(o.record, "r.zct");
	parse(&o, "replay r.zct --speed 2.5 -d 1 -i 0.5 --threads");
	assert_int_equal(o.mode, MODE_REPLAY);
	assert_string_equal(o.replay, "r.zct");
	assert_true(o.speed > 2.49 && o.speed < 2.51 && o.threads);
	assert_int_equal(o.duration_ns, 1000000000);
	parse(&o, "diff --comm nginx a,b c --json");
	assert_int_equal(o.mode, MODE_DIFF);
	assert_string_equal(o.diff[0], "a,b");
	assert_string_equal(o.diff[1], "c");
	assert_string_equal(o.comm, "nginx");
	assert_true(o.json);
}

/* clang-format off */
static const char *const wrong_lines[] = {
	"--foo", "-z", "foo", "foo -- ls", "demo foo", "-p", "-p x", "-p 0", "-p -1", "-p 1,", "-p ,1", "-p 1,,2",
	"-p 99999999999999999999", "-p 4194305", "-p 1x", "-p 1 -- ls", "--", "-f", "-f -- ls", "-d 0", "-d x",
	"-d -1", "-i 0", "-i 1x", "-i 1 --json", "--sort foo", "--limit -1", "--limit 1.5", "--hooks foo",
	"--hooks copy=", "--hooks copy=auto", "--max-lost 101", "--max-lost x", "--max-lost -1", "--max-lost %",
	"--max-lost 0x1", "--max-lost 1.2.3", "--buffer 5K", "--buffer 2K", "--buffer 2G", "--buffer x", "--exact",
	"--hooks copy=breakpoint", "--reader-sleep x", "--size 1M", "--sink-only 1", "--receive", "demo -p 1",
	"demo -i 1", "demo --comm x", "demo -- ls", "demo --size 0", "demo --size x", "demo --chunk -1",
	"demo --sink x", "demo --sink :1", "demo --sink x:0", "demo --sink x:65536", "demo --sink-only 0",
	"demo --sink-only 65536", "demo --sink-only 1 --sink a:1", "--json=x", "--btf",
	"replay", "replay a b", "replay a -- ls", "replay a -p 1", "replay a --record b", "replay a --speed 0",
	"replay a --speed x", "replay a -i 1 --json", "diff", "diff a", "diff a b c", "diff a b --speed 2", "diff a b -d 1",
	"--speed 2", "--record", "demo --record a",
	"--listen", "--prom --json", "--prom --listen :1", "--prom --textfile a.prom", "--prom -i 1", "--textfile a.txt",
	"--textfile .prom", "--labels pid", "--prom --labels tid", "--prom --max-series 99", "--prom --max-series x",
	"--listen :1 -i 1", "demo --listen :1", "demo --prom",
};
/* clang-format on */

static void wrong_lines_cost_one_sentence(void **state)
{
	char err[1024], out[64];

	(void)state;
	for (size_t i = 0; i < N_OF(wrong_lines); i++) {
		int status = parse_in_child(wrong_lines[i], err, sizeof(err), out, sizeof(out));
		const char *newline = strchr(err, '\n');

		if (status != EXIT_USAGE || !newline || newline[1] || strncmp(err, "zctrace", 7) != 0 || *out)
			fail_msg("zctrace %s: status %d, stderr \"%s\", stdout \"%s\"", wrong_lines[i], status, err,
				 out);
	}
}

static void too_many_pids(void **state)
{
	char line[512] = "-p 1", err[256], out[16], next[16];

	(void)state;
	for (int i = 2; i <= OPTS_MAX_PIDS + 1; i++) {
		snprintf(next, sizeof(next), ",%d", i);
		strcat(line, next);
	}
	assert_int_equal(parse_in_child(line, err, sizeof(err), out, sizeof(out)), EXIT_USAGE);
	*strrchr(line, ',') = '\0';
	assert_int_equal(parse_in_child(line, err, sizeof(err), out, sizeof(out)), 100);
}

static void what_is_quoted_is_harmless(void **state)
{
	char err[1024], out[64];

	(void)state;
	assert_int_equal(parse_in_child("-p \x1b[31m", err, sizeof(err), out, sizeof(out)), EXIT_USAGE);
	assert_null(strchr(err, '\x1b'));
	assert_non_null(strstr(err, "\\x1B[31m"));
}

static void help_goes_to_stdout(void **state)
{
	static const char *const lines[] = {"--help", "-?", "-h", "demo --help", "--usage", "--version"};
	char err[64], out[8192];

	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		assert_int_equal(parse_in_child(lines[i], err, sizeof(err), out, sizeof(out)), EXIT_OK);
		assert_string_equal(err, "");
		assert_non_null(strstr(out, "zctrace"));
	}
	parse_in_child("--help", err, sizeof(err), out, sizeof(out));
	assert_null(strstr(out, "reader-sleep")); /* for tests only */
	assert_non_null(strstr(out, "Exit status"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(pids_come_in_lists_and_again),
		cmocka_unit_test(a_command_keeps_its_own_options),
		cmocka_unit_test(the_rest_of_the_table),
		cmocka_unit_test(prometheus),
		cmocka_unit_test(demo),
		cmocka_unit_test(replay_and_diff),
		cmocka_unit_test(wrong_lines_cost_one_sentence),
		cmocka_unit_test(too_many_pids),
		cmocka_unit_test(what_is_quoted_is_harmless),
		cmocka_unit_test(help_goes_to_stdout),
	};

	return RUN_TESTS(tests);
}
