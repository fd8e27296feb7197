/*
 * BC26: AT+QFOTADL, the whole upgrade (S2 chapters 3 to 5; sheet 5 and 6).
 *
 *   application: OK -> HTTPSTART -> DOWNLOADING 1..100 -> HTTPEND,0 -> START -> reset
 *   boot ROM:    banner
 *   bootloader:  judge the package -> UPDATING 1..100 -> switch -> reset
 *   boot ROM:    banner
 *   application: RDY -> +CFUN: 1 -> END,<err>
 *
 * NV carries it over the resets: "fota.updating" from the reset on until the bootloader is done,
 * "fota.begun" once it has started (a second start is the forced upgrade after a power loss),
 * "fota.end" the result that the application still has to tell. The download leaves "fota.url",
 * "fota.bytes" and "fota.total" as breakpoint for a resume.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sim/base/text.h"
#include "sim/dialect/bc26/bc26.h"
#include "sim/modem/download.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

#define CME_BUSY          2 /* S2 table 2; Q19's list has no such code (sheet 9 row 12) */
#define CME_NOT_ALLOWED   3
#define CME_TEXT_TOO_LONG 24
#define CME_PARAMETERS    50

uint64_t bc26_delay(const struct modem *modem, enum bc26_option option)
{
    return (uint64_t)modem_dialect_number(modem, option);
}

void bc26_set_fota(struct modem *modem, enum bc26_fota state)
{
    bc26_of(modem)->fota = state;
    fota_state_changed(modem);
}

const char *bc26_fota_state(const struct modem *modem)
{
    static const char *const names[] = {
        [BC26_FOTA_IDLE] = "idle",
        [BC26_FOTA_STARTING] = "starting",
        [BC26_FOTA_DOWNLOADING] = "downloading",
        [BC26_FOTA_DOWNLOADED] = "downloaded",
        [BC26_FOTA_RESETTING] = "resetting",
        [BC26_FOTA_UPDATING] = "updating",
    };

    return names[bc26_of(modem)->fota];
}

int bc26_pass(struct modem *modem, enum bc26_point point, unsigned percent)
{
    struct fault_at at = {.has_percent = true, .percent = percent};
    int r = modem_step(modem, &bc26_points[point], &at, NULL);

    return r < 0 ? r : 0;
}

/* ---- the command ---- */

static int parameter_error(const struct modem *modem, int code)
{
    return modem_quirk(modem, BC26_PARAM_CME) ? AT_CME(code) : AT_ERROR;
}

static bool has_scheme(const struct modem *modem, const char *url, const char *scheme)
{
    size_t len = strlen(scheme);

    return modem_quirk(modem, BC26_URL_CASE_STRICT) ? strncmp(url, scheme, len) == 0
                                                    : strncasecmp(url, scheme, len) == 0;
}

/* S2 3.1: "HTTP://<server>:<port>/<path>", port 1-65535, default 80. */
static bool url_is_valid(const struct modem *modem, const char *url)
{
    const char *host, *end, *colon;
    long long port;
    char digits[8];

    if (has_scheme(modem, url, "HTTP://"))
        host = url + strlen("HTTP://");
    else if (has_scheme(modem, url, "HTTPS://"))
        host = url + strlen("HTTPS://");
    else
        return false;
    end = host + strcspn(host, "/");
    colon = memchr(host, ':', (size_t)(end - host));
    if (end == host || colon == host)
        return false;
    if (!colon)
        return !modem_quirk(modem, BC26_PORT_REQUIRED);
    if (end - colon - 1 >= (long)sizeof(digits))
        return false;
    snprintf(digits, sizeof(digits), "%.*s", (int)(end - colon - 1), colon + 1);
    return text_parse_int(digits, &port) == 0 && port >= 1 && port <= 65535;
}

static bool is_https(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0;
}

/* ---- the words of S2 ---- */

static void say_http_start(struct modem *modem)
{
    if (modem_quirk(modem, BC26_COAP))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"COAPSTART\"");
    else if (modem_quirk(modem, BC26_DOWNLOAD_START_WORDS))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"DOWNLOAD START\"");
    else if (modem_quirk(modem, BC26_HTTPTART_TYPO))
        modem_urc_line(modem, "+QIND: \"FOTA\",\"HTTPTART\"");
    else
        modem_urc_line(modem, "+QIND: \"FOTA\",\"HTTPSTART\"");
}

static void say_http_end(struct modem *modem, int err)
{
    const char *word = modem_quirk(modem, BC26_COAP)                   ? "COAPEND"
                       : modem_quirk(modem, BC26_DOWNLOAD_START_WORDS) ? "DOWNLOAD"
                                                                       : "HTTPEND";

    modem_urc_line(modem, "+QIND: \"FOTA\",\"%s\",%d", word, err);
}

/* ---- HTTPEND, START, and the reset into the bootloader ---- */

static int on_reset_due(struct modem *modem, void *arg)
{
    nv_set_int(modem->nv, "fota.updating", 1);
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    return modem_restart(modem);
}

static int on_start_due(struct modem *modem, void *arg)
{
    int r = bc26_pass(modem, BC26_POINT_START, 0);

    if (r < 0)
        return r;
    modem_urc_line(modem, "+QIND: \"FOTA\",\"START\"");
    bc26_set_fota(modem, BC26_FOTA_RESETTING);
    modem_after(modem, &bc26_of(modem)->fota_timer, bc26_delay(modem, BC26_OPTION_RESET_DELAY),
                on_reset_due, NULL);
    return 0;
}

