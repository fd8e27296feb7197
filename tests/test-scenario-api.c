/* What scenarios can say, and what they are told. SPDX-License-Identifier: MIT */
#include "tests/engine-fixture.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"

#define PASSES(fixture, body) assert_verdict(fixture_play(fixture, body), OUTCOME_PASS, 0, NULL)
#define INVALID(fixture, body, line, message) \
    assert_verdict(fixture_play(fixture, body), OUTCOME_INVALID, line, message)

/* ---- expectations ---- */

static void test_expect_sees_commands_in_order(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "at+cops=1,2,\"x;y\"\r");
    fixture_send(fixture, 3000, "AT+CGATT?;+CEREG?\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "t:let_pass('10s')\n" /* nothing is lost meanwhile */
                    "local cmd = modem:expect 'AT+CSQ'\n"
                    "t:equal(cmd.text, 'AT+CSQ')\n"
                    "t:equal(cmd.name, '+CSQ')\n"
                    "t:equal(cmd.args, nil)\n"
                    "t:equal(cmd.t_us, 1000000)\n"
                    "cmd = modem:expect 'AT+COPS='\n"
                    "t:equal(cmd.name, '+COPS')\n"
                    "t:equal(cmd.args, '1,2,\"x;y\"')\n"
                    "modem:expect 'AT+CGATT?'\n"
                    "modem:expect 'AT+CEREG?'\n"
                    "t:equal(modem:saw('AT+CSQ').t_us, 1000000)\n"
                    "t:equal(modem:saw('AT+CGMR'), nil)\n"
                    "t:equal(modem:count(pat'^AT%+C'), 4)");
}

static void test_expect_fails_with_what_came_instead(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 1000, "AT+CEREG?\r");
    fixture_send(fixture, 44980, "AT+QFOTADL?\r");
    verdict = fixture_play(fixture, "local modem = t:modem{ name='m' }\n"
                                    "modem:expect 'AT+CEREG?'\n"
                                    "modem:expect('AT+QFOTADL=',\n"
                                    "  { within = '1m', because = 'a package is there' })");
    assert_verdict(verdict, OUTCOME_FAIL, 4, NULL);
    assert_string_equal(verdict->message,
                        "the host did not send \"AT+QFOTADL=\" within 1 m of modem time"
                        "; the tty is closed  (a package is there)");
    assert_string_equal(verdict->rows[0].label, "matched so far");
    assert_string_equal(verdict->rows[0].text, "line 3    AT+CEREG?                at +00:01.000");
    assert_string_equal(verdict->rows[1].label, "nearest");
    assert_string_equal(verdict->rows[1].text, "AT+QFOTADL?  at +00:44.980, differs at byte 11");
    assert_string_equal(verdict->rows[2].label, "since then");
    assert_contains(verdict->rows[2].text, "+00:44.980  >  AT+QFOTADL?\\r\n");
    assert_contains(verdict->rows[2].text, "+00:44.980  <  ");
    assert_contains(verdict->rows[2].text, "ERROR\\r\\n");
    assert_string_equal(row_of(verdict, "unhandled"), "AT+QFOTADL?");
}

static void test_a_failure_tells_that_it_came_earlier(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "AT+CREG?\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "modem:expect 'AT+CREG?'\n"
                                    "modem:expect 'AT+CSQ'");
    assert_verdict(verdict, OUTCOME_FAIL, 4, "within 10 s");
    assert_string_equal(row_of(verdict, "earlier"), "AT+CSQ  at +00:01.000, before the last match");
    assert_string_equal(row_of(verdict, "nearest"), "");
}

static void test_a_late_command_does_not_count(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 5001, "AT+CSQ\r");
    assert_verdict(fixture_play(fixture, "local modem = t:modem{}\n"
                                         "modem:expect('AT+CSQ', { within = '5s' })"),
                   OUTCOME_FAIL, 3, "within 5 s of modem time");
    assert_int_equal(clock_now_us(&fixture->clock), 5000000);
}

