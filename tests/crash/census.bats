#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The census sees each kind of leak that it is there for, and nothing where there is none.

setup() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box, so that what it leaks is taken away"
    here=$BATS_TEST_DIRNAME
    dir=$BATS_TEST_TMPDIR/watched
    mkdir "$dir"
    "$here/census" --files "$dir" --deep /etc/hostname >"$BATS_TEST_TMPDIR/before"
}

since() { run "$here/census" --files "$dir" --deep /etc/hostname --since "$BATS_TEST_TMPDIR/before" --settle 0; }

@test "census: nothing happened, nothing is said" {
    since
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "census: a left process" {
    setsid sh -c 'sleep 60 & echo $! >'"$BATS_TEST_TMPDIR/pid" 3>&-
    since
    kill "$(cat "$BATS_TEST_TMPDIR/pid")"
    [ "$status" -eq 1 ] && [[ "$output" == *"+ process sleep 60"* ]]
}

@test "census: a process in another mount namespace, and its mounts" {
    unshare -m sh -c "mount -t tmpfs skiff-left /mnt && echo ready && exec sleep 60" >"$BATS_TEST_TMPDIR/out" 3>&- &
    pid=$!
    until grep -q ready "$BATS_TEST_TMPDIR/out"; do sleep 0.02; done
    since
    kill $pid
    [ "$status" -eq 1 ] && [[ "$output" == *"[mnt]"* ]] && [[ "$output" == *"+ mount in another namespace: /mnt tmpfs /"* ]]
}

@test "census: a left mount" {
    mount -t tmpfs none "$dir"
    since
    umount "$dir"
    [ "$status" -eq 1 ] && [[ "$output" == *"+ mount here: $dir tmpfs /"* ]]
}

@test "census: a left cgroup" {
    place=$(awk '/ - cgroup/ { print $5; exit }' /proc/self/mountinfo)
    mkdir "$place/left"
    since
    rmdir "$place/left"
    [ "$status" -eq 1 ] && [[ "$output" == "+ cgroup $place/left" ]]
}

@test "census: a left link, rule and socket" {
    ip link add left type veth peer name left2
    nft add table inet left
    python3 -c 'import socket, sys, time
one = socket.socket(socket.AF_UNIX); one.bind(sys.argv[1]); one.listen(); print("ready", flush=True); time.sleep(60)' "$BATS_TEST_TMPDIR/left.sock" >"$BATS_TEST_TMPDIR/out" 3>&- &
    pid=$!
    until grep -q ready "$BATS_TEST_TMPDIR/out"; do sleep 0.02; done
    since
    kill $pid; ip link del left; nft delete table inet left
    [ "$status" -eq 1 ] && [[ "$output" == *"+ link left"* ]] && [[ "$output" == *"+ rule table inet left"* ]] && [[ "$output" == *"+ socket "*left.sock* ]]
}

@test "census: a left file, and a lost one" {
    touch "$dir/left"
    since
    [ "$status" -eq 1 ] && [ "$output" = "+ file $dir/left" ]
    "$here/census" --files "$dir" >"$BATS_TEST_TMPDIR/before"
    rm "$dir/left"
    run "$here/census" --files "$dir" --since "$BATS_TEST_TMPDIR/before" --settle 0
    [ "$status" -eq 1 ] && [ "$output" = "- file $dir/left" ]
}

@test "census: a changed byte in a watched tree" {
    echo one >"$dir/canary"
    "$here/census" --deep "$dir" >"$BATS_TEST_TMPDIR/before"
    echo two >"$dir/canary"
    run "$here/census" --deep "$dir" --since "$BATS_TEST_TMPDIR/before" --settle 0
    [ "$status" -eq 1 ] && [[ "$output" == *"- deep $dir/canary"* ]]
}
