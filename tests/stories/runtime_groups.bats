#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container's control groups on version 1: what its limits become, where its group is, and what it sees of it.
load runtime_house

T=/sys/fs/cgroup
sleeps_with() {
    make_bundle sleep 1000
    edit_bundle "$B" "$1"
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}
# refused_with FILTER WORD: such a bundle is refused with that word, and nothing is made.
refused_with() {
    make_bundle true
    edit_bundle "$B" "$1"
    run rt run -b "$B" "$ID"
    refuses 1 "$2"
    [ -z "$(find $T -maxdepth 2 -name "$ID")" ]
}

@test "pids.limit: 0 is one process, -1 and none are no limit" {
    needs_version_1
    local limit
    for limit in '{limit: 0}=1' '{limit: -1}=max' '{limit: 7}=7' 'null=max'; do
        sleeps_with ".linux.resources.pids = ${limit%=*}"
        [ "$(cat "$T/pids/$ID/pids.max")" = "${limit#*=}" ]
        rt delete -f "$ID"
    done
}

@test "a quota without a period has the kernel's, a period without a quota limits nothing" {
    needs_version_1
    sleeps_with '.linux.resources.cpu = {quota: 25000}'
    [ "$(cat "$T/cpu/$ID/cpu.cfs_quota_us" "$T/cpu/$ID/cpu.cfs_period_us" | xargs)" = "25000 100000" ]
    rt delete -f "$ID"
    sleeps_with '.linux.resources.cpu = {period: 50000}'
    [ "$(cat "$T/cpu/$ID/cpu.cfs_quota_us" "$T/cpu/$ID/cpu.cfs_period_us" | xargs)" = "-1 50000" ]
    rt delete -f "$ID"
    refused_with '.linux.resources.cpu = {quota: 25000, period: 10}' period
}

@test "burst and idle arrive, and idle with shares is settled before the program runs" {
    needs_version_1
    sleeps_with '.linux.resources.cpu = {quota: 50000, period: 100000, burst: 20000}'
    [ "$(cat "$T/cpu/$ID/cpu.cfs_burst_us")" = 20000 ]
    rt delete -f "$ID"
    sleeps_with '.linux.resources.cpu = {idle: 1}'
    [ "$(cat "$T/cpu/$ID/cpu.idle")" = 1 ]
    rt delete -f "$ID"
    refused_with '.linux.resources.cpu = {quota: 50000, burst: 60000}' burst
}

@test "a group below others has their processors and memory nodes, however deep it is" {
    needs_version_1
    sleeps_with ".linux.cgroupsPath = \"/$ID/deep/er\""
    [ "$(cat "$T/cpuset/$ID/deep/er/cpuset.cpus")" = "$(cat $T/cpuset/cpuset.cpus)" ]
    [ "$(cat "$T/cpuset/$ID/deep/er/cpuset.mems")" = "$(cat $T/cpuset/cpuset.mems)" ]
    grep -qx "$(rt state "$ID" | jq .pid)" "$T/memory/$ID/deep/er/cgroup.procs"
    rt delete -f "$ID"
    [ -z "$(find $T -name er -path "*$ID*")" ]
    find $T -depth -path "$T/*/$ID*" -type d -exec rmdir {} + 2>/dev/null || true   # those above are not the container's
}

@test "a relative cgroupsPath and none are below the root of each tree, never below the caller's group" {
    needs_version_1
    mkdir "$T/memory/$ID-caller"
    make_bundle sleep 1000
    edit_bundle "$B" 'del(.linux.cgroupsPath)'
    sh -c "echo \$\$ >$T/memory/$ID-caller/cgroup.procs && exec skiff-runtime --root '$STATES' run -d -b '$B' '$ID'" </dev/null >/dev/null 2>&1
    [ -d "$T/memory/$ID" ]
    rt delete -f "$ID"
    edit_bundle "$B" ".linux.cgroupsPath = \"$ID-relative\""
    sh -c "echo \$\$ >$T/memory/$ID-caller/cgroup.procs && exec skiff-runtime --root '$STATES' run -d -b '$B' '$ID'" </dev/null >/dev/null 2>&1
    [ -d "$T/memory/$ID-relative" ]
    rt delete -f "$ID"
    until_true 5 rmdir "$T/memory/$ID-caller"
}

