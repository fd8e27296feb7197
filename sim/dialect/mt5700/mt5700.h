/*
 * TD Tech MT5700M-CN (Balong 5000): what the files of this folder share.
 * Sources: "S" is the vendor's FOTA guide V200R001C20, doc 01 of 2024-05-17 (seed 001), cited by
 * its chapter; other tags (CONSOLE, MU609, TCH ...) are those of the fact sheet vendors/mt5700.md,
 * whose sections are cited as "sheet N" and whose rows of contradictions (sheet 10) as "#n".
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/base/buf.h"
#include "sim/dialect/gpp/gpp.h"
#include "sim/dialect/mt5700/mt5700_files.h"

struct download;
struct download_options;
struct download_sink;
struct installer;
struct mt5700_query;
struct mt5700_ssl;
struct package_store;

#define MT5700_URL_MAX   512 /* no source names a limit */
#define MT5700_CID_MAX   20  /* ^NDISDUP=? -> (1-20),(0-1), BALONG5000 */
#define MT5700_AUTO_CID  8   /* the automatic session has its own, C8 */
#define MT5700_MODE_MAX  32  /* text of ^FOTAMODE */
#define MT5700_XML_MAX   (64u << 10)
#define MT5700_FLASH_MiB 72u /* each slot: S 4.1.1 has a package of 68315612 bytes */

/* The bit of each quirk is its place here; names and sources in mt5700.c. */
enum mt5700_quirk {
    MT5700_UNKNOWN_CMD_TEXT,
    MT5700_SPURIOUS_ERROR,
    MT5700_FOTASTATE_QUERY_EXTRAS,
    MT5700_FOTA_SILENT_IDLE,
    MT5700_FOTA_STICKY_ERROR,
    MT5700_FOTA_ERRORS_HUAWEI,
    MT5700_FOTA20_CODE,
    MT5700_FOTA_PLAIN_ERROR,
    MT5700_STRICT_COLLISION,
    MT5700_URC_BEFORE_OK,
    MT5700_OEMDL_URC_BEFORE_OK,
    MT5700_FOTADL_PAUSE,
    MT5700_FOTADL0_URC,
    MT5700_FOTADL0_STRICT,
    MT5700_FOTADLQ_TOTAL_FIRST,
    MT5700_FOTADLQ_TABLE_FORM,
    MT5700_FOTA12_SPACED,
    MT5700_FOTA12_QUOTED,
    MT5700_FOTA12_V200,
    MT5700_SIZE_MISMATCH,
    MT5700_PKG_BIN_NAME,
    MT5700_FAIL_70,
    MT5700_HUAWEI_80_90,
    MT5700_FWUP_DEFERRED,
    MT5700_FOTA40_VOLATILE,
    MT5700_UPDATE_MODE_FOTAMODE_ONLY,
    MT5700_UPDATE_MODE_PACKAGE_ONLY,
    MT5700_RESUME_NEEDS_QUERY,
    MT5700_FOTAMODE_4,
    MT5700_CHECK_SOURCE_VERSION,
    MT5700_HTTPS_WORKS,
    MT5700_SSLMNG_STRICT,
    MT5700_NO_SLASH_FIX,
    MT5700_VERSION_SPACE,
    MT5700_CEREG_SHORT,
    MT5700_CREG_SA_1,
    MT5700_NDISSTAT_NOCID,
    MT5700_USB5,
    MT5700_BOOT_URCS,
    MT5700_HUAWEI_HOTA,
    MT5700_DEMO_SPACES,
    MT5700_QUIRK_COUNT
};

