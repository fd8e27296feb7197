/* SPDX-License-Identifier: MIT */
#include "harness/run_options.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "harness/desk_host.h"
#include "harness/names.h"
#include "harness/opts.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/registry.h"
#include "sim/modem/dialect.h"
#include "sim/port/port_spec.h"

#define TIME_SCALE_MAX 1000.0
/* An upgrade in real time takes minutes; what hangs is ended by the limits of the waits. */
#define TIMEOUT_DEFAULT_US 300000000u

enum key {
    KEY_TIME = 256,
    KEY_ONE_CPU,
    KEY_LINES,
    KEY_SEED,
    KEY_STRICT,
    KEY_ALLOW_NETWORK,
    KEY_OUT,
    KEY_KEEP,
    KEY_TRACE,
    KEY_REPORTER,
    KEY_MAX_FAIL,
    KEY_TTY_LINK,
    KEY_PORT,
    KEY_ATTACH,
    KEY_TRANSCRIPT,
};

static const struct opt_row rows[] = {
    {'d',               "dialect",       "NAME",           "dialect of scenarios that leave it open"                      },
    {'t',               "timeout",       "DUR",            "wall time a scenario may take (default 5m)"                   },
    {'k',               "title",         "REGEX",          "only scenarios whose title matches (POSIX extended)"          },
    {'j',               "jobs",          "N",              "scenarios at a time (default: what fills the cores)"          },
    {'x',               "first-fail",    NULL,             "start nothing more after the first failure"                   },
    {KEY_MAX_FAIL,      "max-fail",      "N",              "start nothing more after N failures"                          },
    {KEY_TIME,          "time",          "WAY",            "auto, virtual, real or xN; see below"                         },
    {KEY_ONE_CPU,       "one-cpu",       NULL,             "hosts run their threads on one CPU (see below)"               },
    {KEY_LINES,         "lines",         NULL,             "modem-control lines (DTR, CTS, ...) on hosts' ttys"           },
    {KEY_SEED,          "seed",          "N|random",       "seed of all randomness (default: from file and title)"        },
    {KEY_STRICT,        "strict",        NULL,             "commands that the dialect does not know are failures"         },
    {KEY_ALLOW_NETWORK, "allow-network", NULL,             "let modems download from beyond this machine"                 },
    {KEY_TTY_LINK,      "tty-link",      "PATH",           "symlink that points at the first modem's tty"                 },
    {KEY_PORT,          "port",          "PORT",           "port of the first modem: tcp:127.0.0.1:0, /dev/ttyUSB0@115200"},
    {KEY_ATTACH,        "attach",        "PATH|auto",
     "an emulator's pty; auto finds its path in the host's output"                                                        },
    {KEY_OUT,           "out",           "DIR",            "where folders of runs are made (default out)"                 },
    {KEY_KEEP,          "keep",          NULL,             "keep folders and traces of passing scenarios too"             },
    {KEY_TRACE,         "trace",         "on|on-fail|off", "when traces are written (default on-fail)"                    },
    {KEY_REPORTER,      "reporter",      "LIST",           "forms of the results, see below (default pretty)"             },
    {'v',               "verbose",       NULL,             "print the transcript of each scenario after its line"         },
    {KEY_TRANSCRIPT,    "transcript",    NULL,             "the same as -v"                                               },
    {'q',               "quiet",         NULL,             "print failures and the summary only"                          },
};

/* For messages: the verb whose command line is read. */
static const char *verb_name = "run";

/* ---- one option each; Return: 0, or 2 after a message ---- */

static int wrong_choice(const char *option, const char *value, const char *const *choices,
                        size_t count)
{
    struct buf all = {0};
    const char *near = text_nearest(value, choices, count);
    int r;

    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", choices[i]);
    if (near)
        r = usage_error(verb_name, "--%s %s: did you mean %s?", option, value, near);
    else
        r = usage_error(verb_name, "--%s %s: there are %s", option, value, all.data);
    buf_deinit(&all);
    return r;
}

static int set_time(struct run_options *options, const char *value)
{
    static const char *const choices[] = {"real",         "auto",           "virtual",
                                          "virtual:shim", "virtual:ptrace", "xN"};
    char *end;
    double scale;

    options->time_text = value;
    for (size_t i = 0; i <= VTIME_WISH_PTRACE; i++) {
        if (strcmp(choices[i], value) != 0)
            continue;
        options->time = (enum vtime_wish)i;
        return 0;
    }
    if (value[0] != 'x')
        return wrong_choice("time", value, choices, ARRAY_LEN(choices));
    scale = strtod(value + 1, &end);
    if (end == value + 1 || *end || !(scale > 0 && scale <= TIME_SCALE_MAX))
        return usage_error(verb_name, "--time %s: wants a factor up to %.0f, as in x20", value,
                           TIME_SCALE_MAX);
    options->time = VTIME_WISH_REAL;
    options->time_scale = scale;
    return 0;
}

