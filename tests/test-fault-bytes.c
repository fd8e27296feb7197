/*
 * Faults on streams of bytes: what each does, and that chunks do not matter.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"

static const struct fault_point *const tx = &fault_points[FAULT_POINT_LINE_TX];
static const struct fault_point *const body = &fault_points[FAULT_POINT_DOWNLOAD_BODY];

static struct fault_plan *plan_of(const char *const *texts, size_t count)
{
    struct rng seed;
    struct fault_plan *plan;

    rng_init(&seed, 42);
    plan = fault_plan_new(&seed, NULL, "m0");
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fault_plan_add(plan, texts[i], NULL, NULL), 0);
    return plan;
}

static struct fault_plan *plan_with(const char *text)
{
    return plan_of(&text, 1);
}

/* Feed one chunk to its end; "[action]" stands in out where the caller would have had to act. */
static void feed(struct fault_plan *plan, const struct fault_point *point, const char *bytes,
                 size_t len, struct buf *out)
{
    while (len > 0) {
        size_t used = 0;
        struct fault_effect effect = fault_bytes(plan, point, bytes, len, out, &used);

        assert_true(used <= len);
        if (effect.action == FAULT_NONE)
            assert_int_equal(used, len);
        else
            buf_printf(out, "[%s]", fault_action_name(effect.action));
        bytes += used;
        len -= used;
    }
}

static void feed_text(struct fault_plan *plan, const struct fault_point *point, const char *text,
                      struct buf *out)
{
    feed(plan, point, text, strlen(text), out);
}

static void test_each_action_does_what_it_says(void **state)
{
    static const struct {
        const char *text, *out;
    } rows[] = {
        {"line.tx@2=flip:5",             "abCdefabcdef"            },
        {"line.tx@2=drop",               "abdefabcdef"             },
        {"line.tx@2*3=drop",             "abfabcdef"               },
        {"line.tx@2=dup",                "abccdefabcdef"           },
        {"line.tx@2=insert:\"<>\"",      "ab<>cdefabcdef"          },
        {"line.tx@0=insert:\"<>\"",      "<>abcdefabcdef"          },
        {"line.tx@\"cd\"=insert:\"<>\"", "abcd<>efabcdef"          },
        {"line.tx@2=truncate",           "ab"                      },
        {"line.tx@\"cd\"=truncate",      "abc"                     },
        {"line.tx@2=stall:20s",          "abc[stall]defabcdef"     },
        {"line.tx@\"cd\"=power_cut",     "abcd[power_cut]efabcdef" },
        {"line.tx@\"f\"*0=hang",         "abcdef[hang]abcdef[hang]"},
        {"line.tx@11=reset",             "abcdefabcdef[reset]"     },
        {"line.tx@12=reset",             "abcdefabcdef"            },
        {"line.tx@\"cd\"#2=drop",        "abcdefabcef"             },
        {"line.tx@\"cd\"@4=drop",        "abcdefabcef"             },
        {"line.tx@\"cd\"*0=flip:5",      "abcDefabcDef"            },
        {"line.tx@\"xy\"=drop",          "abcdefabcdef"            },
        {"line.tx#5=flip:5",             "abcdEfabcdef"            },
        {"line.tx=drop",                 "bcdefabcdef"             },
        {"line.tx~1@3#2*2=drop",         "abcdabcdef"              },
        {"line.rx=drop",                 "abcdefabcdef"            },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault_plan *plan = plan_with(rows[i].text);
        struct buf out = {0};

        feed_text(plan, tx, "abcdefabcdef", &out);
        assert_string_equal(buf_text(&out), rows[i].out);
        buf_deinit(&out);
        fault_plan_free(plan);
    }
}

