#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seccomp_agent.py SOCKET STATES: answers for containers (seccomp_unotify(2)), as an engine's agent would.

Takes a listener with the container process state from each connection at SOCKET, adds the state as one line of JSON to
STATES, then answers: mkdir and mkdirat are made in the caller's root, but "/refused..." is EPERM; mount puts a tmpfs of
the agent's on the target in the caller's mount namespace; sendmsg, read, write and whatever else go on.
"""
import ctypes
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys
import threading

RECEIVE, SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND
CONTINUE = 1
MKDIR, MKDIRAT, MOUNT = 83, 258, 165
CLONE_NEWNS = 0x20000
libc = ctypes.CDLL(None, use_errno=True)


def text_at(pid, address):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(256).split(b"\0")[0].decode()


def make_directory(pid, path):
    if path.startswith("/refused"):
        return errno.EPERM
    try:
        os.mkdir(f"/proc/{pid}/root/{path}")
    except OSError as failure:
        return failure.errno
    return 0


def mount_tmpfs(pid, path):
    child = os.fork()
    if child == 0:
        namespace, root = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY), os.open(f"/proc/{pid}/root", os.O_RDONLY)
        if libc.setns(namespace, CLONE_NEWNS) != 0:
            os._exit(ctypes.get_errno())
        os.fchdir(root)
        os.chroot(".")
        os._exit(ctypes.get_errno() if libc.mount(b"agent", path.encode(), b"tmpfs", 0, None) != 0 else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def answer_for(call, pid, arguments):
    if call == MKDIR:
        return make_directory(pid, text_at(pid, arguments[0])), 0
    if call == MKDIRAT:
        return make_directory(pid, text_at(pid, arguments[1])), 0
    if call == MOUNT:
        return mount_tmpfs(pid, text_at(pid, arguments[1])), 0
    return 0, CONTINUE


def serve(listener):
    while True:
        notice = bytearray(80)
        try:
            fcntl.ioctl(listener, RECEIVE, notice)
        except OSError as failure:
            poll = select.poll()
            poll.register(listener, select.POLLIN)
            if failure.errno in (errno.EINTR, errno.ENOENT) and not any(events & select.POLLHUP for _, events in poll.poll(0)):
                continue  # who called is gone
            os.close(listener)  # nobody has the filter any more
            return
        identity, pid, _, call, _, _, *arguments = struct.unpack("=QIIiIQ6Q", notice)
        number, flags = answer_for(call, pid, arguments)
        try:
            fcntl.ioctl(listener, SEND, bytearray(struct.pack("=QqiI", identity, 0, -number, flags)))
        except OSError:
            pass  # it died meanwhile


def main():
    path, states = sys.argv[1:]
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path + ".draft")
    server.listen(8)
    os.rename(path + ".draft", path)  # who sees it can connect
    while True:
        connection, _ = server.accept()
        data, descriptors, _, _ = socket.recv_fds(connection, 65536, 4)
        while piece := connection.recv(65536):
            data += piece
        with open(states, "a") as file:
            file.write(json.dumps(json.loads(data)) + "\n")
        listener = descriptors[json.loads(data)["fds"].index("seccompFd")]
        threading.Thread(target=serve, args=(listener,), daemon=True).start()


main()
