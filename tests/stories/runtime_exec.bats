#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# One more process in a running container: what reaches it, what its caller learns, and what it must not disturb.
load runtime_house

sleeper() {
    make_bundle sleep 1000
    local filter
    for filter in "$@"; do edit_bundle "$B" "$filter"; done
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}

# pidfd_sent_to SOCKET: waits for one pidfd there, prints the pid that it names.
pidfd_sent_to() {
    timeout 30 python3 - "$1" <<'PY' 3>&-
import re, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
connection, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(connection, 100, 1)
print(re.search(r"^Pid:\t(\d+)", open(f"/proc/self/fdinfo/{descriptors[0]}").read(), re.M).group(1), flush=True)
PY
}

# with_pidfd VERB...: the pid that the pidfd of `rt VERB --pidfd-socket ...` names.
with_pidfd() {
    rm -f "$B/socket" "$B/pidfd"
    pidfd_sent_to "$B/socket" >"$B/pidfd" &
    until_true 10 grep -q ready "$B/pidfd"
    rt "$1" --pidfd-socket "$B/socket" "${@:2}" </dev/null >/dev/null 2>&1
    wait $!
    tail -1 "$B/pidfd"
}

@test "--pidfd-socket: create, run and exec send a pidfd of their process" {
    make_bundle sleep 1000
    [ "$(with_pidfd create -b "$B" "$ID")" = "$(rt state "$ID" | jq .pid)" ]
    rt delete -f "$ID"
    [ "$(with_pidfd run -d -b "$B" "$ID")" = "$(rt state "$ID" | jq .pid)" ]
    [ "$(with_pidfd exec -d --pid-file "$B/pid" "$ID" sleep 999)" = "$(cat "$B/pid")" ]
    run rt exec --pidfd-socket "$B/nobody" "$ID" true
    refuses 255 "--pidfd-socket"
    rt delete -f "$ID"
    run rt create --pidfd-socket "$B/nobody" -b "$B" "$ID"
    refuses 1 "--pidfd-socket"
    run rt list -q
    says ""
}

# groups_of PID: lines such as "memory:/path".
groups_of() { sed 's/^[0-9]*://' "/proc/$1/cgroup"; }

@test "exec --cgroup: a sub-group of the container's, in the trees of its controllers or in every one" {
    needs_version_1
    sleeper
    mkdir "/sys/fs/cgroup/memory/$ID/inner" "/sys/fs/cgroup/pids/$ID/other"
    rt exec -d --cgroup memory:/inner --cgroup pids:other --pid-file "$B/pid" "$ID" sleep 999 </dev/null >/dev/null 2>&1
    groups_of "$(cat "$B/pid")" | grep -qx "memory:.*/$ID/inner"
    groups_of "$(cat "$B/pid")" | grep -qx "pids:.*/$ID/other"
    groups_of "$(cat "$B/pid")" | grep -qx "freezer:.*/$ID"
    run rt exec --cgroup / "$ID" true
    ends_with 0
    run rt exec --cgroup inner "$ID" true     # not in every tree
    refuses 255 "inner"
    run rt exec --cgroup memory:/absent "$ID" true
    refuses 255 "absent"
    run rt exec --cgroup nothing:/inner "$ID" true
    refuses 255 "nothing"
    run rt exec --cgroup memory:/../.. "$ID" true
    refuses 255 "--cgroup"
    run rt exec --cgroup memory: "$ID" true
    refuses 255 "--cgroup"
    rt delete -f "$ID"     # with the groups that were made inside
    [ ! -e "/sys/fs/cgroup/memory/$ID" ]
}

@test "exec --cgroup on version 2: a sub-group of the container's, never one outside" {
    needs_version_2
    sleeper
    local group; group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(rt state "$ID" | jq .pid)/cgroup")
    [ "${group##*/}" = "$ID" ]
    mkdir "$group/inner"
    rt exec -d --cgroup inner --pid-file "$B/pid" "$ID" sleep 999 </dev/null >/dev/null 2>&1
    grep -qx "$(cat "$B/pid")" "$group/inner/cgroup.procs"
    run rt exec --cgroup / "$ID" true
    ends_with 0
    run rt exec --cgroup absent "$ID" true
    refuses 255 "absent"
    run rt exec --cgroup ../.. "$ID" true
    refuses 255 "--cgroup"
    run rt exec --cgroup memory:inner "$ID" true   # a controller's tree is version 1's
    refuses 255 "memory"
    rt delete -f "$ID"     # with the group that was made inside
    [ ! -e "$group" ]
}

@test "environment: the last of two wins, a line break stays, HOME is set once" {
    make_bundle env
    edit_bundle "$B" '.process.env = ["A=1","B=2","A=3","EMPTY=","C=first\nsecond","HOME="]'
    run rt run -b "$B" "$ID"
    says $'B=2\nA=3\nEMPTY=\nC=first\nsecond\nHOME=/root'
    sleeper '.process.env = ["A=1","PATH=/bin","HOME=/first"]'
    run rt exec -e A=2 -e $'N=x\ny' -e HOME=/mine -e A=4 "$ID" env
    says $'PATH=/bin\nN=x\ny\nHOME=/mine\nA=4'
    run rt exec -e HOME= -u 1000:1000 "$ID" env
    says $'A=1\nPATH=/bin\nHOME=/home'
    run rt exec -e PATH=/nowhere -e PATH=/bin "$ID" env
    ends_with 0
    run rt exec -e NOTHING "$ID" env
    refuses 255 NOTHING
}

