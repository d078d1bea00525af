# SPDX-License-Identifier: Apache-2.0
# Namespaces: what a process inside sees, and what of it reaches the outside.
load helpers

# bats test_tags=user
@test "a hostname that is set inside leaves the host's alone" {
    before=$(hostname)
    in_debian --cap-add SYS_ADMIN debian sh -c 'hostname inside && hostname'
    says inside
    [ "$(hostname)" = "$before" ]
}

@test "control: with the host's UTS namespace the host is renamed" {
    before=$(hostname)
    in_debian --uts host --cap-add SYS_ADMIN debian hostname inside
    after=$(hostname)
    hostname "$before"
    ends_with 0
    [ "$after" = inside ]
}

queues() { ipcs -q | awk '/^0x/ { print $2 }'; }

# bats test_tags=user
@test "a message queue inside is invisible outside, and vice versa" {
    outer=$(ipcmk -Q | grep -o '[0-9]*$')
    skiff run -d --name queues debian sh -c 'ipcmk -Q -p 600 && ipcmk -Q -p 600 && exec sleep 1000' >/dev/null
    until_true 10 bash -c '[ "$(skiff logs queues | grep -c Message)" = 2 ]'
    inside=$(skiff exec queues ipcs -q | grep -c ^0x)
    outside=$(queues)
    ipcrm -q "$outer"
    skiff rm -f queues
    [ "$inside" = 2 ]
    [ "$outside" = "$outer" ]
}

# bats test_tags=user
@test "control: with the host's IPC namespace its queue is there" {
    outer=$(ipcmk -Q | grep -o '[0-9]*$')
    in_debian --ipc host debian sh -c 'ipcs -q | grep -c ^0x'
    ipcrm -q "$outer"
    says 1
}

# bats test_tags=user
@test "the first process is PID 1, and ps shows its own tree alone" {
    in_debian debian sh -c 'echo "I am $$"; sleep 1000 & ps -e -o pid= -o comm='
    ends_with 0
    [ "${#lines[@]}" = 4 ]
    mentions " 1 sh"
}

# bats test_tags=user
@test "control: with the host's PID namespace ps shows the host's processes" {
    in_debian --pid host debian sh -c 'echo "I am $$"; ps -e -o comm='
    mentions box
    does_not_mention $'I am 1\n'
}

# bats test_tags=user
@test "a new PID namespace with the old /proc still shows everyone: /proc must be its own" {
    in_debian --privileged debian unshare --pid --fork sh -c 'echo "I am $$"; ps -e -o comm='
    mentions "I am 1"
    mentions unshare
    in_debian --privileged debian unshare --pid --fork --mount-proc sh -c 'ps -e -o comm='
    does_not_mention unshare
}

# bats test_tags=user
@test "what is mounted inside stays inside" {
    skiff run -d --name mounts --cap-add SYS_ADMIN debian sh -c 'mount -t tmpfs only-inside /mnt && echo mounted && exec sleep 1000' >/dev/null
    until_true 10 bash -c 'skiff logs mounts | grep -q mounted'
    run skiff exec mounts findmnt -n -o SOURCE /mnt
    outside=$(grep -c only-inside /proc/self/mountinfo || true)
    skiff rm -f mounts
    says only-inside
    [ "$outside" = 0 ]
}

@test "control: from a mount namespace that shares its mounts with the host's one comes out" {
    mkdir "$BATS_TEST_TMPDIR/shared"
    mount --bind "$BATS_TEST_TMPDIR/shared" "$BATS_TEST_TMPDIR/shared"
    mount --make-shared "$BATS_TEST_TMPDIR/shared"
    mkdir "$BATS_TEST_TMPDIR/shared/x"
    unshare --mount --propagation unchanged mount -t tmpfs only-inside "$BATS_TEST_TMPDIR/shared/x"
    outside=$(grep -c only-inside /proc/self/mountinfo || true)
    umount -R "$BATS_TEST_TMPDIR/shared"
    [ "$outside" = 1 ]
}

# Namespaces of a user's own are the runtime's: config.json asks for them. Its root must be reachable for that user.
# bats test_tags=user
@test "uid 0 inside is an ordinary uid outside" {
    debian_bundle users sh -c 'id -u; touch /tmp/shared/made; exec sleep 1000'
    mkdir -p /run/seeds/rootfs /run/seeds/shared
    mount --bind "$(debian_rootfs)" /run/seeds/rootfs
    chmod 777 /run/seeds/shared
    edit_bundle "$BATS_TEST_TMPDIR/users" '.linux.namespaces += [{type: "user"}] | .root.path = "/run/seeds/rootfs"
        | .linux.uidMappings = [{containerID: 0, hostID: 70000, size: 1000}] | .linux.gidMappings = .linux.uidMappings
        | .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}, {destination: "/tmp/shared", type: "bind", source: "/run/seeds/shared", options: ["bind"]}]'
    (cd "$BATS_TEST_TMPDIR/users" && skiff-runtime run --detach --pid-file pid users >out 2>&1 </dev/null 3>&-) && until_true 10 test -e /run/seeds/shared/made
    run stat -c %u "/proc/$(cat "$BATS_TEST_TMPDIR/users/pid")" /run/seeds/shared/made
    skiff-runtime delete -f users
    umount /run/seeds/rootfs
    rm -r /run/seeds
    says $'70000\n70000'
    [ "$(cat "$BATS_TEST_TMPDIR/users/out")" = 0 ]
}

