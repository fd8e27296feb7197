/* SPDX-License-Identifier: MIT */
#include "harness/event_log.h"

#include "sim/base/buf.h"
#include "sim/base/trace.h"

void event_log_follow(struct event_log *log)
{
    struct buf line = {0};

    if (log->next < trace_first(log->trace))
        log->next = trace_first(log->trace);
    for (; log->next < trace_next(log->trace); log->next++) {
        const struct trace_record *record = trace_get(log->trace, log->next);

        if (!log->file || !trace_is_news(log->trace, record))
            continue;
        buf_clear(&line);
        trace_format(record, &line);
        buf_add_text(&line, log->line_end);
        fwrite(line.data, 1, line.len, log->file);
    }
    if (log->file)
        fflush(log->file);
    buf_deinit(&line);
}
