/*
 * The example host behind an M531x: what it understands of the module's lines, and its flash, whose
 * supply is cut at each byte.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/modem/package.h"
#include "tests/hosts/mcu_boot.h"
#include "tests/hosts/mipl.h"
#include "tests/test.h"

#define OLD_VERSION "test0"
#define NEW_VERSION "test000"
#define IMAGE_SIZE  700
#define BLOCK_SIZE  256
#define CUTS_MAX    20000

/* ---- lines ---- */

struct line_row {
    const char *text, *more; /* more = a second line */
    enum mipl_kind kind;
    long mid, object, resource;
    size_t len;
    int flag;
    bool is_whole;
};

static const struct line_row line_rows[] = {
    {"+MIPLREAD:0,54080,5,0,-1",                     NULL,         MIPL_READ,    54080, 5,    -1,    0, 0, false},
    {"+MIPLREAD: 0, 54080, 5, 0, -1",                NULL,         MIPL_READ,    54080, 5,    -1,    0, 0, false},
    {"+MIPLEXECUTE:0,27495,5,0,26501,0,\"\"",        NULL,         MIPL_EXECUTE, 27495, 5,    26501, 0, 0, false},
    {"+MIPLWRITE:0,27496,5,0,0,2,4,",                "C7AC01F8,1", MIPL_WRITE,   27496, 5,    0,     4, 1, true },
    {"+MIPLWRITE:0,27496,5,0,0,2,4,C7AC01F8,2",      NULL,         MIPL_WRITE,   27496, 5,    0,     4, 2, true },
    {"+MIPLWRITE:0,27496,5,0,0,2,4,c7ac01f8,0,0",    NULL,         MIPL_WRITE,   27496, 5,    0,     4, 0, true },
    {"+MIPLWRITE: 0, 7, 5, 0, 0, 2, 4, C7AC01F8, 2", NULL,         MIPL_WRITE,   7,     5,    0,     4, 2, true },
    {"+MIPLWRITE:0,17507,5,0,0,2,0,,0",              NULL,         MIPL_WRITE,   17507, 5,    0,     0, 0, true },
    {"+MIPLWRITE:0,27496,5,0,0,2,4,",                "C7AC01F,1",  MIPL_WRITE,   27496, 5,    0,     4, 1, false},
    {"+MIPLWRITE:0,27496,5,0,0,2,4,",                "C7AC01GG,1", MIPL_WRITE,   27496, 5,    0,     4, 1, false},
    {"+MIPLWRITE:0,27496,5,0,0,2,4,",                "C7AC01F8",   MIPL_WRITE,   27496, 5,    0,     4, 0, false},
    {"+MIPLWRITE:0,5,3300,0,5701,1,1,\"K\",0",       NULL,         MIPL_WRITE,   5,     3300, 5701,  1, 0, true },
    {"+MIPLWRITE:0,5,3300,0,5701,1,2,\"K\",0",       NULL,         MIPL_WRITE,   5,     3300, 5701,  2, 0, false},
    {"+MIPLWRITE:0,5,3300,0,5700,4,4,",              "21.5,0",     MIPL_WRITE,   5,     3300, 5700,  4, 0, true },
    {"+MIPLWRITE:0<27496,5,0,0,2,4,",                NULL,         MIPL_OTHER,   0,     0,    0,     0, 0, false},
    {"+MIPLWRITE:",                                  NULL,         MIPL_OTHER,   0,     0,    0,     0, 0, false},
    {"+MIPLEVENT:0,6",                               NULL,         MIPL_EVENT,   6,     0,    0,     0, 0, false},
    {"+MIPLEVENT: 0, 20, 1234",                      NULL,         MIPL_EVENT,   20,    0,    0,     0, 0, false},
    {"*ATREADY: 1",                                  NULL,         MIPL_READY,   0,     0,    0,     0, 0, false},
    {"REBOOT_CAUSE_APPLICATION_AT",                  NULL,         MIPL_READY,   0,     0,    0,     0, 0, false},
    {"+CFUN: 1",                                     NULL,         MIPL_OTHER,   0,     0,    0,     0, 0, false},
};

static void test_lines_of_the_module_are_understood(void **state)
{
    for (size_t i = 0; i < sizeof(line_rows) / sizeof(line_rows[0]); i++) {
        const struct line_row *row = &line_rows[i];
        struct mipl_parser parser = {0};
        struct mipl_line line;
        bool is_complete = mipl_parse(&parser, row->text, &line);

        assert_int_equal(is_complete, row->more == NULL);
        if (row->more)
            assert_true(mipl_parse(&parser, row->more, &line));
        assert_int_equal(line.kind, row->kind);
        if (row->kind == MIPL_OTHER)
            continue;
        assert_int_equal(line.mid, row->mid);
        assert_int_equal(line.object, row->object);
        if (row->kind == MIPL_READ || row->kind == MIPL_EXECUTE || row->kind == MIPL_WRITE)
            assert_int_equal(line.resource, row->resource);
        assert_int_equal(line.len, row->len);
        assert_int_equal(line.is_whole, row->is_whole);
        if (row->is_whole)
            assert_int_equal(line.flag, row->flag);
    }
}

static void test_payload_that_is_lost_does_not_swallow_the_next_line(void **state)
{
    struct mipl_parser parser = {0};
    struct mipl_line line;

    assert_false(mipl_parse(&parser, "+MIPLWRITE:0,27496,5,0,0,2,4,", &line));
    assert_true(mipl_parse(&parser, "+MIPLREAD:0,27497,3,0,9", &line));
    assert_int_equal(line.kind, MIPL_READ);
    assert_true(mipl_parse(&parser, "C7AC01F8,1", &line));
    assert_int_equal(line.kind, MIPL_OTHER);
}