int bc26_http_end(struct modem *modem, enum bc26_http_err err)
{
    struct bc26 *bc26 = bc26_of(modem);
    int r;

    bc26_end_transfer(modem);
    net_set_connected(modem, false);
    r = bc26_pass(modem, BC26_POINT_HTTPEND, 0);
    if (r < 0)
        return r;
    say_http_end(modem, (int)err);
    if (err == BC26_HTTP_OK) {
        bc26_set_fota(modem, BC26_FOTA_DOWNLOADED);
        modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_START_DELAY),
                    on_start_due, NULL);
    } else {
        bc26_set_fota(modem, BC26_FOTA_IDLE);
    }
    return 0;
}

/* ---- from the command to the download ---- */

static int net_error(const struct modem *modem)
{
    const struct net *net = &modem->net;
    bool coming = net->registration == NET_SEARCHING ||
                  (net_registered(net) && net->attach_wanted && !net->attached);

    return coming ? BC26_HTTP_ACTIVATING : BC26_HTTP_NO_NET;
}

static int begin_http(struct modem *modem)
{
    say_http_start(modem);
    if (is_https(bc26_of(modem)->url))
        return bc26_http_end(modem, BC26_HTTP_FAILED); /* S2 3.1: HTTPS is not supported yet */
    if (!modem->net.bearer)
        return bc26_http_end(modem, net_error(modem));
    bc26_begin_download(modem);
    return 0;
}

static int on_net_wait_over(struct modem *modem, void *arg)
{
    return begin_http(modem);
}

static int on_http_start_due(struct modem *modem, void *arg)
{
    struct bc26 *bc26 = bc26_of(modem);

    if (modem->net.bearer || !modem_quirk(modem, BC26_HTTPSTART_AFTER_NET))
        return begin_http(modem);
    modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_NET_WAIT), on_net_wait_over,
                NULL);
    return 0;
}

void bc26_net_changed(struct modem *modem)
{
    struct bc26 *bc26 = bc26_of(modem);

    bc26->ever_registered |= net_registered(&modem->net);
    bc26_end_attach(modem);
    if (bc26->fota == BC26_FOTA_STARTING && modem->net.bearer &&
        modem_quirk(modem, BC26_HTTPSTART_AFTER_NET))
        modem_after(modem, &bc26->fota_timer, 0, on_net_wait_over, NULL);
    if (bc26->download && !modem->net.bearer)
        download_break(bc26->download);
}

static int refuse_busy(struct modem *modem)
{
    if (modem_quirk(modem, BC26_BUSY_END2)) {
        modem_urc_line(modem, "+QIND: \"FOTA\",\"END\",%d", BC26_ERR_BUSY);
        return AT_OK;
    }
    return AT_CME(modem_quirk(modem, BC26_BUSY_CME3) ? CME_NOT_ALLOWED : CME_BUSY);
}

int bc26_qfotadl(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct bc26 *bc26 = bc26_of(modem);
    char url[BC26_URL_MAX + 1];
    struct at_args args;
    int r;

    if (req->verb == AT_TEST) {
        if (modem_quirk(modem, BC26_TEST_LISTS))
            at_reply_line(reply, "+QFOTADL: <httpURL>");
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || args.count != 1)
        return parameter_error(modem, CME_PARAMETERS);
    r = at_args_string(&args, 0, url, sizeof(url));
    if (r == -EMSGSIZE)
        return parameter_error(modem, CME_TEXT_TOO_LONG);
    if (r < 0 || !url_is_valid(modem, url))
        return parameter_error(modem, CME_PARAMETERS);
    if (is_https(url) && modem_quirk(modem, BC26_HTTPS_ERROR))
        return AT_ERROR;
    if (bc26->fota != BC26_FOTA_IDLE)
        return refuse_busy(modem);
    memcpy(bc26->url, url, sizeof(url));
    bc26->retries = 0;
    bc26_set_fota(modem, BC26_FOTA_STARTING);
    modem_after(modem, &bc26->fota_timer, bc26_delay(modem, BC26_OPTION_HTTPSTART_DELAY),
                on_http_start_due, NULL);
    return AT_OK;
}

/* ---- END, told by the application after the boot ---- */

int bc26_report_end(struct modem *modem)
{
    long long err = nv_int(modem->nv, "fota.end", -1);
    int r;

    if (err < 0 && !nv_int(modem->nv, "fota.silent_boot", 0))
        return 0;
    r = bc26_pass(modem, BC26_POINT_END, 0);
    if (r < 0)
        return r;
    for (long long times = nv_int(modem->nv, "fota.end_times", 1); err >= 0 && times > 0; times--)
        modem_urc_line(modem, "+QIND: \"FOTA\",\"END\",%lld", err);
    nv_unset(modem->nv, "fota.end");
    nv_unset(modem->nv, "fota.end_times");
    nv_unset(modem->nv, "fota.silent_boot");
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

void bc26_fota_power_down(struct modem *modem)
{
    bc26_end_transfer(modem);
    bc26_drop_installer(modem);
}
