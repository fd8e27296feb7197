/*
 * China Mobile M531x (M5311 and M5310-A), OneNET by +MIPL, SOTA: what the files of this folder
 * share. Sources: "S4" is the platform's SOTA guide (seed 004); other source keys (OMO, MTK, CIS,
 * UNI, XY ...) and "C-n" are those of the fact sheet vendors/m531x.md, whose sections are cited as
 * "sheet N".
 *
 * The module is a LwM2M client: the host creates an instance, registers it with the platform, and
 * answers what the platform asks. In SOTA the module only carries the host's new software: it tells
 * each block on the UART and holds the platform's answer until the host has it in its flash.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/buf.h"
#include "sim/dialect/gpp/gpp.h"
#include "sim/modem/cloud_link.h"

struct installer;
struct package_store;

#define M531X_REF             0 /* there is one instance (sheet 3) */
#define M531X_OBJECT_MAX      16
#define M531X_INSTANCE_MAX    8   /* XY */
#define M531X_LIST_MAX        255 /* bytes of a resource list of +MIPLDISCOVERRSP */
#define M531X_REQUEST_MAX     40  /* OMO: the queue holds 40 operations */
#define M531X_QUEUE_BYTES     2048
#define M531X_OBSERVATION_MAX 64
#define M531X_TYPE_MAX        64
#define M531X_NOTIFY_MAX      8    /* confirmable ones on their way */
#define M531X_VALUE_MAX       1000 /* OMO, OCPU: bytes of a notified value */
#define M531X_VERSION_MAX     16   /* UNI */
#define M531X_BLOB_MAX        120  /* XY: bytes of a configuration */
#define M531X_HOST_MAX        127
#define M531X_AUTH_MAX        64
#define M531X_BLOCK_MAX       1024 /* CoAP SZX 6 */

/* The bit of each quirk is its place here; names and sources in m531x_quirks.c. */
enum m531x_quirk {
    M531X_STRICT_MID,
    M531X_STRICT_MID_ERR,
    M531X_WRITE_ONELINE,
    M531X_SOTA_GENERIC_RSP,
    M531X_SOTA_CODES_CIS,
    M531X_LEN_STRICT,
    M531X_MID_SCRIPT,
    M531X_MID32,
    M531X_SP_COLON,
    M531X_SP_ALL,
    M531X_CREATE_OK_ONLY,
    M531X_CREATE_BLOB_2017,
    M531X_EVENTS_MIN,
    M531X_EVENTS_FULL,
    M531X_SOTA_EVENTS,
    M531X_ERR_PREFIX_CIS,
    M531X_ERR_TABLE_MTK,
    M531X_DISCOVER_REACTIVE,
    M531X_OBSERVE_INVERTED,
    M531X_RESULT_BC26,
    M531X_UPDATE0_86400,
    M531X_UPDATE0_3600,
    M531X_WRITE_TAIL_FLAG_INDEX,
    M531X_NO_RESUME,
    M531X_AUTO_ACK_0,
    M531X_BANNER_STAR_MATREADY,
    M531X_BANNER_PLUS_MATREADY,
    M531X_CMRB_OK_ONLY,
    M531X_CMRB_REBOOTING_ONLY,
    M531X_CMRB_SILENT,
    M531X_SOTAVER_NV,
    M531X_FOTA_EVENTS_FULL,
    M531X_FOTA_WORDS,
    M531X_QUIRK_COUNT
};
extern const struct quirk m531x_quirks[M531X_QUIRK_COUNT];