/* Name, type, default, range, sentence with source. */
#define MT5700_OPTIONS(X)                                                                       \
    X(RAT, "rat", OPTION_CHOICE, "lte", "lte|nr",                                               \
      "radio network: lte as in S 4.1.1, nr (SA) as captured by CONSOLE")                       \
    X(OPERATOR_NAME, "operator_name", OPTION_TEXT, "CHN-UNICOM", "1..64", "+COPS (S 4.1.1)")    \
    X(LTE_AREA, "lte_area", OPTION_TEXT, "102F", "4..4", "tracking area on LTE (S 4.1.1)")      \
    X(LTE_CELL, "lte_cell", OPTION_TEXT, "002D811F", "8..8", "cell on LTE (S 4.1.1)")           \
    X(NR_AREA, "nr_area", OPTION_TEXT, "14225C", "6..6", "tracking area on NR (CONSOLE)")       \
    X(NR_CELL, "nr_cell", OPTION_TEXT, "0000000C027F5065", "16..16", "cell on NR (CONSOLE)")    \
    X(BUILD_TIME, "build_time", OPTION_TEXT, "Jan 28 2026, 18:42:02", "1..40",                  \
      "^VERSION BDT of the factory firmware (CONSOLE)")                                         \
    X(CMEE, "cmee", OPTION_INT, "2", "0..2", "+CMEE at power-up (CONSOLE)")                     \
    X(AUTODIAL, "autodial", OPTION_CHOICE, "off", "off|on",                                     \
      "^SETAUTODIAL of the factory; a session of its own blocks an upgrade (C8; default I)")    \
    X(LATENCY_MIN, "at_latency_min", OPTION_DURATION, "130ms", NULL, "reply (CONSOLE)")         \
    X(LATENCY_MAX, "at_latency_max", OPTION_DURATION, "205ms", NULL, "reply (CONSOLE)")         \
    X(LOADER_DELAY, "loader_delay", OPTION_DURATION, "500ms", NULL,                             \
      "power to the boot loader's decision (no source)")                                        \
    X(REBOOT_TO_AT, "reboot_to_at", OPTION_DURATION, "20s", NULL, "boot loader to AT (C8)")     \
    X(BOOT_GAP, "boot_gap", OPTION_DURATION, "300ms", NULL, "^SYSSTART to ^SIMST (no source)")  \
    X(BOOT_LIST, "boot_urcs", OPTION_TEXT,                                                      \
      "^BOOT:1,0,0,0,1|^SIMST: 255|^SIMST: 1|^SRVST: 2|+CPIN: READY", "0..512",                 \
      "quirk boot-urcs: what a boot says, lines separated by | (BALONGOLD)")                    \
    X(RESET_DELAY, "reset_delay", OPTION_DURATION, "500ms", NULL,                               \
      "OK of ^RESET, ^SETMODE, +CFUN=1,1 to the reset (no source)")                             \
    X(OEMDL_TO_11, "oemdl_ok_to_11", OPTION_DURATION, "100ms", NULL, "OK to 11 (I)")            \
    X(QUERY_FLOOR, "query_time", OPTION_DURATION, "1s", NULL, "least time in 11 (I)")           \
    X(CONNECT_TIMEOUT, "connect_timeout", OPTION_DURATION, "20s", NULL,                         \
      "a silent server to 13 (I)")                                                              \
    X(QUERY_ORDER, "query_order", OPTION_CHOICE, "filelist", "filelist|changelog",              \
      "which file is asked for first (sheet 5.2, I)")                                           \
    X(QUERY_RUNNING, "query_running_error", OPTION_CHOICE, "collision", "collision|incomplete", \
      "^FOTAOEMDL in 11: text of sheet 3.1, or Previous command is not complete (MU609)")       \
    X(FAILED_REQUERY, "failed_requery", OPTION_CHOICE, "drop", "drop|suspend",                  \
      "13 or 14 when a suspended download is asked for again: files go (MU609), or back to 31") \
    X(DWELL_12, "dwell_12", OPTION_DURATION, "500ms", NULL, "12 to 30 by itself (I)")           \
    X(ERR_DWELL, "err_dwell", OPTION_DURATION, "1s", NULL, "13, 14, 20 to 10 by itself (I)")    \
    X(RATE, "download_rate", OPTION_SIZE, "2M", NULL, "bytes a second (sheet 12: 1-4 MB/s)")    \
    X(CHUNK, "download_chunk", OPTION_SIZE, "4k", NULL, "bytes delivered at a time; no source") \
    X(FIRST_BYTE, "first_byte", OPTION_DURATION, "100ms", NULL,                                 \
      "radio latency before each request (no source)")                                          \
    X(STALL, "stall_to_suspend", OPTION_DURATION, "30s", NULL,                                  \
      "no bytes in 30 to 31, or to 20 without resume (I)")                                      \
    X(BREAKPOINT, "breakpoint_pages", OPTION_INT, "16", "1..4096",                              \
      "flash pages from one stored breakpoint to the next (no source)")                         \
    X(MD5_TIME, "md5_time", OPTION_DURATION, "2s", NULL, "check of 60 MB before 40 (I)")        \
    X(DLQ_DELAY, "dlq_delay", OPTION_DURATION, "200ms", NULL,                                   \
      "reply of ^FOTADLQ, which reads flash (FANRS: up to 20 s)")                               \
    X(ANNOUNCED_SIZE, "announced_size", OPTION_INT, "56737228", "0..2147483647",                \
      "quirk size-mismatch: the size in 12 (S 4.2)")                                            \
    X(AUTO_DELAY, "auto_upgrade_delay", OPTION_DURATION, "1s", NULL,                            \
      "40 to 50 where the upgrade is automatic (no source)")                                    \
    X(FWUP_TO_50, "fwup_to_50", OPTION_DURATION, "300ms", NULL, "OK to 50 (I)")                 \
    X(TO_USB_LOSS, "t50_to_usb_loss", OPTION_DURATION, "3s", NULL, "50 to the reset (I)")       \
    X(JUDGE_TIME, "judge_time", OPTION_DURATION, "2s", NULL,                                    \
      "the boot loader's look at the package (no source)")                                      \
    X(FLASH_TIME, "flash_time", OPTION_DURATION, "120s", NULL,                                  \
      "writing the firmware, without any tty (sheet 4.6, I)")                                   \
    X(FLASH_CUT, "flash_cut", OPTION_CHOICE, "resume", "resume|stuck",                          \
      "power lost while flashing: the next boot goes on, or only the one after it (C8)")        \
    X(NOISE, "signal_noise", OPTION_CHOICE, "on", "on|off",                                     \
      "+CSQ and +CESQ while an upgrade runs, +CSCON after 50 (S 4.2)")                          \
    X(NOISE_MIN, "csq_noise_min", OPTION_DURATION, "3s", NULL, "between two (sheet 12)")        \
    X(NOISE_MAX, "csq_noise_max", OPTION_DURATION, "5s", NULL, "between two (sheet 12)")        \
    X(NOISE_VALUES, "csq_noise_values", OPTION_TEXT, "20,23 17,21 13,16", "0..256",             \
      "the pairs that +CSQ goes through (S 4.2); empty = the radio's own")                      \
    X(CERSSI_PERIOD, "cerssi_period", OPTION_DURATION, "5s", NULL,                              \
      "between two ^CERSSI where they are on (no source)")                                      \
    X(TRAFFIC, "data_traffic", OPTION_DURATION, "0s", NULL,                                     \
      "data of the network card that goes on after 40 and blocks the upgrade (S 5)")            \
    X(PERIODIC_URL, "periodic_url", OPTION_TEXT, "", "0..512",                                  \
      "server of the periodic query (^FOTAMODE=1,...); empty = the last ^FOTAOEMDL (I)")        \
    X(HOTA_URL, "hota_url", OPTION_TEXT,                                                        \
      "http://query.hicloud.com/sp_ard_common/v2/Check.action?latest=true", "1..512",           \
      "profile huawei-hota: where ^FOTADET asks (B2368)")                                       \
    X(URC_PORTS, "urc_ports", OPTION_CHOICE, "at", "at|all",                                    \
      "which of the AT ports say URCs (no source)")

