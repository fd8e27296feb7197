/*
 * An Air720 for tests: real HTTP on loopback, the vendor's service, short delays.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/httpd.h"
#include "harness/luat.h"
#include "tests/bench-rig.h"

#define OLD_VERSION "AirM2M_720_V422_LTE_AT"
#define NEW_VERSION "AirM2M_720_V9999_LTE_AT"
#define UART2       1 /* the number of the line */

struct air720_bench {
    struct rig rig;
    struct httpd *httpd;
    struct luat *luat; /* knows the modem; has no release */
    char url[128];     /* of what publish() published */
    struct buf heard;  /* keeps the answer of bench_say() alive */
};

/* Quirks and options of the rig may follow; bench_start() opens it. */
void bench_init(struct air720_bench *bench);
void bench_deinit(struct air720_bench *bench);
/* Power on, wait for the network, forget what was said, echo off. */
void bench_start(struct air720_bench *bench);
/* Serve a package at /update.bin, with one bit flipped if damaged. habit may be NULL. */
void bench_publish(struct air720_bench *bench, const char *from, const char *to, size_t size_bytes,
                   bool damaged, const struct httpd_habit *habit);
/* Let the service offer NEW_VERSION at the URL of what was published. */
void bench_release(struct air720_bench *bench);
/* Send a command. Return: what the AT port said by then; valid until the next call. */
const char *bench_say(struct air720_bench *bench, const char *command);
/* AT+UPGRADE from the published URL, or from the service. */
void bench_upgrade_from_url(struct air720_bench *bench);
void bench_upgrade_from_service(struct air720_bench *bench);
/* Fails the test, with a transcript, when the text does not come on that line. */
void bench_wait(struct air720_bench *bench, size_t line, const char *text, const char *within);
/*
 * Until the modem is at rest: on the network with no upgrade under way, or without power.
 * Return: whether that came.
 */
bool bench_wait_rest(struct air720_bench *bench, const char *within);
/* AT+UPGRADE? must say exactly this behind "+UPGRADE: ". */
void bench_expect_result(struct air720_bench *bench, const char *result);
/* Reports that the service has had. */
size_t bench_report_count(const struct air720_bench *bench);