/* Name, type, default, range, sentence with source. */
#define M531X_OPTIONS(X)                                                                      \
    X(MODEL, "model", OPTION_CHOICE, "M5311", "M5311|M5310-A", "which part (S4: M531x)")      \
    X(BANNER, "boot_banner", OPTION_TEXT, "", "0..64",                                        \
      "M5311: the ready line; empty = *ATREADY: 1, or the quirk's (C-21)")                    \
    X(BAUD, "baud", OPTION_INT, "0", "0..921600",                                             \
      "rate after power-up; 0 = M5311 115200 (HECL), M5310-A 9600 (M53)")                     \
    X(READY_DELAY, "ready_delay", OPTION_DURATION, "2s", NULL, "power to the ready line")     \
    X(CFUN_DELAY, "cfun_delay", OPTION_DURATION, "10ms", NULL, "ready line to +CFUN: 1")      \
    X(CPIN_DELAY, "cpin_delay", OPTION_DURATION, "500ms", NULL,                               \
      "+CFUN: 1 to +CPIN and to the search for a cell")                                       \
    X(REBOOTING_DELAY, "rebooting_delay", OPTION_DURATION, "1s", NULL,                        \
      "OK of +CMRB to REBOOTING (sheet 8)")                                                   \
    X(RESTART_DELAY, "restart_delay", OPTION_DURATION, "2s", NULL,                            \
      "REBOOTING to the restart, so that the banner comes some 4 s behind it (sheet 8)")      \
    X(SLEEP, "sleep", OPTION_CHOICE, "locked", "locked|unlocked",                             \
      "+SM after power-up; the host of S4 sends no +SM, so the UART stays awake")             \
    X(SLEEP_IDLE, "sleep_idle", OPTION_DURATION, "10s", NULL,                                 \
      "unlocked: silence before *GOTOSLEEP (no source)")                                      \
    X(CLOUD, "cloud", OPTION_TEXT, "onenet", "1..31", "which platform the instance talks to") \
    X(LATENCY, "link_latency", OPTION_DURATION, "200ms", NULL,                                \
      "one way between module and platform (LOG-NB73: a command takes 0.2-0.3 s)")            \
    X(SERVER, "server", OPTION_CHOICE, "bootstrap", "bootstrap|direct",                       \
      "+MIPLCREATE without configuration (OMO: bootstrap)")                                   \
    X(BOOTSTRAP_TIMEOUT, "bootstrap_timeout", OPTION_DURATION, "20s", NULL,                   \
      "no answer to the bootstrap: event 3 (FISH)")                                           \
    X(TIMEOUT, "register_timeout", OPTION_DURATION, "30s", NULL,                              \
      "+MIPLOPEN without its timeout, and +MIPLUPDATE (OMO)")                                 \
    X(INTERVAL, "register_interval", OPTION_DURATION, "5s", NULL,                             \
      "a request that is not answered is sent again (FISH)")                                  \
    X(NOTIFY_TIMEOUT, "notify_timeout", OPTION_DURATION, "60s", NULL,                         \
      "a confirmable notify is not answered: event 25 (OneOS hosts wait that long)")          \
    X(CALLBACK, "callback_timeout", OPTION_DURATION, "30s", NULL,                             \
      "the host has to answer within it (CIS 2.3.0; older versions 10 s)")                    \
    X(AUTO_ACK, "auto_ack", OPTION_DURATION, "3s", NULL,                                      \
      "the module itself answers an EXECUTE of the upgrade (C-20)")                           \
    X(UPDATE_NEED, "update_need", OPTION_INT, "90", "0..99",                                  \
      "percent of the lifetime before event 14; 0 = never (sheet 5, MTK)")                    \
    X(BATTERY, "battery", OPTION_INT, "100", "0..100",                                        \
      "/3/0/9 while the module itself answers it, in percent")                                \
    X(LOADER_DELAY, "loader_delay", OPTION_DURATION, "0s", NULL,                              \
      "power to the boot loader's decision (no source)")                                      \
    X(FOTA_READS, "fota_reads", OPTION_CHOICE, "told", "told|silent",                         \
      "a READ of the battery that the module answers by itself is told to the host (OMO)")    \
    X(FOTA_STALL, "fota_stall", OPTION_DURATION, "1m", NULL,                                  \
      "no block of the module's own firmware: the download is broken (no source)")            \
    X(FOTA_PAGES, "fota_pages", OPTION_INT, "1", "1..512",                                    \
      "flash pages from one kept position of that download to the next (no source)")          \
    X(FOTA_RESET, "fota_reset_delay", OPTION_DURATION, "2s", NULL,                            \
      "event 43 to the restart (no source)")                                                  \
    X(FOTA_TIME, "fota_update_time", OPTION_DURATION, "60s", NULL,                            \
      "writing the module's own firmware, without AT (OMO; no source for the time)")          \
    X(FOTA_TELL, "fota_tell_delay", OPTION_DURATION, "500ms", NULL,                           \
      "ready line to event 44 or 45, registration to event 46 (no source)")

