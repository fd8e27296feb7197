/* SPDX-License-Identifier: MIT */
#include "harness/sandbox_beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/attach.h"
#include "harness/desk_host.h"
#include "harness/host.h"
#include "harness/httpd.h"
#include "harness/platform.h"
#include "harness/sandbox.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

/* ---- the server, and what is offered ---- */

static int serve_http(struct sandbox *sandbox, struct buf *error_out)
{
    int r;

    if (!sandbox->options->http)
        return 0;
    r = httpd_new(&sandbox->stage.loop, sandbox->stage.bench.trace, "http", 0, &sandbox->httpd,
                  error_out);
    if (r == 0)
        httpd_serve_dir(sandbox->httpd, sandbox->options->http);
    return r;
}

static int read_offer(struct sandbox *sandbox, struct buf *error_out)
{
    const char *path = sandbox->options->offer;
    enum package_verdict verdict;
    int r;

    if (!path)
        return 0;
    r = text_read_file(path, PACKAGE_SIZE_MAX, &sandbox->offer);
    if (r < 0) {
        buf_printf(error_out, "--offer %s: %s", path, strerror(-r));
        return r;
    }
    verdict = package_check(buf_text(&sandbox->offer), sandbox->offer.len, &sandbox->offer_info);
    if (verdict == PACKAGE_GOOD)
        return 0;
    buf_printf(error_out, "--offer %s: %s; make one with hayeswire package make", path,
               package_verdict_text(verdict));
    return -EINVAL;
}

int sandbox_beside_open(struct sandbox *sandbox, struct buf *error_out)
{
    int r = serve_http(sandbox, error_out);

    return r < 0 ? r : read_offer(sandbox, error_out);
}

/* ---- platforms ---- */

/* Return: 0 and the platform, made when a modem asks for it first; -errno with a message. */
static int platform_for(struct sandbox *sandbox, const struct platform_kind *kind,
                        void **platform_out, struct buf *error_out)
{
    size_t i = 0;
    int r;

    while (i < sandbox->platform_count && sandbox->platforms[i].kind != kind)
        i++;
    if (i == sandbox->platform_count) {
        r = kind->new (&sandbox->stage.bench, &sandbox->platforms[i].platform, error_out);
        if (r < 0)
            return r;
        sandbox->platforms[i].kind = kind;
        sandbox->platform_count++;
    }
    *platform_out = sandbox->platforms[i].platform;
    return 0;
}

bool sandbox_is_offered(const struct sandbox *sandbox, const struct modem *modem)
{
    return sandbox->options->offer &&
           strcmp(sandbox->offer_info.dialect, modem->dialect->name) == 0;
}

static int welcome(struct sandbox *sandbox, const struct modem *modem, struct buf *error_out)
{
    const struct platform_kind *kind = platform_of_dialect(modem->dialect->name);
    struct platform_offer offer = {
        .bytes = buf_text(&sandbox->offer),
        .len = sandbox->offer.len,
        .version = sandbox->offer_info.to,
    };
    void *platform;
    int r;

    if (!kind)
        return 0;
    r = platform_for(sandbox, kind, &platform, error_out);
    if (r == 0)
        r = kind->welcome(platform, modem, sandbox_is_offered(sandbox, modem) ? &offer : NULL,
                          error_out);
    return r;
}

int sandbox_beside_welcome(struct sandbox *sandbox, struct buf *error_out)
{
    bool is_taken = !sandbox->options->offer;
    int r = 0;

    for (size_t i = 0; i < sandbox->count && r == 0; i++) {
        const struct modem *modem = sandbox->modems[i].modem;

        r = welcome(sandbox, modem, error_out);
        is_taken |= sandbox_is_offered(sandbox, modem) && platform_of_dialect(modem->dialect->name);
    }
    if (r < 0 || is_taken)
        return r;
    buf_printf(error_out,
               "--offer %s: a package for %s, and no platform has such a modem here; modems "
               "without a platform take packages from --http",
               sandbox->options->offer, sandbox->offer_info.dialect);
    return -EINVAL;
}

/* ---- the program ---- */

static struct modem *modem_at(void *arg, size_t index)
{
    const struct sandbox *sandbox = arg;

    return index < sandbox->count ? sandbox->modems[index].modem : NULL;
}

/* Links for the first lines: they lead to the modem whatever becomes of its tty. */
static size_t list_ttys(const struct sandbox *sandbox, struct desk_tty *ttys)
{
    size_t count = 0;

    for (size_t i = 0; i < sandbox->count; i++) {
        const struct sandbox_modem *place = &sandbox->modems[i];

        for (size_t j = 0; j < place->modem->line_count; j++) {
            const struct line *line = place->modem->lines[j];
            bool has_link = j == 0 && place->linked_tty;

            ttys[count++] = (struct desk_tty){
                .name = line->who,
                .path = has_link ? place->link : modem_tty(place->modem, line->name),
            };
        }
    }
    return count;
}

int sandbox_beside_start(struct sandbox *sandbox, struct buf *error_out)
{
    const struct sandbox_options *options = sandbox->options;
    struct desk_tty ttys[SANDBOX_MODEM_MAX * MODEM_LINE_MAX];
    char *url = NULL;
    int r;

    if (!options->command)
        return 0;
    if (sandbox->httpd)
        url = xasprintf("http://127.0.0.1:%u/", httpd_port(sandbox->httpd));
    r = desk_host_start(
        &(struct desk_host_config){
            .stage = &sandbox->stage,
            .command = options->command,
            .ttys = ttys,
            .tty_count = list_ttys(sandbox, ttys),
            .url = url,
            .dir = options->state,
            .seed = options->seed,
            .time_scale = options->time_scale,
        },
        &sandbox->host, error_out);
    free(url);
    return r;
}

void sandbox_beside_follow(struct sandbox *sandbox)
{
    attach_follow(sandbox->stage.bench.trace, &sandbox->attach_seq, modem_at, sandbox);
    if (sandbox->host && host_is_silent(sandbox->host))
        sandbox->quit = true;
}

/* ---- the end ---- */

void sandbox_beside_stop(struct sandbox *sandbox)
{
    host_free(sandbox->host);
    sandbox->host = NULL;
}

void sandbox_beside_close(struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->platform_count; i++)
        sandbox->platforms[i].kind->free(sandbox->platforms[i].platform);
    httpd_free(sandbox->httpd);
    buf_deinit(&sandbox->offer);
}
