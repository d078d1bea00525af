#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces that exist: joined by path, of every kind; wrong ones refused; and what sharing the PID namespace means.
load runtime_house

# A second container beside the first, in $S: second WORD... makes its bundle.
second() { S=$B/second; [ -d "$S/rootfs" ] || { mkdir "$S"; cp -a "$B/rootfs" "$S/rootfs"; }; bundle_of "$S" "$@"; }
# joins TYPE PATH: the second one's namespace of that type is that one.
joins() {
    edit_bundle "$S" ".linux.namespaces |= (map(select(.type != \"$1\")) + [{type:\"$1\",path:\"$2\"}])"
}
first_runs() {
    make_bundle sleep 1000
    edit_bundle "$B" '.linux.namespaces += [{"type":"cgroup"},{"type":"time"}]'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    PID=$(rt state "$ID" | jq .pid)
}
teardown() {
    rt delete -f "$ID-2"
    rt delete -f "$ID"
    [ -z "${HOLDER:-}" ] || { kill "$HOLDER"; wait "$HOLDER" || true; }
    rm -rf --one-file-system "$B"
}

@test "each kind is joined by path" {
    first_runs
    for pair in network:net ipc:ipc uts:uts pid:pid cgroup:cgroup time:time; do
        type=${pair%:*} name=${pair#*:}
        second readlink "/proc/self/ns/$name"
        edit_bundle "$S" 'del(.hostname)'
        joins "$type" "/proc/$PID/ns/$name"
        run rt run -b "$S" "$ID-2" </dev/null
        ends_with 0
        says "$(readlink "/proc/$PID/ns/$name")"
    done
    # All at once, and a name that was bound to a file as well.
    touch "$B/kept"
    mount --bind "/proc/$PID/ns/net" "$B/kept"
    second sh -c 'for n in cgroup ipc net pid time uts; do readlink /proc/self/ns/$n; done'
    edit_bundle "$S" 'del(.hostname)'
    joins network "$B/kept"
    for kind in ipc uts pid cgroup time; do joins "$kind" "/proc/$PID/ns/$kind"; done
    run rt run -b "$S" "$ID-2" </dev/null
    umount "$B/kept"
    says "$(for n in cgroup ipc net pid time uts; do readlink "/proc/$PID/ns/$n"; done)"
}

@test "what is not of the type that it is given as is refused, and nothing is made" {
    first_runs
    touch "$B/plain"
    for pair in network:ipc ipc:uts uts:net pid:mnt cgroup:pid time:net user:net mount:net; do
        second true
        joins "${pair%:*}" "/proc/$PID/ns/${pair#*:}"
        edit_bundle "$S" 'del(.hostname)'
        run rt run -b "$S" "$ID-2" </dev/null
        refuses 1 "/proc/$PID/ns/${pair#*:} is a ${pair#*:} namespace, which is not the type that it is given as"
    done
    for path in "$B/plain" /no/such/file "$B" relative/path; do
        second true
        joins network "$path"
        run rt run -b "$S" "$ID-2" </dev/null
        refuses 1 "$path" || refuses 1 "must be absolute"
    done
    second true
    edit_bundle "$S" '.linux.namespaces += [{type:"ipc"}]'
    run rt run -b "$S" "$ID-2" </dev/null
    refuses 1 'the ipc namespace is named twice'
    [ "$(rt list -q)" = "$ID" ]
}

@test "the host's own namespace is not joined where the container would change it" {
    make_bundle true; S=$B
    joins mount /proc/self/ns/mnt
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "is the host's own mnt namespace: the container's mounts would be the host's"
    make_bundle hostname; S=$B
    joins uts /proc/self/ns/uts
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "is the host's own uts namespace: its name would change"
    edit_bundle "$B" 'del(.hostname)'
    run rt run -b "$B" "$ID" </dev/null
    says "$(hostname)"
    make_bundle cat /proc/sys/net/ipv4/ip_forward; S=$B
    joins network /proc/self/ns/net
    edit_bundle "$B" '.linux.sysctl = {"net.ipv4.ip_forward":"1"}'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "sysctl net.ipv4.ip_forward would change it"
    edit_bundle "$B" 'del(.linux.sysctl)'
    rt run -b "$B" "$ID" </dev/null
}

@test "a user namespace is joined without mappings of the container's own, and mappings beside it are refused" {
    python3 "$HOUSE/tests/stories/hold_user_namespace.py" "0 100000 65536" "0 100000 65536" >"$B/held" 3>&- & HOLDER=$!
    until_true 10 grep -q ready "$B/held"
    make_bundle sh -c 'readlink /proc/self/ns/user; id -u; tr -s " " </proc/self/uid_map; touch /tmp/mine; hostname'; S=$B
    chown -R 100000:100000 "$B/rootfs"; chmod 711 "$HOUSE_DIR" "$B"
    joins user "/proc/$HOLDER/ns/user"
    edit_bundle "$B" '.root.readonly = false'
    run rt run -b "$B" "$ID" </dev/null
    says "$(readlink "/proc/$HOLDER/ns/user"; echo 0; echo " 0 100000 65536"; jq -r .hostname "$B/config.json")"
    [ "$(stat -c %u "$B/rootfs/tmp/mine")" = 100000 ]
    # exec comes into the same one.
    edit_bundle "$B" '.process.args = ["sleep","1000"]'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    [ "$(rt exec "$ID" readlink /proc/self/ns/user)" = "$(readlink "/proc/$HOLDER/ns/user")" ]
    rt delete -f "$ID"
    edit_bundle "$B" '.linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings'
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 'id mappings are given'
    # With a network namespace that another user namespace owns, what needs power over it fails and says so.
    edit_bundle "$B" 'del(.linux.uidMappings, .linux.gidMappings) | .process.args = ["sh","-c","readlink /proc/self/ns/net; ip link set lo down || echo not mine"]'
    joins network /proc/self/ns/net
    run rt run -b "$B" "$ID" </dev/null
    refuses 1 "mount sysfs at /sys"
    edit_bundle "$B" '.mounts |= map(select(.type != "sysfs"))'
    run rt run -b "$B" "$ID" </dev/null
    ends_with 0
    [ "${lines[0]}" = "$(readlink /proc/self/ns/net)" ]
    mentions "not mine"
}

@test "where the PID namespace is shared, kill KILL ends every process, also when the first one is gone" {
    make_bundle sh -c 'sleep 1001 & sleep 1002 & exec sleep 1003'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "pid"))'
    for first_is_gone in no yes; do
        rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
        PID=$(rt state "$ID" | jq .pid)
        until_true 10 has_members = 3
        if [ $first_is_gone = yes ]; then
            kill -KILL "$PID"
            until_true 5 is stopped
            has_members = 2
        fi
        rt kill "$ID" KILL
        until_true 5 has_members = 0
        # Nobody is left: now it is not running.
        until_true 5 is stopped
        run rt kill "$ID" KILL
        refuses 1 "container not running"
        rt delete "$ID"
    done
}

@test "delete ends who is left in a shared PID namespace, and no signal but KILL reaches them" {
    make_bundle sh -c 'trap "" TERM; sleep 1001 & sleep 1002 & exec sleep 1003'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "pid"))'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    PID=$(rt state "$ID" | jq .pid)
    until_true 10 has_members = 3
    run rt delete "$ID"
    refuses 1 "it is running"
    kill -KILL "$PID"
    until_true 5 is stopped
    guests=$(cat "$(group_at pids "$ID")/cgroup.procs")
    rt delete "$ID"
    for guest in $guests; do is_dead "$guest"; done
    # The namespace of another container: its processes stay, ours go.
    first_runs
    second sh -c 'sleep 2001 & exec sleep 2002'
    joins pid "/proc/$PID/ns/pid"
    rt run -d -b "$S" "$ID-2" </dev/null >/dev/null 2>&1
    until_true 10 sh -c "[ \$(wc -l </sys/fs/cgroup/pids/$ID-2/cgroup.procs) = 2 ]"
    rt kill "$ID-2" KILL
    until_true 5 sh -c "[ ! -s /sys/fs/cgroup/pids/$ID-2/cgroup.procs ]"
    is running
    rt delete -f "$ID-2"
    is running
}
