/* SPDX-License-Identifier: MIT */
#include "harness/cpu.h"

#include <sched.h>

void cpu_keep_one(unsigned nth)
{
    cpu_set_t all, one;
    int left;

    if (sched_getaffinity(0, sizeof(all), &all) < 0 || CPU_COUNT(&all) == 0)
        return; /* more CPUs than the set holds: then any will do */
    left = (int)(nth % (unsigned)CPU_COUNT(&all));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all) || left-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof(one), &one);
        return;
    }
}
