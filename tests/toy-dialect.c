/*
 * ACME X1, a vendor that does not exist: what a fifth dialect takes. Only what differs from the
 * 3GPP base is listed. sim/dialect/README.md explains it line by line.
 * SPDX-License-Identifier: MIT
 */
#include "sim/base/mem.h"
#include "sim/dialect/gpp/gpp.h"

enum { QUIRK_SILENT_BOOT };
enum { OPTION_BOOT };

static int csq(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "+CSQ: %d, 99", line->modem->net.signal.rssi_csq);
    return AT_OK;
}

static int ready(struct modem *modem)
{
    modem_set_power(modem, MODEM_ON);
    if (!modem_quirk(modem, QUIRK_SILENT_BOOT))
        modem_urc_line(modem, "^ACME: READY");
    net_radio(modem, true);
    return 0;
}

static const struct at_cmd cmds[] = {
    {"+CSQ", AT_ACTION, csq, "(0-31,99),(99)", "signal, with a space behind the comma", "E toy"},
};
static const struct quirk quirks[] = {
    [QUIRK_SILENT_BOOT] = {"silent-boot", "no ^ACME: READY (firmware 1.x)"},
};
static const struct option_row options[] = {
    [OPTION_BOOT] = {"boot", OPTION_DURATION, "2s", NULL, "power to ready (no source)"},
};
static const struct boot_step boot[] = {
    {"ready", OPTION_BOOT, ready}
};

const struct dialect dialect_acme = {
    .name = "acme",
    .title = "ACME X1, a toy",
    .firmware = "X1-1.0",
    .base = &dialect_gpp,
    .cmds = cmds,
    .cmd_count = ARRAY_LEN(cmds),
    .quirks = quirks,
    .quirk_count = ARRAY_LEN(quirks),
    .options = options,
    .option_count = ARRAY_LEN(options),
    .boot = boot,
    .boot_count = ARRAY_LEN(boot),
    .style = {.unknown_result = AT_CME(4), .too_long_result = AT_ERROR},
    .state_size = sizeof(struct gpp_state),
};
