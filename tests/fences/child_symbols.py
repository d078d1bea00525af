# SPDX-License-Identifier: Apache-2.0
"""Between clone and execve stands only what child_symbols.allowed names: no allocation, no lock, no exception."""
import os
import tempfile

from source import compile_sample, files_below, object_of, read, undefined_symbols

HERE = os.path.dirname(os.path.abspath(__file__))


def allowed():
    return {line.split()[0] for line in read(HERE, "child_symbols.allowed").splitlines() if line.strip() and not line.startswith("#")}


def strangers(compiled, own, known):
    for symbol in undefined_symbols(compiled):
        name = symbol.split("@")[0]
        if name not in known and name not in own and not name.startswith("skiff::runtime::child::"):
            yield name


def check(top, build=None):
    sources = [path for path in files_below(top, ".cpp", under="src/runtime/child") if not path.endswith(("_test.cpp", "_fuzz.cpp"))]
    if not build or not sources:
        return []
    problems, known = [], allowed()
    for path in sources:
        compiled = object_of(build, path)
        if not compiled:
            problems.append(f"{path}: no object in {build}: build first")
            continue
        problems += [f"{path}: takes {name}, which is not on the list of what is safe in the child" for name in strangers(compiled, set(), known)]
    return problems


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        made = compile_sample(folder, "#include <string>\n#include <unistd.h>\n"
                                      "int f(int n) { std::string s(static_cast<size_t>(n), 'x'); return static_cast<int>(write(1, s.data(), s.size())); }\n")
        names = list(strangers(made, set(), allowed()))
    if not any("operator new" in name or "basic_string" in name for name in names):
        return [f"did not see the allocation among {names}"]
    return []


SAMPLES = []
