# SPDX-License-Identifier: Apache-2.0
# Namespaces: seen, compared, kept without a process, joined. Judges: ip netns, lsns, nsenter, findmnt, readlink.
load helpers

# ip netns and skiff both leave the shared mount at /run/netns, as ip-netns(8) does; the box had none.
teardown_file() {
    umount /run/netns
    rmdir /run/netns
    close_house
}

# inode KIND [PID]
inode() { readlink "/proc/${2:-self}/ns/$1" | tr -dc 0-9; }

# reside OPTION...: a process in namespaces that unshare(1) makes, its number in $resident; `leave` ends it.
reside() {
    mkfifo "$BATS_TEST_TMPDIR/up" "$BATS_TEST_TMPDIR/end"
    unshare "$@" sh -c 'echo $$ >"$0/up"; read _ <"$0/end"' "$BATS_TEST_TMPDIR" 3>&- &
    shell=$!
    read -r resident <"$BATS_TEST_TMPDIR/up"
}
leave() {
    echo >"$BATS_TEST_TMPDIR/end"
    wait $shell
    rm "$BATS_TEST_TMPDIR/up" "$BATS_TEST_TMPDIR/end"
}

@test "ns ls shows what lsns shows" {
    reside --net --uts
    # Of namespaces without a process lsns knows some; all with a process both must know.
    lsns -n -o NS,TYPE,NPROCS | awk '$3 > 0 { print $1, $2 }' | sort >"$BATS_TEST_TMPDIR/theirs"
    skiff ns ls --format '{{.Inode}} {{.Kind}} {{.KeptBy}}' | awk '$3 == "processes" { print $1, $2 }' | sort >"$BATS_TEST_TMPDIR/ours"
    run diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
    leave
    says ""
    grep -q net "$BATS_TEST_TMPDIR/ours"
}

@test "one process' namespaces, of one kind, and all about one" {
    run skiff ns ls --kind uts --format '{{.Inode}}' $$
    says "$(inode uts $$)"
    run skiff ns ls --format json --kind network $$
    [ "$(jq -r '.Kind + " " + .Inode' <<<"$output")" = "net $(inode net $$)" ]
    run skiff ns inspect "$(inode net $$)"
    [ "$(jq -r '.[0].Kind' <<<"$output")" = net ]
    [ "$(jq -r '.[0].Owner' <<<"$output")" = "$(inode user $$)" ]
    jq -e --argjson pid $$ '.[0].Processes | index($pid)' <<<"$output"
    run skiff ns inspect -f '{{.Kind}}' $$
    [ "${#lines[@]}" -eq 8 ]
}

@test "in the tree a user namespace stands below the one that made it, and owns what was made in it" {
    reside --user --map-root-user --net
    run skiff ns ls --tree --kind user
    outer=$(inode user $$) inner=$(inode user "$resident") net=$(inode net "$resident")
    grep -Eq "^$outer +user" <<<"$output"
    grep -Eq "^  $inner +user" <<<"$output"
    run skiff ns ls --tree
    leave
    [ "$(grep -A1 -E "^  $inner " <<<"$output" | tail -1 | awk '{ print $1, $2 }')" = "$net net" ]
    [[ "$output" == *"    $net"* ]]
}

@test "what only an open descriptor, or a child to come, keeps alive is seen" {
    reside --uts
    number=$(inode uts "$resident")
    exec 8<"/proc/$resident/ns/uts"
    leave
    run skiff ns inspect -f '{{.KeptBy}} {{.Processes}}' "$number"
    exec 8<&-
    says "descriptor []"

    # Its first process has ended; whoever unshared it holds it for children, none of which could be born any more.
    mkfifo "$BATS_TEST_TMPDIR/link" "$BATS_TEST_TMPDIR/end"
    python3 -c 'import ctypes, os, sys
assert ctypes.CDLL(None).unshare(0x20000000) == 0
child = os.fork() or os._exit(0)
os.waitpid(child, 0)
print(os.readlink("/proc/self/ns/pid_for_children"), flush=True)
sys.stdin.readline()' <"$BATS_TEST_TMPDIR/end" >"$BATS_TEST_TMPDIR/link" 3>&- &
    parent=$!
    exec 7>"$BATS_TEST_TMPDIR/end"
    read -r link <"$BATS_TEST_TMPDIR/link"
    run skiff ns inspect -f '{{.KeptBy}} {{.Processes}} {{.Holders}}' "$(tr -dc 0-9 <<<"$link")"
    exec 7>&-
    wait $parent
    says "descriptor [] [$parent]"
}

@test "ns diff tells what two share" {
    run skiff ns diff $$ 1 --format '{{.Kind}} {{.Verdict}}'
    [ "${#lines[@]}" -eq 8 ]
    does_not_mention different
    reside --uts --ipc
    run skiff ns diff $$ "$resident"
    leave
    [ "$(grep -c different <<<"$output")" -eq 2 ]
    grep -Eq '^uts .*different' <<<"$output"
    grep -Eq '^ipc .*different' <<<"$output"
    run skiff ns diff 1 nobody
    refuses 1 'no process and no container is called "nobody"'
}

