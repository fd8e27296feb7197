/* SPDX-License-Identifier: MIT */
#include "sim/port/port_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/text.h"
#include "sim/port/rate.h"

static int refuse(struct buf *error_out, const char *text, const char *wanted)
{
    if (error_out)
        buf_printf(error_out, "\"%s\" is no port: %s", text, wanted);
    return -EINVAL;
}

/* Return: 0, or -EINVAL when it does not fit. */
static int copy(char *out, size_t size_bytes, const char *text, size_t len)
{
    if (len == 0 || len >= size_bytes)
        return -EINVAL;
    memcpy(out, text, len);
    out[len] = '\0';
    return 0;
}

static int parse_tcp(const char *text, struct port_spec *spec, struct buf *error_out)
{
    const char *address = text + strlen("tcp:"), *colon = strrchr(address, ':');
    long long number;

    spec->kind = PORT_TCP;
    if (!colon || copy(spec->path, sizeof(spec->path), address, (size_t)(colon - address)) < 0 ||
        text_parse_int(colon + 1, &number) < 0 || number < 0 || number > UINT16_MAX)
        return refuse(error_out, text, "write tcp:127.0.0.1:PORT; port 0 is any");
    if (strcmp(spec->path, "localhost") == 0)
        snprintf(spec->path, sizeof(spec->path), "127.0.0.1");
    if (strncmp(spec->path, "127.", 4) != 0)
        return refuse(error_out, text, "only loopback is listened on, 127.0.0.1");
    spec->number = (unsigned)number;
    return 0;
}

static int parse_attach(const char *text, struct port_spec *spec, struct buf *error_out)
{
    const char *rest = text + strlen("attach:");

    spec->kind = PORT_ATTACH;
    if (strcmp(rest, "auto") == 0 || text_has_prefix(rest, "auto:")) {
        spec->kind = PORT_ATTACH_AUTO;
        rest += strlen("auto");
        if (*rest && copy(spec->text, sizeof(spec->text), rest + 1, strlen(rest + 1)) < 0)
            return refuse(error_out, text, "write attach:auto:TEXT, TEXT being a part of the line");
        return 0;
    }
    if (rest[0] != '/' || copy(spec->path, sizeof(spec->path), rest, strlen(rest)) < 0)
        return refuse(error_out, text, "write attach:auto, or attach:/dev/pts/6");
    return 0;
}

static int parse_serial(const char *text, struct port_spec *spec, struct buf *error_out)
{
    const char *at = strrchr(text, '@');
    size_t len = at ? (size_t)(at - text) : strlen(text);
    long long baud = 0;

    spec->kind = PORT_SERIAL;
    if (copy(spec->path, sizeof(spec->path), text, len) < 0)
        return refuse(error_out, text, "the path is too long");
    if (at && (text_parse_int(at + 1, &baud) < 0 || rate_to_speed((long)baud) == B0))
        return refuse(error_out, text, "a rate such as 115200 is expected behind the @");
    spec->baud = (long)baud;
    return 0;
}

int port_spec_parse(const char *text, struct port_spec *spec_out, struct buf *error_out)
{
    *spec_out = (struct port_spec){.kind = PORT_PTY};
    if (text[0] == '\0' || strcmp(text, "pty") == 0)
        return 0;
    if (text_has_prefix(text, "tcp:"))
        return parse_tcp(text, spec_out, error_out);
    if (text_has_prefix(text, "attach:"))
        return parse_attach(text, spec_out, error_out);
    if (text[0] == '/')
        return parse_serial(text, spec_out, error_out);
    return refuse(error_out, text,
                  "there are pty, tcp:127.0.0.1:0, /dev/ttyUSB0@115200, attach:PATH, attach:auto");
}

static int open_by_kind(const struct port_spec *spec, struct loop *loop, const struct port_up *up,
                        void *arg, struct port **port_out)
{
    switch (spec->kind) {
    case PORT_PTY:
        return pty_port_new(loop, up, arg, port_out);
    case PORT_TCP:
        return tcp_port_new(loop, up, arg, spec->path, spec->number, port_out);
    case PORT_SERIAL:
    case PORT_ATTACH:
        return serial_port_new(loop, up, arg, spec->path, spec->baud, port_out);
    case PORT_ATTACH_AUTO:
        return serial_port_new(loop, up, arg, NULL, 0, port_out);
    }
    return -EINVAL;
}

int port_spec_open(const struct port_spec *spec, struct loop *loop, const struct port_up *up,
                   void *arg, struct port **port_out, struct buf *error_out)
{
    int r = open_by_kind(spec, loop, up, arg, port_out);

    if (r >= 0)
        return 0;
    if (spec->kind == PORT_PTY)
        buf_printf(error_out, "no pseudo-terminal: %s%s", strerror(-r),
                   r == -ENOSPC ? " (kernel.pty.max is used up)" : "");
    else if (spec->kind == PORT_TCP)
        buf_printf(error_out, "tcp:%s:%u: %s", spec->path, spec->number, strerror(-r));
    else
        buf_printf(error_out, "%s: %s", spec->path, strerror(-r));
    return r;
}
