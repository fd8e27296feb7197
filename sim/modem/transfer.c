/* SPDX-License-Identifier: MIT */
#include "sim/modem/transfer.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/curl_loader.h"

/* libcurl drops longer lines itself; ours are looked at for two names only. */
#define HEAD_LINE_MAX (DOWNLOAD_URL_MAX + 64) /* "Location: " and a URL */

/* A descriptor that libcurl wants watched. */
struct watch {
    struct watch *next;
    struct transfer *transfer;
    curl_socket_t fd;
    struct event *event;
};

struct transfer {
    const struct curl_api *curl;
    struct loop *loop;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    struct event *timer;
    struct watch *watches;
    transfer_wake_fn wake;
    void *wake_arg;
    struct transfer_head head;
    char *location; /* of the head, or NULL */
    bool head_is_complete, is_done, is_paused;
    bool is_awaited; /* counted in loop->awaited */
    enum download_result result;
    uint64_t received_bytes;
    size_t start, len; /* the waiting bytes within buffer */
    uint8_t buffer[DOWNLOAD_BUFFER_MAX];
};

/* The network owes us something from the start to the end, but for while we refuse to read. */
static void note_awaited(struct transfer *transfer, bool is_awaited)
{
    transfer->loop->awaited += (int)is_awaited - (int)transfer->is_awaited;
    transfer->is_awaited = is_awaited;
}

/* ---- what libcurl says ---- */

/* "bytes 500-999/1000" or "bytes 500-999/" "*". Anything else counts as absent. */
static void note_content_range(struct transfer_head *head, const char *value)
{
    unsigned long long first, last, total;
    int used = 0;

    if (sscanf(value, "bytes %llu-%llu/%n", &first, &last, &used) != 2 || used == 0 || last < first)
        return;
    head->has_range = true;
    head->range_first = first;
    if (sscanf(value + used, "%llu", &total) == 1) {
        head->has_range_total = true;
        head->range_total = total;
    }
}

/* Return: what stands behind the field's name; NULL when the line is another field. */
static const char *field_value(const char *line, const char *name)
{
    size_t len = strlen(name);

    if (strncasecmp(line, name, len) != 0 || line[len] != ':')
        return NULL;
    return line + len + 1 + strspn(line + len + 1, " \t");
}

static void note_head_line(struct transfer *transfer, const char *line)
{
    const char *value;

    if (text_has_prefix(line, "HTTP/")) { /* also the head that follows an interim 1xx head */
        transfer->head = (struct transfer_head){0};
    } else if ((value = field_value(line, "Content-Range"))) {
        note_content_range(&transfer->head, value);
    } else if ((value = field_value(line, "Location"))) {
        free(transfer->location);
        transfer->location = xstrndup(value, strcspn(value, " \t\r\n"));
    }
}

static size_t on_head_line(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count, kept = len < HEAD_LINE_MAX ? len : HEAD_LINE_MAX;
    char line[HEAD_LINE_MAX + 1];
    long status = 0;

    if (transfer->head_is_complete) /* a trailer of a chunked body */
        return len;
    memcpy(line, bytes, kept);
    line[kept] = '\0';
    if (line[strspn(line, "\r\n")] != '\0') {
        note_head_line(transfer, line);
        return len;
    }
    transfer->curl->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200) {
        transfer->head.status = status;
        transfer->head_is_complete = true;
        transfer->wake(transfer->wake_arg);
    }
    return len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;

    static_assert(CURL_MAX_WRITE_SIZE <= DOWNLOAD_BUFFER_MAX / 2,
                  "a piece must fit once half of the buffer is drained");
    if (len > DOWNLOAD_BUFFER_MAX - transfer->len) {
        transfer->is_paused = true;
        note_awaited(transfer, false);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (transfer->start + transfer->len + len > DOWNLOAD_BUFFER_MAX) {
        memmove(transfer->buffer, transfer->buffer + transfer->start, transfer->len);
        transfer->start = 0;
    }
    memcpy(transfer->buffer + transfer->start + transfer->len, bytes, len);
    transfer->len += len;
    transfer->received_bytes += len;
    transfer->wake(transfer->wake_arg);
    return len;
}