static void test_garble_spoils_each_of_its_bytes_and_no_other(void **state)
{
    struct fault_plan *plan = plan_with("line.tx@100=garble:200");
    struct buf out = {0};
    char in[1000];

    memset(in, 'a', sizeof(in));
    feed(plan, tx, in, sizeof(in), &out);
    assert_int_equal(out.len, sizeof(in));
    for (size_t i = 0; i < sizeof(in); i++)
        assert_int_equal(out.data[i] != 'a', i >= 100 && i < 300);
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_matches_do_not_overlap_and_survive_false_starts(void **state)
{
    static const struct {
        const char *text, *in, *out;
    } rows[] = {
        {"line.tx@\"aa\"*0=drop",     "aaaaa",        "aaa"       },
        {"line.tx@\"aab\"=flip:5",    "aaaab",        "aaaaB"     },
        {"line.tx@\"abab!\"=flip:0",  "ababab!",      "ababab "   },
        {"line.tx@\"abcabd\"=flip:5", "abcabcabd",    "abcabcabD" },
        {"line.tx@\"\\r\\n\"=drop",   "\r\r\nOK\r\n", "\r\rOK\r\n"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault_plan *plan = plan_with(rows[i].text);
        struct buf out = {0};

        feed_text(plan, tx, rows[i].in, &out);
        assert_string_equal(buf_text(&out), rows[i].out);
        buf_deinit(&out);
        fault_plan_free(plan);
    }
}

/* ---- the property: chunks do not matter ---- */

static const char *const crowd[] = {
    "line.tx@\"+CSQ:\"#2=insert:\"RING\"",
    "line.tx@\"OK\\r\\n\"*0=stall:1s",
    "line.tx~0.05*0=flip:3",
    "line.tx@30*2=dup",
    "line.tx@40=garble:9",
    "line.tx@43=flip:1",
    "line.tx@\"\\r\\n\\r\\n\"#3=drop",
    "line.tx@\"99\"*3=reset",
    "line.tx@150~0.5=garble:3",
    "line.tx@\"END\"#2=power_cut",
    "line.tx@\"END\"#3=truncate",
};

static const char stream[] = "\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\n+CSQ: 21,99\r\n\r\nOK\r\n\r\nRDY\r\n"
                             "\r\n+CSQ: 99,99\r\n\r\nOK\r\n\x00\xff\r\n\r\nEND\r\n\r\n+QIND: "
                             "\"FOTA\",\"END\",0\r\n\r\nOK\r\n\r\n+CSQ:+CSQ:++CSQ: 3,99\r\n\r\nOK"
                             "\r\nEND\r\nthis is not seen any more\r\n";

/* A third chunk size > 0 repeats for the rest. */
static void feed_in_chunks(struct buf *out, size_t first, size_t second, size_t rest)
{
    struct fault_plan *plan = plan_of(crowd, ARRAY_LEN(crowd));
    size_t at = 0, len = sizeof(stream) - 1;
    size_t chunks[] = {first, second};

    for (size_t i = 0; at < len; i++) {
        size_t part = i < ARRAY_LEN(chunks) ? chunks[i] : rest;

        part = part < len - at ? part : len - at;
        feed(plan, tx, stream + at, part, out);
        at += part;
    }
    for (size_t i = 0; i < ARRAY_LEN(crowd); i++)
        buf_printf(out, "|%u", fault_plan_status(plan, i).fired);
    fault_plan_free(plan);
}

static void test_the_result_does_not_depend_on_the_chunks(void **state)
{
    struct buf whole = {0};
    size_t len = sizeof(stream) - 1;

    feed_in_chunks(&whole, len, 0, 0);
    assert_non_null(memmem(whole.data, whole.len, "RING", 4));
    assert_non_null(memmem(whole.data, whole.len, "[stall]", 7));
    assert_non_null(memmem(whole.data, whole.len, "[power_cut]", 11));
    for (size_t first = 0; first <= len; first++) {
        for (size_t rest = 1; rest <= len; rest = first % 8 ? len : rest + 1) {
            struct buf cut = {0};

            feed_in_chunks(&cut, first, rest, rest);
            assert_int_equal(cut.len, whole.len);
            assert_memory_equal(cut.data, whole.data, whole.len);
            buf_deinit(&cut);
            if (rest == len)
                break;
        }
    }
    buf_deinit(&whole);
}

/* ---- streams ---- */

static void test_truncate_lasts_until_the_stream_starts_again(void **state)
{
    struct fault_plan *plan = plan_with("line.tx@2=truncate");
    struct buf out = {0};

    feed_text(plan, tx, "abcdef", &out);
    feed_text(plan, tx, "ghi", &out);
    fault_bytes_restart(plan, tx, 0);
    feed_text(plan, tx, "jkl", &out);
    assert_string_equal(buf_text(&out), "abjkl");
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_clear_lets_a_truncated_stream_flow_again(void **state)
{
    struct fault_plan *plan = plan_with("line.tx@2=truncate");
    struct buf out = {0};

    feed_text(plan, tx, "abcdef", &out);
    fault_plan_clear(plan);
    feed_text(plan, tx, "ghi", &out);
    assert_int_equal(fault_plan_add(plan, "line.tx@10=flip:5", NULL, NULL), 0);
    feed_text(plan, tx, "jkl", &out);
    assert_string_equal(buf_text(&out), "abghijKl");
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_a_match_does_not_span_a_restart(void **state)
{
    struct fault_plan *plan = plan_with("line.tx@\"OK\"=drop");
    struct buf out = {0};

    feed_text(plan, tx, "O", &out);
    fault_bytes_restart(plan, tx, 0);
    feed_text(plan, tx, "KOK", &out);
    assert_string_equal(buf_text(&out), "OKO");
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_offsets_count_from_where_the_stream_starts(void **state)
{
    struct fault_plan *plan = plan_with("download.body@4096=flip:5");
    struct buf out = {0};

    fault_bytes_restart(plan, body, 4094); /* a download that resumes there */
    feed_text(plan, body, "abcd", &out);
    assert_string_equal(buf_text(&out), "abCd");
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_bytes_that_passed_before_arming_count(void **state)
{
    struct fault_plan *plan = plan_of(NULL, 0);
    struct buf out = {0};

    assert_false(fault_bytes_armed(plan, tx));
    fault_bytes_skip(plan, tx, 100);
    feed_text(plan, tx, "ab", &out);
    assert_int_equal(fault_plan_add(plan, "line.tx@104=flip:5", NULL, NULL), 0);
    assert_true(fault_bytes_armed(plan, tx));
    assert_false(fault_bytes_armed(plan, body));
    assert_false(fault_bytes_armed(NULL, tx));
    feed_text(plan, tx, "cdef", &out);
    assert_string_equal(buf_text(&out), "abcdEf");
    buf_deinit(&out);
    fault_plan_free(plan);
}

static void test_a_percentage_of_a_download_is_the_byte_that_reaches_it(void **state)
{
    static const struct {
        const char *text, *out;
        uint64_t total;
    } rows[] = {
        {"download.body@50%=flip:5",  "abcdEfghij", 10},
        {"download.body@45%=flip:5",  "abcdEfghij", 10},
        {"download.body@0%=flip:5",   "Abcdefghij", 10},
        {"download.body@100%=flip:5", "abcdefghiJ", 10},
        {"download.body@50%=flip:5",  "abcdefghij", 0 }, /* nobody knows the length */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault_plan *plan = plan_with(rows[i].text);
        struct buf out = {0};

        fault_bytes_restart(plan, body, 0);
        fault_bytes_total(plan, body, rows[i].total);
        feed_text(plan, body, "abcdefghij", &out);
        assert_string_equal(buf_text(&out), rows[i].out);
        buf_deinit(&out);
        fault_plan_free(plan);
    }
}

static void test_a_broken_link_breaks_again_after_each_resume(void **state)
{
    struct fault_plan *plan = plan_with("download.body@2*3=reset_link");
    struct buf out = {0};

    feed_text(plan, body, "abcdefgh", &out);
    assert_string_equal(buf_text(&out), "abc[reset_link]d[reset_link]e[reset_link]fgh");
    buf_deinit(&out);
    fault_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_action_does_what_it_says),
        cmocka_unit_test(test_garble_spoils_each_of_its_bytes_and_no_other),
        cmocka_unit_test(test_matches_do_not_overlap_and_survive_false_starts),
        cmocka_unit_test(test_the_result_does_not_depend_on_the_chunks),
        cmocka_unit_test(test_truncate_lasts_until_the_stream_starts_again),
        cmocka_unit_test(test_clear_lets_a_truncated_stream_flow_again),
        cmocka_unit_test(test_a_match_does_not_span_a_restart),
        cmocka_unit_test(test_offsets_count_from_where_the_stream_starts),
        cmocka_unit_test(test_bytes_that_passed_before_arming_count),
        cmocka_unit_test(test_a_percentage_of_a_download_is_the_byte_that_reaches_it),
        cmocka_unit_test(test_a_broken_link_breaks_again_after_each_resume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