@test "control: without a user namespace uid 0 inside is uid 0 outside" {
    skiff run -d --name zero debian sleep 1000 >/dev/null
    run stat -c %u "/proc/$(pid_of zero)"
    skiff rm -f zero
    says 0
}

@test "a fresh network namespace has only loopback, down; 127.0.0.1 answers once it is up" {
    ip netns add fresh
    in_debian --network ns:/run/netns/fresh --cap-add NET_ADMIN debian sh -c '
        ip -o link | wc -l; ip -o link show lo | grep -o "state [A-Z]*"
        ping -c 1 -W 1 127.0.0.1 >/dev/null 2>&1 && echo "answers while it is down"
        ip link set lo up && ping -c 1 -W 5 127.0.0.1 | grep -o "1 received"'
    ip netns del fresh
    umount /run/netns
    says $'1\nstate DOWN\n1 received'
}

# bats test_tags=user
@test "a container's own network is loopback alone; with the host's it has the host's interfaces" {
    ip link add outside0 type veth peer outside1
    in_debian debian sh -c 'ip -o link | cut -d: -f2'
    says " lo"
    in_debian --network host debian sh -c 'ip -o link | cut -d: -f2'
    ip link del outside0
    mentions outside0
}

# bats test_tags=user
@test "the inodes of namespaces differ, and are equal for those who share" {
    kinds="mnt pid net ipc uts cgroup"
    skiff run -d --name one --ipc shareable debian sleep 1000 >/dev/null
    skiff run -d --name two --network container:one --ipc container:one --pid container:one debian sleep 1000 >/dev/null
    one=$(pid_of one) two=$(pid_of two) told=""
    for kind in $kinds; do
        own=$(readlink "/proc/self/ns/$kind") first=$(readlink "/proc/$one/ns/$kind") second=$(readlink "/proc/$two/ns/$kind")
        [ "$own" = "$first" ] && told+="$kind:host "
        [ "$first" = "$second" ] && told+="$kind:shared "
    done
    skiff rm -f two one
    [ "$told" = "pid:shared net:shared ipc:shared " ] || { echo "$told" >&2; false; }
}

# bats test_tags=user
@test "exec joins the container's namespaces" {
    skiff run -d --name joined debian sleep 1000 >/dev/null
    first=$(pid_of joined)
    links='for kind in mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$kind; done'
    run skiff exec joined sh -c "$links"
    expected=$(for kind in mnt pid net ipc uts cgroup; do readlink "/proc/$first/ns/$kind"; done)
    by_hand=$(nsenter -t "$first" --all hostname)
    id=$(skiff inspect -f '{{.Config.Hostname}}' joined)
    skiff rm -f joined
    says "$expected"
    [ "$by_hand" = "$id" ]
}

@test "a container starts a container" {
    mkdir -p "$BATS_TEST_TMPDIR/inner"
    busybox_rootfs "$BATS_TEST_TMPDIR/inner"
    in_debian --privileged --hostname outer -v "$SKIFF_BIN:/opt/skiff:ro" -v "$BATS_TEST_TMPDIR/inner:/inner" --tmpfs /var/lib/skiff debian sh -c '
        /opt/skiff/skiff run --rm --hostname inner --rootfs /inner sh -c "hostname; echo \$\$; ls /opt/skiff 2>/dev/null"; hostname'
    says $'inner\n1\nouter'
}

# bats test_tags=user
@test "orphans that end are reaped by --init; a first process that does not wait keeps them as zombies" {
    zombies='(sh -c "sh -c exit & exec true" &) ; wait; exec sleep 1000'
    skiff run -d --name reaps --init debian sh -c "$zombies" >/dev/null
    skiff run -d --name keeps debian sh -c 'sh -c "exit 0" & exec sleep 1000' >/dev/null
    until_true 10 bash -c 'skiff exec keeps ps -e -o stat= | grep -q Z'
    until_true 10 bash -c 'skiff exec reaps sh -c "[ \$(ps -e -o comm= | grep -c sleep) = 1 ]"'
    run skiff exec reaps sh -c 'ps -e -o stat= | grep -c Z'
    skiff rm -f reaps keeps
    says 0
}

@test "after its end no process, mount, cgroup or file of it remains" {
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" >"$BATS_TEST_TMPDIR/before"
    skiff run -d --name brief -m 64m --tmpfs /t -v /etc:/e:ro debian sh -c 'touch /file; (sleep 1000 &); exec sleep 1000' >/dev/null
    skiff exec brief true
    run "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" --since "$BATS_TEST_TMPDIR/before" --settle 0
    ends_with 1   # the control: while it runs the census sees it
    skiff rm -f brief
    run "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" --since "$BATS_TEST_TMPDIR/before"
    ends_with 0
}
