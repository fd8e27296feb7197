/* SPDX-License-Identifier: MIT */
#include "harness/actors.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/host_env.h"
#include "harness/httpd.h"
#include "harness/lines.h"
#include "harness/names.h"
#include "harness/placeholder.h"
#include "harness/program.h"
#include "harness/stage.h"
#include "harness/terminal.h"
#include "harness/tty_link.h"
#include "harness/vtime/vtime.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

#define KILLED_WAIT_US 5000u /* between two looks for the end of killed hosts */

/* ---- what a host is told ---- */

/* A line behind a modem's first, by its name in the trace: "air720.uart2". Return: NULL if none. */
static struct line *further_line(struct actors *actors, const char *name)
{
    struct modem *modem;

    for (size_t i = 0; name && (modem = engine_modem(actors->engine, i)); i++) {
        for (size_t j = 1; j < modem->line_count; j++) {
            if (strcasecmp(modem->lines[j]->who, name) == 0)
                return modem->lines[j];
        }
    }
    return NULL;
}

static struct modem *modem_named(struct actors *actors, const char *name, struct buf *error_out)
{
    struct names known = {0};
    struct modem *modem;

    for (size_t i = 0; (modem = engine_modem(actors->engine, i)); i++) {
        if (!name || strcasecmp(modem->name, name) == 0)
            break;
        for (size_t j = 0; j < modem->line_count; j++)
            names_add(&known, modem->lines[j]->who);
    }
    if (!modem && !name) {
        buf_add_text(error_out,
                     "{tty}: the scenario has no modem yet; call t:modem{} before t:host");
    } else if (!modem) {
        buf_printf(error_out, "{tty:%s}: the scenario has no modem of that name", name);
        names_suggest(&known, name, "", error_out);
    }
    names_deinit(&known);
    return modem;
}

/* What a host opens: the first modem's tty may have a link that follows it. */
static const char *tty_for_host(const struct actors *actors, const struct modem *modem)
{
    const char *tty = modem_tty(modem, NULL);

    return tty && actors->is_tty_linked && modem == engine_modem(actors->engine, 0)
               ? actors->tty_link
               : tty;
}

static const char *placeholder_value(void *arg, enum placeholder which, const char *name,
                                     struct buf *error_out)
{
    struct host_actor *actor = arg;
    struct actors *actors = actor->actors;
    struct modem *modem;
    struct line *line;
    const char *tty;

    switch (which) {
    case PLACEHOLDER_TTY:
        line = further_line(actors, name);
        if (line)
            return modem_tty(line->modem, line->name);
        modem = modem_named(actors, name, error_out);
        tty = modem ? tty_for_host(actors, modem) : NULL;
        if (modem && !tty)
            buf_printf(error_out, "the modem %s has no tty now", modem->name);
        return tty;
    case PLACEHOLDER_URL:
        if (!actors->last_url)
            buf_add_text(error_out, "{url}: nothing is published yet; call server:publish before "
                                    "t:host");
        return actors->last_url;
    case PLACEHOLDER_REPORT:
        if (!actors->report_url)
            buf_add_text(error_out, "{report}: nobody collects reports here; an audit does");
        return actors->report_url;
    case PLACEHOLDER_DIR:
        return actor->dir;
    case PLACEHOLDER_SEED:
        free(actors->value);
        actors->value = xasprintf("%llu", (unsigned long long)actors->seed);
        return actors->value;
    }
    return NULL;
}

static void add_tty_variables(struct actors *actors, struct names *env)
{
    struct modem *modem;

    for (size_t i = 0; (modem = engine_modem(actors->engine, i)); i++) {
        for (size_t j = 0; j < modem->line_count && !modem->is_detached; j++) {
            const struct line *line = modem->lines[j];
            const char *tty = j == 0 ? tty_for_host(actors, modem) : modem_tty(modem, line->name);

            if (tty)
                names_add_tty_variable(env, line->who, tty);
            if (tty && i == 0 && j == 0)
                names_add_variable(env, "HAYESWIRE_TTY", tty);
        }
    }
}

