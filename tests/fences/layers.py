# SPDX-License-Identifier: Apache-2.0
"""A folder includes only what its line in src/LAYERS names, and every name stands above the line that uses it."""
import os
import re

from source import files_below, read

HEAVY = re.compile(r'#include\s*<((?:boost|CLI|openssl|isa-l)/|sqlite3\.h|zstd\.h|seccomp\.h|isa-l\.h)')


def table_of(top, problems):
    table = {}
    for number, line in enumerate(read(top, "src/LAYERS").splitlines(), 1):
        match = re.match(r"([a-z_]+):\s*(.*)$", line)
        if not match:
            if line.strip() and not line.startswith("#"):
                problems.append(f"src/LAYERS:{number}: neither a comment nor FOLDER: NAMES")
            continue
        names = match[2].split()
        for name in names:
            if name != "*" and name not in table:
                problems.append(f"src/LAYERS:{number}: {match[1]} uses {name}, which does not stand above it")
        table[match[1]] = set(names)
    return table


def check(top, build=None):
    problems = []
    table = table_of(top, problems)
    for path in files_below(top, ".cpp", ".hpp"):
        folder = path.split("/")[1] if path.count("/") > 1 else ""
        if folder not in table:
            problems.append(f"{path}: the folder does not stand in src/LAYERS")
            continue
        text = read(top, path)
        for number, line in enumerate(text.splitlines(), 1):
            if match := re.match(r'\s*#\s*include\s*"([^"]+)"', line):
                included = match[1].split("/")[0]
                if not os.path.exists(os.path.join(top, "src", match[1])):
                    problems.append(f"{path}:{number}: \"{match[1]}\" is not a path below src/")
                elif included != folder and "*" not in table[folder] and included not in table[folder]:
                    problems.append(f"{path}:{number}: {folder} may not include {included} (src/LAYERS)")
            elif path.endswith(".hpp") and not path.endswith("_test.hpp") and HEAVY.match(line):
                problems.append(f"{path}:{number}: a library's header belongs in the one .cpp that wraps it")
    return problems


LAYERS = "base:\nkernel: base\nbin: *\n"
SAMPLES = [
    ({"src/LAYERS": LAYERS, "src/base/a.hpp": '#include "kernel/b.hpp"\n', "src/kernel/b.hpp": ""}, "base may not include kernel"),
    ({"src/LAYERS": "kernel: base\nbase:\n"}, "does not stand above it"),
    ({"src/LAYERS": LAYERS, "src/extra/a.cpp": ""}, "does not stand in src/LAYERS"),
    ({"src/LAYERS": LAYERS, "src/base/a.cpp": '#include "a.hpp"\n', "src/base/a.hpp": ""}, "not a path below src/"),
    ({"src/LAYERS": LAYERS, "src/base/a.hpp": "#include <boost/json.hpp>\n"}, "belongs in the one .cpp"),
    ({"src/LAYERS": LAYERS, "src/kernel/b.cpp": '#include "base/a.hpp"\n', "src/base/a.hpp": "",
      "src/bin/m.cpp": '#include "kernel/b.hpp"\n', "src/kernel/b.hpp": ""}, None),
]
