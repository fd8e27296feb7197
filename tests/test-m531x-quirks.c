/*
 * The M531x's documented variants: each is shown by one text that comes with it and not without it,
 * or the other way round.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "tests/bench-rig.h"
#include "tests/golden-platform.h"
#include "tests/test.h"

/* Pieces of scripts; a line is ">" and a command, "+" and a duration, or words of the platform. */
#define CREATE "+8s\n>ATE0\n>AT+CMEE=1\n>AT+MIPLCREATE\n"
#define OPEN   ">AT+MIPLOPEN=0,600,60\n+3s\n"
#define SOTA   CREATE ">AT+MIPLSOTAVER=\"test0\"\n" OPEN
#define TASK   "platform task target=test000 size=2000 block=1024 tries=1\n"
#define OBJECT CREATE ">AT+MIPLADDOBJ=0,3300,1,\"1\",2,0\n"
/* Up to the order to erase, with the guide's numbers. */
#define ERASE                                                              \
    TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,2\n+1s\n"                        \
              ">AT+MIPLREADRSP=0,54078,1,3,0,26261,3,3,\"256\",0,0\n+1s\n" \
              ">AT+MIPLREADRSP=0,54079,1,3,0,19,1,5,\"test0\",0,0\n+1s\n"  \
              ">AT+MIPLREADRSP=0,54080,1,5,0,3,3,1,\"0\",2,1\n"            \
              ">AT+MIPLREADRSP=0,54080,1,5,0,5,3,1,\"0\",1,2\n"            \
              ">AT+MIPLREADRSP=0,54080,1,5,0,26500,3,1,\"0\",0,0\n+1s\n"   \
              ">AT+MIPLREADRSP=0,54081,1,3,0,9,3,3,\"100\",0,0\n+1s\n"
/* The same as far as the state of a download that was cut: state 1, 1024 bytes. */
#define HALF                                                               \
    TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,2\n+1s\n"                        \
              ">AT+MIPLREADRSP=0,54078,1,3,0,26261,3,3,\"256\",0,0\n+1s\n" \
              ">AT+MIPLREADRSP=0,54079,1,3,0,19,1,5,\"test0\",0,0\n+1s\n"  \
              ">AT+MIPLREADRSP=0,54080,1,5,0,3,3,1,\"1\",2,1\n"            \
              ">AT+MIPLREADRSP=0,54080,1,5,0,5,3,1,\"0\",1,2\n"            \
              ">AT+MIPLREADRSP=0,54080,1,5,0,26500,3,4,\"1024\",0,0\n+1s\n"
/* An M5310 of 2017: bootstrap, port 5683, "coap://183.230.40.39", "1;2". */
#define BLOB_2017 "100016330000003C0014636F61703A2F2F3138332E3233302E34302E33390003313B32060606"

#define MODULE "platform task target=M5311_S05 firmware=M5311_S04 size=9000\n" CREATE OPEN "+2s\n"

struct quirk_row {
    const char *quirk;
    const char *script;
    const char *with;    /* comes with the quirk and not without it; NULL = nothing special does */
    const char *without; /* the other way round */
};

