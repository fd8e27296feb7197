/* Overrides, pasted logs, packages and checks of scenarios. SPDX-License-Identifier: MIT */
#include "tests/engine-fixture.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"

#define PASSES(fixture, body) assert_verdict(fixture_play(fixture, body), OUTCOME_PASS, 0, NULL)
#define INVALID(fixture, body, line, message) \
    assert_verdict(fixture_play(fixture, body), OUTCOME_INVALID, line, message)

/* ---- overrides ---- */

static void assert_transcript(struct fixture *fixture, const char *part)
{
    for (uint64_t seq = 0; seq < trace_next(fixture->trace); seq++) {
        const struct trace_record *record = trace_get(fixture->trace, seq);

        if (record->kind == TRACE_TX && strstr(record->data, part))
            return;
    }
    fail_msg("the modem never sent \"%s\"", part);
}

static void test_the_scenario_answers_commands(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "AT+NEW=5\r");
    fixture_send(fixture, 9000, "AT+CME\r");
    fixture_send(fixture, 10000, "AT+NO\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "modem:on('AT+CSQ', function() return '+CSQ: 31,99' end)\n"
                    "modem:on('at+new', function(cmd)\n"
                    "  t:let_pass('5s')\n"
                    "  return { '+NEW: ' .. cmd.args, '+NEW: end' }\n"
                    "end)\n"
                    "modem:on('AT+CME', function() return nil, '+CME ERROR: 10' end)\n"
                    "modem:on('AT+NO', function() return false end)\n"
                    "modem:expect 'AT+NO'\n"
                    "t:let_pass('1s')");
    assert_transcript(fixture, "\r\n+CSQ: 31,99\r\n\r\nOK\r\n");
    assert_transcript(fixture, "\r\n+NEW: 5\r\n\r\n+NEW: end\r\n\r\nOK\r\n");
    assert_transcript(fixture, "ERROR\r\n");
    assert_int_equal(engine_modem(fixture->engine, 0)->unhandled_count, 0);
}

static void test_the_scenario_asks_for_data_and_sends_bytes(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+SEND=1\r");
    fixture_send(fixture, 2000, "some\rdata\x1a");
    fixture_send(fixture, 3000, "AT+SEND=1\r");
    fixture_send(fixture, 4000, "no\x1b");
    fixture_send(fixture, 5000, "AT+READ\r");
    PASSES(fixture, "local modem, got = t:modem{}, {}\n"
                    "modem:on('AT+SEND', function(cmd)\n"
                    "  if cmd.data == nil then return '>' end\n"
                    "  got[#got + 1] = cmd.data\n"
                    "  return cmd.data and '+SEND: ' .. #cmd.data\n"
                    "end)\n"
                    "modem:on('AT+READ', function() return { raw = '\\0\\r\\xff' } end)\n"
                    "modem:expect 'AT+READ'\n"
                    "t:let_pass('1s')\n"
                    "t:equal(got, { 'some\\rdata', false })");
    assert_transcript(fixture, "\r\n> ");
    assert_transcript(fixture, "\r\n+SEND: 9\r\n\r\nOK\r\n");
    assert_transcript(fixture, "\r\nERROR\r\n");
}

static void test_an_override_can_be_replaced_and_removed(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "AT+CSQ\r");
    fixture_send(fixture, 3000, "AT+CSQ\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "local seen = {}\n"
                    "modem:on('AT+CSQ', function() seen[#seen + 1] = 'a' end)\n"
                    "modem:expect 'AT+CSQ'\n"
                    "t:let_pass('1ms')\n"
                    "modem:on('AT+CSQ', function() seen[#seen + 1] = 'b' return 'ERROR' end)\n"
                    "modem:expect 'AT+CSQ'\n"
                    "t:let_pass('1ms')\n"
                    "modem:on('AT+CSQ', nil)\n"
                    "modem:expect 'AT+CSQ'\n"
                    "t:let_pass('1s')\n"
                    "t:equal(seen, {'a', 'b'})");
    assert_transcript(fixture, "+CSQ: ");
}

