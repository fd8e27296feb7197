/*
 * Luat (AirM2M) Air720, Air720H and Air720U (ASR1802), LTE Cat 1: what the files of this folder
 * share. Sources: "S0" is the vendor's guide to automatic FOTA of 2018-11-12 (seed 000); L and H
 * numbers are those of the fact sheet vendors/air720.md, whose sections are cited as "sheet N".
 *
 * Two ports, one state. "main" is the AT port: commands, URCs, and a rate that it may have to find
 * first. "uart2" runs at 115200 always, takes commands as well, but of its own accord it says one
 * thing only: the progress of the bootloader (S0 2.3).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/base/buf.h"
#include "sim/dialect/gpp/gpp.h"

struct download;
struct installer;
struct package_store;

#define AIR720_URL_MAX   512 /* no source names a limit; longer ones are refused */
#define AIR720_KEY_MAX   64  /* a product key has 32 characters (L7) */
#define AIR720_REPLY_MAX 200 /* bytes of the service's refusal (sheet 5) */
#define AIR720_BAUD      115200

/* The bit of each quirk is its place here; names and sources in air720.c. */
enum air720_quirk {
    AIR720_UPGRADDL_SPELLING,
    AIR720_DL_ON_AT_PORT,
    AIR720_DL_AS_QIND,
    AIR720_IND_SKIP_ZERO,
    AIR720_IND_ONLY_100,
    AIR720_IND_ERROR_URC,
    AIR720_QUERY_PERCENT,
    AIR720_QUERY_BROKEN,
    AIR720_LEGACY_PROGRESS,
    AIR720_URL_AUTOSTARTS,
    AIR720_STRICT_ARGS,
    AIR720_TAGS_V422,
    AIR720_CLOUD_CODES_NEW,
    AIR720_VER_ABSENT,
    AIR720_SECOND_OK,
    AIR720_AUTO_RANDOM,
    AIR720_BOOT_CAT1,
    AIR720_CPIN_TWICE,
    AIR720_IDENT_BARE,
    AIR720_NITZ_YEAR4,
    AIR720_IND_NOSPACE,
    AIR720_QUIRK_COUNT
};

