/*
 * The dialogue of one AT line, rebuilt from its bytes: what the host typed, which lines answered
 * it, which lines came unasked. For what writes scenarios from a record; it knows no modem.
 *
 * A reply is open from the end of a command line to its final result. Lines outside are unasked;
 * inside, a line counts as unasked if the same beginning (up to ':') was said unasked before, or
 * the caller has said so by at_log_urc(). The echo of the command is left out.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/names.h"
#include "sim/base/buf.h"

#define AT_LOG_TYPED_MAX 4096 /* bytes of one command line or message; a longer one is cut */

struct at_log {
    struct buf typed;     /* being typed */
    struct buf line;      /* of the modem, being received */
    char *command;        /* whose reply is open or was the last; NULL = none yet */
    size_t echoed;        /* bytes of it that a URC cut off from the rest of its echo */
    bool is_open;         /* its final result has not come */
    bool wants_data;      /* the prompt came: Ctrl-Z ends what is typed */
    struct names unasked; /* beginnings that were said unasked */
    struct names urcs;    /* said unasked in the open reply, by name */

    /* Text without line end; data of a prompt comes with its Ctrl-Z or ESC. */
    void (*on_typed)(void *arg, const char *text, size_t len);
    /* A line of the open reply; is_final for its result. */
    void (*on_reply)(void *arg, const char *text, bool is_final);
    void (*on_unasked)(void *arg, const char *text, size_t len);
    void (*on_prompt)(void *arg); /* data are asked for; NULL = ignored */
    void *arg;
};

void at_log_deinit(struct at_log *log);
void at_log_host(struct at_log *log, const char *bytes, size_t len);
void at_log_modem(struct at_log *log, const char *bytes, size_t len);
/* The modem is known to say this text unasked next. */
void at_log_urc(struct at_log *log, const char *text);
/* The modem lost its power: nothing is open any more. */
void at_log_restart(struct at_log *log);
/* Whether the text is a final result (V.250 5.7.1, 27.007 9). */
bool at_log_is_final(const char *text);