static void test_an_answer_does_not_cross_a_restart(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 3000, "AT+CSQ\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "local n = 0\n"
                    "modem:on('AT+CSQ', function()\n"
                    "  n = n + 1\n"
                    "  local mine = n\n"
                    "  t:let_pass('5s')\n"
                    "  return '+CSQ: ' .. mine\n"
                    "end)\n"
                    "modem:expect 'AT+CSQ'\n"
                    "modem:reset()\n"
                    "modem:expect 'AT+CSQ'\n"
                    "t:let_pass('20s')\n"
                    "t:check(not modem:transcript():find('+CSQ: 1', 1, true))\n"
                    "t:check(modem:transcript():find('+CSQ: 2', 1, true))");
}

static void test_errors_in_overrides_name_their_line(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    INVALID(fixture,
            "t:modem{}:on('AT+CSQ', function(cmd)\n"
            "  return cmd.nothing\n"
            "end)\n"
            "t:let_pass('1h')",
            3, "a command has no \"nothing\"");
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    INVALID(fixture, "t:modem{}:on('AT+CSQ?', print)", 2, "name alone");
}

/* ---- scripts ---- */

static void test_a_pasted_log_is_played(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "AT+CGATT?;+CREG?\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "t:spawn(function() t:let_pass('3s') modem:urc '+X: 7' end)\n"
                    "modem:script[[\n"
                    "  # signal\n"
                    "  > AT+CSQ\n"
                    "  < +CSQ: %d,%d\n"
                    "  < OK\n"
                    "\n"
                    "  > AT+CGATT?;+CREG?\n"
                    "  ...\n"
                    "  < OK\n"
                    "  ! +X: %d\n"
                    "]]");
}

static void test_a_log_that_differs_names_its_line(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "modem:script[[\n"
                                    "> AT+CSQ\n"
                                    "< +CSQ: 99,99\n"
                                    "]]");
    assert_verdict(verdict, OUTCOME_FAIL, 3, "where the script has \"+CSQ: 99,99\"");
    assert_string_equal(row_of(verdict, "script"), "line 2 of the script, \"< +CSQ: 99,99\"");
}

static void test_a_log_with_other_lines_is_refused(void **state)
{
    INVALID(*state, "t:modem{}:script[[\n> AT\nOK\n]]", 2,
            "line 2: \"OK\" begins with none of > < ! # ...");
}

/* ---- packages, names, checks ---- */

static void test_packages_are_made_damaged_and_cut(void **state)
{
    PASSES(*state, "local p = t:package{ from = 'A1', to = 'A2', size = '2k' }\n"
                   "t:equal(p.size, 2048)\n"
                   "t:equal(#p.bytes, 2048)\n"
                   "t:equal({p.from, p.to, p.dialect}, {'A1', 'A2', 'gpp'})\n"
                   "t:equal(p.bytes:sub(1, 4), 'HWFP')\n"
                   "local d = p:damaged{ at = 2000 }\n"
                   "t:equal(d.bytes:sub(1, 2000), p.bytes:sub(1, 2000))\n"
                   "t:equal(d.bytes:byte(2001), ~p.bytes:byte(2001) & 255)\n"
                   "t:equal(d.bytes:sub(2002), p.bytes:sub(2002))\n"
                   "t:check(p:damaged().bytes ~= p.bytes)\n"
                   "t:equal(p:truncated(100).bytes, p.bytes:sub(1, 100))\n"
                   "t:equal(p:truncated(100).size, 100)");
}

static void test_a_vendors_file_is_read_beside_the_scenario(void **state)
{
    struct fixture *fixture = *state;

    fixture_write(fixture, "vendor.bin", "opaque");
    PASSES(fixture, "local p = t:package{ file = 'vendor.bin', to = 'A2' }\n"
                    "t:equal(p.bytes, 'opaque')");
}

