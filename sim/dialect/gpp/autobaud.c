/*
 * Autobaud: until the rate is known the module answers nothing. The host repeats AT; some of those
 * lines are spent on finding the rate, the next one is answered.
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>

#include "sim/base/trace.h"
#include "sim/dialect/gpp/gpp.h"
#include "sim/port/port.h"

#define RATE_DEFAULT 115200 /* where the host's rate can not be seen, as on a socket pair */

bool gpp_rate_is_unknown(const struct line *line)
{
    return line->autobaud && line->rate == 0;
}

static bool ends_a_training_line(struct line *line, const struct gpp_autobaud *rules, char byte)
{
    char first = line->train_tail[0], second = line->train_tail[1];
    bool is_at = tolower((unsigned char)first) == 'a' && tolower((unsigned char)second) == 't' &&
                 byte == '\r';

    if (rules->is_one_case && (first == 'a') != (second == 't'))
        is_at = false;
    line->train_tail[0] = second;
    line->train_tail[1] = byte;
    return is_at;
}

long gpp_find_rate(struct line *line, const struct gpp_autobaud *rules, const char *bytes,
                   size_t len)
{
    long host = port_baud(line->port);
    int r;

    if (host > rules->rate_max)
        return (long)len;
    for (size_t i = 0; i < len; i++) {
        if (!ends_a_training_line(line, rules, bytes[i]))
            continue;
        if (line->train_seen++ < rules->unanswered)
            continue;
        line->rate = host > 0 ? host : RATE_DEFAULT;
        trace_addf(line->modem->bench->trace, TRACE_NOTE, line->who,
                   "autobaud: synchronised at %ld", line->rate);
        r = line_feed(line, "AT\r", 3);
        return r < 0 ? r : (long)i + 1;
    }
    return (long)len;
}
