# SPDX-License-Identifier: Apache-2.0
# The same commands, typed by a user without privileges: root inside, an ordinary user outside.
load helpers

# A user of the box's own, 54321 "skiffer" (passwd is a private bind mount); RANGES are the lines of subuid and subgid.
USER_ID=54321

setup_file() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box: it changes /etc/passwd and /etc/subuid"
    command -v newuidmap >/dev/null || skip "needs newuidmap (package uidmap)"
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-story.XXXXXX)
    export HOUSE_DIR
    chmod 755 "$HOUSE_DIR"
    cp /etc/passwd "$HOUSE_DIR/passwd"
    echo "skiffer:x:$USER_ID:$USER_ID::$HOUSE_DIR/with:/bin/sh" >>"$HOUSE_DIR/passwd"
    : >"$HOUSE_DIR/ranges"
    mount --bind "$HOUSE_DIR/passwd" /etc/passwd
    mount --bind "$HOUSE_DIR/ranges" /etc/subuid
    mount --bind "$HOUSE_DIR/ranges" /etc/subgid
    cp "$(busybox_tar)" "$HOUSE_DIR/busybox.tar"
    local kind
    for kind in with without; do
        mkdir -m 700 "$HOUSE_DIR/$kind" "$HOUSE_DIR/$kind/run"
        chown -R "$USER_ID:$USER_ID" "$HOUSE_DIR/$kind"
        KIND=$kind user import "$HOUSE_DIR/busybox.tar" busybox
        KIND=$kind user run --rm busybox true
    done
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" >"$BATS_FILE_TMPDIR/census"
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    local status=0 kind id
    for kind in with without; do
        for id in $(KIND=$kind user ps -aq); do KIND=$kind user rm -f "$id" || status=1; done
    done
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" --since "$BATS_FILE_TMPDIR/census" || { echo "^ left behind" >&2; status=1; }
    umount /etc/passwd /etc/subuid /etc/subgid
    rm -rf --one-file-system "$HOUSE_DIR"
    return $status
}

KIND=with

# as_user COMMAND...: as that user, with (KIND=with) or without a range of ids, each in a home of its own.
as_user() {
    if [ "$KIND" = with ]; then echo "skiffer:700000:65536" >"$HOUSE_DIR/ranges"; else : >"$HOUSE_DIR/ranges"; fi
    (cd "$HOUSE_DIR/$KIND" && exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
        env -u SKIFF_ROOT -u SKIFF_RUNROOT -u XDG_DATA_HOME HOME="$HOUSE_DIR/$KIND" XDG_RUNTIME_DIR="$HOUSE_DIR/$KIND/run" "$@")
}
user() { as_user "$SKIFF_BIN/skiff" "$@"; }

@test "root inside is the user outside, and inside his range are more users" {
    run user run --rm busybox sh -c 'id -u; id -g; cat /proc/self/uid_map | tr -s " "'
    says $'0\n0\n 0 54321 1\n 1 700000 65536'
    run user run --rm --user 1000:1000 busybox id -u
    says 1000
    touch "$HOUSE_DIR/with/mine"
    chown "$USER_ID" "$HOUSE_DIR/with/mine"
    user run --rm -v "$HOUSE_DIR/with:/home" busybox sh -c 'touch /home/new; chown 1000 /home/new'
    run stat -c %u "$HOUSE_DIR/with/new"
    says 700999
    user run --rm -v "$HOUSE_DIR/with:/home" busybox rm /home/new /home/mine
}

@test "without a range there is root alone, and what is asked beyond is refused by name" {
    KIND=without
    run user run --rm busybox sh -c 'id -u; cat /proc/self/uid_map | tr -s " "'
    says $'0\n 0 54321 1'
    run user run --rm --user 1000 busybox true
    mentions "uid 1000 is nobody here"
    [ "$status" -ne 0 ]
    run user run --rm --group-add 2000 busybox true
    mentions "the supplementary group 2000 cannot be had here"
}

@test "a container from run to rm: exec, logs, ps, top, diff, inspect, stop" {
    local kind
    for kind in with without; do
        KIND=$kind
        user run -d --name web busybox sh -c 'echo hello; rm /etc/os-release; echo x >/new; trap "exit 3" TERM; while :; do sleep 0.1; done'
        until_true 10 eval 'user exec web test -e /new'
        run user logs web
        says hello
        run user ps --format '{{.Names}} {{.State}}'
        says "web running"
        run user exec web cat /new
        says x
        run user diff web
        mentions "D /etc/os-release"
        mentions "A /new"
        run user top web
        mentions "sleep"
        run user inspect -f '{{.State.Running}}' web
        says true
        run user stop web
        says web
        run user inspect -f '{{.State.ExitCode}}' web
        says 3
        run user start web
        says web
        run user rm -f web
        says web
    done
}

@test "a second command finds the first one's namespace, and a new one is made when nobody lives in it" {
    user run -d --name one busybox sleep 1000
    user run -d --name two busybox sleep 1000
    local one two
    one=$(readlink "/proc/$(user inspect -f '{{.State.Pid}}' one)/ns/user")
    two=$(readlink "/proc/$(user inspect -f '{{.State.Pid}}' two)/ns/user")
    [ "$one" = "$two" ]
    [ "$one" != "$(readlink /proc/self/ns/user)" ]
    user rm -f one two
    user run -d --name three busybox sleep 1000
    user rm -f three
}

@test "a container whose monitor was killed is still found, reached and removed" {
    user run -d --name lone busybox sleep 1000
    local init keeper worker
    init=$(user inspect -f '{{.State.Pid}}' lone)
    keeper=$(awk '{print $4}' "/proc/$init/stat")
    worker=$(awk '{print $4}' "/proc/$keeper/stat")
    grep -q monitor "/proc/$worker/cmdline"
    kill -9 "$worker" "$keeper"
    run user exec lone echo reached
    says reached
    run user rm -f lone
    says lone
    [ ! -e "/proc/$init" ]
}