enum m531x_option {
#define X(id, name, type, initial, range, doc) M531X_OPTION_##id,
    M531X_OPTIONS(X)
#undef X
        M531X_OPTION_COUNT
};

enum m531x_point {
    M531X_POINT_REGISTER,
    M531X_POINT_ANSWER,
    M531X_POINT_ERASED,
    M531X_POINT_BLOCK,
    M531X_POINT_WRITTEN,
    M531X_POINT_UPDATE,
    M531X_POINT_CLOSE,
    M531X_POINT_FOTA_ERASE,
    M531X_POINT_FOTA_BLOCK,
    M531X_POINT_FOTA_CHECK,
    M531X_POINT_FOTA_UPDATE,
    M531X_POINT_FOTA_FLASH,
    M531X_POINT_FOTA_SWITCH,
    M531X_POINT_FOTA_REPORT,
    M531X_POINT_COUNT
};
extern const struct fault_point m531x_points[M531X_POINT_COUNT];

/* Sheet 2. */
enum m531x_err {
    M531X_ERR_MEMORY = 100,
    M531X_ERR_SYNTAX = 601,
    M531X_ERR_STATE = 602,
    M531X_ERR_NOT_ALLOWED = 651,
    M531X_ERR_BUSY = 652,
    M531X_ERR_RESOURCE = 653,
};

/* Sheet 5. */
enum m531x_event {
    M531X_EVENT_BOOTSTRAP_START = 1,
    M531X_EVENT_BOOTSTRAP_OK = 2,
    M531X_EVENT_BOOTSTRAP_FAILED = 3,
    M531X_EVENT_CONNECTED = 4,
    M531X_EVENT_CONNECT_FAILED = 5,
    M531X_EVENT_REGISTERED = 6,
    M531X_EVENT_REJECTED = 7,
    M531X_EVENT_REGISTER_TIMEOUT = 8,
    M531X_EVENT_LIFETIME_OVER = 9,
    M531X_EVENT_UPDATED = 11,
    M531X_EVENT_UPDATE_FAILED = 12,
    M531X_EVENT_UPDATE_TIMEOUT = 13,
    M531X_EVENT_UPDATE_NEEDED = 14,
    M531X_EVENT_CLOSED = 15,
    M531X_EVENT_RESPONSE_FAILED = 20,
    M531X_EVENT_NOTIFY_FAILED = 25,
    M531X_EVENT_NOTIFIED = 26,
    M531X_EVENT_DELETED = 31,          /* by the platform (OMO) */
    M531X_EVENT_DOWNLOAD_STARTED = 40, /* 40 to 49: of the module's own firmware */
    M531X_EVENT_DOWNLOAD_FAILED = 41,
    M531X_EVENT_DOWNLOADED = 42,
    M531X_EVENT_UPDATING = 43,
    M531X_EVENT_UPGRADED = 44,
    M531X_EVENT_UPGRADE_FAILED = 45,
    M531X_EVENT_UPGRADE_OVER = 46,
    M531X_EVENT_DOWNLOAD_BROKEN = 47,
    M531X_EVENT_ERASED = 48,
    M531X_EVENT_ERASE_FAILED = 49,
    M531X_EVENT_FOTA_TRIGGER = 50,
    M531X_EVENT_SOTA_DOWNLOADING = 51,
    M531X_EVENT_SOTA_DOWNLOADED = 52,
    M531X_EVENT_SOTA_ERASE = 53,
    M531X_EVENT_SOTA_UPDATING = 54,
};
#define M531X_NO_EXT -1