/* Name, type, default, range, sentence with source. */
#define AIR720_OPTIONS(X)                                                                        \
    X(MODEL, "model", OPTION_CHOICE, "Air720", "Air720|Air720H|Air720U", "which part (S0 1)")    \
    X(FACTORY_RATE, "factory_rate", OPTION_INT, "0", "0..921600",                                \
      "rate of the AT port until +IPR and &W, 0 = autobaud (L1; hosts use 115200)")              \
    X(TRAIN_LINES, "autobaud_train_lines", OPTION_INT, "1", "0..20",                             \
      "AT lines left unanswered before the rate is known (L1: the first may get no answer)")     \
    X(LOADER_DELAY, "loader_delay", OPTION_DURATION, "1s", NULL,                                 \
      "power to the bootloader's decision (L2: junk at 1.04 s)")                                 \
    X(READY_DELAY, "ready_delay", OPTION_DURATION, "500ms", NULL,                                \
      "bootloader to RDY (L2: RDY 1.5 s after a reset)")                                         \
    X(CPIN_DELAY, "cpin_delay", OPTION_DURATION, "2s", NULL, "RDY to +CPIN (L4: a few seconds)") \
    X(SMS_DELAY, "sms_delay", OPTION_DURATION, "1s", NULL, "+CPIN to SMS READY (no source)")     \
    X(URC_GAP, "urc_gap", OPTION_DURATION, "20ms", NULL,                                         \
      "between two URCs of the AT port (sheet 1: hosts lose what is closer than 10 ms)")         \
    X(RESET_DELAY, "reset_delay", OPTION_DURATION, "200ms", NULL,                                \
      "OK of +RESET or +CFUN=1,1 to the reset (no source)")                                      \
    X(POWER_OFF_DELAY, "power_off_delay", OPTION_DURATION, "1s", NULL,                           \
      "+CPOWD to off (no source)")                                                               \
    X(SLEEP3_DELAY, "sleep3_delay", OPTION_DURATION, "5s", NULL,                                 \
      "idle to sleep with +CSCLK=3 (L1)")                                                        \
    X(ATTACH_WAIT, "ciicr_limit", OPTION_DURATION, "85s", NULL,                                  \
      "+CIICR that does not succeed (L1)")                                                       \
    X(CLOUD, "cloud", OPTION_TEXT, "iot.openluat.com", "1..255",                                 \
      "name, or name:port, of the upgrade service (S0 2.1, L5)")                                 \
    X(PRODUCT_KEY, "product_key", OPTION_TEXT, "air720x", "1..64",                               \
      "project of the module until AT+UPGRADE=\"KEY\" (S0 2.1: assigned at the sale)")           \
    X(AUTO_FIRST, "auto_first", OPTION_DURATION, "60s", NULL,                                    \
      "network to the first automatic query (sheet 4; number without source)")                   \
    X(AUTO_PERIOD, "auto_period", OPTION_DURATION, "24h", NULL,                                  \
      "between automatic queries until AT+UPGRADE=\"PERIOD\" (S0 2.3)")                          \
    X(START_DELAY, "start_delay", OPTION_DURATION, "100ms", NULL,                                \
      "OK of AT+UPGRADE to the request (no source)")                                             \
    X(URL_START_DELAY, "url_start_delay", OPTION_DURATION, "2500ms", NULL,                       \
      "quirk url-set-autostarts: OK to the start (L2)")                                          \
    X(FIRST_BYTE, "first_byte", OPTION_DURATION, "500ms", NULL,                                  \
      "radio latency before a request (no source)")                                              \
    X(RATE, "download_rate", OPTION_SIZE, "20k", NULL, "bytes a second (no source)")             \
    X(CHUNK, "download_chunk", OPTION_SIZE, "512", NULL,                                         \
      "bytes the radio delivers at a time; no source")                                           \
    X(HTTP_TIMEOUT, "http_timeout", OPTION_DURATION, "60s", NULL, "silent server (L5)")          \
    X(RETRIES, "download_retries", OPTION_INT, "30", "0..100",                                   \
      "resumes of a broken transfer with Range (L5)")                                            \
    X(RETRY_DELAY, "download_retry_delay", OPTION_DURATION, "5s", NULL,                          \
      "break to resume (no source)")                                                             \
    X(REDIRECTS, "redirects", OPTION_INT, "3", "0..20",                                          \
      "redirections of the service that are followed (L5; number without source)")               \
    X(REDIRECT_DELAY, "redirect_delay", OPTION_DURATION, "2s", NULL,                             \
      "redirection to the next request (L5)")                                                    \
    X(STORE_SIZE, "store_size", OPTION_SIZE, "2M", NULL,                                         \
      "largest package; a larger one gives -1005 (L3: 480 KB on the Air780E)")                   \
    X(REBOOT_DELAY, "reboot_delay", OPTION_DURATION, "2s", NULL,                                 \
      "+UPGRADEIND: 100 to the reset (sheet 4: 1-3 s)")                                          \
    X(FLASH_TIME, "flash_time", OPTION_DURATION, "90s", NULL,                                    \
      "writing the new firmware (sheet 4: 60-180 s)")                                            \
    X(VERSION_DELAY, "version_delay", OPTION_DURATION, "1s", NULL,                               \
      "network to +UPGRADEVER after an upgrade (no source)")                                     \
    X(VERSION_SUFFIX, "version_suffix", OPTION_TEXT, "_NAND", "0..15",                           \
      "what +UPGRADEVER adds to the version of ATI (S0 2.1 against 2.3)")

enum air720_option {
#define X(id, name, type, initial, range, doc) AIR720_OPTION_##id,
    AIR720_OPTIONS(X)
#undef X
        AIR720_OPTION_COUNT
};

enum air720_point {
    AIR720_POINT_UART2_RX,
    AIR720_POINT_UART2_TX,
    AIR720_POINT_QUERY,
    AIR720_POINT_DOWNLOAD,
    AIR720_POINT_STORE,
    AIR720_POINT_REBOOT,
    AIR720_POINT_FLASH,
    AIR720_POINT_SWITCH,
    AIR720_POINT_VERSION,
    AIR720_POINT_REPORT,
    AIR720_POINT_COUNT
};
extern const struct fault_point air720_points[AIR720_POINT_COUNT];

