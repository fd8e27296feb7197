/* SPDX-License-Identifier: MIT */
#include "harness/sandbox_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/desk_host.h"
#include "harness/opts.h"
#include "harness/run_options.h"
#include "harness/sandbox_acts.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/modem.h"
#include "sim/port/port_spec.h"

#define TIME_SCALE_MAX 1000.0
#define NAME_CHARS     "abcdefghijklmnopqrstuvwxyz0123456789_-"

enum key {
    KEY_TIME = 256,
    KEY_SEED,
    KEY_LINK,
    KEY_STATE,
    KEY_HTTP,
    KEY_PORT,
    KEY_ATTACH,
    KEY_SAVE,
    KEY_LOG,
    KEY_FAULT,
    KEY_OFF,
    KEY_OFFER,
    KEY_ALLOW_NETWORK
};

static const struct opt_row rows[] = {
    {'i',               "interactive",   NULL,         "type at the modem right here; Ctrl-T ? shows the keys"    },
    {'o',               "option",        "NAME=VALUE", "an option, for one modem of several: MODEM.NAME=VALUE"    },
    {'q',               "quirk",         "NAME",       "switch a quirk on; MODEM.NAME for one modem of several"   },
    {KEY_FAULT,         "fault",         "TEXT",       "arm a fault; MODEM:TEXT for one modem of several"         },
    {KEY_LINK,          "tty-link",      "PATH",
     "stable link to the tty (default hayeswire-NAME in the runtime folder)"                                      },
    {KEY_STATE,         "state",         "DIR",        "settings and flash live there and survive the sandbox"    },
    {KEY_HTTP,          "http",          "DIR",        "serve the files of a folder over HTTP on 127.0.0.1"       },
    {KEY_PORT,          "port",          "PORT",       "instead of a pty: /dev/ttyUSB0@115200, tcp:127.0.0.1:0"   },
    {KEY_OFFER,         "offer",         "FILE",       "let the vendor's platform offer this package to the modem"},
    {KEY_ATTACH,        "attach",        "PATH|auto",
     "instead of a pty of ours: that of an emulator; auto: its path is in what the program prints"                },
    {KEY_TIME,          "time",          "real|xN",    "speed of the modems' delays"                              },
    {KEY_SEED,          "seed",          "N",          "seed of all randomness (default 1)"                       },
    {KEY_SAVE,          "save",          "FILE.lua",   "at the end, write what happened as a scenario"            },
    {KEY_LOG,           "log",           "FILE",       "write the event log there instead of to stderr"           },
    {KEY_OFF,           "off",           NULL,         "leave the modems switched off at first"                   },
    {KEY_ALLOW_NETWORK, "allow-network", NULL,         "let modems download from beyond this machine"             },
};

static const struct opts opts = {"sandbox", rows, ARRAY_LEN(rows)};

static void print_help(void)
{
    fputs("hayeswire sandbox [NAME=]DIALECT... [options] [-- PROGRAM ARGS...]\n"
          "\n"
          "  hayeswire sandbox bc26                     then: tio LINK, as it prints\n"
          "  hayeswire sandbox bc26 -i                  type right here; Ctrl-T ? for help\n"
          "  hayeswire sandbox bc26 --http packages --state ~/.bc26\n"
          "  hayeswire sandbox a=bc26 b=bc26 -o b.network=none\n"
          "  hayeswire sandbox bc26 --port /dev/ttyUSB0@115200\n"
          "  hayeswire sandbox bc26 --attach auto -- qemu-system-arm ... -serial pty\n"
          "  hayeswire sandbox bc26 --http packages -- ./build/updater --port {tty} --url {url}\n"
          "\n"
          "Modems to type AT commands at, with a registered SIM, until Ctrl-C. The log of all\n"
          "that happens runs on stderr. On its terminal the keys of `-i` work without a prefix:\n"
          "? shows them. With a program behind -- the sandbox ends with it, and as it did.\n"
          "\n",
          stdout);
    opts_print(&opts, stdout);
}

