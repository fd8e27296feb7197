/* Commands that are not over when their handler returns. SPDX-License-Identifier: MIT */
#include "tests/at-line.h"

#include <string.h>

static void test_pending_command_completes_later(void **state)
{
    struct line *line = *state;

    assert_int_equal(at_line_run(line, "+RESULT=9;+CREG"), 0);
    assert_log(line, "");
    assert_true(at_exec_busy(line->exec));
    assert_false(at_exec_open(line->exec));
    at_reply_line(at_exec_reply(line->exec), "+RESULT: late");
    assert_true(at_exec_open(line->exec));
    assert_int_equal(at_exec_complete(line->exec, AT_OK), 0);
    assert_log(line, "{+CREG/1:}<\\r\\n+RESULT: late\\r\\n\\r\\nOK\\r\\n>");
    assert_false(at_exec_busy(line->exec));
    assert_false(at_exec_open(line->exec));
}

static void test_pending_sends_what_was_collected_first(void **state)
{
    struct line *line = *state;

    at_line_run(line, "+CSQ;+RESULT=9,\"x\";+CREG");
    assert_log(line, "[\\r\\n+CSQ: 20,99\\r\\n\\r\\n+RESULT: x\\r\\n]");
    assert_true(at_exec_open(line->exec));
    buf_clear(&line->log);
    at_exec_complete(line->exec, AT_PENDING);
    assert_log(line, "");
    assert_true(at_exec_busy(line->exec));
    at_exec_complete(line->exec, AT_NO_CARRIER);
    assert_log(line, "<\\r\\nNO CARRIER\\r\\n>");
}

static void test_complete_is_ignored_when_nothing_is_pending(void **state)
{
    struct line *line = *state;

    assert_int_equal(at_exec_complete(line->exec, AT_OK), 0);
    assert_log(line, "");
    line->before_result = AT_PENDING;
    at_line_run(line, "+CREG");
    at_exec_complete(line->exec, AT_OK);
    assert_log(line, "{before:+CREG}");
    assert_true(at_exec_busy(line->exec));
}

static void test_held_command_runs_when_resumed(void **state)
{
    struct line *line = *state;

    line->before_result = AT_PENDING;
    at_line_run(line, "+CREG=1,2;+CSQ");
    assert_log(line, "{before:+CREG=1,2}");
    buf_clear(&line->log);
    assert_int_equal(at_exec_resume(line->exec), 0);
    assert_log(line, "{+CREG/4:1,2}<\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
    buf_clear(&line->log);
    assert_int_equal(at_exec_resume(line->exec), 0);
    assert_log(line, "");
}

static void test_before_may_fail_a_command(void **state)
{
    struct line *line = *state;

    line->before_result = AT_CMS(500);
    check(line, "+CREG;+CSQ", "{before:+CREG}<\\r\\n+CMS ERROR: 500\\r\\n>");
}

static void test_reset_forgets_a_suspended_line(void **state)
{
    struct line *line = *state;

    at_line_run(line, "+RESULT=9");
    at_exec_reset(line->exec);
    assert_false(at_exec_busy(line->exec));
    assert_int_equal(at_exec_complete(line->exec, AT_OK), 0);
    assert_log(line, "");
    at_exec_repeat(line->exec);
    assert_log(line, OK_REPLY);
}

static void test_prompt_takes_data_and_goes_on(void **state)
{
    struct line *line = *state;

    at_line_run(line, "+CSQ;+SEND=7;+CREG");
    assert_log(line, "{prompt}[\\r\\n+CSQ: 20,99\\r\\n\\r\\n> ]");
    assert_true(at_exec_busy(line->exec));
    assert_true(at_exec_open(line->exec));
    buf_clear(&line->log);
    assert_int_equal(at_exec_data(line->exec, "hello", 5, false), 0);
    assert_log(line, "{+CREG/1:}<\\r\\n+SEND: hello (7)\\r\\n\\r\\nOK\\r\\n>");
    buf_clear(&line->log);
    assert_int_equal(at_exec_data(line->exec, "late", 4, false), 0);
    assert_log(line, "");
}

static void test_cancelled_and_empty_data_reach_the_handler(void **state)
{
    struct line *line = *state;

    at_line_run(line, "+SEND=1");
    buf_clear(&line->log);
    at_exec_data(line->exec, "hel", 3, true);
    assert_log(line, OK_REPLY);
    at_line_run(line, "+SEND=1");
    buf_clear(&line->log);
    at_exec_data(line->exec, NULL, 0, false);
    assert_log(line, "<\\r\\n+SEND:  (1)\\r\\n\\r\\nOK\\r\\n>");
}

static void test_silent_closes_the_reply_without_a_result(void **state)
{
    check(*state, "+RESULT=8;+CREG", "<>");
    check(*state, "+RESULT=8,\"bye\"", "<\\r\\n+RESULT: bye\\r\\n>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        line_test(test_pending_command_completes_later),
        line_test(test_pending_sends_what_was_collected_first),
        line_test(test_complete_is_ignored_when_nothing_is_pending),
        line_test(test_held_command_runs_when_resumed),
        line_test(test_before_may_fail_a_command),
        line_test(test_reset_forgets_a_suspended_line),
        line_test(test_prompt_takes_data_and_goes_on),
        line_test(test_cancelled_and_empty_data_reach_the_handler),
        line_test(test_silent_closes_the_reply_without_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