/* The scenario's own variables come first: they win over ours. */
static void make_environment(const struct host_actor *actor, struct names *env)
{
    struct actors *actors = actor->actors;

    for (size_t i = 0; actor->env && actor->env[i]; i++)
        names_add(env, actor->env[i]);
    add_tty_variables(actors, env);
    host_env_add(
        &(struct host_env){
            .url = actors->last_url,
            .report = actors->report_url,
            .dir = actor->dir,
            .seed = actors->seed,
            .time_scale = actors->time_scale,
            .boot = (int)actor->boot,
        },
        env);
}

static int make_argv(struct host_actor *actor, struct names *argv, struct buf *error_out)
{
    for (size_t i = 0; actor->argv[i]; i++) {
        struct buf text = {0};
        int r = 0;

        if (actor->has_braces)
            r = placeholder_expand(actor->argv[i], placeholder_value, actor, &text, error_out);
        else
            buf_add_text(&text, actor->argv[i]);
        names_add(argv, buf_text(&text));
        buf_deinit(&text);
        if (r < 0)
            return r;
    }
    return 0;
}

/* On modem time if that can be; r = -ENOTSUP says that it cannot, and has to be. */
static int launch(struct host_actor *actor, const char *program, const struct names *argv,
                  struct names *env, struct buf *error_out)
{
    struct actors *actors = actor->actors;
    const char **argv_list = names_list(argv), **env_list;
    const struct host_minder *minder;
    int r = vtime_adopt(actors->vtime, program, env, &minder, error_out);

    lines_follow(actors->lines);
    env_list = names_list(env);
    while (r == 0 && !actor->host) {
        r = host_start(
            &(struct host_config){
                .loop = &actors->stage->loop,
                .clock = &actors->stage->clock,
                .trace = actors->stage->bench.trace,
                .who = actor->who,
                .dir = actors->dir,
                .program = program,
                .argv = argv_list,
                .env = env_list,
                .minder = minder,
            },
            &actor->host, error_out);
        if (r != -ENOTSUP || !vtime_give_up(actors->vtime, buf_text(error_out)))
            break;
        minder = NULL;
        buf_clear(error_out);
        r = 0;
    }
    if (r == 0)
        vtime_settle(actors->vtime, VTIME_BUSY_MAX_US); /* or a script would race with its start */
    free(argv_list);
    free(env_list);
    return r;
}

static int start(struct host_actor *actor, struct buf *error_out)
{
    struct actors *actors = actor->actors;
    struct names argv = {0}, env = {0};
    char *program = NULL;
    int r = make_argv(actor, &argv, error_out);

    if (r < 0)
        goto out;
    r = program_find(argv.items[0], &program, error_out);
    if (r < 0)
        goto out;
    actor->boot++;
    actors_follow_tty(actors);
    make_environment(actor, &env);
    r = launch(actor, program, &argv, &env, error_out);
out:
    free(program);
    names_deinit(&argv);
    names_deinit(&env);
    return r;
}

/* ---- hosts ---- */