const char *sandbox_option_for(const char *text, const char *name, char separator)
{
    size_t len = strspn(text, NAME_CHARS);

    if (text[len] != separator)
        return text;
    if (len == strlen(name) && strncmp(text, name, len) == 0)
        return text + len + 1;
    return NULL;
}

/* ---- one option each; Return: 0, or 2 after a message ---- */

static int set_time(struct sandbox_options *options, const char *value)
{
    char *end;

    if (strcmp(value, "real") == 0)
        return 0;
    options->time_scale = value[0] == 'x' ? strtod(value + 1, &end) : 0;
    if (value[0] != 'x' || *end || !(options->time_scale > 0) ||
        options->time_scale > TIME_SCALE_MAX)
        return usage_error("sandbox", "--time %s: wants real, or a factor up to %.0f, as in x20",
                           value, TIME_SCALE_MAX);
    return 0;
}

static int set_seed(struct sandbox_options *options, const char *value)
{
    long long seed;

    if (text_parse_int(value, &seed) < 0 || seed < 0)
        return usage_error("sandbox", "--seed %s: wants a number", value);
    options->seed = (uint64_t)seed;
    return 0;
}

static int set_folder(const char **slot, const char *option, const char *value, bool make)
{
    struct stat status;

    if (make)
        mkdir(value, 0777); /* the check below tells what came of it */
    if (stat(value, &status) < 0 || !S_ISDIR(status.st_mode))
        return usage_error("sandbox", "--%s %s: not a folder", option, value);
    *slot = value;
    return 0;
}

static int set_port(struct sandbox_options *options, const char *value)
{
    struct buf error = {0};
    struct port_spec spec;
    int r = port_spec_parse(value, &spec, &error);

    if (r < 0)
        usage_error("sandbox", "--port: %s", buf_text(&error));
    buf_deinit(&error);
    options->port = value;
    return r ? 2 : 0;
}

static int set_attach(struct sandbox_options *options, const char *value)
{
    static char spec[280];

    snprintf(spec, sizeof(spec), "attach:%s", value);
    options->is_attached_auto = strncmp(value, "auto", 4) == 0;
    return set_port(options, spec);
}

static int set_setting(struct sandbox_options *options, const char *value)
{
    if (!strchr(value, '='))
        return usage_error("sandbox", "-o %s: wants NAME=VALUE", value);
    names_add(&options->settings, value);
    return 0;
}

static int apply(struct sandbox_options *options, int key, const char *value)
{
    switch (key) {
    case 'i':
        options->interactive = true;
        return 0;
    case 'o':
        return set_setting(options, value);
    case 'q':
        names_add(&options->quirks, value);
        return 0;
    case KEY_FAULT:
        names_add(&options->faults, value);
        return 0;
    case KEY_LINK:
        options->tty_link = value;
        return 0;
    case KEY_STATE:
        return set_folder(&options->state, "state", value, true);
    case KEY_HTTP:
        return set_folder(&options->http, "http", value, false);
    case KEY_PORT:
        return set_port(options, value);
    case KEY_ATTACH:
        return set_attach(options, value);
    case KEY_TIME:
        return set_time(options, value);
    case KEY_SEED:
        return set_seed(options, value);
    case KEY_SAVE:
        options->save = value;
        return 0;
    case KEY_LOG:
        options->log = value;
        return 0;
    case KEY_OFFER:
        options->offer = value;
        return 0;
    case KEY_OFF:
        options->off = true;
        return 0;
    case KEY_ALLOW_NETWORK:
        options->allow_network = true;
        return 0;
    }
    return 2;
}

/* ---- modems ---- */

static bool is_taken(const struct sandbox_options *options, const char *name)
{
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->wishes[i].name, name) == 0)
            return true;
    }
    return false;
}

