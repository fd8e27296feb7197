/*
 * hayeswire: the verbs.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "harness/audit_cmd.h"
#include "harness/control_cmd.h"
#include "harness/lint_cmd.h"
#include "harness/list_cmd.h"
#include "harness/opts.h"
#include "harness/package_cmd.h"
#include "harness/record.h"
#include "harness/replay.h"
#include "harness/report_cmd.h"
#include "harness/run.h"
#include "harness/sandbox.h"
#include "harness/sweep.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

struct verb {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the verb; Return: the exit status */
    const char *doc;
};

static const struct verb verbs[] = {
    {"run",     run_command,     "run scenarios against a host program"                       },
    {"sweep",   sweep_command,   "strike a scenario with a fault at each place that it passes"},
    {"replay",  replay_command,  "the same failure again, from the token printed with it"     },
    {"audit",   audit_command,   "judge a host against the rules of its module's guide"       },
    {"report",  report_command,  "other forms of what a run left behind; shards as one"       },
    {"sandbox", sandbox_command, "modems to type AT commands at"                              },
    {"serve",   serve_command,   "modems driven from another language (JSON-RPC)"             },
    {"ctl",     ctl_command,     "one call of a `serve` from a shell"                         },
    {"record",  record_command,  "a real modem and a host, as a scenario"                     },
    {"list",    list_command,    "what there is: dialects, commands, points, quirks, ..."     },
    {"lint",    lint_command,    "load scenarios and check them without running"              },
    {"package", package_command, "make, inspect and serve firmware packages"                  },
};

static void print_help(FILE *file)
{
    fputs("Hayeswire: a bench of fake cellular modems, driven by Lua scenarios.\n"
          "\n"
          "  hayeswire run scenarios/bc26/upgrade.lua\n"
          "  hayeswire run scenarios/bc26 -- ./build/updater --tty {tty} --url {url}\n"
          "  hayeswire audit bc26 -- ./build/updater {tty} {url}\n"
          "  hayeswire sandbox bc26\n"
          "  hayeswire list commands -d bc26\n"
          "  hayeswire lint scenarios\n"
          "  hayeswire package make --dialect bc26 --from BC26NBR01A05 --to BC26NBR01A06 -o "
          "update.bin\n"
          "\n",
          file);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        fprintf(file, "  %-10s %s\n", verbs[i].name, verbs[i].doc);
    fputs("\n  hayeswire VERB --help    more about one of them\n"
          "  hayeswire --version\n",
          file);
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int unknown_verb(const char *name)
{
    const char *names[ARRAY_LEN(verbs) + 3], *near;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        names[count++] = verbs[i].name;
    names[count++] = "help";
    names[count++] = "--help";
    names[count++] = "--version";
    near = text_nearest(name, names, count);
    if (near)
        return usage_error(NULL, "unknown %s \"%s\"; did you mean \"%s\"?",
                           name[0] == '-' ? "option" : "verb", name, near);
    return usage_error(NULL, "unknown %s \"%s\"; see hayeswire --help",
                       name[0] == '-' ? "option" : "verb", name);
}

/* "help", or "help VERB" as another way to say "VERB --help". */
static int help(int argc, char **argv)
{
    const struct verb *verb;
    char option[] = "--help";
    char *words[] = {argv[0], option, NULL};

    if (argc < 2) {
        print_help(stdout);
        return 0;
    }
    verb = find_verb(argv[1]);
    if (!verb)
        return unknown_verb(argv[1]);
    words[0] = argv[1];
    return verb->run(2, words);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const struct verb *verb;

    if (!word) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(word, "--version") == 0) {
        puts("hayeswire " HAYESWIRE_VERSION);
        return 0;
    }
    if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "help") == 0)
        return help(argc - 1, argv + 1);
    verb = find_verb(word);
    return verb ? verb->run(argc - 1, argv + 1) : unknown_verb(word);
}
