# SPDX-License-Identifier: Apache-2.0
"""Paths are resolved in kernel/root, kernel/file and kernel/mount* alone; nobody starts a shell or sleeps.

Looked up in the compiled objects (what a file really calls), and in the text for raw system call numbers and headers.
Exceptions stand in calls.allowed, a line each with its reason.
"""
import os
import re
import tempfile

from source import code_only, compile_sample, files_below, line_of, object_of, read, undefined_symbols

HERE = os.path.dirname(os.path.abspath(__file__))
PATH_CALLS = set("""
open openat openat2 creat fopen freopen opendir scandir nftw ftw fts_open glob mkdir mkdirat mknod mknodat mkfifo mkfifoat rmdir
unlink unlinkat remove rename renameat renameat2 link linkat symlink symlinkat readlink readlinkat stat lstat fstatat statx access
faccessat eaccess chmod fchmodat chown lchown fchownat utime utimes utimensat futimesat truncate chdir chroot mount umount umount2
pivot_root open_tree move_mount mount_setattr fspick realpath canonicalize_file_name setxattr lsetxattr getxattr lgetxattr listxattr
llistxattr removexattr lremovexattr statfs statvfs mkstemp mkostemp mkstemps mkdtemp tmpfile tempnam name_to_handle_at
inotify_add_watch fanotify_mark getcwd_path acct swapon quotactl
""".split())
SHELLS = {"system", "popen", "wordexp"}
SLEEPS = {"sleep", "usleep", "nanosleep", "clock_nanosleep", "pause"}
HOME = re.compile(r"src/kernel/(root|file|mount)\w*\.cpp$")
HEADERS = re.compile(r"#\s*include\s*<(filesystem|iostream|fstream|regex|format)>")
RAW = re.compile(r"\b(?:SYS_|__NR_)(\w+)")


def plain(symbol):
    """`open64@GLIBC`, `__open64_2`, `__realpath_chk` → `open`, `open`, `realpath`."""
    name = symbol.split("@")[0]
    name = re.sub(r"^__(\w+?)(?:_2|_chk)$", r"\1", name)
    return re.sub(r"64$", "", name)


def allowed(text):
    table = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            path, names, reason = (part.strip() for part in line.split("|"))
            assert reason, f"calls.allowed: {path} gives no reason"
            table[path] = set(names.split())
    return table


def verdict(path, name, exceptions):
    """Why `path` may not call `name`, or None."""
    if name in exceptions.get(path, ()):
        return None
    if name in PATH_CALLS and not HOME.match(path):
        return f"{path}: calls {name}(): paths are kernel/root's and kernel/file's business"
    if name in SHELLS:
        return f"{path}: calls {name}(): no shell is ever started"
    if name in SLEEPS:
        return f"{path}: calls {name}(): wait for the event instead"
    if re.match(r"std::(__cxx11::)?basic_([io]?fstream|filebuf)|std::filesystem", name):
        return f"{path}: uses {name.split('<')[0]}: use kernel/file"
    return None


def check(top, build=None):
    problems = []
    exceptions = allowed(read(HERE, "calls.allowed"))
    used = {path: set() for path in exceptions}
    for path in files_below(top, ".cpp", ".hpp"):
        if path.endswith(("_test.cpp", "_fuzz.cpp")):
            continue
        text = read(top, path)
        code = code_only(text)
        for number, line in enumerate(text.splitlines(), 1):
            if match := HEADERS.match(line):
                problems.append(f"{path}:{number}: <{match[1]}> is not used here (see docs and CONTRIBUTING)")
        for match in RAW.finditer(code):
            used.setdefault(path, set()).add(match[1])
            if problem := verdict(path, match[1], exceptions):
                problems.append(f"{problem} (line {line_of(code, match.start())})")
        compiled = object_of(build, path) if build else None
        if build and not compiled and path.endswith(".cpp"):
            problems.append(f"{path}: no object of it in {build}: build first")
        if compiled:
            for symbol in sorted({plain(symbol) for symbol in undefined_symbols(compiled)}):
                used.setdefault(path, set()).add(symbol)
                if problem := verdict(path, symbol, exceptions):
                    problems.append(problem)
    if build:
        for path, names in exceptions.items():
            for name in sorted(names - used[path]):
                problems.append(f"tests/fences/calls.allowed: {path} no longer calls {name}")
    return problems


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        made = compile_sample(folder, "#include <fcntl.h>\n#include <unistd.h>\n#include <stdlib.h>\n#include <fstream>\n"
                                      "int f(const char* p, int v) { std::ifstream s(p); usleep(9); return open(p, v) + system(p) + s.get(); }\n")
        said = [verdict("src/engine/x.cpp", plain(symbol), {}) for symbol in undefined_symbols(made)]
        said = "\n".join(line for line in said if line)
    missing = [word for word in ("open()", "usleep()", "system()", "fstream") if word not in said]
    if missing:
        return [f"did not see {', '.join(missing)} in:\n{said}"]
    if verdict("src/kernel/root.cpp", "openat2", {}) or verdict("src/x/y.cpp", "open", {"src/x/y.cpp": {"open"}}):
        return ["refused what is allowed"]
    return []


SAMPLES = [
    ({"src/engine/a.cpp": "long f() { return syscall(SYS_openat2, 0); }\n"}, "calls openat2()"),
    ({"src/engine/a.cpp": "#include <regex>\n"}, "<regex>"),
    ({"src/engine/a.cpp": "// SYS_openat and <regex> in a comment\nlong f() { return syscall(SYS_gettid); }\n"}, None),
]
