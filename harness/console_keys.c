/*
 * The keys of the sandbox's terminal.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "harness/console_private.h"
#include "harness/sandbox.h"
#include "harness/sandbox_acts.h"
#include "sim/base/mem.h"
#include "sim/modem/modem.h"

#define SIGNAL_STEP_DB 6

enum { ESCAPE = 0x1b, CONTROL_C = 0x03, BACKSPACE = 0x08, DELETE = 0x7f };

static void act(struct console *console, const char *name, const char *argument)
{
    struct modem *modem = console_modem(console);
    struct buf error = {0};

    if (sandbox_act(modem, name, argument, &error) < 0)
        console_say(console, "%s", buf_text(&error));
    else
        console_say(console, "%s: %s %s", modem->name, name, argument);
    buf_deinit(&error);
}

/* ---- keys ---- */

static void show_help(struct console *console);

static void open_power(struct console *console)
{
    console_say(console, "power: 0 cut, 1 on, r reset");
    console->mode = CONSOLE_POWER;
}

static void ask(struct console *console, const char *name, const char *question)
{
    console_say(console, "%s; Enter ends it, Esc forgets it", question);
    console_put("> ", 2);
    console->mid_line = true;
    console->act = name;
    buf_clear(&console->line);
    console->mode = CONSOLE_QUESTION;
}

static void ask_urc(struct console *console)
{
    ask(console, "urc", "say which URC?");
}

static void ask_fault(struct console *console)
{
    ask(console, "fault", "arm which fault? For instance line.tx@\"+CSQ:\"=flip:5");
}

static void clear_faults(struct console *console)
{
    act(console, "clear_faults", "");
}

static void ask_signal(struct console *console)
{
    ask(console, "signal", "RSRP in dBm, -140..-44?");
}

static void change_signal(struct console *console, int by_db)
{
    char dbm[16];

    snprintf(dbm, sizeof(dbm), "%d", console_modem(console)->net.signal.rsrp_dbm + by_db);
    act(console, "signal", dbm);
}

static void signal_up(struct console *console)
{
    change_signal(console, SIGNAL_STEP_DB);
}

static void signal_down(struct console *console)
{
    change_signal(console, -SIGNAL_STEP_DB);
}

static void ask_network(struct console *console)
{
    ask(console, "network", "what does the radio find: home, roaming, denied, none?");
}

static void detach(struct console *console)
{
    act(console, "detach", "");
}

static void attach(struct console *console)
{
    act(console, "attach", "");
}

static void show_state(struct console *console)
{
    struct buf text = {0};

    sandbox_describe(console_modem(console), &text);
    console_say(console, "%.*s", (int)text.len - 1, buf_text(&text));
    buf_deinit(&text);
}

static void switch_stamps(struct console *console)
{
    console->stamps = !console->stamps;
    console_say(console, "time stamps %s", console->stamps ? "on" : "off");
}

static void switch_hex(struct console *console)
{
    console->hex = !console->hex;
    console_say(console, "hex %s", console->hex ? "on" : "off");
}

static void next_modem(struct console *console)
{
    console->current = (console->current + 1) % console->sandbox->count;
    console_say(console, "%s", console_modem(console)->name);
}

static void quit(struct console *console)
{
    console->sandbox->quit = true;
}

static const struct {
    char key;
    void (*run)(struct console *console);
    const char *doc;
} keys[] = {
    {'?', show_help,     "these lines"                             },
    {'p', open_power,    "power: cut, on, reset"                   },
    {'u', ask_urc,       "say an unsolicited result"               },
    {'f', ask_fault,     "arm a fault"                             },
    {'c', clear_faults,  "clear all faults"                        },
    {'l', ask_signal,    "signal strength; + and - step it"        },
    {'+', signal_up,     "a better signal"                         },
    {'-', signal_down,   "a worse signal"                          },
    {'n', ask_network,   "what the radio finds"                    },
    {'d', detach,        "pull the cable: the tty vanishes"        },
    {'a', attach,        "plug it in again"                        },
    {'s', show_state,    "state of the modem and its faults"       },
    {'m', next_modem,    "the keys are for the next modem"         },
    {'t', switch_stamps, "time stamps on or off (-i)"              },
    {'x', switch_hex,    "hex on or off (-i)"                      },
    {'q', quit,          "end the sandbox (without -i also Ctrl-C)"},
};

static void show_help(struct console *console)
{
    struct buf text = {0};

    buf_add_text(&text, console->interactive ? "keys behind Ctrl-T (twice: send it)" : "keys");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        buf_printf(&text, "\n  %c  %s", keys[i].key, keys[i].doc);
    console_say(console, "%s", buf_text(&text));
    buf_deinit(&text);
}

void console_key(struct console *console, char key)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].key == key) {
            keys[i].run(console);
            return;
        }
    }
    if (key > ' ')
        console_say(console, "no key %c; ? shows the keys", key);
}

/* ---- menu and questions ---- */

static void take_power(struct console *console, char byte)
{
    console->mode = CONSOLE_MODEM;
    if (byte == '0')
        act(console, "power_cut", "");
    else if (byte == '1')
        act(console, "power_on", "");
    else if (byte == 'r')
        act(console, "reset", "");
    else
        console_say(console, "nothing done");
}

static void take_line(struct console *console, char byte)
{
    struct buf *line = &console->line;

    if (byte == '\r' || byte == '\n') {
        console->mode = CONSOLE_MODEM;
        act(console, console->act, buf_text(line));
    } else if (byte == ESCAPE || byte == CONTROL_C) {
        console->mode = CONSOLE_MODEM;
        console_say(console, "nothing done");
    } else if ((byte == BACKSPACE || byte == DELETE) && line->len > 0) {
        line->data[--line->len] = '\0';
        console_put("\b \b", 3);
    } else if ((unsigned char)byte >= ' ' && byte != DELETE && line->len < CONSOLE_LINE_MAX) {
        buf_add_char(line, byte);
        console_put(&byte, 1);
    }
}

void console_answer(struct console *console, char byte)
{
    if (console->mode == CONSOLE_POWER)
        take_power(console, byte);
    else
        take_line(console, byte);
}
