/*
 * Life of a control server, and its one loop.
 * SPDX-License-Identifier: MIT
 */
#include "harness/control.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/bind_harness.h"
#include "harness/run_dir.h"
#include "lua/call.h"
#include "lua/engine.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/download.h"
#include "sim/modem/package.h"

#define TIME_SCALE_MAX 1000.0
#define BACKLOG        16
#define ANSWER_WAIT_US 10000 /* wall time; then requests of clients are looked at */

int control_parse_time(const char *text, struct control_options *options)
{
    bool is_scaled = text[0] == 'x';
    char *end = NULL;
    double scale = is_scaled ? strtod(text + 1, &end) : 1;

    if (is_scaled ? (end == text + 1 || *end || !(scale > 0 && scale <= TIME_SCALE_MAX))
                  : strcmp(text, "real") != 0 && strcmp(text, "step") != 0)
        return -EINVAL;
    options->stepped = strcmp(text, "step") == 0;
    options->time_scale = scale;
    return 0;
}

/* ---- the bench ---- */

static void set_up_bench(struct control *control)
{
    struct control_options *options = &control->options;

    if (options->stepped)
        clock_init(&control->stage.clock, CLOCK_MANUAL, 1);
    control->engine = engine_new(&(struct engine_config){
        .bench = &control->stage.bench,
        .time_scale = options->time_scale,
        .dialect = options->dialect,
        .strict = options->strict,
    });
    control->actors = (struct actors){
        .stage = &control->stage,
        .engine = control->engine,
        .dir = control->dir,
        .seed = options->seed,
        .time_scale = options->time_scale,
    };
    bind_harness(control->engine);
    bind_harness_to(control->engine, &control->actors);
    control_bind(control);
    engine_open_session(control->engine);
}

static void tear_down_bench(struct control *control)
{
    actors_stop(&control->actors);
    engine_free(control->engine);
    actors_deinit(&control->actors);
}

void control_set_scale(struct control *control, double scale)
{
    control->actors.time_scale = scale;
    clock_set_scale(&control->stage.clock, scale);
    engine_set_time_scale(control->engine, scale);
}

/* The loop stays, since the clients are on it; the rest of the stage is made anew. */
void control_reset(struct control *control)
{
    const struct control_options *options = &control->options;
    struct bench *bench = &control->stage.bench;

    calls_cancel(control, NULL, "reset");
    tear_down_bench(control);
    package_catalog_free(bench->catalog);
    resolver_free(bench->resolver);
    trace_free(bench->trace);
    clock_deinit(&control->stage.clock);
    clock_init(&control->stage.clock, CLOCK_REAL, options->time_scale);
    bench->trace = trace_new(&control->stage.clock);
    bench->resolver = resolver_new(options->allow_network);
    bench->catalog = package_catalog_new();
    rng_init(&bench->rng, options->seed);
    set_up_bench(control);
    for (struct client *client = control->clients; client; client = client->next) {
        client->event_next = 0;
        if (client->subscribed)
            client_notify(client, "reset", json_object());
    }
}

/* ---- the socket ---- */

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
    struct control *control = arg;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    if (client < 0)
        return; /* it went away again */
    if (control->client_count < CONTROL_CLIENT_MAX)
        client_new(control, client, client);
    else
        client_refuse(client);
}

