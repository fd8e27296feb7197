/* SPDX-License-Identifier: MIT */
/*
 * m531x-mcu: the example host behind an M531x. Here the host is what is upgraded: the module only
 * carries the new software from the platform, block by block, and this MCU writes it into its own
 * flash (the file flash.bin in HAYESWIRE_DIR) and starts it.
 *
 * It follows the SOTA guide from step 8 to 16 and lives through cuts of its own supply at any byte
 * and of the module's: it registers again, tells how many bytes it has, and goes on there.
 * Blocks carry no number. A repeated one is known by its message number; one that is lost or
 * damaged is found by its length, by the flags, or at last by the digests of the whole image, and
 * then told in /5/0/5 while the old software runs on.
 * The end of the task may never be told, or its answer be lost: then it is enough that the new
 * software runs and that the platform, told of it, wants nothing more.
 *
 * Exit status: 0 runs the version of --until and the platform has ended the task, 2 usage, 5 no
 * software that starts, 7 out of time.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hosts/host_tools.h"
#include "tests/hosts/m531x_bugs.h"
#include "tests/hosts/m531x_link.h"
#include "tests/hosts/mcu_boot.h"

enum {
    RES_UPDATE = 2,
    RES_STATE = 3,
    RES_RESULT = 5,
    RES_BATTERY = 9,
    RES_VERSION = 19,
    RES_STORAGE = 26261,
    RES_SENSOR_VALUE = 5700,
    RES_SENSOR_UNITS = 5701,
    RES_SENSOR_RESET = 5605,
    OBJECT_SENSOR = 3300,
    RES_SAVED = 26500,
    RES_DOWNLOAD = 26501,
    RES_MCU_MODE = 26550,
    SOTA_WRITTEN = 1,
    SOTA_WRITE_FAILED = 2,
    SOTA_ERASED = 3,
    EVENT_LIFETIME_OVER = 9,
    EVENT_UPDATE_FAILED = 12,
    EVENT_UPDATE_NEEDED = 14,
    EVENT_CLOSED = 15,
    EVENT_DELETED = 31,
    EVENT_DOWNLOAD_FAILED = 41,
    QUIET_MS = 20000,    /* then the module is asked whether it is still there */
    SETTLED_MS = 300000, /* a platform that wants something repeats it sooner */
    FULL_BATTERY = 100,
    LOW_BATTERY = 10,
};

enum exit_status { EXIT_UPGRADED = 0, EXIT_USAGE = 2, EXIT_NO_SOFTWARE = 5, EXIT_TIME = 7 };

struct mcu {
    struct module_link link;
    struct mcu_store store;
    const char *until, *factory;
    long erase_ms, install_ms;
    enum m531x_bug bug;
    long counted_mid;   /* as a host has it that never looks at the ids behind the first one */
    long last_mid;      /* of the block that was written last; -1 = none in this life */
    bool is_registered; /* else a session has to be opened */
    bool must_reboot;   /* the installation was ordered */
    int64_t asked_ms;   /* when the platform wanted something last */
    bool is_done;
    char units[16]; /* of the sensor */
    unsigned resets;
};

static volatile sig_atomic_t battery = FULL_BATTERY;

static void on_signal(int number)
{
    battery = number == SIGUSR1 ? LOW_BATTERY : FULL_BATTERY;
}

/*
 * A command; if the module does not answer it, the session is to be opened again.
 * Return: whether it was taken.
 */
__attribute__((format(printf, 2, 3))) static bool tell(struct mcu *mcu, const char *format, ...)
{
    char text[256];
    va_list args;
    enum at_status status;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    status = link_command(&mcu->link, NULL, "%s", text);
    if (status == AT_TIMEOUT || status == AT_GONE) {
        host_say("the module does not answer");
        mcu->is_registered = false;
    }
    return status == AT_OK;
}

static bool runs_wanted(const struct mcu *mcu)
{
    return mcu->until && strcmp(mcu->store.record.version, mcu->until) == 0;
}

/* ---- flash ---- */

static void set_progress(struct mcu *mcu, enum mcu_state state, enum mcu_result result,
                         uint32_t saved)
{
    mcu_set_progress(&mcu->store, state, result, saved);
}

static bool start_software(struct mcu *mcu)
{
    if (!mcu_boot(&mcu->store))
        return false;
    if (mcu->store.record.result == MCU_BAD_IMAGE)
        host_say("the image is damaged, the old software stays");
    printf("running %s\n", mcu->store.record.version);
    fflush(stdout);
    return true;
}

