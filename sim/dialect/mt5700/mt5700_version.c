/*
 * MT5700M: who it is, and the many commands whose answer is a constant or a text that was set.
 * Literals: replies of a real unit, V200R001C20B025 (CONSOLE, sheet 6).
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700.h"
#include "sim/modem/nv.h"

#define CME_NOT_FOUND 22

/* ---- versions ---- */

/*
 * The AP's version 1.2.5.0(SP1C02) and the CP's V200R001C20B025 belong together; so do 1.1.4.0 and
 * B014, 1.1.6.0 and B016 (sheet 8.4): the number behind B is made of the second and third.
 */
void mt5700_cp_version(const char *version, char *out, size_t size_bytes)
{
    unsigned a, b, c, d;
    char end;

    if (sscanf(version, "%u.%u.%u.%u%c", &a, &b, &c, &d, &end) == 5 && end == '(' && b < 100 &&
        c < 10)
        snprintf(out, size_bytes, "V200R001C20B%03u", b * 10 + c);
    else
        snprintf(out, size_bytes, "%s", version);
}

/* Built some time in the two years from 2024-07 on; another version has another time. */
static void build_time(const struct modem *modem, char *out, size_t size_bytes)
{
    const char *factory = modem_text(modem, MODEM_OPTION_FIRMWARE);
    uint32_t hash = 2166136261u; /* FNV-1a */
    struct tm tm;
    time_t when;

    if (!factory[0])
        factory = modem->dialect->firmware;
    if (strcmp(modem->firmware, factory) == 0) {
        snprintf(out, size_bytes, "%s", modem_dialect_text(modem, MT5700_OPTION_BUILD_TIME));
        return;
    }
    for (const char *c = modem->firmware; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    when = (time_t)(1719792000u + hash % 63072000u);
    gmtime_r(&when, &tm);
    strftime(out, size_bytes, "%b %d %Y, %H:%M:%S", &tm);
}

int mt5700_version(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    static const struct {
        const char *key, *text; /* NULL = the running version */
    } rows[] = {
        {"EXTS",    NULL             },
        {"INTS",    NULL             },
        {"EXTD",    "00.00.00.000.00"},
        {"INTD",    "00.00.00.000.00"},
        {"EXTH",    "MT5700M Ver.A"  },
        {"INTH",    "MT5700M Ver.A"  },
        {"EXTU",    "MT5700M"        },
        {"INTU",    "MT5700M"        },
        {"CFG",     "1005"           },
        {"PRL",     ""               },
        {"INI",     ""               },
        {"ROMSIZE", "4Gbit"          },
        {"RDV",     "RELEASE"        },
    };
    const struct modem *modem = line->modem;
    const char *gap = modem_quirk(modem, MT5700_VERSION_SPACE) ? " " : "";
    char built[64];

    build_time(modem, built, sizeof(built));
    at_reply_line(reply, "^VERSION:%sBDT:%s", gap, built);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        at_reply_line(reply, "^VERSION:%s%s:%s", gap, rows[i].key,
                      rows[i].text ? rows[i].text : modem->firmware);
    return AT_OK;
}

/* ---- identity ---- */

int mt5700_cgmi(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "TD Tech Ltd.");
    return AT_OK;
}

int mt5700_cgmm(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "MT5700M-CN");
    return AT_OK;
}

int mt5700_cgmr(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char version[MT5700_NAME_MAX + 1];

    mt5700_cp_version(line->modem->firmware, version, sizeof(version));
    at_reply_line(reply, "%s", version);
    return AT_OK;
}

int mt5700_ati(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    char version[MT5700_NAME_MAX + 1];

    mt5700_cp_version(line->modem->firmware, version, sizeof(version));
    at_reply_line(reply, "Manufacturer: TD Tech Ltd.");
    at_reply_line(reply, "Model: MT5700M-CN");
    at_reply_line(reply, "Revision: %s", version);
    at_reply_line(reply, "IMEI: %s", modem_text(line->modem, MODEM_OPTION_IMEI));
    at_reply_line(reply, "+GCAP: +CGSM,+DS,+ES");
    return AT_OK;
}

int mt5700_iccid(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const char *iccid = modem_text(line->modem, MODEM_OPTION_ICCID);

    if (line->modem->sim.state == SIM_ABSENT)
        return AT_ERROR;
    at_reply_line(reply, "^ICCID: %s%s", iccid, strlen(iccid) < 20 ? "F" : "");
    return AT_OK;
}

int mt5700_phynum(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    at_reply_line(reply, "^PHYNUM:IMEI,%s", modem_text(line->modem, MODEM_OPTION_IMEI));
    at_reply_line(reply, "^PHYNUM:MACWLAN,");
    at_reply_line(reply, "^PHYNUM:SVN,00");
    return AT_OK;
}

/* ---- constants ---- */

struct fixed_row {
    const char *name;
    const char *lte, *nr; /* lines; NULL nr = the same */
};