static char **copy_list(char *const *list)
{
    size_t count = 0;
    char **copy;

    while (list && list[count])
        count++;
    copy = xcalloc(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = xstrdup(list[i]);
    return copy;
}

static void free_list(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* "host", "host2", "host3"; the same for servers. */
static void number_name(char *out, size_t size_bytes, const char *word, size_t index)
{
    if (index == 0)
        snprintf(out, size_bytes, "%s", word);
    else
        snprintf(out, size_bytes, "%s%zu", word, index + 1);
}

int actors_start_host(struct actors *actors, char *const *argv, char *const *env, bool fixed,
                      struct host_actor **actor_out, struct buf *error_out)
{
    struct host_actor *actor;
    bool replace = actors->command && !fixed;

    if (!replace && !argv) {
        buf_add_text(error_out,
                     "no host: give the scenario one with t:host{ \"program\", ... }, or "
                     "the command line with -- PROGRAM ARGS");
        return -EINVAL;
    }
    if (actors->host_count == ACTOR_HOST_MAX) {
        buf_printf(error_out, "more than %d hosts in one scenario", ACTOR_HOST_MAX);
        return -EINVAL;
    }
    actor = xcalloc(1, sizeof(*actor));
    actor->actors = actors;
    number_name(actor->who, sizeof(actor->who), "host", actors->host_count);
    actor->dir = xasprintf("%s/%s", actors->dir, actor->who);
    actor->argv = copy_list(replace ? actors->command : argv);
    actor->env = copy_list(env);
    actor->has_braces = replace || actors->expands_all;
    actors->hosts[actors->host_count++] = actor;
    *actor_out = actor;
    if (mkdir(actor->dir, 0777) < 0 && errno != EEXIST) {
        buf_printf(error_out, "%s: %s", actor->dir, strerror(errno));
        return -EIO;
    }
    return start(actor, error_out);
}

int host_actor_restart(struct host_actor *actor, struct buf *error_out)
{
    assert(!actor->host || !host_is_running(actor->host));
    host_free(actor->host);
    actor->host = NULL;
    return start(actor, error_out);
}

/* ---- a supply shared with a modem ---- */

void host_actor_share_supply(struct host_actor *actor, const char *modem_name)
{
    actor->supply = modem_named(actor->actors, modem_name, NULL);
    actor->seen_cuts = actor->supply->cuts;
}

bool host_actor_is_alive(const struct host_actor *actor)
{
    return actor->is_dark || (actor->host && host_is_running(actor->host));
}

static void follow_supply(struct host_actor *actor)
{
    struct buf error = {0};

    if (actor->supply->cuts != actor->seen_cuts) {
        actor->seen_cuts = actor->supply->cuts;
        if (actor->host && host_is_running(actor->host)) {
            trace_addf(actor->actors->stage->bench.trace, TRACE_HOST, actor->who,
                       "it shares the supply of %s: killed", actor->supply->name);
            host_signal(actor->host, SIGKILL);
            actor->is_dark = true;
        }
    }
    if (!actor->is_dark || host_is_running(actor->host) || actor->supply->power == MODEM_OFF)
        return;
    actor->is_dark = false;
    if (host_actor_restart(actor, &error) < 0)
        trace_addf(actor->actors->stage->bench.trace, TRACE_HOST, actor->who, "%s",
                   buf_text(&error));
    buf_deinit(&error);
}

void actors_follow_supply(struct actors *actors)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        if (actors->hosts[i]->supply)
            follow_supply(actors->hosts[i]);
    }
}

void actors_describe(const struct actors *actors, struct verdict *verdict)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        struct host_actor *actor = actors->hosts[i];
        struct buf text = {0};

        if (actor->host)
            host_describe(actor->host, &text);
        if (actor->host && actor->boot > 1)
            buf_printf(&text, "; start %u", actor->boot);
        if (text.len > 0)
            verdict_add_row(verdict, actor->who, text.data);
        buf_deinit(&text);
    }
}

static bool any_running(const struct actors *actors)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        if (actors->hosts[i]->host && host_is_running(actors->hosts[i]->host))
            return true;
    }
    return false;
}

static void kill_all(struct actors *actors)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        if (actors->hosts[i]->host)
            host_signal(actors->hosts[i]->host, SIGKILL);
    }
}

/* A host that computes, or a world that is stuck, cannot wait for modem time to pass. */
static void turn_until_ended(struct actors *actors)
{
    struct stage *stage = actors->stage;
    uint64_t limit_us = clock_wall_us(&stage->clock) + HOST_STOP_WALL_US;
    bool is_killed = false;

    while (any_running(actors)) {
        enum vtime_turn turn;

        if (!vtime_is_virtual(actors->vtime)) {
            loop_turn(&stage->loop, true);
            continue;
        }
        turn = is_killed ? VTIME_STUCK : vtime_turn(actors->vtime);
        if (turn == VTIME_TURNED ||
            (turn == VTIME_AT_WORK && clock_wall_us(&stage->clock) < limit_us))
            continue;
        if (!is_killed)
            kill_all(actors);
        is_killed = true;
        vtime_pump(actors->vtime);
        loop_serve(&stage->loop, KILLED_WAIT_US);
    }
}

