/*
 * hayeswire list: what there is, as a table or as JSON.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "list". Return: the exit status. */
int list_command(int argc, char **argv);
