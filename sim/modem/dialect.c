/* SPDX-License-Identifier: MIT */
#include "sim/modem/dialect.h"

#include <ctype.h>
#include <string.h>

const struct dialect *dialect_of_lines(const struct dialect *dialect)
{
    while (dialect->line_count == 0 && dialect->base)
        dialect = dialect->base;
    return dialect;
}

const struct dialect *dialect_of_slots(const struct dialect *dialect)
{
    while (dialect->slot_count == 0 && dialect->base)
        dialect = dialect->base;
    return dialect;
}

const struct at_cmd *dialect_command(const struct dialect *dialect, const char *name)
{
    for (; dialect; dialect = dialect->base) {
        for (size_t i = 0; i < dialect->cmd_count; i++) {
            if (strcmp(dialect->cmds[i].name, name) == 0)
                return &dialect->cmds[i];
        }
    }
    return NULL;
}

void dialect_member_name(const char *command, char *out, size_t size_bytes)
{
    size_t len = 0;

    while (*command && !isalnum((unsigned char)*command))
        command++;
    for (; *command && len + 1 < size_bytes; command++)
        out[len++] = (char)tolower((unsigned char)*command);
    out[len] = '\0';
}

bool dialect_has_member(const struct dialect *dialect, const char *member)
{
    char name[AT_NAME_MAX + 1];

    for (; dialect; dialect = dialect->base) {
        for (size_t i = 0; i < dialect->cmd_count; i++) {
            dialect_member_name(dialect->cmds[i].name, name, sizeof(name));
            if (strcmp(name, member) == 0)
                return true;
        }
    }
    return false;
}
