/* SPDX-License-Identifier: MIT */
#include "tests/hosts/m531x_bugs.h"

#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"

static const char *const names[] = {
    [M531X_BUG_NONE] = "none",
    [M531X_BUG_NO_VERSION] = "no-version",
    [M531X_BUG_ACK_FIRST] = "ack-first",
    [M531X_BUG_NO_UPDATE] = "no-update",
    [M531X_BUG_LIES] = "lies",
    [M531X_BUG_WRONG_MID] = "wrong-mid",
    [M531X_BUG_HASTY] = "hasty",
    [M531X_BUG_FLAGS] = "flags",
    [M531X_BUG_NO_ERASE] = "no-erase",
    [M531X_BUG_WRITES_UNERASED] = "writes-unerased",
    [M531X_BUG_ACKS_DAMAGED] = "acks-damaged",
    [M531X_BUG_FULL_BATTERY] = "full-battery",
    [M531X_BUG_TELLS_SUCCESS] = "tells-success",
    [M531X_BUG_WRONG_SAVED] = "wrong-saved",
    [M531X_BUG_COUNTS_MIDS] = "counts-mids",
    [M531X_BUG_DAWDLES] = "dawdles",
    [M531X_BUG_TAKES_TWICE] = "takes-twice",
    [M531X_BUG_DROPS_URCS] = "drops-urcs",
    [M531X_BUG_TAKES_PIECES] = "takes-pieces",
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

bool m531x_bug_from_name(const char *name, enum m531x_bug *bug_out)
{
    int index = host_name_index(names, NAME_COUNT, name);

    if (index >= 0)
        *bug_out = (enum m531x_bug)index;
    return index >= 0;
}

void m531x_bug_print_names(FILE *file)
{
    host_print_names(names, NAME_COUNT, file);
}

unsigned m531x_bug_of_port(enum m531x_bug bug)
{
    if (bug == M531X_BUG_DROPS_URCS)
        return AT_PORT_DROPS_URCS;
    return bug == M531X_BUG_TAKES_PIECES ? AT_PORT_TAKES_PIECES : 0;
}
