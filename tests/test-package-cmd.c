/*
 * hayeswire package: what it writes, says and returns.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/package_cmd.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/package.h"

#define WORDS_MAX 16

/* One call of the command with its output, in a folder of its own. */
struct shell {
    char dir[64];
    char home[512];
    struct buf out, err;
};

static int set_up(void **state)
{
    struct shell *shell = xcalloc(1, sizeof(*shell));

    snprintf(shell->dir, sizeof(shell->dir), "%s", "/tmp/hayeswire-package-XXXXXX");
    assert_non_null(mkdtemp(shell->dir));
    assert_non_null(getcwd(shell->home, sizeof(shell->home)));
    assert_int_equal(chdir(shell->dir), 0);
    *state = shell;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"a.bin", "b.bin", "out", "err"};
    struct shell *shell = *state;

    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        unlink(files[i]);
    assert_int_equal(chdir(shell->home), 0);
    assert_int_equal(rmdir(shell->dir), 0);
    buf_deinit(&shell->out);
    buf_deinit(&shell->err);
    free(shell);
    return 0;
}

static int divert(FILE *file, const char *path)
{
    int saved = dup(fileno(file));
    FILE *target = fopen(path, "w");

    assert_true(saved >= 0 && target);
    fflush(file);
    assert_true(dup2(fileno(target), fileno(file)) >= 0);
    fclose(target);
    return saved;
}

static void restore(FILE *file, int saved, const char *path, struct buf *text)
{
    fflush(file);
    assert_true(dup2(saved, fileno(file)) >= 0);
    close(saved);
    buf_clear(text);
    assert_int_equal(text_read_file(path, 1 << 20, text), 0);
}

