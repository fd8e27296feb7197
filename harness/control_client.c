/*
 * A connection: lines in, lines out. Callbacks only move bytes and mark.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/control.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"

#define READ_CHUNK      65536
#define EVENT_ROUND_MAX 2000       /* events sent to one client before the others get their turn */
#define EVENT_BYTES_MAX (1u << 20) /* that wait in a client's output before more are added */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    static char chunk[READ_CHUNK];
    struct client *client = arg;
    ssize_t got = read(fd, chunk, sizeof(chunk));

    if (got > 0) {
        buf_add(&client->in, chunk, (size_t)got);
        /* Time for the requests first: what is more than the longest line is not read yet. */
        if (client->in.len > CONTROL_LINE_MAX && !client->is_file)
            event_del(client->readable);
        return;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->ended = true;
    if (!client->is_file)
        event_del(client->readable);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    client_flush(arg);
}

/* A file can not be waited for, and need not: its requests are all there. */
static bool is_file(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return false;
    return S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && !isatty(fd));
}

struct client *client_new(struct control *control, int in_fd, int out_fd)
{
    struct client *client = xcalloc(1, sizeof(*client)), **end = &control->clients;
    struct event_base *events = control->stage.loop.events;

    client->control = control;
    client->in_fd = in_fd;
    client->out_fd = out_fd;
    fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK);
    fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK);
    client->readable = event_new(events, in_fd, EV_READ | EV_PERSIST, on_readable, client);
    client->writable = event_new(events, out_fd, EV_WRITE, on_writable, client);
    assert(client->readable && client->writable);
    client->is_file = is_file(in_fd);
    if (!client->is_file)
        event_add(client->readable, NULL);
    while (*end)
        end = &(*end)->next;
    *end = client;
    control->client_count++;
    client_notify(client, "hello", native_hello(control));
    return client;
}

void client_refuse(int fd)
{
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,"
                               "\"message\":\"64 clients are connected already\"}}\n";

    static_assert(CONTROL_CLIENT_MAX == 64, "the text names it");
    send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

void client_free(struct client *client)
{
    struct client **place = &client->control->clients;

    while (*place != client)
        place = &(*place)->next;
    *place = client->next;
    client->control->client_count--;
    event_free(client->readable);
    event_free(client->writable);
    if (client->in_fd > STDERR_FILENO)
        close(client->in_fd);
    buf_deinit(&client->in);
    buf_deinit(&client->out);
    free(client);
}

void client_send(struct client *client, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text && !client->gone) {
        buf_add_text(&client->out, text);
        buf_add_char(&client->out, '\n');
    }
    free(text);
    /* A client that does not read what it asked for is cut off, before it costs all memory. */
    if (client->out.len > CONTROL_OUT_MAX)
        client->gone = true;
}

void client_notify(struct client *client, const char *method, json_t *params)
{
    client_send(client,
                json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

static void read_file(struct client *client)
{
    while (!client->ended && client->in.len <= CONTROL_LINE_MAX)
        on_readable(client->in_fd, 0, client);
}

bool client_serve(struct client *client)
{
    struct buf *in = &client->in;
    char *end;
    size_t used = 0;
    bool any = false;

    if (client->is_file)
        read_file(client);
    while (used < in->len && !client->gone &&
           (end = memchr(in->data + used, '\n', in->len - used))) {
        size_t len = (size_t)(end - in->data) - used;

        any = true;
        if (len > CONTROL_LINE_MAX)
            break;
        rpc_take_line(client, in->data + used, len);
        used += len + 1;
    }
    buf_drop_front(in, used);
    if (in->len > CONTROL_LINE_MAX) {
        rpc_error(client, NULL, RPC_INVALID_REQUEST,
                  "a request of more than 4 MiB; the connection is closed", NULL);
        buf_clear(in);
        if (!client->is_file)
            event_del(client->readable);
        client->ended = true;
    } else if (!client->ended && !client->is_file) {
        event_add(client->readable, NULL);
    }
    return any;
}

json_t *client_event(const struct trace_record *record)
{
    struct buf text = {0};
    json_t *event;

    trace_format_json(record, &text);
    event = json_loadb(text.data, text.len, JSON_ALLOW_NUL, NULL);
    buf_deinit(&text);
    if (event)
        json_object_set_new(event, "seq", json_integer((json_int_t)record->seq));
    return event;
}

bool client_send_events(struct client *client)
{
    const struct trace *trace = client->control->stage.bench.trace;
    unsigned sent = 0;

    if (!client->subscribed)
        return false;
    if (client->event_next < trace_first(trace))
        client->event_next = trace_first(trace);
    for (; client->event_next < trace_next(trace) && sent < EVENT_ROUND_MAX &&
           client->out.len < EVENT_BYTES_MAX;
         client->event_next++) {
        const struct trace_record *record = trace_get(trace, client->event_next);

        if (!(client->kinds >> record->kind & 1))
            continue;
        client_notify(client, "event", client_event(record));
        sent++;
    }
    return sent == EVENT_ROUND_MAX;
}

void client_flush(struct client *client)
{
    while (client->out.len > 0 && !client->gone) {
        ssize_t sent = write(client->out_fd, client->out.data, client->out.len);

        if (sent > 0) {
            buf_drop_front(&client->out, (size_t)sent);
        } else if (sent < 0 && errno == EAGAIN) {
            event_add(client->writable, NULL);
            return;
        } else if (sent < 0 && errno != EINTR) {
            client->gone = true;
        }
    }
}
