#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The six kinds of hooks: where and when each runs, what it is given, and what its failure means (runtime-spec config.md).
load runtime_house

# hook KIND SCRIPT [MORE]: adds one of that kind, a shell script; MORE is jq that changes it.
hook() {
    edit_bundle "$B" ".hooks.$1 += [{path:\"/bin/sh\", args:[\"sh\",\"-c\",\$words[0]]} | ${3:-.}]" "$2"
}
# said KIND: the status, pid and id that each hook of that kind was told.
says_state() { echo "sed -n 's/.*\"\\(status\\|pid\\|id\\)\": *\"*\\([^\",]*\\).*/\\2/p' | tr '\\n' ' ' >>$1; echo >>$1"; }
empty() { [ -z "$(rt list -q)" ]; }

@test "each kind is told the state that the container is in" {
    mkdir "$B/told"
    make_bundle sleep 1000
    for kind in prestart createRuntime createContainer poststart poststop; do hook $kind "$(says_state "$B/told/$kind")"; done
    hook startContainer "$(says_state /told)"
    edit_bundle "$B" '.root.readonly = false'
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    [ ! -e "$B/rootfs/told" ]
    rt start "$ID"
    rt delete -f "$ID"
    for kind in prestart createRuntime createContainer; do [ "$(cat "$B/told/$kind")" = "$ID $pid creating " ]; done
    [ "$(cat "$B/rootfs/told")" = "$ID $pid created " ]
    [ "$(cat "$B/told/poststart")" = "$ID $pid running " ]
    [ "$(cat "$B/told/poststop")" = "$ID 0 stopped " ]
}

@test "argv[0] is as written, and the environment is the hook's alone" {
    make_bundle true
    edit_bundle "$B" '.root.readonly = false | .process.env += ["OF_THE_PROGRAM=1"]'
    hook createRuntime "head -z -n 1 /proc/\$\$/cmdline | tr -d '\\0' >$B/argv; /usr/bin/env >$B/env" '.path = "/bin/bash" | .args[0] = "a name of its own" | .env = ["ONE=1", "PATH=/bin:/usr/bin"]'
    hook startContainer 'cat /proc/$$/environ >/env; true' '.env = ["TWO=2"]'
    OF_THE_CALLER=1 rt run -b "$B" "$ID" </dev/null
    [ "$(cat "$B/argv")" = "a name of its own" ]
    [ "$(grep -v '^_=\|^PWD=\|^SHLVL=\|^OLDPWD=\|^PATH=' "$B/env")" = ONE=1 ]
    [ "$(tr '\0' , <"$B/rootfs/env")" = TWO=2, ]
    # A hook without env has none; without args it has its path.
    edit_bundle "$B" 'del(.hooks)'
    printf '#!/bin/sh\ntr "\\0" "\\n" </proc/$$/environ >%s/env2\n' "$B" >"$B/bare"; chmod 755 "$B/bare"
    edit_bundle "$B" ".hooks.createRuntime = [{path:\"$B/bare\"}]"
    OF_THE_CALLER=1 rt run -b "$B" "$ID" </dev/null
    [ ! -s "$B/env2" ]
}

@test "each runs in its place: on the host, in the namespaces before the pivot, or inside" {
    mkdir "$B/where"
    make_bundle true
    echo inside >"$B/rootfs/mark"
    for kind in prestart createRuntime createContainer poststart poststop; do
        hook $kind "for n in mnt pid net uts; do readlink /proc/self/ns/\$n; done | tr '\\n' ' ' >$B/where/$kind; [ ! -e /mark ] || echo inside >>$B/where/$kind"
    done
    hook startContainer 'for n in mnt pid net uts; do readlink /proc/self/ns/$n; done | tr "\n" " " >/where; cat /mark >>/where'
    edit_bundle "$B" '.root.readonly = false | .process.args = ["sh","-c","for n in mnt pid net uts; do readlink /proc/self/ns/$n; done | tr \"\\n\" \" \""]'
    run rt run -b "$B" "$ID" </dev/null
    host=$(for n in mnt pid net uts; do readlink /proc/self/ns/$n; done | tr '\n' ' ')
    for kind in prestart createRuntime poststart poststop; do [ "$(cat "$B/where/$kind")" = "$host" ]; done
    [ "$(cat "$B/where/createContainer" | tr -d '\n')" = "$output" ]
    [ "$(cat "$B/rootfs/where")" = "${output}inside" ]
}

@test "a startContainer hook is as confined as the program: it may be a file of the image's" {
    make_bundle true
    hook startContainer 'id -u >/tmp/facts; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status >>/tmp/facts; pwd >>/tmp/facts; grep -c . /proc/self/cgroup >/dev/null; grep ":memory:\|^0::" /proc/self/cgroup >>/tmp/facts; mkdir /tmp/x 2>/dev/null || echo refused >>/tmp/facts'
    edit_bundle "$B" '.root.readonly = false | .process.user = {uid:1000,gid:1000} | .process.cwd = "/home" | .process.noNewPrivileges = true | .process.capabilities = {bounding:["CAP_KILL"]} |
        .linux.seccomp = {defaultAction:"SCMP_ACT_ALLOW",syscalls:[{names:["mkdir","mkdirat"],action:"SCMP_ACT_ERRNO"}]}'
    chmod 1777 "$B/rootfs/tmp"
    rt run -b "$B" "$ID" </dev/null
    cat "$B/rootfs/tmp/facts"
    [ "$(head -n 6 "$B/rootfs/tmp/facts" | tr -d '\t' | tr '\n' ' ')" = "1000 CapEff:0000000000000000 CapBnd:0000000000000020 NoNewPrivs:1 Seccomp:2 /home " ]
    grep -q "/$ID" "$B/rootfs/tmp/facts"
    tail -n 1 "$B/rootfs/tmp/facts" | grep -q refused
}

