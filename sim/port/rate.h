/*
 * Rates of UARTs as termios names them.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <termios.h>

/* Return: the rate in baud; 0 for B0 and for a speed that is not in the table. */
long rate_of_speed(speed_t speed);
/* Return: the speed, or B0 for a rate that termios has no name for. */
speed_t rate_to_speed(long baud);
