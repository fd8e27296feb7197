/*
 * The text form of faults: what is taken, and what a mistake is told.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"

static const struct fault_point dialect_points[] = {
    {"bc26.fota.update", FAULT_STEP, "one percent of the update is done"},
};

static bool is_member(void *arg, const struct fault_point *family, const char *member)
{
    static const char *const members[] = {"csq", "cgatt", "qfotadl"};

    assert_string_equal(family->name, "at.*");
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        if (strcmp(members[i], member) == 0)
            return true;
    }
    return false;
}

static struct fault_plan *new_plan(void)
{
    struct rng seed;
    struct fault_plan *plan;

    rng_init(&seed, 1);
    plan = fault_plan_new(&seed, NULL, "m0");
    fault_plan_know(plan, dialect_points, ARRAY_LEN(dialect_points));
    fault_plan_check_members(plan, is_member, NULL);
    return plan;
}

static void test_every_trigger_and_action_is_taken(void **state)
{
    static const char *const texts[] = {
        "bc26.fota.update@37%=power_cut",
        "line.tx@\"+CSQ:\"=flip:5",
        "download.body@4096=stall:20s",
        "download.body@50%=reset_link",
        "download.connect=reset_link",
        "download.head=fail:404",
        "flash.program#37/mid=power_cut:torn",
        "flash.erase/before=reset",
        "nv.commit/after*0=power_cut:garbled",
        "at.csq~0.1*3=fail:10",
        "at.cgatt=delay:40s",
        "at.*#2=hang",
        "at.*~0.01*0=fail",
        "urc@\"+CEREG\"#2=power_cut:done",
        "boot.step@3=power_cut:lost",
        "line.rx@\"AT\\r\\n\\t\\\"\\\\\\x1a\"=drop",
        "line.tx@\"OK\"=insert:\"RING\\r\\n\"",
        "line.tx@10@\"=\"=dup",
        "line.rx@3=truncate",
        "download.body@100=garble:16",
    };
    struct fault_plan *plan = new_plan();

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buf error = {0};
        size_t index;
        int r = fault_plan_add(plan, texts[i], &index, &error);

        assert_string_equal(buf_text(&error), "");
        assert_int_equal(r, 0);
        assert_int_equal(index, i);
        assert_string_equal(fault_plan_status(plan, i).text, texts[i]);
        buf_deinit(&error);
    }
    fault_plan_free(plan);
}

struct mistake {
    const char *text;
    const char *message;
};

static const struct mistake mistakes[] = {
    {"bc26.fota.updat@37%=power_cut",
     "no point \"bc26.fota.updat\"; did you mean \"bc26.fota.update\"?"                                       },
    {"flsh.program=power_cut",        "no point \"flsh.program\"; did you mean \"flash.program\"?"            },
    {"moon.phase=power_cut",          "no point \"moon.phase\"; \"hayeswire list points\" shows them all"     },
    {"at.cqs=fail",                   "no point \"at.cqs\"; did you mean \"at.csq\"?"                         },
    {"at.CSQ=fail",                   "no point \"at.CSQ\"; did you mean \"at.csq\"?"                         },
    {"at.qfotdl=fail",                "no point \"at.qfotdl\"; did you mean \"at.qfotadl\"?"                  },
    {"at.cgattt=fail",                "no point \"at.cgattt\"; did you mean \"at.cgatt\"?"                    },
    {"=power_cut",                    "it must begin with the name of a point"                                },
    {"",                              "it must begin with the name of a point"                                },
    {"at.csq=power_ctu",              "no action \"power_ctu\"; did you mean \"power_cut\"?"                  },
    {"at.csq=",                       "the action after \"=\" is missing"                                     },
    {"at.csq#2",                      "\"=\" and an action are missing, as in at.csq=power_cut"               },
    {"at.csq#0=fail",                 "\"#\" needs the number of a hit from 1 on, as in #3"                   },
    {"at.csq#x=fail",                 "\"#\" needs the number of a hit from 1 on, as in #3"                   },
    {"at.csq#2#3=fail",               "the number of the hit is given twice"                                  },
    {"at.csq*2*3=fail",               "the number of times is given twice"                                    },
    {"at.csq#1x=fail",                "\"x=fail\" is no trigger; triggers begin with # @ / ~ or *"            },
    {"at.csq@101%=fail",              "\"@101%\" is more than 100%"                                           },
    {"at.csq@=fail",                  "\"@\" needs an amount, a percentage or a text in quotes, as in @4096, @37% "
                     "or @\"OK\""                                                         },
    {"line.tx@5%=drop",               "\"@5%\" does not fit the BYTES point \"line.tx\", whose stream has no "
                        "end; use @n or @\"text\""                                     },
    {"at.csq/mid=fail",
     "\"/mid\" does not fit the COMMAND point \"at.csq\"; only WRITE has phases"                              },
    {"nv.commit/middle=reset",        "no phase \"/middle\"; there are /before, /mid and /after"              },
    {"at.csq~2=fail",                 "\"~\" needs a probability above 0 and up to 1, as in ~0.1"             },
    {"at.csq~0=fail",                 "\"~\" needs a probability above 0 and up to 1, as in ~0.1"             },
    {"at.csq~nan=fail",               "\"~\" needs a probability above 0 and up to 1, as in ~0.1"             },
    {"at.csq*x=fail",                 "\"*\" needs a number of times up to 1000000000, as in *3 (*0 = always)"},
    {"line.tx@\"\"=drop",             "the text in quotes is empty"                                           },
    {"line.tx@\"OK=drop",             "the closing quote is missing"                                          },
    {"line.tx@\"\\q\"=drop",          "unknown escape \"\\q\"; known are \\r \\n \\t \\\" \\\\ \\xNN"         },
    {"line.tx@\"\\x1\"=drop",         "unknown escape \"\\x\"; known are \\r \\n \\t \\\" \\\\ \\xNN"         },
    {"line.tx=flip",                  "flip needs the number of a bit from 0 to 7, as in flip:5"              },
    {"line.tx=flip:8",                "flip needs the number of a bit from 0 to 7, as in flip:5"              },
    {"line.tx=flip:",                 "nothing follows \"flip:\""                                             },
    {"line.tx=drop:3",                "drop takes no argument, but \"3\" follows"                             },
    {"line.tx=garble:0",              "garble needs a number of bytes from 1 to 1048576, as in garble:16"     },
    {"line.tx=insert:RING",           "insert needs a text in quotes, as in insert:\"RING\""                  },
    {"line.tx=insert:\"RING\"x",      "\"x\" is left over after the text of insert"                           },
    {"line.tx=stall:20",              "stall needs a duration with its unit, as in 500ms, 20s or 2m"          },
    {"at.csq=delay",                  "delay needs a duration (2s), a range (1s..3s) or a start and "
                     "what each firing adds (1s+500ms)"                                   },
    {"at.csq=fail:ten",               "fail takes a whole number, as in fail:10, not \"ten\""                 },
    {"download.head=fail:1",          "fail at download.head takes an HTTP status, as in fail:404"            },
    {"at.csq=power_cut:half",         "power_cut takes lost, done, torn or garbled, not \"half\""             },
};

static void test_a_mistake_names_the_part_and_the_nearest_spelling(void **state)
{
    struct fault_plan *plan = new_plan();

    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct buf error = {0}, wanted = {0};

        buf_printf(&wanted, "fault \"%s\": %s", mistakes[i].text, mistakes[i].message);
        assert_int_equal(fault_plan_add(plan, mistakes[i].text, NULL, &error), -EINVAL);
        assert_string_equal(buf_text(&error), buf_text(&wanted));
        buf_deinit(&error);
        buf_deinit(&wanted);
    }
    assert_int_equal(fault_plan_count(plan), 0);
    fault_plan_free(plan);
}

static void test_a_message_stays_on_one_line(void **state)
{
    struct fault_plan *plan = new_plan();
    struct buf error = {0};

    assert_int_equal(fault_plan_add(plan, "line.tx@\"A\r\n\"=flop", NULL, &error), -EINVAL);
    assert_string_equal(
        buf_text(&error),
        "fault \"line.tx@\"A\\r\\n\"=flop\": no action \"flop\"; did you mean \"flip\"?");
    buf_deinit(&error);
    assert_int_equal(fault_plan_add(plan, "what", NULL, NULL), -EINVAL);
    fault_plan_free(plan);
}

/* `head`, then so many x, then `tail`. */
static int add_long(struct fault_plan *plan, const char *head, size_t len, const char *tail)
{
    struct buf text = {0};
    int r;

    buf_add_text(&text, head);
    for (size_t i = 0; i < len; i++)
        buf_add_char(&text, 'x');
    buf_add_text(&text, tail);
    r = fault_plan_add(plan, buf_text(&text), NULL, NULL);
    buf_deinit(&text);
    return r;
}

