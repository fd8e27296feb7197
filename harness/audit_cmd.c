/*
 * `hayeswire audit DIALECT -- HOST`: the command line. SPDX-License-Identifier: MIT
 */
#include "harness/audit_cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/audit.h"
#include "harness/opts.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/dialect.h"

#define JOBS_PER_CORE        2
#define JOBS_PER_CORE_SCALED 4 /* stimuli mostly wait then */

enum key {
    KEY_ADAPTER = RUN_VERB_KEY,
    KEY_RULE,
    KEY_STIMULUS,
    KEY_STRICT,
    KEY_REPORTER,
};

static const struct opt_row rows[] = {
    {KEY_ADAPTER,  "adapter",  "FILE", "how the host is started and understood (Lua, see below)"},
    {KEY_RULE,     "rule",     "ID",   "only the stimuli of this rule (may be repeated)"        },
    {KEY_STIMULUS, "stimulus", "NAME", "only this stimulus (may be repeated)"                   },
    {KEY_STRICT,   "strict",   NULL,   "broken should rules and rules not observed count too"   },
    {KEY_REPORTER, "reporter", "LIST",
     "text, json, junit, markdown (=FILE); html=DIR; with commas"                               },
};

static void print_help(void)
{
    fputs(
        "hayeswire audit DIALECT [options] -- HOST ARGS...\n"
        "\n"
        "  hayeswire audit bc26 -- ./build/updater {tty} {url}\n"
        "  hayeswire audit bc26 --adapter host.lua --strict --reporter junit=audit.xml,html=audit\n"
        "  hayeswire audit bc26 --rule bc.http-error -- ./build/updater {tty} {url}\n"
        "  hayeswire replay hwa1mjrw... -- ./build/updater {tty} {url}\n"
        "\n"
        "Puts the host into each situation that the rules of the module's guide speak of, and\n"
        "prints a row for each rule: kept, BROKEN, or not observed. In HOST ARGS {tty}\n"
        "{tty:NAME} {url} {report} {dir} {seed} are replaced; {report} is the URL of a collector\n"
        "that takes reports by POST. hayeswire list rules -d DIALECT prints the rules; replay\n"
        "shows a broken rule again, from the token that was printed with it. Exit status: 0, or\n"
        "1 when a must rule is broken; with --strict also for a broken should rule and for a\n"
        "rule that was not observed.\n"
        "\n"
        "An adapter is a Lua file that returns a table; every field may be left out:\n"
        "\n"
        "  return {\n"
        "    command = { \"updater\", \"{tty}\", \"{url}\" },  -- when no host stands behind --\n"
        "    env = { LANG = \"C\" },                       -- added to its environment\n"
        "    statuses = {                                -- what its exit statuses mean\n"
        "      [0] = \"success\", [2] = \"usage\", [3] = \"failure: no download\",\n"
        "      [4] = \"up to date\", [8] = \"refused: by the user\",\n"
        "    },                                          -- (default: 0 is success)\n"
        "    claims = \"upgrade complete\",                -- printed = success, if it goes on\n"
        "    version = pat\"module runs (%S+)\",           -- where it prints the version\n"
        "    url_message = pat\"[Bb]ad URL\",              -- how it refuses a URL\n"
        "    consent = { prompt = \"Upgrade now?\", refuse = { \"--consent\", \"no\" } },\n"
        "    reports = { from = \"output\", upgrade_begun = \"FOTA-04\" }, -- default: {report}\n"
        "    https = { \"--ca\", \"{ca}\", \"--cert\", \"{cert}\", \"--key\", \"{key}\" },\n"
        "    service_url = \"service\",                    -- {url}: ask the vendor's platform\n"
        "    package = { size = \"64k\" },                 -- options of t:package\n"
        "    battery = { low = \"USR1\", full = \"USR2\" },  -- signals that change its battery\n"
        "    slow_erase = { \"--erase-ms\", \"20000\" },    -- further words: it erases slowly\n"
        "    time_scale = true,           -- it divides its pauses by HAYESWIRE_TIME_SCALE\n"
        "  }\n"
        "\n"
        "A plain text is looked for as it stands, pat\"...\" as a pattern of Lua. The reports are\n"
        "download_begun, download_done, download_failed, upgrade_begun, upgrade_done,\n"
        "upgrade_failed. With --time xN the pauses of a host without time_scale are N times as\n"
        "long for the module: what rests on them is then \"not observed\".\n"
        "\n",
        stdout);
}

