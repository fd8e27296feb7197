/*
 * The device. It owns its lines, network, SIM card, NV, flash, URCs and fault plan.
 *
 * Power. A modem is created off. modem_power_on() starts the dialect's boot steps. All its timers
 * are modem timers and die with its power. A fault that takes the power away makes the code under
 * it return MODEM_GONE up to the entry into the modem (a port's bytes, a timer, a download's
 * callback), and only there, with an empty stack, modem_leave() carries the cut out. Code outside
 * the modem (a scenario) calls modem_cut() and modem_reset() directly.
 *
 * Units: microseconds of modem time. Errors: negative errno, with a message in error_out.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/clock.h"
#include "sim/base/rng.h"
#include "sim/fault/fault_plan.h"
#include "sim/modem/bench.h"
#include "sim/modem/dialect.h"
#include "sim/modem/net.h"
#include "sim/modem/option.h"
#include "sim/modem/sim_card.h"

struct flash;
struct nv;
struct port;

#define MODEM_LINE_MAX 5
#define MODEM_NAME_MAX 31

enum modem_power {
    MODEM_OFF,
    MODEM_BOOTING,
    MODEM_ON,
    MODEM_SLEEPING,
    MODEM_FLASHING, /* the bootloader runs an update */
    MODEM_HUNG,     /* powered, and silent until power is cut */
    MODEM_DEAD,     /* powered, and no firmware that boots */
};

/* Options that every modem has; dialects add their own rows. */
#define MODEM_OPTIONS(X)                                                                           \
    X(FIRMWARE, "firmware", OPTION_TEXT, "", "0..47",                                              \
      "version of the factory firmware; empty = the dialect's default")                            \
    X(IMEI, "imei", OPTION_TEXT, "866207030000017", "15..15", "equipment identity")                \
    X(IMSI, "imsi", OPTION_TEXT, "460110123456789", "15..15", "subscriber identity")               \
    X(ICCID, "iccid", OPTION_TEXT, "89860117838009934120", "19..20", "SIM card number")            \
    X(SIM, "sim", OPTION_CHOICE, "ready", "ready|pin|puk|absent", "state of the SIM card")         \
    X(PIN, "pin", OPTION_TEXT, "1234", "4..8", "PIN of a locked SIM card")                         \
    X(NETWORK, "network", OPTION_CHOICE, "home", "home|roaming|denied|none",                       \
      "what the radio finds")                                                                      \
    X(REGISTRATION, "registration", OPTION_DURATION, "3s", NULL,                                   \
      "time from radio on to registered")                                                          \
    X(ATTACH, "attach", OPTION_DURATION, "1s", NULL, "time from registered to attached")           \
    X(OPERATOR, "operator", OPTION_TEXT, "46011", "5..6", "PLMN of the serving network")           \
    X(ADDRESS, "address", OPTION_TEXT, "10.170.235.216", "7..63", "address of the default bearer") \
    X(NETWORK_TIME, "network_time", OPTION_TEXT, "26/01/01,08:00:00+32", "20..20",                 \
      "time that the network gives at modem time 0, as 27.007 8.15 writes it")                     \
    X(RSRP, "rsrp", OPTION_INT, "-88", "-140..-44", "signal strength in dBm")                      \
    X(ATTACHMENT, "attachment", OPTION_CHOICE, "native", "native|uart|usb",                        \
      "uart: the tty stays without power; usb: it vanishes; native: as the dialect's module does") \
    X(USB_DELAY, "usb_delay", OPTION_DURATION, "1s", NULL,                                         \
      "usb: power to the tty being there again")                                                   \
    X(USB_NUMBER, "usb_number", OPTION_CHOICE, "same", "same|other",                               \
      "usb: other = the ttys come back under other numbers; same = under theirs, if still free")   \
    X(PORT, "port", OPTION_TEXT, "", "0..1023",                                                    \
      "what the host opens: pty, tcp:127.0.0.1:0, /dev/ttyUSB0@115200, attach:PATH, attach:auto; " \
      "one for each line, with commas")                                                            \
    X(REPLY_DELAY, "reply_delay", OPTION_DURATION, "0ms", NULL, "added before each reply")         \
    X(SEED, "seed", OPTION_INT, "-1", "-1..9223372036854775807",                                   \
      "seed of its own randomness; -1 = it comes from the seed of the run")