static void test_texts_have_a_maximum(void **state)
{
    struct fault_plan *plan = new_plan();
    size_t frame = strlen("line.tx=insert:\"\"");

    assert_int_equal(add_long(plan, "line.tx@\"", FAULT_MATCH_MAX, "\"=drop"), 0);
    assert_int_equal(add_long(plan, "line.tx@\"", FAULT_MATCH_MAX + 1, "\"=drop"), -EINVAL);
    assert_int_equal(add_long(plan, "line.tx=insert:\"", FAULT_TEXT_MAX - frame, "\""), 0);
    assert_int_equal(add_long(plan, "line.tx=insert:\"", FAULT_TEXT_MAX - frame + 1, "\""),
                     -EINVAL);
    assert_int_equal(add_long(plan, "at.", FAULT_TEXT_MAX - 3, ""), -EINVAL);
    assert_int_equal(add_long(plan, "", 100000, ""), -EINVAL);
    fault_plan_free(plan);
}

static void test_a_full_plan_takes_no_more(void **state)
{
    struct fault_plan *plan = new_plan();
    struct buf error = {0};

    for (size_t i = 0; i < FAULT_PLAN_MAX; i++)
        assert_int_equal(fault_plan_add(plan, "at.csq=fail", NULL, &error), 0);
    assert_int_equal(fault_plan_add(plan, "at.csq=fail", NULL, &error), -ENOSPC);
    assert_string_equal(buf_text(&error),
                        "fault \"at.csq=fail\": 64 faults are armed already, which is the limit");
    fault_plan_clear(plan);
    assert_int_equal(fault_plan_add(plan, "at.csq=fail", NULL, NULL), 0);
    buf_deinit(&error);
    fault_plan_free(plan);
}

