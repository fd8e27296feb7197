/* SPDX-License-Identifier: MIT */
#include "tests/hosts/bc26_fota.h"

#include <stdlib.h>
#include <string.h>

struct word_row {
    const char *text;
    enum fota_word word;
};

static const struct word_row word_rows[] = {
    {"HTTPSTART",      FOTA_HTTP_START },
    {"HTTPTART",       FOTA_HTTP_START }, /* the examples of the guide print it so */
    {"DOWNLOADING",    FOTA_DOWNLOADING},
    {"HTTPEND",        FOTA_HTTP_END   },
    {"START",          FOTA_START      },
    {"UPDATING",       FOTA_UPDATING   },
    {"END",            FOTA_END        },
 /* Firmware for other carriers and newer SDKs has these words for the download. */
    {"COAPSTART",      FOTA_HTTP_START },
    {"COAPEND",        FOTA_HTTP_END   },
    {"DOWNLOAD START", FOTA_HTTP_START },
    {"DOWNLOAD",       FOTA_HTTP_END   },
};

static const char *skip(const char *text, const char *set)
{
    return text + strspn(text, set);
}

/* Compare a quoted word at text; the position behind its closing quote, or NULL. */
static const char *quoted(const char *text, const char *word)
{
    size_t len = strlen(word);

    if (text[0] != '"' || strncmp(text + 1, word, len) != 0 || text[len + 1] != '"')
        return NULL;
    return text + len + 2;
}

bool fota_parse(const char *line, struct fota_event *event_out)
{
    const char *at;

    if (strncmp(line, "+QIND:", 6) != 0)
        return false;
    at = quoted(skip(line + 6, " "), "FOTA");
    if (!at)
        return false;
    at = skip(at, ", ");
    *event_out = (struct fota_event){.word = FOTA_OTHER, .value = -1};
    for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
        const char *rest = quoted(at, word_rows[i].text);

        if (!rest)
            continue;
        event_out->word = word_rows[i].word;
        rest = skip(rest, ", ");
        if (*rest >= '0' && *rest <= '9')
            event_out->value = atoi(rest);
    }
    return true;
}

static void advance(struct fota_watch *watch, const struct fota_event *event)
{
    switch (event->word) {
    case FOTA_OTHER:
    case FOTA_END:
        break;
    case FOTA_HTTP_START:
        watch->phase = FOTA_PHASE_ASKED;
        break;
    case FOTA_DOWNLOADING:
        watch->phase = FOTA_PHASE_DOWNLOADING;
        break;
    case FOTA_HTTP_END:
        watch->phase = FOTA_PHASE_DOWNLOADED;
        break;
    case FOTA_START:
        watch->phase = FOTA_PHASE_STARTED;
        break;
    case FOTA_UPDATING:
        watch->phase = event->value >= 100 ? FOTA_PHASE_UPDATED : FOTA_PHASE_UPDATING;
        break;
    }
}

bool fota_watch_line(struct fota_watch *watch, const char *line)
{
    struct fota_event event;

    if (fota_parse(line, &event)) {
        watch->has_banner = watch->is_ready = false;
        advance(watch, &event);
        return true;
    }
    if (strstr(line, "Leaving the BROM")) {
        watch->has_banner = true;
        return true;
    }
    if (strcmp(line, "RDY") == 0) {
        watch->is_ready = true;
        return true;
    }
    return false;
}

int64_t fota_quiet_limit_ms(const struct fota_watch *watch)
{
    /* The result follows RDY within a tenth of a second when the baud rate is fixed. */
    if (watch->is_ready)
        return 5000;
    /* A module in autobaud says nothing but the banner; the application is up in about 4 s. */
    if (watch->has_banner && watch->phase != FOTA_PHASE_STARTED &&
        watch->phase != FOTA_PHASE_UPDATING)
        return 15000;
    switch (watch->phase) {
    case FOTA_PHASE_UNSURE:
        return 15000;
    case FOTA_PHASE_ASKED:
    case FOTA_PHASE_DOWNLOADING:
        return 600000; /* a silent server alone takes the module 120 s */
    case FOTA_PHASE_DOWNLOADED:
        return 120000;
    case FOTA_PHASE_STARTED:
    case FOTA_PHASE_UPDATING:
        return 300000; /* silence is normal while flash is written, or the power is off */
    case FOTA_PHASE_UPDATED:
        return 60000;
    }
    abort();
}
