# SPDX-License-Identifier: Apache-2.0
"""The verbs and options in docs/man/skiff-runtime.1 are those of the program. `tests/fences/manual.py FOLDER` writes them anew."""
import os
import re
import subprocess
import sys

PAGE = "docs/man/skiff-runtime.1"
BEGIN, END = '.\\" from the program: begin\n', '.\\" from the program: end\n'


def ask(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + text if text[:1] in (".", "'") else text


def options_of(text):
    """The options in a --help as tagged paragraphs."""
    page = ""
    for names, help_text in re.findall(r"^  ((?:-\w, |    )--[\w-]+(?: \S+)?) +(.+)$", text, re.M):
        page += f".TP\n.B {escaped(names.strip())}\n{escaped(help_text)}\n"
    return page


def part_of_page(folder):
    program = f"{folder}/skiff-runtime"
    text = ask(program, "--help")
    page = ".SH GLOBAL OPTIONS\n" + options_of(text.split("verbs:")[0]) + ".SH VERBS\n"
    for verb in re.findall(r"^  (\w+) ", text.split("verbs:")[1], re.M):
        usage, summary, options = ask(program, verb, "--help").split("\n\n", 2)
        line = re.sub(r"^usage: skiff-runtime ", "", usage)
        if "--" not in options:
            line = line.replace("[OPTIONS] ", "")
        page += f".SS {escaped(line)}\n{escaped(summary)}\n" + options_of(options)
    return page


def with_part(page, part):
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + part + END + after


def difference(page, part):
    if BEGIN not in page or END not in page:
        return [f"{PAGE}: the marks around what comes from the program are gone"]
    if with_part(page, part) == page:
        return []
    new = [line for line in part.splitlines() if line not in page.splitlines()]
    return [f"{PAGE}: does not tell the program's options{' (' + new[0] + ')' if new else ''}: run `python3 tests/fences/manual.py build/bin`"]


def check(top, build=None):
    folder = os.environ.get("SKIFF_BIN", os.path.join(top, "build/bin"))
    if not build:
        return []
    with open(os.path.join(top, PAGE), encoding="utf-8") as file:
        return difference(file.read(), part_of_page(folder))


def self_test():
    part = options_of("  -b, --bundle DIR                 the bundle\n      --keep                       do not delete\n      --log-level error|warning|debug|loud what is logged\n")
    expected = (".TP\n.B \\-b, \\-\\-bundle DIR\nthe bundle\n.TP\n.B \\-\\-keep\ndo not delete\n"
                ".TP\n.B \\-\\-log\\-level error|warning|debug|loud\nwhat is logged\n")
    wrong = [] if part == expected else [f"misreads the help: {part!r}"]
    page = "top\n" + BEGIN + part + END + "bottom\n"
    if difference(page, part):
        wrong.append("complains about a page that is right")
    if not difference(page.replace("do not delete", "delete"), part) or not difference("top\n", part):
        wrong.append("does not see a page that is not the program's")
    return wrong


SAMPLES = []

if __name__ == "__main__":
    TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(f"{TOP}/{PAGE}", encoding="utf-8") as old:
        written = with_part(old.read(), part_of_page(sys.argv[1]))
    with open(f"{TOP}/{PAGE}", "w", encoding="utf-8") as new:
        new.write(written)
