/*
 * The bench of the executor's tests: one line, a small dialect, and a log of all that happens.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/test.h"

#include "sim/at/at_exec.h"
#include "sim/base/buf.h"

/*
 * A line that writes down what the executor does with it:
 *   <..> bytes of a final reply   [..] bytes before it   {what:command} the other operations
 */
struct line {
    struct at_settings settings;
    struct at_style style;
    struct at_exec *exec;
    struct buf log;
    int before_result;     /* what the next call of before answers */
    bool reset_in_send;    /* the power goes away while bytes are sent */
    const char *next_line; /* typed ahead: served as soon as the reply is closed */
};

/* For cmocka: *state is the line. */
int at_line_setup(void **state);
int at_line_teardown(void **state);
/* Run what stands behind AT; the log begins anew. Return: what the executor returned. */
int at_line_run(struct line *line, const char *text);
/* It needs nothing more, and all that happened is compared. */
void at_line_check(struct line *line, const char *text, const char *expected, const char *file,
                   int source_line);

#define check(line, text, expected) at_line_check((line), (text), (expected), __FILE__, __LINE__)

#define assert_log(line, expected) assert_string_equal(buf_text(&(line)->log), (expected))

#define OK_REPLY    "<\\r\\nOK\\r\\n>"
#define ERROR_REPLY "<\\r\\nERROR\\r\\n>"

#define line_test(function) \
    cmocka_unit_test_setup_teardown(function, at_line_setup, at_line_teardown)
