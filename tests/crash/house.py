# SPDX-License-Identifier: Apache-2.0
"""What the proofs share: a store of skiff's own with the image `busybox`, its census, and calls that always end."""
import argparse
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("SKIFF_BIN", f"{TOP}/build/bin")
TOOLS = os.path.join(os.environ.get("SKIFF_BUILD", f"{TOP}/build/release"), "tests")
LONG = bool(os.environ.get("SKIFF_TEST_LONG"))
sys.dont_write_bytecode = True
_loader = importlib.machinery.SourceFileLoader("census", f"{HERE}/census")
census = importlib.util.module_from_spec(importlib.util.spec_from_loader("census", _loader))
_loader.exec_module(census)


def call(*command, **more):
    """Both streams as `stdout`."""
    # Into a file: what a container inherits of a pipe would keep us reading as long as it lives.
    more = {"stdin": subprocess.DEVNULL, "timeout": 60} | more
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(command, stdout=output, stderr=output, **more)
        output.seek(0)
        done.stdout = output.read()
    return done


def make_archive(path):
    """A tar of a root filesystem with a static busybox."""
    tree = tempfile.mkdtemp(prefix="skiff-crash-tree.")
    os.makedirs(f"{tree}/bin")
    shutil.copy("/bin/busybox", f"{tree}/bin/busybox")
    for name in ("sh", "true", "sleep", "cat", "echo", "seq", "ls", "dd", "usleep", "find", "sync"):
        os.symlink("busybox", f"{tree}/bin/{name}")
    subprocess.run(["tar", "-C", tree, "-cf", path, "."], check=True)
    shutil.rmtree(tree)
    return path


class House:
    """A store below `work`, in tests/box. `check` ends with the census."""

    def __init__(self, work, root=None, runroot=None):
        if not census.BOXED:
            sys.exit("run it by tests/box: what an unfinished engine leaks should die with the box")
        self.work, self.root, self.runroot = work, root or f"{work}/root", runroot or f"{work}/run"
        os.environ.update(SKIFF_ROOT=self.root, SKIFF_RUNROOT=self.runroot, PATH=f"{BIN}:{os.environ['PATH']}")
        self.archive = make_archive(f"{work}/busybox.tar")
        self.must("import", self.archive, "busybox")
        self.must("run", "--rm", "busybox", "true")  # what the first container leaves for the next ones is no leak
        for name in ("journal.1", "journal.lock"):  # what the journal of events becomes after 8 MiB is no leak either
            with open(f"{self.root}/events/{name}", "a", encoding="utf-8"):
                pass
        self.options = argparse.Namespace(files=[self.root, self.runroot], deep=[])
        self.before = census.take_settled(self.options, ended=("process ", "zombie "))

    def skiff(self, *words, **more):
        return call(f"{BIN}/skiff", *words, **more)

    def must(self, *words, **more):
        done = self.skiff(*words, **more)
        if done.returncode:
            raise SystemExit(f"cannot prepare: skiff {' '.join(words)}: {done.stdout}")
        return done.stdout.strip()

    def sweep_up(self):
        """Removes every container, and the images beside busybox. Returns what is odd about that."""
        for name in self.must("ps", "-aq").split():
            gone = self.skiff("rm", "-f", name)
            if gone.returncode:
                return f"rm -f {name}: {gone.stdout.strip()}"
        for name in sorted(set(self.must("images", "--format", "{{.Repository}}:{{.Tag}}").split()) - {"busybox:latest", "<none>:<none>"}):
            gone = self.skiff("rmi", "-f", name)
            if gone.returncode:
                return f"rmi {name}: {gone.stdout.strip()}"
        for name in sorted(set(self.must("images", "-q").split()) - set(self.must("images", "-q", "busybox").split())):
            gone = self.skiff("rmi", "-f", name)
            if gone.returncode:
                return f"rmi {name}: {gone.stdout.strip()}"
        return ""

    def left(self, seconds=5):
        """What is there that was not, or the other way round."""
        deadline = time.monotonic() + seconds
        while changed := census.difference(self.before, census.take(self.options)):
            if time.monotonic() > deadline:
                return "; ".join(changed[:8])
            time.sleep(0.02)
        return ""


class Tap:
    """Prints a line for each thing that is shown, and ends the program with what came of it."""

    def __init__(self, planned):
        self.number, self.failed = 0, False
        print(f"1..{planned}", flush=True)

    def tell(self, name, wrong="", skip=""):
        """`wrong`: empty, or what is (a string or a list of them)."""
        self.number += 1
        for line in [wrong] if isinstance(wrong, str) and wrong else wrong:
            print("  " + line.strip().replace("\n", "\n  "))
        self.failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.number} - {name}{' # skip ' + skip if skip else ''}", flush=True)

    def end(self):
        sys.exit(1 if self.failed else 0)
