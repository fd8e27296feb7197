/* SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sim/at/at_args.h"
#include "sim/at/at_cmd.h"

static int parse(const char *text, struct at_args *args_out)
{
    const struct at_req req = {.args = text, .args_len = strlen(text)};

    return at_args_parse(&req, args_out);
}

static void test_separates_and_tells_omitted_from_empty(void **state)
{
    struct at_args args;

    assert_int_equal(parse("1,\"a;b,c\",,\"\",x", &args), 0);
    assert_int_equal(args.count, 5);
    assert_true(args.arg[0].present && !args.arg[0].quoted);
    assert_memory_equal(args.arg[0].text, "1", 1);
    assert_true(args.arg[1].present && args.arg[1].quoted);
    assert_int_equal(args.arg[1].len, 5);
    assert_memory_equal(args.arg[1].text, "a;b,c", 5);
    assert_false(args.arg[2].present);
    assert_true(args.arg[3].present && args.arg[3].quoted);
    assert_int_equal(args.arg[3].len, 0);
    assert_true(args.arg[4].present);
}

static void test_nothing_is_no_parameter_and_a_comma_separates_two(void **state)
{
    struct at_args args;

    assert_int_equal(parse("", &args), 0);
    assert_int_equal(args.count, 0);
    assert_int_equal(parse("  ", &args), 0);
    assert_int_equal(args.count, 0);
    assert_int_equal(parse(",", &args), 0);
    assert_int_equal(args.count, 2);
    assert_int_equal(parse("1,", &args), 0);
    assert_int_equal(args.count, 2);
    assert_false(args.arg[1].present);
}

static void test_spaces_around_parameters_do_not_count(void **state)
{
    struct at_args args;
    long value;
    char text[8];

    assert_int_equal(parse(" 1 , \" a \" ,  3", &args), 0);
    assert_int_equal(args.count, 3);
    assert_int_equal(at_args_int(&args, 0, 0, 9, &value), 0);
    assert_int_equal(value, 1);
    assert_int_equal(at_args_string(&args, 1, text, sizeof(text)), 0);
    assert_string_equal(text, " a ");
    assert_int_equal(args.arg[2].len, 1);
}

static void test_bad_quotes_are_refused(void **state)
{
    static const char *const bad[] = {"\"a", "1,\"", "a\"b", "\"a\"b", "\"a\" b", "\"a\"\"b\""};
    struct at_args args;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i], &args), -EINVAL);
}

static void test_more_than_the_maximum_is_refused(void **state)
{
    char text[AT_ARGS_MAX + 1];
    struct at_args args;

    memset(text, ',', AT_ARGS_MAX);
    text[AT_ARGS_MAX - 1] = '\0';
    assert_int_equal(parse(text, &args), 0);
    assert_int_equal(args.count, AT_ARGS_MAX);
    text[AT_ARGS_MAX - 1] = ',';
    text[AT_ARGS_MAX] = '\0';
    assert_int_equal(parse(text, &args), -EINVAL);
}

static void test_reads_no_byte_behind_the_request(void **state)
{
    const struct at_req req = {.args = "\"abc\"", .args_len = 4};
    const struct at_req number = {.args = "123", .args_len = 2};
    struct at_args args;
    long value;

    assert_int_equal(at_args_parse(&req, &args), -EINVAL);
    assert_int_equal(at_args_parse(&number, &args), 0);
    assert_int_equal(at_args_int(&args, 0, 0, 999, &value), 0);
    assert_int_equal(value, 12);
}

static void test_int_is_decimal_and_in_range(void **state)
{
    struct at_args args;
    long value = 77;

    assert_int_equal(parse("5,-3,\"5\",0x5,,+5,5a,-,007", &args), 0);
    assert_int_equal(at_args_int(&args, 0, 0, 5, &value), 0);
    assert_int_equal(value, 5);
    assert_int_equal(at_args_int(&args, 0, 0, 4, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 0, 6, 9, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 1, -3, 0, &value), 0);
    assert_int_equal(value, -3);
    assert_int_equal(at_args_int(&args, 2, 0, 9, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 3, 0, 9, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 4, 0, 9, &value), -ENOENT);
    assert_int_equal(at_args_int(&args, 5, 0, 9, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 6, 0, 9, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 7, 0, 9, &value), -EINVAL);
    assert_int_equal(value, -3); /* a failure leaves the output alone */
    assert_int_equal(at_args_int(&args, 8, 0, 9, &value), 0);
    assert_int_equal(value, 7);
    assert_int_equal(at_args_int(&args, 9, 0, 9, &value), -ENOENT);
}

