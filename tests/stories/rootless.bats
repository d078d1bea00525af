# SPDX-License-Identifier: Apache-2.0
# The same commands, typed by a user without privileges: root inside, an ordinary user outside.
load helpers

setup_file() {
    [ "$(id -u)" = 0 ] || skip "these tests need root"
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-story.XXXXXX)
    export HOUSE_DIR
    make_skiffer
    cp "$(busybox_tar)" "$HOUSE_DIR/busybox.tar"
    local kind
    for kind in with without; do
        mkdir -m 700 "$HOUSE_DIR/$kind" "$HOUSE_DIR/$kind/run"
        chown -R "$SKIFFER:$SKIFFER" "$HOUSE_DIR/$kind"
        KIND=$kind user import "$HOUSE_DIR/busybox.tar" busybox
        KIND=$kind user run --rm busybox true
    done
    until_true 10 no_monitor_is_leaving
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" >"$BATS_FILE_TMPDIR/census"
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    local status=0 kind id
    for kind in with without; do
        for id in $(KIND=$kind user ps -aq); do KIND=$kind user rm -f "$id" || status=1; done
    done
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" --since "$BATS_FILE_TMPDIR/census" || { echo "^ left behind" >&2; status=1; }
    forget_skiffer
    rm -rf --one-file-system "$HOUSE_DIR"
    return $status
}

KIND=with

# KIND is with (a range of ids) or without; each has a home of its own.
# as_user COMMAND...: as skiffer.
as_user() {
    local ranges=''
    [ "$KIND" != with ] || ranges=skiffer:700000:65536
    [ "$(cat "$HOUSE_DIR/ranges")" = "$ranges" ] || echo "$ranges" >"$HOUSE_DIR/ranges"
    (cd "$HOUSE_DIR/$KIND" && exec setpriv --reuid "$SKIFFER" --regid "$SKIFFER" --clear-groups \
        env -u SKIFF_ROOT -u SKIFF_RUNROOT -u XDG_DATA_HOME HOME="$HOUSE_DIR/$KIND" XDG_RUNTIME_DIR="$HOUSE_DIR/$KIND/run" "$@")
}
user() { as_user "$HOUSE_DIR/bin/skiff" "$@"; }

@test "root inside is the user outside, and inside his range are more users" {
    run user run --rm busybox sh -c 'id -u; id -g; cat /proc/self/uid_map | tr -s " "'
    says $'0\n0\n 0 54321 1\n 1 700000 65536'
    run user run --rm --user 1000:1000 busybox id -u
    says 1000
    touch "$HOUSE_DIR/with/mine"
    chown "$SKIFFER" "$HOUSE_DIR/with/mine"
    user run --rm -v "$HOUSE_DIR/with:/home" busybox sh -c 'touch /home/new; chown 1000 /home/new'
    run stat -c %u "$HOUSE_DIR/with/new"
    says 700999
    user run --rm -v "$HOUSE_DIR/with:/home" busybox rm /home/new /home/mine
}

@test "without a range there is root alone, and what is asked beyond is refused by name" {
    KIND=without
    run user run --rm busybox sh -c 'id -u; cat /proc/self/uid_map | tr -s " "'
    says $'0\n 0 54321 1'
    run user run --rm --user 1000 busybox true
    mentions "uid 1000 is nobody here"
    [ "$status" -ne 0 ]
    run user run --rm --group-add 2000 busybox true
    mentions "the supplementary group 2000 cannot be had here"
}

@test "a container from run to rm: exec, logs, ps, top, diff, inspect, stop" {
    local kind
    for kind in with without; do
        KIND=$kind
        user run -d --name web busybox sh -c 'echo hello; rm /etc/os-release; echo x >/new; trap "exit 3" TERM; while :; do sleep 0.1; done'
        until_true 10 eval 'user exec web test -e /new'
        run user logs web
        says hello
        run user ps --format '{{.Names}} {{.State}}'
        says "web running"
        run user exec web cat /new
        says x
        run user diff web
        mentions "D /etc/os-release"
        mentions "A /new"
        run user top web
        mentions "sleep"
        run user inspect -f '{{.State.Running}}' web
        says true
        run user stop web
        says web
        run user inspect -f '{{.State.ExitCode}}' web
        says 3
        run user start web
        says web
        run user rm -f web
        says web
    done
}

