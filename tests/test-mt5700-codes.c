/*
 * The sub-codes behind 13, 20 and 80 of the MT5700M (the sheet's section 2.2): what leads to each
 * of them, with the quirks that make the module tell it. SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/package.h"
#include "tests/mt5700-bench.h"
#include "tests/test.h"

#define SIZE 20000
#define FINE "\r\nOK\r\n"

static void begin(struct mt_bench *b)
{
    mt_init(b);
    rig_quirk(&b->rig, "fota-errors-huawei");
    rig_quirk(&b->rig, "fota20-code");
    rig_quirk(&b->rig, "huawei-80-90");
    rig_quirk(&b->rig, "https-works");
    mt_publish(b, MT_NEW, SIZE, NULL);
}

/* ---- 13: the query ---- */

struct query_row {
    const char *what, *words;
    const char *url; /* NULL = the server's */
    const char *network;
    bool is_down;
    const char *file, *text; /* this file answers with this text, or as habit says */
    struct httpd_habit habit;
};

#define LOG_TEXT "<root><component name=\"F\" version=\"9.9.9.9(SP1C01)\"/></root>"

static const struct query_row queries[] = {
    {"no network",      "13,13", NULL,                      "none", false, NULL,            NULL,      {0}                    },
    {"broken off",      "13,14", NULL,                      NULL,   false, "filelist.xml",  LOG_TEXT,  {.cut_after_bytes = 20}},
    {"silence",         "13,14", NULL,                      NULL,   false, "filelist.xml",  "",        {.silent = true}       },
    {"no certificates", "13,16", "https://127.0.0.1/",      NULL,   false, NULL,            NULL,      {0}                    },
    {"server down",     "13,18", NULL,                      NULL,   true,  NULL,            NULL,      {0}                    },
    {"unknown name",    "13,20", "http://nowhere.invalid/", NULL,   false, NULL,            NULL,      {0}                    },
    {"no file list",    "13,51", NULL,                      NULL,   false, "filelist.xml",  "",        {.status = 404}        },
    {"not XML",         "13,51", NULL,                      NULL,   false, "filelist.xml",  "not XML", {0}                    },
    {"other changelog", "13,52", NULL,                      NULL,   false, "changelog.xml", LOG_TEXT,  {0}                    },
};

static void ask(struct mt_bench *b, const char *url)
{
    char command[200];

    snprintf(command, sizeof(command), "AT^FOTAOEMDL=\"%s\"", url ? url : b->url);
    mt_ask(b, command, FINE);
}

static void expect(struct mt_bench *b, const char *words)
{
    char line[64];

    snprintf(line, sizeof(line), "\r\n^FOTASTATE: %s\r\n", words);
    mt_wait(b, line);
}

static void test_13_and_what_stopped_the_query(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        const struct query_row *row = &queries[i];
        struct mt_bench b;

        begin(&b);
        if (row->file)
            mt_habit(&b, row->file, row->text, &row->habit);
        mt_start(&b);
        if (row->network)
            assert_int_equal(modem_set_network(b.rig.modem, row->network), 0);
        if (row->is_down)
            assert_int_equal(httpd_set_down(b.httpd, true), 0);
        ask(&b, row->url);
        expect(&b, row->words);
        mt_wait_state(&b, "idle");
        mt_deinit(&b);
    }
}

/* ---- 20: the download ---- */

struct download_row {
    const char *what, *words;
    const char *fault;
    const char *text; /* of the package; NULL = as it is */
    int status;
};

static const struct download_row downloads[] = {
    {"storage",          "20,5",  "mt5700.fota.download#2=fail",  NULL,    0  },
    {"link lost",        "20,14", "download.body@60%=reset_link", NULL,    0  },
    {"not there",        "20,21", NULL,                           NULL,    404},
    {"server's failure", "20,21", NULL,                           NULL,    500},
    {"empty",            "20,51", NULL,                           "",      0  },
    {"too short",        "20,52", NULL,                           "short", 0  },
    {"damaged",          "20,52", "download.body@50%=flip:3",     NULL,    0  },
    {"check",            "20,52", "mt5700.fota.check=fail",       NULL,    0  },
};

