/*
 * A modem's tty has another number each time; its link has the same name. A link that still points
 * at a tty belongs to another sandbox that runs, and is left alone: the next number is taken.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/run_dir.h"
#include "harness/sandbox.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/modem/modem.h"

#define NUMBER_MAX 100

/* Nothing, or a symlink of ours that leads nowhere any more. */
static bool is_free(const char *path)
{
    struct stat status;

    if (lstat(path, &status) < 0)
        return errno == ENOENT;
    return S_ISLNK(status.st_mode) && status.st_uid == geteuid() && stat(path, &status) < 0;
}

static char *default_link(const char *name)
{
    const char *folder = folder_runtime();
    char *path = NULL;

    for (unsigned n = 1; n < NUMBER_MAX; n++) {
        free(path);
        path = n == 1 ? xasprintf("%s/hayeswire-%s", folder, name)
                      : xasprintf("%s/hayeswire-%s-%u", folder, name, n);
        if (is_free(path))
            break;
    }
    return path;
}

int sandbox_links_choose(struct sandbox *sandbox, struct buf *error_out)
{
    const char *given = sandbox->options->tty_link;

    for (size_t i = 0; i < sandbox->count; i++) {
        struct sandbox_modem *place = &sandbox->modems[i];
        const char *tty = modem_tty(place->modem, NULL);

        if (tty && tty[0] != '/')
            continue; /* TCP */
        if (!given)
            place->link = default_link(place->modem->name);
        else if (i == 0)
            place->link = xstrdup(given);
        else
            place->link = xasprintf("%s-%s", given, place->modem->name);
    }
    return sandbox_links_follow(sandbox, error_out);
}

int sandbox_links_follow(struct sandbox *sandbox, struct buf *error_out)
{
    int r = 0;

    for (size_t i = 0; i < sandbox->count && r == 0; i++) {
        struct sandbox_modem *place = &sandbox->modems[i];
        const char *tty = modem_tty(place->modem, NULL);

        if (!place->link || !tty || (place->linked_tty && strcmp(tty, place->linked_tty) == 0))
            continue;
        r = tty_link_set(place->link, tty, error_out);
        if (r == 0)
            xstrset(&place->linked_tty, tty);
    }
    return r;
}

void sandbox_links_remove(struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->count; i++) {
        if (sandbox->modems[i].linked_tty)
            tty_link_remove(sandbox->modems[i].link);
        free(sandbox->modems[i].link);
        free(sandbox->modems[i].linked_tty);
    }
}
