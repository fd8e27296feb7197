#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write Lua files as C arrays: embed.py OUTPUT INPUT... (in the order in which they run)."""
import os
import sys


def quoted(line):
    text = line.replace('\\', '\\\\').replace('"', '\\"').replace('\t', '\\t')
    return '    "' + text + '\\n"\n'


def main(output, inputs):
    with open(output, 'w', encoding='ascii') as out:
        out.write('/* Made by lua/embed.py. */\n#include "lua/engine_private.h"\n\n')
        for number, path in enumerate(inputs):
            with open(path, encoding='ascii') as source:
                lines = source.read().splitlines()
            out.write('static const char chunk_%d[] =\n' % number)
            out.writelines(quoted(line) for line in lines)
            out.write('    ;\n\n')
        out.write('const struct lua_chunk lua_chunks[] = {\n')
        for number, path in enumerate(inputs):
            out.write('    {"=%s", chunk_%d, sizeof(chunk_%d) - 1},\n'
                      % (os.path.basename(path), number, number))
        out.write('};\nconst size_t lua_chunk_count = %d;\n' % len(inputs))


main(sys.argv[1], sys.argv[2:])
