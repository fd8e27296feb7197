/* SPDX-License-Identifier: MIT */
#include "sim/port/rate.h"

#include <stddef.h>

#include "sim/base/mem.h"

static const struct {
    speed_t speed;
    long baud;
} rates[] = {
    {B110,     110    },
    {B300,     300    },
    {B1200,    1200   },
    {B2400,    2400   },
    {B4800,    4800   },
    {B9600,    9600   },
    {B19200,   19200  },
    {B38400,   38400  },
    {B57600,   57600  },
    {B115200,  115200 },
    {B230400,  230400 },
    {B460800,  460800 },
    {B921600,  921600 },
    {B1000000, 1000000},
    {B2000000, 2000000},
    {B3000000, 3000000},
};

long rate_of_speed(speed_t speed)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        if (rates[i].speed == speed)
            return rates[i].baud;
    }
    return 0;
}

speed_t rate_to_speed(long baud)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        if (rates[i].baud == baud)
            return rates[i].speed;
    }
    return B0;
}