/* ---- options ---- */

static int set_adapter(struct audit *audit, const char *value)
{
    free(audit->adapter_path);
    audit->adapter = value;
    audit->adapter_path = realpath(value, NULL);
    if (!audit->adapter_path)
        return usage_error(audit->verb,
                           "--adapter %s: %s; it is the Lua file that tells how the "
                           "host is started and understood",
                           value, strerror(errno));
    return 0;
}

static int apply(void *arg, int key, const char *value)
{
    struct audit *audit = arg;

    switch (key) {
    case KEY_ADAPTER:
        return set_adapter(audit, value);
    case KEY_RULE:
        names_add(&audit->rules, value);
        return 0;
    case KEY_STIMULUS:
        names_add(&audit->stimuli, value);
        return 0;
    case KEY_STRICT:
        audit->is_strict = true;
        return 0;
    case KEY_REPORTER:
        return report_choices_add(audit->verb, &audit->reports, (char *)value); /* it is argv's */
    }
    return 2;
}

static int take_dialect(struct audit *audit)
{
    char *const *words = audit->options.scenarios;
    const struct dialect *dialect;
    struct buf error = {0};
    int r;

    if (audit->options.scenario_count > 1)
        return usage_error(audit->verb, "\"%s\" is too much: the host stands behind --", words[1]);
    dialect = dialect_named(audit->verb, words[0]);
    if (!dialect)
        return 2;
    audit->dialect = dialect->name;
    r = ledger_init(&audit->ledger, dialect->name, &error);
    if (r == -ENOENT) {
        r = usage_error(audit->verb, "%s", buf_text(&error));
    } else if (r < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        r = 3;
    }
    buf_deinit(&error);
    return r;
}

static int check(struct audit *audit)
{
    int status = take_dialect(audit);

    if (status == 0)
        status = audit_check_rules(audit);
    if (status == 0 && !audit->options.command && !audit->adapter)
        status = usage_error(audit->verb,
                             "which host? Its command stands behind --, or in an adapter");
    if (!report_choices_have_stdout(&audit->reports) && audit->reports.count < REPORT_CHOICE_MAX)
        audit->reports.items[audit->reports.count++] = (struct report_choice){&audit_report_text,
                                                                              NULL};
    return status;
}

static void deinit(struct audit *audit)
{
    selection_deinit(&audit->selection);
    ledger_deinit(&audit->ledger);
    names_deinit(&audit->rules);
    names_deinit(&audit->stimuli);
    free(audit->adapter_path);
    free(audit->dir);
    free(audit->file);
}

int audit_main(struct audit *audit, int argc, char **argv)
{
    const struct run_verb verb = {
        .name = audit->verb,
        .print_help = print_help,
        .missing = "which dialect? For instance: hayeswire audit bc26 -- ./updater {tty} {url}",
        .rows = rows,
        .row_count = ARRAY_LEN(rows),
        .apply = apply,
        .arg = audit,
        .jobs_per_core = JOBS_PER_CORE,
        .jobs_per_core_scaled = JOBS_PER_CORE_SCALED,
        .fills_cpus = true,
    };
    int r, status;

    audit->reports.known = audit_reports;
    audit->reports.known_count = audit_report_count;
    r = run_options_parse(&verb, argc, argv, &audit->options);
    status = r > 0 ? 0 : r < 0 ? -r : check(audit);
    if (r == 0 && status == 0)
        status = audit_run(audit);
    deinit(audit);
    return status;
}

int audit_command(int argc, char **argv)
{
    struct audit audit = {.verb = "audit"};

    return audit_main(&audit, argc, argv);
}
