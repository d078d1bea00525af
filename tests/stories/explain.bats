# SPDX-License-Identifier: Apache-2.0
# Every line of --explain is true, and nothing is left out: tests/explain/hold compares it with what strace saw.
load helpers

holds() {
    command -v strace >/dev/null || skip "strace is not installed"
    "$HOUSE/tests/explain/hold" --rm "$@"
}

@test "what --explain told of a running container, /proc and /sys show" {
    mkdir -p "$BATS_TEST_TMPDIR/data"
    "$HOUSE/tests/explain/read_back" busybox sleep 1000
    "$HOUSE/tests/explain/read_back" -m 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100:100 --ulimit core=0 --tmpfs /scratch:size=1m \
        -v "$BATS_TEST_TMPDIR/data:/data:ro" --read-only --security-opt no-new-privileges --cap-drop ALL --cap-add CHOWN -u 1000:1000 \
        --hostname web --sysctl net.ipv4.ip_forward=1 busybox sleep 1000
    "$HOUSE/tests/explain/read_back" --privileged busybox sleep 1000
}

@test "--explain of a plain run is what the kernel saw" { holds busybox true; }
@test "--explain tells limits as they were written" { holds -m 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100:100 --ulimit core=0 busybox true; }
@test "--explain tells mounts with their flags" { mkdir -p "$BATS_TEST_TMPDIR/data"; holds -v "$BATS_TEST_TMPDIR/data:/data:ro" --tmpfs /scratch:size=1m --read-only busybox true; }
@test "--explain tells of a privileged container" { holds --privileged busybox true; }
@test "--explain tells capabilities and ids" { holds --cap-drop ALL --cap-add NET_BIND_SERVICE -u 1000:1000 -w /tmp --hostname web busybox true; }
@test "--explain tells security options" { holds --security-opt no-new-privileges --security-opt seccomp=unconfined --network host busybox true; }