@test "a second command finds the first one's namespace, and a new one is made when nobody lives in it" {
    user run -d --name one busybox sleep 1000
    user run -d --name two busybox sleep 1000
    local one two
    one=$(readlink "/proc/$(user inspect -f '{{.State.Pid}}' one)/ns/user")
    two=$(readlink "/proc/$(user inspect -f '{{.State.Pid}}' two)/ns/user")
    [ "$one" = "$two" ]
    [ "$one" != "$(readlink /proc/self/ns/user)" ]
    user rm -f one two
    user run -d --name three busybox sleep 1000
    user rm -f three
}

@test "a container whose monitor was killed is still found, reached and removed" {
    user run -d --name lone busybox sleep 1000
    local init keeper worker
    init=$(user inspect -f '{{.State.Pid}}' lone)
    keeper=$(awk '{print $4}' "/proc/$init/stat")
    worker=$(awk '{print $4}' "/proc/$keeper/stat")
    grep -q worker "/proc/$worker/cmdline"
    kill -STOP "$worker" "$keeper"
    kill -9 "$worker" "$keeper"
    run user exec lone echo reached
    says reached
    # It was adopted, by a monitor in the user's namespace.
    worker=$(grep -lzx "skiff:\[worker\] lone" /proc/[0-9]*/cmdline | cut -d/ -f3)
    [ "$(readlink "/proc/$worker/ns/user")" = "$(readlink "/proc/$init/ns/user")" ]
    [ "$worker" != "$keeper" ]
    run user rm -f lone
    says lone
    [ ! -e "/proc/$init" ]
}

@test "namespaces of the host: network, pid and ipc" {
    run user run --rm --network host busybox sh -c 'readlink /proc/self/ns/net'
    says "$(readlink /proc/self/ns/net)"
    run user run --rm --pid host busybox readlink /proc/self/ns/pid
    says "$(readlink /proc/self/ns/pid)"
    run user run --rm --ipc host busybox readlink /proc/self/ns/ipc
    says "$(readlink /proc/self/ns/ipc)"
    run user run --rm --network none busybox sh -c 'ip -o link | wc -l; ping -c 1 127.0.0.1 >/dev/null && echo answers'
    mentions answers
}

@test "a terminal" {
    run as_user script -qec "$HOUSE_DIR/bin/skiff run --rm -it busybox tty" /dev/null
    mentions /dev/pts/0
    user run -d --name web busybox sleep 1000
    run as_user script -qec "$HOUSE_DIR/bin/skiff exec -it web sh -c 'tty; stty size'" /dev/null
    user rm -f web
    mentions /dev/pts/0
}

@test "a limit that cannot be had is refused by name, and so is pause" {
    run user run --rm -m 64m busybox true
    refuses 125 "--memory needs a control group, and without root there is none of ours"
    run user run --rm --pids-limit 10 busybox true
    refuses 125 "--pids-limit needs a control group"
    user run -d --name unpaused busybox sleep 1000
    run user pause unpaused
    refuses 1 "has no cgroup: it was made without root"
    run user stats --no-stream unpaused
    refuses 1 "has no cgroup: it was made without root"
    run user update -m 64m unpaused
    refuses 1 "--memory needs a control group"
    run user why unpaused
    ends_with 0
    user rm -f unpaused
}

