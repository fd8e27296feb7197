/*
 * hayeswire package make|inspect|serve.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* argv[0] is "package". Return: the exit status (0 done, 1 the package is bad, 2 usage, 3).
 */
int package_command(int argc, char **argv);
/* `package serve DIR [--port N]`; argv[0] is "serve". Return: the exit status; it runs until ^C. */
int package_serve(int argc, char **argv);