static void test_literals_match_whole_commands(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ=?\rAT+CSQX\rat+cgdcont=1,\"IP\",\"Net\"\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "modem:expect 'AT+CGDCONT='\n"
                    "t:equal(modem:saw 'AT+CSQ', nil)\n"
                    "t:equal(modem:saw 'AT+CGDCONT', nil)\n"
                    "t:check(modem:saw 'AT+CSQ=?')\n"
                    "t:check(modem:saw 'AT+CGDCONT=1,\"IP\",\"Net\"')\n"
                    "t:equal(modem:saw 'AT+CGDCONT=1,\"IP\",\"net\"', nil)\n"
                    "t:check(modem:saw(pat'CSQX'))\n"
                    "t:check(modem:saw(function(cmd) return cmd.args == '1,\"IP\",\"Net\"' end))");
}

static void test_what_to_expect_is_checked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"'+CSQ'",                       "a command begins with AT: write \"AT+CSQ\""},
        {"'AT+CSQ\\r'",                  "without its line end"                      },
        {"'AT+CSQ;+CREG?'",              "each command of a chain"                   },
        {"nil",                          "not a nil"                                 },
        {"{'AT'}",                       "not a table"                               },
        {"pat'('",                       "pat: unfinished capture"                   },
        {"'AT', { witin = '1s' }",       "did you mean \"within\"?"                  },
        {"'AT', { within = 5 }",         "write \"5s\" or \"5ms\""                   },
        {"'AT', { within = '5' }",       "is not a duration"                         },
        {"'AT', '5s'",                   "options are a table"                       },
        {"'AT', { '5s' }",               "unknown option \"1\""                      },
        {"'AT', { because = 3 }",        NULL                                        },
        {"function(c) return c.tex end", "did you mean \"text\"?"                    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char body[256];

        fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
        fixture->send_count = 0;
        fixture_send(fixture, clock_now_us(&fixture->clock) / 1000 + 1, "ATE0\r");
        snprintf(body, sizeof(body), "local modem = t:modem{}\nmodem:expect(%s)", cases[i][0]);
        INVALID(fixture, body, 3, cases[i][1]);
    }
}

static void test_expect_any_tells_which(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CREG?\r");
    PASSES(fixture,
           "local modem = t:modem{}\n"
           "local i, cmd = modem:expect_any{'AT+CSQ', 'AT+CREG?', within = '3s'}\n"
           "t:equal(i, 2)\n"
           "t:equal(cmd.text, 'AT+CREG?')\n"
           "local ok, e = pcall(modem.expect_any, modem, {'AT+A', 'AT+B'})\n"
           "t:check(tostring(e):find('the host sent none of \"AT+A\", \"AT+B\"', 1, true))");
}

static void test_expect_all_takes_any_order(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 1000, "AT+CREG?\r");
    fixture_send(fixture, 2000, "AT+CSQ\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "local cmds = modem:expect_all{'AT+CSQ', 'AT+CREG?'}\n"
                                    "t:equal(cmds[1].text, 'AT+CSQ')\n"
                                    "t:equal(cmds[2].t_us, 1000000)\n"
                                    "modem:expect_all{'AT+CSQ', 'AT+CGMR', within = '2s'}");
    assert_verdict(verdict, OUTCOME_FAIL, 6, "did not send \"AT+CSQ\", \"AT+CGMR\" within 2 s");
}

static void test_never_watches_a_window(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 1000, "AT+CREG?\r");
    fixture_send(fixture, 5000, "AT+CFUN=0\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "modem:expect 'AT+CREG?'\n"
                                    "modem:never('AT+CFUN=0', { for_ = '2s' })\n"
                                    "t:equal(t:now(), 3000000)\n"
                                    "modem:never('AT+CFUN=0', { for_ = '2s' })");
    assert_verdict(verdict, OUTCOME_FAIL, 6, "the host sent \"AT+CFUN=0\", which it must not");
    assert_string_equal(row_of(verdict, "it came"), "AT+CFUN=0  at +00:05.000");
}

static void test_two_tasks_share_the_cursor(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 1000, "AT+CSQ\r");
    fixture_send(fixture, 2000, "AT+CREG?\r");
    PASSES(fixture, "local modem = t:modem{}\n"
                    "local job = t:spawn(function() modem:expect 'AT+CREG?' end)\n"
                    "modem:expect 'AT+CSQ'\n"
                    "job:wait()\n"
                    "t:equal(t:now(), 2000000)");
}

/* ---- URCs, power ---- */

