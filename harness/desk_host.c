/* SPDX-License-Identifier: MIT */
#include "harness/desk_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/host.h"
#include "harness/host_env.h"
#include "harness/names.h"
#include "harness/opts.h"
#include "harness/placeholder.h"
#include "harness/program.h"
#include "harness/stage.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define NUMBER_CHARS 32

struct values {
    const struct desk_host_config *config;
    char seed[NUMBER_CHARS];
};

/* Return: the tty, or NULL with a message. */
static const char *tty_named(const struct desk_host_config *config, const char *name,
                             struct buf *error_out)
{
    struct names known = {0};
    const struct desk_tty *tty = NULL;

    for (size_t i = 0; i < config->tty_count && !tty; i++) {
        names_add(&known, config->ttys[i].name);
        if (!name || strcasecmp(config->ttys[i].name, name) == 0)
            tty = &config->ttys[i];
    }
    if (!tty) {
        buf_printf(error_out, "{tty:%s}: there is no tty of that name", name);
        names_suggest(&known, name, "", error_out);
    } else if (!tty->path) {
        buf_printf(error_out, "{tty}: %s has no tty now: the program is to make it", tty->name);
    }
    names_deinit(&known);
    return tty ? tty->path : NULL;
}

static const char *value_of(void *arg, enum placeholder which, const char *name,
                            struct buf *error_out)
{
    struct values *values = arg;
    const struct desk_host_config *config = values->config;

    switch (which) {
    case PLACEHOLDER_TTY:
        return tty_named(config, name, error_out);
    case PLACEHOLDER_URL:
        if (!config->url)
            buf_add_text(error_out, "{url}: nothing is served here");
        return config->url;
    case PLACEHOLDER_DIR:
        if (!config->dir)
            buf_add_text(error_out, "{dir}: there is no folder; write --state DIR");
        return config->dir;
    case PLACEHOLDER_REPORT:
        buf_add_text(error_out, "{report}: nobody collects reports here; an audit does");
        return NULL;
    case PLACEHOLDER_SEED:
        snprintf(values->seed, sizeof(values->seed), "%llu", (unsigned long long)config->seed);
        return values->seed;
    }
    return NULL;
}

static int make_argv(const struct desk_host_config *config, struct names *argv,
                     struct buf *error_out)
{
    struct values values = {.config = config};
    int r = 0;

    for (size_t i = 0; config->command[i] && r == 0; i++) {
        struct buf text = {0};

        r = placeholder_expand(config->command[i], value_of, &values, &text, error_out);
        names_add(argv, buf_text(&text));
        buf_deinit(&text);
    }
    return r;
}

static void make_environment(const struct desk_host_config *config, struct names *env)
{
    for (size_t i = 0; i < config->tty_count; i++) {
        const struct desk_tty *tty = &config->ttys[i];

        if (tty->path && i == 0)
            names_add_variable(env, "HAYESWIRE_TTY", tty->path);
        if (tty->path)
            names_add_tty_variable(env, tty->name, tty->path);
    }
    host_env_add(
        &(struct host_env){
            .url = config->url,
            .dir = config->dir,
            .seed = config->seed,
            .time_scale = config->time_scale,
            .boot = -1,
        },
        env);
}

int desk_host_check(const char *verb, char *const *command)
{
    struct buf error = {0};
    char *program = NULL;
    int status = 0;

    for (size_t i = 0; command[i] && status == 0; i++) {
        if (placeholder_check(command[i], &error) < 0)
            status = usage_error(verb, "%s", error.data);
    }
    /* A program named by a placeholder is known only when the values are. */
    if (status == 0 && !strchr(command[0], '{') && program_find(command[0], &program, &error) < 0) {
        usage_error(NULL, "%s", error.data);
        status = 4;
    }
    free(program);
    buf_deinit(&error);
    return status;
}

int desk_host_start(const struct desk_host_config *config, struct host **host_out,
                    struct buf *error_out)
{
    struct names argv = {0}, env = {0};
    const char **argv_list, **env_list;
    char *program = NULL;
    int r = make_argv(config, &argv, error_out);

    if (r == 0)
        r = program_find(argv.items[0], &program, error_out);
    make_environment(config, &env);
    argv_list = names_list(&argv);
    env_list = names_list(&env);
    if (r == 0)
        r = host_start(
            &(struct host_config){
                .loop = &config->stage->loop,
                .clock = &config->stage->clock,
                .trace = config->stage->bench.trace,
                .who = "host",
                .program = program,
                .argv = argv_list,
                .env = env_list,
            },
            host_out, error_out);
    free(argv_list);
    free(env_list);
    free(program);
    names_deinit(&argv);
    names_deinit(&env);
    return r;
}