/* CoAP codes as the platform sees them: class * 100 + detail. */
enum m531x_coap {
    M531X_COAP_CREATED = 201,
    M531X_COAP_CHANGED = 204,
    M531X_COAP_CONTENT = 205,
    M531X_COAP_CONTINUE = 231,
    M531X_COAP_BAD_REQUEST = 400,
    M531X_COAP_NOT_FOUND = 404,
    M531X_COAP_INCOMPLETE = 408,
    M531X_COAP_ERROR = 500,
};

/* Objects and resources of the upgrade, sheet 6.1. */
enum m531x_resource {
    M531X_OBJ_DEVICE = 3,
    M531X_OBJ_NETWORK = 4,
    M531X_OBJ_FIRMWARE = 5,
    M531X_RES_PACKAGE = 0,
    M531X_RES_URI = 1,
    M531X_RES_UPDATE = 2,
    M531X_RES_STATE = 3,
    M531X_RES_RESULT = 5,
    M531X_RES_PROTOCOL = 8,
    M531X_RES_DELIVERY = 9,
    M531X_RES_SAVED = 26500,
    M531X_RES_DOWNLOAD = 26501,
    M531X_RES_MCU_MODE = 26550,
    M531X_RES_TRIGGER = 26600,
    M531X_DEV_FIRMWARE = 3,
    M531X_DEV_BATTERY = 9,
    M531X_DEV_MEMORY = 10,
    M531X_DEV_SOFTWARE = 19,
    M531X_DEV_VOLTAGE = 26260,
    M531X_DEV_STORAGE = 26261,
    M531X_NET_SIGNAL = 2,
    M531X_NET_CELL = 8,
};

/* The instance of +MIPLCREATE on its way to the platform. */
enum m531x_session {
    M531X_OFF,
    M531X_CREATED,
    M531X_BOOTSTRAPPING,
    M531X_REGISTERING,
    M531X_REGISTERED,
    M531X_CLOSING,
};

/* /5/0/3 and /5/0/5, sheet 6.1. */
enum m531x_object_state {
    M531X_STATE_IDLE,
    M531X_STATE_DOWNLOADING,
    M531X_STATE_DOWNLOADED,
    M531X_STATE_UPDATING,
};
enum m531x_object_result {
    M531X_RESULT_INITIAL,
    M531X_RESULT_SUCCESS,
    M531X_RESULT_NO_FLASH,
    M531X_RESULT_NO_RAM,
    M531X_RESULT_LINK_LOST,
    M531X_RESULT_INTEGRITY,
    M531X_RESULT_BAD_PACKAGE,
    M531X_RESULT_BAD_URI,
    M531X_RESULT_UPDATE_FAILED,
    M531X_RESULT_BAD_PROTOCOL,
};

/* The module's own firmware, sheet 6.5. */
enum m531x_fota {
    M531X_FOTA_NONE,
    M531X_FOTA_DOWNLOAD,
    M531X_FOTA_SUSPENDED,
    M531X_FOTA_DONE,
    M531X_FOTA_RESET, /* ordered: a restart leads to the bootloader */
    M531X_FOTA_UPDATE,
};

/* A block of a download against the one that is due. */
enum m531x_block { M531X_BLOCK_DUE, M531X_BLOCK_AGAIN, M531X_BLOCK_GAP };

/* Sheet 6.3. */
enum m531x_sota {
    M531X_SOTA_NONE,
    M531X_SOTA_MCU,
    M531X_SOTA_ERASE_WAIT,
    M531X_SOTA_DOWNLOAD,
    M531X_SOTA_WRITE_WAIT,
    M531X_SOTA_DONE,
    M531X_SOTA_UPDATE,
};

struct m531x_object {
    bool used;
    long id, instances;
    char bitmap[M531X_INSTANCE_MAX + 1];
    bool has_list;
    char list[M531X_LIST_MAX + 1];
};

enum m531x_wait { M531X_FREE, M531X_PENDING, M531X_ANSWERED, M531X_EXPIRED };

/* An operation of the platform. Answered ones stay, so that a repeated one gets its answer again.
 */
