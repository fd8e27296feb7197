/*
 * Faults on commands, replies, URCs and the supply, as a host sees them on its line.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "sim/base/trace.h"
#include "sim/modem/fota.h"
#include "tests/bench-rig.h"
#include "tests/test.h"

#define CSQ_LINE  "\r\n+CSQ: 19,0\r\n"
#define CSQ_REPLY CSQ_LINE "\r\nOK\r\n"
#define URC_LINE  "\r\n+X: 1\r\n"

static void begin(struct rig *rig, const char *fault)
{
    rig_init(rig, "gpp", NULL);
    rig_start(rig);
    rig_advance(rig, "1m");
    rig_listen(rig);
    rig_heard(rig);
    rig_expect(rig, "ATE0\r", "ATE0\r\r\nOK\r\n");
    if (fault)
        assert_int_equal(modem_fault(rig->modem, fault, NULL), 0);
}

static void say(struct rig *rig)
{
    assert_int_equal(modem_say_urc(rig->modem, NULL, "+X: 1"), 0);
}

static void end(struct rig *rig)
{
    if (fault_plan_count(rig->modem->plan) > 0)
        assert_null(fault_plan_unfired(rig->modem->plan));
    rig_deinit(rig);
}

static void test_without_a_fault_a_urc_is_said_at_once(void **state)
{
    struct rig rig;

    begin(&rig, NULL);
    say(&rig);
    rig_expect(&rig, "AT+CSQ\r", URC_LINE CSQ_REPLY);
    end(&rig);
}

static void test_a_urc_is_lost_or_doubled(void **state)
{
    struct rig rig;

    begin(&rig, "urc@\"+X\"=lost");
    say(&rig);
    say(&rig);
    rig_expect(&rig, "AT\r", URC_LINE "\r\nOK\r\n");
    end(&rig);
    begin(&rig, "urc@\"+X\"=dup");
    say(&rig);
    rig_expect(&rig, "AT\r", URC_LINE URC_LINE "\r\nOK\r\n");
    end(&rig);
}

static void test_a_urc_comes_late(void **state)
{
    struct rig rig;

    begin(&rig, "urc=delay:5s");
    say(&rig);
    rig_expect(&rig, "AT\r", "\r\nOK\r\n");
    rig_advance(&rig, "5s");
    rig_listen(&rig);
    assert_string_equal(rig_heard(&rig), URC_LINE);
    end(&rig);
}

static void test_a_urc_comes_between_a_command_and_its_reply(void **state)
{
    struct rig rig;

    begin(&rig, "urc=collide:before");
    say(&rig);
    rig_listen(&rig);
    assert_string_equal(rig_heard(&rig), "");
    rig_expect(&rig, "AT+CSQ\r", URC_LINE CSQ_REPLY);
    end(&rig);
}

static void test_a_urc_comes_inside_a_reply_of_several_lines(void **state)
{
    struct rig rig;

    begin(&rig, "urc=collide:inside");
    say(&rig);
    rig_expect(&rig, "AT\r", "\r\nOK\r\n"); /* one line: nothing to come inside of */
    rig_expect(&rig, "AT+CSQ\r", CSQ_LINE URC_LINE "\r\nOK\r\n");
    end(&rig);
}

static void test_a_urc_comes_in_one_read_with_a_reply(void **state)
{
    struct rig rig;

    begin(&rig, "urc=collide:behind");
    say(&rig);
    rig_expect(&rig, "AT+CSQ\r", CSQ_REPLY URC_LINE);
    end(&rig);
}

static void test_a_urc_is_split_over_two_reads(void **state)
{
    struct rig rig;

    begin(&rig, "urc=collide:split");
    say(&rig);
    rig_listen(&rig);
    assert_string_equal(rig_heard(&rig), "\r\n+X");
    rig_advance(&rig, "100ms");
    rig_listen(&rig);
    assert_string_equal(rig_heard(&rig), ": 1\r\n");
    end(&rig);
}

static void test_a_urc_does_not_wait_for_a_command_for_ever(void **state)
{
    struct rig rig;

    begin(&rig, "urc=collide:before");
    say(&rig);
    rig_advance(&rig, "1m");
    rig_listen(&rig);
    assert_string_equal(rig_heard(&rig), URC_LINE);
    end(&rig);
}

static void test_a_held_urc_dies_with_the_power(void **state)
{
    struct rig rig;

    begin(&rig, "urc@\"+X\"=collide:before");
    say(&rig);
    modem_cut(rig.modem, CUT_LOST);
    modem_power_on(rig.modem);
    rig_advance(&rig, "2m");
    rig_listen(&rig);
    assert_null(strstr(rig_heard(&rig), "+X"));
    end(&rig);
}

static void test_a_command_is_swallowed(void **state)
{
    struct rig rig;

    begin(&rig, "at.cmee=silence");
    rig_expect(&rig, "AT+CMEE=1\r", "");
    rig_expect(&rig, "AT+CMEE?\r", "\r\n+CMEE: 0\r\n\r\nOK\r\n");
    end(&rig);
}