static void test_int_knows_the_limits_of_long(void **state)
{
    struct at_args args;
    char text[128];
    long value;

    snprintf(text, sizeof(text), "%ld,%ld,%ld0,-%lu,%lu", LONG_MAX, LONG_MIN, LONG_MAX,
             (unsigned long)LONG_MAX + 2, (unsigned long)LONG_MAX + 1);
    assert_int_equal(parse(text, &args), 0);
    assert_int_equal(at_args_int(&args, 0, LONG_MIN, LONG_MAX, &value), 0);
    assert_true(value == LONG_MAX);
    assert_int_equal(at_args_int(&args, 1, LONG_MIN, LONG_MAX, &value), 0);
    assert_true(value == LONG_MIN);
    assert_int_equal(at_args_int(&args, 2, LONG_MIN, LONG_MAX, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 3, LONG_MIN, LONG_MAX, &value), -EINVAL);
    assert_int_equal(at_args_int(&args, 4, LONG_MIN, LONG_MAX, &value), -EINVAL);
}

static void test_int_or_falls_back_only_when_omitted(void **state)
{
    struct at_args args;
    long value;

    assert_int_equal(parse("2,,9", &args), 0);
    assert_int_equal(at_args_int_or(&args, 0, 0, 5, 4, &value), 0);
    assert_int_equal(value, 2);
    assert_int_equal(at_args_int_or(&args, 1, 0, 5, 4, &value), 0);
    assert_int_equal(value, 4);
    assert_int_equal(at_args_int_or(&args, 2, 0, 5, 4, &value), -EINVAL);
    assert_int_equal(at_args_int_or(&args, 3, 0, 5, 3, &value), 0);
    assert_int_equal(value, 3);
}

static void test_string_is_quoted_and_fits(void **state)
{
    struct at_args args;
    char text[4];

    assert_int_equal(parse("\"abc\",\"abcd\",abc,,\"\"", &args), 0);
    assert_int_equal(at_args_string(&args, 0, text, sizeof(text)), 0);
    assert_string_equal(text, "abc");
    assert_int_equal(at_args_string(&args, 1, text, sizeof(text)), -EMSGSIZE);
    assert_int_equal(at_args_string(&args, 2, text, sizeof(text)), -EINVAL);
    assert_int_equal(at_args_string(&args, 3, text, sizeof(text)), -ENOENT);
    assert_int_equal(at_args_string(&args, 4, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(at_args_string(&args, 5, text, sizeof(text)), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_separates_and_tells_omitted_from_empty),
        cmocka_unit_test(test_nothing_is_no_parameter_and_a_comma_separates_two),
        cmocka_unit_test(test_spaces_around_parameters_do_not_count),
        cmocka_unit_test(test_bad_quotes_are_refused),
        cmocka_unit_test(test_more_than_the_maximum_is_refused),
        cmocka_unit_test(test_reads_no_byte_behind_the_request),
        cmocka_unit_test(test_int_is_decimal_and_in_range),
        cmocka_unit_test(test_int_knows_the_limits_of_long),
        cmocka_unit_test(test_int_or_falls_back_only_when_omitted),
        cmocka_unit_test(test_string_is_quoted_and_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
