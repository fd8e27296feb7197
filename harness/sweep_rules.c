/*
 * What can go wrong at points of each class, and what the host may do about it.
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "harness/sweep_private.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/dialect/registry.h"
#include "sim/modem/dialect.h"

enum sweep_kind_id {
    POWER,
    BROWN,
    URC,
    REPLY,
    RATE,
    LINE,
    LINK,
    LIE,
    RESET,
    HANG,
    LOOP,
    BAUD,
    KIND_COUNT
};

const struct sweep_kind sweep_kinds[] = {
    [POWER] = {"power", true,  "the power goes: at every point, before, in and after each write"},
    [BROWN] = {"brown", true,  "the supply dips for two seconds"                                },
    [URC] = {"urc",   true,  "a URC is lost, doubled, split, or meets a reply"                },
    [REPLY] = {"reply", true,  "a command or its reply is lost, late, doubled or refused"       },
    [RATE] = {"rate",  true,  "the UART forgets or changes its rate, the echo is doubled"      },
    [LINE] = {"line",  true,  "bytes on the line are changed, lost, late or cut in pieces"     },
    [LINK] = {"link",  true,  "the network and the download fail, break, stall or are damaged" },
    [LIE] = {"lie",   true,  "the upgrade's result is wrong, missing, doubled, early or bad"  },
    [RESET] = {"reset", false, "the modem restarts by itself"                                   },
    [HANG] = {"hang",  false, "the modem stops, until its power is cut"                        },
    [LOOP] = {"loop",  false, "the modem restarts three times in a row while it boots"         },
    [BAUD] = {"baud",  false, "the UART changes its rate until the next start"                 },
};
const size_t sweep_kind_count = ARRAY_LEN(sweep_kinds);

/* Everything in a row that is not honest, the host has to get over. */
const struct sweep_rule sweep_rules[] = {
    {POWER, FAULT_STEP,    FAULT_ANY,    NULL,            5, "",   "power_cut",      false},
    {POWER, FAULT_MARK,    FAULT_ANY,    NULL,            5, "",   "power_cut",      false},
    {POWER, FAULT_COMMAND, FAULT_ANY,    NULL,            3, "",   "power_cut",      false},
    {POWER, FAULT_REPLY,   FAULT_ANY,    NULL,            3, "",   "power_cut",      false},
    {POWER, FAULT_URC,     FAULT_ANY,    NULL,            5, "",   "power_cut",      false},
    {POWER, FAULT_MESSAGE, FAULT_ANY,    NULL,            5, "",   "power_cut",      false},
    {POWER, FAULT_RESULT,  FAULT_ANY,    NULL,            5, "",   "power_cut",      false},
    {POWER, FAULT_WRITE,   FAULT_BEFORE, NULL,            5, "",   "power_cut:lost", false},
    {POWER, FAULT_WRITE,   FAULT_MID,    NULL,            5, "",   "power_cut:torn", false},
    {POWER, FAULT_WRITE,   FAULT_AFTER,  NULL,            5, "",   "power_cut:done", false},
    {POWER, FAULT_BYTES,   FAULT_ANY,    NULL,            4, "",   "power_cut",      false},
    {BROWN, FAULT_STEP,    FAULT_ANY,    NULL,            2, "",   "brown_out:2s",   false},
    {BROWN, FAULT_MARK,    FAULT_ANY,    NULL,            2, "",   "brown_out:2s",   false},
    {BROWN, FAULT_WRITE,   FAULT_MID,    NULL,            2, "",   "brown_out:2s",   false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "lost",           false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "dup",            false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "delay:5s",       false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "collide:before", false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "collide:inside", false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "collide:split",  false},
    {URC,   FAULT_URC,     FAULT_ANY,    NULL,            2, "",   "collide:behind", false},
    {URC,   FAULT_MESSAGE, FAULT_ANY,    NULL,            2, "",   "lost",           false},
    {URC,   FAULT_MESSAGE, FAULT_ANY,    NULL,            2, "",   "dup",            false},
    {REPLY, FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "silence",        false},
    {REPLY, FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "fail",           false},
    {REPLY, FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "delay:3s",       false},
    {REPLY, FAULT_REPLY,   FAULT_ANY,    NULL,            1, "",   "silence",        false},
    {REPLY, FAULT_REPLY,   FAULT_ANY,    NULL,            1, "",   "fail",           false},
    {REPLY, FAULT_REPLY,   FAULT_ANY,    NULL,            1, "",   "dup",            false},
    {REPLY, FAULT_REPLY,   FAULT_ANY,    NULL,            1, "",   "delay:3s",       false},
    {RATE,  FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "lose_rate",      false},
    {RATE,  FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "double_echo",    false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         6, "",   "flip:3",         false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         6, "",   "drop",           false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         6, "",   "dup",            false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         6, "",   "garble:8",       false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         2, "",   "stall:3s",       false},
    {LINE,  FAULT_BYTES,   FAULT_ANY,    "line.",         2, "",   "slice:1",        false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "net.",          1, "",   "delay:20s",      false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.",     1, "",   "delay:20s",      false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "net.dns",       1, "",   "fail",           false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.",     1, "",   "reset_link",     false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.con",  1, "",   "fail",           false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.head", 1, "",   "fail:503",       false},
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.head", 1, "*0", "fail:404",       true },
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.head", 1, "",   "length:-1000",   true },
    {LINK,  FAULT_STEP,    FAULT_ANY,    "download.head", 1, "",   "length:+1000",   true },
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     3, "",   "reset_link",     false},
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     1, "",   "stall:30s",      false},
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     1, "",   "slow:1k",        false},
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     1, "",   "slice:100",      false},
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     3, "",   "truncate",       true },
    {LINK,  FAULT_BYTES,   FAULT_ANY,    "download.",     3, "",   "flip:0",         true },
    {LIE,   FAULT_RESULT,  FAULT_ANY,    NULL,            1, "",   "lie",            true },
    {LIE,   FAULT_RESULT,  FAULT_ANY,    NULL,            1, "",   "lost",           false},
    {LIE,   FAULT_RESULT,  FAULT_ANY,    NULL,            1, "",   "dup",            false},
    {LIE,   FAULT_RESULT,  FAULT_ANY,    NULL,            1, "",   "early",          false},
    {LIE,   FAULT_RESULT,  FAULT_ANY,    NULL,            1, "*0", "fail:CODE",      true },
    {RESET, FAULT_STEP,    FAULT_ANY,    NULL,            5, "",   "reset",          false},
    {RESET, FAULT_MARK,    FAULT_ANY,    NULL,            5, "",   "reset",          false},
    {RESET, FAULT_COMMAND, FAULT_ANY,    NULL,            3, "",   "reset",          false},
    {RESET, FAULT_WRITE,   FAULT_MID,    NULL,            5, "",   "reset",          false},
    {HANG,  FAULT_STEP,    FAULT_ANY,    NULL,            5, "",   "hang",           false},
    {HANG,  FAULT_MARK,    FAULT_ANY,    NULL,            5, "",   "hang",           false},
    {HANG,  FAULT_COMMAND, FAULT_ANY,    NULL,            3, "",   "hang",           false},
    {LOOP,  FAULT_STEP,    FAULT_ANY,    "boot.step",     1, "*3", "reset",          false},
    {BAUD,  FAULT_COMMAND, FAULT_ANY,    NULL,            1, "",   "wrong_rate",     true },
};
const size_t sweep_rule_count = ARRAY_LEN(sweep_rules);

