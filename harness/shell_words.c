/* SPDX-License-Identifier: MIT */
#include "harness/shell_words.h"

#include <stdbool.h>
#include <string.h>

#include "harness/run_options.h"
#include "sim/base/buf.h"

/* As a shell reads it back. A brace alone is plain to shells; with ',' or ".." it would expand. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,=@%+{}";
    bool expands = strchr(word, '{') && (strchr(word, ',') || strstr(word, ".."));

    return *word && strspn(word, plain) == strlen(word) && !expands;
}

void shell_add_word(struct buf *out, const char *word)
{
    if (out->len > 0)
        buf_add_char(out, ' ');
    if (is_plain(word)) {
        buf_add_text(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (const char *p = word; *p; p++) {
        if (*p == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, *p);
    }
    buf_add_char(out, '\'');
}

void shell_add_option(struct buf *out, const char *option, const char *value)
{
    if (!value)
        return;
    buf_printf(out, " %s", option);
    shell_add_word(out, value);
}

void shell_add_habits(struct buf *out, const struct run_options *options)
{
    if (options->one_cpu)
        buf_add_text(out, " --one-cpu");
    if (options->lines)
        buf_add_text(out, " --lines");
    if (options->allow_network)
        buf_add_text(out, " --allow-network");
    shell_add_option(out, "--tty-link", options->tty_link);
    shell_add_option(out, "--port", options->port);
}

void shell_add_host(struct buf *out, char *const *command)
{
    for (size_t i = 0; command && command[i]; i++) {
        if (i == 0)
            buf_add_text(out, " --");
        shell_add_word(out, command[i]);
    }
}
