# SPDX-License-Identifier: Apache-2.0
"""Every header compiles alone: whoever includes it needs to know nothing else."""
import concurrent.futures
import os
import shutil
import subprocess
import tempfile

from source import files_below, read


def compile_alone(top, path, work):
    # A real object, so that ccache can answer the second time.
    source = os.path.join(work, path.replace("/", "__") + ".cpp")
    with open(source, "w", encoding="utf-8") as file:
        file.write(f'#include "{path.removeprefix("src/")}"\n')
    command = (["ccache"] if shutil.which("ccache") else []) + [
        "g++", "-std=c++23", "-D_GNU_SOURCE", '-DSKIFF_VERSION="0"', "-w", "-O0", "-I", os.path.join(top, "src"), "-c", source, "-o", source + ".o"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=work)
    if done.returncode == 0:
        return None
    first = next((line for line in done.stderr.splitlines() if "error" in line), "does not compile")
    return f"{path}: {first.split('error: ')[-1]}"


def check(top, build=None):
    problems = []
    headers = files_below(top, ".hpp")
    for path in headers:
        if "#pragma once" not in read(top, path):
            problems.append(f"{path}: no #pragma once")
    # The same place each time: ccache knows a source by its path.
    work = os.path.join(build, "headers") if build else tempfile.mkdtemp(prefix="skiff-headers.")
    os.makedirs(work, exist_ok=True)
    try:
        with concurrent.futures.ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
            problems += [problem for problem in pool.map(lambda path: compile_alone(top, path, work), headers) if problem]
    finally:
        if not build:
            shutil.rmtree(work)
    return problems


SAMPLES = [
    ({"src/base/a.hpp": "#pragma once\nstd::string name();\n"}, "src/base/a.hpp"),
    ({"src/base/a.hpp": "int x();\n"}, "no #pragma once"),
    ({"src/base/a.hpp": "#pragma once\n#include <string>\nstd::string name();\n"}, None),
]
