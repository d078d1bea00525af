# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md names tests that exist, and every point has one or says that it is not done."""
import os
import re

DOCUMENT = "docs/conformance.md"
POINTS = 30


def titles_of(path):
    with open(path, encoding="utf-8") as file:
        return {re.sub(r'\\(.)', r"\1", title) for title in re.findall(r'^@test "((?:[^"\\]|\\.)*)"', file.read(), re.M)}


def check(top, build=None):
    path = os.path.join(top, DOCUMENT)
    if not os.path.exists(path):
        return []
    problems, points, known = [], {}, {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            where = f"{DOCUMENT}:{number}"
            if match := re.match(r"## (\d+)\. ", line):
                current = points.setdefault(int(match[1]), [])
            elif match := re.match(r"- `([^`]+)` (.+)$", line.rstrip()):
                current.append(match[2])
                file_path = os.path.join(top, "tests", match[1])
                if file_path not in known:
                    known[file_path] = titles_of(file_path) if os.path.exists(file_path) else None
                if known[file_path] is None:
                    problems.append(f"{where}: there is no tests/{match[1]}")
                elif match[2] not in known[file_path]:
                    problems.append(f"{where}: tests/{match[1]} has no test {match[2]!r}")
            elif line.startswith("- Not done: "):
                current.append(line)
            elif line.startswith("- "):
                problems.append(f"{where}: neither a test nor \"Not done: \"")
    missing = [str(n) for n in points if not points[n]]
    if missing:
        problems.append(f"{DOCUMENT}: no test below point {', '.join(missing)}")
    return problems


def self_test():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", DOCUMENT), encoding="utf-8") as file:
        seen = {int(n) for n in re.findall(r"^## (\d+)\. ", file.read(), re.M)}
    lost = sorted(set(range(1, POINTS + 1)) - seen)
    return [f"{DOCUMENT} has no point {lost}"] if lost else []


STORY = {"tests/stories/a.bats": '@test "it says \\"no\\"" {\n}\n'}
SAMPLES = [
    ({DOCUMENT: "## 1. x\n- `stories/a.bats` it says \"no\"\n", **STORY}, None),
    ({DOCUMENT: "## 1. x\n- `stories/a.bats` it says \"yes\"\n", **STORY}, "has no test"),
    ({DOCUMENT: "## 1. x\n- `stories/b.bats` it\n", **STORY}, "there is no"),
    ({DOCUMENT: "## 1. x\n- Not done: all of it\n", **STORY}, None),
    ({DOCUMENT: "## 1. x\n## 2. y\n- Not done: y\n", **STORY}, "no test below point 1"),
    ({DOCUMENT: "## 1. x\n- somehow\n", **STORY}, "neither a test"),
]
