#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The mounts of config.json: whose files they show, their options as mount(8) understands them, and what a container's root
# may have to do with them.
load runtime_house

# mounts JSON...: more mounts in the bundle.
mounts() { local one; for one in "$@"; do edit_bundle "$B" ".mounts += [$one]"; done; }
# userns: the container gets a user namespace, 0 is 100000 outside.
userns() {
    edit_bundle "$B" '.linux.namespaces += [{type:"user"}] | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = [{containerID:0,hostID:200000,size:65536}]'
    chmod 755 "$HOUSE_DIR" "$B"   # the root of that namespace finds its root there
    chown -R 100000:200000 "$B/rootfs"
}
teardown() {
    rt delete -f "$ID"
    ! mountpoint -q "$B/data/inner" || umount "$B/data/inner"
    ! mountpoint -q "$B/data" || umount "$B/data"
    rm -rf --one-file-system "$B"
}
contained() { run rt run -b "$B" "$ID" </dev/null; }
# options_of PLACE: a line of mountinfo's options, from inside.
options_of() { awk -v p="$1" '$5 == p { options = $6 } END { print options }' <<<"$output"; }

# A mount and one that is mounted in it, of the disk's filesystem: tmpfs maps no ids before Linux 6.3.
owned_tree() {
    mkdir -p "$B/data" "$B/outer/inner" "$B/within"
    chmod 1777 "$B/outer"
    mount --bind "$B/outer" "$B/data"
    mount --bind "$B/within" "$B/data/inner"
    touch "$B/data/zero" "$B/data/five" "$B/data/inner/zero"
    chown 5:6 "$B/data/five"
}

@test "idmap: a mount's own maps say whose its files are, ridmap in the whole tree" {
    owned_tree
    make_bundle stat -c '%n %u:%g' /idmap/zero /idmap/five /idmap/inner/zero /ridmap/five /ridmap/inner/zero
    maps='uidMappings:[{containerID:0,hostID:1000,size:10}],gidMappings:[{containerID:0,hostID:2000,size:10}]'
    mounts "{destination:\"/idmap\",type:\"bind\",source:\"$B/data\",options:[\"rbind\",\"idmap\"],$maps}" \
        "{destination:\"/ridmap\",source:\"$B/data\",options:[\"rbind\",\"ro\",\"ridmap\"],$maps}"
    edit_bundle "$B" '.root.readonly = false'
    contained
    says $'/idmap/zero 1000:2000\n/idmap/five 1005:2006\n/idmap/inner/zero 0:0\n/ridmap/five 1005:2006\n/ridmap/inner/zero 1000:2000'
}

@test "idmap: maps without the word hold for the mount; what is written is the host's user's" {
    owned_tree
    make_bundle sh -c 'stat -c "%u:%g" /data/zero /data/inner/zero; touch /data/new'
    mounts "{destination:\"/data\",type:\"bind\",source:\"$B/data\",options:[\"rbind\"],uidMappings:[{containerID:7,hostID:0,size:1},{containerID:0,hostID:1000,size:5}],gidMappings:[{containerID:8,hostID:0,size:1},{containerID:0,hostID:1000,size:5}]}"
    edit_bundle "$B" '.root.readonly = false'
    contained
    owner=$(stat -c %u:%g "$B/data/new")
    says $'1000:1000\n0:0'
    [ "$owner" = 7:8 ]
}

@test "idmap without maps is the container's own map, of a new user namespace and of one that is joined" {
    owned_tree
    make_bundle sh -c 'stat -c "%n %u:%g" /idmap/zero /idmap/five /ridmap/inner/zero /plain/zero; touch /idmap/new; readlink /proc/self/ns/user'
    mounts "{destination:\"/idmap\",source:\"$B/data\",options:[\"bind\",\"idmap\"]}" "{destination:\"/ridmap\",source:\"$B/data\",options:[\"rbind\",\"ridmap\"]}" \
        "{destination:\"/plain\",source:\"$B/data\",options:[\"bind\"]}"
    userns
    edit_bundle "$B" '.root.readonly = false'
    contained
    owner=$(stat -c %u:%g "$B/data/new")
    expected=$'/idmap/zero 0:0\n/idmap/five 5:6\n/ridmap/inner/zero 0:0\n/plain/zero 65534:65534'
    [ "${output%$'\n'*}" = "$expected" ] || says "$expected"
    [ "$owner" = 0:0 ]

    # Whoever joins a namespace has its map.
    python3 "$HOUSE/tests/stories/hold_user_namespace.py" '0 100000 65536' '0 200000 65536' >"$B/holder" 3>&- &
    holder=$!
    until [ -s "$B/holder" ]; do kill -0 $holder; read -r -t 0.05 <> <(:) || true; done
    edit_bundle "$B" ".linux.uidMappings = [] | .linux.gidMappings = [] | .linux.namespaces |= map(if .type == \"user\" then .path = \"/proc/$holder/ns/user\" else . end)"
    contained
    joined=$(readlink /proc/$holder/ns/user)
    kill $holder
    wait $holder || true
    says "$expected"$'\n'"$joined"
}

@test "idmap: what cannot be is refused with the reason" {
    mkdir "$B/data"
    make_bundle true
    refused() { edit_bundle "$B" ".mounts = $1"; contained; refuses 1 "$2"; }
    map='[{containerID:0,hostID:1000,size:10}]'
    refused "[{destination:\"/d\",source:\"$B/data\",options:[\"bind\",\"idmap\"]}]" "the container's user namespace, and it has none"
    refused "[{destination:\"/d\",source:\"$B/data\",options:[\"bind\"],uidMappings:$map}]" "must be given together"
    refused "[{destination:\"/d\",type:\"tmpfs\",options:[\"idmap\"]}]" "only a bind mount can map ids"
    refused "[{destination:\"/d\",type:\"tmpfs\",uidMappings:$map,gidMappings:$map}]" "only a bind mount can map ids"
    refused "[{destination:\"/d\",source:\"/proc/sys\",options:[\"bind\"],uidMappings:$map,gidMappings:$map}]" "cannot map ids"
    edit_bundle "$B" ".mounts = [{destination:\"/d\",source:\"$B/data\",options:[\"bind\"],uidMappings:$map,gidMappings:$map}]"
    run "$HOUSE/tests/without" ENOSYS mounts skiff-runtime --root "$STATES" run -b "$B" "$ID"
    refuses 1 "only by mount_setattr (Linux 5.12)"
    run rt features
    [ "$(jq .linux.mountExtensions.idmap.enabled <<<"$output")" = true ]
    [ "$(jq '.mountOptions | contains(["idmap", "ridmap", "rro", "rnosymfollow"])' <<<"$output")" = true ]
}

@test "idmap: no descriptor and no process of it stays" {
    owned_tree
    make_bundle sleep 1000
    mounts "{destination:\"/idmap\",source:\"$B/data\",options:[\"bind\",\"idmap\"],uidMappings:[{containerID:0,hostID:1000,size:10}],gidMappings:[{containerID:0,hostID:1000,size:10}]}"
    edit_bundle "$B" '.root.readonly = false'
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    ! ls -l /proc/$pid/fd | grep -q 'user:\['
    rt start "$ID"
    run ls /proc/$pid/fd
    says $'0\n1\n2'
    [ "$(find /proc/[0-9]*/ns/user -maxdepth 0 -printf '%l\n' 2>/dev/null | sort -u | wc -l)" = 1 ]
    rt delete -f "$ID"
}