@test "images: device nodes are left out, owners come along, and all of it can be removed again" {
    local tree=$BATS_TEST_TMPDIR/tree
    busybox_rootfs "$tree"
    mknod "$tree/dev/null" c 1 3
    mkdir "$tree/owned"
    touch "$tree/owned/file"
    chown -R 1000:1000 "$tree/owned"
    chmod 700 "$tree/owned"
    tar -C "$tree" -cf "$HOUSE_DIR/owned.tar" .
    run user import "$HOUSE_DIR/owned.tar" owned
    ends_with 0
    run user run --rm owned stat -c '%u:%g' /owned/file
    says 1000:1000
    run user rmi owned
    ends_with 0
    KIND=without
    run user import "$HOUSE_DIR/owned.tar" owned
    ends_with 0
    run user run --rm owned stat -c '%u:%g' /owned/file
    says 0:0
    run user rmi owned
    ends_with 0
    rm "$HOUSE_DIR/owned.tar"
}

@test "an owner outside the range is refused by name" {
    local tree=$BATS_TEST_TMPDIR/tree
    mkdir "$tree"
    touch "$tree/far"
    chown 100000 "$tree/far"
    tar -C "$tree" -cf "$HOUSE_DIR/far.tar" .
    run user import "$HOUSE_DIR/far.tar" far
    refuses 1 "it belongs to uid 100000, which is nobody in this user namespace"
    rm "$HOUSE_DIR/far.tar"
}

@test "a container cannot reach what the user cannot" {
    echo classified >"$HOUSE_DIR/secret"
    chmod 600 "$HOUSE_DIR/secret"
    run user run --rm --privileged -v "$HOUSE_DIR:/house" busybox cat /house/secret
    ends_with 1
    does_not_mention "$(cat "$HOUSE_DIR/secret")"
    run user run --rm --privileged -v "$HOUSE_DIR:/house" busybox chown 0 /house/secret
    ends_with 1
    run user run --rm --privileged busybox sh -c 'mknod /tmp/vda b 254 0 || echo forbidden'
    mentions forbidden
    run user run --rm --privileged --pid host busybox sh -c 'kill -0 1 || echo forbidden'
    mentions forbidden
    rm "$HOUSE_DIR/secret"
}

@test "commit: what a container changed and deleted is in the new image" {
    user run --name changed busybox sh -c 'echo new >/new; rm /etc/os-release; rm -r /var; mkdir /var; touch /var/fresh; chown 1000 /new'
    run user commit changed second
    ends_with 0
    run user run --rm second sh -c 'cat /new; stat -c %u /new; ls /var; [ ! -e /etc/os-release ] && echo gone'
    says $'new\n1000\nfresh\ngone'
    user run -d --name running busybox sleep 1000
    run user commit running third
    mentions "has no cgroup: it was made without root"
    run user commit --pause=false running third
    ends_with 0
    user rm -f changed running
    user rmi second third
}

@test "doctor, info and --explain tell what holds for a user" {
    run user doctor
    ends_with 0
    mentions "limited  cgroup memory"
    mentions "ok       mount interface"
    mentions "ok       subuids                   skiffer has ranges"
    run user info --format '{{.CgroupDriver}}'
    says none
    run user run --explain --rm busybox true
    ends_with 0
    does_not_mention cgroup/
    does_not_mention "remove the cgroup"
    mentions "bind the host's /dev/null"
}

