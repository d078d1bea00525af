#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T12: capabilities or groups that nobody gave: inheritable ones, which a file's own turn into real ones (CVE-2022-24769 and
# its siblings), and supplementary groups that are the caller's or too few (CVE-2022-2990, CVE-2023-25173).
# Defence: the five sets and the groups are exactly what config.json says (D8).

load frame

# A file of the image whose inheritable capabilities wait for a process that has some, and what it says of itself.
image_with_capable_file() {
    fresh_bundle "$@"
    mkdir "$DIR/bundle/rootfs/capable"
    cp "$DIR/bundle/rootfs/bin/busybox" "$DIR/bundle/rootfs/capable/busybox"
    setcap cap_net_raw,cap_chown,cap_sys_admin+i "$DIR/bundle/rootfs/capable/busybox" || skip "no file capabilities on this filesystem"
    mkdir -p "$DIR/bundle/rootfs/secret"
    echo "for others, not for group 77" >"$DIR/bundle/rootfs/secret/file"
    chown 0:77 "$DIR/bundle/rootfs/secret"; chmod 705 "$DIR/bundle/rootfs/secret"
}

k_tell='/capable/busybox grep -E "^Cap(Inh|Prm|Eff|Amb)|^Groups" /proc/self/status | tr -s "\t " " "'
k_nothing=$'CapInh: 0000000000000000\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapAmb: 0000000000000000'

@test "T12 a user has no capability, whatever a file waits for, and exactly his groups" {
    TARGET=$SKIFF_RUNTIME
    image_with_capable_file /bin/busybox sh -c "$k_tell"
    edit_bundle "$DIR/bundle" '.process.user = {uid:1000,gid:1000,additionalGids:[77]}'
    run run_bundle
    [[ "$output" == *"$k_nothing"* ]] || { echo "$output" >&2; return 1; }
    mentions "Groups: 77"
    edit_bundle "$DIR/bundle" '.process.user = {uid:1000,gid:1000}'
    run run_bundle
    [[ $'\n'"$output"$'\n' == *$'\nGroups: \n'* ]] || { echo "$output" >&2; return 1; }
}

@test "T12 an exec has what the container has, no more" {
    TARGET=$SKIFF_RUNTIME
    image_with_capable_file /bin/busybox sleep 1000
    "$TARGET" --root "$DIR/state" run -d -b "$DIR/bundle" attack </dev/null >/dev/null 2>&1
    run "$TARGET" --root "$DIR/state" exec -u 1000:1000 -g 77 attack /bin/busybox sh -c "$k_tell" </dev/null
    [[ "$output" == *"$k_nothing"* ]] || { echo "$output" >&2; return 1; }
    mentions "Groups: 77"
    run "$TARGET" --root "$DIR/state" exec attack /bin/busybox sh -c "$k_tell" </dev/null
    mentions "CapInh: 0000000000000000"
    mentions "CapAmb: 0000000000000000"
    run "$TARGET" --root "$DIR/state" delete -f attack
}

@test "T12 a group's lack of rights holds for who is in it" {
    TARGET=$SKIFF_RUNTIME
    image_with_capable_file /bin/busybox cat /secret/file
    edit_bundle "$DIR/bundle" '.process.user = {uid:1000,gid:1000,additionalGids:[77]} | del(.process.capabilities)'
    run run_bundle
    refuses 1 "Permission denied"
    edit_bundle "$DIR/bundle" '.process.user = {uid:1000,gid:1000}'
    run run_bundle
    says "for others, not for group 77"
}

@test "T12 control: with inheritable capabilities the file's become real" {
    TARGET=$SKIFF_RUNTIME
    image_with_capable_file /bin/busybox sh -c "$k_tell"
    edit_bundle "$DIR/bundle" '.process.user = {uid:1000,gid:1000} | .process.noNewPrivileges = false
        | .process.capabilities |= (.bounding += ["CAP_CHOWN"] | .permitted += ["CAP_CHOWN"] | .inheritable = ["CAP_CHOWN"])'
    run run_bundle
    mentions "CapEff: 0000000000000000"
    mentions "CapPrm: 0000000000000001"
}
