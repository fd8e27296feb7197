/*
 * The actions: which there are, where each one fits, and what argument it takes.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/fault/fault_private.h"

#define ON_STEP     (1u << FAULT_STEP)
#define ON_BYTES    (1u << FAULT_BYTES)
#define ON_COMMAND  (1u << FAULT_COMMAND)
#define ON_REPLY    (1u << FAULT_REPLY)
#define ON_URC      (1u << FAULT_URC)
#define ON_MESSAGE  (1u << FAULT_MESSAGE)
#define ON_RESULT   (1u << FAULT_RESULT)
#define ON_ALL      ((1u << FAULT_CLASS_COUNT) - 1)
#define ON_DOWNLOAD (1u << 16) /* only where a name begins with "download." */
#define ON_HEAD     (1u << 17) /* only at download.head */

#define RATE_MAX   4000000
#define LENGTH_MAX (1 << 30)

typedef int (*read_argument_fn)(struct fault_reader *reader, const char *argument);

struct action_row {
    const char *name;
    enum fault_action action;
    unsigned places;
    read_argument_fn read; /* argument "" = none was given; NULL = none is taken */
};

static int read_policy(struct fault_reader *reader, const char *argument)
{
    static const char *const names[] = {"lost", "done", "torn", "garbled"};
    static const enum cut_policy policies[] = {CUT_LOST, CUT_DONE, CUT_TORN, CUT_GARBLED};

    if (!*argument)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], argument) == 0) {
            reader->fault->policy = policies[i];
            return 0;
        }
    }
    return fault_refuse(reader, "power_cut takes lost, done, torn or garbled, not \"%s\"",
                        argument);
}

static bool is_head(const struct fault_point *point)
{
    return strcmp(point->name, "download.head") == 0;
}

static int read_code(struct fault_reader *reader, const char *argument)
{
    bool is_status = is_head(reader->fault->point);

    if (!*argument)
        return 0;
    if (text_parse_int(argument, &reader->fault->code) < 0)
        return fault_refuse(reader, "fail takes a whole number, as in fail:10, not \"%s\"",
                            argument);
    if (is_status && (reader->fault->code < 100 || reader->fault->code > 599))
        return fault_refuse(reader, "fail at download.head takes an HTTP status, as in fail:404");
    return 0;
}

static int read_duration(struct fault_reader *reader, const char *argument)
{
    if (text_parse_duration(argument, &reader->fault->duration_us) < 0)
        return fault_refuse(reader, "%s needs a duration with its unit, as in 500ms, 20s or 2m",
                            fault_action_name(reader->fault->action));
    return 0;
}

static int refuse_latency(struct fault_reader *reader)
{
    return fault_refuse(reader, "delay needs a duration (2s), a range (1s..3s) or a start and what "
                                "each firing adds (1s+500ms)");
}

static int read_latency(struct fault_reader *reader, const char *argument)
{
    struct fault *fault = reader->fault;
    const char *range = strstr(argument, ".."), *plus = strchr(argument, '+');
    char first[FAULT_TEXT_MAX + 1];
    size_t len = range ? (size_t)(range - argument) : strcspn(argument, "+");

    if (range && plus)
        return refuse_latency(reader);
    memcpy(first, argument, len);
    first[len] = '\0';
    if (text_parse_duration(first, &fault->duration_us) < 0)
        return refuse_latency(reader);
    if (range && (text_parse_duration(range + 2, &fault->duration_max_us) < 0 ||
                  fault->duration_max_us < fault->duration_us))
        return refuse_latency(reader);
    if (plus && text_parse_duration(plus + 1, &fault->growth_us) < 0)
        return refuse_latency(reader);
    return 0;
}

static int read_brown_out(struct fault_reader *reader, const char *argument)
{
    reader->fault->policy = CUT_TORN;
    return read_duration(reader, argument);
}

/* An optional rate in baud. */
static int read_rate(struct fault_reader *reader, const char *argument)
{
    if (!*argument)
        return 0;
    if (text_parse_int(argument, &reader->fault->code) < 0 || reader->fault->code < 1 ||
        reader->fault->code > RATE_MAX)
        return fault_refuse(reader, "wrong_rate takes a rate in baud, as in wrong_rate:9600");
    return 0;
}

