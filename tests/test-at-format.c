/* How results and information are written. SPDX-License-Identifier: MIT */
#include "tests/at-line.h"

#include <string.h>

static void test_numeric_format(void **state)
{
    struct line *line = *state;

    check(line, "V0", "<0\\r>");
    check(line, "+CSQ", "<+CSQ: 20,99\\r\\n0\\r>");
    check(line, "+RESULT=1", "<4\\r>");
    check(line, "+RESULT=2", "<1\\r>");
    check(line, "+RESULT=3", "<2\\r>");
    check(line, "+RESULT=4", "<3\\r>");
    check(line, "+RESULT=5", "<6\\r>");
    check(line, "+RESULT=6", "<7\\r>");
    check(line, "+RESULT=7", "<8\\r>");
    check(line, "+RESULT=10003", "<4\\r>");
    line->settings.cmee = 1;
    check(line, "+RESULT=10003", "<+CME ERROR: 3\\r\\n>");
    check(line, "V1", OK_REPLY);
}

static void test_quiet_closes_the_reply_without_bytes(void **state)
{
    struct line *line = *state;

    line->settings.quiet = true;
    check(line, "", "<>");
    check(line, "+CSQ", "<\\r\\n+CSQ: 20,99\\r\\n>");
    check(line, "+RESULT=10003", "<>");
}

static void test_x_hides_tones(void **state)
{
    struct line *line = *state;

    check(line, "+RESULT=5", "<\\r\\nNO DIALTONE\\r\\n>");
    line->settings.x = 3;
    check(line, "+RESULT=5", "<\\r\\nNO CARRIER\\r\\n>");
    check(line, "+RESULT=6", "<\\r\\nBUSY\\r\\n>");
    line->settings.x = 2;
    check(line, "+RESULT=5", "<\\r\\nNO DIALTONE\\r\\n>");
    check(line, "+RESULT=6", "<\\r\\nNO CARRIER\\r\\n>");
}

static const char *own_text(int code)
{
    return code == 3 ? "NOT ALLOWED" : NULL;
}

static void test_cme_error_follows_cmee(void **state)
{
    struct line *line = *state;

    check(line, "+RESULT=10003", ERROR_REPLY);
    line->settings.cmee = 1;
    check(line, "+RESULT=10003", "<\\r\\n+CME ERROR: 3\\r\\n>");
    line->settings.cmee = 2;
    check(line, "+RESULT=10003", "<\\r\\n+CME ERROR: operation not allowed\\r\\n>");
    check(line, "+RESULT=10584", "<\\r\\n+CME ERROR: 584\\r\\n>");
    line->style.cme_text = own_text;
    check(line, "+RESULT=10003", "<\\r\\n+CME ERROR: NOT ALLOWED\\r\\n>");
    check(line, "+RESULT=10004", "<\\r\\n+CME ERROR: 4\\r\\n>");
    line->settings.cmee = 0;
    check(line, "+RESULT=20305", "<\\r\\n+CMS ERROR: 305\\r\\n>");
}

static void test_unknown_result_is_an_error_not_silence(void **state)
{
    check(*state, "+RESULT=77", ERROR_REPLY);
}

static void test_line_ends_are_s3_and_s4(void **state)
{
    struct line *line = *state;

    line->settings.s3 = '!';
    line->settings.s4 = '?';
    check(line, "+CSQ", "<!?+CSQ: 20,99!?!?OK!?>");
}

static void test_compact_lines_share_a_frame(void **state)
{
    struct line *line = *state;

    line->style.compact_info = true;
    check(line, "+TWO;+CSQ",
          "<\\r\\none: 1\\r\\n+TWO: a: b\\r\\n\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
    check(line, "+CSQ;+RAW", "<\\r\\n+CSQ: 20,99\\r\\nraw\\r\\nframed\\r\\n\\r\\nOK\\r\\n>");
}

static void test_space_after_colon_may_be_left_out(void **state)
{
    struct line *line = *state;

    line->style.no_space_after_colon = true;
    check(line, "+TWO", "<\\r\\none: 1\\r\\n\\r\\n+TWO:a: b\\r\\n\\r\\nOK\\r\\n>");
    check(line, "+CSQ=?", "<\\r\\n+CSQ:(0-31,99),(99)\\r\\n\\r\\nOK\\r\\n>");
}

static void test_reply_is_bounded_and_then_an_error(void **state)
{
    struct line *line = *state;
    const char *end = "\\r\\nabcdefghijkl\\r\\n\\r\\nERROR\\r\\n>";

    at_line_run(line, "+FLOOD");
    assert_true(line->log.len > AT_REPLY_MAX);
    assert_string_equal(line->log.data + line->log.len - strlen(end), end);
    check(line, "", OK_REPLY);
}

static void test_standard_texts(void **state)
{
    assert_string_equal(at_cme_standard_text(0), "phone failure");
    assert_string_equal(at_cme_standard_text(10), "SIM not inserted");
    assert_string_equal(at_cme_standard_text(100), "unknown");
    assert_string_equal(at_cme_standard_text(150), "invalid mobile class");
    assert_null(at_cme_standard_text(8));
    assert_null(at_cme_standard_text(-1));
    assert_null(at_cme_standard_text(151));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        line_test(test_numeric_format),
        line_test(test_quiet_closes_the_reply_without_bytes),
        line_test(test_x_hides_tones),
        line_test(test_cme_error_follows_cmee),
        line_test(test_unknown_result_is_an_error_not_silence),
        line_test(test_line_ends_are_s3_and_s4),
        line_test(test_compact_lines_share_a_frame),
        line_test(test_space_after_colon_may_be_left_out),
        line_test(test_reply_is_bounded_and_then_an_error),
        cmocka_unit_test(test_standard_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