static void test_wait_urc_has_a_cursor_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 4000, "AT+CSQ\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "modem:wait_power 'on'\n"
                                    "modem:urc '+X: 1'\n"
                                    "modem:urc '+X: 2'\n"
                                    "modem:expect 'AT+CSQ'\n"
                                    "t:equal(modem:wait_urc '+X: ', '+X: 1')\n"
                                    "t:equal(modem:wait_urc(pat'^%+X: %d$'), '+X: 2')\n"
                                    "modem:wait_urc('+Y', { within = '3s' })");
    assert_verdict(verdict, OUTCOME_FAIL, 9, "gpp did not say \"+Y\" within 3 s of modem time");
    assert_contains(row_of(verdict, "modem"), "power on, fota idle, firmware GPP-1.0");
    assert_contains(row_of(verdict, "matched so far"), "+X: 2");
}

static void test_power_can_be_cut_and_come_back(void **state)
{
    PASSES(*state, "local modem = t:modem{ boot = '500ms', power = false }\n"
                   "t:equal(modem.power, 'off')\n"
                   "t:equal(modem.firmware, 'GPP-1.0')\n"
                   "modem:power_on()\n"
                   "t:equal(modem.power, 'booting')\n"
                   "modem:wait_power 'on'\n"
                   "modem:power_cut{ policy = 'torn' }\n"
                   "modem:wait_power 'off'\n"
                   "modem:power_on{ after = '3s' }\n"
                   "modem:wait_power 'on'\n"
                   "t:equal(t:now(), 4000000)\n"
                   "t:equal(modem.boots, 2)\n"
                   "modem:reset()\n"
                   "t:equal(modem.boots, 3)\n"
                   "modem:wait_power 'booting'\n"
                   "modem:wait_power 'on'\n"
                   "t:equal(t:now(), 4500000)\n"
                   "t:check(modem:transcript():find('gpp power: booting', 1, true))");
}

static void test_words_of_states_and_policies_are_checked(void **state)
{
    struct fixture *fixture = *state;

    INVALID(fixture, "t:modem{}:wait_power 'of'", 2, "did you mean \"off\"?");
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    INVALID(fixture, "t:modem{}:power_cut{ policy = 'lots' }", 2, "did you mean \"lost\"?");
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    INVALID(fixture, "t:modem{}:network 'nowhere'", 2, "home|roaming|denied|none");
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    INVALID(fixture, "t:modem{}:signal(20)", 2, "-140..-44");
    fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
    INVALID(fixture, "t:modem{ power = false }:urc 'x'", 2, "gpp is off");
}

static void test_wait_power_fails_with_the_state(void **state)
{
    struct verdict *verdict = fixture_play(*state, "local modem = t:modem{}\n"
                                                   "modem:wait_power('dead', {within = '2s'})");

    assert_verdict(verdict, OUTCOME_FAIL, 3,
                   "power of gpp did not become dead within 2 s of modem time; it is on");
}

/* ---- making modems ---- */

static void test_modems_have_names_and_ttys(void **state)
{
    PASSES(*state, "local a, b = t:modem{}, t:modem{ dialect = 'gpp' }\n"
                   "t:equal(a.name, 'gpp')\n"
                   "t:equal(b.name, 'gpp-2')\n"
                   "t:check(a.tty and b.tty and a.tty ~= b.tty)\n"
                   "t:equal(a:tty_of 'main', a.tty)\n"
                   "t:check(a ~= b and a == a)");
}

static void test_options_of_modems_are_checked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"{ dialect = 'gp' }",         "no dialect \"gp\"; did you mean \"gpp\"?"              },
        {"{ firmwar = 'x' }",          "unknown option \"firmwar\"; did you mean \"firmware\"?"},
        {"{ powr = false }",           "unknown option \"powr\"; did you mean \"power\"?"      },
        {"{ registration = 3 }",       "registration: a number has no unit; write \"3s\""      },
        {"{ registration = 'soon' }",  "option \"registration\" wants a duration"              },
        {"{ imei = 866207030000017 }", "imei: write a text as a string"                        },
        {"{ rsrp = -20 }",             "option \"rsrp\" wants an integer within -140..-44"     },
        {"{ rsrp = -90.5 }",           "rsrp: write a whole number"                            },
        {"{ power = 'on' }",           "power must be a boolean"                               },
        {"{ quirks = { 'none' } }",    "unknown quirk \"none\""                                },
        {"{ name = '../x' }",          "a-z"                                                   },
        {"'gpp'",                      "the argument must be a table"                          },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char body[256];

        fixture_configure(fixture, (struct engine_config){.dialect = "gpp"});
        snprintf(body, sizeof(body), "t:modem{ name = 'ok', rsrp = -90 }\nt:modem(%s)",
                 cases[i][0]);
        INVALID(fixture, body, 3, cases[i][1]);
    }
}

