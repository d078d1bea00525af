#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# skiff-runtime in the hands of an ordinary user, who has no group delegated to him.
load runtime_house

setup_file() {
    [ "$(id -u)" = 0 ] || skip "these tests need root"
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-story.XXXXXX)
    export HOUSE_DIR STATES=$HOUSE_DIR/runtime/skiff-runtime
    make_skiffer
    busybox_rootfs "$HOUSE_DIR/busybox"
    mkdir -m 700 "$HOUSE_DIR/runtime" "$STATES"
    chown "$SKIFFER:$SKIFFER" "$HOUSE_DIR" "$HOUSE_DIR/runtime" "$STATES"
    "$HOUSE/tests/crash/census" --files "$STATES" >"$BATS_FILE_TMPDIR/census"
}
teardown_file() {
    local status=0
    "$HOUSE/tests/crash/census" --files "$STATES" --since "$BATS_FILE_TMPDIR/census" || { echo "^ left behind" >&2; status=1; }
    forget_skiffer
    rm -rf --one-file-system "$HOUSE_DIR"
    return $status
}

# rt: as the user types it. Nothing but XDG_RUNTIME_DIR says where his states are.
rt() {
    setpriv --reuid "$SKIFFER" --regid "$SKIFFER" --clear-groups env -C "$B" HOME="$HOUSE_DIR" XDG_RUNTIME_DIR="$HOUSE_DIR/runtime" "$HOUSE_DIR/bin/skiff-runtime" "$@"
}
# his_bundle WORD...: what `spec --rootless` writes, with these words as the program; maps of his whole range where RANGE is set.
his_bundle() {
    chown -R "$SKIFFER:$SKIFFER" "$B"
    rm -f "$B/config.json"
    rt spec --rootless
    edit_bundle "$B" '.process.args = $words | .process.terminal = false | .root.readonly = false' "$@"
    [ -z "${RANGE:-}" ] || edit_bundle "$B" ".linux.uidMappings = [{containerID:0,hostID:$SKIFFER,size:1},{containerID:1,hostID:700000,size:65536}] | .linux.gidMappings = .linux.uidMappings"
}

@test "rootless: what spec --rootless writes runs, and root inside is the user outside" {
    his_bundle sh -c 'id -u; tr -s " " </proc/self/uid_map; touch /tmp/mine; hostname; mount -t tmpfs x /tmp && echo mounted; exit 7'
    run rt run -b "$B" "$ID" </dev/null
    ends_with 7
    [ "${lines[0]}" = 0 ]
    [ "${lines[1]}" = " 0 $SKIFFER 1" ]
    [ "$(stat -c %u:%g "$B/rootfs/tmp/mine")" = "$SKIFFER:$SKIFFER" ]
    run rt list -q
    says ""
}

@test "rootless: maps of his range come by newuidmap, and others are refused" {
    RANGE=yes his_bundle sh -c 'touch /tmp/his; chown 1000:1000 /tmp/his; id -u; id -G'
    edit_bundle "$B" '.process.user = {uid:0,gid:0,additionalGids:[5]} | .process.capabilities |= with_entries(.value += ["CAP_CHOWN"])'
    run rt run -b "$B" "$ID" </dev/null
    says $'0\n0 5'
    [ "$(stat -c %u:%g "$B/rootfs/tmp/his")" = 700999:700999 ]
    edit_bundle "$B" '.process.user = {uid:1000,gid:1000} | .process.args = ["id","-u"]'
    run rt run -b "$B" "$ID" </dev/null
    says 1000
    rm -f "$B/rootfs/tmp/his"
    edit_bundle "$B" '.linux.uidMappings[1].hostID = 0'
    run rt run -b "$B" "$ID" </dev/null
    ends_with 1
    mentions "newuidmap refuses the ids"
    # Without newuidmap only his own id is to be had.
    his_bundle id -u
    edit_bundle "$B" '.process.user.additionalGids = [5]'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "supplementary group 5 cannot be had here"
}