static int read_collision(struct fault_reader *reader, const char *argument)
{
    static const char *const names[] = {
        [COLLIDE_BEFORE] = "before",
        [COLLIDE_INSIDE] = "inside",
        [COLLIDE_SPLIT] = "split",
        [COLLIDE_BEHIND] = "behind",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], argument) == 0) {
            reader->fault->code = (long long)i;
            return 0;
        }
    }
    return fault_refuse(reader, "collide takes before, inside, split or behind");
}

static int read_slice(struct fault_reader *reader, const char *argument)
{
    long long len;

    if (text_parse_int(argument, &len) < 0 || len < 1 || len > FAULT_GARBLE_MAX)
        return fault_refuse(reader, "slice needs a number of bytes from 1 to %d, as in slice:3",
                            FAULT_GARBLE_MAX);
    reader->fault->slice_len = (uint64_t)len;
    return 0;
}

static int read_length(struct fault_reader *reader, const char *argument)
{
    const char *digits = argument + (argument[0] == '+');

    if (text_parse_int(digits, &reader->fault->code) < 0 || reader->fault->code == 0 ||
        reader->fault->code > LENGTH_MAX || reader->fault->code < -LENGTH_MAX)
        return fault_refuse(reader, "length needs the bytes to add or take away, as in length:-100 "
                                    "or length:+100");
    return 0;
}

static int read_slow(struct fault_reader *reader, const char *argument)
{
    uint64_t rate;

    if (text_parse_size(argument, &rate) < 0 || rate == 0 || rate > LENGTH_MAX)
        return fault_refuse(reader, "slow needs the bytes a second, as in slow:512 or slow:2k");
    reader->fault->code = (long long)rate;
    return 0;
}

static int read_bit(struct fault_reader *reader, const char *argument)
{
    if (argument[0] < '0' || argument[0] > '7' || argument[1])
        return fault_refuse(reader, "flip needs the number of a bit from 0 to 7, as in flip:5");
    reader->fault->bit = (unsigned)(argument[0] - '0');
    return 0;
}

static int read_insert(struct fault_reader *reader, const char *argument)
{
    if (*argument != '"')
        return fault_refuse(reader, "insert needs a text in quotes, as in insert:\"RING\"");
    reader->at = argument + 1;
    if (fault_read_quoted(reader, reader->fault->insert, FAULT_TEXT_MAX,
                          &reader->fault->insert_len) < 0)
        return -EINVAL;
    if (*reader->at)
        return fault_refuse(reader, "\"%s\" is left over after the text of insert", reader->at);
    return 0;
}

static int read_garble(struct fault_reader *reader, const char *argument)
{
    long long len;

    if (text_parse_int(argument, &len) < 0 || len < 1 || len > FAULT_GARBLE_MAX)
        return fault_refuse(reader, "garble needs a number of bytes from 1 to %d, as in garble:16",
                            FAULT_GARBLE_MAX);
    reader->fault->garble_len = (uint64_t)len;
    return 0;
}