@test "what is kept needs no process, and ip netns sees the network" {
    skiff ns keep lab --new net,uts,ipc
    run skiff ns ls --kind uts --format '{{.Names}} {{.KeptBy}} {{.Processes}}' lab
    says "lab mount 0"
    ip netns list | grep -qx lab
    skiff ns exec lab hostname inside
    run skiff ns exec lab hostname
    says inside
    [ "$(hostname)" != inside ]
    [ "$(skiff ns exec lab readlink /proc/self/ns/net)" = "$(nsenter --net=/run/netns/lab readlink /proc/self/ns/net)" ]
    [ "$(skiff ns exec lab readlink /proc/self/ns/net)" = "$(ip netns exec lab readlink /proc/self/ns/net)" ]
    run skiff ns keep lab --new uts
    refuses 1 "is taken"
    skiff ns rm lab
    run ip netns list
    says ""
    run skiff ns rm lab
    refuses 1 "no namespaces are kept"
}

@test "the exit code of ns exec is the program's, 127 and 126 are a shell's" {
    skiff ns keep codes --new uts
    run skiff ns exec codes sh -c 'exit 7'
    ends_with 7
    run skiff ns exec codes sh -c 'kill -TERM $$'
    ends_with 143
    run -127 skiff ns exec codes nonsense
    refuses 127 'no such program in PATH'
    run skiff ns exec codes /etc/passwd
    ends_with 126
    run -127 skiff ns exec codes /nowhere/nonsense
    ends_with 127
    skiff ns rm codes
}

@test "containers join what is kept" {
    skiff ns keep shared --new net,uts,ipc
    skiff ns exec shared hostname inside
    run skiff run --rm --network ns:shared --ipc ns:shared --uts ns:shared busybox hostname
    says inside
    for kind in net:network uts:uts ipc:ipc; do
        run skiff run --rm --"${kind#*:}" ns:shared busybox readlink "/proc/self/ns/${kind%:*}"
        says "$(skiff ns exec shared readlink "/proc/self/ns/${kind%:*}")"
    done
    run skiff run --rm --uts ns:shared --hostname other busybox true
    mentions "conflicting options"
    run skiff run --rm --pid ns:shared busybox true
    mentions "keeps no pid namespace"
    run skiff run --rm --network ns:nobody busybox true
    mentions 'no namespaces are kept as "nobody"'
    skiff ns rm shared
}

@test "ns rm of one in use says who uses it, containers by name" {
    skiff ns keep busy --new uts
    mkfifo "$BATS_TEST_TMPDIR/up" "$BATS_TEST_TMPDIR/go"
    skiff ns exec busy sh -c 'echo up >"$0/up"; read _ <"$0/go"' "$BATS_TEST_TMPDIR" 3>&- &
    read -r _ <"$BATS_TEST_TMPDIR/up"
    skiff run -d --name tenant --uts ns:busy busybox sleep 1000
    run skiff ns rm busy
    refuses 1 "in use by process"
    mentions "(sh)"
    mentions "(sleep, of container tenant)"
    skiff rm -f tenant
    skiff ns rm -f busy
    run skiff ns ls --format '{{.Names}}'
    does_not_mention busy
    echo go >"$BATS_TEST_TMPDIR/go"
    wait $!
}

@test "a container's namespaces are kept beyond its end" {
    skiff run -d --name short --cap-add SYS_ADMIN busybox sleep 1000
    skiff ns keep after --pid short --kind uts,net
    run skiff ns diff after short --format '{{.Kind}} {{.Verdict}}'
    mentions "net shared"
    mentions "uts shared"
    mentions "mnt one side only"
    name=$(skiff exec short hostname)
    skiff rm -f short
    run skiff ns exec after hostname
    says "$name"
    skiff ns rm after
    run skiff ns keep after --pid $$
    refuses 1 "shares all its namespaces"
}

@test "a pid namespace can be joined as long as its first process lives" {
    skiff run -d --name first busybox sleep 1000
    run skiff ns keep numbers --pid first --kind pid
    ends_with 0
    mentions "only the handle is kept"
    run skiff run --rm --pid ns:numbers busybox sh -c 'head -n 1 /proc/1/cmdline | tr "\000" " "'
    says "sleep 1000 "
    run skiff ns exec numbers sh -c 'echo $$'
    [ "$output" -gt 1 ] && [ "$output" -lt 100 ]
    skiff rm -f first
    run skiff ns exec numbers true
    refuses 1 "has ended: nobody can join it any more"
    skiff ns rm numbers
}

