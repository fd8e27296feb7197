/* SPDX-License-Identifier: MIT */
#include "harness/list_cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/api.h"
#include "harness/audit_ledger.h"
#include "harness/opts.h"
#include "harness/run_options.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/registry.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/dialect.h"
#include "sim/modem/modem.h"

#define COLUMN_MAX       8
#define COLUMN_WIDTH_MAX 40
#define KEY_JSON         256
#define KEY_STUBS        257

struct query {
    const struct dialect *dialect; /* NULL = all */
    char **paths;                  /* of scenarios */
    int path_count;
};

struct topic {
    const char *name;
    /* Columns of the table, in order: the keys of each row. */
    const char *columns[COLUMN_MAX];
    /* Append objects to rows. Return: 0, or the exit status after a message. */
    int (*fill)(const struct query *query, json_t *rows);
    const char *doc;
};

/* ---- rows ---- */

static json_t *add(json_t *rows, const char *key, const char *value)
{
    json_t *row = json_object();

    json_object_set_new(row, key, json_string(value));
    json_array_append_new(rows, row);
    return row;
}

static void set(json_t *row, const char *key, const char *value)
{
    json_object_set_new(row, key, json_string(value ? value : ""));
}

/* The dialects asked for, one after the other. */
static const struct dialect *asked(const struct query *query, size_t index)
{
    if (query->dialect)
        return index == 0 ? query->dialect : NULL;
    return dialect_at(index);
}

static int fill_dialects(const struct query *query, json_t *rows)
{
    const struct dialect *dialect;

    for (size_t i = 0; (dialect = asked(query, i)); i++) {
        json_t *row = add(rows, "name", dialect->name);

        set(row, "base", dialect->base ? dialect->base->name : "");
        set(row, "title", dialect->title);
    }
    return 0;
}

static void add_command(json_t *rows, const struct dialect *dialect, const struct dialect *owner,
                        const struct at_cmd *cmd)
{
    json_t *row = add(rows, "name", cmd->name);
    struct buf forms = {0};

    buf_printf(&forms, "%s%s%s%s", cmd->verbs & AT_EXEC ? " exec" : "",
               cmd->verbs & AT_READ ? " read" : "", cmd->verbs & AT_SET ? " set" : "",
               cmd->verbs & AT_TEST ? " test" : "");
    set(row, "forms", forms.len > 0 ? forms.data + 1 : "");
    set(row, "dialect", dialect->name);
    set(row, "from", owner->name);
    set(row, "doc", cmd->doc);
    set(row, "source", cmd->source);
    buf_deinit(&forms);
}

static int fill_commands(const struct query *query, json_t *rows)
{
    const struct dialect *dialect;

    for (size_t i = 0; (dialect = asked(query, i)); i++) {
        for (const struct dialect *owner = dialect; owner; owner = owner->base) {
            for (size_t j = 0; j < owner->cmd_count; j++) {
                /* What an overlay replaces is not a command of this dialect. */
                if (dialect_command(dialect, owner->cmds[j].name) == &owner->cmds[j])
                    add_command(rows, dialect, owner, &owner->cmds[j]);
            }
        }
    }
    return 0;
}

static void add_points(json_t *rows, const char *dialect, const struct fault_point *points,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *row = add(rows, "name", points[i].name);

        set(row, "class", fault_class_name(points[i].point_class));
        set(row, "dialect", dialect);
        set(row, "doc", points[i].doc);
    }
}

static int fill_points(const struct query *query, json_t *rows)
{
    const struct dialect *dialect;

    add_points(rows, "any", fault_points, FAULT_POINT_COUNT);
    for (size_t i = 0; (dialect = asked(query, i)); i++) {
        for (const struct dialect *owner = dialect; owner; owner = owner->base)
            add_points(rows, dialect->name, owner->points, owner->point_count);
    }
    return 0;
}

static int fill_quirks(const struct query *query, json_t *rows)
{
    const struct dialect *dialect;

    for (size_t i = 0; (dialect = asked(query, i)); i++) {
        for (size_t j = 0; j < dialect->quirk_count; j++) {
            json_t *row = add(rows, "name", dialect->quirks[j].name);

            set(row, "dialect", dialect->name);
            set(row, "doc", dialect->quirks[j].doc);
        }
    }
    return 0;
}

static void add_options(json_t *rows, const char *dialect, const struct option_row *options,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *row = add(rows, "name", options[i].name);

        set(row, "type", option_type_name(options[i].type));
        set(row, "default", options[i].initial);
        set(row, "range", options[i].range);
        set(row, "dialect", dialect);
        set(row, "doc", options[i].doc);
    }
}

static int fill_options(const struct query *query, json_t *rows)
{
    const struct dialect *dialect;

    add_options(rows, "any", modem_option_rows, MODEM_OPTION_COUNT);
    for (size_t i = 0; (dialect = asked(query, i)); i++)
        add_options(rows, dialect->name, dialect->options, dialect->option_count);
    return 0;
}

static int fill_scenarios(const struct query *query, json_t *rows)
{
    static char *const all[] = {"scenarios"};
    struct run_options options = {
        .scenarios = query->path_count ? query->paths : all,
        .scenario_count = query->path_count ? query->path_count : 1,
        .dialect = query->dialect ? query->dialect->name : NULL,
    };
    struct selection selection;
    int status = -selection_make(&options, &selection);

    for (size_t i = 0; i < selection.count && status == 0; i++) {
        const struct trial_case *item = &selection.cases[i];
        json_t *row;

        if (item->is_done) {
            fprintf(stderr, "hayeswire: %s does not load; see hayeswire lint %s\n", item->path,
                    item->path);
            continue;
        }
        row = add(rows, "file", item->path);
        json_object_set_new(row, "line", json_integer(item->line));
        set(row, "title", item->title);
    }
    selection_deinit(&selection);
    return status;
}

