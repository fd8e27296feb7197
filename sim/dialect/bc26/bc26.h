/*
 * Quectel BC26 and BC20 (MT2625): what the files of this folder share.
 * Sources: "S2" is the vendor's DFOTA guide V1.0 of 2019-11-20 (seed 002); "Q19" the released AT
 * manual V1.1 of 2018-10-24; other Q and H numbers are those of the fact sheet vendors/bc26.md,
 * whose sections are cited as "sheet N".
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/dialect/gpp/gpp.h"

struct download;
struct installer;
struct package_store;

#define BC26_URL_MAX   255    /* S2 3.1 */
#define BC26_BOOT_BAUD 115200 /* the boot ROM speaks at this rate only (sheet 2) */

/* The bit of each quirk is its place here; names and sources in bc26.c. */
enum bc26_quirk {
    BC26_HTTPTART_TYPO,
    BC26_2018_SPACING,
    BC26_UPDATING_NO_COUNTS,
    BC26_PERCENT_PLAIN,
    BC26_FORCED_COMPACT,
    BC26_BOOT_EOL_LFCR,
    BC26_BOOT_NO_LEAD_CRLF,
    BC26_NO_BANNER,
    BC26_BANNER_CRLF,
    BC26_STEP_CHUNK,
    BC26_END_NO_REBOOT_LINES,
    BC26_HTTPS_ERROR,
    BC26_URL_CASE_STRICT,
    BC26_BUSY_END2,
    BC26_BUSY_CME3,
    BC26_PARAM_CME,
    BC26_HTTPSTART_AFTER_NET,
    BC26_TEST_LISTS,
    BC26_PORT_REQUIRED,
    BC26_DOWNLOAD_START_WORDS,
    BC26_COAP,
    BC26_NO_CONCAT,
    BC26_CGATT_EXEC_ERROR,
    BC26_CGPADDR_QUOTED,
    BC26_CGSN_NOSPACE,
    BC26_CIMI_PREFIX,
    BC26_NOSPACE,
    BC26_CESQ_SEED,
    BC26_CEREG_SMS_ONLY,
    BC26_ECHO_OFF,
    BC26_ECHO_CRLF,
    BC26_BAUD_FIXED,
    BC26_FLUSH_AFTER_SYNC,
    BC26_QRST_OK,
    BC26_NO_IP_URC,
    BC26_LEGACY_NAMES,
    BC26_CGACT_NO_CARRIER,
    BC26_QUIRK_COUNT
};

