/*
 * Placeholders in the host's command line: {tty} {tty:NAME} {url} {report} {dir} {seed}, "{{" is a
 * brace.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;

enum placeholder {
    PLACEHOLDER_TTY,
    PLACEHOLDER_URL,
    PLACEHOLDER_DIR,
    PLACEHOLDER_SEED,
    PLACEHOLDER_REPORT, /* where the host may report how its upgrade goes */
};

/*
 * name is what follows the colon, NULL when nothing does.
 * Return: the value, borrowed until the next call; NULL with a message when there is none now.
 */
typedef const char *(*placeholder_fn)(void *arg, enum placeholder which, const char *name,
                                      struct buf *error_out);

/* Whether the text is well-formed. Return: 0, or -EINVAL with a message. */
int placeholder_check(const char *text, struct buf *error_out);
/* Append text with its placeholders replaced. Return: 0, or -EINVAL with a message. */
int placeholder_expand(const char *text, placeholder_fn value, void *arg, struct buf *out,
                       struct buf *error_out);
