/*
 * The ports of a modem's lines, as its option names them.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_private.h"
#include "sim/port/port.h"
#include "sim/port/port_spec.h"

/* The part of the option that is line index's; lines that it leaves out are ptys. */
static int parse_part(const struct modem *modem, size_t index, struct port_spec *spec_out,
                      struct buf *error_out)
{
    const char *text = modem_text(modem, MODEM_OPTION_PORT);
    struct buf part = {0};
    int r;

    for (; index > 0 && *text; index--) {
        text += strcspn(text, ",");
        text += *text == ',';
    }
    if (index == 0)
        buf_add(&part, text, strcspn(text, ","));
    r = port_spec_parse(buf_text(&part), spec_out, error_out);
    buf_deinit(&part);
    return r;
}

int modem_open_port(struct modem *modem, size_t index, struct port **port_out,
                    struct buf *error_out)
{
    struct buf why = {0};
    struct port_spec spec;
    int r = parse_part(modem, index, &spec, &why);

    if (r == 0)
        r = port_spec_open(&spec, modem->bench->loop, &line_port_up, NULL, port_out, &why);
    if (r < 0)
        buf_printf(error_out, "the port of \"%s\": %s", modem->name, buf_text(&why));
    buf_deinit(&why);
    return r;
}

bool modem_has_ptys(const struct modem *modem)
{
    for (size_t i = 0; i < modem->line_count; i++) {
        struct port_spec spec;

        if (parse_part(modem, i, &spec, NULL) == 0 && spec.kind != PORT_PTY)
            return false;
    }
    return true;
}

bool modem_attach_tty(struct modem *modem, const char *said, const char *path,
                      struct buf *error_out)
{
    for (size_t i = 0; i < modem->line_count; i++) {
        struct line *line = modem->lines[i];
        struct port_spec spec;
        int r;

        if (parse_part(modem, i, &spec, NULL) < 0 || spec.kind != PORT_ATTACH_AUTO ||
            !port_is_serial(line->port) || line->port->hosts > 0 || !strstr(said, spec.text))
            continue;
        r = serial_port_point(line->port, path);
        if (r < 0)
            buf_printf(error_out, "%s: %s", path, strerror(-r));
        else
            trace_addf(modem->bench->trace, TRACE_NOTE, line->who, "attached to %s", path);
        return true;
    }
    return false;
}
