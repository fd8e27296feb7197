/* SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "sim/at/at_args.h"
#include "sim/at/at_exec.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

/*
 * A line that writes down what the executor does with it:
 *   <..> bytes of a final reply   [..] bytes before it   {what:command} the other operations
 */
struct line {
    struct at_settings settings;
    struct at_style style;
    struct at_exec *exec;
    struct buf log;
    int before_result;     /* what the next call of before answers */
    bool reset_in_send;    /* the power goes away while bytes are sent */
    const char *next_line; /* typed ahead: served as soon as the reply is closed */
};

/* ---- a small dialect ---- */

static int handle_note(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    buf_printf(&line->log, "{%s/%d:%.*s}", req->name, req->verb, (int)req->args_len, req->args);
    return AT_OK;
}

static int handle_v(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    line->settings.verbose = req->args_len != 1 || req->args[0] != '0';
    return AT_OK;
}

static int handle_csq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "+CSQ: %d,%d", 20, 99);
    return AT_OK;
}

static int handle_two(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "one: 1");
    at_reply_line(reply, "+TWO: a: b");
    return AT_OK;
}

static int handle_result(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct at_args args;
    long result;

    assert_int_equal(at_args_parse(req, &args), 0);
    assert_int_equal(at_args_int(&args, 0, -2000, 30000, &result), 0);
    if (args.count > 1)
        at_reply_line(reply, "+RESULT: %.*s", (int)args.arg[1].len, args.arg[1].text);
    return (int)result;
}

static int handle_send(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    if (!req->data)
        return AT_PROMPT;
    if (req->data_cancelled)
        return AT_OK;
    at_reply_line(reply, "+SEND: %.*s (%.*s)", (int)req->data_len, req->data, (int)req->args_len,
                  req->args);
    return AT_OK;
}

static int handle_cut(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "never seen");
    at_exec_reset(line->exec);
    return req->verb == AT_EXEC ? MODEM_GONE : AT_OK;
}

static int handle_flood(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    for (int i = 0; i < AT_REPLY_MAX / 16 + 10; i++)
        at_reply_line(reply, "abcdefghijkl"); /* 16 bytes with its frame */
    return AT_OK;
}

static int handle_raw(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_raw(reply, "raw", 3);
    at_reply_line(reply, "framed");
    return AT_OK;
}

static const struct at_cmd commands[] = {
    {"E",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"I",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"D",        AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"V",        AT_EXEC,                              handle_v,      NULL,             "", ""},
    {"&F",       AT_EXEC | AT_READ,                    handle_note,   NULL,             "", ""},
    {"&D",       AT_EXEC | AT_TEST,                    handle_note,   "(0-2)",          "", ""},
    {"\\Q",      AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"S",        AT_READ | AT_SET,                     handle_note,   NULL,             "", ""},
    {"S0",       AT_SET,                               handle_note,   NULL,             "", ""},
    {"+CSQ",     AT_EXEC | AT_TEST,                    handle_csq,    "(0-31,99),(99)", "", ""},
    {"+CREG",    AT_READ | AT_SET | AT_EXEC | AT_TEST, handle_note,   NULL,             "", ""},
    {"+TWO",     AT_EXEC | AT_TEST,                    handle_two,    "(1)\n(2),\"a\"", "", ""},
    {"+PLAIN",   AT_EXEC | AT_TEST,                    handle_note,   "",               "", ""},
    {"+RESULT",  AT_SET,                               handle_result, NULL,             "", ""},
    {"+SEND",    AT_SET,                               handle_send,   NULL,             "", ""},
    {"+CUT",     AT_EXEC | AT_READ,                    handle_cut,    NULL,             "", ""},
    {"+FLOOD",   AT_EXEC,                              handle_flood,  NULL,             "", ""},
    {"+RAW",     AT_EXEC,                              handle_raw,    NULL,             "", ""},
    {"^A!%-./:", AT_EXEC,                              handle_note,   NULL,             "", ""},
    {"*E_2",     AT_SET,                               handle_note,   NULL,             "", ""},
};

