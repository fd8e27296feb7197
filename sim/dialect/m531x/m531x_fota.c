/*
 * M531x: the module's own FOTA by the platform (sheet 6.5): the download.
 *
 *   EXECUTE 26501 -> event 40 -> blocks -> event 42 -> EXECUTE /5/0/2 -> event 43 -> restart
 *
 * The firmware object is the same as for SOTA; it is the module's own while "sota.mcu" is not set,
 * and then the host is only told. Each block is answered by the module itself. Whole flash pages
 * count: NV "sota.saved" is what a power cut leaves, and the next login goes on there. Why a
 * download or an update failed stands in /5/0/5; fail:CODE at one of the points gives that code.
 * The bootloader is in m531x_loader.c.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>

#include "sim/base/trace.h"
#include "sim/dialect/m531x/m531x_fota.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* ---- state ---- */

/* NULL while it is not under way. */
const char *m531x_own_fota_state(const struct modem *modem)
{
    static const char *const names[] = {
        [M531X_FOTA_NONE] = NULL,
        [M531X_FOTA_DOWNLOAD] = "module downloading",
        [M531X_FOTA_SUSPENDED] = "module suspended",
        [M531X_FOTA_DONE] = "module downloaded",
        [M531X_FOTA_RESET] = "module resetting",
        [M531X_FOTA_UPDATE] = "module updating",
    };

    return names[m531x_of(modem)->fota];
}

void m531x_set_fota(struct modem *modem, enum m531x_fota fota)
{
    struct m531x *m531x = m531x_of(modem);

    if (m531x->fota == fota)
        return;
    m531x->fota = fota;
    fota_state_changed(modem);
}

bool m531x_fota_is_own(const struct modem *modem)
{
    return !nv_int(modem->nv, "sota.mcu", 0);
}

static enum m531x_object_state kept_state(const struct modem *modem)
{
    long long state = nv_int(modem->nv, "sota.state", M531X_STATE_IDLE);

    return state >= M531X_STATE_IDLE && state <= M531X_STATE_UPDATING
               ? (enum m531x_object_state)state
               : M531X_STATE_IDLE;
}

void m531x_fota_load(struct modem *modem)
{
    static const enum m531x_fota states[] = {
        [M531X_STATE_IDLE] = M531X_FOTA_NONE,
        [M531X_STATE_DOWNLOADING] = M531X_FOTA_SUSPENDED,
        [M531X_STATE_DOWNLOADED] = M531X_FOTA_DONE,
        [M531X_STATE_UPDATING] = M531X_FOTA_RESET, /* the loader is next */
    };

    m531x_of(modem)->fota = m531x_fota_is_own(modem) ? states[kept_state(modem)] : M531X_FOTA_NONE;
}

/* HI-657 tells in words what the others tell by events. */
static const char *words_of(enum m531x_event event)
{
    switch ((int)event) {
    case M531X_EVENT_DOWNLOAD_STARTED:
        return "FIRMWARE DOWNLOADING";
    case M531X_EVENT_DOWNLOAD_FAILED:
        return "FIRMWARE DOWNLOAD FAILED";
    case M531X_EVENT_DOWNLOADED:
        return "FIRMWARE DOWNLOADED";
    case M531X_EVENT_UPDATING:
        return "FIRMWARE UPDATING";
    case M531X_EVENT_UPGRADED:
        return "FIRMWARE UPDATE SUCCESS";
    case M531X_EVENT_UPGRADE_FAILED:
        return "FIRMWARE UPDATE FAILED";
    case M531X_EVENT_UPGRADE_OVER:
        return "FIRMWARE UPDATE OVER";
    default:
        return NULL;
    }
}

void m531x_fota_text(const struct modem *modem, enum m531x_event event, struct buf *out)
{
    const char *words = modem_quirk(modem, M531X_FOTA_WORDS) ? words_of(event) : NULL;
    struct buf text = {0};

    buf_printf(&text, "+MIPLEVENT:%d,%d", M531X_REF, (int)event);
    if (words)
        buf_add_text(out, words);
    else
        m531x_dress(modem, text.data, out);
    buf_deinit(&text);
}

