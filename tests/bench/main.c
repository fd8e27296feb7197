/*
 * The benchmark: what Hayeswire costs beside a raw pseudo-terminal on this machine.
 * It prints figures beside their goals and judges none of them: exit status 0 means measured.
 * SPDX-License-Identifier: MIT
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "tests/bench/measure.h"

static const char usage[] =
    "usage: bench [--quick] [round-trip|throughput|start-up|memory|sweep|writes]...\n"
    "Measure all, or what is named. --quick shows that it works, with figures of no worth.\n";

struct part {
    const char *name;
    void (*measure)(const struct bench_plan *plan);
};

static const struct part parts[] = {
    {"round-trip", measure_round_trip},
    {"throughput", measure_throughput},
    {"start-up",   measure_start_up  },
    {"memory",     measure_memory    },
    {"sweep",      measure_sweep     },
    {"writes",     measure_writes    },
};

static void print_machine(void)
{
    struct utsname system;
    const char *build = "not optimised";

#ifdef __OPTIMIZE__
    build = "optimised";
#endif
#ifdef __SANITIZE_ADDRESS__
    build = "with a sanitizer: no figure is worth anything";
#endif
    uname(&system);
    printf("%ld CPUs, %s %s, %s; built with %s, %s\n\n", sysconf(_SC_NPROCESSORS_ONLN),
           system.sysname, system.release, system.machine, __VERSION__, build);
}

static const struct part *find_part(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    }
    return NULL;
}

/* Return: the path of this program, to be freed. */
static char *find_self(void)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

    if (len < 0 || (size_t)len >= sizeof(path))
        die("/proc/self/exe can not be read");
    return xstrndup(path, (size_t)len);
}

static void measure(bool *is_wanted, bool quick)
{
    char *self = find_self(), *folder = xstrdup(self);
    char *hayeswire = xasprintf("%s/../../harness/hayeswire", dirname(folder));
    struct bench_plan plan = {.quick = quick,
                              .self = self,
                              .hayeswire = hayeswire,
                              .upgrade = SCENARIOS "/bc26/upgrade.lua"};

    print_machine();
    print_head();
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (is_wanted[i])
            parts[i].measure(&plan);
    }
    free(hayeswire);
    free(folder);
    free(self);
}

int main(int argc, char **argv)
{
    bool is_wanted[ARRAY_LEN(parts)] = {false}, quick = false, any = false;

    if (argc == 3 && strcmp(argv[1], "serve-one") == 0)
        return serve_one(argv[2]);
    for (int i = 1; i < argc; i++) {
        const struct part *part = find_part(argv[i]);

        if (part) {
            is_wanted[part - parts] = any = true;
        } else if (strcmp(argv[i], "--quick") == 0) {
            quick = true;
        } else {
            bool is_help = strcmp(argv[i], "--help") == 0;

            fputs(usage, is_help ? stdout : stderr);
            return is_help ? 0 : 2;
        }
    }
    for (size_t i = 0; !any && i < ARRAY_LEN(parts); i++)
        is_wanted[i] = true;
    measure(is_wanted, quick);
    return 0;
}