static int fill_rules(const struct query *query, json_t *rows)
{
    struct buf error = {0};
    json_t *found = NULL;
    int r = ledger_rows(query->dialect ? query->dialect->name : NULL, &found, &error);

    if (r < 0)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    else
        json_array_extend(rows, found);
    json_decref(found);
    buf_deinit(&error);
    return r < 0 ? 3 : 0;
}

static int fill_functions(const struct query *query, json_t *rows)
{
    api_fill(rows);
    return 0;
}

static const struct topic topics[] = {
    {"dialects",  {"name", "base", "title"},                 fill_dialects,  "vendors' grammars"                          },
    {"commands",
     {"name", "forms", "dialect", "doc", "source"},
     fill_commands,                                                          "AT commands of the dialects"                },
    {"points",    {"name", "class", "dialect", "doc"},       fill_points,    "places where a fault can strike"            },
    {"quirks",    {"name", "dialect", "doc"},                fill_quirks,    "documented variants"                        },
    {"functions", {"class", "name", "doc", "params"},        fill_functions, "what scenarios can call"                    },
    {"options",
     {"name", "type", "default", "range", "dialect", "doc"},
     fill_options,                                                           "options of t:modem{}"                       },
    {"rules",
     {"id", "level", "dialect", "source", "sentence"},
     fill_rules,                                                             "what a host must obey, by the guides"       },
    {"scenarios",
     {"file", "line", "title"},
     fill_scenarios,                                                         "scenarios below PATH... (default scenarios)"},
};

/* ---- printing ---- */

static const char *cell(const json_t *row, const char *column, char *number, size_t size_bytes)
{
    const json_t *value = json_object_get(row, column);

    if (!json_is_integer(value))
        return json_string_value(value);
    snprintf(number, size_bytes, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return number;
}

static void print_table(const struct topic *topic, const json_t *rows)
{
    size_t widths[COLUMN_MAX] = {0}, columns = 0, i;
    char number[32];
    const json_t *row;

    while (columns < COLUMN_MAX && topic->columns[columns])
        columns++;
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < columns; c++) {
            size_t len = strlen(cell(row, topic->columns[c], number, sizeof(number)));

            if (len > widths[c] && len <= COLUMN_WIDTH_MAX)
                widths[c] = len;
        }
    }
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < columns; c++) {
            const char *text = cell(row, topic->columns[c], number, sizeof(number));

            if (c + 1 == columns)
                printf("%s\n", text);
            else if (widths[c] > 0) /* a column that is empty everywhere is left out */
                printf("%-*s  ", (int)widths[c], text);
        }
    }
}

static void print_json(const json_t *rows)
{
    char *text = json_dumps(rows, JSON_INDENT(2));

    puts(text ? text : "[]");
    free(text);
}

/* ---- the command line ---- */

static const struct opt_row option_rows[] = {
    {'d',       "dialect", "NAME", "of one dialect only"                         },
    {KEY_JSON,  "json",    NULL,   "one JSON array on stdout"                    },
    {KEY_STUBS, "stubs",   NULL,   "functions: stubs for the Lua language server"},
};

static const struct opts opts = {"list", option_rows, ARRAY_LEN(option_rows)};

static void print_help(void)
{
    fputs("hayeswire list TOPIC [options]\n"
          "\n"
          "  hayeswire list dialects\n"
          "  hayeswire list commands -d bc26 --json\n"
          "  hayeswire list scenarios scenarios/bc26\n"
          "\n",
          stdout);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        printf("  %-10s %s\n", topics[i].name, topics[i].doc);
    putchar('\n');
    opts_print(&opts, stdout);
}

static const struct topic *find_topic(const char *name)
{
    const char *names[ARRAY_LEN(topics)], *near;

    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        if (strcmp(topics[i].name, name) == 0)
            return &topics[i];
        names[i] = topics[i].name;
    }
    near = text_nearest(name, names, ARRAY_LEN(names));
    if (near)
        usage_error("list", "no topic \"%s\"; did you mean \"%s\"?", name, near);
    else
        usage_error("list", "no topic \"%s\"; see hayeswire list --help", name);
    return NULL;
}

static int print_topic(const struct topic *topic, const struct query *query, bool as_json)
{
    json_t *rows = json_array();
    int status = topic->fill(query, rows);

    if (status == 0 && as_json)
        print_json(rows);
    else if (status == 0)
        print_table(topic, rows);
    json_decref(rows);
    return status;
}

int list_command(int argc, char **argv)
{
    struct query query = {0};
    const struct topic *topic;
    const char *value;
    bool as_json = false, as_stubs = false;
    int key, rest;

    while ((key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_help();
            return 0;
        }
        if (key == '?')
            return 2;
        if (key == KEY_JSON) {
            as_json = true;
        } else if (key == KEY_STUBS) {
            as_stubs = true;
        } else {
            query.dialect = dialect_named("list", value);
            if (!query.dialect)
                return 2;
        }
    }
    if (rest == argc)
        return usage_error("list", "which topic? See hayeswire list --help");
    topic = find_topic(argv[rest]);
    if (!topic)
        return 2;
    query.paths = argv + rest + 1;
    query.path_count = argc - rest - 1;
    if (query.path_count > 0 && topic->fill != fill_scenarios)
        return usage_error("list", "\"%s\" is too much; one topic at a time", query.paths[0]);
    if (as_stubs && topic->fill != fill_functions)
        return usage_error("list", "--stubs goes with the topic functions");
    return as_stubs ? api_print_stubs(stdout) : print_topic(topic, &query, as_json);
}