enum mt5700_option {
#define X(id, name, type, initial, range, doc) MT5700_OPTION_##id,
    MT5700_OPTIONS(X)
#undef X
        MT5700_OPTION_COUNT
};

enum mt5700_point {
    MT5700_POINT_QUERY,
    MT5700_POINT_QUERY_BODY,
    MT5700_POINT_STATE,
    MT5700_POINT_DOWNLOAD,
    MT5700_POINT_CHECK,
    MT5700_POINT_UPGRADE,
    MT5700_POINT_FLASH,
    MT5700_POINT_SWITCH,
    MT5700_POINT_REPORT,
    MT5700_POINT_SERIAL_C_RX,
    MT5700_POINT_SERIAL_C_TX,
    MT5700_POINT_DIAG_RX,
    MT5700_POINT_DIAG_TX,
    MT5700_POINT_GPS_RX,
    MT5700_POINT_GPS_TX,
    MT5700_POINT_SERIAL_B_RX,
    MT5700_POINT_SERIAL_B_TX,
    MT5700_POINT_COUNT
};
extern const struct fault_point mt5700_points[MT5700_POINT_COUNT];

/* The module's ttys (sheet 8.1), the AT port first, since a host's tty is the first line. */
enum mt5700_line {
    MT5700_LINE_AT,
    MT5700_LINE_SERIAL_C,
    MT5700_LINE_DIAG,
    MT5700_LINE_GPS,
    MT5700_LINE_SERIAL_B, /* only with quirk usb5 */
    MT5700_LINE_COUNT
};