@test "a program that cannot run: its exec says so, and the container goes on" {
    sleeper
    echo 'not a program' >"$B/rootfs/noexec"; printf '\1\2\3' >"$B/rootfs/broken"; chmod +x "$B/rootfs/broken"
    run rt exec "$ID" absent
    refuses 255 'executable file not found in $PATH'
    run rt exec "$ID" /absent/program
    refuses 255 'no such file or directory'
    run rt exec "$ID" /noexec
    refuses 255 'permission denied'
    run rt exec "$ID" /broken
    refuses 255 'exec format error'
    run rt exec --cwd /absent "$ID" true
    refuses 255 "/absent"
    is running
    run rt exec "$ID" sh -c 'exit 42'
    ends_with 42
    run rt exec "$ID" sh -c 'kill -KILL $$'
    ends_with 137
    # Also of create's: the caller learns before it returns, in the log as well.
    make_bundle absent
    run rt --log "$B/log" --log-format json create -b "$B" "$ID-2" </dev/null
    refuses 1 'executable file not found in $PATH'
    jq -e '.level == "error" and (.msg | contains("not found")) and .time' "$B/log" >/dev/null
}

@test "--pid-file: relative to the caller's directory, whole, and there when exec returns" {
    sleeper
    mkdir "$B/here"
    (cd "$B/here" && rt exec -d --pid-file pid "$ID" sleep 999 </dev/null >/dev/null 2>&1)
    [ "$(cat "/proc/$(cat "$B/here/pid")/comm")" = sleep ]
    run rt exec -d --pid-file "$B/no/such/pid" "$ID" sleep 998
    refuses 255 "$B/no/such"
    until_true 10 sh -c "! ps -eo args | grep -qx 'sleep 998'"
}

@test "everything about a process applies to an exec, too" {
    sleeper '.process.user = {uid:1000,gid:1001,additionalGids:[7],umask:63} | .process.noNewPrivileges = true | .process.oomScoreAdj = 123
        | .process.rlimits = [{type:"RLIMIT_NOFILE",soft:77,hard:88}] | .process.cwd = "/tmp"
        | .process.capabilities = {bounding:["CAP_KILL"],effective:["CAP_KILL"],permitted:["CAP_KILL"],inheritable:["CAP_KILL"],ambient:["CAP_KILL"]}'
    run rt exec "$ID" sh -c 'id -u; id -g; sed -n "s/^Groups:\t//p; s/^NoNewPrivs:\t//p" /proc/self/status; umask; cat /proc/self/oom_score_adj; ulimit -n; pwd; grep -E "Cap(Eff|Inh|Amb)" /proc/self/status | cut -f2'
    says $'1000\n1001\n7 \n1\n0077\n123\n77\n/tmp\n0000000000000020\n0000000000000020\n0000000000000020'
    # One more capability goes into every set, as the container has ambient ones.
    run rt exec --cap CAP_CHOWN "$ID" sh -c 'grep Cap /proc/self/status | cut -f2 | sort -u'
    says 0000000000000021
    run rt exec --cap CAP_NONSENSE "$ID" true
    refuses 255 CAP_NONSENSE
    run rt exec -u 5 "$ID" id -u
    says 5
    local name
    for name in root 0x0 -1 '' 4294967295 4294967296 '1:' ' 1' '1:x'; do
        run rt exec --user="$name" "$ID" id -u
        refuses 255 "--user" || { echo "for $name" >&2; return 1; }
    done
}

@test "an unknown capability in config.json is a warning; the others hold" {
    make_bundle sh -c 'grep CapEff /proc/self/status | cut -f2'
    edit_bundle "$B" '.process.capabilities = {bounding:["CAP_KILL","CAP_FUTURE"],effective:["CAP_KILL","CAP_FUTURE"],permitted:["CAP_KILL"]}'
    run rt run -b "$B" "$ID"
    ends_with 0
    mentions CAP_FUTURE
    mentions 0000000000000020
}

@test "streams belong to the user, but the null device stays root's" {
    make_bundle sh -c 'echo hello >/dev/stdout; stat -Lc %u /proc/self/fd/1'
    edit_bundle "$B" '.process.user = {uid:1000,gid:1000}'
    run rt run -b "$B" "$ID" </dev/null
    says $'hello\n1000'
    [ "$(stat -c '%u %a' /dev/null)" = "0 666" ]
    sleeper '.process.user = {uid:1000,gid:1000}'
    run rt exec "$ID" sh -c 'echo hello >/dev/stdout; stat -Lc %u /proc/self/fd/1'
    says $'hello\n1000'
    [ "$(stat -c '%u %a' /dev/null)" = "0 666" ]
}

@test "LISTEN_FDS: the descriptors that it counts arrive, and no other" {
    sleeper
    run bash -c "exec 3</etc/passwd 4</etc/group 9<'$B/config.json'; LISTEN_FDS=2 skiff-runtime --root '$STATES' exec '$ID' sh -c 'ls /proc/self/fd | tr \"\n\" \" \"'"
    says "0 1 2 3 4 5 "     # 5 is the listing itself
    # The first process is told of them as systemd tells (sd_listen_fds(3)).
    make_bundle sh -c 'echo $LISTEN_FDS $LISTEN_PID $$'
    run bash -c "exec 3</etc/passwd; LISTEN_FDS=1 LISTEN_PID=\$\$ skiff-runtime --root '$STATES' run --preserve-fds 0 -b '$B' '$ID-2'"
    says "1 1 1"
}
