/* SPDX-License-Identifier: MIT */
#include "harness/host_output.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/loop.h"
#include "sim/base/mem.h"

/* Read at most this much in one turn of the loop, so that a chatterbox cannot starve the modem. */
#define READ_CHUNK 65536u

static void end_line(struct host_output *output)
{
    size_t len = output->line.len;

    if (output->cut)
        buf_printf(&output->line, " [cut: a line of more than %u bytes]", HOST_LINE_MAX);
    else if (len > 0 && output->line.data[len - 1] == '\r')
        output->line.data[--output->line.len] = '\0';
    trace_add(output->trace, output->kind, output->who, buf_text(&output->line), output->line.len);
    if (output->line.len > 0)
        xstrset(&output->last, output->line.data);
    buf_clear(&output->line);
    output->cut = false;
}

static void take(struct host_output *output, const char *bytes, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;
        size_t room = HOST_LINE_MAX - output->line.len;

        if (!output->cut)
            buf_add(&output->line, bytes, part < room ? part : room);
        if (part > room)
            output->cut = true;
        if (newline)
            end_line(output);
        part += newline != NULL;
        bytes += part;
        len -= part;
    }
}

static void keep(struct host_output *output, const char *bytes, size_t len)
{
    if (!output->file || output->file_bytes > HOST_FILE_MAX)
        return;
    output->file_bytes += len;
    if (output->file_bytes <= HOST_FILE_MAX)
        fwrite(bytes, 1, len, output->file);
    else
        fprintf(output->file, "\n[cut: more than %u bytes]\n", HOST_FILE_MAX);
    fflush(output->file);
}

static void close_pipe(struct host_output *output)
{
    if (output->line.len > 0 || output->cut)
        end_line(output);
    if (output->readable)
        event_free(output->readable);
    if (output->fd >= 0)
        close(output->fd);
    output->readable = NULL;
    output->fd = -1;
}

/* Return: whether there may be more to read at once. */
static bool read_some(struct host_output *output)
{
    static char chunk[READ_CHUNK];
    ssize_t n;

    if (output->fd < 0)
        return false;
    n = read(output->fd, chunk, sizeof(chunk));
    if (n > 0) {
        keep(output, chunk, (size_t)n);
        take(output, chunk, (size_t)n);
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_pipe(output);
    return false;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    read_some(arg);
}

void host_output_init(struct host_output *output, const struct host_config *config,
                      enum trace_kind kind, int fd)
{
    *output = (struct host_output){
        .trace = config->trace,
        .kind = kind,
        .fd = fd,
    };
    snprintf(output->who, sizeof(output->who), "%s", config->who);
    if (config->dir) {
        char *path = xasprintf("%s/%s.%s", config->dir, config->who,
                               kind == TRACE_STDERR ? "err" : "out");

        /* Without the file the trace still has the lines, so a failure here is no failure. */
        output->file = fopen(path, "ae");
        free(path);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    output->readable = event_new(config->loop->events, fd, EV_READ | EV_PERSIST, on_readable,
                                 output);
    assert(output->readable);
    event_priority_set(output->readable, LOOP_RANK_OUTPUT);
    event_add(output->readable, NULL);
}

void host_output_drain(struct host_output *output)
{
    for (size_t n = 0; n < HOST_FILE_MAX / READ_CHUNK && read_some(output); n++)
        ;
}

void host_output_deinit(struct host_output *output)
{
    close_pipe(output);
    if (output->file)
        fclose(output->file);
    buf_deinit(&output->line);
    free(output->last);
}
