/* SPDX-License-Identifier: MIT */
#include "harness/opts.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/text.h"

int usage_error(const char *verb, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    fprintf(stderr, "hayeswire%s%s: %s\n", verb ? " " : "", verb ? verb : "", buf_text(&text));
    buf_deinit(&text);
    return 2;
}

static void complain(const struct opts *opts, int kind, const char *word)
{
    const char *names[OPTS_MAX + 1], *near;

    if (kind == ':') {
        usage_error(opts->verb, "%s wants a value; see hayeswire %s --help", word, opts->verb);
        return;
    }
    if (optopt != 0 && word[0] == '-' && word[1] == '-') {
        usage_error(opts->verb, "%.*s takes no value", (int)strcspn(word, "="), word);
        return;
    }
    if (optopt != 0) {
        usage_error(opts->verb, "unknown option -%c; see hayeswire %s --help", optopt, opts->verb);
        return;
    }
    for (size_t i = 0; i < opts->count; i++)
        names[i] = opts->rows[i].name;
    names[opts->count] = "help";
    near = text_nearest(word + 2, names, opts->count + 1);
    if (near)
        usage_error(opts->verb, "unknown option %s; did you mean --%s?", word, near);
    else
        usage_error(opts->verb, "unknown option %s; see hayeswire %s --help", word, opts->verb);
}

int opts_next(const struct opts *opts, int argc, char **argv, const char **value_out, int *rest_out)
{
    struct option longs[OPTS_MAX + 2] = {0};
    char shorts[2 * OPTS_MAX + 4] = ":h";
    size_t len = 2;
    int key;

    assert(opts->count <= OPTS_MAX);
    for (size_t i = 0; i < opts->count; i++) {
        const struct opt_row *row = &opts->rows[i];

        longs[i] = (struct option){row->name, row->arg ? required_argument : no_argument, NULL,
                                   row->key};
        if (row->key < 256) {
            shorts[len++] = (char)row->key;
            if (row->arg)
                shorts[len++] = ':';
        }
    }
    longs[opts->count] = (struct option){"help", no_argument, NULL, 'h'};
    opterr = 0;
    key = getopt_long(argc, argv, shorts, longs, NULL);
    *value_out = optarg;
    *rest_out = optind;
    if (key == -1) {
        optind = 0; /* another command line may follow */
        return 0;
    }
    if (key == '?' || key == ':') {
        complain(opts, key, argv[optind - 1]);
        return '?';
    }
    return key;
}

void opts_print(const struct opts *opts, FILE *file)
{
    for (size_t i = 0; i < opts->count; i++) {
        const struct opt_row *row = &opts->rows[i];
        struct buf left = {0};

        if (row->key < 256)
            buf_printf(&left, "-%c, ", row->key);
        else
            buf_add_text(&left, "    ");
        buf_printf(&left, "--%s%s%s", row->name, row->arg ? " " : "", row->arg ? row->arg : "");
        fprintf(file, "  %-28s %s\n", left.data, row->doc);
        buf_deinit(&left);
    }
}

int opts_split(int argc, char **argv, char *const **command_out)
{
    *command_out = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            *command_out = argv + i + 1;
            argv[i] = NULL;
            return i;
        }
    }
    return argc;
}
