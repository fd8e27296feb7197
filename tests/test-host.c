/*
 * The host's process: lines in the trace, ends of all kinds, nothing left behind.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/host.h"
#include "harness/placeholder.h"
#include "harness/program.h"
#include "harness/reaper.h"
#include "harness/run_dir.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

#define GUARD_US 20000000u /* a test that waits longer than this has failed */

struct fixture {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct timer guard;
    char dir[64];
    struct host *host;
};

static void on_guard(void *arg)
{
    fail_msg("waited too long");
}

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));

    clock_init(&f->clock, CLOCK_REAL, 1);
    assert_int_equal(loop_init(&f->loop, &f->clock), 0);
    f->trace = trace_new(&f->clock);
    clock_after(&f->clock, &f->guard, GUARD_US, on_guard, NULL);
    snprintf(f->dir, sizeof(f->dir), "/tmp/hayeswire-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    host_free(f->host);
    folder_remove(f->dir);
    trace_free(f->trace);
    loop_deinit(&f->loop);
    clock_deinit(&f->clock);
    free(f);
    return 0;
}

static void start_with(struct fixture *f, const char *script, const char *const *env)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct host_config config = {
        .loop = &f->loop,
        .clock = &f->clock,
        .trace = f->trace,
        .who = "host",
        .dir = f->dir,
        .program = "/bin/sh",
        .argv = argv,
        .env = env,
    };
    struct buf error = {0};

    host_free(f->host);
    assert_int_equal(host_start(&config, &f->host, &error), 0);
}

static void start(struct fixture *f, const char *script)
{
    start_with(f, script, NULL);
}

static const struct trace_record *find(struct fixture *f, enum trace_kind kind, const char *text)
{
    for (uint64_t seq = trace_first(f->trace); seq < trace_next(f->trace); seq++) {
        const struct trace_record *record = trace_get(f->trace, seq);

        if (record->kind == kind && strcmp(record->who, "host") == 0 && strstr(record->data, text))
            return record;
    }
    return NULL;
}

static void await_end(struct fixture *f)
{
    while (host_is_running(f->host))
        loop_turn(&f->loop, true);
}

static void await_line(struct fixture *f, enum trace_kind kind, const char *text)
{
    while (!find(f, kind, text))
        loop_turn(&f->loop, true);
}

static int exit_status_of(struct fixture *f)
{
    int number;

    await_end(f);
    return host_exit_status(f->host, &number);
}

static int killer_of(struct fixture *f)
{
    int number;

    await_end(f);
    assert_int_equal(host_exit_status(f->host, &number), -1);
    return number;
}

/* ---- output ---- */

static void test_lines_are_recorded_by_stream(void **state)
{
    struct fixture *f = *state;

    start(f, "echo one; echo two >&2; printf 'no end'");
    assert_int_equal(exit_status_of(f), 0);
    assert_string_equal(find(f, TRACE_STDOUT, "one")->data, "one");
    assert_string_equal(find(f, TRACE_STDERR, "two")->data, "two");
    while (!host_is_silent(f->host))
        loop_turn(&f->loop, true);
    assert_string_equal(find(f, TRACE_STDOUT, "no end")->data, "no end");
}

static void test_last_words_come_before_the_end(void **state)
{
    struct fixture *f = *state;

    start(f, "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exit 7");
    await_end(f);
    assert_true(find(f, TRACE_STDOUT, "line 1999")->seq <
                find(f, TRACE_HOST, "exited with 7")->seq);
}

static void test_overlong_line_is_cut_and_noted(void **state)
{
    struct fixture *f = *state;
    const struct trace_record *record;

    start(f, "head -c 20000 /dev/zero | tr '\\0' x; echo; echo after");
    await_end(f);
    record = find(f, TRACE_STDOUT, "xxx");
    assert_true(record->len > HOST_LINE_MAX && record->len < HOST_LINE_MAX + 64);
    assert_non_null(strstr(record->data, "[cut"));
    assert_string_equal(find(f, TRACE_STDOUT, "after")->data, "after");
}