static const struct quirk_row rows[] = {
    {"strict-mid",
     TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,2\n+1s\n"
               ">AT+MIPLREADRSP=0,54077,1,3,0,26261,3,3,\"256\",0,0\n",                               "+MIPLEVENT:0,20,54077",                                          NULL                       },
    {"strict-mid-err",
     TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,2\n+1s\n"
               ">AT+MIPLREADRSP=0,54077,1,3,0,26261,3,3,\"256\",0,0\n",                               "+CME ERROR: 601",                                                NULL                       },
    {"write-oneline",            OBJECT OPEN "platform write 3300/0/5701 68656C6C6F\n+1s\n",
     ",2,5,68656C6C6F,0\r\n",                                                                                                                                           ",2,5,\r\n68656C6C6F,0\r\n"},
    {"sota-generic-rsp",         ERASE ">AT+MIPLSOTA=3\n+1s\n",                                       NULL,                                                             "+MIPLWRITE:"              },
    {"sota-generic-rsp",         ERASE ">AT+MIPLEXECUTERSP=0,27495,2\n+1s\n",                         "+MIPLWRITE:",                                                    NULL                       },
    {"sota-codes=cis",           ERASE ">AT+MIPLSOTA=1\n+1s\n",                                       "+MIPLWRITE:",                                                    "+CME ERROR: 651"          },
    {"sota-codes=cis",           ERASE ">AT+MIPLSOTA=3\n+1s\n",                                       "+CME ERROR: 651",                                                "+MIPLWRITE:"              },
    {"len-strict",
     TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,2\n+1s\n"
               ">AT+MIPLREADRSP=0,54078,1,3,0,26261,3,6,\"256\",0,0\n+1s\n",                          "+CME ERROR: 601",                                                "+MIPLREAD:0,54079,3,0,19" },
    {"sp-colon",                 SOTA,                                                                "+MIPLEVENT: 0,6\r\n",                                            "+MIPLEVENT:0,6\r\n"       },
    {"sp-all",                   SOTA,                                                                "+MIPLEVENT: 0, 6\r\n",                                           "+MIPLEVENT:0,6\r\n"       },
    {"create-ok-only",           CREATE,                                                              NULL,                                                             "+MIPLCREATE:0"            },
    {"create-blob=2017",         "+4s\n>AT+CMEE=1\n>AT+MIPLCREATE=38," BLOB_2017 ",0,38,0\n",
     "+MIPLCREATE:0",                                                                                                                                                   "+CME ERROR: 601"          },
    {"events-min",               SOTA,                                                                NULL,                                                             "+MIPLEVENT:0,2\r\n"       },
    {"events-full",              SOTA,                                                                "+MIPLEVENT:0,1\r\n\r\n+MIPLEVENT:0,2\r\n\r\n+MIPLEVENT:0,4\r\n", NULL                       },
    {"events-full",              "+3s\n>AT+MIPLCREATEEX=\"1.2.3.4\",0\n>AT+MIPLOPEN=0,600,60\n+1s\n",
     "+MIPLEVENT:0,5\r\n",                                                                                                                                              NULL                       },
    {"sota-events",
     ERASE ">AT+MIPLSOTA=3\n+1s\n>AT+MIPLSOTA=1\n+1s\n>AT+MIPLSOTA=1\n+1s\n"
           ">AT+MIPLREADRSP=0,27498,1,3,0,9,3,3,\"100\",0,0\n+1s\n",                                  "+MIPLEVENT:0,53\r\n",                                            NULL                       },
    {"sota-events",
     ERASE ">AT+MIPLSOTA=3\n+1s\n>AT+MIPLSOTA=1\n+1s\n>AT+MIPLSOTA=1\n+1s\n"
           ">AT+MIPLREADRSP=0,27498,1,3,0,9,3,3,\"100\",0,0\n+1s\n",                                  "+MIPLEVENT:0,54\r\n",                                            NULL                       },
    {"err-prefix=cis",           CREATE ">AT+MIPLCREATE\n",                                           "+CIS ERROR:602",                                                 "+CME ERROR: 602"          },
    {"err-table=mtk",            CREATE ">AT+MIPLDELETE=1\n",                                         "+CME ERROR: 655",                                                "+CME ERROR: 653"          },
    {"discover-reactive",        OBJECT ">AT+MIPLDISCOVERRSP=0,3300,1,9,\"5700;5701\"\n",
     "+CME ERROR: 602",                                                                                                                                                 NULL                       },
    {"observe-inverted",         OBJECT OPEN,                                                         ",0,3300,0\r\n",                                                  ",1,3300,0\r\n"            },
    {"result-bc26",              TASK SOTA ">AT+MIPLEXECUTERSP=0,54077,1\n+1s\n",                     "+MIPLREAD:0,54078",
     "+CME ERROR: 601"                                                                                                                                                                             },
    {"update0=86400",            SOTA ">AT+MIPLUPDATE=0,0,0\n+1s\n",                                  "&lt=86400",                                                      NULL                       },
    {"update0=3600",             SOTA ">AT+MIPLUPDATE=0,0,0\n+1s\n",                                  "&lt=3600",                                                       NULL                       },
    {"write-tail=flag-index",    OBJECT OPEN "platform write 3300/0/5701 68656C6C6F\n+1s\n",
     "68656C6C6F,0,0\r\n",                                                                                                                                              "68656C6C6F,0\r\n"         },
    {"no-resume",                HALF,                                                                "26500=0",                                                        "26500=1024"               },
    {"auto-ack=0",               TASK SOTA,                                                           "+MIPLREAD:0,54078",                                              NULL                       },
    {"boot-banner=*MATREADY: 1", "+4s\n",                                                             "*MATREADY: 1",                                                   "*ATREADY: 1"              },
    {"boot-banner=+MATREADY",    "+4s\n",                                                             "+MATREADY",                                                      "*ATREADY: 1"              },
    {"cmrb=ok-only",             "+4s\n>AT+CMRB\n+10s\n",                                             NULL,                                                             "REBOOTING"                },
    {"cmrb=rebooting-only",      "+4s\n>AT+CMRB\n+10s\n",                                             NULL,                                                             "OK\r\n"                   },
    {"cmrb=silent",              "+4s\n>AT+CMRB\n+10s\n",                                             NULL,                                                             "OK\r\n\r\nREBOOTING"      },
    {"sotaver-nv",               CREATE ">AT+MIPLSOTAVER=\"test0\"\n>AT+CMRB\n+12s\n" CREATE OPEN,
     "with </3/0>,</4/0>,</5/0>",                                                                                                                                       "with no objects"          },
    {"fota-events-full",         MODULE,                                                              "+MIPLEVENT:0,48\r\n",                                            NULL                       },
    {"fota-words",               MODULE,                                                              "FIRMWARE DOWNLOADING\r\n",                                       "+MIPLEVENT:0,40\r\n"      },
};

