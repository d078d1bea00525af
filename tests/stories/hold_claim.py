#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hold_claim.py PID DIRECTORY: shares the descriptor that process PID has of DIRECTORY, and with it the lock on it, until standard
input ends: whoever looks takes PID for one that has been killed and is not gone yet. Says "held" when it does so."""
import ctypes
import os
import sys

PIDFD_GETFD = 438
pid, directory = int(sys.argv[1]), os.path.realpath(sys.argv[2])
number = next(int(name) for name in os.listdir(f"/proc/{pid}/fd") if os.readlink(f"/proc/{pid}/fd/{name}") == directory)
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(PIDFD_GETFD, os.pidfd_open(pid), number, 0) < 0:
    sys.exit(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
print("held", flush=True)
sys.stdin.read()