@test "save, load and export by a user" {
    user run --name changed busybox sh -c 'echo new >/new; rm -r /var; mkdir /var; chown 1000 /new; rm /etc/os-release'
    user commit changed second
    local id
    id=$(user images -q --no-trunc second)
    user save -o "$HOUSE_DIR/with/saved.tar" second
    user rmi second
    run user load -i "$HOUSE_DIR/with/saved.tar"
    mentions second
    [ "$(user images -q --no-trunc second)" = "$id" ]
    run user run --rm second sh -c 'stat -c %u /new; ls /var; [ ! -e /etc/os-release ] && echo gone'
    says $'1000\ngone'
    user export -o "$HOUSE_DIR/with/exported.tar" changed
    run tar --numeric-owner -tvf "$HOUSE_DIR/with/exported.tar"
    mentions "1000/0"
    does_not_mention var/tmp
    does_not_mention os-release
    rm "$HOUSE_DIR"/with/*.tar
    user rm changed
    user rmi second
}

@test "a run directory that is somebody else's is not used" {
    mkdir -m 777 "$HOUSE_DIR/with/other"
    run as_user env XDG_RUNTIME_DIR="$HOUSE_DIR/with/other" "$HOUSE_DIR/bin/skiff" ps
    refuses 1 "belongs to uid 0, not to you"
    chown "$SKIFFER" "$HOUSE_DIR/with/other"
    run as_user env XDG_RUNTIME_DIR="$HOUSE_DIR/with/other" "$HOUSE_DIR/bin/skiff" ps
    refuses 1 "is open to others (mode 0777)"
    rmdir "$HOUSE_DIR/with/other"
}

@test "a user sees the namespaces of his containers and processes, and keeps none" {
    user run -d --name seen busybox sleep 1000
    run user ns ls --kind net --format '{{.KeptBy}}' seen
    says processes
    mkfifo "$BATS_TEST_TMPDIR/up"
    as_user sh -c 'echo $$; exec sleep 1000' >"$BATS_TEST_TMPDIR/up" 3>&- &
    local pid
    read -r pid <"$BATS_TEST_TMPDIR/up"
    run user ns diff --format '{{.Kind}} {{.Verdict}}' seen "$pid"
    kill "$pid"
    mentions "user different"
    mentions "time shared"
    user rm -f seen
    run user ns keep lab --new user,uts
    refuses 1 "a user cannot keep namespaces"
}

@test "without XDG_RUNTIME_DIR what is running is kept in /tmp, in a directory that nobody else has made" {
    local who place
    who=$((60000 + $$ % 5000))   # /tmp is everybody's
    place=/tmp/skiff-$who
    mkdir -m 700 "$HOUSE_DIR/bare"
    chown "$who" "$HOUSE_DIR/bare"
    bare() { setpriv --reuid "$who" --regid "$who" --clear-groups env -C / -u SKIFF_ROOT -u SKIFF_RUNROOT -u XDG_DATA_HOME -u XDG_RUNTIME_DIR HOME="$HOUSE_DIR/bare" "$HOUSE_DIR/bin/skiff" "$@"; }
    mkdir -m 700 "$place"
    run bare ps
    rmdir "$place"
    refuses 1 "$place belongs to uid 0, not to you"
    ln -s "$HOUSE_DIR/bare" "$place"
    chown -h "$who" "$place"
    run bare ps
    rm "$place"
    refuses 1 "$place"
    bare import - busybox <"$HOUSE_DIR/busybox.tar"
    bare run -d --name bare busybox sleep 1000
    run stat -c '%u %a' "$place"
    says "$who 700"
    run bare exec bare echo reached
    says reached
    bare rm -f bare
    until_true 10 eval '! pgrep -u "$who" >/dev/null'   # the monitor's last command would make the directory again
    rm -r "$place" "$HOUSE_DIR/bare"
}

@test "images and containers are closed to everybody else: a set-uid program in them is the user's" {
    run stat -c %a "$HOUSE_DIR/with/.local/share/skiff"
    says 700
    chmod 755 "$HOUSE_DIR/with/.local/share/skiff"
    run user ps
    chmod 700 "$HOUSE_DIR/with/.local/share/skiff"
    refuses 1 "is open to others (mode 0755)"
}

@test "commands that start at once share one namespace" {
    local names="one two three four" name jobs=()
    user ps >/dev/null
    for name in $names; do user run -d --name "$name" busybox sleep 1000 & jobs+=($!); done
    wait "${jobs[@]}"
    run bash -c 'for pid in "$@"; do readlink /proc/$pid/ns/user; done | sort -u | wc -l' - $(for name in $names; do user inspect -f '{{.State.Pid}}' "$name"; done)
    says 1
    user rm -f $names
}

# with_ranges LINES COMMAND...: as a user whom /etc/subuid and /etc/subgid tell this about. The namespace is a new one.
with_ranges() {
    printf '%b' "$1" >"$HOUSE_DIR/ranges"; shift
    (cd "$HOUSE_DIR/with" && exec setpriv --reuid "$SKIFFER" --regid "$SKIFFER" --clear-groups \
        env -u SKIFF_ROOT -u SKIFF_RUNROOT -u XDG_DATA_HOME HOME="$HOUSE_DIR/with" XDG_RUNTIME_DIR="$HOUSE_DIR/with/run" "$@")
}

@test "lines of /etc/subuid that are somebody else's, broken or double change nothing" {
    local lines='root:0:65536\nother:100000:65536\nskiffer\nskiffer:1:2:3\nskiffer:x:y\nskiffer:700000:65536\nskiffer:-1:5\nskiffer:4294967000:65536\n:0:1\nskiffer:700000:65536\nskiffer:54321:1\n'
    run with_ranges "$lines" "$HOUSE_DIR/bin/skiff" run --rm busybox sh -c 'tr -s " " </proc/self/uid_map'
    says $' 0 54321 1\n 1 700000 65536'
}

@test "programs that are called newuidmap and do nothing give nothing" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nexit ${CODE:-0}\n' >"$BATS_TEST_TMPDIR/bin/newuidmap"
    cp "$BATS_TEST_TMPDIR/bin/newuidmap" "$BATS_TEST_TMPDIR/bin/newgidmap"
    chmod -R 755 "$BATS_TEST_TMPDIR/bin"
    cp -r "$BATS_TEST_TMPDIR/bin" "$HOUSE_DIR/with/bin"
    run as_user env PATH="$HOUSE_DIR/with/bin:$PATH" "$HOUSE_DIR/bin/skiff" run --rm busybox id -u
    refuses 125 "mapped nobody"
    printf '#!/bin/sh\nexit 7\n' >"$HOUSE_DIR/with/bin/newuidmap"
    run as_user env PATH="$HOUSE_DIR/with/bin:$PATH" "$HOUSE_DIR/bin/skiff" run --rm busybox id -u
    refuses 125 "newuidmap refuses the ids 0 54321 1, 1 700000 65536 (exit code 7)"
    rm -r "$HOUSE_DIR/with/bin"
}

@test "somebody else's process in the list of members is not joined" {
    # Root's process in a user namespace of its own, then one of the user's that is no child of ours.
    unshare --user --map-root-user sleep 1000 &
    local other=$!
    until_true 10 bash -c "[ \"\$(readlink /proc/$other/ns/user)\" != \"\$(readlink /proc/self/ns/user)\" ]"
    echo "$other $(awk '{ print $22 }' "/proc/$other/stat")" >"$HOUSE_DIR/with/run/skiff/namespace"
    run user run --rm busybox sh -c 'readlink /proc/self/ns/user; tr -s " " </proc/self/uid_map'
    local theirs
    theirs=$(readlink "/proc/$other/ns/user")
    kill "$other"
    does_not_mention "$theirs"
    mentions " 1 700000 65536"
}

@test "with all privileges nothing of the host can be changed, and no id outside the map is to be had" {
    privileged() { run user run --rm --privileged "$@"; }
    privileged busybox sh -c 'echo x >/proc/sys/kernel/core_pattern'
    ends_with 1
    privileged busybox sh -c 'echo h >/proc/sysrq-trigger'
    ends_with 1
    privileged --network host busybox ip link add dummy0 type dummy
    ends_with 2
    privileged busybox sh -c 'mkdir -p /mnt && mount -t ext4 /dev/vda /mnt'
    [ "$status" -ne 0 ]
    privileged --uts host busybox hostname renamed
    ends_with 1
    privileged busybox sh -c 'touch /tmp/x; chown 70000 /tmp/x'
    ends_with 1
    mentions "Invalid argument"
    privileged --pid host busybox sh -c "cat /proc/$$/environ"
    ends_with 1
    privileged --pid host busybox nsenter -t 1 -m true
    ends_with 1
    # The user's own device files are the host's: none of them opens more than before.
    run user run --rm --device /dev/mem busybox head -c 1 /dev/mem
    [ "$status" -ne 0 ]
}

@test "where the kernel has no overlay a container is a copy of its image" {
    local nested=$HOUSE_DIR/nested
    mkdir -p "$HOUSE_DIR/below"/{lower,upper,work} "$nested"
    mount -t overlay below -o "lowerdir=$HOUSE_DIR/below/lower,upperdir=$HOUSE_DIR/below/upper,workdir=$HOUSE_DIR/below/work" "$nested"
    mkdir -m 700 "$nested/run"
    chown -R "$SKIFFER:$SKIFFER" "$nested"
    there() { as_user env HOME="$nested" XDG_RUNTIME_DIR="$nested/run" "$HOUSE_DIR/bin/skiff" "$@"; }
    there import "$HOUSE_DIR/busybox.tar" base

    run there create --name one base sh -c 'echo "$(id -u) $(cat /etc/os-release | head -1)"; echo changed >/changed; cat /changed'
    mentions "the container is a copy of its image, which takes time and room: "
    mentions "not supported as upperdir"
    run there start -a one
    says $'0 NAME="busybox"\nchanged'
    run there inspect -f '{{.GraphDriver.Name}}' one
    says copy
    run there diff one
    refuses 1 "is a copy of its image"
    run there commit one two
    refuses 1 "it has no layer of its own"
    there export one >"$HOUSE_DIR/one.tar"
    [ "$(tar -xOf "$HOUSE_DIR/one.tar" changed)" = changed ]
    rm "$HOUSE_DIR/one.tar"
    run there run --rm --user user base sh -c 'id -u; ls /changed'
    mentions 1000
    mentions "No such file"
    there run -d --name two base sleep 1000
    run there exec two echo reached
    says reached
    there rm -f one two
    there rmi base
    run find "$nested/.local/share/skiff/containers" "$nested/.local/share/skiff/layers" -mindepth 1
    says ""
    umount "$nested"
    rm -r "$nested" "$HOUSE_DIR/below"
}

@test "a copy of several layers shows what an overlay of them would" {
    user run --name changed busybox sh -c 'rm /etc/os-release; rm -r /var; mkdir /var; touch /var/fresh; echo new >/etc/passwd; chown 1000 /var/fresh; ln /var/fresh /twin'
    user commit changed layered
    user run -d --name holder busybox sleep 1000   # a filtered process may not use newuidmap
    run "$HOUSE/tests/without" EINVAL fsmount setpriv --reuid "$SKIFFER" --regid "$SKIFFER" --clear-groups \
        env -u SKIFF_ROOT -u SKIFF_RUNROOT HOME="$HOUSE_DIR/with" XDG_RUNTIME_DIR="$HOUSE_DIR/with/run" "$HOUSE_DIR/bin/skiff" create --name copied layered find / -xdev
    ends_with 0
    mentions "the container is a copy of its image"
    user start -a copied >"$BATS_TEST_TMPDIR/copied"
    user run --rm layered find / -xdev >"$BATS_TEST_TMPDIR/overlaid"
    diff <(sort "$BATS_TEST_TMPDIR/copied") <(sort "$BATS_TEST_TMPDIR/overlaid")
    grep -qx /var/fresh "$BATS_TEST_TMPDIR/copied"
    local upper
    upper=$(user inspect -f '{{.GraphDriver.Data.RootDir}}' copied)
    run stat -c '%u %h' "$upper/twin"
    says "700999 2"
    user rm -f changed copied holder
    user rmi layered
}

@test "the demo, by an ordinary user" {
    mkdir -p "$HOUSE_DIR/demo/scripts" "$HOUSE_DIR/demo/build"
    cp "$HOUSE/scripts/demo" "$HOUSE_DIR/demo/scripts"
    ln -s "$HOUSE_DIR/bin" "$HOUSE_DIR/demo/build/bin"
    run as_user env DEMO_DEBIAN=no "$HOUSE_DIR/demo/scripts/demo"
    ends_with 0
    mentions "my PID:      1"
    mentions "Nothing is left: that was the demo."
    rm -r "$HOUSE_DIR/demo"
    run find /var/tmp -maxdepth 1 -name 'skiff-demo.*' -user "$SKIFFER"
    says ""
}
