#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T13: a cgroup of version 1 names a program that the kernel starts as the host's root when a group becomes empty.
# CVE-2022-0492 (kernel), CVE-2023-25809 (runc, rootless). Defence: no writable tree of groups is in sight, a cgroup
# namespace shows only the container's own groups, which have no release_agent, and a filter refuses mount and unshare
# to those who have not been given them (D9, D10).

load frame

# enter COMMAND...: in new user, mount and cgroup namespaces, as their root. Compiled once: busybox has no unshare -C.
make_enter() {
    [ -x "$BATS_FILE_TMPDIR/enter" ] && return
    cat >"$BATS_FILE_TMPDIR/enter.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
static void put(const char* path, const char* text, size_t size) {
    int file = open(path, O_WRONLY);
    if (file < 0 || write(file, text, size) < 0) perror(path);
}
int main(int count, char** words) {
    (void)count;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) { perror("unshare"); return 1; }
    put("/proc/self/setgroups", "deny", 4);
    put("/proc/self/uid_map", "0 0 1", 5);
    put("/proc/self/gid_map", "0 0 1", 5);
    if (unshare(CLONE_NEWCGROUP) != 0) perror("unshare a cgroup namespace");
    execv(words[1], words + 1);
    perror(words[1]);
    return 1;
}
C
    cc -static -o "$BATS_FILE_TMPDIR/enter" "$BATS_FILE_TMPDIR/enter.c"
}

# The steps inside. Nothing is triggered: that the kernel took the name of a program is the escape.
STEPS='
try() { for file in "$1"/release_agent "$1"/*/release_agent; do
    [ -e "$file" ] || continue
    (echo /canary.example >"$file") 2>/dev/null && [ "$(cat "$file")" = /canary.example ] && echo "agent set in $1" && echo >"$file"
done; }
try /sys/fs/cgroup
for group in /sys/fs/cgroup/*; do
    (echo 1 >"$group/notify_on_release") 2>/dev/null && echo "notify_on_release written in $group"
    (echo "a *:* rwm" >"$group/devices.allow") 2>/dev/null && echo "devices opened in $group"
    mount -o remount,rw "$group" 2>/dev/null && (echo 1 >"$group/notify_on_release") 2>/dev/null && echo "notify_on_release written after a remount of $group"
done
mkdir -p /tmp/groups
for tree in pids memory none,name=canary13; do
    mount -t cgroup -o "$tree" groups /tmp/groups 2>/dev/null || continue
    echo "mounted $tree"
    try /tmp/groups
    umount /tmp/groups
done
echo "steps done"'

the_attack() {
    make_enter
    fresh_bundle $WITH /bin/busybox sh -c "$STEPS"
    cp "$BATS_FILE_TMPDIR/enter" "$DIR/bundle/rootfs/enter"
    edit_bundle "$DIR/bundle" "$CONFIG"
    if [ -n "$HOSTS" ]; then nsenter --cgroup=/run/host-cgroup "$BASH" -c "$(declare -f run_bundle); TARGET=$TARGET DIR=$DIR run_bundle"
    else run_bundle; fi
}
escaped() { [[ "$output" == *"agent set"* || "$output" == *"devices opened"* || "$output" == *"notify_on_release written"* ]]; }

# What containers of ours have: a cgroup namespace, and the groups mounted read-only in sight.
USUAL='.linux.namespaces += [{"type":"cgroup"}] | .mounts += [{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["ro","nosuid","noexec","nodev"]}]'
ADMIN='| .process.noNewPrivileges = false | .process.capabilities |= with_entries(.value += ["CAP_SYS_ADMIN","CAP_DAC_OVERRIDE"])'
WITH= HOSTS=

tried_all() { [[ "$output" == *"steps done"* ]] || { echo "the steps did not end: $output" >&2; return 1; }; }

@test "T13 with the usual privileges" { CONFIG=$USUAL attack_fails; tried_all; }
@test "T13 as root of a user namespace that the container makes for itself" { WITH=/enter CONFIG=$USUAL attack_fails; tried_all; }
@test "T13 with CAP_SYS_ADMIN: the cgroup namespace shows no release_agent" {
    CONFIG="$USUAL $ADMIN | .mounts |= map(select(.destination != \"/sys/fs/cgroup\"))" attack_fails
    tried_all
    mentions "mounted pids"   # it could look, and there was nothing to find
}
@test "T13 in a container with a user namespace of its own" {
    CONFIG="$USUAL | .linux.namespaces += [{type:\"user\"}] | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings" attack_fails
}
@test "T13 control: CAP_SYS_ADMIN in the host's cgroup namespace, on runc" {
    HOSTS=yes CONFIG=". $ADMIN" control_succeeds runc
    mentions "agent set in /tmp/groups"
}
