/* SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "sim/at/at_parser.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/* A parser and what came out of it, as text that a failed comparison shows well. */
struct bench {
    struct at_settings settings;
    struct at_parser *parser;
    struct buf events;
    struct buf echo;
};

static int setup(void **state)
{
    struct bench *bench = xcalloc(1, sizeof(*bench));

    at_settings_init(&bench->settings);
    bench->parser = at_parser_new(&bench->settings);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    at_parser_free(bench->parser);
    buf_deinit(&bench->events);
    buf_deinit(&bench->echo);
    free(bench);
    return 0;
}

/* What a modem does at an event: a few commands change how the next bytes are read. */
static void serve(struct bench *bench, const struct at_event *event)
{
    static const char *const names[] = {"NONE", "LINE", "REPEAT", "DATA", "JUNK"};

    assert_int_equal(strlen(event->text), event->len);
    buf_printf(&bench->events, "%s(", names[event->type]);
    text_add_visible(&bench->events, event->text, event->len);
    buf_printf(&bench->events, "%s%s)", event->too_long ? " too long" : "",
               event->cancelled ? " cancelled" : "");
    if (event->type != AT_EVENT_LINE)
        return;
    if (strcmp(event->text, "E0") == 0)
        bench->settings.echo = false;
    else if (strcmp(event->text, "S3=59") == 0)
        bench->settings.s3 = ';';
    else if (strcmp(event->text, "S5=127") == 0)
        bench->settings.s5 = 127;
    else if (strcmp(event->text, "S3=10") == 0)
        bench->settings.s3 = '\n';
    else if (strcmp(event->text, "+CMGS=4") == 0)
        at_parser_expect_data(bench->parser);
}

static void feed_bytes(struct bench *bench, const char *bytes, size_t len)
{
    while (len > 0) {
        struct at_event event;
        size_t used = at_parser_feed(bench->parser, bytes, len, &event, &bench->echo);

        assert_true(used >= 1 && used <= len);
        bytes += used;
        len -= used;
        if (event.type != AT_EVENT_NONE)
            serve(bench, &event);
        else
            assert_int_equal(len, 0);
    }
}

static void feed(struct bench *bench, const char *text)
{
    feed_bytes(bench, text, strlen(text));
}

#define assert_events(bench, text) assert_string_equal(buf_text(&(bench)->events), (text))
#define assert_echo(bench, text)   assert_string_equal(buf_text(&(bench)->echo), (text))

static void test_prefix_in_any_case_begins_a_line(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT+CSQ\rat+csq\rAt\raTI\r");
    assert_events(bench, "LINE(+CSQ)LINE(+csq)LINE()LINE(I)");
    assert_echo(bench, "AT+CSQ\rat+csq\rAt\raTI\r");
}

static void test_what_precedes_the_prefix_is_ignored(void **state)
{
    struct bench *bench = *state;

    feed(bench, "xxAT+A\rAAT+B\raAtAT\r\xff\xfe"
                "AT+C\r");
    assert_events(bench, "LINE(+A)LINE(+B)LINE(AT)LINE(+C)");
}

static void test_a_slash_repeats_at_once(void **state)
{
    struct bench *bench = *state;

    feed(bench, "A/");
    assert_events(bench, "REPEAT()");
    feed(bench, "\r\na/xA/AT\r");
    assert_events(bench, "REPEAT()REPEAT()REPEAT()LINE()");
}

static void test_line_without_prefix_is_junk(void **state)
{
    struct bench *bench = *state;

    feed(bench, "hello\r\xff\x80\rA\r");
    assert_events(bench, "JUNK(hello)JUNK(\\xff\\x80)JUNK(A)");
}

static void test_empty_lines_without_prefix_are_nothing(void **state)
{
    struct bench *bench = *state;

    feed(bench, "\r\n\r\n\n\x1b\r");
    assert_events(bench, "");
}

static void test_line_feed_after_the_terminator_is_swallowed(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT\r\nAT\r");
    assert_events(bench, "LINE()LINE()");
    assert_echo(bench, "AT\rAT\r");
    feed(bench, "\n\n");
    assert_echo(bench, "AT\rAT\r\n"); /* only the one right behind S3 */
}

static void test_control_characters_are_echoed_but_not_kept(void **state)
{
    struct bench *bench = *state;

    feed_bytes(bench, "AT+\0C\x01S\tQ\n\r", 11);
    assert_events(bench, "LINE(+CSQ)");
    assert_int_equal(bench->echo.len, 11);
    assert_memory_equal(bench->echo.data, "AT+\0C\x01S\tQ\n\r", 11);
}

