/* SPDX-License-Identifier: MIT */
/*
 * Telling a server how the upgrade goes (the guide, chapter 5): six events, one short HTTP request
 * each. A server that does not answer must not stop an upgrade, so nothing is returned.
 */
#pragma once

enum event {
    EVENT_DOWNLOAD_BEGUN,
    EVENT_DOWNLOAD_DONE,
    EVENT_DOWNLOAD_FAILED,
    EVENT_UPGRADE_BEGUN,
    EVENT_UPGRADE_DONE, /* detail: the new version */
    EVENT_UPGRADE_FAILED,
    EVENT_COUNT
};

/* url: "http://127.0.0.1:8080/report", or NULL for nobody. detail may be "". */
void report_event(const char *url, enum event event, const char *detail);
