/* What a line of commands is taken for. SPDX-License-Identifier: MIT */
#include "tests/at-line.h"

#include <string.h>

/* ---- the grammar ---- */

static void test_empty_line_is_ok(void **state)
{
    check(*state, "", OK_REPLY);
    check(*state, "   ", OK_REPLY);
}

static void test_reply_of_a_line_is_one_write(void **state)
{
    check(*state, "+CSQ", "<\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
    check(*state, "+csq;+CSQ", "<\\r\\n+CSQ: 20,99\\r\\n\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
}

static void test_forms_of_an_extended_command(void **state)
{
    check(*state, "+CREG", "{+CREG/1:}" OK_REPLY);
    check(*state, "+CREG?", "{+CREG/2:}" OK_REPLY);
    check(*state, "+CREG=", "{+CREG/4:}" OK_REPLY);
    check(*state, "+creg=1,\"x;Y\"", "{+CREG/4:1,\"x;Y\"}" OK_REPLY);
    check(*state, "+CREG=?", "{+CREG/8:}" OK_REPLY);
    check(*state, "+CREG=?1", "{+CREG/4:?1}" OK_REPLY);
    check(*state, " + CREG", "{unhandled:+ CREG}" ERROR_REPLY);
    check(*state, "  +CREG = 1 , 2  ", "{+CREG/4:1 , 2}" OK_REPLY);
    check(*state, "+CREG ?  ", "{+CREG/2:}" OK_REPLY);
    check(*state, "+CREG = ?", "{+CREG/8:}" OK_REPLY);
    check(*state, "^a!%-./:", "{^A!%-./:/1:}" OK_REPLY);
    check(*state, "*E_2=5", "{*E_2/4:5}" OK_REPLY);
}

static void test_basic_commands_follow_each_other(void **state)
{
    check(*state, "E0", "{E/1:0}" OK_REPLY);
    check(*state, "e1i&f0E", "{E/1:1}{I/1:}{&F/1:0}{E/1:}" OK_REPLY);
    check(*state, "E 1 I 4", "{E/1:1}{I/1:4}" OK_REPLY);
    check(*state, "E0+CREG?;I4", "{E/1:0}{+CREG/2:}{I/1:4}" OK_REPLY);
    check(*state, "E0;I", "{E/1:0}{I/1:}" OK_REPLY);
    check(*state, "\\Q3&F?", "{\\Q/1:3}{&F/2:}" OK_REPLY);
    check(*state, "&D=?", "<\\r\\n&D: (0-2)\\r\\n\\r\\nOK\\r\\n>");
}

static void test_s_registers(void **state)
{
    check(*state, "S3=13", "{S3/4:13}" OK_REPLY);
    check(*state, "S3?", "{S3/2:}" OK_REPLY);
    check(*state, "S003=13S7?E1", "{S3/4:13}{S7/2:}{E/1:1}" OK_REPLY);
    check(*state, "S0=1", "{S0/4:1}" OK_REPLY);
    check(*state, "S000=", "{S0/4:}" OK_REPLY);
    check(*state, "S3", "{unhandled:S3}" ERROR_REPLY);
}

static void test_dial_takes_the_rest_up_to_the_semicolon(void **state)
{
    check(*state, "DT123E0", "{D/1:T123E0}" OK_REPLY);
    check(*state, "E0D 12 3 ;", "{E/1:0}{D/1:12 3}" OK_REPLY);
    check(*state, "D>\"a;b\"1;+CREG?", "{D/1:>\"a;b\"1}{+CREG/2:}" OK_REPLY);
}

static void test_dial_text_keeps_the_sign_of_a_voice_call(void **state)
{
    struct line *line = *state;

    line->before_result = AT_NO_CARRIER;
    check(line, "D123;", "{before:D123;}<\\r\\nNO CARRIER\\r\\n>");
    line->before_result = AT_NO_CARRIER;
    check(line, "D123", "{before:D123}<\\r\\nNO CARRIER\\r\\n>");
}

static void test_semicolons(void **state)
{
    check(*state, "+CREG?;", "{+CREG/2:}" OK_REPLY);
    check(*state, "+CREG? ; +CREG ; ", "{+CREG/2:}{+CREG/1:}" OK_REPLY);
    check(*state, "+CREG=\"a;b\";+CREG=\";", "{+CREG/4:\"a;b\"}{+CREG/4:\";}" OK_REPLY);
    check(*state, "+CREG;;+CREG", "{+CREG/1:}{unhandled:}" ERROR_REPLY);
}

static void test_what_is_no_command_is_unhandled(void **state)
{
    check(*state, "+NOPE=1", "{unhandled:+NOPE=1}" ERROR_REPLY);
    check(*state, "E0Y", "{E/1:0}{unhandled:Y}" ERROR_REPLY);
    check(*state, "+CREG E0", "{unhandled:+CREG E0}" ERROR_REPLY);
    check(*state, "+CREG?1;E", "{unhandled:+CREG?1}" ERROR_REPLY);
    check(*state, "+", "{unhandled:+}" ERROR_REPLY);
    check(*state, "&", "{unhandled:&}" ERROR_REPLY);
    check(*state, "&1", "{unhandled:&1}" ERROR_REPLY);
    check(*state, "\"a;b\"", "{unhandled:\"a;b\"}" ERROR_REPLY);
    check(*state, "+CS\xd1", "{unhandled:+CS\xd1}" ERROR_REPLY);
    check(*state, "\xd1", "{unhandled:\xd1}" ERROR_REPLY);
    check(*state, "1", "{unhandled:1}" ERROR_REPLY);
    check(*state, "+ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ",
          "{unhandled:+ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ}" ERROR_REPLY);
    check(*state, "S12345678901234567890123456789012345?",
          "{unhandled:S12345678901234567890123456789012345?}" ERROR_REPLY);
}

static void test_form_that_the_row_lacks_is_unhandled(void **state)
{
    struct line *line = *state;

    check(line, "+CSQ?", "{unhandled:+CSQ?}" ERROR_REPLY);
    check(line, "E?", "{unhandled:E?}" ERROR_REPLY);
    check(line, "&D=1", "{unhandled:&D=1}" ERROR_REPLY);
    line->style.unknown_result = AT_CME(4);
    line->settings.cmee = 1;
    check(line, "+CSQ=1", "{unhandled:+CSQ=1}<\\r\\n+CME ERROR: 4\\r\\n>");
}

static void test_chain_stops_at_its_first_error(void **state)
{
    check(*state, "+CSQ;+NOPE;+CREG",
          "{unhandled:+NOPE}<\\r\\n+CSQ: 20,99\\r\\n\\r\\nERROR\\r\\n>");
    check(*state, "+RESULT=4;+CREG", "<\\r\\nNO CARRIER\\r\\n>");
    check(*state, "+RESULT=2;+CREG", "<\\r\\nCONNECT\\r\\n>");
}

static void test_no_chain_refuses_the_line_before_anything_ran(void **state)
{
    struct line *line = *state;

    line->style.no_chain = true;
    check(line, "+CREG;+CSQ", "{unhandled:+CREG;+CSQ}" ERROR_REPLY);
    check(line, "+CREG=\"a;b\"", "{+CREG/4:\"a;b\"}" OK_REPLY);
    check(line, "E0I+CREG", "{E/1:0}{I/1:}{+CREG/1:}" OK_REPLY);
    check(line, "D123;", "{D/1:123}" OK_REPLY);
    check(line, "D123;+CSQ", "{unhandled:D123;+CSQ}" ERROR_REPLY);
}

static void test_test_form_is_answered_from_the_table(void **state)
{
    struct line *line = *state;

    check(line, "+CSQ=?", "<\\r\\n+CSQ: (0-31,99),(99)\\r\\n\\r\\nOK\\r\\n>");
    check(line, "+PLAIN=?", OK_REPLY);
    check(line, "+TWO=?", "<\\r\\n+TWO: (1)\\r\\n\\r\\n+TWO: (2),\"a\"\\r\\n\\r\\nOK\\r\\n>");
    line->before_result = AT_ERROR;
    check(line, "+CSQ=?", "{before:+CSQ=?}" ERROR_REPLY);
}

/* ---- A/, too long, power ---- */

static void test_repeat_runs_the_last_line_again(void **state)
{
    struct line *line = *state;

    assert_int_equal(at_exec_repeat(line->exec), 0);
    assert_log(line, OK_REPLY);
    check(line, "+NOPE", "{unhandled:+NOPE}" ERROR_REPLY);
    buf_clear(&line->log);
    assert_int_equal(at_exec_repeat(line->exec), 0);
    assert_log(line, "{unhandled:+NOPE}" ERROR_REPLY);
}

static void test_too_long_line_has_its_own_result(void **state)
{
    struct line *line = *state;

    line->settings.cmee = 1;
    assert_int_equal(at_exec_line(line->exec, "+CREG", 5, true), 0);
    assert_log(line, "<\\r\\n+CME ERROR: 24\\r\\n>");
    buf_clear(&line->log);
    at_exec_repeat(line->exec);
    assert_log(line, "<\\r\\n+CME ERROR: 24\\r\\n>");
    check(line, "+CREG", "{+CREG/1:}" OK_REPLY);
}

static void test_power_cut_in_a_handler_prints_nothing(void **state)
{
    struct line *line = *state;

    assert_int_equal(at_line_run(line, "+CSQ;+CUT;+CSQ"), MODEM_GONE);
    assert_log(line, "");
    assert_false(at_exec_busy(line->exec));
    assert_int_equal(at_line_run(line, "+CUT?"), MODEM_GONE);
    check(line, "", OK_REPLY);
    line->before_result = MODEM_GONE;
    assert_int_equal(at_line_run(line, "+CREG"), MODEM_GONE);
    assert_log(line, "{before:+CREG}");
    assert_false(at_exec_busy(line->exec));
}

static void test_power_cut_while_sending_leaves_an_idle_executor(void **state)
{
    struct line *line = *state;

    line->reset_in_send = true;
    check(line, "+CSQ;+RESULT=9", "[\\r\\n+CSQ: 20,99\\r\\n]");
    check(line, "+SEND=1", "{prompt}[\\r\\n> ]");
    check(line, "+CSQ", "<\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
    line->reset_in_send = false;
    check(line, "", OK_REPLY);
}

static void test_next_line_may_start_from_within_the_final_send(void **state)
{
    struct line *line = *state;

    line->next_line = "+CREG";
    check(line, "+CSQ", "{+CREG/1:}" OK_REPLY "<\\r\\n+CSQ: 20,99\\r\\n\\r\\nOK\\r\\n>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        line_test(test_empty_line_is_ok),
        line_test(test_reply_of_a_line_is_one_write),
        line_test(test_forms_of_an_extended_command),
        line_test(test_basic_commands_follow_each_other),
        line_test(test_s_registers),
        line_test(test_dial_takes_the_rest_up_to_the_semicolon),
        line_test(test_dial_text_keeps_the_sign_of_a_voice_call),
        line_test(test_semicolons),
        line_test(test_what_is_no_command_is_unhandled),
        line_test(test_form_that_the_row_lacks_is_unhandled),
        line_test(test_chain_stops_at_its_first_error),
        line_test(test_no_chain_refuses_the_line_before_anything_ran),
        line_test(test_test_form_is_answered_from_the_table),
        line_test(test_repeat_runs_the_last_line_again),
        line_test(test_too_long_line_has_its_own_result),
        line_test(test_power_cut_in_a_handler_prints_nothing),
        line_test(test_power_cut_while_sending_leaves_an_idle_executor),
        line_test(test_next_line_may_start_from_within_the_final_send),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
