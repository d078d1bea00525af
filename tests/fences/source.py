# SPDX-License-Identifier: Apache-2.0
"""What every fence needs: the files of a tree, their text without comments and literals, their compiled objects."""
import glob
import os
import re
import subprocess


def files_below(top, *suffixes, under="src"):
    """Paths relative to `top`, sorted, of the files below `under` that end so."""
    found = []
    for folder, _, names in os.walk(os.path.join(top, under)):
        found += [os.path.relpath(os.path.join(folder, name), top) for name in names if name.endswith(suffixes)]
    return sorted(found)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8", errors="replace") as file:
        return file.read()


_token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z_])\'(?:\\.|[^\'\\\n])+\'', re.S)


def code_only(text):
    """The same text with comments and literals blanked out; every line keeps its number."""
    def blank(match):
        found = match[0]
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
    return _token.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def object_of(build, source):
    """The object file that CMake made of `source` (src/FOLDER/x.cpp), or None."""
    found = glob.glob(os.path.join(glob.escape(build), "CMakeFiles", "*.dir", source + ".o"))
    return found[0] if found else None


def undefined_symbols(path):
    """Names that an object takes from elsewhere, C++ ones readable."""
    listing = subprocess.run(["nm", "-uC", path], capture_output=True, text=True, check=True).stdout
    return [line.split(None, 1)[1].strip() for line in listing.splitlines() if line.strip()]


def compile_sample(folder, text):
    """Makes an object of `text` for a self-test."""
    source, made = os.path.join(folder, "sample.cpp"), os.path.join(folder, "sample.o")
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["g++", "-std=c++23", "-D_GNU_SOURCE", "-O1", "-c", source, "-o", made], check=True)
    return made
