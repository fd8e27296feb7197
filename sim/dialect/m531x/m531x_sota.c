/*
 * M531x: SOTA, the upgrade of the host behind the module (S4 steps 10 to 16; sheet 6).
 *
 *   EXECUTE 26550 -> reads -> EXECUTE 26501, held until +MIPLSOTA=3 -> blocks, each held until
 *   +MIPLSOTA=1 -> EXECUTE /5/0/2 -> the host installs -> empty WRITE ends it
 *
 * The module keeps no byte of the image. What it keeps in flash is the state of the firmware
 * object: NV "sota.state" (0 idle, 1 downloading, 2 downloaded, 3 updating), "sota.result",
 * "sota.saved" (bytes that the host acknowledged) and "sota.mcu" (the object serves the host). So
 * after a power cut the platform can go on where the host says it stands.
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/dialect/m531x/m531x.h"
#include "sim/dialect/m531x/m531x_fota.h"
#include "sim/modem/fota.h"
#include "sim/modem/nv.h"

/* What the host says by +MIPLSOTA, whichever way it is numbered. */
enum host_word {
    WORD_ERASED = 1,
    WORD_ERASE_FAILED,
    WORD_WRITTEN,
    WORD_WRITE_FAILED,
    WORD_VALID,
    WORD_INVALID,
    WORD_UPDATED,
    WORD_UPDATE_FAILED,
};

/* ---- state ---- */

const char *m531x_fota_state(const struct modem *modem)
{
    static const char *const names[] = {
        [M531X_SOTA_NONE] = "idle",          [M531X_SOTA_MCU] = "mcu",
        [M531X_SOTA_ERASE_WAIT] = "erasing", [M531X_SOTA_DOWNLOAD] = "downloading",
        [M531X_SOTA_WRITE_WAIT] = "writing", [M531X_SOTA_DONE] = "downloaded",
        [M531X_SOTA_UPDATE] = "updating",
    };

    const char *own = m531x_own_fota_state(modem);

    return own ? own : names[m531x_of(modem)->sota];
}

static void go(struct modem *modem, enum m531x_sota sota)
{
    struct m531x *m531x = m531x_of(modem);

    if (m531x->sota == sota)
        return;
    m531x->sota = sota;
    fota_state_changed(modem);
}

static long long kept(const struct modem *modem, const char *key)
{
    return nv_int(modem->nv, key, 0);
}

/* Return: 0 or MODEM_GONE. A disk that refuses is told in the trace, and the upgrade goes on. */
int m531x_keep(struct modem *modem, enum m531x_object_state state, enum m531x_object_result result,
               long long saved)
{
    nv_set_int(modem->nv, "sota.state", state);
    nv_set_int(modem->nv, "sota.result", result);
    nv_set_int(modem->nv, "sota.saved", saved);
    return modem_commit(modem) < 0 ? MODEM_GONE : 0;
}

/* Where the kept state puts the firmware object while no step is under way. */
static enum m531x_sota resting(const struct modem *modem)
{
    if (!kept(modem, "sota.mcu"))
        return M531X_SOTA_NONE;
    switch ((enum m531x_object_state)kept(modem, "sota.state")) {
    case M531X_STATE_IDLE:
    case M531X_STATE_DOWNLOADING:
        return M531X_SOTA_MCU;
    case M531X_STATE_DOWNLOADED:
        return M531X_SOTA_DONE;
    case M531X_STATE_UPDATING:
        return M531X_SOTA_UPDATE;
    }
    return M531X_SOTA_MCU;
}

void m531x_sota_load(struct modem *modem)
{
    struct m531x *m531x = m531x_of(modem);
    const char *version = nv_text(modem->nv, "sota.version", "");

    m531x->sota = resting(modem);
    m531x_fota_load(modem);
    m531x->has_version = modem_quirk(modem, M531X_SOTAVER_NV) && *version;
    m531x->version[0] = '\0';
    if (m531x->has_version)
        memccpy(m531x->version, version, '\0', sizeof(m531x->version) - 1);
}

void m531x_sota_rest(struct modem *modem)
{
    go(modem, resting(modem));
}

static void say_sota_event(struct modem *modem, enum m531x_event event)
{
    if (modem_quirk(modem, M531X_SOTA_EVENTS))
        m531x_event(modem, event, M531X_NO_EXT);
}

/* Back to idle; the host's object stays in MCU mode. */
static int reset_download(struct modem *modem, enum m531x_object_result result)
{
    int r = m531x_keep(modem, M531X_STATE_IDLE, result, 0);

    if (r == 0)
        go(modem, M531X_SOTA_MCU);
    return r;
}

