/*
 * A small fake of the upgrade service that Air720 modules ask (seed 000, chapter 2): devices by
 * IMEI, projects by key, releases of firmware, and a count of the devices that reported their
 * upgrade.
 *
 * It is reached as the module reaches the real one: GET over HTTP at iot.openluat.com, which the
 * bench's resolver leads to a server on loopback.
 *
 *     /api/site/firmware_upgrade?project_key=K&imei=I&firmware_name=N&version=V
 *         the package itself (200), the place of it (302), or {"code":CAUSE,"msg":"..."} (200)
 *     /api/site/firmware_report?imei=I&firmware_name=N
 *         the module tells what runs after its upgrade (200)
 *
 * Paths and parameters of the query are those of sheet air720.md section 5; the report's are ours,
 * since no source names them. All texts are copied.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/platform.h"

struct httpd;
struct luat;

#define LUAT_NAME "iot.openluat.com"
#define LUAT_PROJECT                                                                          \
    "air720x"              /* the product of seed 000, 2.1, that modules belong to by default \
                            */
#define LUAT_LIST_MAX 1024 /* devices, projects, releases; more are refused with -ENOSPC */
#define LUAT_TEXT_MAX 127  /* bytes of a parameter that is understood */

/* Causes of seed 000, 3.1. */
enum luat_cause {
    LUAT_GRANTED = 0,
    LUAT_NO_DEVICE = 3,
    LUAT_NO_PERMISSION = 17,
    LUAT_NO_PROJECT = 25,
    LUAT_NO_FIRMWARE = 26,
    LUAT_UP_TO_DATE = 27,
};

struct luat_release {
    const char *project;
    const char *version; /* "AirM2M_720_V9999_LTE_AT": a name, and a number behind "_V" */
    const char *url;     /* where the package is; NULL = bytes are served by the service itself */
    const void *bytes;
    size_t len;
    bool is_off;             /* the upgrade switch of the project is not on */
    const char *const *only; /* IMEIs that it is for; NULL = each device */
    size_t only_count;
};

/* A request of a module that was understood. */
struct luat_visit {
    bool is_report;
    const char *imei, *firmware; /* borrowed until the platform goes */
    int cause;                   /* of a query */
    uint64_t t_us;
};

extern const struct platform_kind platform_luat;

/* Return: 0, or -errno with a message. */
int luat_new(struct bench *bench, struct luat **luat_out, struct buf *error_out);
void luat_free(struct luat *luat);
/* Its server, for going down and up, and for its requests. */
struct httpd *luat_httpd(struct luat *luat);

/* The device belongs to a project (NULL: LUAT_PROJECT). Adding it again moves it. */
int luat_add_device(struct luat *luat, const char *imei, const char *project);
int luat_add_project(struct luat *luat, const char *key);
/* The latest of a name wins. Return: 0; -ENOSPC; -EINVAL when version has no "_V" with a number. */
int luat_add_release(struct luat *luat, const struct luat_release *release);
/* Each query is refused with this cause from now on; 0 = judged again. */
void luat_refuse(struct luat *luat, int cause);
/* Each request is answered with this HTTP status and no body; 0 = properly. */
void luat_set_status(struct luat *luat, int status);
/* Requests are accepted and never answered. */
void luat_set_silent(struct luat *luat, bool silent);

size_t luat_visit_count(const struct luat *luat);
struct luat_visit luat_visit(const struct luat *luat, size_t index);