static void test_high_bytes_stay_in_the_body(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT+C\xd3Q\x7f\r");
    assert_events(bench, "LINE(+C\\xd3Q\\x7f)");
}

static void test_editing_takes_back_and_spares_the_prefix(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT+CSX\bQ\r");
    assert_events(bench, "LINE(+CSQ)");
    assert_echo(bench, "AT+CSX\b \bQ\r");
    feed(bench, "ATE\b\b\bI\r");
    assert_events(bench, "LINE(+CSQ)LINE(I)");
    assert_echo(bench, "AT+CSX\b \bQ\rATE\b \bI\r");
}

static void test_editing_works_before_the_prefix_is_complete(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AX\bT+A\rA\bT+B\r\bAT+C\r");
    assert_events(bench, "LINE(+A)JUNK(T+B)LINE(+C)");
}

static void test_settings_act_from_the_next_byte(void **state)
{
    struct bench *bench = *state;

    feed(bench, "ATE0\rAT+CSQ\r");
    assert_echo(bench, "ATE0\r");
    feed(bench, "ATS5=127\rATIX\x7f\r");
    feed(bench, "ATS3=59\rAT+A;AT+B\r;");
    assert_events(bench, "LINE(E0)LINE(+CSQ)LINE(S5=127)LINE(I)LINE(S3=59)LINE(+A)LINE(+B)");
}

static void test_line_feed_may_be_the_terminator(void **state)
{
    struct bench *bench = *state;

    feed(bench, "ATS3=10\r\nAT+A\r\nAT+B\n\n");
    assert_events(bench, "LINE(S3=10)LINE(+A)LINE(+B)");
}

static void feed_times(struct bench *bench, char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        feed_bytes(bench, &c, 1);
}

static void test_too_long_line_is_one_event_at_its_end(void **state)
{
    struct bench *bench = *state;
    struct at_event event;

    at_parser_feed(bench->parser, "AT", 2, &event, NULL);
    for (int i = 0; i < AT_LINE_MAX + 5; i++) {
        assert_int_equal(at_parser_feed(bench->parser, "x", 1, &event, NULL), 1);
        assert_int_equal(event.type, AT_EVENT_NONE);
    }
    at_parser_feed(bench->parser, "\r", 1, &event, NULL);
    assert_int_equal(event.type, AT_EVENT_LINE);
    assert_true(event.too_long);
    assert_int_equal(event.len, AT_LINE_MAX);
    feed(bench, "AT\r");
    assert_events(bench, "LINE()");
}

static void test_longest_line_is_not_too_long(void **state)
{
    struct bench *bench = *state;
    struct at_event event;

    feed(bench, "AT");
    feed_times(bench, 'x', AT_LINE_MAX + 3);
    feed_times(bench, '\b', 3);
    at_parser_feed(bench->parser, "\r", 1, &event, NULL);
    assert_int_equal(event.type, AT_EVENT_LINE);
    assert_int_equal(event.len, AT_LINE_MAX);
    assert_false(event.too_long);
}

static void test_endless_junk_is_bounded(void **state)
{
    struct bench *bench = *state;
    struct at_event event;

    feed_times(bench, 'x', 3 * AT_LINE_MAX);
    at_parser_feed(bench->parser, "\r", 1, &event, NULL);
    assert_int_equal(event.type, AT_EVENT_JUNK);
    assert_int_equal(event.len, AT_LINE_MAX);
    feed_times(bench, 'x', 3 * AT_LINE_MAX);
    feed(bench, "AT+A\r");
    assert_events(bench, "LINE(+A)");
}

static void test_data_runs_to_its_end_mark_without_echo(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT+CMGS=4\r\nAT hello\r\nthere\b\x1a\rAT\r");
    assert_events(bench, "LINE(+CMGS=4)DATA(AT hello\\r\\nthere\\x08)LINE()");
    assert_echo(bench, "AT+CMGS=4\r\rAT\r");
    feed(bench, "AT+CMGS=4\rab\x1b");
    assert_non_null(strstr(buf_text(&bench->events), "DATA(ab cancelled)"));
}

static void test_too_much_data_is_bounded(void **state)
{
    struct bench *bench = *state;
    struct at_event event;

    feed(bench, "AT+CMGS=4\r");
    feed_times(bench, 'x', AT_DATA_MAX + 1);
    at_parser_feed(bench->parser, "\x1a", 1, &event, NULL);
    assert_int_equal(event.type, AT_EVENT_DATA);
    assert_int_equal(event.len, AT_DATA_MAX);
    assert_true(event.too_long);
}