static bool is_first_life(void)
{
    const char *boot = getenv("HAYESWIRE_BOOT");

    return !boot || strcmp(boot, "1") == 0;
}

/* ---- answers, steps 10 to 16 ---- */

static long mid_to_tell(const struct mcu *mcu, const struct mipl_line *line)
{
    if (mcu->bug == M531X_BUG_COUNTS_MIDS)
        return mcu->counted_mid;
    return mcu->bug == M531X_BUG_WRONG_MID ? line->mid + 1000 : line->mid;
}

static void answer_value(struct mcu *mcu, const struct mipl_line *line, int resource, long type,
                         const char *value, int index, int flag)
{
    tell(mcu, "AT+MIPLREADRSP=0,%ld,1,%ld,%ld,%d,%ld,%zu,\"%s\",%d,%d", mid_to_tell(mcu, line),
         line->object, line->instance, resource, type, strlen(value), value, index, flag);
}

static void answer_number(struct mcu *mcu, const struct mipl_line *line, int resource, long number,
                          int index, int flag)
{
    char text[16];

    snprintf(text, sizeof(text), "%ld", number);
    answer_value(mcu, line, resource, 3, text, index, flag);
}

/* An image that is there as a whole needs no further block, whether its last one was counted or
 * not. */
static enum mcu_state download_state(struct mcu *mcu)
{
    struct mcu_image image;

    if (mcu->store.record.state == MCU_DOWNLOADING && mcu_spare_is_good(&mcu->store, &image) &&
        image.size == mcu->store.record.saved)
        return MCU_DOWNLOADED;
    return (enum mcu_state)mcu->store.record.state;
}

static long result_to_tell(const struct mcu *mcu)
{
    enum { TOLD_SUCCESS = 1 };
    bool is_bad = mcu->store.record.result == MCU_BAD_IMAGE;

    return is_bad && mcu->bug == M531X_BUG_TELLS_SUCCESS ? TOLD_SUCCESS : mcu->store.record.result;
}

static void read_firmware_object(struct mcu *mcu, const struct mipl_line *line)
{
    const struct mcu_record *record = &mcu->store.record;

    if (line->resource == MIPL_ANY && mcu->bug == M531X_BUG_FLAGS) {
        answer_number(mcu, line, RES_STATE, download_state(mcu), 0, 1);
        answer_number(mcu, line, RES_RESULT, record->result, 1, 2);
        answer_number(mcu, line, RES_SAVED, record->saved, 2, 0);
    } else if (line->resource == MIPL_ANY && mcu->bug == M531X_BUG_WRONG_SAVED &&
               !is_first_life()) {
        answer_number(mcu, line, RES_STATE, download_state(mcu), 2, 1);
        answer_number(mcu, line, RES_RESULT, record->result, 1, 2);
        answer_number(mcu, line, RES_SAVED, record->saved + 2 * MIPL_BLOCK_MAX, 0, 0);
    } else if (line->resource == MIPL_ANY) {
        answer_number(mcu, line, RES_STATE, download_state(mcu), 2, 1);
        answer_number(mcu, line, RES_RESULT, result_to_tell(mcu), 1, 2);
        answer_number(mcu, line, RES_SAVED, record->saved, 0, 0);
    } else if (line->resource == RES_STATE) {
        answer_number(mcu, line, RES_STATE, download_state(mcu), 0, 0);
    } else if (line->resource == RES_RESULT) {
        answer_number(mcu, line, RES_RESULT, result_to_tell(mcu), 0, 0);
    } else if (line->resource == RES_SAVED) {
        answer_number(mcu, line, RES_SAVED, record->saved, 0, 0);
    } else {
        tell(mcu, "AT+MIPLREADRSP=0,%ld,13", line->mid);
    }
}

/* A measurement that takes its time. */
static bool dawdles(const struct mcu *mcu)
{
    enum { MEASUREMENT_MS = 40000 };

    if (mcu->bug == M531X_BUG_DAWDLES)
        host_sleep_ms(MEASUREMENT_MS);
    return true;
}