/* ---- flash ---- */

/* A whole upgrade as far as flash is concerned; a cut ends the process in its middle. */
static void upgrade(struct mcu_store *store, const struct buf *image)
{
    if (store->record.state != MCU_DOWNLOADING) {
        mcu_store_erase_behind(store, 0);
        mcu_set_progress(store, MCU_DOWNLOADING, MCU_NO_RESULT, 0);
    } else {
        mcu_store_erase_behind(store, store->record.saved); /* half of a block may be there */
    }
    while (store->record.saved < image->len) {
        size_t at = store->record.saved, len = image->len - at;

        len = len < BLOCK_SIZE ? len : BLOCK_SIZE;
        assert_true(mcu_store_write_spare(store, at, image->data + at, len));
        mcu_set_progress(store, at + len < image->len ? MCU_DOWNLOADING : MCU_DOWNLOADED,
                         MCU_NO_RESULT, (uint32_t)(at + len));
    }
    mcu_set_progress(store, MCU_UPDATING, MCU_NO_RESULT, store->record.saved);
    mcu_boot(store);
}

static void make_image(struct buf *image, bool is_damaged)
{
    assert_int_equal(package_make("m531x", OLD_VERSION, NEW_VERSION, IMAGE_SIZE, image, NULL), 0);
    if (is_damaged)
        image->data[IMAGE_SIZE - 100] ^= 1;
}

/* Return: whether the supply failed before the upgrade was through. */
static bool upgrade_and_cut(const char *path, const struct buf *image, long cut_after)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct mcu_store store = {.fd = -1, .cut_after = cut_after};

        if (mcu_store_open(&store, path, OLD_VERSION) == 0)
            upgrade(&store, image);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

static void check_after_cut(const char *path, const struct buf *image, long cut_after)
{
    struct mcu_store store = {.fd = -1, .cut_after = -1};
    bool is_old, is_new;

    assert_int_equal(mcu_store_open(&store, path, OLD_VERSION), 0);
    if (!mcu_boot(&store))
        fail_msg("nothing starts after a cut behind byte %ld", cut_after);
    is_old = strcmp(store.record.version, OLD_VERSION) == 0 && store.record.running == MCU_FACTORY;
    is_new = strcmp(store.record.version, NEW_VERSION) == 0 && store.record.running == 0;
    if (!is_old && !is_new)
        fail_msg("after a cut behind byte %ld: \"%s\" in slot %u", cut_after, store.record.version,
                 store.record.running);
    if (is_old)
        upgrade(&store, image);
    assert_string_equal(store.record.version, NEW_VERSION);
    close(store.fd);
}

static void test_flash_is_old_or_new_after_a_cut_at_any_byte(void **state)
{
    char path[] = "/tmp/hayeswire-mcu-XXXXXX";
    struct buf image = {0};
    long cut;

    assert_true(close(mkstemp(path)) == 0);
    make_image(&image, false);
    for (cut = 1; cut < CUTS_MAX; cut++) {
        assert_int_equal(truncate(path, 0), 0);
        if (!upgrade_and_cut(path, &image, cut))
            break;
        check_after_cut(path, &image, cut);
    }
    assert_in_range(cut, IMAGE_SIZE, CUTS_MAX - 1);
    unlink(path);
    buf_deinit(&image);
}

static void test_what_is_not_blank_has_to_be_erased_first(void **state)
{
    char path[] = "/tmp/hayeswire-mcu-XXXXXX";
    struct mcu_store store = {.fd = -1, .cut_after = -1};
    unsigned char *bytes;

    assert_true(close(mkstemp(path)) == 0);
    assert_int_equal(mcu_store_open(&store, path, OLD_VERSION), 0);
    assert_true(mcu_store_write_spare(&store, 0, "abcd", 4));
    assert_true(mcu_store_write_spare(&store, MCU_PAGE_SIZE, "efgh", 4));
    assert_false(mcu_store_write_spare(&store, 2, "xy", 2));
    mcu_store_erase_behind(&store, MCU_PAGE_SIZE);
    assert_true(mcu_store_write_spare(&store, MCU_PAGE_SIZE, "ijkl", 4));
    bytes = mcu_store_read(&store, mcu_store_spare(&store));
    assert_memory_equal(bytes, "abcd\xff", 5);
    assert_memory_equal(bytes + MCU_PAGE_SIZE, "ijkl\xff", 5);
    free(bytes);
    close(store.fd);
    unlink(path);
}

static void test_damaged_image_is_told_and_the_old_software_runs(void **state)
{
    char path[] = "/tmp/hayeswire-mcu-XXXXXX";
    struct mcu_store store = {.fd = -1, .cut_after = -1};
    struct buf image = {0};

    assert_true(close(mkstemp(path)) == 0);
    make_image(&image, true);
    assert_int_equal(mcu_store_open(&store, path, OLD_VERSION), 0);
    upgrade(&store, &image);
    assert_string_equal(store.record.version, OLD_VERSION);
    assert_int_equal(store.record.result, MCU_BAD_IMAGE);
    assert_int_equal(store.record.state, MCU_IDLE);
    assert_int_equal(store.record.to_tell, 1);
    close(store.fd);
    unlink(path);
    buf_deinit(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_the_module_are_understood),
        cmocka_unit_test(test_payload_that_is_lost_does_not_swallow_the_next_line),
        cmocka_unit_test(test_flash_is_old_or_new_after_a_cut_at_any_byte),
        cmocka_unit_test(test_what_is_not_blank_has_to_be_erased_first),
        cmocka_unit_test(test_damaged_image_is_told_and_the_old_software_runs),
    };

    return cmocka_run_group_tests_name("m531x-mcu", tests, NULL, NULL);
}