/* "flash" fits flash.erase, "at.csq" only itself. */
bool sweep_name_begins(const char *name, const char *word)
{
    size_t len = strlen(word);

    return strncmp(name, word, len) == 0 &&
           (name[len] == '\0' || name[len] == '.' || (len > 0 && word[len - 1] == '.'));
}

/* ---- names ---- */

static void add_points(struct names *names, const struct fault_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        names_add(names, points[i].name);
}

bool sweep_knows(const char *word, struct buf *error_out)
{
    struct names names = {0};
    const struct dialect *dialect;
    bool is_known = false;

    for (size_t i = 0; i < sweep_kind_count; i++)
        names_add(&names, sweep_kinds[i].name);
    add_points(&names, fault_points, FAULT_POINT_COUNT);
    for (size_t i = 0; (dialect = dialect_at(i)); i++)
        add_points(&names, dialect->points, dialect->point_count);
    for (size_t i = 0; i < names.count && !is_known; i++) {
        const char *name = names.items[i];
        size_t stem = strlen(name);

        is_known = sweep_name_begins(name, word);
        if (stem > 2 && name[stem - 1] == '*') /* a family: "at.csq" */
            is_known |= strncmp(name, word, stem - 1) == 0;
    }
    if (!is_known) {
        buf_printf(error_out, "no kind of trial and no point \"%s\"", word);
        names_suggest(&names, word, "", error_out);
    }
    names_deinit(&names);
    return is_known;
}
