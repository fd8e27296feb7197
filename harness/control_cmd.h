/*
 * hayeswire serve and hayeswire ctl.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Return: the exit status. */
int serve_command(int argc, char **argv);
int ctl_command(int argc, char **argv);