static const struct at_cmd *find(struct line *line, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int before(struct line *line, const struct at_req *req)
{
    int result = line->before_result;

    line->before_result = 0;
    if (result)
        buf_printf(&line->log, "{before:%.*s}", (int)req->text_len, req->text);
    return result;
}

static void unhandled(struct line *line, const struct at_req *req)
{
    buf_printf(&line->log, "{unhandled:%.*s}", (int)req->text_len, req->text);
}

static void send_bytes(struct line *line, const char *bytes, size_t len, bool final)
{
    const char *next_line = line->next_line;

    if (line->reset_in_send)
        at_exec_reset(line->exec);
    if (final) {
        assert_false(at_exec_busy(line->exec));
        line->next_line = NULL;
        if (next_line)
            at_exec_line(line->exec, next_line, strlen(next_line), false);
    }
    buf_add_char(&line->log, final ? '<' : '[');
    text_add_visible(&line->log, bytes, len);
    buf_add_char(&line->log, final ? '>' : ']');
}

static void prompt(struct line *line)
{
    buf_add_text(&line->log, "{prompt}");
}

static const struct at_exec_ops ops = {
    .find = find,
    .before = before,
    .unhandled = unhandled,
    .send = send_bytes,
    .prompt = prompt,
};

static int setup(void **state)
{
    struct line *line = xcalloc(1, sizeof(*line));

    at_settings_init(&line->settings);
    line->style.unknown_result = AT_ERROR;
    line->style.too_long_result = AT_CME(24);
    line->exec = at_exec_new(line, &ops, &line->style, &line->settings);
    *state = line;
    return 0;
}

static int teardown(void **state)
{
    struct line *line = *state;

    at_exec_free(line->exec);
    buf_deinit(&line->log);
    free(line);
    return 0;
}

static int run(struct line *line, const char *text)
{
    buf_clear(&line->log);
    return at_exec_line(line->exec, text, strlen(text), false);
}

static void check_at(struct line *line, const char *text, const char *expected, int source_line)
{
    assert_int_equal(run(line, text), 0);
    _assert_string_equal(buf_text(&line->log), expected, __FILE__, source_line);
    assert_false(at_exec_busy(line->exec));
}

/* Run a line that needs nothing more, and compare all that happened. */
#define check(line, text, expected) check_at((line), (text), (expected), __LINE__)

#define assert_log(line, expected) assert_string_equal(buf_text(&(line)->log), (expected))

#define OK_REPLY    "<\\r\\nOK\\r\\n>"
#define ERROR_REPLY "<\\r\\nERROR\\r\\n>"

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

    assert_int_equal(run(line, "+CSQ;+CUT;+CSQ"), MODEM_GONE);
    assert_log(line, "");
    assert_false(at_exec_busy(line->exec));
    assert_int_equal(run(line, "+CUT?"), MODEM_GONE);
    check(line, "", OK_REPLY);
    line->before_result = MODEM_GONE;
    assert_int_equal(run(line, "+CREG"), MODEM_GONE);
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

/* ---- suspended lines ---- */

static void test_pending_command_completes_later(void **state)
{
    struct line *line = *state;

    assert_int_equal(run(line, "+RESULT=9;+CREG"), 0);
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

    run(line, "+CSQ;+RESULT=9,\"x\";+CREG");
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
    run(line, "+CREG");
    at_exec_complete(line->exec, AT_OK);
    assert_log(line, "{before:+CREG}");
    assert_true(at_exec_busy(line->exec));
}

static void test_held_command_runs_when_resumed(void **state)
{
    struct line *line = *state;

    line->before_result = AT_PENDING;
    run(line, "+CREG=1,2;+CSQ");
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

    run(line, "+RESULT=9");
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

    run(line, "+CSQ;+SEND=7;+CREG");
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

    run(line, "+SEND=1");
    buf_clear(&line->log);
    at_exec_data(line->exec, "hel", 3, true);
    assert_log(line, OK_REPLY);
    run(line, "+SEND=1");
    buf_clear(&line->log);
    at_exec_data(line->exec, NULL, 0, false);
    assert_log(line, "<\\r\\n+SEND:  (1)\\r\\n\\r\\nOK\\r\\n>");
}

static void test_silent_closes_the_reply_without_a_result(void **state)
{
    check(*state, "+RESULT=8;+CREG", "<>");
    check(*state, "+RESULT=8,\"bye\"", "<\\r\\n+RESULT: bye\\r\\n>");
}

/* ---- formats ---- */

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

    run(line, "+FLOOD");
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

#define line_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

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
        line_test(test_pending_command_completes_later),
        line_test(test_pending_sends_what_was_collected_first),
        line_test(test_complete_is_ignored_when_nothing_is_pending),
        line_test(test_held_command_runs_when_resumed),
        line_test(test_before_may_fail_a_command),
        line_test(test_reset_forgets_a_suspended_line),
        line_test(test_prompt_takes_data_and_goes_on),
        line_test(test_cancelled_and_empty_data_reach_the_handler),
        line_test(test_silent_closes_the_reply_without_a_result),
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
