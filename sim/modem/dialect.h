/*
 * A vendor's grammar and habits: one const record in one file of sim/dialect/.
 * Only differences from `base` are listed. Lookup order of a command: scenario override, dialect,
 * its base chain. Lines, slots, boot steps and hooks that it leaves out are its base's.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/at/at_cmd.h"
#include "sim/at/at_exec.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/option.h"
#include "sim/modem/urc.h"

struct buf;
struct flash_slot;
struct line;
struct modem;

/* What input does while a command is pending. */
enum at_busy { AT_BUSY_QUEUE, AT_BUSY_DROP, AT_BUSY_ABORT };

/* A documented variant that is switched by name. Its index in the dialect's array is its bit. */
struct quirk {
    const char *name; /* kebab-case, as in the sheet */
    const char *doc;  /* one sentence with its source */
};
#define QUIRK_MAX 64

/* A boot step goes on by itself and will call modem_boot_from(), or restart the modem. */
#define BOOT_STEP_WAITS 1

/* One step of the way from power to ready. */
struct boot_step {
    const char *name;
    size_t delay_option; /* index of a duration in the dialect's options: wait before it */
    int (*run)(struct modem *modem); /* 0, MODEM_GONE or BOOT_STEP_WAITS */
};

/* What becomes of an URC that is due on a line. */
enum line_voice { LINE_SPEAKS, LINE_LOSES, LINE_HOLDS };

/* A line of a modem: an AT channel and how it behaves. */
struct line_row {
    const char *name; /* "main", "uart2" */
    /* Points of its bytes; NULL = line.rx and line.tx. A second line names its own of the dialect,
       since a stream of bytes has one offset. */
    const struct fault_point *rx_point, *tx_point;
};

/* A package that is to be published; all borrowed. */
struct dialect_package {
    const void *bytes;
    size_t len;
    const char *from, *to; /* "" = any */
};

/* A file of a server; name is relative, as in "full/filelist.xml". All borrowed for the call. */
typedef void (*dialect_file_fn)(void *arg, const char *name, const void *bytes, size_t len);

struct dialect {
    const char *name;
    const char *title;    /* "Quectel BC26/BC20 (MT2625), DFOTA" */
    const char *firmware; /* factory version where the option names none */
    const struct dialect *base;

    const struct at_cmd *cmds;
    size_t cmd_count;
    const struct quirk *quirks;
    size_t quirk_count;
    const struct option_row *options;
    size_t option_count;
    const struct fault_point *points;
    size_t point_count;
    const struct boot_step *boot;
    size_t boot_count;
    const struct line_row *lines;
    size_t line_count;
    const struct flash_slot *slots;
    size_t slot_count;

    /* Results of an upgrade that mean failure, as the words of the dialect have them. */
    const int *fota_codes;
    size_t fota_code_count;

    bool upgrades_host;   /* what it fetches is the software of the host, not its own */
    bool is_usb;          /* attached by USB where the option leaves it open */
    bool enumerates_late; /* its boot steps call modem_enumerate(); else the ttys come usb_delay
                             after the power */
    struct at_style style;
    enum at_busy on_busy;
    /* Bytes of modem->state, zeroed at creation. It begins with the base's state, if that has one.
     */
    size_t state_size;

    /* Settings before the scenario's: per-firmware defaults of a quirk, for instance. */
    void (*init)(struct modem *modem);
    void (*deinit)(struct modem *modem);
    /* Power came: load what NV keeps, set volatile state to its power-up values. */
    void (*power_up)(struct modem *modem);
    /* The wake pin (or the power key) of a module that sleeps. */
    void (*wake)(struct modem *modem);
    /* Power is gone: stop what owns more than timers (downloads). Prints nothing. */
    void (*power_down)(struct modem *modem);
    /* A line was created or powered: its settings that differ from V.250. */
    void (*line_up)(struct line *line);
    /*
     * Bytes arrived, before the parser: baud rate, sleep. Return: how many leading bytes are
     * swallowed, or negative MODEM_GONE.
     */
    long (*line_rx)(struct line *line, const char *bytes, size_t len);
    /* Whether what the firmware has to say now reaches the wire. NULL = it does. */
    enum line_voice (*line_voice)(struct line *line);
    /* The network's state changed. */
    void (*net_changed)(struct modem *modem);
    /* Append the words of an URC, without frame. Nothing appended = not said on this line. */
    void (*urc_text)(struct line *line, const struct urc *urc, struct buf *out);
    /* One word for the state of the upgrade, "idle" when none runs. */
    const char *(*fota_state)(const struct modem *modem);
    /* How many of `lines`, from the first on, this modem has; NULL = all. Quirks are set already.
     */
    size_t (*lines_used)(const struct modem *modem);
    /*
     * A command was parsed and no fault took it. Return: 0 go on to its handler; a positive result
     * instead of it; MODEM_GONE.
     */
    int (*before_command)(struct line *line, const struct at_req *req);
    /* How long the firmware thinks before a reply; the option reply_delay comes on top. */
    uint64_t (*think_us)(struct line *line);

    /* ---- what a package server of this vendor offers ---- */

    /* Settings of package_files, such as "update_mode". */
    const struct option_row *package_options;
    size_t package_option_count;
    /*
     * Make the files that stand on a server for one package, the package included; NULL = the
     * package is the only one. values belong to package_options. See dialect_package_files().
     */
    void (*package_files)(const struct dialect_package *package, const struct option_value *values,
                          dialect_file_fn add, void *arg);
};

/* ---- lookups along the base chain ---- */

/* Return: the dialect itself or the nearest base that lists lines (slots). */
const struct dialect *dialect_of_lines(const struct dialect *dialect);
const struct dialect *dialect_of_slots(const struct dialect *dialect);

const struct at_cmd *dialect_command(const struct dialect *dialect, const char *name);
/* Whether some command of the dialect is called `member` in fault names ("csq" for +CSQ). */
bool dialect_has_member(const struct dialect *dialect, const char *member);
/*
 * Give each file that a server offers for the package to `add`; settings are "name=value" texts.
 * Return: 0, or -EINVAL with the nearest spelling; -ENOTSUP where the package is the only file.
 */
int dialect_package_files(const struct dialect *dialect, const struct dialect_package *package,
                          const char *const *settings, size_t setting_count, dialect_file_fn add,
                          void *arg, struct buf *error_out);
/* "+CSQ" -> "csq". */
void dialect_member_name(const char *command, char *out, size_t size_bytes);