static void test_line_of_exactly_the_bound_is_whole(void **state)
{
    struct fixture *f = *state;

    start(f, "head -c 8192 /dev/zero | tr '\\0' x; echo");
    await_end(f);
    assert_int_equal(find(f, TRACE_STDOUT, "xxx")->len, HOST_LINE_MAX);
}

static void test_raw_output_is_kept_in_files(void **state)
{
    struct fixture *f = *state;
    struct buf text = {0};
    char path[128];

    start(f, "printf 'a\\r\\nb' >&2");
    await_end(f);
    snprintf(path, sizeof(path), "%s/host.err", f->dir);
    assert_int_equal(text_read_file(path, 1000, &text), 0);
    assert_string_equal(text.data, "a\r\nb");
    assert_string_equal(find(f, TRACE_STDERR, "a")->data, "a");
    buf_deinit(&text);
}

static void test_stdin_is_empty(void **state)
{
    struct fixture *f = *state;

    start(f, "read line || echo nothing to read");
    await_end(f);
    assert_non_null(find(f, TRACE_STDOUT, "nothing to read"));
}

/* ---- the end ---- */

static void test_exit_status_is_recorded(void **state)
{
    struct fixture *f = *state;

    start(f, "exit 42");
    assert_int_equal(exit_status_of(f), 42);
    assert_non_null(find(f, TRACE_HOST, "started pid"));
    assert_non_null(find(f, TRACE_HOST, "exited with 42"));
}

static void test_crash_names_its_signal(void **state)
{
    struct fixture *f = *state;
    struct buf text = {0};

    start(f, "echo oops >&2; ulimit -c 0; kill -SEGV $$");
    assert_int_equal(killer_of(f), SIGSEGV);
    assert_non_null(find(f, TRACE_HOST, "killed by SIGSEGV"));
    host_describe(f->host, &text);
    assert_non_null(strstr(text.data, "killed by SIGSEGV at +"));
    assert_non_null(strstr(text.data, "last stderr: \"oops\""));
    buf_deinit(&text);
}

static void test_grandchild_with_the_pipes_does_not_hold_the_end(void **state)
{
    struct fixture *f = *state;

    start(f, "tail -f /dev/null & exit 3");
    assert_int_equal(exit_status_of(f), 3);
    assert_false(host_is_silent(f->host));
}

static void test_free_kills_the_whole_group(void **state)
{
    struct fixture *f = *state;
    int status, killed = 0;
    pid_t pid;

    reaper_adopt(); /* the orphans become ours, so that their end can be seen */
    start(f, "tail -f /dev/null & tail -f /dev/null & echo up; exit 0");
    await_line(f, TRACE_STDOUT, "up");
    await_end(f);
    pid = host_pid(f->host);
    host_free(f->host);
    f->host = NULL;
    while (waitpid(-pid, &status, 0) > 0)
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    assert_int_equal(errno, ECHILD);
    assert_int_equal(killed, 2);
}

static bool is_host(void *arg, pid_t pid)
{
    return pid == *(pid_t *)arg;
}

static void test_strays_in_sessions_of_their_own_are_killed(void **state)
{
    struct fixture *f = *state;
    pid_t pid;

    reaper_adopt();
    start(f, "setsid -f sh -c 'tail -f /dev/null & echo up; exec tail -f /dev/null > /dev/null'; "
             "exec tail -f /dev/null");
    await_line(f, TRACE_STDOUT, "up");
    pid = host_pid(f->host);
    reaper_kill_strays(is_host, &pid);
    assert_true(host_is_running(f->host));
    host_free(f->host);
    f->host = NULL;
    /* All of them were killed, and end; one that lives on would be waited for in vain. */
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    assert_int_equal(errno, ECHILD);
}

static void test_stop_ends_a_polite_host_by_sigterm(void **state)
{
    struct fixture *f = *state;

    start(f, "trap 'exit 9' TERM; tail -f /dev/null & echo up; wait");
    await_line(f, TRACE_STDOUT, "up");
    host_stop(f->host);
    assert_int_equal(exit_status_of(f), 9);
    assert_null(find(f, TRACE_HOST, "SIGKILL"));
}