static const struct fixed_row fixed_rows[] = {
    {"+GCAP",       "+GCAP: +CGSM,+DS,+ES",                                               NULL},
    {"+CPMS",       "+CPMS: \"SM\",9,50,\"SM\",9,50,\"SM\",9,50",                         NULL},
    {"^HFREQINFO",  "^HFREQINFO: 0,6,3,1650,18500,20000,19650,17550,20000",
     "^HFREQINFO: 0,7,41,528960,2644800,60000,528960,2644800,60000"                           },
    {"^CHIPTEMP",   "^CHIPTEMP: 408,405,400,410,390,390,410,410,410,420,400,400",         NULL},
    {"^NRRCCAPQRY", "^NRRCCAPQRY: 2,1,0",                                                 NULL},
    {"^LENDC",      "^LENDC: 1,0,0,0,0",                                                  NULL},
    {"^MCS",        "^MCS: 0,1,0,26,255,5,255,255",                                       NULL},
    {"^NTXPOWER",   "^NTXPOWER: 2,6,12,-10,2644800",                                      NULL},
    {"^RRCSTAT",    "^RRCSTAT: 0,1",                                                      NULL},
    {"^MONNC",      "^MONNC: LTE,1650,59,-104,-15,-70\n^MONNC: LTE,1650,60,-110,-16,-77",
     "^MONNC: NR,524910,115,-84,-11,14"                                                       },
};

int mt5700_fixed(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    for (size_t i = 0; i < ARRAY_LEN(fixed_rows); i++) {
        const struct fixed_row *row = &fixed_rows[i];
        const char *text = mt5700_is_nr(line->modem) && row->nr ? row->nr : row->lte;

        if (strcmp(row->name, req->name) != 0)
            continue;
        while (*text) {
            size_t len = strcspn(text, "\n");

            at_reply_line(reply, "%.*s", (int)len, text);
            text += len + (text[len] == '\n');
        }
        return AT_OK;
    }
    return AT_CME(CME_NOT_FOUND); /* +CNUM: no number on the SIM card */
}

/* ---- what is read back as it was set ---- */

struct stored_row {
    const char *name;
    const char *initial;
    bool is_spaced; /* the spacing is each command's own (sheet 1) */
    bool is_volatile;
};

static const struct stored_row stored_rows[] = {
    {"+CMGF",           "0",                                        true,  true },
    {"+CNMI",           "2,1,0,2,0",                                true,  true },
    {"+CLIP",           "0,1",                                      true,  true },
    {"+COLP",           "0,1",                                      true,  true },
    {"+CSCA",           "\"+8613010112500\",145",                   true,  false},
    {"^SIMST",          "1",                                        true,  true },
    {"^CERSSI",         "0,0",                                      true,  true },
    {"^FOTACFG",        "\"\",,,0",                                 true,  false},
    {"^AUTHDATA",       "1,0",                                      true,  false},
    {"^C5GOPTION",      "1,1,1",                                    true,  false},
    {"^TDCFG",          "",                                         true,  false},
    {"^TDPMCFG",        "1,0,0,0",                                  true,  false},
    {"^TDSIMHP",        "1",                                        true,  false},
    {"^TDPCIELANCFG",   "0",                                        true,  false},
    {"^IPFILTERSWITCH", "1",                                        true,  false},
    {"^LTEFREQLOCK",    "0",                                        true,  false},
    {"^NRFREQLOCK",     "0",                                        true,  false},
    {"^SCICHG",         "0,1",                                      true,  false},
    {"^LEDSWITCH",      "1",                                        false, false},
    {"^HVSST",          "1,1,0,1",                                  true,  false},
    {"^IMSSWITCH",      "1,0,0",                                    true,  false},
    {"^IPV6CAP",        "7",                                        true,  false},
    {"^SYSCFGEX",       "\"080302\",2000000680380,1,2,1E200000095", true,  false},
};

/* "^LEDSWITCH" -> "set.ledswitch". */
static void stored_key(const struct stored_row *row, char *key, size_t size_bytes)
{
    size_t len = (size_t)snprintf(key, size_bytes, "set.%s", row->name + 1);

    for (size_t i = 0; i < len && i < size_bytes; i++)
        key[i] = (char)tolower((unsigned char)key[i]);
}

static const struct stored_row *find_stored(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(stored_rows); i++) {
        if (strcmp(stored_rows[i].name, name) == 0)
            return &stored_rows[i];
    }
    return NULL;
}

int mt5700_stored(struct line *line, const struct at_req *req, struct at_reply *reply)
{
    const struct stored_row *row = find_stored(req->name);
    struct nv *nv = line->modem->nv;
    char key[NV_KEY_MAX], text[NV_VALUE_MAX];
    struct at_args args;

    assert(row);
    stored_key(row, key, sizeof(key));
    if (req->verb == AT_READ) {
        const char *value = nv_text(nv, key, row->initial);

        if (value[0])
            at_reply_line(reply, "%s:%s%s", row->name, row->is_spaced ? " " : "", value);
        return AT_OK;
    }
    if (at_args_parse(req, &args) < 0 || req->args_len == 0 || req->args_len >= sizeof(text))
        return AT_ERROR;
    snprintf(text, sizeof(text), "%.*s", (int)req->args_len, req->args);
    nv_set_text(nv, key, text);
    return row->is_volatile ? AT_OK : modem_commit(line->modem);
}

void mt5700_forget_volatile(struct modem *modem)
{
    char key[NV_KEY_MAX];

    for (size_t i = 0; i < ARRAY_LEN(stored_rows); i++) {
        if (!stored_rows[i].is_volatile)
            continue;
        stored_key(&stored_rows[i], key, sizeof(key));
        if (nv_text(modem->nv, key, NULL))
            nv_unset(modem->nv, key);
    }
}