static void test_20_and_what_stopped_the_download(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(downloads); i++) {
        const struct download_row *row = &downloads[i];
        const struct httpd_habit habit = {.status = row->status};
        struct mt_bench b;

        begin(&b);
        if (row->text || row->status)
            mt_habit(&b, "ota.swu", row->text, &habit);
        mt_start(&b);
        mt_ask(&b, "AT^FOTAMODE=0,1,0,0", FINE);
        if (row->fault)
            mt_arm(&b, row->fault);
        ask(&b, NULL);
        expect(&b, row->words);
        mt_wait_state(&b, "idle");
        mt_deinit(&b);
    }
}

/* ---- 80: the boot loader ---- */

/* Whatever is published: 80 and the code behind the reboot, and the old firmware. */
static void expect_80(struct mt_bench *b, int code)
{
    char words[16];

    mt_download(b);
    mt_ask(b, "AT^FWUP", "^FOTASTATE: 50\r\n");
    mt_wait_power(b, MODEM_FLASHING);
    rig_heard(&b->rig);
    snprintf(words, sizeof(words), "80,%d", code);
    expect(b, words);
    assert_string_equal(b->rig.modem->firmware, MT_OLD);
    mt_deinit(b);
}

enum spoiling { OPAQUE, SHORTENED, DAMAGED, OTHER_MODULE, OTHER_BASE };

static void publish_spoilt(struct mt_bench *b, enum spoiling how)
{
    static const char *const settings[] = {"version=" MT_NEW, NULL};
    struct buf package = {0};

    assert_int_equal(package_make(how == OTHER_MODULE ? "bc26" : "mt5700",
                                  how == OTHER_BASE ? "0.0.0.0(SP0C00)" : "", MT_NEW, SIZE,
                                  &package, NULL),
                     0);
    if (how == OPAQUE)
        memset(package.data, 'x', 64);
    if (how == DAMAGED)
        package.data[SIZE - 1] ^= 1;
    mt_publish_bytes(b, package.data, how == SHORTENED ? SIZE - 100 : SIZE, settings);
    buf_deinit(&package);
}

static void test_80_and_what_the_boot_loader_found(void **state)
{
    static const int codes[] = {
        [OPAQUE] = 22, [SHORTENED] = 103, [DAMAGED] = 107, [OTHER_MODULE] = 109, [OTHER_BASE] = 110,
    };

    for (size_t how = 0; how < ARRAY_LEN(codes); how++) {
        struct mt_bench b;

        begin(&b);
        publish_spoilt(&b, (enum spoiling)how);
        mt_start(&b);
        expect_80(&b, codes[how]);
    }
}

/* What no package brings about is made by a fault: each code of the sheet can be told. */
static void test_80_and_each_other_code_by_a_fault(void **state)
{
    static const int codes[] = {1,   2,   3,   4,   5,   23,  54,  101, 102, 104, 105, 106, 108,
                                111, 112, 113, 114, 151, 152, 153, 154, 155, 156, 157, 158, 159};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct mt_bench b;
        char fault[48];

        begin(&b);
        mt_start(&b);
        snprintf(fault, sizeof(fault), "mt5700.fota.flash@20%%=fail:%d", codes[i]);
        mt_arm(&b, fault);
        expect_80(&b, codes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_13_and_what_stopped_the_query),
        cmocka_unit_test(test_20_and_what_stopped_the_download),
        cmocka_unit_test(test_80_and_what_the_boot_loader_found),
        cmocka_unit_test(test_80_and_each_other_code_by_a_fault),
    };

    return cmocka_run_group_tests_name("mt5700-codes", tests, NULL, NULL);
}