static const struct action_row actions[] = {
    {"power_cut",   FAULT_POWER_CUT,   ON_ALL,                                                read_policy   },
    {"brown_out",   FAULT_BROWN_OUT,   ON_ALL,                                                read_brown_out},
    {"reset",       FAULT_RESET,       ON_ALL,                                                NULL          },
    {"hang",        FAULT_HANG,        ON_ALL,                                                NULL          },
    {"fail",        FAULT_FAIL,        ON_STEP | ON_COMMAND | ON_REPLY | ON_RESULT,           read_code     },
    {"delay",       FAULT_DELAY,       ON_STEP | ON_COMMAND | ON_REPLY | ON_URC,              read_latency  },
    {"silence",     FAULT_SILENCE,     ON_COMMAND | ON_REPLY,                                 NULL          },
    {"double_echo", FAULT_DOUBLE_ECHO, ON_COMMAND,                                            NULL          },
    {"wrong_rate",  FAULT_WRONG_RATE,  ON_COMMAND,                                            read_rate     },
    {"lose_rate",   FAULT_LOSE_RATE,   ON_COMMAND,                                            NULL          },
    {"lost",        FAULT_LOST,        ON_URC | ON_MESSAGE | ON_RESULT,                       NULL          },
    {"collide",     FAULT_COLLIDE,     ON_URC,                                                read_collision},
    {"lie",         FAULT_LIE,         ON_RESULT,                                             NULL          },
    {"early",       FAULT_EARLY,       ON_RESULT,                                             NULL          },
    {"flip",        FAULT_FLIP,        ON_BYTES,                                              read_bit      },
    {"drop",        FAULT_DROP,        ON_BYTES,                                              NULL          },
    {"insert",      FAULT_INSERT,      ON_BYTES,                                              read_insert   },
    {"dup",         FAULT_DUP,         ON_BYTES | ON_REPLY | ON_URC | ON_MESSAGE | ON_RESULT, NULL          },
    {"truncate",    FAULT_TRUNCATE,    ON_BYTES,                                              NULL          },
    {"garble",      FAULT_GARBLE,      ON_BYTES,                                              read_garble   },
    {"stall",       FAULT_STALL,       ON_BYTES,                                              read_duration },
    {"slice",       FAULT_SLICE,       ON_BYTES,                                              read_slice    },
    {"reset_link",  FAULT_RESET_LINK,  ON_STEP | ON_BYTES | ON_DOWNLOAD,                      NULL          },
    {"length",      FAULT_LENGTH,      ON_STEP | ON_HEAD,                                     read_length   },
    {"slow",        FAULT_SLOW,        ON_BYTES | ON_DOWNLOAD,                                read_slow     },
};

const char *fault_action_name(enum fault_action action)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (actions[i].action == action)
            return actions[i].name;
    }
    return "none";
}

bool fault_takes_power(enum fault_action action)
{
    return action == FAULT_POWER_CUT || action == FAULT_BROWN_OUT || action == FAULT_RESET ||
           action == FAULT_HANG;
}

static bool fits(const struct action_row *row, const struct fault_point *point)
{
    if (!(row->places & (1u << point->point_class)))
        return false;
    if ((row->places & ON_HEAD) && !is_head(point))
        return false;
    return !(row->places & ON_DOWNLOAD) || fault_point_is_download(point);
}

static int refuse_misfit(struct fault_reader *reader, const struct action_row *row)
{
    const struct fault *fault = reader->fault;
    struct buf fitting = {0};

    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (fits(&actions[i], fault->point))
            buf_printf(&fitting, "%s%s", fitting.len ? ", " : "", actions[i].name);
    }
    fault_refuse(reader, "action \"%s\" does not fit the %s point \"%s\"; it takes %s", row->name,
                 fault_class_name(fault->point->point_class), fault->name, buf_text(&fitting));
    buf_deinit(&fitting);
    return -EINVAL;
}

static int refuse_unknown(struct fault_reader *reader, const char *name)
{
    const char *names[ARRAY_LEN(actions)];
    const char *nearest;

    if (!*name)
        return fault_refuse(reader, "the action after \"=\" is missing");
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        names[i] = actions[i].name;
    nearest = text_nearest(name, names, ARRAY_LEN(actions));
    if (nearest)
        return fault_refuse(reader, "no action \"%s\"; did you mean \"%s\"?", name, nearest);
    return fault_refuse(
        reader, "no action \"%s\"; actions are power_cut, reset, fail, delay, flip ...", name);
}

int fault_read_action(struct fault_reader *reader)
{
    const struct action_row *row = NULL;
    size_t len = strcspn(reader->at, ":");
    bool has_argument = reader->at[len] == ':';
    const char *argument = has_argument ? reader->at + len + 1 : "";
    char name[FAULT_TEXT_MAX + 1];

    memcpy(name, reader->at, len);
    name[len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcmp(actions[i].name, name) == 0)
            row = &actions[i];
    }
    if (!row)
        return refuse_unknown(reader, name);
    if (!fits(row, reader->fault->point))
        return refuse_misfit(reader, row);
    reader->fault->action = row->action;
    if (has_argument && !*argument)
        return fault_refuse(reader, "nothing follows \"%s:\"", row->name);
    if (has_argument && !row->read)
        return fault_refuse(reader, "%s takes no argument, but \"%s\" follows", row->name,
                            argument);
    return row->read ? row->read(reader, argument) : 0;
}