@test "a hook that fails before the program ends the container, and poststop hooks clear up" {
    for kind in prestart createRuntime createContainer startContainer; do
        rm -f "$B/cleared" "$B/rootfs/ran"
        make_bundle sh -c 'echo >/ran'
        edit_bundle "$B" '.root.readonly = false'
        hook $kind 'echo the reason >&2; exit 3'
        hook $kind "echo >$B/second"
        hook poststop "grep -q stopped && [ ! -d /sys/fs/cgroup/memory/$ID ] && echo cleared >>$B/cleared"
        run rt run -b "$B" "$ID" </dev/null
        refuses 1 "$kind hook #0 (/bin/sh): failed with exit code 3: the reason"
        [ ! -e "$B/second" ]
        [ ! -e "$B/rootfs/ran" ]
        [ "$(cat "$B/cleared")" = cleared ]
        empty
    done
    # In two steps start fails, and the container is stopped until it is deleted.
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt start "$ID"
    refuses 1 "startContainer hook #0"
    is stopped
    rm "$B/cleared"
    rt delete "$ID"
    [ "$(cat "$B/cleared")" = cleared ]
    [ ! -e "$B/rootfs/ran" ]
}

@test "a poststart hook that fails stops the container" {
    make_bundle sleep 1000
    hook poststart 'exit 4'
    hook poststop "echo >$B/cleared"
    run rt run -d -b "$B" "$ID" </dev/null
    refuses 1 "poststart hook #0 (/bin/sh): failed with exit code 4"
    empty
    [ -e "$B/cleared" ]
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt start "$ID"
    refuses 1 "poststart hook #0"
    is stopped
}

@test "a poststop hook that fails is a warning, and the others run" {
    make_bundle true
    hook poststop 'echo first >&2; exit 5'
    hook poststop 'kill -TERM $$'
    hook poststop "echo >$B/third"
    run rt --log "$B/log" run -b "$B" "$ID" </dev/null
    ends_with 0
    [ -e "$B/third" ]
    cat "$B/log"
    grep -q 'level=warning.*poststop hook #0 (/bin/sh): failed with exit code 5: first' "$B/log"
    grep -q 'level=warning.*poststop hook #1 (/bin/sh): was ended by SIGTERM' "$B/log"
    empty
}

# Nobody but us sleeps for so long.
no_sleeper() { ! grep -qsz "^$1$" /proc/[0-9]*/cmdline; }

@test "a hook that takes longer than its time limit is killed, wherever it runs" {
    local number=77001
    for kind in prestart createRuntime createContainer startContainer poststart; do
        number=$((number + 1))
        make_bundle sleep 1000
        edit_bundle "$B" ".hooks.$kind = [{path:\"/bin/sleep\",args:[\"sleep\",\"$number\"],timeout:1}]"
        run rt run -d -b "$B" "$ID" </dev/null
        refuses 1 "$kind hook #0 (/bin/sleep): did not end within 1 seconds and was killed"
        empty
        until_true 5 no_sleeper $number
    done
    make_bundle true
    edit_bundle "$B" '.hooks.poststop = [{path:"/bin/sleep",args:["sleep","77010"],timeout:1}]'
    run rt --log "$B/log" run -b "$B" "$ID" </dev/null
    ends_with 0
    grep -q 'did not end within 1 seconds' "$B/log"
    no_sleeper 77010
    # The limit is one number of seconds of at least 1.
    for bad in 0 -1 '"1"' 1.5; do
        edit_bundle "$B" ".hooks.poststop[0].timeout = $bad"
        run rt run -b "$B" "$ID" </dev/null
        refuses 1 timeout
    done
}

@test "a hook need not read its input, may say a lot, and may leave talkers behind" {
    make_bundle true
    edit_bundle "$B" '.annotations = {"big": ("x" * 300000)}'
    hook createRuntime 'exec <&-; exit 0'
    hook createRuntime 'head -c 1000000 /dev/zero; wc -c >/dev/null'
    hook createRuntime "(while :; do echo talk; done) & echo \$! >$B/talker"
    run timeout 20 skiff-runtime --root "$STATES" run -b "$B" "$ID" </dev/null
    ends_with 0
    [ ! -s "$B/talker" ] || kill "$(cat "$B/talker")" || true
}

@test "hooks die with the runtime, and what it was making can be deleted" {
    local number=77020
    for kind in createRuntime createContainer startContainer; do
        number=$((number + 1))
        make_bundle sleep 1000
        edit_bundle "$B" ".hooks.$kind = [{path:\"/bin/sleep\",args:[\"sleep\",\"$number\"]}]"
        skiff-runtime --root "$STATES" run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1 3>&- & local runtime=$!
        until_true 10 eval "! no_sleeper $number"
        kill -KILL $runtime
        until_true 5 no_sleeper $number
        until_true 5 is stopped
        rt delete "$ID"
    done
}
