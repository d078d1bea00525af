# SPDX-License-Identifier: Apache-2.0
# For stories about skiff-runtime alone: bundles and a state directory, no store. `load runtime_house` instead of helpers.

load helpers

setup_file() {
    [ "$(id -u)" = 0 ] || skip "these tests need root"
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-story.XXXXXX)
    export HOUSE_DIR STATES=$HOUSE_DIR/states
    busybox_rootfs "$HOUSE_DIR/busybox"
    mkdir "$STATES"
    "$HOUSE/tests/crash/census" --files "$STATES" >"$BATS_FILE_TMPDIR/census"
}

teardown_file() {
    local status=0
    "$HOUSE/tests/crash/census" --files "$STATES" --since "$BATS_FILE_TMPDIR/census" || { echo "^ left behind" >&2; status=1; }
    rm -rf --one-file-system "$HOUSE_DIR"
    return $status
}

# Each test has its own container id (its group is /ID in every tree) and a bundle with a rootfs of its own (hard links would be shared writes: copied).
setup() {
    ID=skiff-test-$$-$BATS_TEST_NUMBER
    B=$HOUSE_DIR/$ID
    mkdir -p "$B"
    cp -a "$HOUSE_DIR/busybox" "$B/rootfs"
}
teardown() {
    rt delete -f "$ID"
    rm -rf --one-file-system "$B"
}

rt() { skiff-runtime --root "$STATES" "$@"; }

# in_container COMMAND...: a bundle whose program it is, in a cgroup of its own, run to the end.
in_container() {
    make_bundle "$@"
    rt run -b "$B" "$ID" </dev/null
}
make_bundle() {
    bundle_of "$B" "$@"
}

# has_members COMPARISON NUMBER [CONTROLLER]: how many processes are in the container's group, e.g. has_members -ge 2.
has_members() { [ "$(wc -l <"$(group_at "${3:-pids}" "$ID")/cgroup.procs")" "$1" "$2" ]; }

# is STATUS: what `state` says of the test's container.
is() { [ "$(rt state "$ID" | jq -r .status)" = "$1" ]; }