static void on_read(struct mcu *mcu, const struct mipl_line *line)
{
    const char *version = mcu->bug == M531X_BUG_LIES && mcu->until ? mcu->until
                                                                   : mcu->store.record.version;

    if (line->object == 5)
        read_firmware_object(mcu, line);
    else if (line->object == 3 && line->resource == RES_STORAGE)
        answer_number(mcu, line, RES_STORAGE, MCU_SLOT_SIZE / 1024, 0, 0);
    else if (line->object == 3 && line->resource == RES_VERSION)
        answer_value(mcu, line, RES_VERSION, 1, version, 0, 0);
    else if (line->object == 3 && line->resource == RES_BATTERY && dawdles(mcu))
        answer_number(mcu, line, RES_BATTERY,
                      mcu->bug == M531X_BUG_FULL_BATTERY ? FULL_BATTERY : battery, 0, 0);
    else if (line->object == OBJECT_SENSOR && line->resource == RES_SENSOR_VALUE)
        answer_value(mcu, line, RES_SENSOR_VALUE, 4, "21.5", 0, 0);
    else if (line->object == OBJECT_SENSOR && line->resource == RES_SENSOR_UNITS)
        answer_value(mcu, line, RES_SENSOR_UNITS, 1, mcu->units, 0, 0);
    else
        tell(mcu, "AT+MIPLREADRSP=0,%ld,13", line->mid);
}

static void erase(struct mcu *mcu)
{
    if (mcu->bug != M531X_BUG_WRITES_UNERASED)
        mcu_store_erase_behind(&mcu->store, 0);
    mcu->last_mid = -1;
    set_progress(mcu, MCU_DOWNLOADING, MCU_NO_RESULT, 0);
}

/* The sensor's reset is told by its value. */
static void reset_sensor(struct mcu *mcu, const struct mipl_line *line)
{
    tell(mcu, "AT+MIPLEXECUTERSP=0,%ld,2", line->mid);
    tell(mcu, "AT+MIPLNOTIFY=0,0,3300,0,5700,4,4,\"20.0\",0,0,%u", ++mcu->resets);
}

static void write_units(struct mcu *mcu, const struct mipl_line *line)
{
    bool fits = line->is_whole && line->len < sizeof(mcu->units);

    if (fits) {
        memcpy(mcu->units, line->bytes, line->len);
        mcu->units[line->len] = '\0';
    }
    tell(mcu, "AT+MIPLWRITERSP=0,%ld,%d", line->mid, fits ? 2 : 11);
}

static void on_execute(struct mcu *mcu, const struct mipl_line *line)
{
    const struct mcu_record *record = &mcu->store.record;

    if (line->object == OBJECT_SENSOR && line->resource == RES_SENSOR_RESET) {
        reset_sensor(mcu, line);
    } else if (line->object != 5) {
        tell(mcu, "AT+MIPLEXECUTERSP=0,%ld,13", line->mid);
    } else if (line->resource == RES_DOWNLOAD) {
        if (record->state == MCU_DOWNLOADING && record->saved > 0 &&
            record->saved % MCU_PAGE_SIZE == 0) {
            host_say("going on behind %u bytes", (unsigned)record->saved);
            mcu_store_erase_behind(&mcu->store, record->saved); /* a block that did not count */
        } else {
            host_sleep_ms(mcu->erase_ms);
            erase(mcu);
        }
        if (mcu->bug == M531X_BUG_NO_ERASE)
            return;
        /* A module that goes on as well awaits nothing, and says so; that is no matter. */
        tell(mcu, "AT+MIPLSOTA=%d", SOTA_ERASED);
    } else if (line->resource == RES_UPDATE) {
        tell(mcu, "AT+MIPLEXECUTERSP=0,%ld,2", line->mid);
        mcu->must_reboot = true;
    } else {
        tell(mcu, "AT+MIPLEXECUTERSP=0,%ld,2", line->mid);
    }
}

/* The empty write: step 16, or the platform wants to begin anew. */
static void on_end(struct mcu *mcu, const struct mipl_line *line)
{
    set_progress(mcu, MCU_IDLE, MCU_NO_RESULT, 0);
    if (!tell(mcu, "AT+MIPLWRITERSP=0,%ld,2", line->mid))
        return;
    mcu->store.record.to_tell = 0;
    mcu_store_commit(&mcu->store);
    mcu->is_done = runs_wanted(mcu);
}

/* What can be wrong with a block by itself. Return: NULL, or what it is. */
static const char *fault_of(const struct mcu *mcu, const struct mipl_line *line)
{
    const struct mcu_record *record = &mcu->store.record;

    if (record->state != MCU_DOWNLOADING)
        return "no download was begun";
    if (!line->is_whole && mcu->bug != M531X_BUG_ACKS_DAMAGED)
        return "it is damaged";
    if (line->flag == 2 && record->saved == 0)
        return "the first one is missing";
    if (record->saved + line->len > MCU_SLOT_SIZE)
        return "there is no room for it";
    return NULL;
}

static void refuse_block(struct mcu *mcu, const char *why)
{
    host_say("a block is refused: %s", why);
    set_progress(mcu, MCU_IDLE, MCU_NO_RESULT, 0);
    tell(mcu, "AT+MIPLSOTA=%d", SOTA_WRITE_FAILED);
}

