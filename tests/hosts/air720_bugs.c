/* SPDX-License-Identifier: MIT */
#include "tests/hosts/air720_bugs.h"

#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"

static const char *const names[] = {
    [AIR720_BUG_NONE] = "none",
    [AIR720_BUG_REBOOT_IS_CRASH] = "reboot-is-crash",
    [AIR720_BUG_LEAVES_AUTO] = "leaves-auto",
    [AIR720_BUG_NO_RESULT] = "no-result",
    [AIR720_BUG_RETRIES_27] = "retries-27",
    [AIR720_BUG_FAILS_27] = "fails-27",
    [AIR720_BUG_ANY_URL] = "any-url",
    [AIR720_BUG_SUCCESS_AT_100] = "success-at-100",
    [AIR720_BUG_BELIEVES_RDY] = "believes-rdy",
    [AIR720_BUG_UNTOLD_FAILS] = "untold-fails",
    [AIR720_BUG_ONE_SPELLING] = "one-spelling",
    [AIR720_BUG_NOT_ASKED] = "not-asked",
    [AIR720_BUG_RETRY_STORM] = "retry-storm",
    [AIR720_BUG_SAME_PACKAGE] = "same-package",
    [AIR720_BUG_LOSES_CAUSE] = "loses-cause",
    [AIR720_BUG_NEVER_RETRIES] = "never-retries",
    [AIR720_BUG_TAKES_PIECES] = "takes-pieces",
    [AIR720_BUG_TAKES_ECHO] = "takes-echo",
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

bool air720_bug_from_name(const char *name, enum air720_bug *bug_out)
{
    int index = host_name_index(names, NAME_COUNT, name);

    if (index >= 0)
        *bug_out = (enum air720_bug)index;
    return index >= 0;
}

void air720_bug_print_names(FILE *file)
{
    host_print_names(names, NAME_COUNT, file);
}

int air720_bug_cause(enum air720_bug bug, int cause)
{
    return bug == AIR720_BUG_LOSES_CAUSE ? 0 : cause;
}

unsigned air720_bug_of_port(enum air720_bug bug)
{
    if (bug == AIR720_BUG_TAKES_PIECES)
        return AT_PORT_TAKES_PIECES;
    return bug == AIR720_BUG_TAKES_ECHO ? AT_PORT_TAKES_ECHO : 0;
}