/* Quirk no-resume: whatever the host has, the platform hears of nothing (C-19). */
void m531x_sota_hide_progress(const struct modem *modem, const struct m531x_request *request,
                              struct buf *text)
{
    if (!modem_quirk(modem, M531X_NO_RESUME) || request->object != M531X_OBJ_FIRMWARE ||
        request->resource != CLOUD_ANY || !strstr(buf_text(text), "3=1\n"))
        return;
    buf_clear(text);
    buf_printf(text, "%d=%d\n%d=%d\n%d=0", M531X_RES_STATE, M531X_STATE_IDLE, M531X_RES_RESULT,
               M531X_RESULT_INITIAL, M531X_RES_SAVED);
}

/* ---- execute ---- */

static int refuse(struct modem *modem, struct m531x_request *request, int code)
{
    return m531x_answer(modem, request, code, NULL);
}

static int tell_execute(struct modem *modem, struct m531x_request *request, const char *args)
{
    struct buf urc = {0};
    int r;

    m531x_execute_urc(modem, request, args, &urc);
    r = m531x_ask_host(modem, request, &urc);
    buf_deinit(&urc);
    return r;
}

static int enter_mcu_mode(struct modem *modem, struct m531x_request *request, const char *args)
{
    if (m531x_of(modem)->fota != M531X_FOTA_NONE) /* the object is taken by the module itself */
        return refuse(modem, request, M531X_COAP_BAD_REQUEST);
    nv_set_int(modem->nv, "sota.mcu", 1);
    if (modem_commit(modem) < 0)
        return MODEM_GONE;
    go(modem, resting(modem));
    request->acks_itself = true;
    return tell_execute(modem, request, args);
}

static bool may_resume(const struct modem *modem)
{
    long long result = kept(modem, "sota.result");

    return kept(modem, "sota.state") == M531X_STATE_DOWNLOADING && (result == 0 || result == 4) &&
           !modem_quirk(modem, M531X_NO_RESUME);
}

/* Quirk no-resume: a download that was begun is begun again (C-19). */
static bool may_begin(const struct modem *modem)
{
    long long state = kept(modem, "sota.state");

    return state == M531X_STATE_IDLE ||
           (state == M531X_STATE_DOWNLOADING && modem_quirk(modem, M531X_NO_RESUME));
}

/* The host is told in either case; when a download goes on, nothing of it is awaited (CIS-fw). */
static int begin_download(struct modem *modem, struct m531x_request *request, const char *args)
{
    struct m531x *m531x = m531x_of(modem);
    struct buf urc = {0};

    if (may_resume(modem)) {
        m531x_execute_urc(modem, request, args, &urc);
        m531x_say(modem, "%s", urc.data);
        buf_deinit(&urc);
        m531x->next_offset = -1;
        m531x->last_len = 0;
        go(modem, M531X_SOTA_DOWNLOAD);
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    }
    if (m531x->sota != M531X_SOTA_MCU || !may_begin(modem))
        return refuse(modem, request, M531X_COAP_BAD_REQUEST);
    say_sota_event(modem, M531X_EVENT_SOTA_ERASE);
    go(modem, M531X_SOTA_ERASE_WAIT);
    return tell_execute(modem, request, args);
}

/* CIS-fw: which results of an earlier update allow another one. */
static bool may_update(const struct modem *modem)
{
    long long state = kept(modem, "sota.state"), result = kept(modem, "sota.result");
    bool fine = result == 0 || result == 3 || result == 4 || result == 8;

    if (!kept(modem, "sota.mcu"))
        return false;
    if (state == M531X_STATE_UPDATING)
        return fine || result == 1 || result == 2;
    return state == M531X_STATE_DOWNLOADED && fine;
}

/* ---- the result, as it is told ---- */