/* Each member is accepted while nobody knows the commands, but only spelt as members are. */
static void test_without_a_list_of_members_any_lower_case_member_is_taken(void **state)
{
    struct fault_plan *plan = new_plan();
    struct buf error = {0};

    fault_plan_check_members(plan, NULL, NULL);
    assert_int_equal(fault_plan_add(plan, "at.anything=fail", NULL, &error), 0);
    assert_int_equal(fault_plan_add(plan, "at.CSQ=fail", NULL, &error), -EINVAL);
    assert_non_null(strstr(buf_text(&error), "did you mean \"at.csq\"?"));
    assert_int_equal(fault_plan_add(plan, "at.=fail", NULL, NULL), -EINVAL);
    buf_deinit(&error);
    fault_plan_free(plan);
}

/* Whatever the text, reading it neither crashes nor runs over an end. */
static void test_mangled_texts_are_refused_or_taken_in_peace(void **state)
{
    static const char alphabet[] = "at.csq*#@/~=:\"\\0123%xline.tpower_cut";
    struct rng rng;

    rng_init(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        struct fault_plan *plan = new_plan();
        char text[FAULT_TEXT_MAX + 20];
        size_t len = rng_below(&rng, i % 50 ? 30 : sizeof(text) - 1);
        const char *base = mistakes[rng_below(&rng, ARRAY_LEN(mistakes))].text;

        memset(text, 0, sizeof(text));
        strncpy(text, base, rng_below(&rng, strlen(base) + 1));
        while (strlen(text) < len)
            text[strlen(text)] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
        fault_plan_add(plan, text, NULL, NULL);
        fault_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_trigger_and_action_is_taken),
        cmocka_unit_test(test_a_mistake_names_the_part_and_the_nearest_spelling),
        cmocka_unit_test(test_a_message_stays_on_one_line),
        cmocka_unit_test(test_texts_have_a_maximum),
        cmocka_unit_test(test_a_full_plan_takes_no_more),
        cmocka_unit_test(test_without_a_list_of_members_any_lower_case_member_is_taken),
        cmocka_unit_test(test_mangled_texts_are_refused_or_taken_in_peace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
