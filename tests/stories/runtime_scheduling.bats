#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# When, where and under which clock a program runs: of the first one and of an exec's.
load runtime_house

# A container that sleeps, for exec to join. Arguments: filters for its config.json.
sleeper() {
    make_bundle sleep 1000
    local filter
    for filter in "$@"; do edit_bundle "$B" "$filter"; done
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}

# refused FILTER WORD: a config.json with it is refused, naming WORD.
refused() {
    make_bundle true
    edit_bundle "$B" "$1"
    run rt run -b "$B" "$ID"
    refuses 1 "$2" || { echo "for $1" >&2; return 1; }
}

# The whole seconds that /proc/uptime (the clock boottime) tells.
seconds() { cut -d. -f1 <<<"${1%% *}"; }

@test "time offsets: its clocks are offset, of an exec too; the host's are not" {
    sleeper '.linux.namespaces += [{"type":"time"}] | .linux.timeOffsets = {"boottime":{"secs":1000000,"nanosecs":500},"monotonic":{"secs":-5}}'
    local host inside
    run rt exec "$ID" cat /proc/uptime
    ends_with 0
    inside=$(seconds "$output") host=$(seconds "$(cat /proc/uptime)")
    [ $((inside - host)) -ge 999990 ] && [ $((inside - host)) -le 1000010 ]
    run rt exec "$ID" cat /proc/self/timens_offsets
    [ "$(tr -s ' ' <<<"$output")" = $'monotonic -5 0\nboottime 1000000 500' ]
    [ "$(readlink "/proc/$(rt state "$ID" | jq .pid)/ns/time")" != "$(readlink /proc/self/ns/time)" ]
    # Beside namespaces of every other kind, the user's too.
    rt delete -f "$ID"
    make_bundle cat /proc/self/timens_offsets
    chown -R 100000:100000 "$B/rootfs"; chmod 711 "$HOUSE_DIR" "$B"
    edit_bundle "$B" '.linux.namespaces += [{"type":"time"},{"type":"user"},{"type":"cgroup"}] | .linux.timeOffsets.boottime.secs = 7
        | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings'
    run rt run -b "$B" "$ID"
    [ "$(tr -s ' ' <<<"$output")" = $'monotonic 0 0\nboottime 7 0' ]
}

@test "time offsets that cannot be: without a new time namespace, of another clock, before the clock's beginning" {
    refused '.linux.timeOffsets.boottime.secs = 5' "time"
    refused '.linux.namespaces += [{type:"time",path:"/proc/self/ns/time"}] | .linux.timeOffsets.boottime.secs = 5' "time"
    refused '.linux.namespaces += [{type:"time"}] | .linux.timeOffsets.realtime.secs = 5' realtime
    refused '.linux.namespaces += [{type:"time"}] | .linux.timeOffsets.monotonic.secs = -1000000000' "monotonic"
    refused '.linux.namespaces += [{type:"time"}] | .linux.timeOffsets.monotonic = {nanosecs:1000000000}' nanosecs
}

@test "personality: a 32-bit machine, of an exec too" {
    make_bundle uname -m
    edit_bundle "$B" '.linux.personality.domain = "LINUX32"'
    run rt run -b "$B" "$ID"
    says i686
    sleeper '.linux.personality.domain = "LINUX32"'
    run rt exec "$ID" uname -m
    says i686
    refused '.linux.personality.domain = "BSD"' BSD
    refused '.linux.personality = {domain:"LINUX",flags:["ADDR_NO_RANDOMIZE"]}' ADDR_NO_RANDOMIZE
}

# scheduling PID: "policy nice" as the kernel says (sched(7): 0 other, 3 batch, 5 idle).
scheduling() { awk '{sub(/.*\) /, ""); print $39, $17}' "/proc/$1/stat"; }

@test "scheduler: policy and nice value, of an exec too" {
    sleeper '.process.scheduler = {policy:"SCHED_BATCH",nice:7,flags:["SCHED_FLAG_RESET_ON_FORK"]}'
    [ "$(scheduling "$(rt state "$ID" | jq .pid)")" = "3 7" ]
    run rt exec "$ID" awk '{sub(/.*\) /, ""); print $39, $17}' /proc/self/stat
    says "3 7"
    jq '.process | .args = ["awk","{sub(/.*\\) /, \"\"); print $39, $17}","/proc/self/stat"] | .scheduler = {policy:"SCHED_IDLE"}' "$B/config.json" >"$B/process.json"
    run rt exec --process "$B/process.json" "$ID"
    says "5 0"
}

@test "scheduler: what a policy has no use for, and what the kernel has not, is refused by name" {
    refused '.process.scheduler = {policy:"SCHED_FAST"}' SCHED_FAST
    refused '.process.scheduler = {policy:"SCHED_ISO"}' SCHED_ISO
    refused '.process.scheduler = {policy:"SCHED_OTHER",nice:20}' nice
    refused '.process.scheduler = {policy:"SCHED_FIFO",nice:5}' nice
    refused '.process.scheduler = {policy:"SCHED_OTHER",priority:5}' priority
    refused '.process.scheduler = {policy:"SCHED_RR",priority:5,runtime:1}' SCHED_DEADLINE
    refused '.process.scheduler = {policy:"SCHED_OTHER",flags:["SCHED_FLAG_HURRY"]}' SCHED_FLAG_HURRY
    refused '.process.scheduler = {}' policy
    # The kernel's own refusal is a sentence, too: this group has no real-time budget, or the policy cannot have no priority.
    refused '.process.scheduler = {policy:"SCHED_RR",priority:0}' "SCHED_RR"
}

