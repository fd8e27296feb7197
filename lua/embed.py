#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write Lua files as C arrays: embed.py OUTPUT NAME INPUT... makes NAME_chunks (see chunk.h), in the order in which
they run."""
import os
import sys


def quoted(line):
    text = line.replace('\\', '\\\\').replace('"', '\\"').replace('\t', '\\t')
    return '    "' + text + '\\n"\n'


def main(output, name, inputs):
    with open(output, 'w', encoding='ascii') as out:
        out.write('/* Made by lua/embed.py. */\n#include "lua/chunk.h"\n\n')
        for number, path in enumerate(inputs):
            with open(path, encoding='ascii') as source:
                lines = source.read().splitlines()
            out.write('static const char chunk_%d[] =\n' % number)
            out.writelines(quoted(line) for line in lines)
            out.write('    ;\n\n')
        out.write('const struct lua_chunk %s_chunks[] = {\n' % name)
        for number, path in enumerate(inputs):
            out.write('    {"=%s", chunk_%d, sizeof(chunk_%d) - 1},\n'
                      % (os.path.basename(path), number, number))
        out.write('};\nconst size_t %s_chunk_count = %d;\n' % (name, len(inputs)))


main(sys.argv[1], sys.argv[2], sys.argv[3:])
