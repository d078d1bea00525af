#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create start run exec state kill delete list ps pause resume spec features, as engines call them.
load runtime_house

@test "run gives the program's exit code and leaves nothing" {
    run in_container sh -c 'echo hello; exit 7'
    ends_with 7
    says hello
    run rt list -q
    says ""
}

@test "run answers 128 + n for a signal" {
    make_bundle sleep 1000
    (until_true 10 is running && rt kill "$ID" KILL) 3>&- &
    run rt run -b "$B" "$ID" </dev/null
    ends_with 137
}

@test "a container is created, started, running, stopped and deleted" {
    make_bundle sleep 1000
    rt create -b "$B" --pid-file "$B/pid" "$ID" </dev/null >/dev/null 2>&1
    [ "$(rt state "$ID" | jq -r .status)" = created ]
    [ "$(cat "$B/pid")" = "$(rt state "$ID" | jq .pid)" ]
    grep -q skiff-runtime "/proc/$(cat "$B/pid")/cmdline"
    rt start "$ID"
    [ "$(rt state "$ID" | jq -r .status)" = running ]
    [ "$(tr '\0' ' ' <"/proc/$(cat "$B/pid")/cmdline")" = "sleep 1000 " ]
    run rt start "$ID"
    refuses 1 "it is running"
    run rt delete "$ID"
    refuses 1 "it is running"
    rt kill "$ID" KILL
    until_true 5 is stopped
    run rt kill "$ID"
    refuses 1 "container not running"
    rt delete "$ID"
    run rt state "$ID"
    refuses 1 "does not exist"
}

@test "the state document is the specification's" {
    make_bundle sleep 1000
    edit_bundle "$B" '.annotations = {"org.example.key": "value"}'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt state "$ID"
    [ "$(jq -r '.ociVersion, .id, .bundle, .annotations["org.example.key"]' <<<"$output")" = "$(printf '1.3.0\n%s\n%s\nvalue' "$ID" "$B")" ]
    [ "$(rt list -q)" = "$ID" ]
    [ "$(rt list -f json | jq -r '.[0].id, .[0].status')" = "$(printf '%s\nrunning' "$ID")" ]
}

@test "an id is taken once, also by many at the same time" {
    make_bundle sleep 1000
    local i pids=() won=0
    for i in 1 2 3 4 5 6; do rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1 & pids+=($!); done
    for i in "${pids[@]}"; do if wait "$i"; then won=$((won + 1)); fi; done
    [ "$won" = 1 ]
    [ "$(rt state "$ID" | jq -r .status)" = running ]
}

@test "ids that are paths are refused" {
    make_bundle true
    for id in ../x a/b . .. "" "a b"; do
        run rt run -b "$B" "$id"
        ends_with 1
    done
    run rt list -q
    says ""
}

@test "a missing program reaches the caller of create and of run, and nothing remains" {
    run in_container nosuchprogram
    refuses 1 "executable file not found in \$PATH"
    run rt create -b "$B" "$ID"
    refuses 1 "executable file not found in \$PATH"
    run in_container /etc
    refuses 1 "permission denied"
    run rt list -q
    says ""
}

@test "an execve that fails reaches start" {
    printf '#!/no/such/interpreter\n' >"$B/rootfs/bin/broken"
    chmod 755 "$B/rootfs/bin/broken"
    make_bundle /bin/broken
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt start "$ID"
    refuses 1 "no such file or directory"
    until_true 5 is stopped
    printf 'not a program' >"$B/rootfs/bin/broken"
    rt delete "$ID"
    run in_container /bin/broken
    refuses 1 "exec format error"
}

@test "exec joins every namespace, gives the exit code, and 255 for its own failures" {
    make_bundle sleep 1000
    edit_bundle "$B" '.linux.namespaces += [{"type":"cgroup"}]'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    run rt exec "$ID" sh -c 'for n in cgroup ipc mnt net pid uts; do readlink /proc/self/ns/$n; done'
    says "$(for n in cgroup ipc mnt net pid uts; do readlink "/proc/$pid/ns/$n"; done)"
    run rt exec "$ID" sh -c 'exit 9'
    ends_with 9
    run rt exec "$ID" nosuchprogram
    refuses 255 "executable file not found"
    [ "$(rt state "$ID" | jq -r .status)" = running ]
    run rt exec -e A=1 --cwd /tmp -u 1000:1000 "$ID" sh -c 'echo $A $(pwd) $(id -u):$(id -g)'
    says "1 /tmp 1000:1000"
    run rt exec "$ID" sh -c 'cut -d: -f3 /proc/self/cgroup | sort -u'
    says /
    rt exec -d --pid-file "$B/execpid" "$ID" sleep 500
    grep -q "$ID" "/proc/$(cat "$B/execpid")/cgroup"
    run rt ps -f json "$ID"
    [ "$(jq length <<<"$output")" = 2 ]
}