static void on_block(struct mcu *mcu, const struct mipl_line *line)
{
    struct mcu_record *record = &mcu->store.record;
    const char *fault;
    uint32_t saved;

    if (line->mid == mcu->last_mid &&
        mcu->bug != M531X_BUG_TAKES_TWICE) { /* again: it is in flash already */
        tell(mcu, "AT+MIPLSOTA=%d", SOTA_WRITTEN);
        return;
    }
    if (mcu->bug == M531X_BUG_ACK_FIRST)
        tell(mcu, "AT+MIPLSOTA=%d", SOTA_WRITTEN);
    if (line->flag == 1 && record->saved > 0)
        erase(mcu); /* the platform begins anew */
    fault = fault_of(mcu, line);
    if (!fault && !mcu_store_write_spare(&mcu->store, record->saved, line->bytes, line->len))
        fault = "the flash is not blank there";
    if (fault) {
        refuse_block(mcu, fault);
        return;
    }
    saved = record->saved + (uint32_t)line->len;
    set_progress(mcu, line->flag == 0 ? MCU_DOWNLOADED : MCU_DOWNLOADING, MCU_NO_RESULT, saved);
    mcu->last_mid = line->mid;
    if (mcu->bug != M531X_BUG_ACK_FIRST)
        tell(mcu, "AT+MIPLSOTA=%d", SOTA_WRITTEN);
}

static void on_event(struct mcu *mcu, long event)
{
    switch (event) {
    case EVENT_UPDATE_NEEDED:
        tell(mcu, "AT+MIPLUPDATE=0,0,0");
        break;
    case EVENT_DOWNLOAD_FAILED:
        set_progress(mcu, MCU_IDLE, MCU_NO_RESULT, 0);
        break;
    case EVENT_LIFETIME_OVER:
    case EVENT_UPDATE_FAILED:
    case EVENT_CLOSED:
    case EVENT_DELETED:
        host_say("the registration is over, event %ld", event);
        mcu->is_registered = false;
        break;
    default:
        break;
    }
}

static void on_line(void *arg, const struct mipl_line *line)
{
    struct mcu *mcu = arg;

    if (line->kind == MIPL_READ || line->kind == MIPL_EXECUTE || line->kind == MIPL_WRITE) {
        mcu->asked_ms = host_now_ms();
        mcu->counted_mid = mcu->counted_mid ? mcu->counted_mid + 1 : line->mid;
    }
    switch (line->kind) {
    case MIPL_READ:
        on_read(mcu, line);
        break;
    case MIPL_EXECUTE:
        on_execute(mcu, line);
        break;
    case MIPL_WRITE:
        if (line->object == OBJECT_SENSOR && line->resource == RES_SENSOR_UNITS)
            write_units(mcu, line);
        else if (line->object != 5)
            tell(mcu, "AT+MIPLWRITERSP=0,%ld,13", line->mid);
        else if (line->len == 0)
            on_end(mcu, line);
        else
            on_block(mcu, line);
        break;
    case MIPL_EVENT:
        on_event(mcu, line->mid);
        break;
    case MIPL_READY:
        host_say("the module has restarted");
        mcu->is_registered = false;
        break;
    case MIPL_OTHER:
        break;
    }
}

/* ---- life ---- */

/* Return: whether there is software to start. */
static bool reboot(struct mcu *mcu)
{
    mcu->must_reboot = false;
    mcu->last_mid = -1;
    set_progress(mcu, MCU_UPDATING, MCU_NO_RESULT, mcu->store.record.saved);
    host_sleep_ms(mcu->install_ms);
    return start_software(mcu);
}

/* After an installation the session of the life before is renewed (step 14), if it is there. */
static void connect(struct mcu *mcu)
{
    if (mcu->store.record.to_tell && mcu->bug != M531X_BUG_NO_UPDATE)
        mcu->is_registered = link_update(&mcu->link, on_line, mcu);
    if (!mcu->is_registered && !mcu->is_done)
        mcu->is_registered = link_open(&mcu->link, mcu->store.record.version);
}

static void check_module(struct mcu *mcu)
{
    /* Its answer is OK and event 6, or an error. */
    if (link_command(&mcu->link, NULL, "AT+MIPLOPEN?") != AT_OK)
        mcu->is_registered = false;
}

/* The new software runs, its end was not told to us, and nobody wants anything of us any more. */
static bool is_settled(const struct mcu *mcu)
{
    return mcu->is_registered && mcu->store.record.to_tell && runs_wanted(mcu) &&
           host_now_ms() - mcu->asked_ms >= SETTLED_MS;
}

