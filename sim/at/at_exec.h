/*
 * The executor: a command line to requests, to one reply.
 *
 *   line -> each part (V.250 5.4.1: basic commands follow each other, ';' after extended ones)
 *        -> ops->find, ops->before -> handler -> information text collected -> final result by
 *        V, Q, X and CMEE -> ops->send, one call for all that belongs together.
 * A line stops at its first error (V.250 5.4.2). A handler that returns AT_PENDING suspends the
 * line until at_exec_complete(); what was collected so far is sent first.
 * No I/O and no clock: ops do that.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sim/at/at_cmd.h"

/*
 * Bytes of a reply that are collected at once. A line beyond is left out, and what would have been
 * OK becomes ERROR.
 */
#define AT_REPLY_MAX (64 * 1024)

/* How a dialect dresses its replies; const data of the dialect. */
struct at_style {
    bool no_space_after_colon; /* "+CSQ:20,99" */
    bool compact_info;  /* several information lines share their frame: \r\nA\r\nB\r\n instead of
                           \r\nA\r\n\r\nB\r\n */
    bool no_chain;      /* ';' is refused */
    int unknown_result; /* result of a command that no table has; AT_ERROR or AT_CME(n) */
    int too_long_result;
    const char *(*cme_text)(int code); /* for CMEE 2; NULL result = number is printed; NULL
                                          pointer = at_cme_standard_text */
    const char *const *own_results;    /* final results that no standard has; all of them errors */
    size_t own_result_count;
};

struct at_exec_ops {
    /* Row for an upper-case name, or NULL. */
    const struct at_cmd *(*find)(struct line *line, const char *name);
    /*
     * Called before each handler. Return 0 to go on; AT_PENDING to hold the command until
     * at_exec_resume(); another positive result to fail it without its handler; negative: gone.
     */
    int (*before)(struct line *line, const struct at_req *req);
    /* No table has it, or its row lacks this form. For the trace. */
    void (*unhandled)(struct line *line, const struct at_req *req);
    /*
     * Bytes for the host; final = the reply is closed and the executor idle again. Called for each
     * line with final set, even when Q1 or AT_SILENT leave no bytes (len 0). The executor may be
     * reset or given its next line from within.
     */
    void (*send)(struct line *line, const char *bytes, size_t len, bool final);
    /* The handler asked for a prompt: data follow. Its "\r\n> " goes to send right after. */
    void (*prompt)(struct line *line);
};

struct at_exec;

/* All arguments are borrowed; every operation is required. */
struct at_exec *at_exec_new(struct line *line, const struct at_exec_ops *ops,
                            const struct at_style *style, const struct at_settings *settings);
/* Not from within an operation or a handler; a power cut there calls at_exec_reset(). */
void at_exec_free(struct at_exec *exec);
/* Forget a suspended line, and the one for A/, without printing anything (power loss). */
void at_exec_reset(struct at_exec *exec);

/*
 * Run a command line (without "AT" and terminator). Must not be called while busy.
 * The text is remembered for A/ even when it fails; too_long gives style->too_long_result.
 * Return: 0, or negative forwarded from a handler (nothing is printed then).
 */
int at_exec_line(struct at_exec *exec, const char *text, size_t len, bool too_long);
/* A/: the last line again; OK when there was none. Return: as at_exec_line. */
int at_exec_repeat(struct at_exec *exec);
/* Data after a prompt. Return: as at_exec_line. */
int at_exec_data(struct at_exec *exec, const char *data, size_t len, bool cancelled);

/* Whether a line is suspended (pending, held or waiting for data). */
bool at_exec_busy(const struct at_exec *exec);
/* Whether an information response was begun but its final result is still owed. */
bool at_exec_open(const struct at_exec *exec);
/*
 * A pending command ends with result (AT_OK or positive); the rest of the line runs on.
 * Information text may be added to at_exec_reply() before. Ignored when not pending.
 */
int at_exec_complete(struct at_exec *exec, int result);
/* A command held by ops->before runs now. */
int at_exec_resume(struct at_exec *exec);
struct at_reply *at_exec_reply(struct at_exec *exec);

/* ---- the reply under construction ---- */

/*
 * One information line, framed by the style and V: "+CSQ: 20,99". Text is copied. Write the space
 * after the colon always: a style with no_space_after_colon takes it out.
 */
void at_reply_line(struct at_reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes as they are, unframed. */
void at_reply_raw(struct at_reply *reply, const void *bytes, size_t len);

/* ---- results as text, for URCs and tests ---- */

/* Append the final result for a code as V, Q, X, CMEE and the style want it; nothing if Q1. */
void at_format_result(struct buf *out, int result, const struct at_settings *settings,
                      const struct at_style *style);
/* Append one framed line: \r\nTEXT\r\n, or TEXT\r\n with V0 (V.250 5.7.1). */
void at_format_line(struct buf *out, const char *text, size_t len,
                    const struct at_settings *settings);
/* CMEE 2 texts of 27.007 9.2.1; NULL when the standard names none. */
const char *at_cme_standard_text(int code);