@test "a paused container is frozen, refuses exec, and goes on" {
    make_bundle sh -c 'while :; do echo x >>/count; sleep 0.02; done'
    edit_bundle "$B" '.root.readonly = false'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 5 test -s "$B/rootfs/count"
    rt pause "$ID"
    [ "$(rt state "$ID" | jq -r .status)" = paused ]
    before=$(wc -l <"$B/rootfs/count")
    run rt exec "$ID" true
    refuses 255 paused
    [ "$(wc -l <"$B/rootfs/count")" = "$before" ]
    rt resume "$ID"
    until_true 5 sh -c "[ \$(wc -l <'$B/rootfs/count') -gt $before ]"
    rt pause "$ID"
    rt kill "$ID" KILL
    until_true 5 is stopped
}

@test "delete --force kills, also a created one, and an unknown id is fine" {
    make_bundle sleep 1000
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    rt delete -f "$ID"
    [ ! -d "/proc/$pid" ]
    [ ! -d "$(group_at memory "$ID")" ]
    rt delete -f "$ID"
    run rt delete "$ID"
    refuses 1 "does not exist"
}

@test "delete removes groups that the container made" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    mkdir -p "$(group_at memory "$ID")/inner/more"
    rt delete -f "$ID"
    [ ! -d "$(group_at memory "$ID")" ]
}

@test "the log has an early failure as JSON" {
    run rt --log "$B/log" --log-format json run -b /no/such/bundle "$ID"
    ends_with 1
    [ "$(jq -r .level "$B/log")" = error ]
    [[ "$(jq -r .msg "$B/log")" == *"/no/such/bundle"* ]]
    jq -e .time "$B/log"
    run rt --log "$B/log2" --log-format json delete "$ID"
    jq -e '.msg | contains("does not exist")' "$B/log2"
}

@test "--debug logs each step, without it the log stays empty" {
    make_bundle true
    rt --log "$B/log" --log-format json run -b "$B" "$ID" </dev/null
    [ ! -s "$B/log" ]
    rt --debug --log "$B/log" --log-format json run -b "$B" "$ID" </dev/null
    jq -se 'any(.level == "debug" and (.msg | contains("mount proc at /proc"))) and any(.msg | contains("execve true"))' "$B/log"
}

@test "bad input ends with one sentence and nothing made" {
    make_bundle true
    local bad
    for bad in '.process.args = []' 'del(.process)' 'del(.root)' '.root.path = "nowhere"' '.process.cwd = "relative"' \
        '.process.user.uid = -1' '.process.user.uid = 4294967296' '.linux.namespaces += [{"type":"pid"}]' \
        '.linux.namespaces += [{"type":"nonsense"}]' '.linux.namespaces |= map(select(.type != "mount"))' \
        '.mounts += [{"destination":"/x","type":"nosuchfs","source":"x"}]' '.mounts += [{"destination":"/x","type":"bind","source":"/no/such/dir","options":["bind"]}]' \
        '.process.rlimits = [{"type":"RLIMIT_NONSENSE","soft":1,"hard":1}]' '.linux.resources.memory.limit = 1' \
        '.linux.sysctl = {"kernel.core_pattern":"x"}' '.linux.intelRdt = {"closID":"x"}' '.linux.cgroupsPath = "a:b:c"' '.ociVersion = "2.0.0"' '.hooks.prestart = [{"path":"relative"}]'; do
        cp "$B/config.json" "$B/good.json"
        edit_bundle "$B" "$bad"
        run rt run -b "$B" "$ID"
        refuses 1 "" || { echo "for $bad" >&2; return 1; }
        mv "$B/good.json" "$B/config.json"
    done
    printf '{' >"$B/config.json"
    run rt run -b "$B" "$ID"
    refuses 1 config.json
    run rt list -q
    says ""
}

@test "an unknown option is refused by name" {
    run rt run --no-such-option "$ID"
    refuses 1 "--no-such-option"
    run rt nosuchverb
    refuses 1 nosuchverb
    run rt --systemd-cgroup --cgroup-manager cgroupfs list
    refuses 1 "contradict each other"
}

@test "spec writes a bundle that runs, once" {
    cd "$B"
    rt spec
    run rt spec
    refuses 1 "exists"
    jq -e '.ociVersion' config.json
    run rt features
    jq -e '.ociVersionMax and (.linux.namespaces | length == 8)' <<<"$output"
}