@test "namespaces of the host: network, pid and ipc" {
    run user run --rm --network host busybox sh -c 'readlink /proc/self/ns/net'
    says "$(readlink /proc/self/ns/net)"
    run user run --rm --pid host busybox readlink /proc/self/ns/pid
    says "$(readlink /proc/self/ns/pid)"
    run user run --rm --ipc host busybox readlink /proc/self/ns/ipc
    says "$(readlink /proc/self/ns/ipc)"
    run user run --rm --network none busybox sh -c 'ip -o link | wc -l; ping -c 1 127.0.0.1 >/dev/null && echo answers'
    mentions answers
}

@test "a terminal" {
    run as_user script -qec "$SKIFF_BIN/skiff run --rm -it busybox tty" /dev/null
    mentions /dev/pts/0
}

@test "a limit that cannot be had is refused by name, and so is pause" {
    run user run --rm -m 64m busybox true
    refuses 125 "--memory needs a control group, and without root there is none of ours"
    run user run --rm --pids-limit 10 busybox true
    refuses 125 "--pids-limit needs a control group"
    user run -d --name unpaused busybox sleep 1000
    run user pause unpaused
    refuses 1 "has no cgroup: it was made without root"
    user rm -f unpaused
}

@test "images: device nodes are left out, owners come along, and all of it can be removed again" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_rootfs "$tree"
    mknod "$tree/dev/null" c 1 3
    mkdir "$tree/owned"
    touch "$tree/owned/file"
    chown -R 1000:1000 "$tree/owned"
    chmod 700 "$tree/owned"
    tar -C "$tree" -cf "$HOUSE_DIR/owned.tar" .
    run user import "$HOUSE_DIR/owned.tar" owned
    ends_with 0
    run user run --rm owned stat -c '%u:%g' /owned/file
    says 1000:1000
    run user rmi owned
    ends_with 0
    KIND=without
    run user import "$HOUSE_DIR/owned.tar" owned
    ends_with 0
    run user run --rm owned stat -c '%u:%g' /owned/file
    says 0:0
    run user rmi owned
    ends_with 0
    rm "$HOUSE_DIR/owned.tar"
}

@test "an owner outside the range is refused by name" {
    local tree=$BATS_TEST_TMPDIR/tree
    mkdir "$tree"
    touch "$tree/far"
    chown 100000 "$tree/far"
    tar -C "$tree" -cf "$HOUSE_DIR/far.tar" .
    run user import "$HOUSE_DIR/far.tar" far
    refuses 1 "it belongs to uid 100000, which is nobody in this user namespace"
    rm "$HOUSE_DIR/far.tar"
}

@test "a container cannot reach what the user cannot" {
    echo classified >"$HOUSE_DIR/secret"
    chmod 600 "$HOUSE_DIR/secret"
    run user run --rm --privileged -v "$HOUSE_DIR:/house" busybox cat /house/secret
    ends_with 1
    does_not_mention "$(cat "$HOUSE_DIR/secret")"
    run user run --rm --privileged -v "$HOUSE_DIR:/house" busybox chown 0 /house/secret
    ends_with 1
    run user run --rm --privileged busybox sh -c 'mknod /tmp/vda b 254 0 || echo forbidden'
    mentions forbidden
    run user run --rm --privileged --pid host busybox sh -c 'kill -0 1 || echo forbidden'
    mentions forbidden
    rm "$HOUSE_DIR/secret"
}

@test "commit: what a container changed and deleted is in the new image" {
    user run --name changed busybox sh -c 'echo new >/new; rm /etc/os-release; rm -r /var; mkdir /var; touch /var/fresh; chown 1000 /new'
    run user commit changed second
    ends_with 0
    run user run --rm second sh -c 'cat /new; stat -c %u /new; ls /var; [ ! -e /etc/os-release ] && echo gone'
    says $'new\n1000\nfresh\ngone'
    user run -d --name running busybox sleep 1000
    run user commit running third
    mentions "has no cgroup: it was made without root"
    run user commit --pause=false running third
    ends_with 0
    user rm -f changed running
    user rmi second third
}

@test "a run directory that is somebody else's is not used" {
    mkdir -m 777 "$HOUSE_DIR/with/other"
    run as_user env XDG_RUNTIME_DIR="$HOUSE_DIR/with/other" "$SKIFF_BIN/skiff" ps
    refuses 1 "belongs to uid 0, not to you"
    chown "$USER_ID" "$HOUSE_DIR/with/other"
    run as_user env XDG_RUNTIME_DIR="$HOUSE_DIR/with/other" "$SKIFF_BIN/skiff" ps
    refuses 1 "may be written to by others"
    rmdir "$HOUSE_DIR/with/other"
}

@test "a user sees the namespaces of his containers and processes, and keeps none" {
    user run -d --name seen busybox sleep 1000
    run user ns ls --kind net --format '{{.KeptBy}}' seen
    says processes
    mkfifo "$BATS_TEST_TMPDIR/up"
    as_user sh -c 'echo $$; exec sleep 1000' >"$BATS_TEST_TMPDIR/up" 3>&- &
    local pid
    read -r pid <"$BATS_TEST_TMPDIR/up"
    run user ns diff --format '{{.Kind}} {{.Verdict}}' seen "$pid"
    kill "$pid"
    mentions "user different"
    mentions "time shared"
    user rm -f seen
    run user ns keep lab --new user,uts
    refuses 1 "a user cannot keep namespaces"
}
