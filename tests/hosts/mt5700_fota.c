/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mt5700_fota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* Behind the next comma, or NULL. */
static const char *next_field(const char *text)
{
    const char *comma = strchr(text, ',');

    return comma ? skip_blanks(comma + 1) : NULL;
}

static void take_offer(const char *field, struct fota_state *state)
{
    size_t len = strcspn(field, ",");

    snprintf(state->version, sizeof(state->version), "%.*s", (int)len, field);
    field = next_field(field);
    if (field)
        state->size_bytes = strtoll(field, NULL, 10);
}

bool fota_parse(const char *line, struct fota_state *state_out)
{
    static const char name[] = "^FOTASTATE:";
    const char *field;
    char *end;

    if (strncmp(line, name, sizeof(name) - 1) != 0)
        return false;
    line = skip_blanks(line + sizeof(name) - 1);
    *state_out = (struct fota_state){.code = (int)strtol(line, &end, 10)};
    if (end == line)
        return false;
    field = next_field(end);
    if (field && state_out->code == FOTA_FOUND)
        take_offer(field, state_out);
    else if (field)
        state_out->error = atoi(field);
    return true;
}

const char *fota_advice(int code, int error)
{
    if (code == FOTA_QUERY_FAILED && error == 13)
        return "the server can not be reached: look at the network";
    if (code == FOTA_QUERY_FAILED)
        return "no file from the server: look at URL, port and certificates";
    switch (code) {
    case FOTA_UP_TO_DATE:
        return "the server has no newer version: look at its files";
    case FOTA_DOWNLOAD_FAILED:
        return "the download failed: look at network and storage";
    case FOTA_FAILED_70:
    case FOTA_FAILED_80:
        return "the upgrade failed";
    default:
        return "no trouble";
    }
}