static enum download_result result_of(CURLcode code)
{
    switch ((int)code) { /* a choice out of some hundred codes */
    case CURLE_OK:
        return DOWNLOAD_OK;
    case CURLE_URL_MALFORMAT:
        return DOWNLOAD_BAD_URL;
    case CURLE_COULDNT_RESOLVE_HOST:
        return DOWNLOAD_DNS;
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT: /* libcurl's own limit is on connecting only */
        return DOWNLOAD_REFUSED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CLIENTCERT:
        return DOWNLOAD_TLS;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return DOWNLOAD_INCOMPLETE;
    default:
        return DOWNLOAD_BAD_REPLY;
    }
}

static void look_for_end(struct transfer *transfer)
{
    CURLMsg *message;
    int left;

    while ((message = transfer->curl->multi_info_read(transfer->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        transfer->is_done = true;
        note_awaited(transfer, false);
        transfer->result = result_of(message->data.result);
        transfer->wake(transfer->wake_arg);
    }
}

/* ---- libcurl's descriptors and timer on our loop ---- */

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct watch *watch = arg;
    struct transfer *transfer = watch->transfer; /* watch may be gone after the call */
    int flags = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    int running;

    transfer->curl->multi_socket_action(transfer->multi, fd, flags, &running);
    look_for_end(transfer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct transfer *transfer = arg;
    int running;

    transfer->curl->multi_socket_action(transfer->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_end(transfer);
}

static void unwatch(struct transfer *transfer, curl_socket_t fd)
{
    for (struct watch **slot = &transfer->watches; *slot; slot = &(*slot)->next) {
        struct watch *watch = *slot;

        if (watch->fd != fd)
            continue;
        *slot = watch->next;
        event_free(watch->event);
        free(watch);
        return;
    }
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct transfer *transfer = arg;
    short events = EV_PERSIST;
    struct watch *watch;

    unwatch(transfer, fd);
    if (what == CURL_POLL_REMOVE)
        return 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EV_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EV_WRITE;
    watch = xcalloc(1, sizeof(*watch));
    *watch = (struct watch){.next = transfer->watches, .transfer = transfer, .fd = fd};
    watch->event = event_new(transfer->loop->events, fd, events, on_ready, watch);
    assert(watch->event);
    event_add(watch->event, NULL);
    transfer->watches = watch;
    return 0;
}

/*
 * The one libevent timer beside the clock's own: libcurl asks for it to drive real sockets (its
 * next step, connecting to a second address), which follow wall time at any speed of modem time.
 */
static int on_timer_wanted(CURLM *multi, long timeout_ms, void *arg)
{
    struct transfer *transfer = arg;
    struct timeval tv = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

    if (timeout_ms < 0)
        event_del(transfer->timer);
    else
        event_add(transfer->timer, &tv);
    return 0;
}

/* ---- set-up ---- */

static void set_headers(struct transfer *transfer, const struct transfer_request *request)
{
    const struct curl_api *curl = transfer->curl;

    /* A module sends Host and Range and nothing else; an empty value removes libcurl's own. */
    transfer->headers = curl->slist_append(NULL, "Accept:");
    if (request->post)
        transfer->headers = curl->slist_append(transfer->headers, "Content-Type: application/json");
    for (size_t i = 0; i < request->header_count; i++)
        transfer->headers = curl->slist_append(transfer->headers, request->headers[i]);
    curl->easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

/* Nothing of the user's environment (proxies, .netrc, cookies) may reach the module's request. */
static void set_limits(struct transfer *transfer)
{
    const struct curl_api *curl = transfer->curl;
    CURL *easy = transfer->easy;

#if LIBCURL_VERSION_NUM >= 0x075500
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl->easy_setopt(easy, CURLOPT_PROXY, "");
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl->easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
}

static void set_blob(struct transfer *transfer, CURLoption option, const char *text)
{
    struct curl_blob blob = {.flags = CURL_BLOB_COPY};

    if (!text)
        return;
    blob.data = (void *)text; /* libcurl copies it */
    blob.len = strlen(text);
    transfer->curl->easy_setopt(transfer->easy, option, &blob);
}

static void set_tls(struct transfer *transfer, const struct transfer_request *request)
{
    const struct curl_api *curl = transfer->curl;

    curl->easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYPEER, request->verify_tls ? 1L : 0L);
    curl->easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYHOST, request->verify_tls ? 2L : 0L);
    set_blob(transfer, CURLOPT_CAINFO_BLOB, request->tls.ca);
    set_blob(transfer, CURLOPT_SSLCERT_BLOB, request->tls.certificate);
    set_blob(transfer, CURLOPT_SSLKEY_BLOB, request->tls.key);
}

static void set_request(struct transfer *transfer, const struct transfer_request *request)
{
    const struct curl_api *curl = transfer->curl;
    CURL *easy = transfer->easy;
    char range[24];

    curl->easy_setopt(easy, CURLOPT_URL, request->url);
    if (request->connect_to) {
        transfer->connect_to = curl->slist_append(NULL, request->connect_to);
        curl->easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    }
    if (request->has_range) {
        snprintf(range, sizeof(range), "%llu-", (unsigned long long)request->from_byte);
        curl->easy_setopt(easy, CURLOPT_RANGE, range);
    }
    if (request->post)
        curl->easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->post);
    set_tls(transfer, request);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

struct transfer *transfer_new(struct loop *loop, const struct transfer_request *request,
                              transfer_wake_fn wake, void *arg, const char **error_out)
{
    const struct curl_api *curl = curl_api_get(error_out);
    struct transfer *transfer;

    if (!curl)
        return NULL;
    transfer = xcalloc(1, sizeof(*transfer));
    transfer->curl = curl;
    transfer->loop = loop;
    transfer->wake = wake;
    transfer->wake_arg = arg;
    transfer->timer = event_new(loop->events, -1, 0, on_timer, transfer);
    transfer->multi = curl->multi_init();
    transfer->easy = curl->easy_init();
    assert(transfer->timer && transfer->multi && transfer->easy);
    set_headers(transfer, request);
    set_limits(transfer);
    set_request(transfer, request);
    curl->multi_setopt(transfer->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl->multi_setopt(transfer->multi, CURLMOPT_SOCKETDATA, transfer);
    curl->multi_setopt(transfer->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl->multi_setopt(transfer->multi, CURLMOPT_TIMERDATA, transfer);
    note_awaited(transfer, true);
    curl->multi_add_handle(transfer->multi, transfer->easy); /* asks for its timer at once */
    return transfer;
}

void transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return;
    note_awaited(transfer, false);
    transfer->curl->multi_remove_handle(transfer->multi, transfer->easy);
    transfer->curl->easy_cleanup(transfer->easy);
    transfer->curl->multi_cleanup(transfer->multi);
    while (transfer->watches)
        unwatch(transfer, transfer->watches->fd);
    event_free(transfer->timer);
    transfer->curl->slist_free_all(transfer->headers);
    transfer->curl->slist_free_all(transfer->connect_to);
    free(transfer->location);
    free(transfer);
}

/* ---- what the download asks ---- */

bool transfer_head(const struct transfer *transfer, struct transfer_head *head_out)
{
    curl_off_t length = -1;

    if (!transfer->head_is_complete)
        return false;
    *head_out = transfer->head;
    head_out->location = transfer->location;
    /* libcurl's judgement, which knows that a chunked body has no length. */
    transfer->curl->easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) {
        head_out->has_length = true;
        head_out->length_bytes = (uint64_t)length;
    }
    return true;
}

size_t transfer_waiting(const struct transfer *transfer, const uint8_t **bytes_out)
{
    *bytes_out = transfer->buffer + transfer->start;
    return transfer->len;
}

void transfer_consume(struct transfer *transfer, size_t len)
{
    assert(len <= transfer->len);
    transfer->start += len;
    transfer->len -= len;
    if (transfer->len == 0)
        transfer->start = 0;
    if (transfer->is_paused && transfer->len < DOWNLOAD_BUFFER_MAX / 2) {
        transfer->is_paused = false; /* first, since on_body may pause again in the call */
        note_awaited(transfer, !transfer->is_done);
        transfer->curl->easy_pause(transfer->easy, CURLPAUSE_CONT);
    }
}

uint64_t transfer_received_bytes(const struct transfer *transfer)
{
    return transfer->received_bytes;
}

bool transfer_is_done(const struct transfer *transfer, enum download_result *result_out)
{
    if (transfer->is_done)
        *result_out = transfer->result;
    return transfer->is_done;
}
