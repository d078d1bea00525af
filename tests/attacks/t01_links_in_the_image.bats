#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T01: an image whose /dev (or another place where the runtime makes things) is a link to a host directory, with no
# mount there: device nodes and links were made on the host before the root was pivoted.
# CVE-2026-41579 (runc), CVE-2026-47766 (crun). Defence: kernel::Root (D1).

load frame

the_attack() {
    fresh_bundle /bin/busybox true
    # Without the mounts of and below /dev the runtime fills the image's own /dev.
    edit_bundle "$DIR/bundle" '.mounts |= map(select(.destination | startswith("/dev") | not)) | .mounts |= map(select(.destination != "'"$PLACE"'"))'
    rm -rf "$DIR/bundle/rootfs$PLACE"
    mkdir -p "$(dirname "$DIR/bundle/rootfs$PLACE")"
    ln -s "$LINK" "$DIR/bundle/rootfs$PLACE"
    run_bundle
}

up=../../../../../../../../../..

@test "T01 /dev is an absolute link to the host" { PLACE=/dev LINK=$CANARY attack_fails; }
@test "T01 /dev is a relative link to the host" { PLACE=/dev LINK=$up$CANARY attack_fails; }
@test "T01 /dev/pts is a link to the host" { PLACE=/dev/pts LINK=$CANARY/pts attack_fails; }
@test "T01 /dev/ptmx is a link to the host" { PLACE=/dev/ptmx LINK=$CANARY/ptmx attack_fails; }
@test "T01 /dev/null is a link to the host" { PLACE=/dev/null LINK=$CANARY/null attack_fails; }
@test "T01 /dev/shm is a link to the host" { PLACE=/dev/shm LINK=$CANARY/sub attack_fails; }
@test "T01 /etc is a link to the host" { PLACE=/etc LINK=$CANARY attack_fails; }
@test "T01 /run is a link to the host" { PLACE=/run LINK=$CANARY attack_fails; }
@test "T01 control: /dev is a link, on runc" { PLACE=/dev LINK=$CANARY control_succeeds runc; }
@test "T01 control: /dev is a relative link, on runc" { PLACE=/dev LINK=$up$CANARY control_succeeds runc; }