static void test_stop_kills_a_host_that_ignores_sigterm(void **state)
{
    struct fixture *f = *state;

    start(f, "trap '' TERM; echo up; tail -f /dev/null");
    await_line(f, TRACE_STDOUT, "up");
    host_stop(f->host);
    assert_int_equal(killer_of(f), SIGKILL);
    assert_non_null(find(f, TRACE_HOST, "still there after SIGTERM"));
}

static void test_stop_ends_a_host_that_is_stopped(void **state)
{
    struct fixture *f = *state;

    start(f, "echo up; exec tail -f /dev/null");
    await_line(f, TRACE_STDOUT, "up");
    host_signal(f->host, SIGSTOP);
    host_stop(f->host);
    assert_int_equal(killer_of(f), SIGTERM);
}

/* ---- the start ---- */

static void test_environment_is_ours_with_additions(void **state)
{
    struct fixture *f = *state;
    const char *env[] = {"HAYESWIRE_TTY=/dev/pts/99", "HOME=/nowhere", NULL};

    setenv("HAYESWIRE_TEST_KEPT", "kept", 1);
    start_with(f, "echo \"$HAYESWIRE_TTY $HOME $HAYESWIRE_TEST_KEPT\"", env);
    await_end(f);
    assert_non_null(find(f, TRACE_STDOUT, "/dev/pts/99 /nowhere kept"));
}

static void write_program(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, 0755);
}

static void test_what_cannot_be_executed_is_explained(void **state)
{
    struct fixture *f = *state;
    char path[128];
    const char *argv[] = {path, NULL};
    struct host_config config = {.loop = &f->loop,
                                 .clock = &f->clock,
                                 .trace = f->trace,
                                 .who = "host",
                                 .program = path,
                                 .argv = argv};
    struct buf error = {0};

    snprintf(path, sizeof(path), "%s/script", f->dir);
    write_program(path, "#!/no/such/interpreter\n");
    assert_int_equal(host_start(&config, &f->host, &error), -ENOENT);
    assert_non_null(strstr(error.data, "interpreter"));
    buf_clear(&error);
    write_program(path, "neither this nor that\n");
    assert_int_equal(host_start(&config, &f->host, &error), -ENOEXEC);
    assert_non_null(strstr(error.data, "#!"));
    assert_null(f->host);
    assert_int_equal(trace_next(f->trace), 0);
    buf_deinit(&error);
}

static void test_program_is_found_or_its_neighbour_named(void **state)
{
    struct fixture *f = *state;
    struct buf error = {0};
    char path[128], *found = NULL;

    assert_int_equal(program_find("sh", &found, &error), 0);
    assert_int_equal(access(found, X_OK), 0);
    free(found);
    snprintf(path, sizeof(path), "%s/updater", f->dir);
    write_program(path, "#!/bin/sh\n");
    snprintf(path, sizeof(path), "%s/updatr", f->dir);
    assert_int_equal(program_find(path, &found, &error), -ENOENT);
    assert_non_null(strstr(error.data, "did you mean"));
    assert_non_null(strstr(error.data, "/updater?"));
    buf_clear(&error);
    snprintf(path, sizeof(path), "%s/updater", f->dir);
    chmod(path, 0644);
    assert_int_equal(program_find(path, &found, &error), -EACCES);
    assert_non_null(strstr(error.data, "not executable"));
    buf_deinit(&error);
}

static void test_signal_names(void **state)
{
    struct buf error = {0};
    int number;

    assert_int_equal(host_signal_parse("TERM", &number, &error), 0);
    assert_int_equal(number, SIGTERM);
    assert_int_equal(host_signal_parse("sigusr1", &number, &error), 0);
    assert_int_equal(number, SIGUSR1);
    assert_int_equal(host_signal_parse("TREM", &number, &error), -ENOENT);
    assert_string_equal(error.data, "no signal \"TREM\"; did you mean \"TERM\"?");
    buf_deinit(&error);
}

