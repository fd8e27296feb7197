/*
 * A dialect in one file overlays the base: its own rows, boot, quirk and style; the rest is 3GPP's.
 * SPDX-License-Identifier: MIT
 */
#include "tests/bench-rig.h"
#include "tests/test.h"

extern const struct dialect dialect_acme;

static void start(struct rig *rig, const char *quirk)
{
    rig_init_dialect(rig, &dialect_acme, NULL);
    if (quirk)
        rig_quirk(rig, quirk);
    rig_start(rig);
    rig_advance(rig, "10s");
}

static void test_the_overlay_is_found_before_the_base(void **state)
{
    struct rig rig;

    start(&rig, NULL);
    assert_string_equal(rig_heard(&rig), "\r\n^ACME: READY\r\n");
    rig_expect(&rig, "ATE0\r", "ATE0\r\r\nOK\r\n");
    rig_expect(&rig, "AT+CSQ\r", "\r\n+CSQ: 19, 99\r\n\r\nOK\r\n");
    rig_expect(&rig, "AT+CSQ=?\r", "\r\n+CSQ: (0-31,99),(99)\r\n\r\nOK\r\n");
    rig_expect(&rig, "AT+CREG?\r", "\r\n+CREG: 0,1\r\n\r\nOK\r\n");
    rig_expect(&rig, "AT+CMEE=1;+NOSUCH\r", "\r\n+CME ERROR: 4\r\n");
    rig_deinit(&rig);
}

static void test_its_quirk_changes_the_boot(void **state)
{
    struct rig rig;

    start(&rig, "silent-boot");
    assert_string_equal(rig_heard(&rig), "");
    rig_deinit(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_overlay_is_found_before_the_base),
        cmocka_unit_test(test_its_quirk_changes_the_boot),
    };

    return cmocka_run_group_tests_name("toy-dialect", tests, NULL, NULL);
}
