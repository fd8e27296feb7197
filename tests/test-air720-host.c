/*
 * What the example host of the Air720 understands of its lines: both spellings of the guide, those
 * of other firmware, and every code.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "tests/hosts/air720_lines.h"
#include "tests/test.h"

static void expect(const char *text, enum air720_word word, int number)
{
    struct air720_line line;

    if (!air720_parse(text, &line))
        fail_msg("not understood: %s", text);
    assert_int_equal(line.word, word);
    assert_int_equal(line.number, number);
}

static void test_progress_in_all_its_spellings(void **state)
{
    expect("+UPGRADEIND: 0", AIR720_PROGRESS, 0);
    expect("+UPGRADEIND: 100", AIR720_PROGRESS, 100);
    expect("+UPGRADEIND:30", AIR720_PROGRESS, 30);
    expect("+UPGRADE: 40", AIR720_PROGRESS, 40);
    expect("+UPGRADEDL: 10", AIR720_FLASHING, 10);
    expect("+UPGRADDL: 20", AIR720_FLASHING, 20);
    expect("+QIND: \"FOTA\",\"UPDATING\",13", AIR720_FLASHING, 13);
    expect("+UPGRADEIND: -1003", AIR720_ERROR, -1003);
    expect("RDY", AIR720_READY, 0);
}

static void test_version_and_report(void **state)
{
    char longest[160] = "+UPGRADEVER: \"";
    struct air720_line line;

    assert_true(air720_parse("+UPGRADEVER: \"AirM2M_720_V9999_LTE_AT_NAND\"", &line));
    assert_int_equal(line.word, AIR720_VERSION);
    assert_string_equal(line.version, "AirM2M_720_V9999_LTE_AT_NAND");
    expect("+UPGRADEVER: 1", AIR720_REPORTED, 1);
    expect("+UPGRADEVER: 0", AIR720_REPORTED, 0);
    memset(longest + strlen(longest), 'x', 100);
    assert_false(air720_parse(longest, &line));
}

static void test_other_lines_are_left_alone(void **state)
{
    static const char *const lines[] = {"", "OK", "+CREG: 1", "+QIND: \"FOTA\",\"START\"", "RDYX"};
    struct air720_line line;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_false(air720_parse(lines[i], &line));
}

static void test_the_answer_may_be_short(void **state)
{
    struct air720_answer answer;

    assert_true(air720_parse_answer("+UPGRADE: 0", &answer));
    assert_int_equal(answer.state, 0);
    assert_true(air720_parse_answer("+UPGRADE: 1,35", &answer));
    assert_int_equal(answer.state, 1);
    assert_true(air720_parse_answer("+UPGRADE: 2,-1003,200,27", &answer));
    assert_int_equal(answer.state, 2);
    assert_int_equal(answer.error, -1003);
    assert_int_equal(answer.http, 200);
    assert_int_equal(answer.cause, 27);
    assert_false(air720_parse_answer("+UPGRADE: ", &answer));
    assert_false(air720_parse_answer("+UPGRADEIND: 1", &answer));
}

static void test_each_code_of_the_guide_has_its_words(void **state)
{
    static const int causes[] = {3, 17, 25, 26, 27};

    for (int error = -1006; error <= -1000; error++)
        assert_non_null(air720_error_text(error));
    assert_null(air720_error_text(-1007));
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
        assert_non_null(air720_cause_text(causes[i]));
    assert_null(air720_cause_text(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_in_all_its_spellings),
        cmocka_unit_test(test_version_and_report),
        cmocka_unit_test(test_other_lines_are_left_alone),
        cmocka_unit_test(test_the_answer_may_be_short),
        cmocka_unit_test(test_each_code_of_the_guide_has_its_words),
    };

    return cmocka_run_group_tests_name("air720-host", tests, NULL, NULL);
}
