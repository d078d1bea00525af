#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's shim runs its containers with skiff-runtime and notices no difference.

load peers

setup_file() {
    needs containerd ctr
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-ctr.XXXXXX)
    export HOUSE_DIR
    cat >"$HOUSE_DIR/config.toml" <<TOML
version = 2
root = "$HOUSE_DIR/root"
state = "$HOUSE_DIR/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$HOUSE_DIR/containerd.sock"
TOML
    containerd -c "$HOUSE_DIR/config.toml" >"$HOUSE_DIR/log" 2>&1 3>&- &
    echo $! >"$HOUSE_DIR/pid"
    until_true 20 ctr_here version >/dev/null 2>&1
    # ctr imports OCI archives, not plain trees: one layer, one config, one manifest.
    "$HOUSE/tests/interop/oci_archive" "$(busybox_tar)" busybox:latest >"$HOUSE_DIR/image.tar"
    ctr_here image import "$HOUSE_DIR/image.tar" >/dev/null
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    kill "$(cat "$HOUSE_DIR/pid")"
    while [ -d "/proc/$(cat "$HOUSE_DIR/pid")" ]; do sleep 0.05; done
    rm -rf --one-file-system "$HOUSE_DIR"
}

ctr_here() { ctr -a "$HOUSE_DIR/containerd.sock" "$@"; }
in_ctr() { ctr_here run --rm --snapshotter native --runc-binary "$RUNTIME_UNDER_TEST" "$@"; }
IMAGE=docker.io/library/busybox:latest

@test "ctr: output and exit code come through" {
    run in_ctr $IMAGE one sh -c 'echo out; exit 7'
    ends_with 7 && mentions out
}

@test "ctr: the first process is number 1" {
    run in_ctr $IMAGE two sh -c 'echo I am $$'
    ends_with 0 && says 'I am 1'
}

@test "ctr: limits arrive in the kernel" {
    ctr_here run -d --memory-limit 67108864 --snapshotter native --runc-binary "$RUNTIME_UNDER_TEST" $IMAGE three sleep 1000
    run cat /sys/fs/cgroup/memory/default/three/memory.limit_in_bytes
    ends_with 0 && says 67108864
    ctr_here task kill -s KILL three
    until_true 5 sh -c "ctr -a $HOUSE_DIR/containerd.sock task ls | grep -q STOPPED"
    ctr_here container rm three
}

@test "ctr: in the background: exec, pause, kill" {
    run ctr_here run -d --snapshotter native --runc-binary "$RUNTIME_UNDER_TEST" $IMAGE four sleep 1000
    ends_with 0
    run ctr_here task exec --exec-id e four sh -c 'echo in; exit 4'
    ends_with 4 && mentions in
    run ctr_here task pause four
    ends_with 0
    run ctr_here task ls
    mentions PAUSED
    run ctr_here task resume four
    ends_with 0
    run ctr_here task ps four
    ends_with 0
    run ctr_here task kill -s KILL four
    ends_with 0
    until_true 5 sh -c "ctr -a $HOUSE_DIR/containerd.sock task ls | grep -q STOPPED"
    run ctr_here task rm four
    run ctr_here container rm four
    ends_with 0
}

@test "ctr: metrics, updated limits, ids that are taken" {
    run ctr_here run -d --memory-limit 67108864 --snapshotter native --runc-binary "$RUNTIME_UNDER_TEST" $IMAGE five sleep 1000
    ends_with 0
    run ctr_here task metrics five
    ends_with 0
    [[ "$output" =~ memory.usage_in_bytes\ +[1-9][0-9]+ ]] || { echo "$output" >&2; false; }
    run ctr_here run -d --snapshotter native --runc-binary "$RUNTIME_UNDER_TEST" $IMAGE five sleep 1000
    ends_with 1
    run ctr_here task exec --exec-id missing five nope
    ends_with 1 && mentions 'executable file not found in $PATH'
    run in_ctr $IMAGE six nope
    ends_with 1 && mentions 'executable file not found in $PATH'
    ctr_here task kill -s KILL five
    until_true 5 sh -c "ctr -a $HOUSE_DIR/containerd.sock task ls | grep -q STOPPED"
    ctr_here task rm five || true
    ctr_here container rm five
}