/* Name, type, default, range, sentence with source. */
#define BC26_OPTIONS(X)                                                                          \
    X(MODEL, "model", OPTION_CHOICE, "BC26", "BC26|BC20", "which of the two parts (S2 title)")   \
    X(SERIAL, "serial", OPTION_TEXT, "0f8bc44e-6a2c-4d0e-9d21-31b2c1a7e501", "1..128",           \
      "+CGSN=0: 128-bit UUID (Q19)")                                                             \
    X(BANNER_DELAY, "banner_delay", OPTION_DURATION, "150ms", NULL,                              \
      "power to boot ROM lines (sheet 2: 0.1-0.3 s)")                                            \
    X(READY_DELAY, "ready_delay", OPTION_DURATION, "2s", NULL,                                   \
      "boot ROM lines to RDY (sheet 2: 1-3 s)")                                                  \
    X(CFUN_DELAY, "cfun_delay", OPTION_DURATION, "10ms", NULL,                                   \
      "RDY to +CFUN: 1 (sheet 2: 0-20 ms)")                                                      \
    X(END_DELAY, "end_delay", OPTION_DURATION, "50ms", NULL,                                     \
      "+CFUN: 1 to END after an update (sheet 2: 0-100 ms)")                                     \
    X(CPIN_DELAY, "cpin_delay", OPTION_DURATION, "1200ms", NULL,                                 \
      "+CFUN: 1 to +CPIN (sheet 2: 4.2 s after the start)")                                      \
    X(TRAIN_LINES, "autobaud_train_lines", OPTION_INT, "2", "0..20",                             \
      "AT lines left unanswered before the rate is known (Q19 examples)")                        \
    X(SLEEP_MODE, "sleep_mode", OPTION_INT, "0", "0..2",                                         \
      "+QSCLK at power-up; no source names the factory value, 0 keeps the UART awake")           \
    X(SLEEP_IDLE, "sleep_idle", OPTION_DURATION, "10s", NULL,                                    \
      "how long one command keeps the module awake (Q19: 10 s, older documents 7 s)")            \
    X(POWER_OFF_DELAY, "power_off_delay", OPTION_DURATION, "1020ms", NULL,                       \
      "+QPOWD=0 to off (Q19)")                                                                   \
    X(CFUN0_DELAY, "cfun0_delay", OPTION_DURATION, "70s", NULL,                                  \
      "OK of +CFUN=0 when never registered (Q22: 60-80 s)")                                      \
    X(COPS_SCAN, "cops_scan", OPTION_DURATION, "30s", NULL, "+COPS=? (Q19: at most 630 s)")      \
    X(ATTACH_LIMIT, "attach_limit", OPTION_DURATION, "75s", NULL,                                \
      "+CGATT=1 that does not succeed (Q19: at most 75 s)")                                      \
    X(HTTPSTART_DELAY, "httpstart_delay", OPTION_DURATION, "100ms", NULL,                        \
      "OK to HTTPSTART (sheet 5: 50-200 ms)")                                                    \
    X(FIRST_BYTE, "first_byte", OPTION_DURATION, "2s", NULL,                                     \
      "radio latency before the request (sheet 5: 2-10 s)")                                      \
    X(RATE, "download_rate", OPTION_SIZE, "4k", NULL, "bytes a second (sheet 5: 2-6 KB/s)")      \
    X(CHUNK, "download_chunk", OPTION_SIZE, "512", NULL,                                         \
      "bytes the radio delivers at a time; no source")                                           \
    X(HTTP_TIMEOUT, "http_timeout", OPTION_DURATION, "120s", NULL,                               \
      "silent server to HTTPEND,12 (Q11)")                                                       \
    X(RETRIES, "download_retries", OPTION_INT, "3", "0..100",                                    \
      "resumes of a broken transfer with Range (sheet 5; number without source)")                \
    X(RETRY_DELAY, "download_retry_delay", OPTION_DURATION, "5s", NULL,                          \
      "break to resume (no source)")                                                             \
    X(NET_WAIT, "network_wait", OPTION_DURATION, "120s", NULL,                                   \
      "quirk fota-httpstart-after-net: how long HTTPSTART waits (no source)")                    \
    X(RESUME, "download_resume", OPTION_CHOICE, "on", "on|off",                                  \
      "the same URL goes on after a power cut in the download (sheet 5, power-cut matrix)")      \
    X(START_DELAY, "start_delay", OPTION_DURATION, "1s", NULL, "HTTPEND,0 to START (no source)") \
    X(RESET_DELAY, "reset_delay", OPTION_DURATION, "500ms", NULL,                                \
      "START to the reset into the bootloader (no source)")                                      \
    X(UPDATE_TIME, "update_time", OPTION_DURATION, "60s", NULL,                                  \
      "UPDATING 1 to 100 % (sheet 5: 40-180 s)")

enum bc26_option {
#define X(id, name, type, initial, range, doc) BC26_OPTION_##id,
    BC26_OPTIONS(X)
#undef X
        BC26_OPTION_COUNT
};

enum bc26_point {
    BC26_POINT_DOWNLOAD,
    BC26_POINT_HTTPEND,
    BC26_POINT_START,
    BC26_POINT_UPDATE,
    BC26_POINT_SWITCH,
    BC26_POINT_END,
    BC26_POINT_COUNT
};
extern const struct fault_point bc26_points[BC26_POINT_COUNT];

/* Results of a download, S2 table 1, and of an upgrade, S2 table 2. */
enum bc26_http_err {
    BC26_HTTP_OK = 0,
    BC26_HTTP_FAILED = 12,
    BC26_HTTP_NO_NET = 13,
    BC26_HTTP_ACTIVATING = 20
};
enum bc26_err {
    BC26_ERR_OK = 0,
    BC26_ERR_UNKNOWN = 1,
    BC26_ERR_BUSY = 2,
    BC26_ERR_MISMATCH = 254,
    BC26_ERR_INVALID = 255
};

enum bc26_fota {
    BC26_FOTA_IDLE,
    BC26_FOTA_STARTING, /* OK was said, HTTPSTART is due */
    BC26_FOTA_DOWNLOADING,
    BC26_FOTA_DOWNLOADED, /* HTTPEND,0 was said, START is due */
    BC26_FOTA_RESETTING,  /* START was said */
    BC26_FOTA_UPDATING,   /* in the bootloader */
};