void actors_stop(struct actors *actors)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        if (actors->hosts[i]->host)
            host_stop(actors->hosts[i]->host);
    }
    turn_until_ended(actors);
}

void actors_deinit(struct actors *actors)
{
    for (size_t i = 0; i < actors->host_count; i++) {
        struct host_actor *actor = actors->hosts[i];

        host_free(actor->host);
        free_list(actor->argv);
        free_list(actor->env);
        rmdir(actor->dir); /* stays when the host wrote something there */
        free(actor->dir);
        free(actor);
    }
    terminals_free(actors);
    for (size_t i = 0; i < actors->server_count; i++) {
        httpd_free(actors->servers[i]->httpd);
        free(actors->servers[i]);
    }
    for (size_t i = 0; platform_at(i); i++) {
        if (actors->platforms[i])
            platform_at(i)->free(actors->platforms[i]);
    }
    if (actors->linked_tty)
        tty_link_remove(actors->tty_link);
    free(actors->linked_tty);
    free(actors->own_link);
    free(actors->link_error);
    free(actors->last_url);
    free(actors->report_url);
    free(actors->value);
    *actors = (struct actors){0};
}

/* ---- servers ---- */

int actors_start_server(struct actors *actors, const struct httpd_options *options,
                        struct server_actor **actor_out, struct buf *error_out)
{
    struct server_actor *actor;
    int r;

    if (actors->server_count == ACTOR_SERVER_MAX) {
        buf_printf(error_out, "more than %d servers in one scenario", ACTOR_SERVER_MAX);
        return -EINVAL;
    }
    actor = xcalloc(1, sizeof(*actor));
    actor->actors = actors;
    number_name(actor->who, sizeof(actor->who), "http", actors->server_count);
    r = httpd_new_with(&actors->stage->loop, actors->stage->bench.trace, actor->who, options,
                       &actor->httpd, error_out);
    if (r < 0) {
        free(actor);
        return r;
    }
    actors->servers[actors->server_count++] = actor;
    *actor_out = actor;
    return 0;
}

char *server_actor_url(struct server_actor *actor, const char *path)
{
    char *url = httpd_url(actor->httpd, path);

    xstrset(&actor->actors->last_url, url);
    return url;
}

/* ---- platforms ---- */

int actors_start_platform(struct actors *actors, const struct platform_kind *kind,
                          void **platform_out, struct buf *error_out)
{
    size_t place = 0;
    int r = 0;

    while (platform_at(place) != kind)
        place++;
    if (!actors->platforms[place])
        r = kind->new (&actors->stage->bench, &actors->platforms[place], error_out);
    *platform_out = actors->platforms[place];
    return r;
}

/* ---- the link to the tty ---- */

const char *actors_tty_link(struct actors *actors)
{
    char *dir;

    if (!actors->tty_link) {
        dir = realpath(actors->dir, NULL); /* a host may have another folder of its own */
        actors->own_link = xasprintf("%s/tty", dir ? dir : actors->dir);
        actors->tty_link = actors->own_link;
        free(dir);
    }
    actors_follow_tty(actors);
    return actors->tty_link;
}

void actors_follow_tty(struct actors *actors)
{
    struct modem *modem = engine_modem(actors->engine, 0);
    const char *tty = modem ? modem_tty(modem, NULL) : NULL;
    struct buf error = {0};

    if (!actors->tty_link || (tty && actors->linked_tty && strcmp(tty, actors->linked_tty) == 0))
        return;
    if (!tty) {
        /* A detached module: the kernel may give the number to anybody's pty now. */
        if (actors->linked_tty)
            tty_link_remove(actors->tty_link);
        xstrset(&actors->linked_tty, NULL);
        return;
    }
    xstrset(&actors->linked_tty, tty);
    if (tty_link_set(actors->tty_link, tty, &error) < 0 && !actors->link_error)
        actors->link_error = xstrdup(buf_text(&error));
    buf_deinit(&error);
}