static void test_a_dialect_must_come_from_somewhere(void **state)
{
    struct fixture *fixture = *state;

    fixture_configure(fixture, (struct engine_config){0});
    INVALID(fixture, "t:modem{}", 2, "which dialect?");
}

/* ---- faults and unhandled commands ---- */

static void test_a_wrong_fault_is_invalid(void **state)
{
    INVALID(*state, "local modem = t:modem{}\nmodem:fault 'line.tz@3=drop'", 3, "line.tz");
}

static void test_an_unfired_fault_fails_a_body_that_passed(void **state)
{
    struct verdict *verdict = fixture_play(*state, "local modem = t:modem{}\n"
                                                   "modem:fault 'at.csq=fail:10'\n"
                                                   "t:let_pass('1s')");

    assert_verdict(verdict, OUTCOME_FAIL, 3, "the fault \"at.csq=fail:10\" never fired");
    assert_string_equal(row_of(verdict, "faults"), "at.csq=fail:10   never fired");
}

static void test_a_failure_lists_its_faults(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_send(fixture, 2000, "AT+CSQ\r");
    verdict = fixture_play(fixture, "local modem = t:modem{}\n"
                                    "modem:fault 'at.csq=power_cut'\n"
                                    "modem:fault 'at.creg*3=fail'\n"
                                    "modem:expect 'AT+CSQ'\n"
                                    "modem:wait_power 'off'\n"
                                    "t:check(false, 'look')");
    assert_verdict(verdict, OUTCOME_FAIL, 7, "look");
    assert_string_equal(row_of(verdict, "faults"), "at.csq=power_cut   fired 1 of 1 at +00:02.000\n"
                                                   "at.creg*3=fail   never fired");
}

static void test_unhandled_commands_fail_strict_runs(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    fixture_configure(fixture, (struct engine_config){.dialect = "gpp", .strict = true});
    fixture_send(fixture, 1000, "AT+CSQQ\rAT+CSQQ\r");
    verdict = fixture_play(fixture, "t:modem{}:expect 'AT+CSQQ'\nt:let_pass('1s')");
    assert_verdict(verdict, OUTCOME_FAIL, 1,
                   "the host sent \"AT+CSQQ\", which gpp does not know; it knows AT+CSQ");
    assert_string_equal(row_of(verdict, "unhandled"), "AT+CSQQ   2 times");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_expect_sees_commands_in_order),
        TEST(test_expect_fails_with_what_came_instead),
        TEST(test_a_failure_tells_that_it_came_earlier),
        TEST(test_a_late_command_does_not_count),
        TEST(test_literals_match_whole_commands),
        TEST(test_what_to_expect_is_checked),
        TEST(test_expect_any_tells_which),
        TEST(test_expect_all_takes_any_order),
        TEST(test_never_watches_a_window),
        TEST(test_two_tasks_share_the_cursor),
        TEST(test_wait_urc_has_a_cursor_of_its_own),
        TEST(test_power_can_be_cut_and_come_back),
        TEST(test_words_of_states_and_policies_are_checked),
        TEST(test_wait_power_fails_with_the_state),
        TEST(test_modems_have_names_and_ttys),
        TEST(test_options_of_modems_are_checked),
        TEST(test_a_dialect_must_come_from_somewhere),
        TEST(test_a_wrong_fault_is_invalid),
        TEST(test_an_unfired_fault_fails_a_body_that_passed),
        TEST(test_a_failure_lists_its_faults),
        TEST(test_unhandled_commands_fail_strict_runs),
    };

    return cmocka_run_group_tests_name("scenario-api", tests, NULL, NULL);
}