/* States of ^FOTASTATE (sheet 2); code and word of each in mt5700_fota.c. */
enum mt5700_fota {
    MT5700_IDLE,            /* 10 */
    MT5700_QUERYING,        /* 11 */
    MT5700_FOUND,           /* 12 */
    MT5700_QUERY_FAILED,    /* 13 */
    MT5700_UP_TO_DATE,      /* 14 */
    MT5700_DOWNLOAD_FAILED, /* 20 */
    MT5700_DOWNLOADING,     /* 30 */
    MT5700_SUSPENDED,       /* 31 */
    MT5700_DOWNLOADED,      /* 40 */
    MT5700_UPGRADING,       /* 50 */
    MT5700_FAILED_70,       /* 70, quirk fail-70 */
    MT5700_FAILED_80,       /* 80, quirk huawei-80-90 */
    MT5700_SUCCEEDED,       /* 90, quirk huawei-80-90 */
    MT5700_FOTA_COUNT
};

/* Sub-codes of 13, 20 and 80 (sheet 2.2, Huawei's list; 13 and 51 are S 5's). */
enum mt5700_error {
    MT5700_ERR_NONE = 0,
    MT5700_ERR_SYSTEM = 5,
    MT5700_ERR_NETWORK = 13,
    MT5700_ERR_LINK = 14,
    MT5700_ERR_TLS = 16,
    MT5700_ERR_CONNECT = 18,
    MT5700_ERR_DNS = 20,
    MT5700_ERR_HTTP = 21,
    MT5700_ERR_FILE_TYPE = 22,
    MT5700_ERR_FILE_LIST = 51,
    MT5700_ERR_MD5 = 52,
    MT5700_ERR_FILE_SIZE = 103,
    MT5700_ERR_FILE_CRC = 107,
    MT5700_ERR_PRODUCT = 109,
    MT5700_ERR_SOURCE = 110,
    MT5700_ERR_FLASH = 154,
};

/* What the server offers, and what is downloaded; kept in NV while a download is unfinished. */
struct mt5700_offer {
    char url[MT5700_URL_MAX + 1]; /* of the folder, as given */
    char component[MT5700_NAME_MAX + 1];
    char path[MT5700_NAME_MAX + 1];
    char version[MT5700_NAME_MAX + 1];
    char md5[MT5700_MD5_LEN + 1];
    uint64_t size_bytes;
    bool is_automatic; /* 2.update_mode="1" */
};

/* Volatile unless said otherwise. */
struct mt5700 {
    struct gpp_state gpp; /* first */
    long cgreg_n, c5greg_n, cireg_n, curc;

    enum mt5700_fota fota;
    int error;                    /* of 13, 20 and 80 */
    char url[MT5700_URL_MAX + 1]; /* that the query asks */
    bool is_requery;              /* 11 was entered from 31 */
    uint64_t since_us;            /* when 11 was said; 0 = it has to be said yet */
    struct mt5700_query *query;
    struct download *hota; /* the ancestor's query */
    struct buf hota_answer;
    struct mt5700_changelog *changelog; /* what 12 tells of; NULL while nothing was found */
    struct mt5700_offer offer;
    struct download *download;
    struct package_store *store;
    uint64_t done_bytes;
    struct installer *installer;
    unsigned percent; /* of the flashing */
    struct modem_timer *fota_timer, *noise_timer, *period_timer;
    unsigned noise_index;

    bool has_call, has_auto_session;
    bool has_session[MT5700_CID_MAX + 1];
    bool was_registered;
    struct modem_timer *traffic_timer, *flow_timer, *cerssi_timer;
    unsigned flow_s;

    struct mt5700_ssl *ssl; /* NULL until ^SSLCFG or ^SSLMNG is used */
};