struct m531x_request {
    enum m531x_wait wait;
    int mid, cloud_id;
    enum cloud_op op;
    int object, instance, resource;
    bool acks_itself; /* at the end of its timer the module answers for the host */
    int code;         /* answered with */
    struct buf text;  /* collected for the answer, or answered with */
    char *urc;        /* waits for +MIPLMGR; NULL = was said */
    size_t len;       /* of a block */
    bool is_last;     /* block */
    unsigned long age;
    struct modem_timer *timer;
};

struct m531x_observation {
    bool used;
    int object, instance, resource, mid;
};

/* What an earlier +MIPLNOTIFY or +MIPLREADRSP said of a resource's type. */
struct m531x_type {
    int object, instance, resource;
    long type;
};

struct m531x_notify {
    int cloud_id; /* 0 = free */
    long ackid;
    struct modem_timer *timer;
};

/* Where +MIPLOPEN goes. */
struct m531x_server {
    char host[M531X_HOST_MAX + 1];
    char auth[M531X_AUTH_MAX + 1];
    char psk[17];
    long flag; /* of +MIPLCREATEEX; bit 0 = bootstrap */
    bool is_bootstrap;
};

/* Volatile but for what NV keeps: "mipl.blob"; of the firmware object, whomever it serves,
 * "sota.state", "sota.result", "sota.saved" and "sota.mcu"; and what m531x_loader.c names. */
struct m531x {
    struct gpp_state gpp; /* first */
    const char *cause;    /* M5310-A: of the restart; a register that survives a reset */
    long sleep_locked;
    bool waking_lost;
    struct modem_timer *sleep_timer, *restart_timer;
    struct line *wait_line;

    enum m531x_session session;
    struct m531x_server server;
    struct buf blob; /* hex parts of +MIPLCREATE= */
    char version[M531X_VERSION_MAX + 1];
    bool has_version;
    struct m531x_object objects[M531X_OBJECT_MAX];
    struct cloud_link *link;
    long long lifetime_s;
    uint64_t life_end_us;
    int own_id, asked_id;       /* message numbers towards the platform */
    bool is_asking;             /* one request of ours waits for its answer */
    struct cloud_message asked; /* it; its texts are rebuilt when it is sent again */
    uint64_t open_timeout_us, ask_end_us;
    struct modem_timer *ask_timer, *life_timer, *need_timer;
    struct m531x_notify notifies[M531X_NOTIFY_MAX];

    long nnmi, nsmi;
    unsigned long dropped;
    unsigned long age;
    int mid, observe_mid;
    bool has_upgraded;       /* mid-script: the second pass */
    uint8_t seen[65536 / 8]; /* numbers of this session on object 5 */
    struct m531x_request requests[M531X_REQUEST_MAX];
    struct m531x_observation observations[M531X_OBSERVATION_MAX];
    struct m531x_type types[M531X_TYPE_MAX];
    size_t type_count;
    struct buf held; /* parts of a notify */

    enum m531x_sota sota;
    long long next_offset; /* of the block that is due; -1 = wherever the platform goes on */
    size_t last_len;       /* of the block before */

    enum m531x_fota fota; /* either this or sota */
    struct package_store *fota_store;
    struct installer *fota_installer;
    unsigned fota_percent;
    struct modem_timer *fota_timer, *fota_tell_timer;
};

struct m531x *m531x_of(const struct modem *modem);
bool m531x_is_5310a(const struct modem *modem);
uint64_t m531x_delay(const struct modem *modem, enum m531x_option option);
int m531x_pass(struct modem *modem, enum m531x_point point, uint64_t amount);

#define M531X_HANDLER(name) \
    int m531x_##name(struct line *line, const struct at_req *req, struct at_reply *reply)

/* m531x_boot.c: power, boot, restart, sleep */
enum m531x_boot_step {
    M531X_BOOT_LOADER,
    M531X_BOOT_READY,
    M531X_BOOT_FUNCTION,
    M531X_BOOT_SIM,
    M531X_BOOT_STEP_COUNT
};
extern const struct boot_step m531x_boot[M531X_BOOT_STEP_COUNT];
void m531x_power_up(struct modem *modem);
void m531x_line_up(struct line *line);
long m531x_line_rx(struct line *line, const char *bytes, size_t len);
void m531x_wake(struct modem *modem);
void m531x_urc_text(struct line *line, const struct urc *urc, struct buf *out);
M531X_HANDLER(cmrb);
M531X_HANDLER(nrb);
M531X_HANDLER(coldrb);
M531X_HANDLER(cpof);
M531X_HANDLER(sm);
M531X_HANDLER(entersleep);

