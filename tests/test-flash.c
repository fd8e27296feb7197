/*
 * Flash: what erase and program leave, and an update that is cut at each of its writes. Each case
 * runs on a file and in memory only.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/result.h"
#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/flash.h"
#include "tests/write-sweep.h"

enum { APP_A, APP_B, PACKAGE, SLOT_COUNT };

static const struct flash_slot slots[SLOT_COUNT] = {
    {"app-a",   5},
    {"app-b",   5},
    {"package", 6},
};

struct place {
    char dir[64];
    char *path; /* NULL = memory only */
    struct rng rng;
    struct fault_plan *plan;
    struct flash *flash;
};

static void open_flash(struct place *place)
{
    place->flash = flash_new(place->path, slots, SLOT_COUNT, place->plan, &place->rng);
    assert_non_null(place->flash);
}

/* What the next process finds. */
static void reopen(struct place *place)
{
    if (!place->path)
        return;
    flash_free(place->flash);
    open_flash(place);
}

static void place_open(struct place *place, bool on_file)
{
    snprintf(place->dir, sizeof(place->dir), "%s", "/tmp/hayeswire-flash-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    place->path = on_file ? xasprintf("%s/flash.bin", place->dir) : NULL;
    rng_init(&place->rng, 1);
    place->plan = fault_plan_new(&place->rng, NULL, "m0");
    open_flash(place);
}

static void place_close(struct place *place)
{
    flash_free(place->flash);
    if (place->path)
        unlink(place->path);
    assert_int_equal(rmdir(place->dir), 0);
    free(place->path);
    fault_plan_free(place->plan);
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

static void arm(struct place *place, const char *text)
{
    fault_plan_clear(place->plan);
    assert_int_equal(fault_plan_add(place->plan, text, NULL, NULL), 0);
}

/* Whether len bytes of a slot from offset on all have that value. */
static bool is_all(struct place *place, size_t slot, size_t offset, size_t len, int byte)
{
    unsigned char bytes[2 * FLASH_PAGE_SIZE];

    assert_true(len <= sizeof(bytes));
    flash_read(place->flash, slot, offset, bytes, len);
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != byte)
            return false;
    }
    return true;
}

static int program(struct place *place, size_t slot, size_t page, int byte, size_t len)
{
    unsigned char bytes[FLASH_PAGE_SIZE];

    memset(bytes, byte, len);
    return flash_program_page(place->flash, slot, page, bytes, len);
}

/* ---- without faults ---- */

static void erase_and_program(struct place *place)
{
    assert_int_equal(flash_slot_size_bytes(place->flash, PACKAGE), 6 * FLASH_PAGE_SIZE);
    assert_true(is_all(place, APP_B, 0, FLASH_PAGE_SIZE, 0xff));
    assert_int_equal(program(place, APP_B, 4, 'b', 100), 0);
    assert_int_equal(program(place, PACKAGE, 0, 'p', FLASH_PAGE_SIZE), 0);
    assert_int_equal(program(place, PACKAGE, 1, 0x00, FLASH_PAGE_SIZE), 0);
    reopen(place);

    assert_true(is_all(place, APP_B, 4 * FLASH_PAGE_SIZE, 100, 'b'));
    assert_true(is_all(place, APP_B, 4 * FLASH_PAGE_SIZE + 100, FLASH_PAGE_SIZE - 100, 0xff));
    assert_true(is_all(place, PACKAGE, 0, FLASH_PAGE_SIZE, 'p'));
    assert_true(is_all(place, PACKAGE, FLASH_PAGE_SIZE, FLASH_PAGE_SIZE, 0));
    assert_true(is_all(place, APP_A, 0, 2 * FLASH_PAGE_SIZE, 0xff));
    /* A read over the edge of two pages, and an empty one at the very end. */
    assert_true(is_all(place, PACKAGE, FLASH_PAGE_SIZE - 10, 10, 'p'));
    assert_false(is_all(place, PACKAGE, FLASH_PAGE_SIZE - 10, 20, 'p'));
    assert_true(is_all(place, PACKAGE, 6 * FLASH_PAGE_SIZE, 0, 0));

    assert_int_equal(flash_erase_page(place->flash, PACKAGE, 0), 0);
    assert_int_equal(program(place, PACKAGE, 0, 'q', 1), 0);
    assert_int_equal(flash_erase_page(place->flash, PACKAGE, 1), 0);
    assert_int_equal(flash_erase_page(place->flash, PACKAGE, 1), 0);
    reopen(place);
    assert_true(is_all(place, PACKAGE, 0, 1, 'q'));
    assert_true(is_all(place, PACKAGE, 1, 2 * FLASH_PAGE_SIZE - 1, 0xff));
}

static void test_pages_hold_what_was_programmed_until_they_are_erased(void **state)
{
    each_place(erase_and_program);
}

static void test_untouched_and_erased_pages_cost_nothing_in_the_file(void **state)
{
    struct place place;
    struct stat status;

    place_open(&place, true);
    assert_int_equal(stat(place.path, &status), 0);
    assert_int_equal(status.st_size, 16 * FLASH_PAGE_SIZE);
    assert_int_equal(status.st_blocks, 0);
    assert_int_equal(program(&place, APP_A, 0, 'a', 10), 0);
    assert_int_equal(flash_erase_page(place.flash, APP_A, 0), 0);
    reopen(&place);
    assert_true(is_all(&place, APP_A, 0, FLASH_PAGE_SIZE, 0xff));
    place_close(&place);
}

