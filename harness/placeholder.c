/* SPDX-License-Identifier: MIT */
#include "harness/placeholder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

static const char *const names[] = {"tty", "url", "dir", "seed", "report"};

static int refuse(const char *word, size_t len, const char *text, struct buf *error_out)
{
    char *copy = xstrndup(word, len);
    const char *near;

    copy[strcspn(copy, ":")] = '\0';
    near = text_nearest(copy, names, ARRAY_LEN(names));
    buf_printf(error_out, "unknown placeholder {%.*s} in \"%s\"; ", (int)len, word, text);
    if (near)
        buf_printf(error_out, "did you mean {%s}?", near);
    else
        buf_add_text(error_out, "there are {tty} {tty:NAME} {url} {report} {dir} {seed}, and {{ is "
                                "a brace");
    free(copy);
    return -EINVAL;
}

/* The word between braces. name_out: what follows the colon, in word; NULL when nothing does. */
static int parse(char *word, enum placeholder *which_out, const char **name_out)
{
    char *colon = strchr(word, ':');

    if (colon)
        *colon = '\0';
    *name_out = colon ? colon + 1 : NULL;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(word, names[i]) != 0)
            continue;
        *which_out = (enum placeholder)i;
        return colon && (i != PLACEHOLDER_TTY || !colon[1]) ? -EINVAL : 0;
    }
    return -EINVAL;
}

static int replace(const char *word, size_t len, const char *text, placeholder_fn value, void *arg,
                   struct buf *out, struct buf *error_out)
{
    char *copy = xstrndup(word, len);
    enum placeholder which;
    const char *name;
    int r = 0;

    if (parse(copy, &which, &name) < 0) {
        r = refuse(word, len, text, error_out);
    } else if (value) {
        const char *found = value(arg, which, name, error_out);

        if (found)
            buf_add_text(out, found);
        else
            r = -EINVAL;
    }
    free(copy);
    return r;
}

int placeholder_expand(const char *text, placeholder_fn value, void *arg, struct buf *out,
                       struct buf *error_out)
{
    for (const char *p = text; *p;) {
        const char *end;
        int r;

        if (*p != '{' || p[1] == '{') {
            buf_add_char(out, *p);
            p += *p == '{' ? 2 : 1;
            continue;
        }
        end = strchr(p, '}');
        if (!end)
            return refuse(p + 1, strlen(p + 1), text, error_out);
        r = replace(p + 1, (size_t)(end - p - 1), text, value, arg, out, error_out);
        if (r < 0)
            return r;
        p = end + 1;
    }
    return 0;
}

int placeholder_check(const char *text, struct buf *error_out)
{
    struct buf scratch = {0};
    int r = placeholder_expand(text, NULL, NULL, &scratch, error_out);

    buf_deinit(&scratch);
    return r;
}
