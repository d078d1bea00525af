# SPDX-License-Identifier: Apache-2.0
"""Every file says its licence; nothing of the author's machine and nothing unfinished is left in it; what a text refers to is there."""
import os
import re
import subprocess

from source import files_below, read

SPDX = "SPDX-License-Identifier: Apache-2.0"
NEEDS_SPDX = (".cpp", ".hpp", ".py", ".cmake", ".bash", ".bats", "CMakeLists.txt", "Makefile")
MACHINE = re.compile("/" + r"work/(main|wt|shared|brief|\.)|/root/" + r"\.[a-z]")
UNFINISHED = re.compile(r"\b(TO" + "DO|FIX" + r"ME|XX" + r"X)\b")
DOCUMENT = re.compile(r"\bdocs/[\w./-]+\.md\b")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CEILING = 500


def tracked(top):
    listed = subprocess.run(["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode != 0:
        return files_below(top, "", under=".")
    return [path for path in listed.stdout.split("\0") if path and os.path.isfile(os.path.join(top, path))]


def check(top, build=None):
    problems = []
    for path in tracked(top):
        text = read(top, path)
        first = "\n".join(text.splitlines()[:3])
        if (path.endswith(NEEDS_SPDX) or text.startswith("#!")) and SPDX not in first:
            problems.append(f"{path}: its first lines do not say {SPDX}")
        if MACHINE.search(text):
            problems.append(f"{path}: names a path of somebody's machine")
        if path.startswith("src/") and UNFINISHED.search(text):
            problems.append(f"{path}: admits something unfinished")
        if path.startswith("src/"):
            problems += [f"{path}: speaks of {named}, which is not there" for named in sorted(set(DOCUMENT.findall(text))) if not os.path.exists(os.path.join(top, named))]
        if path.endswith(".md"):
            base = os.path.dirname(os.path.join(top, path))
            problems += [f"{path}: links to {link}, which is not there" for link in LINK.findall(text) if not os.path.exists(os.path.join(base, link))]
    return problems


def report(top):
    """Files above the ceiling: not a failure, a question."""
    long = [(read(top, path).count("\n"), path) for path in files_below(top, ".cpp", ".hpp")]
    return [f"{lines} lines in {path}: is there a second noun that wants its own name?" for lines, path in sorted(long, reverse=True) if lines > CEILING]


SAMPLES = [
    ({"src/base/a.hpp": "#pragma once\n"}, "SPDX"),
    ({"src/base/a.hpp": f"// {SPDX}\n// see /" + "work/main\n"}, "somebody's machine"),
    ({"src/base/a.hpp": f"// {SPDX}\n// TO" + "DO: later\n"}, "unfinished"),
    ({"src/base/a.hpp": f"// {SPDX}\n// docs/formats/a.md\n"}, "docs/formats/a.md, which is not there"),
    ({"README.md": "[here](docs/a.md)\n"}, "links to docs/a.md"),
    ({"src/base/a.hpp": f"// {SPDX}\n", "README.md": "[here](src/base/a.hpp#top) [web](https://example.org/a)\n"}, None),
]