static void test_wrong_packages_are_invalid(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"{}",                          "to is missing"                  },
        {"{ to = 'x', sise = 1 }",      "did you mean \"size\"?"         },
        {"{ to = 'x', size = '1q' }",   "size: write bytes"              },
        {"{ to = 'x', size = 10 }",     "t:package: "                    },
        {"{ to = 'x', file = 'none' }", "none: No such file or directory"},
        {"{ to = ('x'):rep(100) }",     "t:package: "                    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char body[128];

        fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
        snprintf(body, sizeof(body), "t:package(%s)", cases[i][0]);
        INVALID(fixture, body, 2, cases[i][1]);
    }
}

static void test_names_are_resolved_to_ports(void **state)
{
    struct fixture *fixture = *state;

    PASSES(fixture, "t:resolve('www.quectel.com:100', 8080)\n"
                    "t:resolve('fota.example', { port = 8081 })\n"
                    "local ok, e = pcall(t.resolve, t, 'x.example', {})\n"
                    "t:check(tostring(e):find('give a server'))");
}

static void test_equal_shows_both_sides(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict = fixture_play(fixture, "t:equal('a\\r', 'b', 'the answer')");

    assert_verdict(verdict, OUTCOME_FAIL, 2, NULL);
    assert_string_equal(verdict->message, "the answer: got \"a\\r\", wanted \"b\"");
    assert_string_equal(row_of(verdict, "got"), "\"a\\r\"");
    fixture_configure(fixture, (struct engine_config){0});
    verdict = fixture_play(fixture, "t:equal({ 1, { x = 2 }, k = 'v' }, { 1, { x = 3, y = 4 } })");
    assert_string_equal(verdict->message, "the tables differ");
    assert_string_equal(row_of(verdict, "got"), "{ 1, { x = 2 }, k = \"v\" }");
    assert_string_equal(row_of(verdict, "differences"), "[2].x: got 2, wanted 3\n"
                                                        "[2].y: got nil, wanted 4\n"
                                                        ".k: got \"v\", wanted nil");
}

static void test_checks_pass_and_fail(void **state)
{
    struct fixture *fixture = *state;

    PASSES(fixture, "t:equal({ a = { 1, 2 } }, { a = { 1, 2 } })\n"
                    "t:near(1.01, 1, 0.02)\n"
                    "t:check(1, 'truth')\n"
                    "local ok, e = pcall(t.near, t, 2, 1, 0.5, 'rate')\n"
                    "t:equal(e.message, 'rate: got 2, wanted 1, give or take 0.5')");
}

static void test_skip_ends_without_verdict(void **state)
{
    assert_verdict(fixture_play(*state, "t:modem{}:fault 'at.csq=fail'\nt:skip('no radio')"),
                   OUTCOME_SKIP, 3, "no radio");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_scenario_answers_commands),
        TEST(test_the_scenario_asks_for_data_and_sends_bytes),
        TEST(test_an_override_can_be_replaced_and_removed),
        TEST(test_an_answer_does_not_cross_a_restart),
        TEST(test_errors_in_overrides_name_their_line),
        TEST(test_a_pasted_log_is_played),
        TEST(test_a_log_that_differs_names_its_line),
        TEST(test_a_log_with_other_lines_is_refused),
        TEST(test_packages_are_made_damaged_and_cut),
        TEST(test_a_vendors_file_is_read_beside_the_scenario),
        TEST(test_wrong_packages_are_invalid),
        TEST(test_names_are_resolved_to_ports),
        TEST(test_equal_shows_both_sides),
        TEST(test_checks_pass_and_fail),
        TEST(test_skip_ends_without_verdict),
    };

    return cmocka_run_group_tests_name("scenario-more", tests, NULL, NULL);
}