/* ---- placeholders ---- */

static const char *value(void *arg, enum placeholder which, const char *name, struct buf *error_out)
{
    static const char *const values[] = {"/dev/pts/7", "http://h/u", "/d", "5"};

    if (name && strcmp(name, "second") == 0)
        return "/dev/pts/8";
    if (name) {
        buf_printf(error_out, "no modem %s", name);
        return NULL;
    }
    return values[which];
}

static void test_placeholders_are_replaced(void **state)
{
    struct buf out = {0}, error = {0};

    assert_int_equal(placeholder_expand("--p={tty},{tty:second} {url} {dir}/{seed} {{x} }", value,
                                        NULL, &out, &error),
                     0);
    assert_string_equal(out.data, "--p=/dev/pts/7,/dev/pts/8 http://h/u /d/5 {x} }");
    assert_int_equal(placeholder_expand("{tty:third}", value, NULL, &out, &error), -EINVAL);
    assert_string_equal(error.data, "no modem third");
    buf_deinit(&out);
    buf_deinit(&error);
}

static void test_wrong_placeholders_are_refused_with_the_nearest(void **state)
{
    static const char *const wrong[] = {"{ttty}", "{}", "{tty", "{url:x}", "{tty:}"};
    struct buf error = {0};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        buf_clear(&error);
        assert_int_equal(placeholder_check(wrong[i], &error), -EINVAL);
        assert_non_null(strstr(error.data, "unknown placeholder"));
    }
    buf_clear(&error);
    placeholder_check("{ttty}", &error);
    assert_string_equal(error.data,
                        "unknown placeholder {ttty} in \"{ttty}\"; did you mean {tty}?");
    buf_deinit(&error);
}

/* ---- the link to the tty ---- */

static void test_tty_link_replaces_links_only(void **state)
{
    struct fixture *f = *state;
    struct buf error = {0};
    char path[128], target[64] = {0};

    snprintf(path, sizeof(path), "%s/link", f->dir);
    assert_int_equal(tty_link_set(path, "/dev/pts/1", &error), 0);
    assert_int_equal(tty_link_set(path, "/dev/pts/22", &error), 0);
    assert_int_equal(readlink(path, target, sizeof(target) - 1), 11);
    assert_string_equal(target, "/dev/pts/22");
    tty_link_remove(path);
    assert_int_equal(access(path, F_OK), -1);
    write_program(path, "a file of somebody's");
    assert_int_equal(tty_link_set(path, "/dev/pts/1", &error), -EEXIST);
    tty_link_remove(path);
    assert_int_equal(access(path, F_OK), 0);
    buf_deinit(&error);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_lines_are_recorded_by_stream),
        FIXED(test_last_words_come_before_the_end),
        FIXED(test_overlong_line_is_cut_and_noted),
        FIXED(test_line_of_exactly_the_bound_is_whole),
        FIXED(test_raw_output_is_kept_in_files),
        FIXED(test_stdin_is_empty),
        FIXED(test_exit_status_is_recorded),
        FIXED(test_crash_names_its_signal),
        FIXED(test_grandchild_with_the_pipes_does_not_hold_the_end),
        FIXED(test_free_kills_the_whole_group),
        FIXED(test_strays_in_sessions_of_their_own_are_killed),
        FIXED(test_stop_ends_a_polite_host_by_sigterm),
        FIXED(test_stop_kills_a_host_that_ignores_sigterm),
        FIXED(test_stop_ends_a_host_that_is_stopped),
        FIXED(test_environment_is_ours_with_additions),
        FIXED(test_what_cannot_be_executed_is_explained),
        FIXED(test_program_is_found_or_its_neighbour_named),
        cmocka_unit_test(test_signal_names),
        cmocka_unit_test(test_placeholders_are_replaced),
        cmocka_unit_test(test_wrong_placeholders_are_refused_with_the_nearest),
        FIXED(test_tty_link_replaces_links_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
