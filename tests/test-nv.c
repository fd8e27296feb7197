/*
 * Settings: what is durable, and what a power cut makes of the rest. Each case runs on a file and
 * in memory only.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/base/rng.h"
#include "sim/base/text.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/nv.h"
#include "tests/write-sweep.h"

struct place {
    char dir[64];
    char *path; /* NULL = memory only */
    struct fault_plan *plan;
};

static void place_open(struct place *place, bool on_file)
{
    struct rng seed;

    snprintf(place->dir, sizeof(place->dir), "%s", "/tmp/hayeswire-nv-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    place->path = on_file ? xasprintf("%s/nv.json", place->dir) : NULL;
    rng_init(&seed, 1);
    place->plan = fault_plan_new(&seed, NULL, "m0");
}

static void place_close(struct place *place)
{
    if (place->path)
        unlink(place->path);
    assert_int_equal(rmdir(place->dir), 0); /* no temporary file is left */
    free(place->path);
    fault_plan_free(place->plan);
}

static void arm(struct place *place, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void arm(struct place *place, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    fault_plan_clear(place->plan);
    assert_int_equal(fault_plan_add(place->plan, buf_text(&text), NULL, NULL), 0);
    buf_deinit(&text);
}

static void each_place(void (*run)(struct place *place))
{
    for (int on_file = 0; on_file <= 1; on_file++) {
        struct place place;

        place_open(&place, on_file);
        run(&place);
        place_close(&place);
    }
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* ---- without faults ---- */

static void read_and_write(struct place *place)
{
    struct nv *nv = nv_new(place->path, place->plan);

    assert_false(nv_was_damaged(nv));
    assert_int_equal(nv_int(nv, "baud", 9600), 9600);
    nv_set_int(nv, "baud", 115200);
    nv_set_text(nv, "fota.url", "http://a/b");
    assert_int_equal(nv_int(nv, "baud", 9600), 115200); /* pending writes are seen */
    assert_string_equal(nv_text(nv, "fota.url", NULL), "http://a/b");
    assert_null(nv_text(nv, "baud", NULL)); /* a number is no text */
    assert_int_equal(nv_int(nv, "fota.url", -1), -1);

    assert_int_equal(nv_commit(nv), 0);
    assert_int_equal(nv_power_lost(nv, CUT_LOST), 0);
    assert_int_equal(nv_int(nv, "baud", 9600), 115200);

    nv_set_int(nv, "baud", 57600);
    nv_unset(nv, "fota.url");
    nv_set_text(nv, "apn", "cmnbiot");
    assert_null(nv_text(nv, "fota.url", NULL));
    nv_power_lost(nv, CUT_LOST);
    assert_int_equal(nv_int(nv, "baud", 9600), 115200);
    assert_string_equal(nv_text(nv, "fota.url", NULL), "http://a/b");
    assert_null(nv_text(nv, "apn", NULL));

    nv_unset(nv, "fota.url");
    assert_int_equal(nv_commit(nv), 0);
    nv_power_lost(nv, CUT_LOST);
    assert_null(nv_text(nv, "fota.url", NULL));

    nv_set_int(nv, "gone", 1);
    assert_int_equal(nv_erase(nv), 0);
    assert_int_equal(nv_int(nv, "gone", 0), 0);
    assert_int_equal(nv_int(nv, "baud", 9600), 9600);
    nv_power_lost(nv, CUT_DONE);
    assert_int_equal(nv_int(nv, "baud", 9600), 9600);
    nv_free(nv);
}

static void test_committed_settings_survive_and_pending_ones_do_not(void **state)
{
    each_place(read_and_write);
}

static void test_the_file_is_readable_and_outlives_its_owner(void **state)
{
    struct place place;
    struct buf text = {0};
    struct nv *nv;

    place_open(&place, true);
    nv = nv_new(place.path, NULL);
    nv_set_int(nv, "baud", -5);
    nv_set_text(nv, "name", "a \"b\" \\ \xe4\xc3\xff\x01\r\n");
    nv_set_text(nv, "empty", "");
    assert_int_equal(nv_commit(nv), 0);
    nv_set_int(nv, "lost", 1);
    nv_free(nv);

    assert_int_equal(text_read_file(place.path, 4096, &text), 0);
    assert_string_equal(buf_text(&text),
                        "{\n  \"baud\": -5,\n"
                        "  \"name\": \"a \\\"b\\\" \\\\ \\u00e4\\u00c3\\u00ff\\u0001\\r\\n\",\n"
                        "  \"empty\": \"\"\n}\n");
    buf_deinit(&text);
    nv = nv_new(place.path, NULL);
    assert_false(nv_was_damaged(nv));
    assert_int_equal(nv_int(nv, "baud", 0), -5);
    assert_string_equal(nv_text(nv, "name", NULL), "a \"b\" \\ \xe4\xc3\xff\x01\r\n");
    assert_string_equal(nv_text(nv, "empty", NULL), "");
    assert_int_equal(nv_int(nv, "lost", 0), 0);
    nv_free(nv);
    place_close(&place);
}

static void test_a_damaged_file_gives_factory_settings_and_says_so(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{\"baud\": 1",
        "{\"baud\": true}",
        "{\"baud\": 1.5}",
        "{\"baud\": 1, \"baud\": 2}",
        "{\"\": 1}",
        "{\"ok\": 1, \"name\": \"\\u4e2d\"}",
        "{\"ok\": 1, \"name\": \"a\\u0000b\"}",
        "{\"key-that-is-longer-than-fifty-characters-which-is-more-than-48\": 1}",
    };
    struct place place;

    place_open(&place, true);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct nv *nv;

        write_text(place.path, texts[i]);
        nv = nv_new(place.path, NULL);
        assert_true(nv_was_damaged(nv));
        assert_int_equal(nv_int(nv, "baud", 9600), 9600);
        assert_int_equal(nv_int(nv, "ok", 0), 0);
        nv_set_int(nv, "baud", 1200); /* and it can be used again */
        assert_int_equal(nv_commit(nv), 0);
        nv_power_lost(nv, CUT_LOST);
        assert_false(nv_was_damaged(nv));
        assert_int_equal(nv_int(nv, "baud", 9600), 1200);
        nv_free(nv);
    }
    place_close(&place);
}

static void test_values_have_a_maximum(void **state)
{
    struct place place;
    char value[NV_VALUE_MAX + 100];
    struct nv *nv;

    place_open(&place, true);
    memset(value, 0xe4, sizeof(value) - 1); /* two bytes each in the file */
    value[sizeof(value) - 1] = '\0';
    nv = nv_new(place.path, NULL);
    nv_set_text(nv, "long", value);
    assert_int_equal(strlen(nv_text(nv, "long", "")), NV_VALUE_MAX);
    assert_int_equal(nv_commit(nv), 0);
    nv_power_lost(nv, CUT_LOST);
    assert_false(nv_was_damaged(nv));
    assert_int_equal(strlen(nv_text(nv, "long", "")), NV_VALUE_MAX);
    nv_free(nv);
    place_close(&place);
}

static void test_a_file_that_can_not_be_written_is_an_error_and_changes_nothing(void **state)
{
    struct nv *nv = nv_new("/tmp/hayeswire-no-such-folder/nv.json", NULL);

    nv_set_int(nv, "baud", 1200);
    assert_true(nv_commit(nv) < 0);
    nv_power_lost(nv, CUT_LOST);
    assert_int_equal(nv_int(nv, "baud", 9600), 9600);
    nv_free(nv);
}

/* ---- power cuts ---- */

/* How many of the writes k0, k1 ... hold their new value. */
static size_t count_new(const struct nv *nv, size_t write_count)
{
    size_t count = 0;

    for (size_t i = 0; i < write_count; i++) {
        char key[NV_KEY_MAX];

        snprintf(key, sizeof(key), "k%zu", i);
        if (nv_int(nv, key, -1) == 2)
            assert_int_equal(count++, i);
        else
            assert_int_equal(nv_int(nv, key, -1), nv_was_damaged(nv) ? -1 : 1);
    }
    return count;
}

static void write_all(struct nv *nv, size_t write_count, long long value)
{
    for (size_t i = 0; i < write_count; i++) {
        char key[NV_KEY_MAX];

        snprintf(key, sizeof(key), "k%zu", i);
        nv_set_int(nv, key, value);
    }
}

static struct nv *nv_with_old_values(struct place *place, size_t write_count)
{
    struct nv *nv;

    fault_plan_clear(place->plan);
    nv = nv_new(place->path, place->plan);
    nv_erase(nv);
    write_all(nv, write_count, 1);
    assert_int_equal(nv_commit(nv), 0);
    return nv;
}

static void cut_between_set_and_commit(struct place *place)
{
    enum { WRITES = 5 };
    static const size_t kept[] = {
        [CUT_LOST] = 0, [CUT_DONE] = WRITES, [CUT_TORN] = 0, [CUT_GARBLED] = 0};

    for (enum cut_policy policy = CUT_LOST; policy <= CUT_GARBLED; policy++) {
        struct nv *nv = nv_with_old_values(place, WRITES);

        write_all(nv, WRITES, 2);
        assert_int_equal(nv_power_lost(nv, policy), 0);
        assert_int_equal(nv_was_damaged(nv), policy == CUT_GARBLED);
        assert_int_equal(count_new(nv, WRITES), kept[policy]);

        /* The second call, from the modem's own cut, finds nothing pending. */
        nv_power_lost(nv, policy);
        assert_int_equal(nv_was_damaged(nv), policy == CUT_GARBLED);
        assert_int_equal(count_new(nv, WRITES), kept[policy]);
        nv_free(nv);
    }
}

static void test_a_cut_does_to_pending_writes_what_its_policy_says(void **state)
{
    each_place(cut_between_set_and_commit);
}

/* Nothing pending means nothing was on its way to the flash that could be spoilt. */
static void cut_with_nothing_pending(struct place *place)
{
    struct nv *nv = nv_with_old_values(place, 3);

    for (enum cut_policy policy = CUT_LOST; policy <= CUT_GARBLED; policy++) {
        assert_int_equal(nv_power_lost(nv, policy), 0);
        assert_false(nv_was_damaged(nv));
        assert_int_equal(count_new(nv, 3), 0);
    }
    nv_free(nv);
}

static void test_a_cut_with_nothing_pending_spoils_nothing(void **state)
{
    each_place(cut_with_nothing_pending);
}

static void test_no_cut_at_any_commit_mixes_generations(void **state)
{
    for (int on_file = 0; on_file <= 1; on_file++) {
        struct write_sweep sweep;
        struct place place;

        place_open(&place, on_file);
        write_sweep_nv(place.path, &sweep);
        place_close(&place);
        if (sweep.wrong[0])
            fail_msg("%s", sweep.wrong);
        assert_true(sweep.trials > 50);
    }
}

static void reset_and_hang_in_commit(struct place *place)
{
    struct nv *nv = nv_with_old_values(place, 3);

    arm(place, "nv.commit=reset");
    write_all(nv, 3, 2);
    assert_int_equal(nv_commit(nv), MODEM_GONE);
    assert_int_equal(nv_gone_effect(nv).action, FAULT_RESET);
    assert_int_equal(count_new(nv, 3), 0);

    arm(place, "nv.commit/mid=hang");
    write_all(nv, 3, 2);
    assert_int_equal(nv_commit(nv), MODEM_GONE);
    assert_int_equal(nv_gone_effect(nv).action, FAULT_HANG);
    nv_power_lost(nv, CUT_DONE); /* the RAM of a hung module is still there */
    assert_int_equal(count_new(nv, 3), 3);
    nv_free(nv);
}

static void test_a_reset_loses_pending_writes_and_a_hang_keeps_them(void **state)
{
    each_place(reset_and_hang_in_commit);
}

static void trigger_by_key(struct place *place)
{
    struct nv *nv = nv_with_old_values(place, 2);

    arm(place, "nv.commit@\"k1\"=power_cut");
    assert_int_equal(nv_commit(nv), 0); /* nothing pending is no commit */
    nv_set_int(nv, "k0", 2);
    assert_int_equal(nv_commit(nv), 0);
    nv_set_int(nv, "k0", 3);
    nv_set_int(nv, "k1", 3);
    assert_int_equal(nv_commit(nv), MODEM_GONE);
    assert_int_equal(nv_int(nv, "k0", 0), 2);
    nv_free(nv);
}

static void test_a_fault_can_wait_for_a_key(void **state)
{
    each_place(trigger_by_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_committed_settings_survive_and_pending_ones_do_not),
        cmocka_unit_test(test_the_file_is_readable_and_outlives_its_owner),
        cmocka_unit_test(test_a_damaged_file_gives_factory_settings_and_says_so),
        cmocka_unit_test(test_values_have_a_maximum),
        cmocka_unit_test(test_a_file_that_can_not_be_written_is_an_error_and_changes_nothing),
        cmocka_unit_test(test_a_cut_does_to_pending_writes_what_its_policy_says),
        cmocka_unit_test(test_a_cut_with_nothing_pending_spoils_nothing),
        cmocka_unit_test(test_no_cut_at_any_commit_mixes_generations),
        cmocka_unit_test(test_a_reset_loses_pending_writes_and_a_hang_keeps_them),
        cmocka_unit_test(test_a_fault_can_wait_for_a_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