struct mt5700 *mt5700_of(const struct modem *modem);
/* A duration or size among the options. */
uint64_t mt5700_amount(const struct modem *modem, enum mt5700_option option);
bool mt5700_is_nr(const struct modem *modem);
/* Pass a point. Return: 0; MODEM_GONE; a positive result where a fault wants a failure. */
int mt5700_pass(struct modem *modem, enum mt5700_point point, const struct fault_at *at);
/* Say an URC; with quirk demo-spaces, a space goes behind each comma. */
void mt5700_say(struct modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a line of a reply. */
void mt5700_reply(struct line *line, struct at_reply *reply, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Final results that no standard has (sheet 1 and 6). */
enum mt5700_result {
    MT5700_NOT_SUPPORT,
    MT5700_DUPLICATED,
    MT5700_NO_SERVICE,
    MT5700_INVALID,
    MT5700_RESULT_COUNT
};
/* +CME ERROR texts of MU609 (sheet 3.1). Only 4 and 11 have public numbers; those of the two FOTA
   texts are the sub-codes of the same meaning. */
#define MT5700_CME_INCOMPLETE    2
#define MT5700_CME_NOT_SUPPORTED 4
#define MT5700_CME_COLLISION     54
const char *mt5700_cme_text(int code);

/* mt5700_boot.c: power, boot, lines, URCs that are not FOTA's */
enum mt5700_boot_step {
    MT5700_BOOT_LOADER,
    MT5700_BOOT_READY,
    MT5700_BOOT_SIM,
    MT5700_BOOT_STEP_COUNT
};
extern const struct boot_step mt5700_boot[MT5700_BOOT_STEP_COUNT];
void mt5700_power_up(struct modem *modem);
void mt5700_power_down(struct modem *modem);
void mt5700_line_up(struct line *line);
long mt5700_line_rx(struct line *line, const char *bytes, size_t len);
enum line_voice mt5700_line_voice(struct line *line);
size_t mt5700_lines_used(const struct modem *modem);
int mt5700_before_command(struct line *line, const struct at_req *req);
uint64_t mt5700_think_us(struct line *line);
void mt5700_urc_text(struct line *line, const struct urc *urc, struct buf *out);
/* Restart once the reply is out. Return: AT_OK. */
int mt5700_reset_soon(struct modem *modem);

/* mt5700_fota.c: the state machine and its commands */
const char *mt5700_fota_state(const struct modem *modem);
/* Enter a state and say its URC. Return: 0 or MODEM_GONE. */
int mt5700_enter(struct modem *modem, enum mt5700_fota state);
/* The words of the state of now, without frame. */
void mt5700_state_words(const struct modem *modem, struct buf *out);
/* Enter a state silently. */
void mt5700_set_state(struct modem *modem, enum mt5700_fota state);
/* 13, 20, 70, 80: said, and left after a while. Return: 0 or MODEM_GONE. */
int mt5700_fail(struct modem *modem, enum mt5700_fota state, int error);
/* At power-up: what survived. */
void mt5700_fota_power_up(struct modem *modem);
void mt5700_fota_net_changed(struct modem *modem);
/* What a refused FOTA command answers: the text, or with fota-plain-error none. */
int mt5700_refusal(const struct modem *modem, int cme);
int mt5700_may_set_mode(const struct modem *modem);

/* mt5700_mode.c: ^FOTAMODE, kept in NV */
/* One field of it: 0 query, 1 download, 2 upgrade, 3 resume. */
bool mt5700_mode(const struct modem *modem, unsigned field);
void mt5700_arm_period(struct modem *modem);

/* mt5700_query.c: 11 */
void mt5700_query_begin(struct modem *modem);
void mt5700_query_free(struct mt5700_query *query);
/* The bearer is lost. Safe on NULL. */
void mt5700_query_break(struct mt5700_query *query);
/* The URL of a file below the folder; the caller frees it. */
char *mt5700_file_url(const struct modem *modem, const char *folder, const char *name);
/* Fill what every download of this module has in common; the caller frees the headers never. */
struct download *mt5700_fetch(struct modem *modem, const struct download_options *options,
                              const struct download_sink *sink);

/* mt5700_download.c: 30 */
int mt5700_download_begin(struct modem *modem); /* the offer, from its start */
int mt5700_download_resume(struct modem *modem);
/* The link is lost, or the host pauses. Return: 0 or MODEM_GONE. */
int mt5700_suspend(struct modem *modem);
/* Forget the offer and what was downloaded of it, in NV as well. Return: 0 or MODEM_GONE. */
int mt5700_drop_download(struct modem *modem);
void mt5700_end_transfer(struct modem *modem);
/* Read the unfinished offer of an earlier power cycle. Return: whether there is one. */
bool mt5700_load_offer(struct modem *modem);

/* mt5700_flash.c: 50, the boot loader, and the result */
int mt5700_upgrade_soon(struct modem *modem); /* the reply is out: 50, then the reset */
int mt5700_loader(struct modem *modem);       /* boot step */
int mt5700_report(struct modem *modem);       /* after the boot */
void mt5700_drop_installer(struct modem *modem);

/* mt5700_service.c: what blocks an upgrade, and what makes noise */
bool mt5700_is_blocked(const struct modem *modem);
void mt5700_service_power_up(struct modem *modem);
void mt5700_service_net_changed(struct modem *modem);
void mt5700_begin_traffic(struct modem *modem);
void mt5700_noise(struct modem *modem); /* goes on while an upgrade runs */
/* Whether ^CURC lets URCs of that bit out. */
bool mt5700_curc(const struct modem *modem, unsigned bit);

/* mt5700_ssl.c: certificates, all of them volatile */
void mt5700_ssl_free(struct mt5700_ssl *ssl);
/* Return: whether https may start; options gets the certificates of the mode. */
bool mt5700_ssl_ready(const struct modem *modem, struct download_options *options);

/* mt5700_version.c */
/* "1.2.5.0(SP1C02)" -> "V200R001C20B025"; other texts as they are. */
void mt5700_cp_version(const char *version, char *out, size_t size_bytes);

/* Settings that a power cut forgets. */
void mt5700_forget_volatile(struct modem *modem);

/* mt5700_hota.c: the ancestor's query (profile huawei-hota) */
int mt5700_hota_begin(struct modem *modem);

/* Handlers. */
#define MT5700_HANDLER(name) \
    int mt5700_##name(struct line *line, const struct at_req *req, struct at_reply *reply)
/* mt5700_mode.c */
MT5700_HANDLER(fotamode);
/* mt5700_fota.c */
MT5700_HANDLER(fotastate);
MT5700_HANDLER(fotaoemdl);
MT5700_HANDLER(fotadet);
MT5700_HANDLER(fotacfg);
MT5700_HANDLER(fotadl);
MT5700_HANDLER(fotadlq);
MT5700_HANDLER(fwup);
/* mt5700_ssl.c */
MT5700_HANDLER(sslcfg);
MT5700_HANDLER(sslmng);
/* mt5700_version.c */
MT5700_HANDLER(ati);
MT5700_HANDLER(cgmi);
MT5700_HANDLER(cgmm);
MT5700_HANDLER(cgmr);
MT5700_HANDLER(version);
MT5700_HANDLER(iccid);
MT5700_HANDLER(phynum);
MT5700_HANDLER(fixed);
MT5700_HANDLER(stored);
/* mt5700_net.c */
MT5700_HANDLER(cops);
MT5700_HANDLER(creg);
MT5700_HANDLER(cgreg);
MT5700_HANDLER(cereg);
MT5700_HANDLER(c5greg);
MT5700_HANDLER(cireg);
MT5700_HANDLER(csq);
MT5700_HANDLER(cesq);
MT5700_HANDLER(hcsq);
MT5700_HANDLER(monsc);
MT5700_HANDLER(sysinfoex);
MT5700_HANDLER(simsq);
MT5700_HANDLER(nwtime);
MT5700_HANDLER(cgdcont);
MT5700_HANDLER(cgact);
MT5700_HANDLER(cerssi);
MT5700_HANDLER(cgpaddr);
MT5700_HANDLER(dhcp);
MT5700_HANDLER(cfun);
MT5700_HANDLER(reset);
MT5700_HANDLER(setmode);
/* Append "+CEREG: 2,1,..." words for the URC on a change; nothing when it is off. */
void mt5700_registration_urcs(struct modem *modem);
/* Append the words of ^HCSQ. */
void mt5700_hcsq_text(const struct modem *modem, struct buf *out);
/* mt5700_service.c */
MT5700_HANDLER(dial);
MT5700_HANDLER(hang_up);
MT5700_HANDLER(clcc);
MT5700_HANDLER(ndisdup);
MT5700_HANDLER(ndisstatqry);
MT5700_HANDLER(dconnstat);
MT5700_HANDLER(dsflowqry);
MT5700_HANDLER(setautodial);
MT5700_HANDLER(curc_command);