/* m531x_cmd.c: the general surface */
M531X_HANDLER(ati);
M531X_HANDLER(cgmi);
M531X_HANDLER(cgmm);
M531X_HANDLER(cgmr);
M531X_HANDLER(swver);
M531X_HANDLER(cgsn);
M531X_HANDLER(gsn);
M531X_HANDLER(iccid);
M531X_HANDLER(nccid);
M531X_HANDLER(cclk);
M531X_HANDLER(cgpaddr);
M531X_HANDLER(cgdcont);
M531X_HANDLER(nuestats);
M531X_HANDLER(nband);
M531X_HANDLER(ncdp);
M531X_HANDLER(natspeed);
M531X_HANDLER(iprcfg);
M531X_HANDLER(cmsysctrl);
M531X_HANDLER(cpsms);
M531X_HANDLER(cedrxs);

/* m531x_create.c: the instance, its configuration and objects */
M531X_HANDLER(miplcreate);
M531X_HANDLER(miplcreateex);
M531X_HANDLER(mipldevinfo);
M531X_HANDLER(mipldelete);
M531X_HANDLER(mipladdobj);
M531X_HANDLER(mipldelobj);
M531X_HANDLER(mipldiscoverrsp);
M531X_HANDLER(miplver);
M531X_HANDLER(miplcfg);
/* Parameter 0 is the instance. Return: 0, or the error that it gives. */
int m531x_check_ref(struct line *line, const struct at_args *args);
struct m531x_object *m531x_object(struct modem *modem, long id);
/* The platform knows of the deletion, or did not answer. Return: 0 or MODEM_GONE. */
int m531x_deleted(struct modem *modem, bool said_goodbye);

/* m531x_blob.c: the configuration of +MIPLCREATE= */
/* Return: whether it is one; server_out then says where it leads. */
bool m531x_read_blob(const struct modem *modem, const unsigned char *bytes, size_t len,
                     struct m531x_server *server_out);

/* m531x_session.c: registration and its life */
M531X_HANDLER(miplopen);
M531X_HANDLER(miplupdate);
M531X_HANDLER(miplclose);
M531X_HANDLER(miplltrdp);
/* Everything between us and the platform is gone; the instance stays. */
void m531x_end_session(struct modem *modem);
/* The power is gone, and with it all that RAM held. */
void m531x_power_down(struct modem *modem);
/* De-register; then the instance is deleted if a line waits for that, else closed. */
void m531x_say_goodbye(struct modem *modem);
int m531x_receive(struct modem *modem, const struct cloud_message *message);
/* A request of ours to the platform; the next number is its id. Return: that id. */
int m531x_send(struct modem *modem, struct cloud_message *message);

/* m531x_request.c: what the platform asks, and who answers it */
int m531x_take_request(struct modem *modem, const struct cloud_message *message);
struct m531x_request *m531x_new_request(struct modem *modem, const struct cloud_message *message);
/* Tell the host of it, now or by +MIPLMGR; it then has callback_timeout to answer. */
int m531x_ask_host(struct modem *modem, struct m531x_request *request, const struct buf *urc);
/* Return: 0 or MODEM_GONE. */
int m531x_answer(struct modem *modem, struct m531x_request *request, int code, const char *text);
/* The pending one of that kind on object 5; NULL = none. */
struct m531x_request *m531x_pending(struct modem *modem, enum cloud_op op, int resource);
void m531x_drop_requests(struct modem *modem);
void m531x_read_urc(struct modem *modem, const struct m531x_request *request, struct buf *out);
void m531x_execute_urc(struct modem *modem, const struct m531x_request *request, const char *args,
                       struct buf *out);