/* S0 3.1. */
enum air720_error {
    AIR720_OK = 0,
    AIR720_BAD_URL = -1000,
    AIR720_NETWORK = -1001,
    AIR720_SERVER = -1002,
    AIR720_FIRMWARE = -1003,
    AIR720_HTTP = -1004,
    AIR720_STORE = -1005,
    AIR720_OTHER = -1006,
};

enum air720_fota {
    AIR720_FOTA_IDLE,
    AIR720_FOTA_STARTING,    /* OK was said, the request is due */
    AIR720_FOTA_QUERYING,    /* the service was asked */
    AIR720_FOTA_DOWNLOADING, /* a package is coming */
    AIR720_FOTA_DOWNLOADED,  /* it is good and in flash; the reset is due */
    AIR720_FOTA_FLASHING,    /* in the bootloader */
    AIR720_FOTA_REPORTING,   /* the service is told */
};

/* What AT+UPGRADE? prints (S0 3.1). RAM only: a restart forgets it (sheet 4). */
struct air720_result {
    int state; /* 0 never ran, 1 runs, 2 has ended */
    int error;
    long http;
    int cause;
};

/* Where AT+CIPSTATUS stands (L1). */
enum air720_ip { AIR720_IP_INITIAL, AIR720_IP_START, AIR720_IP_GPRSACT, AIR720_IP_STATUS };

/* Volatile unless said otherwise. */
struct air720 {
    struct gpp_state gpp; /* first */
    long ipr;             /* rate of +IPR, not yet stored */
    uint64_t next_urc_us; /* the AT port may speak again */
    struct modem_timer *gap_timer;
    bool bearer_told;      /* what comes with the bearer was said in this boot */
    int last_registration; /* that +CREG and +CGREG have told */
    long cops_format;      /* 2 = numeric, as L1 shows it */

    long sleep_mode, sleep_idle_s;
    bool waking_lost; /* asleep: the line that wakes the UART is being lost */
    struct modem_timer *sleep_timer;

    enum air720_ip ip;
    struct line *wait_line; /* of +CIICR, which takes its time */
    struct modem_timer *wait_timer;
    char bearer_apn[GPP_APN_MAX + 1];
    bool sapbr_open;
    long cip_mux, cip_qsend, cip_head;

    /* Parameters of AT+UPGRADE: here and, where they were saved, in NV. */
    char *url; /* NULL = none: the service is asked */
    char *key;
    long is_auto, period_s;

    enum air720_fota fota;
    struct air720_result result;
    unsigned percent; /* reached; said in tens */
    struct modem_timer *fota_timer, *auto_timer;
    bool auto_due; /* the day is over, but there was no network */

    bool is_cloud; /* the service is asked, not a URL of the user */
    char *target;  /* what is being fetched */
    long retries, redirects;
    uint64_t total_bytes; /* of the package, 0 = unknown */
    struct download *download;
    struct package_store *store; /* NULL before its first byte */
    struct buf reply;            /* of the service, when it sends no package */
    struct installer *installer;
};

struct air720 *air720_of(const struct modem *modem);

