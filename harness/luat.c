/* SPDX-License-Identifier: MIT */
#include "harness/luat.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/httpd.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/modem/bench.h"
#include "sim/modem/download.h"

#define UPGRADE_PATH "/api/site/firmware_upgrade"
#define REPORT_PATH  "/api/site/firmware_report"

struct device {
    char *imei, *project;
};

struct release {
    char *project, *version, *url;
    char *bytes;
    size_t len;
    bool is_off;
    char **only;
    size_t only_count;
    bool is_for_all;
};

struct visit {
    bool is_report;
    char *imei, *firmware;
    int cause;
    uint64_t t_us;
};

struct luat {
    struct bench *bench;
    struct httpd *httpd;
    struct device *devices;
    char **projects;
    struct release *releases;
    struct visit *visits;
    size_t device_count, project_count, release_count, visit_count;
    int refusal, status;
    bool is_silent;
    struct buf body; /* of the answer on its way */
};

/* ---- what is registered ---- */

static struct device *find_device(const struct luat *luat, const char *imei)
{
    for (size_t i = 0; i < luat->device_count; i++) {
        if (strcmp(luat->devices[i].imei, imei) == 0)
            return &luat->devices[i];
    }
    return NULL;
}

static bool has_project(const struct luat *luat, const char *key)
{
    for (size_t i = 0; i < luat->project_count; i++) {
        if (strcmp(luat->projects[i], key) == 0)
            return true;
    }
    return false;
}

int luat_add_device(struct luat *luat, const char *imei, const char *project)
{
    struct device *device = find_device(luat, imei);

    if (!device) {
        if (luat->device_count == LUAT_LIST_MAX)
            return -ENOSPC;
        luat->devices = xrealloc(luat->devices, (luat->device_count + 1) * sizeof(struct device));
        device = &luat->devices[luat->device_count++];
        *device = (struct device){.imei = xstrdup(imei)};
    }
    xstrset(&device->project, project ? project : LUAT_PROJECT);
    return 0;
}

int luat_add_project(struct luat *luat, const char *key)
{
    if (has_project(luat, key))
        return 0;
    if (luat->project_count == LUAT_LIST_MAX)
        return -ENOSPC;
    luat->projects = xrealloc(luat->projects, (luat->project_count + 1) * sizeof(char *));
    luat->projects[luat->project_count++] = xstrdup(key);
    return 0;
}

/*
 * "AirM2M_720_V422_LTE_AT" is the firmware AirM2M_720_LTE_AT in its version 422.
 * Return: false when there is no "_V" with a number.
 */
static bool split_firmware(const char *text, char name[LUAT_TEXT_MAX + 1], long *number_out)
{
    const char *at = strstr(text, "_V");
    char *end;

    if (!at || !isdigit((unsigned char)at[2]))
        return false;
    *number_out = strtol(at + 2, &end, 10);
    snprintf(name, LUAT_TEXT_MAX + 1, "%.*s%s", (int)(at - text), text, end);
    return true;
}

int luat_add_release(struct luat *luat, const struct luat_release *given)
{
    char name[LUAT_TEXT_MAX + 1];
    struct release *release;
    long number;

    if (!split_firmware(given->version, name, &number))
        return -EINVAL;
    if (luat->release_count == LUAT_LIST_MAX)
        return -ENOSPC;
    luat->releases = xrealloc(luat->releases, (luat->release_count + 1) * sizeof(struct release));
    release = &luat->releases[luat->release_count++];
    *release = (struct release){
        .project = xstrdup(given->project ? given->project : LUAT_PROJECT),
        .version = xstrdup(given->version),
        .url = xstrdup(given->url),
        .is_off = given->is_off,
        .only = xcalloc(given->only_count + 1, sizeof(char *)),
        .only_count = given->only_count,
        .is_for_all = !given->only,
    };
    for (size_t i = 0; i < given->only_count; i++)
        release->only[i] = xstrdup(given->only[i]);
    if (!given->url && given->len > 0) {
        release->bytes = xmalloc(given->len);
        release->len = given->len;
        memcpy(release->bytes, given->bytes, given->len);
    }
    return 0;
}

void luat_refuse(struct luat *luat, int cause)
{
    luat->refusal = cause;
}