int m531x_sota_close(struct modem *modem, struct m531x_request *request)
{
    int r = m531x_pass(modem, M531X_POINT_CLOSE, 0);

    nv_set_int(modem->nv, "sota.mcu", 0);
    nv_unset(modem->nv, "sota.end_times");
    if (r == 0)
        r = m531x_keep(modem, M531X_STATE_IDLE, M531X_RESULT_INITIAL, 0);
    if (r < 0)
        return r;
    go(modem, M531X_SOTA_NONE);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

/* The platform is refused, and the host hears of nothing. */
static int fail_update(struct modem *modem, struct m531x_request *request, long long code)
{
    int r = reset_download(modem, (enum m531x_object_result)code);

    return r < 0 ? r : refuse(modem, request, M531X_COAP_BAD_REQUEST);
}

static int order_update(struct modem *modem, struct m531x_request *request, const char *args,
                        const struct fota_tale *tale)
{
    unsigned times = tale->is_early ? 0 : tale->times;
    int r;

    if (times != 1)
        nv_set_int(modem->nv, "sota.end_times", times);
    r = m531x_keep(modem, M531X_STATE_UPDATING, M531X_RESULT_INITIAL, kept(modem, "sota.saved"));
    if (r < 0)
        return r;
    say_sota_event(modem, M531X_EVENT_SOTA_UPDATING);
    go(modem, M531X_SOTA_UPDATE);
    if (tale->is_early)
        m531x_say_end(modem, request);
    request->acks_itself = true;
    return tell_execute(modem, request, args);
}

static int begin_update(struct modem *modem, struct m531x_request *request, const char *args)
{
    struct fota_tale tale;
    int r;

    if (!may_update(modem))
        return refuse(modem, request, M531X_COAP_BAD_REQUEST);
    r = m531x_pass(modem, M531X_POINT_UPDATE, 0);
    if (r == 0)
        r = fota_pass_result(modem, 0, &tale);
    if (r < 0)
        return r;
    if (tale.installs)
        return order_update(modem, request, args, &tale);
    if (tale.code == 0)
        return m531x_tell_end(modem, request); /* a lie: nothing was installed */
    return fail_update(modem, request, tale.code);
}

int m531x_sota_execute(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *request = m531x_new_request(modem, message);
    bool is_own = m531x_fota_is_own(modem);

    if (!request)
        return 0;
    switch (message->resource) {
    case M531X_RES_MCU_MODE:
        return enter_mcu_mode(modem, request, message->text);
    case M531X_RES_DOWNLOAD:
        if (is_own)
            return m531x_fota_download(modem, request);
        return begin_download(modem, request, message->text);
    case M531X_RES_UPDATE:
        if (is_own)
            return m531x_fota_update(modem, request);
        return begin_update(modem, request, message->text);
    case M531X_RES_TRIGGER:
        m531x_event(modem, M531X_EVENT_FOTA_TRIGGER, M531X_NO_EXT);
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    default:
        return refuse(modem, request, M531X_COAP_NOT_FOUND);
    }
}

/* ---- write ---- */

static int tell_write(struct modem *modem, struct m531x_request *request,
                      const struct cloud_message *message, int flag)
{
    struct buf urc = {0};
    int r;

    m531x_write_urc(modem, request, message->data, message->len, flag, &urc);
    r = m531x_ask_host(modem, request, &urc);
    buf_deinit(&urc);
    return r;
}

/* CIS-pkt: a block that is missing ends the download. */
static int refuse_gap(struct modem *modem, struct m531x_request *request)
{
    int r = reset_download(modem, M531X_RESULT_INITIAL);

    if (r < 0)
        return r;
    m531x_event(modem, M531X_EVENT_DOWNLOAD_FAILED, M531X_NO_EXT);
    return refuse(modem, request, M531X_COAP_INCOMPLETE);
}

/* code = size of the blocks, block_index = number, block_flag = 0 for the last */
enum m531x_block m531x_block_of(const struct m531x *m531x, const struct cloud_message *message)
{
    long long offset = (long long)message->block_index * message->code;

    if (m531x->last_len > 0 && offset + (long long)m531x->last_len == m531x->next_offset)
        return M531X_BLOCK_AGAIN;
    return offset == m531x->next_offset ? M531X_BLOCK_DUE : M531X_BLOCK_GAP;
}

static int take_block(struct modem *modem, struct m531x_request *request,
                      const struct cloud_message *message)
{
    struct m531x *m531x = m531x_of(modem);
    long long offset = (long long)message->block_index * message->code;
    int flag = message->block_flag == 0 ? 0 : offset == 0 ? 1 : 2;
    int r;

    if (m531x->sota != M531X_SOTA_DOWNLOAD || message->len > M531X_BLOCK_MAX)
        return refuse(modem, request, M531X_COAP_BAD_REQUEST);
    if (m531x->next_offset < 0)
        m531x->next_offset = offset; /* a resumed download goes on where the host wants it */
    switch (m531x_block_of(m531x, message)) {
    case M531X_BLOCK_AGAIN:
        return refuse(modem, request, M531X_COAP_CONTINUE); /* the host has it */
    case M531X_BLOCK_GAP:
        return refuse_gap(modem, request);
    case M531X_BLOCK_DUE:
        break;
    }
    r = m531x_pass(modem, M531X_POINT_BLOCK, (uint64_t)offset);
    if (r < 0)
        return r;
    trace_add_progress(modem->bench->trace, modem->name, "download", (uint64_t)offset,
                       (uint64_t)offset + message->len, 0);
    request->len = message->len;
    request->is_last = flag == 0;
    go(modem, M531X_SOTA_WRITE_WAIT);
    return tell_write(modem, request, message, flag);
}

int m531x_sota_write(struct modem *modem, const struct cloud_message *message)
{
    struct m531x_request *request = m531x_new_request(modem, message);

    if (!request)
        return 0;
    if (message->resource == M531X_RES_PACKAGE && m531x_fota_is_own(modem))
        return message->len > 0 ? m531x_fota_block(modem, request, message)
                                : m531x_fota_close(modem, request);
    if (message->resource == M531X_RES_PACKAGE && message->len > 0)
        return take_block(modem, request, message);
    if (message->resource == M531X_RES_PACKAGE)
        return m531x_take_end(modem, request);
    if (message->resource == M531X_RES_URI && message->len > 0)
        return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
    return refuse(modem, request, M531X_COAP_BAD_REQUEST); /* CIS-fw */
}

/* ---- the host's words ---- */

static int block_written(struct modem *modem, struct m531x_request *request)
{
    struct m531x *m531x = m531x_of(modem);
    long long saved = m531x->next_offset + (long long)request->len;
    int r = m531x_pass(modem, M531X_POINT_WRITTEN, (uint64_t)saved);

    if (r == 0)
        r = m531x_keep(modem, request->is_last ? M531X_STATE_DOWNLOADED : M531X_STATE_DOWNLOADING,
                       M531X_RESULT_INITIAL, saved);
    if (r < 0)
        return r;
    m531x->next_offset = saved;
    m531x->last_len = request->len;
    go(modem, request->is_last ? M531X_SOTA_DONE : M531X_SOTA_DOWNLOAD);
    if (request->is_last)
        say_sota_event(modem, M531X_EVENT_SOTA_DOWNLOADED);
    return m531x_answer(modem, request, request->is_last ? M531X_COAP_CHANGED : M531X_COAP_CONTINUE,
                        NULL);
}

static int block_failed(struct modem *modem, struct m531x_request *request,
                        enum m531x_object_result result)
{
    int r = reset_download(modem, result);

    return r < 0 ? r : m531x_answer(modem, request, M531X_COAP_ERROR, NULL);
}

static int erased(struct modem *modem, struct m531x_request *request)
{
    struct m531x *m531x = m531x_of(modem);
    int r = m531x_pass(modem, M531X_POINT_ERASED, 0);

    if (r == 0)
        r = m531x_keep(modem, M531X_STATE_DOWNLOADING, M531X_RESULT_INITIAL, 0);
    if (r < 0)
        return r;
    m531x->next_offset = 0;
    m531x->last_len = 0;
    go(modem, M531X_SOTA_DOWNLOAD);
    say_sota_event(modem, M531X_EVENT_SOTA_DOWNLOADING);
    return m531x_answer(modem, request, M531X_COAP_CHANGED, NULL);
}

static int erase_failed(struct modem *modem, struct m531x_request *request)
{
    int r = reset_download(modem, M531X_RESULT_INITIAL);

    return r < 0 ? r : m531x_answer(modem, request, M531X_COAP_ERROR, NULL);
}

int m531x_sota_responded(struct modem *modem, struct m531x_request *request, int code)
{
    bool good = code == M531X_COAP_CHANGED;
    bool is_generic = modem_quirk(modem, M531X_SOTA_GENERIC_RSP);

    if (request->op == CLOUD_WRITE && request->len > 0) /* C-3 */
        return good ? block_written(modem, request)
                    : block_failed(modem, request, M531X_RESULT_INITIAL);
    if (request->op == CLOUD_WRITE)
        return good ? m531x_sota_close(modem, request) : m531x_answer(modem, request, code, NULL);
    if (request->resource != M531X_RES_DOWNLOAD)
        return m531x_answer(modem, request, code, NULL);
    if (!good)
        return erase_failed(modem, request);
    return is_generic ? erased(modem, request) : 0; /* held until +MIPLSOTA=3 */
}

void m531x_sota_expired(struct modem *modem, const struct m531x_request *request)
{
    if (request->object != M531X_OBJ_FIRMWARE)
        return;
    if (request->op == CLOUD_WRITE && request->len > 0)
        go(modem, M531X_SOTA_DOWNLOAD);
    else if (request->op == CLOUD_EXECUTE && request->resource == M531X_RES_DOWNLOAD)
        go(modem, M531X_SOTA_MCU);
}

/* S4 has 3 for erased and 1 for written; the SDK has them the other way round (C-4). */
static enum host_word word_of(const struct modem *modem, long number)
{
    static const enum host_word seed[] = {WORD_WRITTEN, WORD_WRITE_FAILED, WORD_ERASED,
                                          WORD_ERASE_FAILED};

    if (number > (long)ARRAY_LEN(seed) || modem_quirk(modem, M531X_SOTA_CODES_CIS))
        return (enum host_word)number;
    return seed[number - 1];
}

/* The block that waits for the host. */
static struct m531x_request *waiting_block(struct modem *modem)
{
    struct m531x_request *block = m531x_pending(modem, CLOUD_WRITE, M531X_RES_PACKAGE);

    return block && block->len > 0 ? block : NULL;
}

/* Validation is part of the last block, or follows it. Return: as a word's. */
static int validated(struct modem *modem, bool good, bool *misplaced_out)
{
    struct m531x_request *block = waiting_block(modem);

    if (block && block->is_last)
        return good ? block_written(modem, block)
                    : block_failed(modem, block, M531X_RESULT_INTEGRITY);
    *misplaced_out = m531x_of(modem)->sota != M531X_SOTA_DONE;
    return *misplaced_out || good ? 0 : reset_download(modem, M531X_RESULT_INTEGRITY);
}

static int updated(struct modem *modem, bool good, bool *misplaced_out)
{
    struct m531x_request *update = m531x_pending(modem, CLOUD_EXECUTE, M531X_RES_UPDATE);
    int r;

    *misplaced_out = m531x_of(modem)->sota != M531X_SOTA_UPDATE;
    if (*misplaced_out || good)
        return 0;
    r = reset_download(modem, M531X_RESULT_INITIAL);
    return r < 0 || !update ? r : m531x_answer(modem, update, M531X_COAP_BAD_REQUEST, NULL);
}

/* Carry a word out. Return: 0 or MODEM_GONE; misplaced_out: no step waits for it. */
static int take_word(struct modem *modem, enum host_word word, bool *misplaced_out)
{
    struct m531x_request *block = waiting_block(modem);
    struct m531x_request *erase = m531x_pending(modem, CLOUD_EXECUTE, M531X_RES_DOWNLOAD);
    bool is_generic = modem_quirk(modem, M531X_SOTA_GENERIC_RSP);

    switch (word) {
    case WORD_ERASED:
        *misplaced_out = !erase;
        return !erase || is_generic ? 0 : erased(modem, erase);
    case WORD_ERASE_FAILED:
        *misplaced_out = !erase;
        return !erase ? 0 : erase_failed(modem, erase);
    case WORD_WRITTEN:
        *misplaced_out = !block;
        return !block || is_generic ? 0 : block_written(modem, block);
    case WORD_WRITE_FAILED:
        *misplaced_out = !block;
        return !block ? 0 : block_failed(modem, block, M531X_RESULT_INITIAL);
    case WORD_VALID:
    case WORD_INVALID:
        return validated(modem, word == WORD_VALID, misplaced_out);
    case WORD_UPDATED:
    case WORD_UPDATE_FAILED:
        return updated(modem, word == WORD_UPDATED, misplaced_out);
    }
    return 0;
}

int m531x_miplsota(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    bool is_misplaced = false;
    struct at_args args;
    long number;
    int r;

    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_int(&args, 0, WORD_ERASED, WORD_UPDATE_FAILED, &number) < 0)
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    r = take_word(modem, word_of(modem, number), &is_misplaced);
    if (r < 0)
        return r;
    return is_misplaced ? m531x_error(line, reply, M531X_ERR_NOT_ALLOWED) : AT_OK;
}

/* "<version>", before +MIPLOPEN: only then the platform can create a task for us (S4 step 7). */
int m531x_miplsotaver(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    struct modem *modem = line->modem;
    struct m531x *m531x = m531x_of(modem);
    char version[M531X_VERSION_MAX + 1];
    struct at_args args;

    if (at_args_parse(req, &args) < 0 || args.count != 1 ||
        at_args_string(&args, 0, version, sizeof(version)) < 0 || !version[0])
        return m531x_error(line, reply, M531X_ERR_SYNTAX);
    if (m531x->session == M531X_OFF)
        return m531x_error(line, reply, M531X_ERR_RESOURCE);
    memcpy(m531x->version, version, sizeof(version));
    m531x->has_version = true;
    if (!modem_quirk(modem, M531X_SOTAVER_NV))
        return AT_OK;
    nv_set_text(modem->nv, "sota.version", version);
    return modem_commit(modem);
}
