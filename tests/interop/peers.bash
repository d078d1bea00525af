# SPDX-License-Identifier: Apache-2.0
# Real engines on our runtime. RUNTIME_UNDER_TEST=runc shows that a test is right about what engines expect.
load ../stories/helpers

RUNTIME_UNDER_TEST=${RUNTIME_UNDER_TEST:-$SKIFF_BIN/skiff-runtime}

needs() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box"
    local program
    for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

# podman with everything it keeps in one folder. No network, cgroups without systemd.
podman_here() {
    podman --root "$HOUSE_DIR/storage" --runroot "$HOUSE_DIR/podman-run" --tmpdir "$HOUSE_DIR/podman-tmp" --storage-driver vfs \
        --cgroup-manager cgroupfs --events-backend file --log-level error --runtime "$RUNTIME_UNDER_TEST" "$@"
}

# podman's `rm -f` may meet the cleanup that its own conmon has begun ("userdata/shm: device or resource busy"): it is asked once more then.
is_removed() {
    podman_here rm -f -t 0 "$1" >/dev/null || podman_here rm -f -t 0 "$1" >/dev/null
}
