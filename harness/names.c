/* SPDX-License-Identifier: MIT */
#include "harness/names.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

void names_deinit(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct names){0};
}

void names_add(struct names *names, const char *text)
{
    if (names->count == names->cap) {
        names->cap = names->cap ? names->cap * 2 : 16;
        names->items = xrealloc(names->items, names->cap * sizeof(*names->items));
    }
    names->items[names->count++] = xstrdup(text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool names_hold(const struct names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], text) == 0)
            return true;
    }
    return false;
}

void names_add_variable(struct names *names, const char *name, const char *value)
{
    char *line = xasprintf("%s=%s", name, value);

    names_add(names, line);
    free(line);
}

void names_add_tty_variable(struct names *names, const char *who, const char *tty)
{
    struct buf name = {0};

    buf_add_text(&name, "HAYESWIRE_TTY_");
    for (const char *p = who; *p; p++)
        buf_add_char(&name, isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_');
    names_add_variable(names, buf_text(&name), tty);
    buf_deinit(&name);
}

const char **names_list(const struct names *names)
{
    const char **list = xcalloc(names->count + 1, sizeof(*list));

    for (size_t i = 0; i < names->count; i++)
        list[i] = names->items[i];
    return list;
}

void names_sort(struct names *names)
{
    if (names->count > 1)
        qsort(names->items, names->count, sizeof(*names->items), by_text);
}

void names_add_folder(struct names *names, const char *dir,
                      bool (*want)(const char *dir, const char *name))
{
    DIR *stream = opendir(dir);
    struct dirent *entry;

    if (!stream)
        return;
    while ((entry = readdir(stream))) {
        if (entry->d_name[0] != '.' && (!want || want(dir, entry->d_name)))
            names_add(names, entry->d_name);
    }
    closedir(stream);
}

const char *names_nearest(const struct names *names, const char *word)
{
    return text_nearest(word, (const char *const *)names->items, names->count);
}

void names_suggest(const struct names *names, const char *word, const char *prefix, struct buf *out)
{
    const char *near = names_nearest(names, word);

    if (near)
        buf_printf(out, "; did you mean %s%s?", prefix, near);
}