@test "I/O priority, of an exec too" {
    sleeper '.process.ioPriority = {class:"IOPRIO_CLASS_BE",priority:6}'
    local init
    init=$(rt state "$ID" | jq .pid)
    [ "$(ionice -p "$init")" = "best-effort: prio 6" ]
    rt exec -d --pid-file "$B/pid" "$ID" sleep 999 </dev/null >/dev/null 2>&1
    [ "$(ionice -p "$(cat "$B/pid")")" = "best-effort: prio 6" ]
    refused '.process.ioPriority = {class:"IOPRIO_CLASS_SLOW"}' IOPRIO_CLASS_SLOW
    refused '.process.ioPriority = {class:"IOPRIO_CLASS_BE",priority:8}' priority
}

cpus_of() { sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$1/status"; }

@test "CPUs: the caller's are not the container's, its cpuset is" {
    [ "$(nproc)" -ge 2 ] || skip "one processor"
    local all
    all=$(cat /sys/devices/system/cpu/online)
    make_bundle sleep 1000
    taskset -c 0 "$SKIFF_BIN/skiff-runtime" --root "$STATES" run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    [ "$(cpus_of "$(rt state "$ID" | jq .pid)")" = "$all" ]
    run taskset -c 0 "$SKIFF_BIN/skiff-runtime" --root "$STATES" exec "$ID" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status
    says "$all"
    rt update --cpuset-cpus 1 "$ID"
    run taskset -c 0 "$SKIFF_BIN/skiff-runtime" --root "$STATES" exec "$ID" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status
    says 1
}

@test "execCPUAffinity: the exec's CPUs, before and in the container's groups" {
    [ "$(nproc)" -ge 2 ] || skip "one processor"
    sleeper '.process.execCPUAffinity = {initial:"0",final:"1"}'
    [ "$(cpus_of "$(rt state "$ID" | jq .pid)")" = "$(cat /sys/devices/system/cpu/online)" ]
    run rt exec "$ID" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status
    says 1
    run strace -f -o "$B/trace" -e trace=sched_setaffinity "$SKIFF_BIN/skiff-runtime" --root "$STATES" exec "$ID" true
    [ "$(grep -o 'sched_setaffinity(.*)' "$B/trace" | wc -l)" = 2 ]
    jq '.process | .args = ["true"] | .execCPUAffinity = {final:"5000"}' "$B/config.json" >"$B/process.json"
    run rt exec --process "$B/process.json" "$ID"
    refuses 255 5000
    jq '.process | .args = ["true"] | .execCPUAffinity = {initial:"1-"}' "$B/config.json" >"$B/process.json"
    run rt exec --process "$B/process.json" "$ID"
    refuses 255 initial
}

@test "memory policy, of an exec too" {
    [ -e /proc/self/numa_maps ] || skip "this kernel knows no nodes"
    sleeper '.linux.memoryPolicy = {mode:"MPOL_INTERLEAVE",nodes:"0",flags:["MPOL_F_STATIC_NODES"]}'
    grep -q 'interleave=static:0' "/proc/$(rt state "$ID" | jq .pid)/numa_maps"
    run rt exec "$ID" cat /proc/self/numa_maps
    mentions 'interleave=static:0'
    rt delete -f "$ID"
    make_bundle cat /proc/self/numa_maps
    edit_bundle "$B" '.linux.memoryPolicy = {mode:"MPOL_BIND",nodes:"0"}'
    run rt run -b "$B" "$ID"
    mentions bind:0
    edit_bundle "$B" '.linux.memoryPolicy = {mode:"MPOL_LOCAL",nodes:""}'
    run rt run -b "$B" "$ID"
    mentions local
    refused '.linux.memoryPolicy = {mode:"MPOL_NEAR",nodes:"0"}' MPOL_NEAR
    refused '.linux.memoryPolicy = {mode:"MPOL_BIND",nodes:"0",flags:["MPOL_F_FAR"]}' MPOL_F_FAR
    refused '.linux.memoryPolicy = {mode:"MPOL_BIND",nodes:"x"}' nodes
    refused '.linux.memoryPolicy = {mode:"MPOL_BIND",nodes:"700"}' MPOL_BIND
}

@test "domainname: seen inside, not outside" {
    make_bundle cat /proc/sys/kernel/domainname
    edit_bundle "$B" '.domainname = "inside.example"'
    local before
    before=$(cat /proc/sys/kernel/domainname)
    run rt run -b "$B" "$ID"
    says inside.example
    [ "$(cat /proc/sys/kernel/domainname)" = "$before" ]
    refused '.domainname = "x" | .hostname = "" | .linux.namespaces |= map(select(.type != "uts"))' uts
}

# ring KEYS: the serial number of the container's session keyring in what /proc/keys says.
ring() { awk -v name="_ses.$ID:" '$9 == name {print $1}' <<<"$1"; }

@test "session keyring: one for the container and its execs; none with --no-new-keyring" {
    make_bundle sleep 1000
    edit_bundle "$B" '.linux.maskedPaths = []'
    rt run -d --no-new-keyring -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt exec "$ID" cat /proc/keys
    ends_with 0
    [ "$(ring "$output")" = "" ]
    rt delete -f "$ID"
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt exec "$ID" cat /proc/keys
    local first
    first=$(ring "$output")
    [ "$(wc -w <<<"$first")" = 1 ]
    run rt exec "$ID" cat /proc/keys
    [ "$(ring "$output")" = "$first" ]
}

@test "features tells of memory policies" {
    run rt features
    [ "$(jq -c '.linux.memoryPolicy.modes | index("MPOL_BIND") != null' <<<"$output")" = true ]
    [ "$(jq -c '.linux.memoryPolicy.flags | index("MPOL_F_STATIC_NODES") != null' <<<"$output")" = true ]
}
