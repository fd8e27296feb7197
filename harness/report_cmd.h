/*
 * hayeswire report: other forms of what a run left behind.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "report". Return: the exit status. */
int report_command(int argc, char **argv);
