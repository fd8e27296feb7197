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

/* Identifier, name, what it changes with the row of sheet 9 ("#n") and its source (sheet 11). */
#define BC26_QUIRKS(X)                                                                      \
    X(HTTPTART_TYPO, "fota-httptart-typo", "HTTPSTART is misprinted HTTPTART (#1, S2 4.1)") \
    X(2018_SPACING, "fota-2018-spacing", "a space before each percentage (#2, Q20)")        \
    X(UPDATING_NO_COUNTS, "fota-updating-no-counts", "UPDATING has no counts (#3, Q20)")    \
    X(PERCENT_PLAIN, "fota-percent-plain", "UPDATING has a number only (#3, Q15 Q16)")      \
    X(FORCED_COMPACT, "fota-forced-compact",                                                \
      "a forced upgrade prints without spaces (#4, S2 3.1 main text)")                      \
    X(BOOT_EOL_LFCR, "fota-boot-eol-lfcr", "bootloader lines end in LF CR (#5, Q3)")        \
    X(BOOT_NO_LEAD_CRLF, "fota-boot-no-lead-crlf",                                          \
      "bootloader lines have no leading CR LF (#5, Q12)")                                   \
    X(NO_BANNER, "fota-no-banner", "no boot ROM lines in an upgrade (#6, Q20)")             \
    X(BANNER_CRLF, "brom-banner-crlf", "boot ROM lines end in CR LF (#7)")                  \
    X(STEP_CHUNK, "fota-step-chunk", "one percentage a chunk, with jumps (#8, Q11)")        \
    X(END_NO_REBOOT_LINES, "fota-end-no-reboot-lines",                                      \
      "END,0 follows UPDATING 100 directly (#9, Q20)")                                      \
    X(HTTPS_ERROR, "fota-https-error", "https is refused with ERROR (#10)")                 \
    X(URL_CASE_STRICT, "fota-url-case-strict",                                              \
      "the scheme must be in capitals, as S2 3.1 writes it (#11)")                          \
    X(BUSY_END2, "fota-busy-end2", "a second QFOTADL gets OK, then END,2 (#12)")            \
    X(BUSY_CME3, "fota-busy-cme3", "a second QFOTADL gets +CME ERROR: 3 (#12, Q19)")        \
    X(PARAM_CME, "fota-param-cme", "parameter errors are +CME ERROR: 50 or 24 (#13)")       \
    X(HTTPSTART_AFTER_NET, "fota-httpstart-after-net",                                      \
      "HTTPSTART waits for the network (sheet 5)")                                          \
    X(TEST_LISTS, "fota-test-lists", "the test form prints a list (#14, Q13 Q15)")          \
    X(PORT_REQUIRED, "fota-port-required", "the URL needs a port (#15, Q13)")               \
    X(DOWNLOAD_START_WORDS, "fota-download-start-words",                                    \
      "DOWNLOAD START and DOWNLOAD,<err> (#16, Q10)")                                       \
    X(COAP, "fota-coap", "COAPSTART and COAPEND,<err> (#16, Q21)")                          \
    X(NO_CONCAT, "no-concat", "';' is refused (#18, Q1 Q19)")                               \
    X(CGATT_EXEC_ERROR, "cgatt-exec-error", "bare +CGATT is an error (#19)")                \
    X(CGPADDR_QUOTED, "cgpaddr-quoted", "the address is quoted (#20, BC260Y)")              \
    X(CGSN_NOSPACE, "cgsn-nospace", "no space in +CGSN:<imei> (#21, Q8)")                   \
    X(CIMI_PREFIX, "cimi-prefix", "+CIMI: before the IMSI (#22, Q1)")                       \
    X(NOSPACE, "nospace-after-colon", "no space after any colon (#23, Q1)")                 \
    X(CESQ_SEED, "cesq-seed-values", "+CESQ: 47,6,255,255,0,54 (#24, S2 4.1)")              \
    X(CEREG_SMS_ONLY, "cereg-sms-only", "registered for SMS only, stat 6 and 7 (#25, Q1)")  \
    X(ECHO_OFF, "echo-off-default", "echo is off after power-up (#26, V1.0)")               \
    X(ECHO_CRLF, "echo-crlf", "the echo ends in CR LF (#27, Q9)")                           \
    X(BAUD_FIXED, "baud-fixed-default", "factory rate is 115200, no autobaud (#28, Q2)")    \
    X(FLUSH_AFTER_SYNC, "autobaud-flush-after-sync",                                        \
      "URCs wait for the autobaud sync instead of being lost (#29)")                        \
    X(QRST_OK, "qrst-ok", "+QRST=1 prints OK first (#30, Q18)")                             \
    X(NO_IP_URC, "no-ip-urc", "no +IP: line (#31, S2 4.1)")                                 \
    X(LEGACY_NAMES, "legacy-cmd-names", "QRESET, QSM and SM exist (#32, Q1 Q3)")            \
    X(CGACT_NO_CARRIER, "cgact-no-carrier", "+CGACT=0 ends in NO CARRIER (#33, Q19)")

enum bc26_quirk {
#define X(id, name, doc) BC26_##id,
    BC26_QUIRKS(X)
#undef X
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

#define BC26_POINTS(X)                                                                        \
    X(DOWNLOAD, "bc26.fota.download",                                                         \
      "a percentage of the download is reached, before it is said")                           \
    X(HTTPEND, "bc26.fota.httpend", "before HTTPEND is said")                                 \
    X(START, "bc26.fota.start", "before START is said")                                       \
    X(UPDATE, "bc26.fota.update",                                                             \
      "a percentage of the installation is reached, before it is said")                       \
    X(SWITCH, "bc26.fota.switch", "all pages are written, before the new firmware is chosen") \
    X(END, "bc26.fota.end", "before END is said")

enum bc26_point {
#define X(id, name, doc) BC26_POINT_##id,
    BC26_POINTS(X)
#undef X
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

/* bc26_fota.c: the upgrade as the application sees it */
int bc26_qfotadl(struct line *line, const struct at_req *req, struct at_reply *reply);
/* Say HTTPEND; with 0 the way goes on to START and the reset. Return: 0 or MODEM_GONE. */
int bc26_http_end(struct modem *modem, enum bc26_http_err err);
/* Boot step: tell the result of an update that ended before this boot. */
int bc26_report_end(struct modem *modem);
void bc26_set_fota(struct modem *modem, enum bc26_fota state);
/* Pass a point of the dialect. Return: 0 or MODEM_GONE. */
int bc26_pass(struct modem *modem, enum bc26_point point, unsigned percent);
uint64_t bc26_delay(const struct modem *modem, enum bc26_option option);
void bc26_fota_power_down(struct modem *modem);
void bc26_net_changed(struct modem *modem);
const char *bc26_fota_state(const struct modem *modem);

/* bc26_download.c: from the first byte to HTTPEND */
void bc26_begin_download(struct modem *modem);
void bc26_end_transfer(struct modem *modem);

/* bc26_loader.c: the bootloader. A boot step that takes over if an update is due. */
int bc26_loader(struct modem *modem);
void bc26_drop_installer(struct modem *modem);

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