void luat_set_status(struct luat *luat, int status)
{
    luat->status = status;
}

void luat_set_silent(struct luat *luat, bool silent)
{
    luat->is_silent = silent;
}

/* ---- the judgement: one cause after the other, in the order of seed 000, 3.1 ---- */

static bool is_for(const struct release *release, const char *imei)
{
    for (size_t i = 0; i < release->only_count; i++) {
        if (strcmp(release->only[i], imei) == 0)
            return true;
    }
    return release->is_for_all;
}

static const struct release *find_release(const struct luat *luat, const char *project,
                                          const char *name)
{
    char own[LUAT_TEXT_MAX + 1];
    long number;

    for (size_t i = luat->release_count; i-- > 0;) {
        const struct release *release = &luat->releases[i];

        if (strcmp(release->project, project) == 0 &&
            split_firmware(release->version, own, &number) && strcmp(own, name) == 0)
            return release;
    }
    return NULL;
}

static enum luat_cause judge(const struct luat *luat, const char *imei, const char *project,
                             const char *firmware, const struct release **release_out)
{
    const struct device *device = find_device(luat, imei);
    char name[LUAT_TEXT_MAX + 1], own[LUAT_TEXT_MAX + 1];
    const struct release *release;
    long running, offered = 0;

    if (!device)
        return LUAT_NO_DEVICE;
    if (has_project(luat, project) && strcmp(device->project, project) != 0)
        return LUAT_NO_PERMISSION;
    if (!has_project(luat, project))
        return LUAT_NO_PROJECT;
    if (!split_firmware(firmware, name, &running))
        return LUAT_NO_FIRMWARE;
    release = find_release(luat, project, name);
    if (!release)
        return LUAT_NO_FIRMWARE;
    split_firmware(release->version, own, &offered);
    if (offered <= running || release->is_off || !is_for(release, imei))
        return LUAT_UP_TO_DATE;
    *release_out = release;
    return LUAT_GRANTED;
}

static const char *message_of(int cause)
{
    switch (cause) {
    case LUAT_NO_DEVICE:
        return "invalid device";
    case LUAT_NO_PERMISSION:
        return "permission denied";
    case LUAT_NO_PROJECT:
        return "invalid project";
    case LUAT_NO_FIRMWARE:
        return "invalid firmware";
    case LUAT_UP_TO_DATE:
        return "already the latest version";
    default:
        return "refused";
    }
}

/* ---- the service ---- */

static void remember(struct luat *luat, const struct visit *visit)
{
    if (luat->visit_count == LUAT_LIST_MAX) { /* the oldest gives way */
        free(luat->visits[0].imei);
        free(luat->visits[0].firmware);
        memmove(luat->visits, luat->visits + 1, (LUAT_LIST_MAX - 1) * sizeof(struct visit));
        luat->visit_count--;
    }
    luat->visits = xrealloc(luat->visits, (luat->visit_count + 1) * sizeof(struct visit));
    luat->visits[luat->visit_count] = *visit;
    luat->visits[luat->visit_count].imei = xstrdup(visit->imei);
    luat->visits[luat->visit_count].firmware = xstrdup(visit->firmware);
    luat->visits[luat->visit_count++].t_us = clock_now_us(luat->bench->clock);
}

static const char *parameter(struct evkeyvalq *parameters, const char *name)
{
    const char *value = evhttp_find_header(parameters, name);

    return value && strlen(value) <= LUAT_TEXT_MAX ? value : "";
}

static void answer_query(struct luat *luat, struct evkeyvalq *parameters,
                         struct httpd_answer *answer_out)
{
    struct visit visit = {
        .imei = (char *)parameter(parameters, "imei"),
        .firmware = (char *)parameter(parameters, "firmware_name"),
    };
    const char *project = parameter(parameters, "project_key");
    const struct release *release = NULL;

