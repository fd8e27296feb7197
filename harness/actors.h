/*
 * The hosts, package servers and platforms of one scenario, made by its t:host{}, t:http{} and
 * t:platform().
 *
 * A host is remembered as the command it was given, so that restart() starts it with the values
 * (tty, url) that hold then. What stands after "--" on the command line takes the place of a
 * scenario's command, unless that one is fixed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/host.h"
#include "harness/platform.h"
#include "lua/verdict.h"

struct buf;
struct engine;
struct httpd;
struct modem;
struct httpd_options;
struct stage;
struct terminal;
struct trial_plan;

#define ACTOR_HOST_MAX   16
#define ACTOR_SERVER_MAX 8

struct actors;

struct host_actor {
    struct actors *actors;
    char who[HOST_WHO_MAX + 1];
    char *dir;       /* the host's own folder: its "flash" */
    char **argv;     /* as given, NULL-terminated */
    char **env;      /* "NAME=value" of the scenario, NULL-terminated */
    bool has_braces; /* argv is the command line's: its placeholders count */
    unsigned boot;   /* how often it was started */
    struct host *host;
    struct modem *supply; /* the modem whose supply it shares; NULL = it has its own */
    unsigned seen_cuts;   /* of that supply */
    bool is_dark;         /* without supply: it starts again with the modem */
};

struct server_actor {
    struct actors *actors;
    char who[HOST_WHO_MAX + 1];
    struct httpd *httpd;
};

struct actors {
    struct stage *stage; /* borrowed, as are the next five pointers */
    struct engine *engine;
    const char *dir;               /* the scenario's folder */
    const char *tty_link;          /* NULL = none */
    char *own_link;                /* tty_link of a scenario that asked for one */
    bool is_tty_linked;            /* hosts get the link as their tty */
    char *const *command;          /* after "--"; NULL = none */
    const struct trial_plan *plan; /* of a sweep; NULL = an ordinary run */
    uint64_t seed;
    double time_scale;
    struct vtime *vtime; /* borrowed */
    struct lines *lines; /* borrowed; NULL without --lines */

    struct host_actor *hosts[ACTOR_HOST_MAX];
    size_t host_count;
    struct server_actor *servers[ACTOR_SERVER_MAX];
    size_t server_count;
    void *platforms[PLATFORM_KIND_MAX]; /* by the place of their kind; NULL = none yet */
    uint64_t attach_seq;                /* record that attach_follow looks at next */
    struct terminal *terminals;         /* of t:terminal() */
    char *last_url;                     /* of what was published last */
    char *report_url;                   /* where hosts report; NULL = nowhere */
    bool expands_all;                   /* {tty} and the like count in a scenario's command too */
    char *linked_tty;                   /* what tty_link points at */
    char *link_error;                   /* why it could not be made; NULL = fine */
    char *value;                        /* scratch of a placeholder's value */
};

/*
 * Start a host. argv and env are NULL-terminated and copied; argv NULL = the command line's.
 * Return: 0; or -EINVAL (the scenario is wrong), -ENOENT, -EACCES, ... (the host can not be
 * started), with a message.
 */
int actors_start_host(struct actors *actors, char *const *argv, char *const *env, bool fixed,
                      struct host_actor **actor_out, struct buf *error_out);
/* Start it again after its end. Results as above. */
int host_actor_restart(struct host_actor *actor, struct buf *error_out);
/* It is killed when that modem's supply goes away, and started again when it comes back. */
void host_actor_share_supply(struct host_actor *actor, const char *modem_name);
/* Running, or without supply, so that it will run again. */
bool host_actor_is_alive(const struct host_actor *actor);
/* Let the hosts follow their supplies. Cheap when nothing changed. */
void actors_follow_supply(struct actors *actors);
/* Return: 0, or -errno with a message. */
int actors_start_server(struct actors *actors, const struct httpd_options *options,
                        struct server_actor **actor_out, struct buf *error_out);
/*
 * The scenario's platform of that kind, made when it is asked for first.
 * Return: 0, or -errno with a message.
 */
int actors_start_platform(struct actors *actors, const struct platform_kind *kind,
                          void **platform_out, struct buf *error_out);
/* The server's own URL and path; remembered as {url}. The caller frees it. */
char *server_actor_url(struct server_actor *actor, const char *path);

/* The link that follows the first modem's tty: --tty-link, or one in the scenario's folder. */
const char *actors_tty_link(struct actors *actors);
/* Let --tty-link point at the first modem's tty of now. Cheap when nothing changed. */
void actors_follow_tty(struct actors *actors);
/* A row per host about how it is now. */
void actors_describe(const struct actors *actors, struct verdict *verdict);
/* End all hosts, turning the loop meanwhile: modems go on, no Lua runs. */
void actors_stop(struct actors *actors);
/* After actors_stop(). Lua objects must not be used any more. */
void actors_deinit(struct actors *actors);