static void test_a_reply_is_lost_although_the_command_ran(void **state)
{
    struct rig rig;

    begin(&rig, "reply.cmee=silence");
    rig_expect(&rig, "AT+CMEE=1\r", "");
    rig_expect(&rig, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    end(&rig);
}

static void test_a_reply_is_doubled_refused_or_late(void **state)
{
    struct rig rig;

    begin(&rig, "reply.csq=dup");
    rig_expect(&rig, "AT+CSQ\r", CSQ_REPLY CSQ_REPLY);
    end(&rig);
    begin(&rig, "reply.csq=fail");
    rig_expect(&rig, "AT+CSQ\r", "\r\nERROR\r\n");
    end(&rig);
    begin(&rig, "reply.csq*0=delay:1s+1s");
    rig_expect(&rig, "AT+CSQ\r", "");
    rig_advance(&rig, "1s");
    rig_expect(&rig, "AT+CSQ\r", CSQ_REPLY);
    rig_advance(&rig, "1s");
    rig_expect(&rig, "", "");
    rig_advance(&rig, "1s");
    rig_expect(&rig, "", CSQ_REPLY);
    end(&rig);
}

static void test_an_echo_is_doubled(void **state)
{
    struct rig rig;

    begin(&rig, "at.csq=double_echo");
    rig_expect(&rig, "ATE1\r", "\r\nOK\r\n");
    rig_expect(&rig, "AT+CSQ\r", "AT+CSQ\rAT+CSQ\r" CSQ_REPLY);
    end(&rig);
}

static void test_a_line_that_lost_its_rate_is_deaf_and_mute_until_trained(void **state)
{
    struct rig rig;

    begin(&rig, "at.csq=lose_rate");
    rig_expect(&rig, "AT+CSQ\r", "");
    say(&rig);
    rig_expect(&rig, "AT\r", "");
    rig_expect(&rig, "AT\r", "");
    rig_expect(&rig, "AT\r", "");
    rig_expect(&rig, "AT+CSQ\r", CSQ_REPLY);
    end(&rig);
}

static void test_a_brown_out_makes_noise_and_comes_back(void **state)
{
    struct rig rig;

    begin(&rig, "at.csq=brown_out:2s");
    rig_send(&rig, "AT+CSQ\r", 7);
    assert_int_equal(rig.modem->power, MODEM_OFF);
    assert_int_equal(rig.modem->cuts, 1);
    rig_listen(&rig);
    assert_true(rig.heard[0].len > 0);
    rig_advance(&rig, "1s");
    assert_int_equal(rig.modem->power, MODEM_OFF);
    rig_advance(&rig, "2s");
    assert_int_not_equal(rig.modem->power, MODEM_OFF);
    assert_int_equal(rig.modem->boots, 2);
    end(&rig);
}

static void test_a_cut_in_a_brown_out_lasts(void **state)
{
    struct rig rig;

    begin(&rig, "at.csq=brown_out:2s");
    rig_send(&rig, "AT+CSQ\r", 7);
    modem_cut(rig.modem, CUT_LOST);
    rig_advance(&rig, "1m");
    assert_int_equal(rig.modem->power, MODEM_OFF);
    end(&rig);
}

static struct fota_tale tale_of(const char *fault, long long code)
{
    struct fota_tale tale;
    struct rig rig;

    begin(&rig, fault);
    modem_enter(rig.modem);
    assert_int_equal(fota_pass_result(rig.modem, code, &tale), 0);
    modem_leave(rig.modem, 0);
    end(&rig);
    return tale;
}

static void test_the_tale_of_a_result(void **state)
{
    struct fota_tale tale = tale_of(NULL, 0);

    assert_true(tale.code == 0 && tale.installs && tale.times == 1 && !tale.is_early);
    tale = tale_of("fota.result=lie", 0);
    assert_true(tale.code == 0 && !tale.installs && tale.times == 1);
    tale = tale_of("fota.result=lie", 255);
    assert_true(tale.code == 0 && !tale.installs);
    tale = tale_of("fota.result=fail:254", 0);
    assert_true(tale.code == 254 && !tale.installs);
    tale = tale_of("fota.result=lost", 0);
    assert_true(tale.installs && tale.times == 0);
    tale = tale_of("fota.result=dup", 0);
    assert_true(tale.installs && tale.times == 2);
    tale = tale_of("fota.result=early", 0);
    assert_true(tale.installs && tale.is_early);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_fault_a_urc_is_said_at_once),
        cmocka_unit_test(test_a_urc_is_lost_or_doubled),
        cmocka_unit_test(test_a_urc_comes_late),
        cmocka_unit_test(test_a_urc_comes_between_a_command_and_its_reply),
        cmocka_unit_test(test_a_urc_comes_inside_a_reply_of_several_lines),
        cmocka_unit_test(test_a_urc_comes_in_one_read_with_a_reply),
        cmocka_unit_test(test_a_urc_is_split_over_two_reads),
        cmocka_unit_test(test_a_urc_does_not_wait_for_a_command_for_ever),
        cmocka_unit_test(test_a_held_urc_dies_with_the_power),
        cmocka_unit_test(test_a_command_is_swallowed),
        cmocka_unit_test(test_a_reply_is_lost_although_the_command_ran),
        cmocka_unit_test(test_a_reply_is_doubled_refused_or_late),
        cmocka_unit_test(test_an_echo_is_doubled),
        cmocka_unit_test(test_a_line_that_lost_its_rate_is_deaf_and_mute_until_trained),
        cmocka_unit_test(test_a_brown_out_makes_noise_and_comes_back),
        cmocka_unit_test(test_a_cut_in_a_brown_out_lasts),
        cmocka_unit_test(test_the_tale_of_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
