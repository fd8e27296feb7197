/* SPDX-License-Identifier: MIT */
#include "harness/attach.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"

char *attach_path_in(const char *line)
{
    static const char *const folders[] = {"/dev/pts/", "/dev/tty"};

    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        const char *found = strstr(line, folders[i]), *end;

        if (!found)
            continue;
        end = found + strlen(folders[i]);
        while (isalnum((unsigned char)*end) || *end == '_')
            end++;
        if (end > found + strlen(folders[i]))
            return xstrndup(found, (size_t)(end - found));
    }
    return NULL;
}

static void offer(struct trace *trace, attach_modem_fn modem_at, void *arg, const char *line,
                  const char *path)
{
    struct buf error = {0};
    struct modem *modem;
    bool taken = false;

    for (size_t i = 0; !taken && (modem = modem_at(arg, i)); i++)
        taken = modem_attach_tty(modem, line, path, &error);
    if (error.len > 0)
        trace_addf(trace, TRACE_NOTE, "host", "attach: %s", buf_text(&error));
    buf_deinit(&error);
}

void attach_follow(struct trace *trace, uint64_t *seq, attach_modem_fn modem_at, void *arg)
{
    if (*seq < trace_first(trace))
        *seq = trace_first(trace);
    for (; *seq < trace_next(trace); ++*seq) {
        const struct trace_record *record = trace_get(trace, *seq);
        char *path, *line;

        if (record->kind != TRACE_STDOUT && record->kind != TRACE_STDERR)
            continue;
        path = attach_path_in(record->data);
        if (!path)
            continue;
        line = xstrdup(record->data); /* a note may move the record */
        offer(trace, modem_at, arg, line, path);
        free(line);
        free(path);
    }
}
