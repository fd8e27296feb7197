/* SPDX-License-Identifier: MIT */
/* The example host's understanding of the MT5700M's upgrade lines. */
#include "tests/test.h"

#include "tests/hosts/mt5700_fota.h"

struct parse_row {
    const char *line;
    bool is_fota;
    int code, error;
    const char *version;
    long long size_bytes;
};

/* The guide's own lines, and how hosts and ancestors print them. */
static const struct parse_row rows[] = {
    {"^FOTASTATE: 10",                                                                               true,  10, 0,   "",                0       },
    {"^FOTASTATE:11",                                                                                true,  11, 0,   "",                0       },
    {"^FOTASTATE: 12,V100R001C00B002,6129664,1. product_name=\"MT5700M-CN\";2.update_mode=\"0\";"
     "3.source_version=\"V100R001C00B002\";en-us",                                              true,  12, 0,   "V100R001C00B002", 6129664 },
    {"^FOTASTATE: 12, 1.3.0.0(SP1C02), 56737228, 1.product_name=\"MT5700-CN\"; 2.update_mode=\"0\"",
     true,                                                                                                  12, 0,   "1.3.0.0(SP1C02)", 56737228},
    {"^FOTASTATE: 12,1.0,77778,\"a,b,c\"",                                                           true,  12, 0,   "1.0",             77778   },
    {"^FOTASTATE: 12",                                                                               true,  12, 0,   "",                0       },
    {"^FOTASTATE: 13,13",                                                                            true,  13, 13,  "",                0       },
    {"^FOTASTATE: 13,51",                                                                            true,  13, 51,  "",                0       },
    {"^FOTASTATE: 20",                                                                               true,  20, 0,   "",                0       },
    {"^FOTASTATE: 80,151",                                                                           true,  80, 151, "",                0       },
    {"^FOTASTATE: ",                                                                                 false, 0,  0,   "",                0       },
    {"^FOTASTATE",                                                                                   false, 0,  0,   "",                0       },
    {"+CSQ: 20,23",                                                                                  false, 0,  0,   "",                0       },
};

static void test_every_spelling_of_a_line_is_understood(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fota_state got = {0};

        if (fota_parse(rows[i].line, &got) != rows[i].is_fota)
            fail_msg("%s", rows[i].line);
        if (!rows[i].is_fota)
            continue;
        assert_int_equal(got.code, rows[i].code);
        assert_int_equal(got.error, rows[i].error);
        assert_string_equal(got.version, rows[i].version);
        assert_int_equal(got.size_bytes, rows[i].size_bytes);
    }
}

static void test_each_code_of_the_guide_has_its_own_advice(void **state)
{
    assert_string_not_equal(fota_advice(13, 13), fota_advice(13, 51));
    assert_string_not_equal(fota_advice(14, 0), fota_advice(20, 0));
    assert_string_equal(fota_advice(13, 52), fota_advice(13, 51));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_spelling_of_a_line_is_understood),
        cmocka_unit_test(test_each_code_of_the_guide_has_its_own_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
