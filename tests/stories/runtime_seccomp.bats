#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.seccomp with a listener: calls that an agent answers (SCMP_ACT_NOTIFY), and the words of a filter.
load runtime_house

agent_listens() { [ -S "$B/agent.sock" ]; }
start_agent() {
    rm -f "$B/agent.sock"
    "$HOUSE/tests/stories/seccomp_agent.py" "$B/agent.sock" "$B/states" 3>&- & AGENT=$!
    until_true 10 agent_listens
}
stop_agent() { kill -KILL "$AGENT"; wait "$AGENT" || true; AGENT=; }

# notifies_of CALL...: the bundle's filter asks the agent about them.
notifies_of() {
    edit_bundle "$B" ".root.readonly = false | .linux.seccomp = {defaultAction:\"SCMP_ACT_ALLOW\", listenerPath:\"$B/agent.sock\",
        listenerMetadata:\"a word for the agent\", syscalls:[{names:\$words, action:\"SCMP_ACT_NOTIFY\"}]}" "$@"
}
teardown() {
    [ -z "${AGENT:-}" ] || stop_agent
    rt delete -f "$ID"
    rm -rf --one-file-system "$B"
}

@test "an agent answers mkdir and mount for a container that may do neither" {
    start_agent
    for nnp in true false; do
        make_bundle sh -c 'mkdir /tmp/made && [ -d /tmp/made ] && mkdir /refused; mount -t tmpfs x /tmp/made && grep -c "^agent /tmp/made tmpfs" /proc/self/mounts; rmdir /tmp/made; umount /tmp/made; id -u'
        notifies_of mkdir mkdirat mount
        edit_bundle "$B" ".process.noNewPrivileges = $nnp | .process.user = {uid:1000,gid:1000} | .process.capabilities = {}"
        run rt run -b "$B" "$ID" </dev/null
        ends_with 0
        mentions "mkdir: can't create directory '/refused': Operation not permitted"
        [ "${lines[1]}" = 1 ]
        mentions "rmdir: '/tmp/made'"
        rm -rf "$B/rootfs/tmp/made"
    done
    # Without the agent's answer the same container may not: what worked was the agent's doing.
    edit_bundle "$B" 'del(.linux.seccomp)'
    run rt run -b "$B" "$ID" </dev/null
    does_not_mention "^agent"
    mentions "mount: permission denied"
}

@test "the agent is given the container process state" {
    start_agent
    make_bundle sleep 1000
    notifies_of mkdir mkdirat
    edit_bundle "$B" '.annotations = {"org.example.key": "value"}'
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    [ ! -s "$B/states" ]
    rt start "$ID"
    pid=$(rt state "$ID" | jq .pid)
    [ "$(jq -r '.ociVersion, .fds[], .metadata, .pid, .state.pid, .state.id, .state.status, .state.bundle, .state.annotations["org.example.key"]' "$B/states")" = \
      "$(printf '%s\n' "$(jq -r .ociVersion "$B/config.json")" seccompFd "a word for the agent" "$pid" "$pid" "$ID" created "$B" value)" ]
    # Each exec has a filter of its own, so a listener of its own.
    rt exec --pid-file "$B/execpid" "$ID" mkdir /tmp/by-exec
    [ -d "$B/rootfs/tmp/by-exec" ]
    [ "$(jq -s -r '.[1] | .pid, .state.pid, .state.status' "$B/states")" = "$(printf '%s\n' "$(cat "$B/execpid")" "$pid" running)" ]
    run rt exec "$ID" mkdir /refused
    ends_with 1
}

@test "calls of our own on the way to the program are answered, too" {
    start_agent
    for calls in sendmsg write "read close capset prctl execve"; do
        make_bundle sh -c 'mkdir /tmp/made; echo done'
        notifies_of mkdir mkdirat $calls
        run timeout 20 skiff-runtime --root "$STATES" run -b "$B" "$ID" </dev/null
        ends_with 0
        says "done"
        [ -d "$B/rootfs/tmp/made" ]
        rmdir "$B/rootfs/tmp/made"
        rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
        until_true 5 is stopped
        rt delete "$ID"
        rmdir "$B/rootfs/tmp/made"
    done
    make_bundle true
    notifies_of write sendmsg
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "one of sendmsg and write must be allowed"
}

@test "without its agent a program never runs, and nothing remains" {
    make_bundle sh -c 'echo ran >/ran; sleep 1000'
    notifies_of mkdir
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "a seccomp agent must listen there"
    run rt list -q
    says ""
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt start "$ID"
    refuses 1 "$B/agent.sock"
    is stopped
    rt delete "$ID"
    [ ! -e "$B/rootfs/ran" ]
    start_agent
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 5 test -e "$B/rootfs/ran"
    stop_agent
    run rt exec "$ID" mkdir /tmp/x
    refuses 255 "connection refused"
    is running   # a failed exec is the exec's alone
}