static void test_reset_forgets_a_half_line(void **state)
{
    struct bench *bench = *state;

    feed(bench, "AT+CS");
    assert_true(at_parser_in_line(bench->parser));
    at_parser_reset(bench->parser);
    assert_false(at_parser_in_line(bench->parser));
    feed(bench, "Q\rAT+CMGS=4\rdata");
    at_parser_reset(bench->parser);
    feed(bench, "AT\rA");
    at_parser_reset(bench->parser);
    feed(bench, "T\r");
    assert_events(bench, "JUNK(Q)LINE(+CMGS=4)LINE()JUNK(T)");
}

static void test_in_line_from_the_prefix_to_the_terminator(void **state)
{
    struct bench *bench = *state;

    assert_false(at_parser_in_line(bench->parser));
    feed(bench, "\xff");
    assert_false(at_parser_in_line(bench->parser));
    feed(bench, "AT");
    assert_true(at_parser_in_line(bench->parser));
    feed(bench, "\r");
    assert_false(at_parser_in_line(bench->parser));
}

/* ---- the same events and echo, however the bytes are chunked ---- */

static void run_whole(const char *bytes, size_t len, size_t split, struct buf *out)
{
    void *state = NULL;
    struct bench *bench;

    setup(&state);
    bench = state;
    if (split == 0) {
        for (size_t i = 0; i < len; i++)
            feed_bytes(bench, bytes + i, 1);
    } else {
        feed_bytes(bench, bytes, split);
        feed_bytes(bench, bytes + split, len - split);
    }
    buf_add(out, buf_text(&bench->events), bench->events.len);
    buf_add_text(out, " echo ");
    text_add_visible(out, buf_text(&bench->echo), bench->echo.len);
    teardown(&state);
}

static void check_chunks(const char *bytes, size_t len)
{
    struct buf whole = {0};

    run_whole(bytes, len, len, &whole);
    for (size_t split = 0; split < len; split++) {
        struct buf parts = {0};

        run_whole(bytes, len, split, &parts);
        assert_string_equal(buf_text(&parts), buf_text(&whole));
        buf_deinit(&parts);
    }
    buf_deinit(&whole);
}

static void test_chunks_do_not_matter(void **state)
{
    static const char *const transcripts[] = {
        "AT\r\nATE0\r\nAT+CSQ;+CREG?\r\nATI\r",
        "\xff\xf0garbage\r\r\nAATE1V1\rA/\r\na/A/",
        "ATX\b\b\bE\bI\r\nAX\bT\r\r\n\n\rAT\r\n",
        "ATS3=10\r\nAT+A\r\nAT+B\nATS3=59\nAT+C;\nxx;",
        "ATS5=127\rATIX\x7f\x7f\x7fQ\b\r\nAT+CMGS=4\r\nab\rAT\n\x1a\r\nAT+CMGS=4\r\x1b"
        "AT\r",
        "AT+QFOTADL=\"http://host/a;b\"\r\n\r\nAT\t+\x01"
        "C\x80SQ\r",
    };
    struct buf longer = {0};

    for (size_t i = 0; i < ARRAY_LEN(transcripts); i++)
        check_chunks(transcripts[i], strlen(transcripts[i]));
    buf_add_text(&longer, "AT\r\nAT");
    for (int i = 0; i < AT_LINE_MAX + 3; i++)
        buf_add_char(&longer, 'x');
    buf_add_text(&longer, "\b\b\r\nAT+CSQ\r\n");
    check_chunks(longer.data, longer.len);
    buf_deinit(&longer);
}

#define bench_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        bench_test(test_prefix_in_any_case_begins_a_line),
        bench_test(test_what_precedes_the_prefix_is_ignored),
        bench_test(test_a_slash_repeats_at_once),
        bench_test(test_line_without_prefix_is_junk),
        bench_test(test_empty_lines_without_prefix_are_nothing),
        bench_test(test_line_feed_after_the_terminator_is_swallowed),
        bench_test(test_control_characters_are_echoed_but_not_kept),
        bench_test(test_high_bytes_stay_in_the_body),
        bench_test(test_editing_takes_back_and_spares_the_prefix),
        bench_test(test_editing_works_before_the_prefix_is_complete),
        bench_test(test_settings_act_from_the_next_byte),
        bench_test(test_line_feed_may_be_the_terminator),
        bench_test(test_too_long_line_is_one_event_at_its_end),
        bench_test(test_longest_line_is_not_too_long),
        bench_test(test_endless_junk_is_bounded),
        bench_test(test_data_runs_to_its_end_mark_without_echo),
        bench_test(test_too_much_data_is_bounded),
        bench_test(test_reset_forgets_a_half_line),
        bench_test(test_in_line_from_the_prefix_to_the_terminator),
        cmocka_unit_test(test_chunks_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