static int set_seed(struct run_options *options, const char *value)
{
    char *end;

    if (strcmp(value, "random") == 0) {
        uint32_t seed = 0;

        if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
            return usage_error(verb_name, "--seed random: the kernel gives no random number: %s",
                               strerror(errno));
        options->seed = seed; /* 32 bits are enough, and can be typed again */
        options->seed_habit = SEED_RANDOM;
        return 0;
    }
    errno = 0;
    options->seed = strtoull(value, &end, 10);
    options->seed_habit = SEED_GIVEN;
    if (errno || end == value || *end || value[0] == '-' || options->seed > INT64_MAX)
        return usage_error(verb_name, "--seed %s: wants a number, or random", value);
    return 0;
}

static int set_count(const char *option, const char *value, unsigned *count_out)
{
    long long number;

    if (text_parse_int(value, &number) < 0 || number < 1 || number > 1024)
        return usage_error(verb_name, "%s %s: wants a number from 1 to 1024", option, value);
    *count_out = (unsigned)number;
    return 0;
}

static int set_trace(struct run_options *options, const char *value)
{
    static const char *const choices[] = {"on-fail", "on", "off"};

    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (strcmp(choices[i], value) == 0) {
            options->trace = (enum trace_habit)i;
            return 0;
        }
    }
    return wrong_choice("trace", value, choices, ARRAY_LEN(choices));
}

static int set_timeout(struct run_options *options, const char *value)
{
    if (text_parse_duration(value, &options->timeout_us) < 0 || options->timeout_us == 0)
        return usage_error(verb_name,
                           "--timeout %s: wants a duration with its unit, as in 90s or 2m", value);
    options->timeout_text = value;
    return 0;
}

const struct dialect *dialect_named(const char *verb, const char *name)
{
    const struct dialect *found = dialect_find(name), *known;
    struct names names = {0};
    struct buf text = {0};

    if (found)
        return found;
    for (size_t i = 0; (known = dialect_at(i)); i++)
        names_add(&names, known->name);
    buf_printf(&text, "no dialect \"%s\"", name);
    names_suggest(&names, name, "", &text);
    usage_error(verb, "%s", text.data);
    buf_deinit(&text);
    names_deinit(&names);
    return NULL;
}

static int set_port(struct run_options *options, const char *value)
{
    struct buf error = {0};
    struct port_spec spec;
    int status = 0;

    if (port_spec_parse(value, &spec, &error) < 0)
        status = usage_error(verb_name, "--port: %s", error.data);
    buf_deinit(&error);
    options->port = value;
    return status;
}

static int set_attach(struct run_options *options, const char *value)
{
    static char spec[PATH_MAX];

    snprintf(spec, sizeof(spec), "attach:%s", value);
    return set_port(options, spec);
}

static int set_dialect(struct run_options *options, const char *value)
{
    options->dialect = value;
    return dialect_named(verb_name, value) ? 0 : 2;
}

static int apply(struct run_options *options, int key, const char *value)
{
    switch (key) {
    case 'd':
        return set_dialect(options, value);
    case 't':
        return set_timeout(options, value);
    case 'k':
        options->title_regex = value;
        return 0;
    case 'j':
        return set_count("-j", value, &options->jobs);
    case 'x':
        options->fail_max = 1;
        return 0;
    case KEY_MAX_FAIL:
        return set_count("--max-fail", value, &options->fail_max);
    case KEY_TIME:
        return set_time(options, value);
    case KEY_ONE_CPU:
        options->one_cpu = true;
        return 0;
    case KEY_LINES:
        options->lines = true;
        return 0;
    case KEY_SEED:
        return set_seed(options, value);
    case KEY_STRICT:
        options->strict = true;
        return 0;
    case KEY_ALLOW_NETWORK:
        options->allow_network = true;
        return 0;
    case KEY_TTY_LINK:
        options->tty_link = value;
        return 0;
    case KEY_PORT:
        return set_port(options, value);
    case KEY_ATTACH:
        return set_attach(options, value);
    case KEY_OUT:
        options->out = value;
        return 0;
    case KEY_KEEP:
        options->keep = true;
        return 0;
    case KEY_TRACE:
        return set_trace(options, value);
    case KEY_REPORTER:
        return report_choices_add(verb_name, &options->reports, (char *)value); /* it is argv's */
    case 'v':
    case KEY_TRANSCRIPT:
        options->transcript = true;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    }
    return 2;
}