@test "rootless: create, start, exec, kill, delete; nobody else's runtime is touched" {
    RANGE=yes his_bundle sleep 1000
    rt create -b "$B" --pid-file "$B/pid" "$ID" </dev/null >/dev/null 2>&1
    [ "$(rt state "$ID" | jq -r .status)" = created ]
    [ -e "$STATES/$ID/state.json" ]
    run rt exec "$ID" id -u
    refuses 255 "start it first"
    rt start "$ID"
    [ "$(rt state "$ID" | jq -r .status)" = running ]
    run rt exec "$ID" sh -c 'id -u; for n in user mnt pid uts ipc; do readlink /proc/self/ns/$n; done; grep CapEff /proc/self/status; exit 4'
    ends_with 4
    pid=$(cat "$B/pid")
    [ "${lines[0]}" = 0 ]
    [ "$(printf '%s\n' "${lines[@]:1:5}")" = "$(for n in user mnt pid uts ipc; do readlink "/proc/$pid/ns/$n"; done)" ]
    [ "${lines[6]}" = "$(grep CapEff "/proc/$pid/status")" ]
    run rt exec -u 1000:1000 "$ID" id -u
    says 1000
    run rt exec "$ID" nosuchprogram
    refuses 255 "executable file not found"
    run rt pause "$ID"
    refuses 1 "no cgroup"
    run rt delete "$ID"
    refuses 1 "it is running"
    rt kill "$ID" KILL
    until_true 5 is stopped
    rt delete "$ID"
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    rt delete -f "$ID"
    [ ! -e "$STATES/$ID" ]
}

@test "rootless: what he may not have is refused by its name" {
    his_bundle true
    edit_bundle "$B" 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "an ordinary user can make a container only in a user namespace"
    his_bundle true
    edit_bundle "$B" '.linux.resources = {memory:{limit:67108864}}'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "linux.resources.memory needs a control group"
    his_bundle true
    edit_bundle "$B" '.linux.uidMappings[0].hostID = 0'
    run rt run -b "$B" "$ID" </dev/null
    ends_with 1
    mentions newuidmap
    his_bundle true
    edit_bundle "$B" 'del(.linux.uidMappings)'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "needs linux.uidMappings"
    run rt --rootless=false list
    refuses 1 "this is not the host's root"
    run rt --rootless=maybe list
    refuses 1 "true, false or auto"
    rt --rootless=true list
    rt --rootless=auto list
}

@test "rootless: hooks run as the user, and clean up on failure" {
    his_bundle true
    edit_bundle "$B" ".hooks = {createRuntime: [{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"echo >$B/outside\"]}], poststop: [{path:\"/bin/sh\",args:[\"sh\",\"-c\",\"echo >$B/after\"]}]}"
    rt run -b "$B" "$ID" </dev/null
    [ "$(stat -c %u "$B/outside" "$B/after" | sort -u)" = "$SKIFFER" ]
    rm "$B/after"
    edit_bundle "$B" '.hooks.createRuntime[0].args[2] = "exit 3"'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "createRuntime hook #0 (/bin/sh): failed with exit code 3"
    [ -e "$B/after" ]
    run rt list -q
    says ""
    edit_bundle "$B" '.hooks.startContainer = [{path:"/bin/true"}]'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "hooks.startContainer of an ordinary user's container is not supported yet"
}

@test "rootless: binds keep what the host has locked; who asks for less is told so" {
    seen() { awk '$5 == "/seen" { print $6 }' <<<"$output"; }
    his_bundle cat /proc/self/mountinfo
    mkdir "$B/locked"
    mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=755 locked "$B/locked"
    local options
    for options in '"rbind"' '"bind","ro"' '"rbind","nosuid","nodev"' '"rbind","rro"'; do
        edit_bundle "$B" ".mounts = [.mounts[] | select(.destination != \"/seen\")] + [{destination:\"/seen\",type:\"bind\",source:\"$B/locked\",options:[$options]}]"
        run rt run -b "$B" "$ID" </dev/null
        [[ "$(seen)" = ro,nosuid,nodev,noexec* ]] || { echo "$options: $output"; umount "$B/locked"; false; }
    done
    for options in rw exec suid dev; do
        edit_bundle "$B" ".mounts[-1].options = [\"rbind\", \"$options\"]"
        run rt run -b "$B" "$ID" </dev/null
        [ "$status" = 1 ] && [[ "$output" == *"/seen"*"locked"* ]] || { echo "$options: $output"; umount "$B/locked"; false; }
    done
    umount "$B/locked"
}
