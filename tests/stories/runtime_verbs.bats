#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What skiff-runtime's verbs do to a container that is there: update, events, ps, kill, delete, list, spec.
load runtime_house

# A container that sleeps in a group of its own.
sleeper() {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}
# limit FILE: what the container's group says, in whichever tree.
limit() { if is_unified; then cat "/sys/fs/cgroup/$ID/$1"; else cat /sys/fs/cgroup/*/"$ID/$1" | head -n 1; fi; }
memory_limit() { limit "$(is_unified && echo memory.max || echo memory.limit_in_bytes)"; }

@test "update: each option arrives in version 2" {
    needs_version_2
    sleeper
    rt update --memory 64m --memory-reservation 32m --memory-swap 128m --pids-limit 77 --cpu-share 512 "$ID"
    [ "$(limit memory.max) $(limit memory.low) $(limit pids.max)" = "67108864 33554432 77" ]
    [ ! -e "/sys/fs/cgroup/$ID/memory.swap.max" ] || [ "$(limit memory.swap.max)" = 67108864 ]   # without the memory, in this version
    [ "$(limit cpu.weight)" -lt 100 ]
    rt update --cpu-period 50000 --cpu-quota 25000 --cpu-burst 1000 "$ID"
    [ "$(limit cpu.max) $(limit cpu.max.burst)" = "25000 50000 1000" ]
    rt update --cpuset-cpus 0 --cpuset-mems 0 "$ID"
    [ "$(limit cpuset.cpus) $(limit cpuset.mems)" = "0 0" ]
    rt update --cpu-quota -1 --pids-limit -1 "$ID"
    [ "$(limit cpu.max | cut -d' ' -f1) $(limit pids.max)" = "max max" ]
    rt update --memory -1 --memory-swap -1 "$ID"
    [ "$(limit memory.max)" = max ]
    rt update --cpu-idle 1 "$ID"
    [ "$(limit cpu.idle)" = 1 ]
    rt update --cpu-idle 0 "$ID"
    [ "$(limit cpu.idle)" = 0 ]
}

@test "update: each option arrives in the kernel" {
    needs_version_1
    sleeper
    rt update --memory 64m --memory-reservation 32m --memory-swap 128m --pids-limit 77 --cpu-share 512 "$ID"
    [ "$(limit memory.limit_in_bytes) $(limit memory.soft_limit_in_bytes) $(limit pids.max) $(limit cpu.shares)" = "67108864 33554432 77 512" ]
    rt update --cpu-period 50000 --cpu-quota 25000 --cpu-burst 1000 "$ID"
    [ "$(limit cpu.cfs_period_us) $(limit cpu.cfs_quota_us) $(limit cpu.cfs_burst_us)" = "50000 25000 1000" ]
    rt update --cpuset-cpus 0 --cpuset-mems 0 "$ID"
    [ "$(limit cpuset.cpus) $(limit cpuset.mems)" = "0 0" ]
    rt update --cpu-quota -1 --pids-limit -1 "$ID"
    [ "$(limit cpu.cfs_quota_us) $(limit pids.max)" = "-1 max" ]
    rt update --memory -1 --memory-swap -1 "$ID"
    [ "$(limit memory.limit_in_bytes)" -gt 9000000000000000000 ]
    rt update --cpu-idle 1 "$ID"
    [ "$(limit cpu.idle)" = 1 ]
    rt update --cpu-idle 0 "$ID"
    [ "$(limit cpu.idle)" = 0 ]
}

@test "update: all of one call or none, and what the kernel refuses is named" {
    sleeper
    rt update --memory 64m --memory-swap 64m "$ID"
    if ! is_unified; then   # where swap is counted with the memory
        run rt update --pids-limit 33 --memory 128m "$ID"
        refuses 1 "memory and swap together"
    fi
    [ "$(limit pids.max)" = max ]
    run rt update --pids-limit 33 --cpuset-cpus 4000 "$ID"
    refuses 1 cpuset.cpus
    [ "$(limit pids.max)" = max ]
    run rt update --cpu-share many "$ID"
    refuses 1 "--cpu-share"
    run rt update --memory big "$ID"
    refuses 1 "--memory"
    run rt update --cpu-rt-period 1000000 --cpu-rt-runtime 1000 "$ID"
    if [ -e "/sys/fs/cgroup/cpu/$ID/cpu.rt_runtime_us" ]; then [ "$status" -le 1 ]; elif is_unified; then refuses 1 "cpu"; else refuses 1 "CONFIG_RT_GROUP_SCHED"; fi
    run rt update --blkio-weight 100 "$ID"
    if compgen -G "$(group_at blkio "$ID")/blkio*weight" || compgen -G "$(group_at blkio "$ID")/io*weight"; then ends_with 0; else refuses 1 "blkio"; fi
    run rt update --blkio-weight 70000 "$ID"
    refuses 1 "--blkio-weight"
    run rt update --l3-cache-schema "L3:0=f" "$ID"
    refuses 1 "--l3-cache-schema"
    run rt update --mem-bw-schema "MB:0=20" "$ID"
    refuses 1 "--mem-bw-schema"
}

@test "update --resources: a document from a file or a pipe, in place of the options" {
    sleeper
    echo '{"memory":{"limit":67108864},"pids":{"limit":55}}' >"$B/limits.json"
    rt update --resources "$B/limits.json" "$ID"
    [ "$(memory_limit) $(limit pids.max)" = "67108864 55" ]
    echo '{"cpu":{"shares":300}}' | rt update -r - --pids-limit 44 "$ID"
    if is_unified; then [ "$(limit cpu.weight)" -lt 100 ]; else [ "$(limit cpu.shares)" = 300 ]; fi
    [ "$(limit pids.max)" = 55 ]
    echo '{"pids":{"limit":"many"}}' >"$B/limits.json"
    run rt update -r "$B/limits.json" "$ID"
    refuses 1 "pids.limit"
    run rt update -r "$B/nowhere" "$ID"
    refuses 1 "$B/nowhere"
}

@test "update: device rules that are the same as at creation are taken, others are refused, and open ones stay" {
    sleeper
    jq '.linux.resources + {"pids":{"limit":44}}' "$B/config.json" >"$B/limits.json"
    rt update -r "$B/limits.json" "$ID"
    [ "$(limit pids.max)" = 44 ]
    rt exec "$ID" sh -c 'echo >/dev/null'
    ! is_unified || return 0   # there one program takes the other's place (unit_cgroup tells it)
    echo '{"devices":[{"allow":true,"type":"c","major":1,"minor":11,"access":"r"}]}' >"$B/limits.json"
    run rt update -r "$B/limits.json" "$ID"
    refuses 1 "device rules"
}

@test "update --kernel-memory: a warning, and nothing else" {
    sleeper
    run rt update --kernel-memory 10m --kernel-memory-tcp 10m "$ID"
    ends_with 0
    mentions "--kernel-memory has no effect"
    mentions "--kernel-memory-tcp has no effect"
}

@test "update: what does not run has no limits to change" {
    make_bundle true
    rt run --keep -b "$B" "$ID" </dev/null
    run rt update --pids-limit 9 "$ID"
    refuses 1 "it is stopped"
    run rt update --pids-limit 9 nobody
    refuses 1 "does not exist"
}

@test "update: a created and a paused container take limits, too" {
    make_bundle sleep 1000
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    rt update --pids-limit 31 "$ID"
    [ "$(limit pids.max)" = 31 ]
    rt start "$ID"
    rt pause "$ID"
    rt update --pids-limit 32 "$ID"
    [ "$(limit pids.max)" = 32 ]
    rt resume "$ID"
}

@test "events --stats: one document with runc's members" {
    sleeper
    run rt events --stats "$ID"
    ends_with 0
    [ "$(jq -r '.type, .id' <<<"$output")" = $'stats\n'"$ID" ]
    jq -e '.data | .cpu.usage.total > 0 and .memory.usage.usage > 0 and .pids.current == 1' <<<"$output"
    is_unified || jq -e '.data | .memory.raw.rss >= 0 and (.cpuset.cpus | length > 0)' <<<"$output"
    if [ -e "/sys/fs/cgroup/hugetlb/$ID" ]; then jq -e '.data.hugetlb | length > 0' <<<"$output"; fi
    if [ -e "/sys/fs/cgroup/unified/$ID/cpu.pressure" ]; then jq -e '.data.cpu.psi.some.avg10 >= 0' <<<"$output"; fi
    command -v runc >/dev/null || skip "runc is not installed: nothing to compare with"
    # runc leaves out what is 0, and there may be some page cache in one group and none in the other.
    members='[paths | map(select(type == "string")) | join(".")] | unique - ["data.cpu.psi", "data.memory.cache"] | map(select(test("psi|raw[.]|blkio[.]") | not))'
    ours=$(jq -c "$members" <<<"$output")
    mkdir -p "$B/peer"
    runc --root "$B/peer" run -d -b "$B" "$ID-peer" </dev/null >/dev/null 2>&1
    theirs=$(runc --root "$B/peer" events --stats "$ID-peer" | jq -c "$members")
    runc --root "$B/peer" delete -f "$ID-peer"
    [ "$ours" = "$theirs" ] || { printf '%s\n%s\n' "$ours" "$theirs" >&2; false; }
}

@test "events: statistics come at the interval, and the stream ends with the container" {
    sleeper
    rt events --interval 50ms "$ID" >"$B/events" 3>&- &
    local reader=$!
    until_true 10 sh -c "[ \$(grep -c stats '$B/events') -ge 3 ]"
    rt kill "$ID" KILL
    wait $reader
    run rt events "$ID"
    refuses 1 "container not running"
    for interval in 0s -1s soon 48h; do
        run rt events --interval $interval "$ID"
        refuses 1 "--interval"
    done
}

# Whether this process, or one that it started, waits for the kernel's word about memory.
watches_memory() {
    local pid
    for pid in "$1" $(pgrep -P "$1"); do ! ls -l "/proc/$pid/fd" 2>/dev/null | grep -Eq 'eventfd|inotify|memory[.]events' || return 0; done
    return 1
}

@test "events: want of memory is told when it happens" {
    make_bundle sh -c 'while [ ! -e /go ]; do sleep 0.05; done; (x=a; while :; do x=$x$x; done); sleep 1000'
    edit_bundle "$B" '.root.readonly = false | .linux.resources.memory = {limit: 33554432, swap: 33554432}'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    rt events --interval 1h "$ID" >"$B/events" 3>&- &
    local reader=$!
    until_true 10 watches_memory "$reader"
    touch "$B/rootfs/go"
    until_true 20 grep -q '"type":"oom"' "$B/events"
    [ "$(head -n 1 "$B/events" | jq -r .id)" = "$ID" ]
    [ "$(rt state "$ID" | jq -r .status)" = running ]
    rt kill "$ID" KILL
    wait $reader
}

@test "ps: the host's ps(1), with its options, for these processes only" {
    sleeper
    pid=$(rt state "$ID" | jq .pid)
    run rt ps "$ID"
    ends_with 0
    [[ "${lines[0]}" =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD ]]
    [ "${#lines[@]}" = 2 ]
    run rt ps "$ID" -e -o pid,args
    [ "$(echo ${lines[1]})" = "$pid sleep 1000" ]
    run rt ps "$ID" -e -x
    [[ "${lines[1]}" == *"$pid"*"sleep"* && "${#lines[@]}" = 2 ]]
    run rt ps "$ID" -e -o args
    refuses 1 "PID"
    run rt ps "$ID" --no-such-option
    refuses 1 "no-such-option"
    [ "$(rt ps --format json "$ID")" = "[$pid]" ]
    run rt ps --format yaml "$ID"
    refuses 1 "--format"
}

@test "ps: on a host without ps(1) the most important, and options are refused" {
    sleeper
    run env PATH="$SKIFF_BIN" skiff-runtime --root "$STATES" ps "$ID"
    [[ "${lines[0]}" =~ ^UID\ +PID\ +PPID\ +CMD && "${lines[1]}" == *"sleep 1000" ]]
    run env PATH="$SKIFF_BIN" skiff-runtime --root "$STATES" ps "$ID" -ef
    refuses 1 "has none in PATH"
}

@test "kill: by number, by name, with and without SIG; all of them on demand" {
    make_bundle sh -c 'trap "echo usr >>/got" USR1; (trap "echo child >>/got" USR1; while :; do sleep 0.05; done) & while :; do sleep 0.05; done'
    edit_bundle "$B" '.root.readonly = false'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 10 has_members -ge 2
    for signal in USR1 SIGUSR1 10; do
        before=$(grep -cs usr "$B/rootfs/got" || true)
        rt kill "$ID" $signal
        until_true 10 sh -c "[ \$(grep -cs usr '$B/rootfs/got' || true) -gt ${before:-0} ]"
    done
    run grep -c child "$B/rootfs/got"
    says 0
    rt kill --all "$ID" USR1
    until_true 10 grep -q child "$B/rootfs/got"
    run rt kill "$ID" NOSUCH
    refuses 1 NOSUCH
    run rt kill "$ID" 99
    refuses 1 99
}

@test "kill --all: reaches those whose first process has ended" {
    make_bundle sh -c 'sleep 1000 & sleep 1000 & exit 0'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "pid"))'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 10 is stopped
    has_members = 2
    run rt kill "$ID" TERM
    refuses 1 "container not running"
    rt kill --all "$ID" TERM
    until_true 10 has_members = 0
    rt kill --all "$ID" TERM
}

@test "kill --regex and delete --regex: every container that matches, and no other" {
    make_bundle sleep 1000
    for name in one two other; do rt run -d -b "$B" "$ID-$name" </dev/null >/dev/null 2>&1; done
    rt kill --regex "^$ID-(one|two)\$" KILL
    for name in one two; do until_true 10 sh -c "skiff-runtime --root '$STATES' state '$ID-$name' | grep -q stopped"; done
    [ "$(rt state "$ID-other" | jq -r .status)" = running ]
    run rt delete --regex "^$ID-"
    ends_with 0
    mentions "it is running"
    [ "$(rt list -q)" = "$ID-other" ]
    rt delete --regex --force "^$ID-"
    [ -z "$(rt list -q)" ]
    run rt delete --regex '('
    refuses 1 "--regex"
}

@test "list: an explicit root that is not there is an error, an empty one is empty; JSON has runc's members" {
    run rt list
    [[ "${lines[0]}" =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER && "${#lines[@]}" = 1 ]]
    run skiff-runtime --root "$B/nowhere" list -q
    refuses 1 "$B/nowhere"
    [ ! -e "$B/nowhere" ]
    [ "$(rt list --format json)" = null ]
    make_bundle sleep 1000
    edit_bundle "$B" '.annotations = {"a": "b"}'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt list --format json
    [ "$(jq -rc '.[0] | keys' <<<"$output")" = '["annotations","bundle","created","id","ociVersion","owner","pid","rootfs","status"]' ]
    run rt list
    [[ "${lines[1]}" =~ ^$ID\ +[0-9]+\ +running\ +$B\ +20[0-9T:.Z-]+\ +root$ ]]
    [ "$(rt list --quiet)" = "$ID" ]
}

@test "what is written into config.json after create does not count" {
    make_bundle sh -c 'exec sleep 1000'
    edit_bundle "$B" '.process.env += ["WHEN=before"] | .hooks.poststop = [{path:"/bin/touch",args:["touch",$words[0]]}]' "$B/removed"
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    echo '{ "ociVersion": "nonsense"' >"$B/config.json"
    rt start "$ID"
    run rt exec "$ID" sh -c 'echo $WHEN'
    says before
    mv "$B/config.json" "$B/elsewhere"
    rt delete --force "$ID"
    [ -e "$B/removed" ]
}

@test "create --config and spec --file: a configuration of another name, elsewhere" {
    rt spec --bundle "$B" --file other.json
    [ ! -e "$B/config.json" ]
    run rt spec -b "$B" -f other.json
    refuses 1 "other.json exists"
    run rt spec -b "$B" -f ../other.json
    refuses 1 "--file"
    jq '.process.args = ["echo", "other"] | .process.terminal = false' "$B/other.json" >"$B/../$ID.json"
    run rt run --bundle "$B" --config "$B/../$ID.json" "$ID"
    rm "$B/../$ID.json"
    says other
}
