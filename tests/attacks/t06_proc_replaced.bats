#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T06: the image or a volume puts something else where the kernel's procfs or sysfs belongs, so that writes to security
# settings go nowhere, or mounts land on the host. CVE-2019-19921, CVE-2019-16884, CVE-2023-27561, CVE-2023-28642 (runc).
# Defence: mount targets by descriptor, never through a link (D1, D2), and mounts onto parts of /proc are refused (D3).

load frame

fake_tree() {
    mkdir -p "$DIR/bundle/rootfs/fake/self/attr" "$DIR/bundle/rootfs/fake/sys/kernel"
    echo fake >"$DIR/bundle/rootfs/fake/self/status"
}

# The kernel's own filesystem stands at PLACE, or the container does not run.
the_attack() {
    fresh_bundle /bin/busybox sh -c "echo \"kind: \$(stat -f -c %T $PLACE)\"; [ ! -e $PLACE/self/status ] || head -n 1 $PLACE/self/status"
    fake_tree
    rm -rf "$DIR/bundle/rootfs$PLACE"
    ln -s "$LINK" "$DIR/bundle/rootfs$PLACE"
    run_bundle
}
escaped() { [[ "$output" == *fake* || ( "$status" -eq 0 && "$output" == *"kind: "* && "$output" != *"kind: proc"* && "$output" != *"kind: sysfs"* && "$output" != *"kind: UNKNOWN"* ) ]]; }

@test "T06 /proc is a link to a directory of the image" { PLACE=/proc LINK=/fake attack_fails; }
@test "T06 /proc is a link to the host" { PLACE=/proc LINK=$CANARY attack_fails; }
@test "T06 /sys is a link to a directory of the image" { PLACE=/sys LINK=fake attack_fails; }
@test "T06 /sys is a link to the host" { PLACE=/sys LINK=../../../../../../../..$CANARY attack_fails; }

@test "T06 a volume over /proc or a part of it is refused" {
    local place
    TARGET=$SKIFF_RUNTIME
    for place in /proc /proc/sys /proc/self/attr /proc/1/attr /proc/sysrq-trigger; do
        fresh_bundle /bin/busybox true
        fake_tree
        edit_bundle "$DIR/bundle" '.mounts += [{"destination": "'$place'", "type": "bind", "source": "'"$DIR/bundle/rootfs/fake"'", "options": ["rbind", "rw"]}]'
        run run_bundle
        [ "$status" -ne 0 ] || { echo "a volume over $place was accepted" >&2; return 1; }
        mentions /proc
    done
}

# Debian's runc is patched. mount(8) below a root follows the link, as runtimes once did.
@test "T06 control: a mount by path lands on the host" {
    mkdir -p "$DIR/bundle/rootfs"
    ln -s "$CANARY" "$DIR/bundle/rootfs/proc"
    host_facts >"$DIR/before"
    mount -t proc proc "$DIR/bundle/rootfs/proc"
    run "$HOUSE/tests/crash/census" --since <(grep -v '^domainname\|^core_pattern\|^deep' "$DIR/before") --settle 0
    umount "$CANARY"
    mentions "mount here: $CANARY proc"
}
