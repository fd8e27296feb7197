/* SPDX-License-Identifier: MIT */
#include "harness/console.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/console_private.h"
#include "harness/sandbox.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/modem.h"
#include "sim/port/port.h"

#define PREFIX     0x14 /* Ctrl-T */
#define READ_CHUNK 1024

struct modem *console_modem(const struct console *console)
{
    return console->sandbox->modems[console->current].modem;
}

/* ---- out ---- */

void console_put(const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t sent = write(STDOUT_FILENO, at, len);

        if (sent < 0 && errno != EINTR)
            return; /* nobody looks any more */
        if (sent > 0) {
            at += sent;
            len -= (size_t)sent;
        }
    }
}

void console_say(struct console *console, const char *format, ...)
{
    struct buf text = {0}, out = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (console->mid_line)
        buf_add_text(&out, "\r\n");
    buf_add_char(&out, '[');
    for (const char *p = buf_text(&text); *p; p++)
        buf_add_text(&out, *p == '\n' ? "\r\n " : (char[]){*p, '\0'});
    buf_add_text(&out, "]\r\n");
    console_put(out.data, out.len);
    console->mid_line = false;
    buf_deinit(&text);
    buf_deinit(&out);
}

static void add_stamp(struct console *console, struct buf *out)
{
    buf_add_text(out, "[+");
    text_format_clock(out, clock_now_us(&console->sandbox->stage.clock));
    buf_add_text(out, "] ");
}

/* What the modem says, as the person wants to see it. */
static void on_wire(void *arg, const void *bytes, size_t len)
{
    struct console *console = arg;
    const unsigned char *at = bytes;
    struct buf out = {0};

    for (size_t i = 0; i < len; i++) {
        bool shows = console->hex || (at[i] != '\r' && at[i] != '\n');

        if (console->stamps && !console->mid_line && shows)
            add_stamp(console, &out);
        if (console->hex)
            buf_printf(&out, "%02x%s", at[i], at[i] == '\n' ? "\r\n" : " ");
        else
            buf_add_char(&out, (char)at[i]);
        console->mid_line = at[i] == '\n' ? false : console->mid_line || shows;
    }
    console_put(buf_text(&out), out.len);
    buf_deinit(&out);
}

/* ---- in ---- */

static void to_modem(struct console *console, char byte)
{
    if (console->wire)
        port_write(console->wire, &byte, 1);
}

static void take(struct console *console, char byte)
{
    switch (console->mode) {
    case CONSOLE_MODEM:
        if (!console->interactive)
            console_key(console, byte);
        else if (byte == PREFIX && console->is_terminal)
            console->mode = CONSOLE_KEY;
        else
            to_modem(console, byte);
        return;
    case CONSOLE_KEY:
        console->mode = CONSOLE_MODEM;
        if (byte == PREFIX)
            to_modem(console, byte);
        else
            console_key(console, byte);
        return;
    case CONSOLE_POWER:
    case CONSOLE_QUESTION:
        console_answer(console, byte);
        return;
    }
}

static void on_stdin(evutil_socket_t fd, short what, void *arg)
{
    struct console *console = arg;
    char bytes[READ_CHUNK];
    /* Keys come one by one: what is typed behind the one that quits is for the shell. */
    ssize_t got = read(fd, bytes, console->is_terminal ? 1 : sizeof(bytes));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        event_del(console->readable); /* the sandbox goes on: it may be a daemon of a script */
        return;
    }
    for (ssize_t i = 0; i < got; i++)
        take(console, bytes[i]);
}

/* ---- the wire to the modem ---- */

void console_follow(struct console *console)
{
    static const struct port_up up = {.rx = on_wire};
    const char *tty;

    if (!console->interactive)
        return;
    tty = modem_tty(console_modem(console), NULL);
    if (console->wire && (!tty || strcmp(console->wire->path, tty) != 0)) {
        port_free(console->wire);
        console->wire = NULL;
    }
    if (!tty && !console->wire_gone)
        console_say(console, "the tty is gone");
    else if (tty && console->wire_gone)
        console_say(console, "the tty is %s", tty);
    console->wire_gone = !tty;
    if (!console->wire && tty)
        serial_port_new(&console->sandbox->stage.loop, &up, console, tty, 0, &console->wire);
}

/* ---- life ---- */

static void set_terminal(struct console *console)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &console->before) < 0)
        return;
    /* A background job would be stopped by the change, and its keys are another's. */
    if (tcgetpgrp(STDIN_FILENO) != getpgrp())
        return;
    console->is_terminal = true;
    raw = console->before;
    if (console->interactive)
        cfmakeraw(&raw);
    else
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C stays a signal */
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

int console_new(struct sandbox *sandbox, struct console **console_out, struct buf *error_out)
{
    struct console *console = xcalloc(1, sizeof(*console));
    const char *tty = modem_tty(sandbox->modems[0].modem, NULL);

    *console_out = console;
    console->sandbox = sandbox;
    console->interactive = sandbox->options->interactive;
    if (console->interactive && !modem_has_ptys(sandbox->modems[0].modem)) {
        buf_printf(error_out, "-i: the modem's port is %s: type at it from the other side", tty);
        return -ENOTTY;
    }
    set_terminal(console);
    if (!console->is_terminal && !console->interactive)
        return 0;
    console->readable = event_new(sandbox->stage.loop.events, STDIN_FILENO, EV_READ | EV_PERSIST,
                                  on_stdin, console);
    assert(console->readable);
    if (event_add(console->readable, NULL) < 0 && console->interactive) {
        buf_add_text(error_out, "-i: stdin can not be watched; give it a terminal or a pipe");
        return -EINVAL;
    }
    if (console->interactive && console->is_terminal)
        console_say(console, "Ctrl-T ? shows the keys, Ctrl-T q quits");
    return 0;
}

void console_free(struct console *console)
{
    if (!console)
        return;
    if (console->readable)
        event_free(console->readable);
    if (console->is_terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &console->before);
    port_free(console->wire);
    buf_deinit(&console->line);
    free(console);
}