void m531x_fota_event(struct modem *modem, enum m531x_event event)
{
    struct buf text = {0};

    m531x_fota_text(modem, event, &text);
    modem_urc_line(modem, "%s", text.data);
    buf_deinit(&text);
}

/* Events of FISH and QSDK that OMO does not have. */
static void say_more(struct modem *modem, enum m531x_event event)
{
    if (modem_quirk(modem, M531X_FOTA_EVENTS_FULL))
        m531x_fota_event(modem, event);
}

int m531x_fota_pass(struct modem *modem, enum m531x_point point, const struct fault_at *at,
                    enum m531x_object_result fallback)
{
    struct fault_effect effect = modem_pass(modem, &m531x_points[point], at);

    if (modem->going && fault_takes_power(effect.action))
        return MODEM_GONE;
    if (effect.action != FAULT_FAIL)
        return 0;
    return effect.code >= M531X_RESULT_NO_FLASH && effect.code <= M531X_RESULT_BAD_PROTOCOL
               ? (int)effect.code
               : (int)fallback;
}

void m531x_fota_drop(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    package_store_free(m531x->fota_store);
    m531x->fota_store = NULL;
    if (m531x->fota_installer)
        installer_deinit(m531x->fota_installer);
    free(m531x->fota_installer);
    m531x->fota_installer = NULL;
}

/* ---- the end of a download ---- */

/* It has failed: event 41, and nothing of it stays. */
static int fail_download(struct modem *modem, struct m531x_request *request, int result, int code)
{
    int r = m531x_keep(modem, M531X_STATE_IDLE, (enum m531x_object_result)result, 0);

    if (r < 0)
        return r;
    m531x_fota_drop(modem);
    modem_cancel(modem, &m531x_of(modem)->fota_timer);
    m531x_set_fota(modem, M531X_FOTA_NONE);
    m531x_fota_event(modem, M531X_EVENT_DOWNLOAD_FAILED);
    return m531x_answer(modem, request, code, NULL);
}

void m531x_fota_interrupt(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);

    if (m531x->fota != M531X_FOTA_DOWNLOAD)
        return;
    nv_set_int(modem->nv, "sota.result", M531X_RESULT_LINK_LOST);
    m531x_fota_drop(modem);
    modem_cancel(modem, &m531x->fota_timer);
    m531x_set_fota(modem, M531X_FOTA_SUSPENDED);
    say_more(modem, M531X_EVENT_DOWNLOAD_BROKEN);
}