enum modem_option {
#define X(id, name, type, initial, range, doc) MODEM_OPTION_##id,
    MODEM_OPTIONS(X)
#undef X
        MODEM_OPTION_COUNT
};
extern const struct option_row modem_option_rows[MODEM_OPTION_COUNT];

struct modem_timer; /* dies with the power; see modem_after */
struct modem_override;

/* A command that no table knew, for the run's report. */
struct modem_unhandled {
    char *text;
    unsigned count;
};
#define MODEM_UNHANDLED_MAX 32

struct modem {
    struct bench *bench; /* borrowed */
    char *name;
    const struct dialect *dialect;
    struct option_value options[MODEM_OPTION_COUNT];
    struct option_value *dialect_options;
    uint64_t quirks;
    struct at_style style; /* the dialect's; its init hook may change it for a quirk */

    enum modem_power power;
    bool is_detached; /* USB: the ttys are not there */
    unsigned boots;   /* how often power_on or a reset started it */
    size_t boot_step;
    char *firmware;           /* running version; what it was while off */
    unsigned cuts;            /* how often its supply went away */
    struct timer dip_timer;   /* a brown-out: the supply comes back */
    struct fault_effect gone; /* why the stack below unwinds; valid while `going` */
    bool going;
    unsigned depth; /* entries on the stack */

    struct rng rng;
    struct fault_plan *plan;
    struct nv *nv;
    struct flash *flash; /* NULL until used, see modem_flash */
    struct net net;
    struct sim_card sim;
    unsigned function; /* CFUN level */
    struct line *lines[MODEM_LINE_MAX];
    size_t line_count;
    struct modem_timer *timers;
    struct modem_timer *boot_timer;
    struct modem_override *overrides;
    struct modem_unhandled unhandled[MODEM_UNHANDLED_MAX];
    size_t unhandled_count;
    void *state; /* of the dialect, dialect->state_size bytes */
};

/* ---- life ---- */

/* name (copied, cut at MODEM_NAME_MAX) stands in the trace. Return: a modem without ports, off. */
struct modem *modem_new(struct bench *bench, const struct dialect *dialect, const char *name);
/* Return: 0, or -EINVAL with the nearest spelling. Only before modem_start. */
int modem_set_option(struct modem *modem, const char *name, const char *text,
                     struct buf *error_out);
int modem_set_quirk(struct modem *modem, const char *name, struct buf *error_out);
/* How many lines it has or will have; quirks are set before. */
size_t modem_line_count(const struct modem *modem);
/* Open the ports (ptys), NV and the rest. Return: 0, or -errno with a message. */
int modem_start(struct modem *modem, struct buf *error_out);
/*
 * A line whose option port is attach:auto gets its tty, which the emulator's output `said`.
 * Return: whether one was waiting for it; error_out has a message when it can not be opened.
 */
bool modem_attach_tty(struct modem *modem, const char *said, const char *path,
                      struct buf *error_out);
/* Whether the host's side of all its ports is a pty that we made. */
bool modem_has_ptys(const struct modem *modem);
/* The cable is pulled or plugged, whatever the power. */
void modem_detach(struct modem *modem);
void modem_attach(struct modem *modem);
/* The same with given ports instead of ptys (tests, bench); count must be modem_line_count(). */
int modem_start_on(struct modem *modem, struct port **ports, size_t count, struct buf *error_out);
void modem_free(struct modem *modem);

/* ---- power ---- */

/* The supply comes, or the power key is pressed: wakes a sleeping modem; nothing when it is on. */
void modem_power_on(struct modem *modem);
/* The supply goes away now. Must not be called from within the modem's own code. */
void modem_cut(struct modem *modem, enum cut_policy policy);
/* Cut and on again, as the reset pin does; pending NV writes are lost. */
void modem_reset(struct modem *modem);
bool modem_is_running(const struct modem *modem); /* the application firmware serves AT */
const char *modem_power_name(enum modem_power power);
void modem_set_power(struct modem *modem, enum modem_power power); /* with its trace record */

/* ---- what a scenario asks for ---- */