@test "an agent that dies leaves calls that fail, and one that hangs a container that can be killed" {
    start_agent
    make_bundle sh -c 'mkdir /tmp/one; while [ ! -e /gone ]; do sleep 0.05; done; mkdir /tmp/two; echo code $?'
    notifies_of mkdir mkdirat
    rt run -d -b "$B" "$ID" </dev/null >"$B/out" 2>&1
    until_true 5 test -d "$B/rootfs/tmp/one"
    stop_agent
    touch "$B/rootfs/gone"
    until_true 5 is stopped
    grep -q "Function not implemented" "$B/out"
    grep -q "code 1" "$B/out"
    rt delete "$ID"

    start_agent
    kill -STOP "$AGENT"
    make_bundle sh -c 'mkdir /tmp/three'
    notifies_of mkdir mkdirat
    edit_bundle "$B" '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    is running
    rt kill "$ID" KILL
    until_true 5 is stopped
    kill -CONT "$AGENT"
}

@test "a runtime that dies before the agent has the listener leaves no program behind" {
    # The agent's socket has no room: who hands over waits, and is killed there.
    python3 -c 'import signal, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(0)
c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])
print("full", flush=True); signal.pause()' "$B/agent.sock" >"$B/told" 3>&- & AGENT=$!
    until_true 10 grep -qs full "$B/told"
    make_bundle sh -c 'echo ran >/ran; sleep 1000'
    notifies_of mkdir
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    skiff-runtime --root "$STATES" start "$ID" 3>&- & local starter=$!
    until_true 10 sh -c "[ \"\$(cat /proc/$starter/wchan)\" != 0 ] && ls -l /proc/$starter/fd | grep -q seccomp"
    kill -KILL $starter
    until_true 5 is stopped
    [ ! -e "$B/rootfs/ran" ]
    rt delete "$ID"
}

@test "what cannot work with a listener is refused by its name" {
    make_bundle true
    notifies_of mkdir
    local bad
    for bad in 'del(.linux.seccomp.listenerPath)' '.linux.seccomp.listenerPath = ""' '.linux.seccomp.listenerPath = "agent.sock"' \
        '.linux.seccomp.listenerPath = "@agent"' '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"' '.linux.seccomp.syscalls[0].errnoRet = 1' \
        '.linux.seccomp.listenerPath = "/" + ("x" * 200)'; do
        cp "$B/config.json" "$B/good.json"
        edit_bundle "$B" "$bad"
        run rt run -b "$B" "$ID" </dev/null
        refuses 1 "" || { echo "for $bad" >&2; return 1; }
        mv "$B/good.json" "$B/config.json"
    done
    # Where no call notifies, nobody is looked for.
    edit_bundle "$B" '.linux.seccomp.syscalls[0].action = "SCMP_ACT_ALLOW"'
    rt run -b "$B" "$ID" </dev/null
    rt features | jq -e '.linux.seccomp | (.actions | index("SCMP_ACT_NOTIFY")) and (.supportedFlags | index("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))'
}

# ask NUMBER...: what each system call answers, as errno, in a container with the bundle's filter.
ask() {
    edit_bundle "$B" '.process.args = ["/ask"] + $words' "$@"
    rt run -b "$B" "$ID" </dev/null
}
@test "errnos, and ENOSYS for calls newer than the profile" {
    command -v cc >/dev/null || skip "there is no C compiler here"
    cat >"$B/ask.c" <<'C'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int count, char** words) {
    for (int i = 1; i < count; ++i) {
        errno = 0;
        syscall(atol(words[i]), -1, 0, -1, 0, 0, 0);
        printf("%d ", errno);
    }
}
C
    cc -static -o "$B/rootfs/ask" "$B/ask.c"
    make_bundle true
    # 39 getpid, 83 mkdir, 165 mount; 435 clone3 is newer than all that the profile names, 900 is nobody's.
    local allowed='["read","write","execve","brk","arch_prctl","set_tid_address","set_robust_list","rseq","prlimit64","readlinkat","readlink","getrandom","mprotect","newfstatat","fstat","exit_group","capset","prctl","close","ioctl","mmap","uname","writev"]'
    edit_bundle "$B" ".linux.seccomp = {defaultAction:\"SCMP_ACT_ERRNO\", syscalls:[{names:$allowed, action:\"SCMP_ACT_ALLOW\"}]}"
    run ask 39 165 435 900
    says "1 1 38 38 "
    edit_bundle "$B" '.linux.seccomp |= (.defaultErrnoRet = 95 | .syscalls += [{names:["mkdir"],action:"SCMP_ACT_ERRNO",errnoRet:13}])'
    run ask 39 83 435 900
    says "95 13 38 38 "
    # One newer call that is named makes all up to it known.
    edit_bundle "$B" '.linux.seccomp.syscalls += [{names:["openat2"],action:"SCMP_ACT_ERRNO",errnoRet:13}]'
    run ask 435 437 438
    says "95 13 38 "
    # Where the default lets pass, what is newer passes to the kernel.
    edit_bundle "$B" '.linux.seccomp = {defaultAction:"SCMP_ACT_ALLOW", syscalls:[{names:["mkdir"],action:"SCMP_ACT_ERRNO",errnoRet:13}]}'
    run ask 83 434
    says "13 22 "
}