@test "a kept user namespace maps every id to itself, and owns the others that are made with it" {
    skiff ns keep users --new user,net
    run skiff ns exec users cat /proc/self/uid_map
    [ "$(echo $output)" = "0 0 4294967295" ]
    run skiff ns exec users id -u
    says 0
    [ "$(skiff ns ls --kind net --format '{{.Owner}}' users)" = "$(skiff ns ls --kind user --format '{{.Inode}}' users)" ]
    skiff ns rm users
}

@test "in a kept time namespace, and one of each kind at once, programs run" {
    skiff ns keep all --new cgroup,ipc,mnt,net,time,user,uts
    run skiff ns exec all true
    ends_with 0
    for kind in cgroup ipc mnt net time user uts; do
        run skiff ns exec all readlink "/proc/self/ns/$kind"
        says "$kind:[$(skiff ns ls --kind $kind --format '{{.Inode}}' all)]"
    done
    skiff ns rm all
}

@test "what is mounted in a kept mount namespace stays there, and it holds no other name's namespaces" {
    skiff ns keep other --new uts
    uts=$(skiff ns ls --kind uts --format '{{.Inode}}' other)
    mkdir /run/place
    mount --make-shared /run
    skiff ns keep mounts --new mnt
    skiff ns exec mounts mount -t tmpfs inside /run/place
    run skiff ns exec mounts findmnt -no SOURCE /run/place
    says inside
    run findmnt -no SOURCE /run/place
    says ""
    skiff ns rm other
    run skiff ns ls --format '{{.Inode}}'
    does_not_mention "$uts"
    skiff ns rm mounts
    mount --make-private /run
    rmdir /run/place
}

# Linux 6.18 numbers mount namespaces by batches of each processor, and lets only the higher number be held by the lower.
@test "a new mount namespace is kept on whichever processors it and the one around it are made" {
    local all outer inner
    all=$(taskset -p -c $$ | sed 's/.*: //')
    for outer in $(seq 0 $(($(nproc) - 1))); do
        for inner in $(seq 0 $(($(nproc) - 1))); do
            # It begins on the inner one and may go to any.
            taskset -c "$outer" unshare --mount taskset -c "$inner" sh -ec 'taskset -p -c "$0" $$ >/dev/null; skiff ns keep held --new mnt; skiff ns rm held' "$all"
        done
    done
}

@test "a mount namespace that is older than skiff's own is refused with the reason" {
    run skiff ns keep old --pid $$ --kind mnt
    refuses 1 "it is skiff's own, or counts as older"
    run skiff ns ls --format '{{.Names}}'
    does_not_mention old
}

@test "a keep that was killed half-way is shown and removed" {
    skiff ns keep half --new uts
    umount "$(skiff ns inspect -f '{{index .Mounts 0}}' half)"   # what a kill before the last mount leaves
    run skiff ns ls --format '{{.Names}} {{.KeptBy}}' half
    says "half (incomplete) nothing"
    run skiff ns inspect -f '{{.Names}}' half
    says "[half (incomplete)]"
    run skiff ns exec half true
    refuses 1 "not mounted any more"
    run skiff run --rm --uts ns:half busybox true
    mentions "not mounted any more"
    skiff ns rm half
    run skiff ns ls --format '{{.Names}}'
    does_not_mention half
}

@test "names of ip netns are left alone" {
    ip netns add foreign
    run skiff ns keep foreign --new net
    refuses 1 "is there already"
    ip netns exec foreign true
    run skiff run --rm --network ns:/run/netns/foreign busybox readlink /proc/self/ns/net
    says "$(ip netns exec foreign readlink /proc/self/ns/net)"
    run skiff run --rm --network ns:foreign busybox true
    refuses 125 "give its path: --network ns:/run/netns/foreign"
    ip netns del foreign

    # The same name, taken by ip after somebody has taken ours away from it.
    skiff ns keep mine --new net
    ip netns del mine
    ip netns add mine
    skiff ns rm mine
    ip netns exec mine true
    ip netns del mine
}

@test "wrong words are refused, and nothing is left" {
    run skiff ns keep none --new pid
    refuses 1 "ends with its first process"
    run skiff ns keep none --new net,pid
    refuses 1 "ends with its first process"
    run skiff ns keep ../up --new uts
    refuses 1 "is no name for namespaces"
    run skiff ns keep none --new net,nonsense
    refuses 1 "no kind of namespace"
    run skiff ns keep none --new net,network
    refuses 1 "names net twice"
    run skiff ns keep none
    refuses 1 "keep what?"
    run skiff ns keep none --new net --kind net
    refuses 1 "--kind goes with --pid"
    run skiff ns exec ../up true
    refuses 1 "is no name for namespaces"
    run skiff run --rm --network ns:../up busybox true
    mentions "is no name for namespaces"
    run skiff ns ls --format '{{.Names}}'
    does_not_mention none
}