static int on_silence(struct modem *modem, void *arg)
{
    m531x_fota_interrupt(modem);
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

static void await_block(struct modem *modem)
{
    modem_after(modem, &m531x_of(modem)->fota_timer, m531x_delay(modem, M531X_OPTION_FOTA_STALL),
                on_silence, NULL);
}

/* Whether the package fits this firmware is the bootloader's business. */
static int result_of(enum package_verdict verdict)
{
    switch (verdict) {
    case PACKAGE_GOOD:
    case PACKAGE_OTHER_BASE:
        return 0;
    case PACKAGE_TRUNCATED:
    case PACKAGE_DAMAGED:
        return M531X_RESULT_INTEGRITY;
    case PACKAGE_UNKNOWN:
    case PACKAGE_OTHER_DIALECT:
        return M531X_RESULT_BAD_PACKAGE;
    }
    return M531X_RESULT_BAD_PACKAGE;
}

static int check_package(struct modem *modem)
{
    size_t size_bytes = m531x_of(modem)->fota_store->size_bytes;
    struct installer installer;
    int r = result_of(installer_begin(modem, &installer, size_bytes));

    installer_deinit(&installer);
    return r;
}

static int store_failed(struct modem *modem, struct m531x_request *request, int r)
{
    if (r == MODEM_GONE)
        return r;
    return fail_download(modem, request, r == -ENOSPC ? M531X_RESULT_NO_FLASH : M531X_RESULT_NO_RAM,
                         M531X_COAP_ERROR);
}

static int finish_download(struct modem *modem, struct m531x_request *request)
{
    struct m531x *m531x = m531x_of(modem);
    long long size = (long long)m531x->fota_store->size_bytes;
    int r = package_store_finish(modem, m531x->fota_store);

    if (r < 0)
        return store_failed(modem, request, r);
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_CHECK, NULL, M531X_RESULT_INTEGRITY);
    if (r == 0)
        r = check_package(modem);
    if (r != 0)
        return r < 0 ? r : fail_download(modem, request, r, M531X_COAP_ERROR);
    nv_set_int(modem->nv, "fota.size", size);
    r = m531x_keep(modem, M531X_STATE_DOWNLOADED, M531X_RESULT_INITIAL, size);
    if (r < 0)
        return r;
    m531x_fota_drop(modem);
    modem_cancel(modem, &m531x->fota_timer);
    m531x_set_fota(modem, M531X_FOTA_DONE);
    m531x_fota_event(modem, M531X_EVENT_DOWNLOADED);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

/* ---- blocks ---- */

/* The position is kept each so many pages. Return: 0 or MODEM_GONE. */
static int keep_position(struct modem *modem, size_t pages_before)
{
    const struct package_store *store = m531x_of(modem)->fota_store;
    size_t step = (size_t)modem_dialect_number(modem, M531X_OPTION_FOTA_PAGES);

    if (store->page / step == pages_before / step)
        return 0;
    return m531x_keep(modem, M531X_STATE_DOWNLOADING, M531X_RESULT_INITIAL,
                      (long long)package_store_durable_bytes(store));
}

static int store_block(struct modem *modem, struct m531x_request *request,
                       const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    size_t pages = m531x->fota_store->page;
    int r = package_store_add(modem, m531x->fota_store, message->data, message->len);

    if (r < 0)
        return store_failed(modem, request, r);
    r = keep_position(modem, pages);
    if (r < 0)
        return r;
    trace_add_progress(modem->bench->trace, modem->name, "download", (uint64_t)m531x->next_offset,
                       (uint64_t)m531x->next_offset + message->len, 0);
    m531x->next_offset += (long long)message->len;
    m531x->last_len = message->len;
    if (message->block_flag == 0)
        return finish_download(modem, request);
    await_block(modem);
    return m531x_answer(modem, request, M531X_COAP_CONTINUE, NULL);
}

/* The platform does not go on but begins anew, with this package or another one. */
static bool begins_anew(const struct m531x *m531x, const struct cloud_message *message)
{
    return message->block_index == 0 && m531x->next_offset > 0 &&
           m531x_block_of(m531x, message) == M531X_BLOCK_GAP;
}

int m531x_fota_block(struct modem *modem, struct m531x_request *request,
                     const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    struct fault_at at = {.has_amount = true, .amount = (uint64_t)m531x->next_offset};
    int r;

    if (m531x->fota != M531X_FOTA_DOWNLOAD || message->len > M531X_BLOCK_MAX)
        return m531x_answer(modem, request, M531X_COAP_BAD_REQUEST, NULL);
    if (begins_anew(m531x, message)) {
        m531x_fota_drop(modem);
        m531x->fota_store = package_store_new(0);
        m531x->next_offset = 0;
    }
    switch (m531x_block_of(m531x, message)) {
    case M531X_BLOCK_AGAIN:
        return m531x_answer(modem, request, M531X_COAP_CONTINUE, NULL);
    case M531X_BLOCK_GAP:
        return fail_download(modem, request, M531X_RESULT_INITIAL, M531X_COAP_INCOMPLETE);
    case M531X_BLOCK_DUE:
        break;
    }
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_BLOCK, &at, M531X_RESULT_NO_RAM);
    if (r != 0)
        return r < 0 ? r : fail_download(modem, request, r, M531X_COAP_ERROR);
    return store_block(modem, request, message);
}