    visit.cause = luat->refusal ? luat->refusal
                                : (int)judge(luat, visit.imei, project, visit.firmware, &release);
    remember(luat, &visit);
    trace_addf(luat->bench->trace, TRACE_CLOUD, "luat", "%s with %s of project %s: %s", visit.imei,
               visit.firmware, project,
               visit.cause == LUAT_GRANTED ? release->version : message_of(visit.cause));
    if (visit.cause != LUAT_GRANTED) {
        buf_clear(&luat->body);
        buf_printf(&luat->body, "{\"code\":%d,\"msg\":\"%s\"}", visit.cause,
                   message_of(visit.cause));
        *answer_out = (struct httpd_answer){
            .status = 200, .body = luat->body.data, .len = luat->body.len};
    } else if (release->url) {
        *answer_out = (struct httpd_answer){.status = 302, .location = release->url};
    } else {
        *answer_out = (struct httpd_answer){
            .status = 200, .body = release->bytes, .len = release->len};
    }
}

static void take_report(struct luat *luat, struct evkeyvalq *parameters)
{
    struct visit visit = {
        .is_report = true,
        .imei = (char *)parameter(parameters, "imei"),
        .firmware = (char *)parameter(parameters, "firmware_name"),
    };

    remember(luat, &visit);
    trace_addf(luat->bench->trace, TRACE_CLOUD, "luat", "%s reports %s", visit.imei,
               visit.firmware);
}

static bool on_request(void *arg, const char *uri, struct httpd_answer *answer_out)
{
    struct luat *luat = arg;
    const char *query = strchr(uri, '?');
    size_t path_len = query ? (size_t)(query - uri) : strlen(uri);
    bool is_query = path_len == strlen(UPGRADE_PATH) && strncmp(uri, UPGRADE_PATH, path_len) == 0;
    bool is_report = path_len == strlen(REPORT_PATH) && strncmp(uri, REPORT_PATH, path_len) == 0;
    struct evkeyvalq parameters;

    if (!is_query && !is_report)
        return false;
    if (luat->is_silent || luat->status) {
        *answer_out = (struct httpd_answer){.status = luat->status, .silent = luat->is_silent};
        return true;
    }
    if (evhttp_parse_query_str(query ? query + 1 : "", &parameters) < 0) {
        *answer_out = (struct httpd_answer){.status = 400};
        return true;
    }
    if (is_query)
        answer_query(luat, &parameters, answer_out);
    else
        take_report(luat, &parameters);
    evhttp_clear_headers(&parameters);
    return true;
}

size_t luat_visit_count(const struct luat *luat)
{
    return luat->visit_count;
}

struct luat_visit luat_visit(const struct luat *luat, size_t index)
{
    const struct visit *visit = &luat->visits[index];

    assert(index < luat->visit_count);
    return (struct luat_visit){
        .is_report = visit->is_report,
        .imei = visit->imei,
        .firmware = visit->firmware,
        .cause = visit->cause,
        .t_us = visit->t_us,
    };
}

/* ---- life ---- */

int luat_new(struct bench *bench, struct luat **luat_out, struct buf *error_out)
{
    struct luat *luat = xcalloc(1, sizeof(*luat));
    int r;

    luat->bench = bench;
    r = httpd_new(bench->loop, bench->trace, "luat", 0, &luat->httpd, error_out);
    if (r < 0) {
        free(luat);
        return r;
    }
    httpd_set_service(luat->httpd, on_request, luat);
    resolver_map(bench->resolver, LUAT_NAME, httpd_port(luat->httpd));
    *luat_out = luat;
    return 0;
}

static void release_deinit(struct release *release)
{
    for (size_t i = 0; i < release->only_count; i++)
        free(release->only[i]);
    free(release->only);
    free(release->project);
    free(release->version);
    free(release->url);
    free(release->bytes);
}

void luat_free(struct luat *luat)
{
    httpd_free(luat->httpd);
    for (size_t i = 0; i < luat->device_count; i++) {
        free(luat->devices[i].imei);
        free(luat->devices[i].project);
    }
    for (size_t i = 0; i < luat->project_count; i++)
        free(luat->projects[i]);
    for (size_t i = 0; i < luat->release_count; i++)
        release_deinit(&luat->releases[i]);
    for (size_t i = 0; i < luat->visit_count; i++) {
        free(luat->visits[i].imei);
        free(luat->visits[i].firmware);
    }
    free(luat->devices);
    free(luat->projects);
    free(luat->releases);
    free(luat->visits);
    buf_deinit(&luat->body);
    free(luat);
}

struct httpd *luat_httpd(struct luat *luat)
{
    return luat->httpd;
}
