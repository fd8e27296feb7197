/*
 * The dialogue of a line rebuilt from bytes, and texts as Lua source.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "harness/at_log.h"
#include "harness/lua_text.h"
#include "tests/test.h"

static void on_typed(void *arg, const char *text, size_t len)
{
    buf_printf(arg, ">%s|", text);
}

static void on_reply(void *arg, const char *text, bool is_final)
{
    buf_printf(arg, "<%s%s|", text, is_final ? "!" : "");
}

static void on_unasked(void *arg, const char *text, size_t len)
{
    buf_printf(arg, "*%s|", text);
}

/* '{' and '}' begin a piece of the host and of the modem; each piece is fed in chunks. */
static void feed(struct at_log *log, const char *pieces, size_t chunk)
{
    while (*pieces) {
        bool is_host = *pieces++ == '{';
        size_t len = strcspn(pieces, "{}");

        for (size_t i = 0; i < len; i += chunk) {
            size_t part = len - i < chunk ? len - i : chunk;

            if (is_host)
                at_log_host(log, pieces + i, part);
            else
                at_log_modem(log, pieces + i, part);
        }
        pieces += len;
    }
}

static void assert_log(const char *pieces, const char *expected)
{
    for (size_t chunk = 1; chunk < 64; chunk++) {
        struct buf out = {0};
        struct at_log log = {
            .on_typed = on_typed, .on_reply = on_reply, .on_unasked = on_unasked, .arg = &out};

        feed(&log, pieces, chunk);
        assert_string_equal(buf_text(&out), expected);
        at_log_deinit(&log);
        buf_deinit(&out);
    }
}

static void test_reply_ends_with_its_final_result(void **state)
{
    assert_log("{AT+CSQ\r}AT+CSQ\r\r\n+CSQ: 1,2\r\n\r\nOK\r\n\r\n+LATE: 1\r\n",
               ">AT+CSQ|<+CSQ: 1,2|<OK!|*+LATE: 1|");
    assert_log("{AT+X\r}\r\n+CME ERROR: 10\r\n{AT+Y\r}\r\nERROR\r\n",
               ">AT+X|<+CME ERROR: 10!|>AT+Y|<ERROR!|");
    assert_log("{ATD1\r}\r\nCONNECT 9600\r\n", ">ATD1|<CONNECT 9600!|");
}

static void test_echo_is_no_word_of_the_modem_even_in_two_pieces(void **state)
{
    assert_log("{AT+CSQ\r}AT+\r\n+RDY: 1\r\nCSQ\r\r\n+CSQ: 1,2\r\n\r\nOK\r\n",
               ">AT+CSQ|<+RDY: 1|<+CSQ: 1,2|<OK!|");
    assert_log("{AT+}AT+\r\n+RDY: 1\r\n{CSQ\r}CSQ\r\r\n+CSQ: 1,2\r\n\r\nOK\r\n",
               "*+RDY: 1|>AT+CSQ|<+CSQ: 1,2|<OK!|");
    assert_log("{AT\r}AT\r\r\nAT\r\n\r\nOK\r\n", ">AT|<AT|<OK!|"); /* echoed once, then a reply */
}

static void test_lines_known_as_unasked_are_no_part_of_a_reply(void **state)
{
    assert_log("}\r\n+QIND: 1\r\n{AT+CSQ\r}\r\n+QIND: 2\r\n\r\n+CSQ: 1,2\r\n\r\nOK\r\n",
               "*+QIND: 1|>AT+CSQ|*+QIND: 2|<+CSQ: 1,2|<OK!|");
    assert_log("}\r\n+CREG: 1\r\n{AT+CREG?\r}\r\n+CREG: 0,1\r\n\r\nOK\r\n",
               "*+CREG: 1|>AT+CREG?|<+CREG: 0,1|<OK!|");
}

static void test_typing_is_edited(void **state)
{
    assert_log("{ATX\b\x7fTI\r\r\r}ATX\b \b\b \bTI\r\r\nx\r\n\r\nOK\r\n", ">ATI|<x|<OK!|");
    assert_log("{A/}\r\nOK\r\n", ">A/|<OK!|");
}

static void test_data_of_a_prompt(void **state)
{
    assert_log("{AT+CMGS=\"1\"\r}\r\n> {hello\rthere\x1a}\r\n+CMGS: 5\r\n\r\nOK\r\n",
               ">AT+CMGS=\"1\"|>hello\rthere\x1a|<+CMGS: 5|<OK!|");
}

static void test_unanswered_commands_and_restarts(void **state)
{
    assert_log("{AT\r{AT\r}\r\nOK\r\n", ">AT|>AT|<OK!|");
    assert_log("{AT\r{}", ">AT|");
}

static void test_too_long_lines_are_cut(void **state)
{
    struct buf out = {0};
    struct at_log log = {
        .on_typed = on_typed, .on_reply = on_reply, .on_unasked = on_unasked, .arg = &out};

    for (unsigned i = 0; i < 3 * AT_LOG_TYPED_MAX; i++) {
        at_log_host(&log, "x", 1);
        at_log_modem(&log, "y", 1);
    }
    assert_true(log.typed.len == AT_LOG_TYPED_MAX && log.line.len == AT_LOG_TYPED_MAX);
    at_log_host(&log, "\r", 1);
    assert_int_equal(out.len, AT_LOG_TYPED_MAX + 2);
    at_log_deinit(&log);
    buf_deinit(&out);
}

static void assert_text(void (*add)(struct buf *out, const char *text), const char *text,
                        const char *expected)
{
    struct buf out = {0};

    add(&out, text);
    assert_string_equal(buf_text(&out), expected);
    buf_deinit(&out);
}

static void test_texts_as_lua(void **state)
{
    struct buf out = {0};

    lua_text_quote(&out, "a\"\\\r\n\x1a\xff", 7);
    assert_string_equal(buf_text(&out), "\"a\\\"\\\\\\r\\n\\x1A\\xFF\"");
    buf_deinit(&out);
    assert_text(lua_text_name, "bc26-2", "bc26_2");
    assert_text(lua_text_name, "2g", "m2g");
    assert_text(lua_text_timeless, "\"26/01/02,08:00:14+32\"", "\"%d/%d/%d,%d:%d:%d+32\"");
    assert_text(lua_text_timeless, "1,2 10.1.2.3 12:30", "1,2 10.1.2.3 12:30");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reply_ends_with_its_final_result),
        cmocka_unit_test(test_echo_is_no_word_of_the_modem_even_in_two_pieces),
        cmocka_unit_test(test_lines_known_as_unasked_are_no_part_of_a_reply),
        cmocka_unit_test(test_typing_is_edited),
        cmocka_unit_test(test_data_of_a_prompt),
        cmocka_unit_test(test_unanswered_commands_and_restarts),
        cmocka_unit_test(test_too_long_lines_are_cut),
        cmocka_unit_test(test_texts_as_lua),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
