/* SPDX-License-Identifier: MIT */
/* The example host's understanding of the upgrade lines. */
#include "tests/test.h"

#include "tests/hosts/bc26_fota.h"

struct parse_row {
    const char *line;
    bool is_fota;
    enum fota_word word;
    int value;
};

static const struct parse_row parse_rows[] = {
    {"+QIND: \"FOTA\",\"HTTPSTART\"",          true,  FOTA_HTTP_START,  -1 },
    {"+QIND: \"FOTA\",\"HTTPTART\"",           true,  FOTA_HTTP_START,  -1 },
    {"+QIND: \"FOTA\",\"DOWNLOADING\",1%",     true,  FOTA_DOWNLOADING, 1  },
    {"+QIND: \"FOTA\",\"DOWNLOADING\", 57%",   true,  FOTA_DOWNLOADING, 57 },
    {"+QIND: \"FOTA\",\"HTTPEND\",12",         true,  FOTA_HTTP_END,    12 },
    {"+QIND: \"FOTA\",\"START\"",              true,  FOTA_START,       -1 },
    {"+QIND: \"FOTA\",\"UPDATING\",100%,1,1",  true,  FOTA_UPDATING,    100},
    {"+QIND: \"FOTA\",\"UPDATING\", 1%, 1, 1", true,  FOTA_UPDATING,    1  },
    {"+QIND:\"FOTA\",\"END\",254",             true,  FOTA_END,         254},
    {"+QIND: \"FOTA\",\"DOWNLOAD START\"",     true,  FOTA_HTTP_START,  -1 },
    {"+QIND: \"FOTA\",\"DOWNLOAD\",12",        true,  FOTA_HTTP_END,    12 },
    {"+QIND: \"FOTA\",\"SOMETHING\",3",        true,  FOTA_OTHER,       -1 },
    {"+QIND: \"FOTA",                          false, FOTA_OTHER,       -1 },
    {"+QIND: \"csq\",20",                      false, FOTA_OTHER,       -1 },
    {"+CSQ: 20,0",                             false, FOTA_OTHER,       -1 },
    {"",                                       false, FOTA_OTHER,       -1 },
};

static void test_every_spelling_of_a_line_is_understood(void **state)
{
    for (size_t i = 0; i < sizeof(parse_rows) / sizeof(parse_rows[0]); i++) {
        const struct parse_row *row = &parse_rows[i];
        struct fota_event event = {.word = FOTA_OTHER, .value = -1};

        assert_int_equal(fota_parse(row->line, &event), row->is_fota);
        assert_int_equal(event.word, row->word);
        assert_int_equal(event.value, row->value);
    }
}

static void test_banner_during_the_update_does_not_shorten_the_patience(void **state)
{
    struct fota_watch watch = {.phase = FOTA_PHASE_ASKED};
    int64_t patience_ms;

    assert_true(fota_watch_line(&watch, "+QIND: \"FOTA\",\"UPDATING\",37%,1,1"));
    patience_ms = fota_quiet_limit_ms(&watch);
    assert_false(fota_watch_line(&watch, "F1: 0000 0000"));
    assert_true(fota_watch_line(&watch, "Leaving the BROM"));
    assert_int_equal(fota_quiet_limit_ms(&watch), patience_ms);
}

static void test_ready_module_without_a_result_is_asked_soon(void **state)
{
    struct fota_watch watch = {.phase = FOTA_PHASE_DOWNLOADING};

    assert_true(fota_watch_line(&watch, "RDY"));
    assert_true(fota_quiet_limit_ms(&watch) <= 5000);
    /* The forced upgrade after a power loss begins with START, and RDY counts no more. */
    assert_true(fota_watch_line(&watch, "+QIND: \"FOTA\",\"START\""));
    assert_int_equal(watch.phase, FOTA_PHASE_STARTED);
    assert_true(fota_quiet_limit_ms(&watch) >= 180000);
}

static void test_hundred_percent_ends_the_update(void **state)
{
    struct fota_watch watch = {.phase = FOTA_PHASE_STARTED};

    fota_watch_line(&watch, "+QIND: \"FOTA\",\"UPDATING\",99%,1,1");
    assert_int_equal(watch.phase, FOTA_PHASE_UPDATING);
    fota_watch_line(&watch, "+QIND: \"FOTA\",\"UPDATING\",100%,1,1");
    assert_int_equal(watch.phase, FOTA_PHASE_UPDATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_spelling_of_a_line_is_understood),
        cmocka_unit_test(test_banner_during_the_update_does_not_shorten_the_patience),
        cmocka_unit_test(test_ready_module_without_a_result_is_asked_soon),
        cmocka_unit_test(test_hundred_percent_ends_the_update),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