static void test_a_file_of_another_layout_is_refused(void **state)
{
    struct place place;

    place_open(&place, true);
    errno = 0;
    assert_null(flash_new(place.path, slots, 2, NULL, &place.rng));
    assert_int_equal(errno, EINVAL);
    assert_null(flash_new("/tmp/hayeswire-no-such-folder/f", slots, 2, NULL, &place.rng));
    assert_int_equal(errno, ENOENT);
    place_close(&place);
}

/* ---- one write, cut ---- */

enum page_state { ERASED, OLD, NEW, HALF_ERASED, HALF_NEW, NOISE };

static enum page_state state_of(struct place *place)
{
    const size_t half = FLASH_PAGE_SIZE / 2;

    if (is_all(place, APP_A, 0, FLASH_PAGE_SIZE, 0xff))
        return ERASED;
    if (is_all(place, APP_A, 0, FLASH_PAGE_SIZE, 'o'))
        return OLD;
    if (is_all(place, APP_A, 0, FLASH_PAGE_SIZE, 'n'))
        return NEW;
    if (is_all(place, APP_A, 0, half, 0xff) && is_all(place, APP_A, half, half, 'o'))
        return HALF_ERASED;
    if (is_all(place, APP_A, 0, half, 'n') && is_all(place, APP_A, half, half, 0xff))
        return HALF_NEW;
    return NOISE;
}

static void cut_one_write(struct place *place)
{
    static const struct {
        const char *text;
        enum page_state state;
    } rows[] = {
        {"flash.erase/before=power_cut",          OLD        },
        {"flash.erase/mid=power_cut",             OLD        },
        {"flash.erase/mid=power_cut:lost",        OLD        },
        {"flash.erase/mid=power_cut:done",        ERASED     },
        {"flash.erase/mid=power_cut:torn",        HALF_ERASED},
        {"flash.erase/mid=power_cut:garbled",     NOISE      },
        {"flash.erase/after=power_cut:lost",      ERASED     },
        {"flash.erase/after=power_cut:garbled",   ERASED     },
        {"flash.erase/mid=reset",                 OLD        },
        {"flash.program/before=power_cut",        ERASED     },
        {"flash.program=power_cut:torn",          HALF_NEW   },
        {"flash.program/mid=power_cut:lost",      ERASED     },
        {"flash.program/mid=power_cut:done",      NEW        },
        {"flash.program/mid=power_cut:torn",      HALF_NEW   },
        {"flash.program/mid=power_cut:garbled",   NOISE      },
        {"flash.program/after=power_cut:torn",    NEW        },
        {"flash.program/mid=hang",                ERASED     },
        {"flash.program@\"app-a\"@0/after=reset", NEW        },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int r;

        fault_plan_clear(place->plan);
        assert_int_equal(flash_erase_page(place->flash, APP_A, 0), 0);
        assert_int_equal(program(place, APP_A, 0, 'o', FLASH_PAGE_SIZE), 0);
        arm(place, rows[i].text);
        r = flash_erase_page(place->flash, APP_A, 0);
        if (r == 0)
            r = program(place, APP_A, 0, 'n', FLASH_PAGE_SIZE);
        assert_int_equal(r, MODEM_GONE);
        assert_string_equal(flash_gone_effect(place->flash).text, rows[i].text);
        reopen(place);
        assert_int_equal(state_of(place), rows[i].state);
    }
    arm(place, "flash.erase@\"app-b\"=power_cut");
    assert_int_equal(flash_erase_page(place->flash, APP_A, 0), 0);
    arm(place, "flash.erase@1=power_cut");
    assert_int_equal(flash_erase_page(place->flash, APP_A, 0), 0);
    assert_int_equal(flash_erase_page(place->flash, APP_A, 1), MODEM_GONE);
}

static void test_a_cut_leaves_the_page_as_its_policy_says(void **state)
{
    each_place(cut_one_write);
}

/* ---- an update, cut everywhere ---- */

static void test_no_cut_in_an_update_leaves_half_a_firmware(void **state)
{
    for (int on_file = 0; on_file <= 1; on_file++) {
        struct write_sweep sweep;
        struct place place;
        char path[80];

        place_open(&place, false);
        snprintf(path, sizeof(path), "%s/update.bin", place.dir);
        write_sweep_flash(on_file ? path : NULL, &sweep);
        place_close(&place);
        if (sweep.wrong[0])
            fail_msg("%s", sweep.wrong);
        assert_true(sweep.trials > 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_hold_what_was_programmed_until_they_are_erased),
        cmocka_unit_test(test_untouched_and_erased_pages_cost_nothing_in_the_file),
        cmocka_unit_test(test_a_file_of_another_layout_is_refused),
        cmocka_unit_test(test_a_cut_leaves_the_page_as_its_policy_says),
        cmocka_unit_test(test_no_cut_in_an_update_leaves_half_a_firmware),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