@test "what version 1 has no place for is refused by name: unified, a weight, huge pages, classes" {
    needs_version_1
    refused_with '.linux.resources.unified = {"memory.high": "1000000"}' unified
    ls $T/blkio/blkio*weight >/dev/null 2>&1 || refused_with '.linux.resources.blockIO = {weight: 100}' blkio
    [ -d $T/hugetlb ] || refused_with '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}]' hugetlb
    [ -d $T/net_cls ] || refused_with '.linux.resources.network = {classID: 1048577}' net_cls
    [ -d $T/net_prio ] || refused_with '.linux.resources.network = {priorities: [{name: "lo", priority: 1}]}' net_prio
    [ -d $T/rdma ] || refused_with '.linux.resources.rdma = {mlx5_1: {hcaHandles: 1}}' rdma
}

@test "checkBeforeUpdate: less memory than is used is refused before anything is written" {
    needs_version_1
    make_bundle sh -c 'head -c 20000000 /dev/zero >/dev/shm/full; sleep 1000'
    edit_bundle "$B" '.linux.resources.memory = {limit: 67108864}'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 10 sh -c "[ \$(cat $T/memory/$ID/memory.usage_in_bytes) -gt 20000000 ]"
    echo '{"memory": {"limit": 8388608, "checkBeforeUpdate": true}, "pids": {"limit": 9}}' >"$B/less.json"
    run rt update --resources "$B/less.json" "$ID"
    refuses 1 memory
    [ "$(cat "$T/memory/$ID/memory.limit_in_bytes") $(cat "$T/pids/$ID/pids.max")" = "67108864 max" ]
    [ "$(rt state "$ID" | jq -r .status)" = running ]
}

@test "the cgroup mount shows the container's own groups, and only without ro they can be changed" {
    needs_version_1
    make_bundle sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes; ls /sys/fs/cgroup | xargs; grep -c " /sys/fs/cgroup/memory " /proc/self/mountinfo; mkdir /sys/fs/cgroup/memory/mine 2>&1'
    edit_bundle "$B" '.linux.resources.memory = {limit: 67108864} | .linux.namespaces += [{type: "cgroup"}] | .linux.namespaces |= unique_by(.type)
        | .mounts |= map(select(.type != "cgroup")) + [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid","noexec","nodev","ro"]}]'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = 67108864 ]
    [ "${lines[2]}" = 1 ]
    [[ "${lines[3]}" == *"Read-only file system"* ]]
    for tree in memory pids freezer cpu; do [[ " ${lines[1]} " == *" $tree "* ]]; done
    # Without a cgroup namespace it is the same group, and none of the host's is in sight.
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "cgroup"))'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = 67108864 ]
    [[ "${lines[3]}" == *"Read-only file system"* ]]
    # Without "ro" a container may make groups below its own, and they go with it.
    edit_bundle "$B" '.process.args = ["sh", "-c", "mkdir /sys/fs/cgroup/memory/mine && echo 1 >/sys/fs/cgroup/memory/mine/cgroup.procs && cat /proc/self/cgroup | grep -o memory:.*"]
        | .linux.namespaces += [{type: "cgroup"}] | .mounts |= map(if .type == "cgroup" then .options = ["nosuid","noexec","nodev"] else . end)'
    run rt run -b "$B" "$ID"
    says "memory:/mine"
}

@test "devices: the rules hold in their order, and the defaults are there" {
    needs_version_1
    make_bundle sh -c 'for d in null zero full random urandom tty; do (: </dev/$d) 2>/dev/null && echo $d; done; mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg 2>&1 | head -n 1; mknod /tmp/any c 42 7 && echo made'
    edit_bundle "$B" '.root.readonly = false | .process.capabilities |= map_values(. + ["CAP_MKNOD"])
        | .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=1777"]}]
        | .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}, {allow: false, type: "c", major: 1, minor: 11, access: "r"}]'
    run rt run -b "$B" "$ID"
    for device in null zero full random urandom; do mentions "$device"; done
    mentions "Operation not permitted"
    mentions made
}
