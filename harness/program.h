/*
 * Where a host's program is: a path as it stands, or a bare name looked up beside the running
 * executable, in the example hosts of the build tree (../tests/hosts), and in PATH.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;

/*
 * Return: 0 and the file, which the caller frees; -ENOENT or -EACCES with one line that names the
 * program, where it was looked for, and the nearest name there.
 */
int program_find(const char *name, char **path_out, struct buf *error_out);
