#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T02: a working directory that is one of the runtime's own descriptors, left open on a host directory.
# CVE-2024-21626 (runc). Defence: every descriptor closes on exec, and the directory is checked to be inside (D5).

load frame

the_attack() {
    local place status=0
    for place in $PLACES; do
        fresh_bundle /bin/busybox sh -c 'for up in . .. ../.. ../../.. ../../../.. ../../../../.. ../../../../../..; do cat "$up'"$CANARY"'/secret" 2>/dev/null; done
            echo "descriptors: $(cd /proc/self/fd; echo *)"'
        [ -z "${LINK:-}" ] || ln -s "$place" "$DIR/bundle/rootfs/link"
        edit_bundle "$DIR/bundle" ".process.cwd = \"${LINK:-$place}\""
        run_bundle 7</ 8<"$CANARY" || status=$?
    done
    return $status
}

@test "T02 the directory is a descriptor of the runtime" { PLACES=$(echo /proc/self/fd/{3,4,5,6,7,8,9,10,11,12}) attack_fails; }
@test "T02 the directory is above a descriptor" { PLACES=$(echo /proc/self/fd/7/.. /proc/self/cwd/.. /proc/self/root/..) attack_fails; }
@test "T02 the directory is another process's root" { PLACES=$(echo /proc/1/root /proc/1/cwd /proc/self/task/1/root) attack_fails; }
@test "T02 the directory is a link in the image to a descriptor" { LINK=/link PLACES=$(echo /proc/self/fd/{6,7,8,9}) attack_fails; }

@test "T02 an exec goes to a descriptor of the runtime, to what is above it, through a link of the image" {
    local place
    TARGET=$SKIFF_RUNTIME
    fresh_bundle /bin/busybox sleep 1000
    ln -s /proc/self/fd/7 "$DIR/bundle/rootfs/link"
    "$TARGET" --root "$DIR/state" run -d -b "$DIR/bundle" attack </dev/null >/dev/null 2>&1
    for place in /proc/self/fd/{3,4,5,6,7,8,9} /proc/self/fd/7/.. /proc/self/cwd/.. /proc/1/root /link; do
        run "$TARGET" --root "$DIR/state" exec --cwd "$place" attack /bin/busybox cat "./$CANARY/secret" </dev/null 7</ 8<"$CANARY"
        [[ "$status" = 255 || "$status" = 1 ]] && [[ "$output" != *"canary secret"* ]] || { echo "for $place: $output" >&2; return 1; }
    done
    # It reaches an exec as little: 3 is the shell's own, for reading the directory.
    run "$TARGET" --root "$DIR/state" exec attack /bin/busybox sh -c 'echo "descriptors: $(cd /proc/self/fd; echo *)"' </dev/null 7</ 8<"$CANARY"
    "$TARGET" --root "$DIR/state" delete -f attack
    [[ "$output" =~ descriptors:\ 0\ 1\ 2(\ 3)?$ ]] || { echo "$output" >&2; return 1; }
}

@test "T02 only standard descriptors reach the container" {
    PLACES=$(echo /) try_attack "$SKIFF_RUNTIME"
    ends_with 0
    # 3 is the shell's own, for reading the directory.
    [[ "$output" =~ descriptors:\ 0\ 1\ 2(\ 3)?$ ]] || { echo "$output" >&2; return 1; }
}

# Debian's runc is patched. A chroot with a descriptor left open is what an unprotected runtime amounts to.
naive_runtime() {
    chroot "$DIR/bundle/rootfs" /bin/busybox sh -c 'mkdir -p /proc; mount -t proc proc /proc; cd /proc/self/fd/7 && cat ".'"$CANARY"'/secret"' 7</
}
@test "T02 control: a chroot that leaves a descriptor open" {
    TARGET=runc
    mkdir -p "$DIR/bundle"
    busybox_rootfs "$DIR/bundle/rootfs"
    run naive_runtime
    umount "$DIR/bundle/rootfs/proc"
    escaped
}