struct line *modem_line(const struct modem *modem, const char *name); /* NULL = first line */
/* Return: path of the line's tty; NULL for an unknown line and while USB is not enumerated. */
const char *modem_tty(const struct modem *modem, const char *line_name);
const char *modem_fota_state(const struct modem *modem);
int modem_fault(struct modem *modem, const char *text, struct buf *error_out);
/* Say text on the first line (or the named one) as an URC. Return: 0, or -ENOTCONN when not on. */
int modem_say_urc(struct modem *modem, const char *line_name, const char *text);
int modem_say_raw(struct modem *modem, const char *line_name, const void *bytes, size_t len);
/* Network world by name of the "network" option. Return: 0 or -EINVAL. */
int modem_set_network(struct modem *modem, const char *world);

/*
 * A scenario takes a command over (or adds one). fn is called when it arrives and must not answer
 * by itself: the command is pending until modem_answer(). A power cut forgets it silently. After
 * the answer AT_PROMPT fn is called again, with the data in req.
 */
typedef void (*modem_override_fn)(void *arg, struct line *line, const struct at_req *req);
void modem_override(struct modem *modem, const char *name, modem_override_fn fn, void *arg);
void modem_override_remove(struct modem *modem, const char *name);
/* Answer an overridden command: lines of information, then a result. Ignored if none is pending. */
void modem_answer(struct modem *modem, struct line *line, const char *info, int result);
/* The same with bytes as they are, which no line end frames. */
void modem_answer_raw(struct modem *modem, struct line *line, const void *bytes, size_t len,
                      int result);

/* ---- for the code inside modems ---- */

/* Bracket each entry from outside; leave carries out a cut when result is MODEM_GONE. */
void modem_enter(struct modem *modem);
void modem_leave(struct modem *modem, int result);
/*
 * Call fn(modem, arg) later, unless the power goes first. *slot (may be NULL for fire and forget)
 * names the timer while it waits: an armed one is moved, and it is cleared when the timer runs or
 * dies, so that it never dangles.
 */
typedef int (*modem_timer_fn)(struct modem *modem, void *arg); /* 0 or MODEM_GONE */
void modem_after(struct modem *modem, struct modem_timer **slot, uint64_t delay_us,
                 modem_timer_fn fn, void *arg);
/* Safe on a slot that holds nothing. */
void modem_cancel(struct modem *modem, struct modem_timer **slot);
/*
 * Pass a STEP point of this modem. Return: 0 go on; MODEM_GONE; a positive AT result (fail); delays
 * are given to delay_us_out when the caller can wait (NULL: a delay is ignored).
 */
int modem_step(struct modem *modem, const struct fault_point *point, const struct fault_at *at,
               uint64_t *delay_us_out);
/*
 * Pass a point whose class has actions of its own. Return: what the caller has to carry out; where
 * it takes the power, that is noted already, and modem->going tells.
 */
struct fault_effect modem_pass(struct modem *modem, const struct fault_point *point,
                               const struct fault_at *at);
/* Remember why the stack is to unwind. Return: MODEM_GONE. */
int modem_going(struct modem *modem, const struct fault_effect *effect);
/* Restart by itself (QRST, end of an update): point reboot; ends in MODEM_GONE for the caller. */
int modem_restart(struct modem *modem);
/* Go on booting at that step of the dialect's table (a bootloader that is done, for instance). */
void modem_boot_from(struct modem *modem, size_t step);
/*
 * For a dialect that enumerates late: the firmware brings up USB, and the ttys are there again
 * after usb_delay. Nothing on a UART, or when they are there.
 */
void modem_enumerate(struct modem *modem);
/* Raise an URC on all lines; the _line form gives its words directly. */
void modem_urc(struct modem *modem, enum urc_kind kind, long a, long b);
void modem_urc_line(struct modem *modem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct flash *modem_flash(struct modem *modem);
/* Make the pending settings durable. Return: 0; MODEM_GONE; AT_ERROR when the disk refuses. */
int modem_commit(struct modem *modem);
bool modem_quirk(const struct modem *modem, size_t quirk);
long long modem_number(const struct modem *modem, enum modem_option option);
const char *modem_text(const struct modem *modem, enum modem_option option);
/* Values of the dialect's own options by index. */
long long modem_dialect_number(const struct modem *modem, size_t option);
const char *modem_dialect_text(const struct modem *modem, size_t option);
void modem_note_unhandled(struct modem *modem, const char *text);