/* line is split at blanks. Return: the exit status. */
static int run(struct shell *shell, const char *line)
{
    char *copy = xasprintf("package %s", line);
    char *argv[WORDS_MAX + 1] = {0};
    int argc = 0, status, out, err;

    for (char *word = strtok(copy, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
        argv[argc++] = word;
    out = divert(stdout, "out");
    err = divert(stderr, "err");
    status = package_command(argc, argv);
    restore(stdout, out, "out", &shell->out);
    restore(stderr, err, "err", &shell->err);
    free(copy);
    return status;
}

static void spoil(const char *path, long offset)
{
    FILE *file = fopen(path, "r+b");
    int byte;

    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    byte = fgetc(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static void test_make_writes_the_package_that_it_was_asked_for(void **state)
{
    struct shell *shell = *state;
    struct buf made = {0}, wanted = {0};

    assert_int_equal(run(shell, "make --dialect bc26 --from A05 --to A06 --size 2k -o a.bin"), 0);
    assert_string_equal(buf_text(&shell->out), "a.bin: 2048 bytes\n");
    assert_int_equal(text_read_file("a.bin", 4096, &made), 0);
    assert_int_equal(package_make("bc26", "A05", "A06", 2048, &wanted, NULL), 0);
    assert_int_equal(made.len, wanted.len);
    assert_memory_equal(made.data, wanted.data, wanted.len);
    buf_deinit(&made);

    assert_int_equal(run(shell, "make -d bc26 -f A05 -t A06 -s 2048 -o -"), 0);
    assert_int_equal(shell->out.len, wanted.len);
    assert_memory_equal(shell->out.data, wanted.data, wanted.len);
    buf_deinit(&wanted);
}

static void test_make_writes_a_folder_where_the_module_takes_one(void **state)
{
    static const char *const files[] = {"server/full/changelog.xml", "server/full/filelist.xml",
                                        "server/full/ota.swu"};
    struct shell *shell = *state;
    struct buf changelog = {0};

    assert_int_equal(run(shell, "make -d mt5700 -t 1.1.6.0(SP1C02) -s 2k -o server"), 0);
    /* 484 bytes, as the one of the same version that a real unit took (sheet 5.1). */
    assert_non_null(strstr(buf_text(&shell->out), "server/full/changelog.xml: 484 bytes\n"));
    assert_int_equal(text_read_file(files[0], 4096, &changelog), 0);
    assert_non_null(strstr(buf_text(&changelog), "version=\"1.1.6.0(SP1C02)\""));
    assert_non_null(strstr(buf_text(&changelog), "2.update_mode=\"0\""));
    buf_clear(&changelog);
    assert_int_equal(run(shell, "make -d mt5700 -t 2 -s 2k -w update_mode=1 -w eol=crlf -o server"),
                     0);
    assert_int_equal(text_read_file(files[0], 4096, &changelog), 0);
    assert_non_null(strstr(buf_text(&changelog), "2.update_mode=\"1\"</feature>\r\n"));
    buf_deinit(&changelog);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        assert_int_equal(unlink(files[i]), 0);
    assert_int_equal(rmdir("server/full"), 0);
    assert_int_equal(rmdir("server"), 0);
    assert_int_equal(run(shell, "make -d mt5700 -t 2 -w updatemode=1 -o server"), 2);
    assert_non_null(strstr(buf_text(&shell->err), "did you mean \"update_mode\"?"));
    assert_int_equal(run(shell, "make -d mt5700 -t 2 -o -"), 2);
    assert_int_equal(run(shell, "make -d bc26 -t 2 -w a=b -o a.bin"), 2);
}

static void test_inspect_says_what_a_package_is_for(void **state)
{
    struct shell *shell = *state;

    assert_int_equal(run(shell, "make -d bc26 -f A05 -t A06 -s 200 -o a.bin"), 0);
    assert_int_equal(run(shell, "inspect a.bin"), 0);
    assert_non_null(strstr(buf_text(&shell->out), "a.bin: good\n"
                                                  "  dialect   bc26\n"
                                                  "  from      A05\n"
                                                  "  to        A06\n"
                                                  "  payload   12 bytes\n"
                                                  "  file      200 bytes\n"
                                                  "  sha-256   "));
    assert_int_equal(run(shell, "inspect a.bin -d bc26 -r A05"), 0);
    assert_int_equal(run(shell, "inspect a.bin -d bc26 -r A04"), 1);
    assert_true(text_has_prefix(buf_text(&shell->out), "a.bin: for another running version\n"));
    assert_int_equal(run(shell, "inspect a.bin -d air720 -r A05"), 1);

    assert_int_equal(run(shell, "make -d bc26 -t A07 -s 188 -o b.bin"), 0);
    assert_int_equal(run(shell, "inspect --json a.bin b.bin"), 0);
    assert_true(text_has_prefix(
        buf_text(&shell->out),
        "{\"file\":\"a.bin\",\"good\":true,\"verdict\":\"good\",\"dialect\":\"bc26\",\"from\":"
        "\"A05\",\"to\":\"A06\",\"payload_bytes\":12,\"file_bytes\":200,\"sha256\":\""));
    assert_non_null(strstr(buf_text(&shell->out), "\n{\"file\":\"b.bin\",\"good\":true"));
}

static void test_inspect_finds_what_is_wrong_with_a_file(void **state)
{
    struct shell *shell = *state;

    assert_int_equal(run(shell, "make -d bc26 -t A06 -s 300 -o a.bin"), 0);
    spoil("a.bin", 299);
    assert_int_equal(run(shell, "inspect a.bin"), 1);
    assert_true(text_has_prefix(buf_text(&shell->out), "a.bin: damaged\n  dialect   bc26\n"));
    spoil("a.bin", 10);
    assert_int_equal(run(shell, "inspect a.bin"), 1);
    assert_true(text_has_prefix(buf_text(&shell->out), "a.bin: damaged\n  file "));
    assert_int_equal(truncate("a.bin", 100), 0);
    assert_int_equal(run(shell, "inspect a.bin"), 1);
    assert_true(text_has_prefix(buf_text(&shell->out), "a.bin: truncated\n"));
    assert_int_equal(truncate("a.bin", 0), 0);
    assert_int_equal(run(shell, "inspect a.bin --json"), 1);
    assert_true(text_has_prefix(buf_text(&shell->out),
                                "{\"file\":\"a.bin\",\"good\":false,\"verdict\":"
                                "\"not a known package\",\"file_bytes\":0,"));
}

static void test_wrong_usage_is_told_on_stderr(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *message;
    } rows[] = {
        {"make",                               2, "--dialect NAME is missing"                       },
        {"make -d bc26",                       2, "--to VERSION is missing"                         },
        {"make -d bc26 -t 1",                  2, "-o FILE is missing"                              },
        {"make -d bc26 -t 1 a.bin",            2, "\"a.bin\" is left over"                          },
        {"make -d bc26 -t 1 -s big -o a.bin",  2, "\"big\" is not a size"                           },
        {"make -d bc26 -t 1 -s 100 -o a.bin",  2, "a package has 188 to 75497472 bytes, not 100"    },
        {"make --dialcet bc26",                2, "unknown option --dialcet; did you mean --dialect"},
        {"make -d bc26 -t 1 -o no/such/a.bin", 3, "no/such/a.bin: No such file"                     },
        {"inspect",                            2, "which file?"                                     },
        {"inspect none.bin",                   2, "none.bin: No such file"                          },
        {"inspect a.bin -d bc26",              2, "--dialect and --running go together"             },
        {"inspct",                             2, "unknown verb \"inspct\"; did you mean \"inspect" },
        {"frobnicate",                         2, "there are make, inspect and serve"               },
        {"",                                   2, "hayeswire package make|inspect|serve"            },
        {"serve no/such/folder",               2, "\"no/such/folder\" is not a folder"              },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct shell *shell = *state;

        assert_int_equal(run(shell, rows[i].line), rows[i].status);
        assert_string_equal(buf_text(&shell->out), "");
        if (!strstr(buf_text(&shell->err), rows[i].message))
            assert_string_equal(buf_text(&shell->err), rows[i].message);
    }
}

static void test_help_is_no_error(void **state)
{
    static const char *const lines[] = {"--help", "make --help", "inspect -h", "serve --help"};

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct shell *shell = *state;

        assert_int_equal(run(shell, lines[i]), 0);
        assert_string_equal(buf_text(&shell->err), "");
        assert_non_null(strstr(buf_text(&shell->out), "hayeswire package"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_make_writes_the_package_that_it_was_asked_for, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_make_writes_a_folder_where_the_module_takes_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_inspect_says_what_a_package_is_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_inspect_finds_what_is_wrong_with_a_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_usage_is_told_on_stderr, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_help_is_no_error, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