void m531x_write_urc(struct modem *modem, const struct m531x_request *request, const void *bytes,
                     size_t len, int flag, struct buf *out);
M531X_HANDLER(miplnmi);
M531X_HANDLER(miplmgr);
M531X_HANDLER(miplqmgr);

/* m531x_rsp.c: the host's answers and notifies */
M531X_HANDLER(miplreadrsp);
M531X_HANDLER(miplwritersp);
M531X_HANDLER(miplexecutersp);
M531X_HANDLER(miplparameterrsp);
M531X_HANDLER(miplobserversp);
M531X_HANDLER(miplnotify);
void m531x_notify_answered(struct modem *modem, int cloud_id);
void m531x_drop_notifies(struct modem *modem);
/* The declared type of a resource; 2 (opaque) for an unknown one. */
long m531x_type_of(const struct modem *modem, int object, int instance, int resource);
/* +MIPLDISCOVERRSP with a message number. */
int m531x_discovered(struct line *line, struct at_reply *reply, int mid, long result,
                     const char *list);
/* <result> of a response to CoAP; 0 = it does not fit the operation. */
int m531x_result_code(const struct modem *modem, enum cloud_op op, long result);
/* A request that the host may answer with this number; see C-1. ghost_out: OK and event 20. */
struct m531x_request *m531x_request_of(struct modem *modem, enum cloud_op op, int mid,
                                       bool *ghost_out);

/* m531x_sota.c: the upgrade of the host */
M531X_HANDLER(miplsotaver);
M531X_HANDLER(miplsota);
void m531x_sota_load(struct modem *modem);
/* No step is under way any more. */
void m531x_sota_rest(struct modem *modem);
void m531x_sota_hide_progress(const struct modem *modem, const struct m531x_request *request,
                              struct buf *text);
/* m531x_resources.c: the platform reads what the module knows. Return: whether text_out has it; an
 * empty text is what does not exist. */
bool m531x_sota_read(struct modem *modem, const struct cloud_message *message,
                     struct buf *text_out);
int m531x_sota_write(struct modem *modem, const struct cloud_message *message);
int m531x_sota_execute(struct modem *modem, const struct cloud_message *message);
/* The host answered a WRITE or EXECUTE on object 5 by the generic response. 0 or MODEM_GONE. */
int m531x_sota_responded(struct modem *modem, struct m531x_request *request, int code);
/* The host did not answer in time. */
void m531x_sota_expired(struct modem *modem, const struct m531x_request *request);
/* The task is over: keep that, and answer the request. Return: 0 or MODEM_GONE. */
int m531x_sota_close(struct modem *modem, struct m531x_request *request);
const char *m531x_fota_state(const struct modem *modem);
/* Keep the firmware object's state. Return: 0 or MODEM_GONE. */
int m531x_keep(struct modem *modem, enum m531x_object_state state, enum m531x_object_result result,
               long long saved);
enum m531x_block m531x_block_of(const struct m531x *m531x, const struct cloud_message *message);

/* m531x_result.c: the end of the task, as the host is told of it */
/* The host's answer to it is that to the request, whatever that was. Return: 0 or MODEM_GONE. */
int m531x_tell_end(struct modem *modem, struct m531x_request *request);
/* Once more, or too early: nobody waits for an answer to it. */
void m531x_say_end(struct modem *modem, const struct m531x_request *request);
/* The platform ends the task. Return: 0 or MODEM_GONE. */
int m531x_take_end(struct modem *modem, struct m531x_request *request);

/* m531x_text.c: words, dressed as the quirks want them */
/* Append to out: spaces of sp-colon and sp-all are put in. */
void m531x_dress(const struct modem *modem, const char *text, struct buf *out);
void m531x_say(struct modem *modem, const char *format, ...) __attribute__((format(printf, 2, 3)));
void m531x_event(struct modem *modem, enum m531x_event event, long ext);
void m531x_reply(struct line *line, struct at_reply *reply, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Return: the result for the handler. */
int m531x_error(struct line *line, struct at_reply *reply, enum m531x_err err);