static int add_wish(struct sandbox_options *options, const char *word)
{
    struct sandbox_wish *wish = &options->wishes[options->count];
    const char *equals = strchr(word, '=');
    const char *dialect = equals ? equals + 1 : word;
    int len = equals ? (int)(equals - word) : (int)strlen(word);

    if (options->count == SANDBOX_MODEM_MAX)
        return usage_error("sandbox", "more than %d modems", SANDBOX_MODEM_MAX);
    wish->dialect = dialect_named("sandbox", dialect);
    if (!wish->dialect)
        return 2;
    if (len == 0 || len > 24 || strspn(word, NAME_CHARS) < (size_t)len)
        return usage_error("sandbox", "%s: a name is made of a-z, 0-9, '_' and '-'", word);
    snprintf(wish->name, sizeof(wish->name), "%.*s", len, word);
    for (unsigned n = 2; !equals && is_taken(options, wish->name); n++)
        snprintf(wish->name, sizeof(wish->name), "%.*s%u", len, word, n);
    if (is_taken(options, wish->name))
        return usage_error("sandbox", "there are two modems named %s", wish->name);
    options->count++;
    return 0;
}

static int check(const struct sandbox_options *options)
{
    struct buf error = {0};
    int status = 0;

    if (options->count == 0)
        return usage_error("sandbox", "which modem? For instance: hayeswire sandbox bc26; "
                                      "see hayeswire list dialects");
    if (options->port && options->count > 1)
        return usage_error("sandbox", "--port and --attach are for one modem; for several write "
                                      "-o NAME.port=...");
    if (options->is_attached_auto && !options->command)
        return usage_error("sandbox", "--attach auto looks at what a program prints: write the "
                                      "program behind --, or give the path");
    if (options->interactive && options->command)
        return usage_error("sandbox", "-i and a program behind -- would type at one tty");
    if (options->command && !options->command[0])
        return usage_error("sandbox", "which program? Write it behind --");
    if (options->tty_link && tty_link_check(options->tty_link, &error) < 0)
        status = usage_error("sandbox", "--tty-link %s", buf_text(&error));
    buf_deinit(&error);
    if (status == 0 && options->command)
        status = desk_host_check("sandbox", options->command);
    return status;
}

int sandbox_options_parse(int argc, char **argv, struct sandbox_options *options_out)
{
    const char *value;
    int key, rest, status = 0;

    *options_out = (struct sandbox_options){.time_scale = 1, .seed = 1};
    argc = opts_split(argc, argv, &options_out->command);
    while (status == 0 && (key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_help();
            return 1;
        }
        status = apply(options_out, key, value);
    }
    for (int i = rest; status == 0 && i < argc; i++)
        status = add_wish(options_out, argv[i]);
    if (status == 0)
        status = check(options_out);
    return -status;
}

void sandbox_options_deinit(struct sandbox_options *options)
{
    names_deinit(&options->settings);
    names_deinit(&options->quirks);
    names_deinit(&options->faults);
}

static int apply_setting(struct modem *modem, const char *text, struct buf *error)
{
    size_t len = strcspn(text, "=");
    char *name = xstrndup(text, len);
    int r = modem_set_option(modem, name, text + len + 1, error);

    free(name);
    return r;
}

int sandbox_options_apply(const struct sandbox_options *options, struct modem *modem)
{
    struct buf error = {0};
    const char *text;
    int r = 0;

    for (size_t i = 0; i < options->quirks.count && r == 0; i++) {
        text = sandbox_option_for(options->quirks.items[i], modem->name, '.');
        r = text ? modem_set_quirk(modem, text, &error) : 0;
    }
    for (size_t i = 0; i < options->settings.count && r == 0; i++) {
        text = sandbox_option_for(options->settings.items[i], modem->name, '.');
        r = text ? apply_setting(modem, text, &error) : 0;
    }
    if (r == 0 && options->port)
        r = modem_set_option(modem, "port", options->port, &error);
    if (r < 0)
        usage_error("sandbox", "%s: %s", modem->name, buf_text(&error));
    buf_deinit(&error);
    return r < 0 ? -2 : 0;
}

int sandbox_options_arm(const struct sandbox_options *options, struct modem *modem)
{
    struct buf error = {0};
    int r = 0;

    for (size_t i = 0; i < options->faults.count && r == 0; i++) {
        const char *text = sandbox_option_for(options->faults.items[i], modem->name, ':');

        r = text ? sandbox_act(modem, "fault", text, &error) : 0;
    }
    if (r < 0)
        usage_error("sandbox", "%s", buf_text(&error));
    buf_deinit(&error);
    return r < 0 ? -2 : 0;
}