static int check(struct run_options *options)
{
    struct buf error = {0};
    int status = 0;

    if (options->scenario_count == 0)
        return usage_error(verb_name, "which scenario? For instance: hayeswire %s scenarios/bc26",
                           verb_name);
    if (options->command && !options->command[0])
        return usage_error(verb_name, "a host's program is expected after --");
    if (options->tty_link && tty_link_check(options->tty_link, &error) < 0)
        status = usage_error(verb_name, "--tty-link %s", error.data);
    if (status == 0 && (options->tty_link || options->port))
        options->jobs = 1; /* one link can point at one scenario's modem only */
    buf_deinit(&error);
    report_choices_default(&options->reports);
    options->tap = report_choices_have_tap(&options->reports);
    if (status == 0 && options->command)
        status = desk_host_check(verb_name, options->command);
    return status;
}

static void print_times(void)
{
    fputs("\n--time auto      virtual when the host can be virtual, else real (the default)\n"
          "--time virtual   modem and host on one clock that jumps when all are blocked\n"
          "       virtual:shim, virtual:ptrace: the way to put the host on that clock\n"
          "--time real      wall time;  --time xN  the modems' own delays N times as short\n"
          "--one-cpu        makes races between threads rarer (Go); the host has one core then, as "
          "it\n"
          "                 always has in a sweep and in the replay of its trials\n",
          stdout);
}

/* A verb may have reporters of its own. */
static bool has_own(const struct run_verb *verb, const char *option)
{
    for (size_t i = 0; i < verb->row_count; i++) {
        if (strcmp(verb->rows[i].name, option) == 0)
            return true;
    }
    return false;
}

static void print_ending(const struct run_verb *verb)
{
    if (!has_own(verb, "reporter"))
        fputs(
            "\nReporters, several with commas between: pretty, dot, tap, tap13, github on stdout;\n"
            "junit=FILE, jsonl=FILE (- is stdout); html=DIR, pcapng=DIR, asciicast=DIR, a file\n"
            "for each scenario.\n",
            stdout);
    fputs("\nExit status: 0 passed, 1 failed, 2 the scenario or the usage is wrong, 3 Hayeswire\n"
          "failed, 4 the host could not be started, 5 nothing selected, 77 all skipped,\n"
          "124 the time budget is spent, 130 and 143 interrupted.\n",
          stdout);
}

/* The rows of all verbs, but for those that the verb has under the same name, and its own. */
static size_t gather_rows(const struct run_verb *verb, struct opt_row all[OPTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!has_own(verb, rows[i].name))
            all[count++] = rows[i];
    }
    assert(count + verb->row_count <= OPTS_MAX);
    for (size_t i = 0; i < verb->row_count; i++)
        all[count++] = verb->rows[i];
    return count;
}

int run_options_parse(const struct run_verb *verb, int argc, char **argv,
                      struct run_options *options_out)
{
    struct opt_row all[OPTS_MAX];
    struct opts opts = {verb->name, all, gather_rows(verb, all)};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const char *value;
    int key, rest, status = 0;

    verb_name = verb->name;
    *options_out = (struct run_options){
        .time = VTIME_WISH_AUTO,
        .time_scale = 1,
        .timeout_us = TIMEOUT_DEFAULT_US,
        .out = "out",
        .fills_cpus = verb->fills_cpus,
    };
    argc = opts_split(argc, argv, &options_out->command);
    while (status == 0 && (key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            verb->print_help();
            opts_print(&opts, stdout);
            print_times();
            print_ending(verb);
            return 1;
        }
        if (key >= RUN_VERB_KEY)
            status = verb->apply(verb->arg, key, value);
        else
            status = apply(options_out, key, value);
    }
    if (status == 0) {
        options_out->scenarios = argv + rest;
        options_out->scenario_count = argc - rest;
        status = options_out->scenario_count == 0 && verb->missing
                     ? usage_error(verb->name, "%s", verb->missing)
                     : check(options_out);
    }
    if (options_out->jobs == 0)
        options_out->jobs = (cores > 0 ? (unsigned)cores : 1) * (options_out->time_scale > 1
                                                                     ? verb->jobs_per_core_scaled
                                                                     : verb->jobs_per_core);
    return -status;
}