/* What the modem said, then what the platform did, each of its records on a line. */
static void play(const char *script, const char *quirk, struct buf *out)
{
    struct golden_platform *platform;
    char *words = xstrdup(script), *at = words, *line;
    struct rig rig;

    rig_init(&rig, "m531x", NULL);
    platform = golden_platform_new(&rig.bench, "onenet");
    rig_quirk(&rig, "mid-script");
    if (quirk)
        rig_quirk(&rig, quirk);
    rig_start(&rig);
    while ((line = strsep(&at, "\n"))) {
        if (*line == '>') {
            rig_send(&rig, line + 1, strlen(line + 1));
            rig_send(&rig, "\r", 1);
        } else if (*line == '+') {
            rig_advance(&rig, line + 1);
        } else if (*line && !golden_platform_act(platform, line + strlen("platform "))) {
            fail_msg("the platform does not understand: %s", line);
        }
    }
    buf_add_text(out, rig_heard(&rig));
    for (uint64_t seq = trace_first(rig.trace); seq < trace_next(rig.trace); seq++) {
        const struct trace_record *record = trace_get(rig.trace, seq);

        if (record->kind == TRACE_CLOUD)
            buf_printf(out, "%s\n", record->data);
    }
    golden_platform_free(platform);
    rig_deinit(&rig);
    free(words);
}

static bool has(const struct buf *text, const char *part)
{
    return strstr(buf_text(text), part) != NULL;
}

static void test_each_quirk_changes_what_its_source_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct quirk_row *row = &rows[i];
        struct buf with = {0}, without = {0};

        play(row->script, row->quirk, &with);
        play(row->script, NULL, &without);
        if (row->with && !has(&with, row->with))
            fail_msg("%s: %s does not come:\n%s", row->quirk, row->with, with.data);
        if (row->with && has(&without, row->with))
            fail_msg("%s: %s comes without it:\n%s", row->quirk, row->with, without.data);
        if (row->without && has(&with, row->without))
            fail_msg("%s: %s comes with it:\n%s", row->quirk, row->without, with.data);
        if (row->without && !has(&without, row->without))
            fail_msg("%s: %s does not come without it:\n%s", row->quirk, row->without,
                     without.data);
        buf_deinit(&with);
        buf_deinit(&without);
    }
}

/* The number in the first line of that beginning. */
static long number_behind(const char *text, const char *prefix)
{
    const char *at = strstr(text, prefix);

    assert_non_null(at);
    return strtol(at + strlen(prefix), NULL, 10);
}

static long first_mid(const char *quirk)
{
    struct golden_platform *platform;
    char task[] = "task target=test000 size=2000";
    static const char *const commands[] = {"AT+MIPLCREATE\r", "AT+MIPLSOTAVER=\"test0\"\r",
                                           "AT+MIPLOPEN=0,600\r"};
    struct rig rig;
    long mid;

    rig_init(&rig, "m531x", NULL);
    platform = golden_platform_new(&rig.bench, "onenet");
    if (quirk)
        rig_quirk(&rig, quirk);
    rig_start(&rig);
    rig_advance(&rig, "8s");
    assert_true(golden_platform_act(platform, task));
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        rig_send(&rig, commands[i], strlen(commands[i]));
    rig_advance(&rig, "8s");
    mid = number_behind(rig_heard(&rig), "+MIPLEXECUTE:0,");
    golden_platform_free(platform);
    rig_deinit(&rig);
    return mid;
}

static void test_message_numbers_are_of_16_bits_or_more_or_the_guides(void **state)
{
    assert_in_range(first_mid(NULL), 1, 65535);
    assert_in_range(first_mid("mid32"), 65536, 200000);
    assert_int_equal(first_mid("mid-script"), 54077);
}

static void test_every_quirk_of_the_dialect_is_shown(void **state)
{
    struct rig rig;

    rig_init(&rig, "m531x", NULL);
    for (size_t i = 0; i < rig.modem->dialect->quirk_count; i++) {
        const char *name = rig.modem->dialect->quirks[i].name;
        bool is_shown = strcmp(name, "mid32") == 0 || strcmp(name, "mid-script") == 0;

        for (size_t j = 0; j < ARRAY_LEN(rows); j++)
            is_shown |= strcmp(rows[j].quirk, name) == 0;
        if (!is_shown)
            fail_msg("nothing shows the quirk %s", name);
    }
    rig_deinit(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_quirk_changes_what_its_source_says),
        cmocka_unit_test(test_message_numbers_are_of_16_bits_or_more_or_the_guides),
        cmocka_unit_test(test_every_quirk_of_the_dialect_is_shown),
    };

    return cmocka_run_group_tests_name("m531x-quirks", tests, NULL, NULL);
}