/* ---- what the platform orders ---- */

static int resume(struct modem *modem, struct m531x_request *request)
{
    struct m531x *m531x = m531x_of(modem);
    long long saved = nv_int(modem->nv, "sota.saved", 0);

    m531x_fota_drop(modem);
    m531x->fota_store = package_store_new((size_t)saved);
    m531x->next_offset = saved;
    m531x->last_len = 0;
    m531x_set_fota(modem, M531X_FOTA_DOWNLOAD);
    m531x_fota_event(modem, M531X_EVENT_DOWNLOAD_STARTED);
    await_block(modem);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

/* CIS-fw, as in SOTA: from idle, or on from where an earlier one broke. */
int m531x_fota_download(struct modem *modem, struct m531x_request *request)
{
    bool is_new = kept_state(modem) == M531X_STATE_IDLE;
    int r;

    if (!is_new && kept_state(modem) != M531X_STATE_DOWNLOADING)
        return m531x_answer(modem, request, M531X_COAP_BAD_REQUEST, NULL);
    if (!is_new && !modem_quirk(modem, M531X_NO_RESUME))
        return resume(modem, request);
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_ERASE, NULL, M531X_RESULT_NO_FLASH);
    if (r < 0)
        return r;
    say_more(modem, r > 0 ? M531X_EVENT_ERASE_FAILED : M531X_EVENT_ERASED);
    if (r > 0)
        return fail_download(modem, request, r, M531X_COAP_ERROR);
    r = m531x_keep(modem, M531X_STATE_DOWNLOADING, M531X_RESULT_INITIAL, 0);
    return r < 0 ? r : resume(modem, request);
}

static int on_reset_due(struct modem *modem, void *arg)
{
    return modem_restart(modem);
}

static int refuse_update(struct modem *modem, struct m531x_request *request, int result)
{
    int r = m531x_keep(modem, M531X_STATE_IDLE, (enum m531x_object_result)result, 0);

    if (r < 0)
        return r;
    m531x_set_fota(modem, M531X_FOTA_NONE);
    m531x_fota_event(modem, M531X_EVENT_UPGRADE_FAILED);
    return m531x_answer(modem, request, M531X_COAP_ERROR, NULL);
}

/* From its commit on the package will be installed, whatever becomes of the power. */
int m531x_fota_update(struct modem *modem, struct m531x_request *request)
{
    int r;

    if (m531x_of(modem)->fota == M531X_FOTA_RESET) /* asked again */
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    if (m531x_of(modem)->fota != M531X_FOTA_DONE)
        return m531x_answer(modem, request, M531X_COAP_BAD_REQUEST, NULL);
    r = m531x_fota_pass(modem, M531X_POINT_FOTA_UPDATE, NULL, M531X_RESULT_UPDATE_FAILED);
    if (r != 0)
        return r < 0 ? r : refuse_update(modem, request, r);
    r = m531x_keep(modem, M531X_STATE_UPDATING, M531X_RESULT_INITIAL,
                   nv_int(modem->nv, "sota.saved", 0));
    if (r < 0)
        return r;
    m531x_set_fota(modem, M531X_FOTA_RESET);
    m531x_fota_event(modem, M531X_EVENT_UPDATING);
    modem_after(modem, &m531x_of(modem)->fota_timer, m531x_delay(modem, M531X_OPTION_FOTA_RESET),
                on_reset_due, NULL);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

int m531x_fota_close(struct modem *modem, struct m531x_request *request)
{
    int r;

    if (m531x_of(modem)->fota == M531X_FOTA_RESET) /* nothing stops it any more */
        return m531x_answer(modem, request, M531X_COAP_BAD_REQUEST, NULL);
    r = m531x_keep(modem, M531X_STATE_IDLE, M531X_RESULT_INITIAL, 0);
    if (r < 0)
        return r;
    m531x_fota_drop(modem);
    modem_cancel(modem, &m531x_of(modem)->fota_timer);
    m531x_set_fota(modem, M531X_FOTA_NONE);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}