/* air720_boot.c: power, boot, the two lines, sleep */
enum air720_boot_step {
    AIR720_BOOT_LOADER,
    AIR720_BOOT_READY,
    AIR720_BOOT_SIM,
    AIR720_BOOT_SMS,
    AIR720_BOOT_STEP_COUNT
};
extern const struct boot_step air720_boot[AIR720_BOOT_STEP_COUNT];
void air720_power_up(struct modem *modem);
void air720_power_down(struct modem *modem);
void air720_deinit(struct modem *modem);
void air720_wake(struct modem *modem);
void air720_line_up(struct line *line);
long air720_line_rx(struct line *line, const char *bytes, size_t len);
enum line_voice air720_line_voice(struct line *line);
void air720_urc_text(struct line *line, const struct urc *urc, struct buf *out);
void air720_net_changed(struct modem *modem);
/* A URC on the AT port. */
void air720_say(struct modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool air720_is_main(const struct line *line);
uint64_t air720_delay(const struct modem *modem, enum air720_option option);
/* A command or an event keeps the module awake. */
void air720_stay_awake(struct modem *modem);
/* Restart after OK was said. */
void air720_reset_later(struct modem *modem);

/* air720_upgrade.c: AT+UPGRADE, its result, the automatic query */
int air720_upgrade(struct line *line, const struct at_req *req, struct at_reply *reply);
void air720_load_parameters(struct modem *modem);
void air720_set_fota(struct modem *modem, enum air720_fota state);
const char *air720_fota_state(const struct modem *modem);
/* Pass a point of ours. Return: 0; MODEM_GONE; positive when it is to fail. */
int air720_pass(struct modem *modem, enum air720_point point, unsigned percent);
/* The attempt is over without a firmware. Return: 0 or MODEM_GONE. */
int air720_fail(struct modem *modem, enum air720_error error, long http, int cause);
/* +UPGRADEIND, or what a quirk makes of it. */
void air720_say_ind(struct modem *modem, int value);
/* The bearer came: start the clock of the automatic query. */
void air720_arm_auto(struct modem *modem);

/* air720_fetch.c: what goes over HTTP */
/* Ask the service, or fetch the user's URL. */
void air720_fetch(struct modem *modem);
void air720_end_transfer(struct modem *modem);
/* Tell the service what runs now; +UPGRADEVER: 1 or 0 follows. */
void air720_report(struct modem *modem);

/* air720_loader.c: from the reset to the new version's URC */
/* Boot step: the bootloader takes over if a package is due. */
int air720_loader(struct modem *modem);
void air720_drop_installer(struct modem *modem);
/* The bearer came: tell the version of an upgrade that ended before this boot. */
void air720_tell_version(struct modem *modem);
/* The service was told, or not. Return: 0 or MODEM_GONE. */
int air720_report_ended(struct modem *modem, bool is_told);

/* air720_cmd.c, air720_network.c and air720_ip.c: the other commands that differ from the base */
#define AIR720_HANDLER(name) \
    int air720_##name(struct line *line, const struct at_req *req, struct at_reply *reply)
/* air720_cmd.c */
AIR720_HANDLER(version);
AIR720_HANDLER(cgmi);
AIR720_HANDLER(cgmm);
AIR720_HANDLER(cgmr);
AIR720_HANDLER(cgsn);
AIR720_HANDLER(ccid);
AIR720_HANDLER(iccid);
AIR720_HANDLER(star_i);
AIR720_HANDLER(star_iccid);
AIR720_HANDLER(ipr);
AIR720_HANDLER(store);
AIR720_HANDLER(ifc);
AIR720_HANDLER(icf);
AIR720_HANDLER(cclk);
AIR720_HANDLER(cfun);
AIR720_HANDLER(cpowd);
AIR720_HANDLER(reset);
AIR720_HANDLER(rstset);
AIR720_HANDLER(csclk);
AIR720_HANDLER(waketim);
/* air720_network.c */
AIR720_HANDLER(creg);
AIR720_HANDLER(cops);
AIR720_HANDLER(cgdcont);
AIR720_HANDLER(cgpaddr);
/* air720_ip.c */
AIR720_HANDLER(sapbr);
AIR720_HANDLER(cstt);
AIR720_HANDLER(ciicr);
AIR720_HANDLER(cifsr);
AIR720_HANDLER(cipshut);
AIR720_HANDLER(cipstatus);
AIR720_HANDLER(cipmux);
AIR720_HANDLER(cipqsend);
AIR720_HANDLER(ciphead);
AIR720_HANDLER(cipstart);
AIR720_HANDLER(cdnscfg);
AIR720_HANDLER(cipping);

#define AIR720_CME_NOT_ALLOWED 3
#define AIR720_CME_EXE_FAIL    50 /* sheet 3: the module's own list */
#define AIR720_CME_PARAMETERS  53
#define AIR720_CME_UNKNOWN     58
const char *air720_cme_text(int code);
