#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hold_user_namespace UID_MAP GID_MAP: a process in a new user namespace with these maps, which says "ready" and waits for
its end."""
import ctypes
import os
import signal
import sys

CLONE_NEWUSER = 0x10000000

ready, told = os.pipe(), os.pipe()
parent = os.getpid()
child = os.fork()
if child == 0:
    # The maps are written from outside, where there is power over all ids.
    os.read(ready[0], 1)
    for name, text in zip(("uid_map", "gid_map"), sys.argv[1:]):
        with open(f"/proc/{parent}/{name}", "w") as file:
            file.write(text + "\n")
    os.write(told[1], b"x")
    os._exit(0)
if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
    sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
os.write(ready[1], b"x")
os.read(told[0], 1)
os.waitpid(child, 0)
print("ready", flush=True)
signal.pause()
