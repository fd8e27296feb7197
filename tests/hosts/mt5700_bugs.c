/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mt5700_bugs.h"

#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"

static const char *const names[] = {
    [BUG_NONE] = "none",
    [BUG_SUCCESS_AT_50] = "success-at-50",
    [BUG_NEVER_RESUMES] = "never-resumes",
    [BUG_NO_REOPEN] = "no-reopen",
    [BUG_NO_RETRIGGER] = "no-retrigger",
    [BUG_KEEPS_SESSIONS] = "keeps-sessions",
    [BUG_KEEPS_CALL] = "keeps-call",
    [BUG_EARLY_QUERY] = "early-query",
    [BUG_IGNORES_40] = "ignores-40",
    [BUG_EARLY_FWUP] = "early-fwup",
    [BUG_ACTS_TWICE] = "acts-twice",
    [BUG_SSL_ONCE] = "ssl-once",
    [BUG_NO_NETWORK] = "no-network",
    [BUG_NO_RESUME] = "no-resume",
    [BUG_RESUMES_BLINDLY] = "resumes-blindly",
    [BUG_STUCK_IN_14] = "stuck-in-14",
    [BUG_QUERY_ONCE] = "query-once",
    [BUG_HAMMERS] = "hammers",
    [BUG_UPGRADES_ONCE] = "upgrades-once",
    [BUG_TELLS_NO_FAILURE] = "tells-no-failure",
    [BUG_IGNORES_USER] = "ignores-user",
    [BUG_BELIEVES_RESTART] = "believes-restart",
    [BUG_TAKES_PIECES] = "takes-pieces",
    [BUG_TAKES_ECHO] = "takes-echo",
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

bool bug_from_name(const char *name, enum bug *bug_out)
{
    int index = host_name_index(names, NAME_COUNT, name);

    if (index >= 0)
        *bug_out = (enum bug)index;
    return index >= 0;
}

void bug_print_names(FILE *file)
{
    host_print_names(names, NAME_COUNT, file);
}

unsigned bug_of_port(enum bug bug)
{
    if (bug == BUG_TAKES_PIECES)
        return AT_PORT_TAKES_PIECES;
    return bug == BUG_TAKES_ECHO ? AT_PORT_TAKES_ECHO : 0;
}
