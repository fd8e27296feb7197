/* SPDX-License-Identifier: MIT */
#include "tests/hosts/air720_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct code_row {
    int code;
    const char *text;
};

static const struct code_row errors[] = {
    {-1000, "the URL is invalid"          },
    {-1001, "network error"               },
    {-1002, "no connection to the server" },
    {-1003, "the firmware is invalid"     },
    {-1004, "the server's answer is wrong"},
    {-1005, "the firmware can not be kept"},
    {-1006, "another error"               },
};

static const struct code_row causes[] = {
    {3,  "the service does not know the device"               },
    {17, "no permission"                                      },
    {21, "this version may not be upgraded from"              },
    {25, "the service does not know the project"              },
    {26, "the service does not know the firmware"             },
    {27, "this is the latest version, or none is released yet"},
    {40, "asked too often today"                              },
    {43, "the package is being made, try again soon"          },
    {44, "the service lacks the package to start from"        },
};

static const char *find(const struct code_row *rows, size_t count, int code)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].code == code)
            return rows[i].text;
    }
    return NULL;
}

const char *air720_error_text(int error)
{
    return find(errors, sizeof(errors) / sizeof(errors[0]), error);
}

const char *air720_cause_text(int cause)
{
    return find(causes, sizeof(causes) / sizeof(causes[0]), cause);
}

/* Return: what stands behind the prefix and blanks, or NULL. */
static const char *after(const char *line, const char *prefix)
{
    size_t len = strlen(prefix);

    if (strncmp(line, prefix, len) != 0)
        return NULL;
    return line + len + strspn(line + len, " ");
}

static bool parse_version(const char *text, struct air720_line *line_out)
{
    size_t len;

    if (text[0] != '"') {
        line_out->word = AIR720_REPORTED;
        line_out->number = atoi(text);
        return true;
    }
    len = strcspn(text + 1, "\"");
    if (len >= sizeof(line_out->version))
        return false;
    line_out->word = AIR720_VERSION;
    memcpy(line_out->version, text + 1, len);
    line_out->version[len] = '\0';
    return true;
}

bool air720_parse(const char *line, struct air720_line *line_out)
{
    /* Two spellings of the guide, two of other firmware (the last two rows). */
    static const struct {
        const char *prefix;
        enum air720_word word;
    } rows[] = {
        {"+UPGRADEIND:",                  AIR720_PROGRESS},
        {"+UPGRADEDL:",                   AIR720_FLASHING},
        {"+UPGRADDL:",                    AIR720_FLASHING},
        {"+UPGRADE:",                     AIR720_PROGRESS},
        {"+QIND: \"FOTA\",\"UPDATING\",", AIR720_FLASHING},
    };
    const char *rest;

    *line_out = (struct air720_line){0};
    if (strcmp(line, "RDY") == 0) {
        line_out->word = AIR720_READY;
        return true;
    }
    rest = after(line, "+UPGRADEVER:");
    if (rest)
        return parse_version(rest, line_out);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rest = after(line, rows[i].prefix);
        if (!rest)
            continue;
        line_out->word = rows[i].word;
        line_out->number = atoi(rest);
        if (line_out->number < 0)
            line_out->word = AIR720_ERROR;
        return true;
    }
    return false;
}

bool air720_parse_answer(const char *line, struct air720_answer *answer_out)
{
    const char *rest = after(line, "+UPGRADE:");

    *answer_out = (struct air720_answer){0};
    return rest && sscanf(rest, "%d,%d,%d,%d", &answer_out->state, &answer_out->error,
                          &answer_out->http, &answer_out->cause) >= 1;
}
