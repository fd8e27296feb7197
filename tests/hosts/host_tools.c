/* SPDX-License-Identifier: MIT */
#include "tests/hosts/host_tools.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void host_say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int host_name_index(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return (int)i;
    }
    return -1;
}

void host_print_names(const char *const *names, size_t count, FILE *file)
{
    for (size_t i = 0; i < count; i++)
        fprintf(file, " %s", names[i]);
}