@test "hooks run in their places with the state on standard input" {
    make_bundle sh -c 'cat /hook.log'
    cat >"$B/hook" <<'H'
#!/bin/sh
name=$1 log=$2
status=$(sed -n 's/.*"status": "\([a-z]*\)".*/\1/p')
echo "$name $status $(readlink /proc/self/ns/mnt | tr -dc 0-9) $A" >>"$log"
H
    chmod 755 "$B/hook"
    edit_bundle "$B" ".hooks = {
        prestart: [{path:\"$B/hook\",args:[\"hook\",\"prestart\",\"$B/log\"],env:[\"A=1\",\"PATH=$PATH\"]}],
        createRuntime: [{path:\"$B/hook\",args:[\"hook\",\"createRuntime\",\"$B/log\"],env:[\"PATH=$PATH\"]}],
        createContainer: [{path:\"$B/hook\",args:[\"hook\",\"createContainer\",\"$B/log\"],env:[\"PATH=$PATH\"]}],
        poststart: [{path:\"$B/hook\",args:[\"hook\",\"poststart\",\"$B/log\"],env:[\"PATH=$PATH\"]}],
        poststop: [{path:\"$B/hook\",args:[\"hook\",\"poststop\",\"$B/log\"],env:[\"PATH=$PATH\"]}]}"
    run rt run -b "$B" "$ID"
    host=$(readlink /proc/self/ns/mnt | tr -dc 0-9)
    [ "$(awk '{print $1, $2}' "$B/log" | tr '\n' ,)" = "prestart creating,createRuntime creating,createContainer creating,poststart running,poststop stopped," ]
    [ "$(awk '$1 == "prestart" {print $3, $4}' "$B/log")" = "$host 1" ]
    [ "$(awk '$1 == "createContainer" {print $3}' "$B/log")" != "$host" ]
}

@test "a hook that fails or hangs ends the birth and leaves nothing" {
    make_bundle sleep 1000
    edit_bundle "$B" '.hooks.createRuntime = [{path:"/bin/sh",args:["sh","-c","echo the reason >&2; exit 3"]}]'
    run rt run -b "$B" "$ID"
    refuses 1 "exit code 3: the reason"
    edit_bundle "$B" '.hooks.createRuntime = [{path:"/bin/sleep",args:["sleep","1000"],timeout:1}]'
    run rt run -b "$B" "$ID"
    refuses 1 "within 1 seconds"
    run rt list -q
    says ""
}

@test "create refuses a frozen group and one that is in use" {
    make_bundle true
    local group; group=$(group_at freezer "$ID")
    mkdir "$group"
    freeze "$group"
    run timeout 20 skiff-runtime --root "$STATES" run -b "$B" "$ID"
    refuses 1 "frozen"
    thaw "$group"
    rmdir "$group"
    group=$(group_at memory "$ID")
    mkdir "$group"
    sleep 1000 3>&- & local guest=$!
    echo $guest >"$group/cgroup.procs"
    run rt run -b "$B" "$ID"
    refuses 1 "is not empty"
    echo $guest >"${group%/*}/cgroup.procs"
    kill $guest
    rmdir "$group"
    run rt list -q
    says ""
}

@test "delete waits for a group whose last process is only just ending" {
    make_bundle sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; sleep 1000'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "pid"))'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 10 has_members = 9
    rt kill --all "$ID" KILL
    rt delete "$ID"
    for tree in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do [ ! -d "$tree$ID" ]; done
}

@test "what failed or was killed on the way can be made again under the same id" {
    make_bundle sleep 1000
    edit_bundle "$B" '.hooks.createRuntime = [{path:"/bin/false"}]'
    run rt run -b "$B" "$ID"
    refuses 1 "createRuntime"
    edit_bundle "$B" 'del(.hooks) | .process.args = ["nosuchprogram"]'
    run rt run -d -b "$B" "$ID"
    refuses 1 "executable file not found"
    for tree in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do [ ! -d "$tree$ID" ]; done
    make_bundle true
    rt run -b "$B" "$ID" </dev/null
}

@test "a pid that belongs to somebody else by now is not the container's" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    cp "$STATES/$ID/state.json" "$B/state.json"
    # As if the first process had ended and this test's shell had been given its number; as if the machine had been booted since.
    jq -c --argjson pid $$ '.init.pid = $pid' "$B/state.json" >"$STATES/$ID/state.json"
    is stopped
    run rt kill "$ID" KILL
    refuses 1 "container not running"
    jq -c '.bootId = "another"' "$B/state.json" >"$STATES/$ID/state.json"
    is stopped
    [ "$(rt list -f json | jq '.[0].pid')" = 0 ]
    cp "$B/state.json" "$STATES/$ID/state.json"
    is running
}
