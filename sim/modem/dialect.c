/* SPDX-License-Identifier: MIT */
#include "sim/modem/dialect.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define SETTING_NAME_MAX 47

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

/* ---- what a server offers ---- */

static int unknown_setting(const struct dialect *dialect, const char *name, struct buf *error_out)
{
    const char **names = xcalloc(dialect->package_option_count + 1, sizeof(*names));
    const char *nearest;

    for (size_t i = 0; i < dialect->package_option_count; i++)
        names[i] = dialect->package_options[i].name;
    nearest = text_nearest(name, names, dialect->package_option_count);
    buf_printf(error_out, "a package of %s has no setting \"%s\"", dialect->name, name);
    if (nearest)
        buf_printf(error_out, "; did you mean \"%s\"?", nearest);
    free(names);
    return -EINVAL;
}

static int apply_setting(const struct dialect *dialect, struct option_value *values,
                         const char *setting, struct buf *error_out)
{
    const char *equals = strchr(setting, '=');
    char name[SETTING_NAME_MAX + 1];

    if (!equals || equals - setting > SETTING_NAME_MAX) {
        buf_printf(error_out, "write NAME=VALUE, not \"%s\"", setting);
        return -EINVAL;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(equals - setting), setting);
    for (size_t i = 0; i < dialect->package_option_count; i++) {
        if (strcmp(dialect->package_options[i].name, name) == 0)
            return option_set(&values[i], &dialect->package_options[i], equals + 1, error_out);
    }
    return unknown_setting(dialect, name, error_out);
}

int dialect_package_files(const struct dialect *dialect, const struct dialect_package *package,
                          const char *const *settings, size_t setting_count, dialect_file_fn add,
                          void *arg, struct buf *error_out)
{
    size_t count = dialect->package_option_count;
    struct option_value *values;
    int r = 0;

    if (!dialect->package_files) {
        buf_printf(error_out, "a server of %s offers the package alone, without other files",
                   dialect->name);
        return -ENOTSUP;
    }
    values = xcalloc(count, sizeof(*values));
    options_init(values, dialect->package_options, count);
    for (size_t i = 0; i < setting_count && r == 0; i++)
        r = apply_setting(dialect, values, settings[i], error_out);
    if (r == 0)
        dialect->package_files(package, values, add, arg);
    options_deinit(values, count);
    free(values);
    return r;
}
