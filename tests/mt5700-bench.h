/*
 * An MT5700M on a bench with its server, for tests: real HTTP on loopback, short
 * boots. SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "harness/httpd.h"
#include "tests/bench-rig.h"

#define MT_OLD    "1.2.5.0(SP1C02)"
#define MT_NEW    "1.3.0.0(SP1C02)"
#define MT_FOLDER "/mt5700/"

struct mt_bench {
    struct rig rig;
    struct httpd *httpd;
    char url[128]; /* of the folder */
};

/* Options and quirks may be set between init and start. The tty stays: attachment=uart. */
void mt_init(struct mt_bench *bench);
/* The same, with a server that listens as options say. */
void mt_init_with(struct mt_bench *bench, const struct httpd_options *options);
void mt_deinit(struct mt_bench *bench);
/* Publish what installs `to`; settings are "name=value" texts of the package's folder, or NULL. */
void mt_publish(struct mt_bench *bench, const char *to, size_t size_bytes,
                const char *const *settings);
/* The package in it is one of another dialect, which the boot loader refuses. */
void mt_publish_for(struct mt_bench *bench, const char *dialect, const char *to, size_t size_bytes,
                    const char *const *settings);
/* Bytes that may be anything. */
void mt_publish_bytes(struct mt_bench *bench, const void *bytes, size_t len,
                      const char *const *settings);
/* One file of the folder answers differently: "ota.swu", "filelist.xml", ... text NULL keeps it. */
void mt_habit(struct mt_bench *bench, const char *name, const char *text,
              const struct httpd_habit *habit);
/* Boot, register, no echo; what was said so far is forgotten. */
void mt_start(struct mt_bench *bench);
void mt_power_on(struct mt_bench *bench);
/* Send a command line (CR is added) and wait for nothing. */
void mt_say(struct mt_bench *bench, const char *command);
/* Send, and wait for the text; asserts that it came. What was heard before is forgotten. */
void mt_ask(struct mt_bench *bench, const char *command, const char *wanted);
/* AT^FOTAOEMDL with the bench's URL, and its OK. */
void mt_query(struct mt_bench *bench);
/* Asserts that it is said within a while of modem time; what was heard stays. */
void mt_wait(struct mt_bench *bench, const char *text);
/* Serve the loop for so long. */
void mt_pass(struct mt_bench *bench, const char *duration);
/* Serve the loop until the power is that; asserts that it comes. */
void mt_wait_power(struct mt_bench *bench, enum modem_power power);
void mt_wait_state(struct mt_bench *bench, const char *state);
void mt_wait_bearer(struct mt_bench *bench);
/* Return: whether it came; false when the power goes first. */
bool mt_has_bearer_within(struct mt_bench *bench, const char *duration);
/* All armed faults have struck. */
void mt_wait_faults(struct mt_bench *bench);
void mt_arm(struct mt_bench *bench, const char *fault);
/* From idle to 40. */
void mt_download(struct mt_bench *bench);
/* ^FWUP, the boot loader, and the boot behind it. */
void mt_upgrade(struct mt_bench *bench);
/* What the state of now is, by name. */
void mt_assert_state(struct mt_bench *bench, const char *state);
