/*
 * M531x: what the host is told of the result of its upgrade, and the lies that can be told.
 *
 * The module's part is over when the platform orders the installation: there fota.result is passed.
 * All that the guide tells the host of the result is the empty WRITE of step 16, so that is what a
 * fault tells too soon, too often or not at all. "sota.end_times" in NV keeps how often it will be
 * told. SPDX-License-Identifier: MIT
 */
#include "sim/dialect/m531x/m531x.h"
#include "sim/modem/nv.h"

int m531x_tell_end(struct modem *modem, struct m531x_request *request)
{
    struct buf urc = {0};
    int r;

    request->op = CLOUD_WRITE;
    request->resource = M531X_RES_PACKAGE;
    m531x_write_urc(modem, request, NULL, 0, 0, &urc);
    r = m531x_ask_host(modem, request, &urc);
    buf_deinit(&urc);
    return r;
}

void m531x_say_end(struct modem *modem, const struct m531x_request *request)
{
    struct m531x_request end = *request;
    struct buf urc = {0};

    end.resource = M531X_RES_PACKAGE;
    m531x_write_urc(modem, &end, NULL, 0, 0, &urc);
    m531x_say(modem, "%s", urc.data);
    buf_deinit(&urc);
}

int m531x_take_end(struct modem *modem, struct m531x_request *request)
{
    long long times = nv_int(modem->nv, "sota.end_times", 1);

    if (times == 0)
        return m531x_sota_close(modem, request);
    for (; times > 1; times--)
        m531x_say_end(modem, request);
    return m531x_tell_end(modem, request);
}
