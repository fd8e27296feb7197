/*
 * What the two files of the console share.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "sim/base/buf.h"

struct event;
struct modem;
struct port;
struct sandbox;

#define CONSOLE_LINE_MAX 256 /* bytes of an answer typed at a question */

enum console_mode {
    CONSOLE_MODEM,    /* bytes go to the modem; without -i: keys are ours */
    CONSOLE_KEY,      /* the prefix came */
    CONSOLE_POWER,    /* the power menu waits for its key */
    CONSOLE_QUESTION, /* a line is being typed for us */
};

struct console {
    struct sandbox *sandbox;
    struct event *readable;
    bool is_terminal, interactive;
    struct termios before;
    enum console_mode mode;
    size_t current; /* modem that the keys are for */

    struct port *wire; /* -i: our end of the modem's tty; NULL = none */
    bool wire_gone;
    bool hex, stamps;
    bool mid_line; /* output: something stands on the line already */

    const char *act; /* CONSOLE_QUESTION: what the line is for */
    struct buf line;
};

struct modem *console_modem(const struct console *console);
/* A key of ours: without -i any, with -i one that follows the prefix. */
void console_key(struct console *console, char key);
/* Take one byte while a question or a menu is open. */
void console_answer(struct console *console, char byte);
/* "[text]" on a line of its own; text may have several lines. */
void console_say(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes to the terminal as they are. */
void console_put(const void *bytes, size_t len);