/* A socket that nobody listens on any more is replaced; anything else is not. */
static int make_way(const char *path, const struct sockaddr_un *address, struct buf *error_out)
{
    struct stat status;
    int fd, r;

    if (lstat(path, &status) < 0)
        return 0;
    if (!S_ISSOCK(status.st_mode)) {
        buf_printf(error_out, "%s: exists and is no socket; it is not replaced", path);
        return -EEXIST;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    r = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    close(fd);
    if (r == 0) {
        buf_printf(error_out, "%s: somebody listens there already", path);
        return -EADDRINUSE;
    }
    unlink(path);
    return 0;
}

static int listen_on(struct control *control, const char *path, struct buf *error_out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    mode_t mask;
    int r;

    if (strlen(path) >= sizeof(address.sun_path)) {
        buf_printf(error_out, "%s: a socket's path has at most %zu bytes", path,
                   sizeof(address.sun_path) - 1);
        return -ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    r = make_way(path, &address, error_out);
    if (r < 0)
        return r;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mask = umask(0177); /* mode 0600 from its first moment */
    r = bind(control->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    umask(mask);
    if (r < 0 || listen(control->listener, BACKLOG) < 0) {
        r = r < 0 ? r : -errno;
        buf_printf(error_out, "%s: %s", path, strerror(-r));
        return r;
    }
    control->acceptable = event_new(control->stage.loop.events, control->listener,
                                    EV_READ | EV_PERSIST, on_acceptable, control);
    event_add(control->acceptable, NULL);
    return 0;
}

/* ---- life ---- */

int control_init(struct control *control, const struct control_options *options,
                 struct buf *error_out)
{
    int r;

    *control = (struct control){.options = *options, .listener = -1};
    r = folder_make_private("serve", &control->dir, error_out);
    if (r < 0)
        return r;
    r = stage_init(&control->stage,
                   &(struct stage_config){
                       .time_scale = options->time_scale,
                       .seed = options->seed,
                       .allow_network = options->allow_network,
                       .dir = options->state,
                   },
                   error_out);
    if (r < 0) {
        folder_remove(control->dir);
        free(control->dir);
        return r;
    }
    set_up_bench(control);
    if (!options->socket)
        client_new(control, STDIN_FILENO, STDOUT_FILENO);
    else
        r = listen_on(control, options->socket, error_out);
    if (r < 0)
        control_deinit(control);
    return r;
}

void control_deinit(struct control *control)
{
    calls_cancel(control, NULL, NULL);
    while (control->clients) {
        client_flush(control->clients);
        client_free(control->clients);
    }
    if (control->acceptable) {
        event_free(control->acceptable);
        unlink(control->options.socket);
    }
    if (control->listener >= 0)
        close(control->listener);
    tear_down_bench(control);
    json_decref(control->specs);
    stage_deinit(&control->stage);
    folder_remove(control->dir);
    free(control->dir);
}

/* ---- the loop ---- */

static bool has_calls(const struct client *client)
{
    for (const struct call *call = client->control->calls; call; call = call->next) {
        if (call->client == client && !call->ended)
            return true;
    }
    return false;
}

/* Whether the other side is gone altogether, and not only done with asking. */
static bool is_hung_up(const struct client *client)
{
    struct pollfd out = {.fd = client->out_fd};

    return poll(&out, 1, 0) > 0 && (out.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void drop_ended_clients(struct control *control)
{
    struct client *client = control->clients, *next;

    for (; client; client = next) {
        next = client->next;
        if (client->ended && is_hung_up(client))
            client->gone = true;
        if (!client->gone && (!client->ended || client->out.len > 0 || has_calls(client)))
            continue;
        calls_cancel(control, client, NULL);
        client_free(client);
        if (control->listener < 0)
            control->quit = true; /* stdin and stdout had one client */
    }
}

static bool serve_clients(struct control *control)
{
    bool any = false;

    for (struct client *client = control->clients; client; client = client->next)
        any |= client_serve(client);
    return any;
}

/* Return: whether there is more to send at once. */
static bool send_to_clients(struct control *control)
{
    bool more = false;

    for (struct client *client = control->clients; client; client = client->next) {
        more |= client_send_events(client);
        client_flush(client);
    }
    return more;
}

static struct call *advancing(struct control *control)
{
    struct call *call = control->calls;

    while (call && (!call->advances || call->ended))
        call = call->next;
    return call;
}

/* One step of time.advance: to the next timer, so that whoever waits looks before time goes on. */
static void step_time(struct control *control, struct call *call)
{
    struct clock *clock = &control->stage.clock;
    uint64_t now_us = clock_now_us(clock), due_us;

    if (control->stage.loop.awaited > 0) { /* a server of the real world has yet to answer */
        loop_serve(&control->stage.loop, ANSWER_WAIT_US);
        return;
    }
    if (clock_next_due(clock, &due_us) && due_us <= call->advance_us) {
        clock_advance(clock, due_us > now_us ? due_us - now_us : 0);
        return;
    }
    clock_advance(clock, call->advance_us - now_us);
    call_result(call, json_pack("{s:I}", "t_us", (json_int_t)call->advance_us));
}

void control_run(struct control *control)
{
    bool busy = true; /* requests of a file are there already */

    while (!control->quit && !control->signal) {
        struct call *advance = advancing(control);

        loop_turn(&control->stage.loop, !busy && !advance);
        busy = serve_clients(control);
        engine_pump(control->engine);
        actors_follow_tty(&control->actors);
        advance = advancing(control);
        if (advance)
            step_time(control, advance);
        calls_reap(control);
        busy |= send_to_clients(control);
        drop_ended_clients(control);
    }
    send_to_clients(control);
}
