#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of an ordinary user, without groups delegated to him, runs its containers with skiff-runtime.

load peers

setup_file() {
    needs podman conmon newuidmap
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-podman.XXXXXX)
    export HOUSE_DIR
    make_skiffer
    chown "$SKIFFER:$SKIFFER" "$HOUSE_DIR"
    mkdir -m 700 "$HOUSE_DIR/runtime"
    chown "$SKIFFER:$SKIFFER" "$HOUSE_DIR/runtime"
    cp "$(busybox_tar)" "$HOUSE_DIR/busybox.tar"
    chmod 644 "$HOUSE_DIR/busybox.tar"
    "$HOUSE/tests/crash/census" >"$BATS_FILE_TMPDIR/census"
    his_podman import -q "$HOUSE_DIR/busybox.tar" busybox >/dev/null
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    his_podman rm -fa >/dev/null
    local pause=$HOUSE_DIR/runtime/libpod/tmp/pause.pid
    [ ! -s "$pause" ] || kill "$(cat "$pause")"
    forget_skiffer
    rm -rf --one-file-system "$HOUSE_DIR"
}

his_podman() {
    setpriv --reuid "$SKIFFER" --regid "$SKIFFER" --clear-groups env -C / HOME="$HOUSE_DIR" XDG_RUNTIME_DIR="$HOUSE_DIR/runtime" TMPDIR=/tmp \
        podman --root "$HOUSE_DIR/storage" --runroot "$HOUSE_DIR/podman-run" --tmpdir "$HOUSE_DIR/podman-tmp" --storage-driver vfs \
        --cgroup-manager cgroupfs --events-backend file --log-level error --runtime "${RUNTIME_OF_HIS:-$HOUSE_DIR/bin/skiff-runtime}" "$@"
}
in_his_podman() { his_podman run --rm --network none "$@"; }

@test "podman rootless: output, exit code, and root inside is the user outside" {
    run in_his_podman busybox sh -c 'id -u; tr -s " " </proc/self/uid_map; exit 7'
    ends_with 7
    [ "${lines[0]}" = 0 ]
    [ "${lines[1]}" = " 0 $SKIFFER 1" ]
}

@test "podman rootless: exit codes 126 and 127" {
    run -127 in_his_podman busybox /nope
    ends_with 127
    run in_his_podman busybox /etc/passwd
    ends_with 126
}

@test "podman rootless: users of his range, hostname, volumes" {
    run in_his_podman --user 1000:1000 --hostname keel busybox sh -c 'id -u; hostname'
    says $'1000\nkeel'
    mkdir -m 777 "$HOUSE_DIR/volume"
    in_his_podman -v "$HOUSE_DIR/volume:/data" busybox sh -c 'echo kept >/data/file'
    [ "$(stat -c %u "$HOUSE_DIR/volume/file")" = "$SKIFFER" ]
}

@test "podman rootless: exec, stop, kill, restart, rm" {
    his_podman run -d --name web --network none busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done' >/dev/null
    run his_podman exec web sh -c 'echo in; exit 4'
    ends_with 4 && says in
    his_podman stop -t 5 web >/dev/null
    [ "$(his_podman inspect -f '{{.State.ExitCode}}' web)" = 3 ]
    his_podman start web >/dev/null
    his_podman kill web >/dev/null
    run his_podman wait web
    says 137
    his_podman rm web >/dev/null
    [ -z "$(his_podman ps -aq)" ]
}