static enum exit_status run(struct mcu *mcu)
{
    struct mipl_line line;

    if (!start_software(mcu))
        return EXIT_NO_SOFTWARE;
    connect(mcu);
    mcu->asked_ms = host_now_ms();
    while (!mcu->is_done && host_now_ms() < mcu->link.deadline_ms) {
        enum at_status status = link_next(&mcu->link, QUIET_MS, &line);

        if (status == AT_OK)
            on_line(mcu, &line);
        else if (status == AT_TIMEOUT)
            check_module(mcu);
        else
            mcu->is_registered = false;
        if (mcu->must_reboot) {
            if (!reboot(mcu))
                return EXIT_NO_SOFTWARE;
            connect(mcu);
        } else if (!mcu->is_registered && !mcu->is_done) {
            mcu->is_registered = link_open(&mcu->link, mcu->store.record.version);
        } else {
            mcu->is_done |= is_settled(mcu);
        }
    }
    return mcu->is_done ? EXIT_UPGRADED : EXIT_TIME;
}

static int usage(void)
{
    fprintf(stderr, "usage: m531x-mcu TTY [--version V] [--until V] [--timeout-s N]\n"
                    "                     [--erase-ms N] [--install-ms N] [--cut-after BYTES]\n"
                    "                     [--sensor] [--bug NAME]\n"
                    "--cut-after counts in the first life only; SIGUSR1 empties the battery,\n"
                    "SIGUSR2 fills it\nbugs:");
    m531x_bug_print_names(stderr);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static bool parse_options(struct mcu *mcu, int argc, char **argv)
{
    static const struct option options[] = {
        {"version",    required_argument, NULL, 'v'},
        {"until",      required_argument, NULL, 'u'},
        {"timeout-s",  required_argument, NULL, 's'},
        {"erase-ms",   required_argument, NULL, 'e'},
        {"install-ms", required_argument, NULL, 'i'},
        {"cut-after",  required_argument, NULL, 'c'},
        {"sensor",     no_argument,       NULL, 'o'},
        {"bug",        required_argument, NULL, 'b'},
        {NULL,         0,                 NULL, 0  },
    };
    int64_t timeout_s = 1200;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'v')
            mcu->factory = optarg;
        else if (option == 'u')
            mcu->until = optarg;
        else if (option == 's')
            timeout_s = strtol(optarg, NULL, 10);
        else if (option == 'e')
            mcu->erase_ms = strtol(optarg, NULL, 10);
        else if (option == 'i')
            mcu->install_ms = strtol(optarg, NULL, 10);
        else if (option == 'o')
            mcu->link.has_sensor = true;
        else if (option == 'c')
            mcu->store.cut_after = is_first_life() ? strtol(optarg, NULL, 10) : -1;
        else if (option != 'b' || !m531x_bug_from_name(optarg, &mcu->bug))
            return false;
    }
    if (argc - optind != 1 || timeout_s <= 0)
        return false;
    mcu->link.port.path = argv[optind];
    mcu->link.port.bugs = m531x_bug_of_port(mcu->bug);
    mcu->link.is_hasty = mcu->bug == M531X_BUG_HASTY;
    mcu->link.tells_no_version = mcu->bug == M531X_BUG_NO_VERSION;
    mcu->link.deadline_ms = host_now_ms() + timeout_s * 1000;
    return true;
}

int main(int argc, char **argv)
{
    static struct mcu mcu = {
        .link = {.port = {.fd = -1}},
        .store = { .fd = -1,   .cut_after = -1},
        .factory = "test0",
        .last_mid = -1,
        .units = "Cel",
    };
    const char *dir = getenv("HAYESWIRE_DIR");
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    char path[4096];
    enum exit_status status;
    int ret;

    if (!parse_options(&mcu, argc, argv))
        return usage();
    snprintf(path, sizeof(path), "%s/flash.bin", dir ? dir : ".");
    ret = mcu_store_open(&mcu.store, path, mcu.factory);
    if (ret < 0) {
        host_say("%s: %s", path, strerror(-ret));
        return EXIT_NO_SOFTWARE;
    }
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    if (at_port_open(&mcu.link.port, mcu.link.port.path) < 0)
        host_say("%s can not be opened yet", mcu.link.port.path);
    status = run(&mcu);
    host_say(status == EXIT_UPGRADED ? "done" : "failed, exit status %d", status);
    at_port_close(&mcu.link.port);
    return status;
}