/* Volatile unless said otherwise. */
struct bc26 {
    struct gpp_state gpp;   /* first */
    long ipr;               /* rate of +IPR, not yet stored */
    char train[2];          /* autobaud: the last two bytes seen */
    struct line *wait_line; /* of CFUN=0, COPS=?, CGATT=1, which take their time */
    struct modem_timer *wait_timer;
    bool attaching;
    bool ever_registered;

    long sleep_mode, event_n, atwakeup_n;
    bool waking_lost; /* asleep: the line that wakes the UART is being lost */
    bool is_deep;     /* asleep: the UART does not wake it, only the pin does */
    struct modem_timer *sleep_timer;

    enum bc26_fota fota;
    char url[BC26_URL_MAX + 1];
    unsigned percent;
    unsigned retries;
    struct download *download;
    struct package_store *store;
    struct installer *installer;
    bool is_forced; /* the bootloader goes on after a power loss */
    struct modem_timer *fota_timer;
};

struct bc26 *bc26_of(const struct modem *modem);

/* bc26_boot.c: power, boot, autobaud, sleep */
enum bc26_boot_step {
    BC26_BOOT_BANNER,
    BC26_BOOT_LOADER,
    BC26_BOOT_READY,
    BC26_BOOT_FUNCTION,
    BC26_BOOT_END,
    BC26_BOOT_SIM,
    BC26_BOOT_STEP_COUNT
};
extern const struct boot_step bc26_boot[BC26_BOOT_STEP_COUNT];
void bc26_power_up(struct modem *modem);
void bc26_line_up(struct line *line);
long bc26_line_rx(struct line *line, const char *bytes, size_t len);
enum line_voice bc26_line_voice(struct line *line);
void bc26_wake(struct modem *modem);
void bc26_urc_text(struct line *line, const struct urc *urc, struct buf *out);
/* Lines of the boot ROM. */
void bc26_banner(struct modem *modem);
/* A line of the bootloader, at its own rate and below the AT engine. */
void bc26_boot_line(struct modem *modem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A command or an event keeps the module awake. */
void bc26_stay_awake(struct modem *modem);
/* +QRELLOCK: sleep may begin at once. */
void bc26_release_lock(struct modem *modem);

/* bc26_fota.c: the upgrade */
int bc26_qfotadl(struct line *line, const struct at_req *req, struct at_reply *reply);
/* Boot step: the bootloader takes over if an update is due. */
int bc26_loader(struct modem *modem);
/* Boot step: tell the result of an update that ended before this boot. */
int bc26_report_end(struct modem *modem);
void bc26_fota_power_down(struct modem *modem);
void bc26_net_changed(struct modem *modem);
const char *bc26_fota_state(const struct modem *modem);

/* bc26_cmd.c: the other commands that differ from the base */
#define BC26_HANDLER(name) \
    int bc26_##name(struct line *line, const struct at_req *req, struct at_reply *reply)
BC26_HANDLER(ati);
BC26_HANDLER(cgmi);
BC26_HANDLER(cgmm);
BC26_HANDLER(cgmr);
BC26_HANDLER(cgsn);
BC26_HANDLER(gsn);
BC26_HANDLER(cimi);
BC26_HANDLER(qccid);
BC26_HANDLER(cesq);
BC26_HANDLER(cgatt);
BC26_HANDLER(cgdcont);
BC26_HANDLER(cgact);
BC26_HANDLER(cgpaddr);
BC26_HANDLER(cfun);
BC26_HANDLER(cops);
BC26_HANDLER(ipr);
BC26_HANDLER(store);
BC26_HANDLER(qsclk);
BC26_HANDLER(qrellock);
BC26_HANDLER(cpsms);
BC26_HANDLER(cedrxs);
BC26_HANDLER(cedrxrdp);
BC26_HANDLER(qnbiotevent);
BC26_HANDLER(qatwakeup);
BC26_HANDLER(qpowd);
BC26_HANDLER(qrst);
BC26_HANDLER(qreset);
BC26_HANDLER(qsm);
BC26_HANDLER(sm);
BC26_HANDLER(qgact);
BC26_HANDLER(qcgdefcont);
BC26_HANDLER(qband);
BC26_HANDLER(qeng);
BC26_HANDLER(qcsearfcn);
BC26_HANDLER(cbc);
const char *bc26_cme_text(int code);
/* The contexts that +CGDCONT stored; cid 1 is +QCGDEFCONT's. */
void bc26_load_contexts(struct modem *modem);
/* The network's state changed: a +CGATT=1 that waits may be done. */
void bc26_end_attach(struct modem *modem);
