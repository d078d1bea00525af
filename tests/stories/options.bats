# SPDX-License-Identifier: Apache-2.0
# Each option of run, by what it does inside the container or in the kernel.
load helpers

in_busybox() { run skiff run --rm "$@"; }

# A limit file of the first process's own cgroup, whichever hierarchy holds it.
limit_of() { # CONTAINER CONTROLLER FILE
    local pid group
    pid=$(skiff inspect -f '{{.State.Pid}}' "$1")
    group=$(awk -F: -v c="$2" '{ n = split($2, a, ","); for (i = 1; i <= n; i++) if (a[i] == c) print $3 }' "/proc/$pid/cgroup")
    cat "$(awk -v c="$2" '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup" && "," $(i + 3) "," ~ "," c ",") { print $5; exit } }' /proc/self/mountinfo)$group/$3"
}

@test "-e, --env-file: variables, in order, the caller's own where no value is typed" {
    printf '# comment\nA=file\nB=file\nOWN\n' >"$BATS_TEST_TMPDIR/env"
    OWN=mine in_busybox --env-file "$BATS_TEST_TMPDIR/env" -e B=option -eC= busybox sh -c 'echo $A $B "[$C]" $OWN'
    says "file option [] mine"
}

@test "-w: the directory it starts in, made where it is absent" {
    in_busybox -w /made/here busybox pwd
    says /made/here
    in_busybox -w relative busybox pwd
    refuses 125 relative
}

@test "-u: by name, number and group; what is no user is refused" {
    in_busybox -u user busybox id
    says "uid=1000(user) gid=1000(user) groups=1000(user),2000(extra)"
    in_busybox -u 1234:2000 busybox sh -c 'id -u; id -g'
    says $'1234\n2000'
    for bad in -1 4294967296 4294967295 nosuchuser 0x0; do
        in_busybox -u "$bad" busybox true
        refuses 125 "$bad"
    done
}

@test "--group-add: one more group" {
    in_busybox --group-add 4321 busybox id -G
    mentions 4321
}

@test "--hostname and --domainname; the short id otherwise" {
    in_busybox -h box busybox hostname
    says box
    in_busybox --domainname dom busybox cat /proc/sys/kernel/domainname
    says dom
    skiff create --name short busybox hostname
    run skiff start -a short
    says "$(skiff inspect -f '{{.Id}}' short | cut -c1-12)"
    skiff rm short
}

@test "--entrypoint: instead of the image's, and empty for none" {
    in_busybox --entrypoint /bin/echo busybox a b
    says "a b"
    in_busybox --entrypoint '' busybox echo c
    says c
}

@test "--init: process 1 is not the command, orphans are reaped" {
    in_busybox --init busybox sh -c 'echo $$'
    [ "$output" != 1 ]
    in_busybox busybox sh -c 'echo $$'
    says 1
}

@test "--read-only: nothing but what is mounted can be written" {
    in_busybox --read-only --tmpfs /scratch busybox sh -c 'touch /scratch/a && touch /b'
    ends_with 1
    mentions "Read-only file system"
}

@test "-v: reads and writes the host's directory, or only reads it" {
    echo there >"$BATS_TEST_TMPDIR/file"
    in_busybox -v "$BATS_TEST_TMPDIR:/data" busybox sh -c 'cat /data/file; echo back >/data/new'
    says there
    [ "$(cat "$BATS_TEST_TMPDIR/new")" = back ]
    in_busybox -v "$BATS_TEST_TMPDIR:/data:ro" busybox touch /data/x
    ends_with 1
    mentions "Read-only file system"
    cd "$BATS_TEST_TMPDIR"
    in_busybox -v ./file:/one busybox cat /one
    says there
}

@test "--tmpfs: of the size and mode that were asked for" {
    in_busybox --tmpfs /t:size=1m,mode=700 busybox sh -c 'stat -c %a /t; df -k /t | tail -1 | awk "{print \$2}"'
    says $'700\n1024'
}

@test "--cap-add, --cap-drop, --privileged: the sets of the first process" {
    cap() { in_busybox "$@" busybox sed -n 's/^CapEff:\t//p' /proc/self/status; }
    cap
    says 00000000a80425fb
    cap --cap-drop ALL
    says 0000000000000000
    cap --cap-drop ALL --cap-add NET_BIND_SERVICE
    says 0000000000000400
    cap --cap-add CAP_SYS_TIME
    says 00000000aa0425fb
    cap --privileged
    [ $((16#$output & (1 << 21))) -ne 0 ]
    cap --cap-add NO_SUCH_CAP
    refuses 125 NO_SUCH_CAP
}

@test "--security-opt: no-new-privileges and the filter" {
    in_busybox --security-opt no-new-privileges busybox sed -n 's/^NoNewPrivs:\t//p' /proc/self/status
    says 1
    in_busybox busybox sed -n 's/^Seccomp:\t//p' /proc/self/status
    says 2
    in_busybox --security-opt seccomp=unconfined busybox sed -n 's/^Seccomp:\t//p' /proc/self/status
    says "$(sed -n 's/^Seccomp:\t//p' /proc/self/status)"
    printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":95}]}' >"$BATS_TEST_TMPDIR/profile.json"
    in_busybox --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" busybox mkdir /x
    ends_with 1
    mentions "not supported"
}

@test "--ulimit: soft and hard" {
    in_busybox --ulimit nofile=64:128 busybox sh -c 'ulimit -n; ulimit -Hn'
    says $'64\n128'
}

@test "--sysctl: of its own namespaces, never the host's" {
    in_busybox --sysctl kernel.msgmax=9000 busybox cat /proc/sys/kernel/msgmax
    says 9000
    [ "$(cat /proc/sys/kernel/msgmax)" != 9000 ]
    in_busybox --sysctl kernel.panic=1 busybox true
    refuses 125 kernel.panic
}

@test "--device: it is there and may be used" {
    in_busybox --device /dev/zero:/dev/nought:r busybox sh -c 'head -c 4 /dev/nought | od -An -tx1'
    says " 00 00 00 00"
}

@test "-m, --memory-reservation, --memory-swap, --cpus, --cpu-shares, --cpuset-cpus, --cpuset-mems, --pids-limit: in the kernel" {
    skiff run -d --name limits -m 64m --memory-reservation 32m --memory-swap 96m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 33 busybox sleep 100
    [ "$(limit_of limits memory memory.limit_in_bytes)" = 67108864 ]
    [ "$(limit_of limits memory memory.soft_limit_in_bytes)" = 33554432 ]
    [ "$(limit_of limits memory memory.memsw.limit_in_bytes)" = 100663296 ]
    [ "$(limit_of limits cpu cpu.cfs_quota_us)" = 50000 ]
    [ "$(limit_of limits cpu cpu.shares)" = 512 ]
    [ "$(limit_of limits cpuset cpuset.cpus)" = 0 ]
    [ "$(limit_of limits cpuset cpuset.mems)" = 0 ]
    [ "$(limit_of limits pids pids.max)" = 33 ]
    run skiff exec limits sed -n 's/^\(Cpus\|Mems\)_allowed_list:\t//p' /proc/self/status
    says $'0\n0'
    skiff rm -f limits
}

@test "limits that this machine cannot give are one sentence with the limit's name, and leave nothing" {
    in_busybox --cpuset-cpus 4000 busybox true
    refuses 125 "cpuset.cpus"
    in_busybox --cpuset-mems 63 busybox true
    refuses 125 "cpuset.mems"
    in_busybox --cpus 1000 busybox true
    refuses 125 "--cpus 1000"
    in_busybox -m 4m busybox true
    refuses 125 "the minimum memory limit is 6MB"
    in_busybox --blkio-weight 9 busybox true
    refuses 125 "--blkio-weight 9"
    in_busybox --pids-limit -2 busybox true
    refuses 125 "--pids-limit"
    run skiff ps -aq
    says ""
}

@test "--blkio-weight: in the file of the scheduler that this kernel has, or refused" {
    local probe=/sys/fs/cgroup/blkio/weighed file=
    mkdir "$probe"
    for name in blkio.weight blkio.bfq.weight; do [ -e "$probe/$name" ] && file=${file:-$name}; done
    rmdir "$probe"
    if [ -n "$file" ]; then
        skiff run -d --name weighed --blkio-weight 321 busybox sleep 100
        [ "$(limit_of weighed blkio "$file" | sed 's/^default //')" = 321 ]
        skiff rm -f weighed
    else
        in_busybox --blkio-weight 321 busybox true
        refuses 125 "load the bfq I/O scheduler"
    fi
}

@test "--blkio-weight: without the controller it is refused, and nothing is left" {
    run unshare -m bash -c 'umount /sys/fs/cgroup/blkio && exec skiff run --rm --blkio-weight 321 busybox true'
    refuses 125 "the blkio controller is not mounted"
    run skiff ps -aq
    says ""
}

@test "a memory limit is enforced, and inspect says that it was" {
    run skiff run --name oom -m 16m busybox sh -c 'x=$(head -c 100m /dev/zero | tr "\0" x); echo survived'
    ends_with 137
    run skiff inspect -f '{{.State.OOMKilled}}' oom
    says true
    skiff rm oom
}

@test "--network: none has loopback only, host is the host's, container:X is X's" {
    in_busybox busybox sh -c 'ls /sys/class/net'
    says lo
    in_busybox --network host busybox readlink /proc/self/ns/net
    says "$(readlink /proc/self/ns/net)"
    skiff run -d --name other busybox sleep 100
    in_busybox --network container:other busybox readlink /proc/self/ns/net
    says "$(skiff exec other readlink /proc/self/ns/net)"
    skiff rm -f other
    in_busybox --network pasta busybox true
    refuses 125 pasta
}

@test "--pid, --ipc, --uts: the host's where asked for" {
    in_busybox --pid host --ipc host --uts host busybox sh -c 'for n in pid ipc uts; do readlink /proc/self/ns/$n; done'
    says "$(readlink /proc/self/ns/pid /proc/self/ns/ipc /proc/self/ns/uts)"
    in_busybox busybox sh -c 'for n in pid ipc uts; do readlink /proc/self/ns/$n; done'
    for kind in pid ipc uts; do does_not_mention "$(readlink /proc/self/ns/$kind)"; done
}

@test "--pid container:X sees X's processes" {
    skiff run -d --name seen busybox sleep 4321
    in_busybox --pid container:seen busybox sh -c 'tr "\\0" " " </proc/1/cmdline'
    says "sleep 4321 "
    in_busybox --pid container:nobody busybox true
    refuses 125 nobody
    skiff rm -f seen
}

@test "--ipc: none has no /dev/shm, and a private one is not given away" {
    in_busybox --ipc none busybox sh -c 'grep -c " /dev/shm " /proc/self/mountinfo; readlink /proc/self/ns/ipc'
    [ "${lines[0]}" = 0 ]
    [ "${lines[1]}" != "$(readlink /proc/self/ns/ipc)" ]
    skiff run -d --name keeps busybox sleep 100
    in_busybox --ipc container:keeps busybox true
    refuses 125 "make that container with --ipc shareable"
    skiff rm -f keeps
}

@test "--ipc shareable and container:X: one namespace and one /dev/shm, of the size that was asked for" {
    skiff run -d --name gives --ipc shareable --shm-size 3m busybox sh -c 'echo shared >/dev/shm/file; sleep 100'
    until_true 10 skiff exec gives test -s /dev/shm/file
    run skiff exec gives sh -c 'df -k /dev/shm | tail -1 | awk "{print \$1, \$2}"'
    says "shm 3072"
    in_busybox --ipc container:gives busybox sh -c 'cat /dev/shm/file; readlink /proc/self/ns/ipc; echo back >/dev/shm/answer; grep " /dev/shm " /proc/mounts'
    [ "${lines[0]}" = shared ]
    [ "${lines[1]}" = "$(skiff exec gives readlink /proc/self/ns/ipc)" ]
    [[ "${lines[2]}" == "shm /dev/shm tmpfs rw,nosuid,nodev,noexec,"*"size=3072k"* ]]
    run skiff exec gives cat /dev/shm/answer
    says back
    in_busybox --ipc container:gives --shm-size 1m busybox true
    refuses 125 "--shm-size"
    # What the other container puts in its place is its own: nothing of the host's comes along.
    skiff run -d --name lies --ipc shareable --cap-add SYS_ADMIN busybox sh -c 'umount /dev/shm; rmdir /dev/shm; ln -s /etc /dev/shm; echo ready; sleep 100'
    until_true 10 bash -c 'skiff logs lies | grep -q ready'
    in_busybox --ipc container:lies busybox ls /dev/shm
    ends_with 125
    skiff rm -f gives lies
    run "$HOUSE/tests/without" ENOSYS mounts skiff run --rm --ipc shareable --shm-size 2m busybox sh -c 'df -k /dev/shm | tail -1 | awk "{print \$2}"'
    says 2048
}

@test "--log-driver and --log-opt: no log, or one that is rotated" {
    in_busybox --log-driver none --name unlogged -d busybox sleep 100
    [ -z "$(find "$SKIFF_ROOT/containers/$output" -name 'container.log*')" ]
    run skiff logs unlogged
    refuses 1 "--log-driver none"
    skiff rm -f unlogged

    id=$(skiff run -d --name rotated --log-opt max-size=1k --log-opt max-file=2 busybox sh -c 'for i in $(seq 1 60); do echo line $i; sleep 0.02; done')
    skiff wait rotated
    [ "$(cd "$SKIFF_ROOT/containers/$id" && echo container.log*)" = "container.log container.log.1" ]
    run skiff logs rotated
    [ "${lines[-1]}" = "line 60" ]
    does_not_mention $'line 1\n'
    skiff rm rotated
    in_busybox --log-driver syslog busybox true
    refuses 125 "syslog"
    in_busybox --log-opt colour=red busybox true
    refuses 125 "colour"
}

@test "a VOLUME of the image is one sentence, which --quiet keeps back" {
    skiff import -c 'VOLUME /data' "$(busybox_tar)" voluminous
    in_busybox voluminous touch /data
    ends_with 0
    [ "${#lines[@]}" = 1 ]
    mentions 'volume at "/data"'
    in_busybox --quiet voluminous true
    says ""
    skiff rmi voluminous
}

@test "--stop-signal and --stop-timeout: what stop does" {
    skiff run -d --name stops --stop-signal USR1 --stop-timeout 20 busybox sh -c 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done'
    until_true 10 bash -c 'skiff logs stops | grep -q ready'
    skiff stop stops
    run skiff inspect -f '{{.State.ExitCode}}' stops
    says 9
    skiff rm stops
}

@test "--label and --label-file: filters find them" {
    printf 'from=file\n' >"$BATS_TEST_TMPDIR/labels"
    skiff create --name labelled -l tier=front --label-file "$BATS_TEST_TMPDIR/labels" busybox true
    run skiff ps -a --filter label=tier=front --filter label=from --format '{{.Names}} {{.Label "from"}}'
    says "labelled file"
    skiff rm labelled
}

@test "--shm-size: of /dev/shm" {
    in_busybox --shm-size 2m busybox sh -c 'df -k /dev/shm | tail -1 | awk "{print \$2}"'
    says 2048
}

@test "options that skiff does not have are refused by name" {
    in_busybox -p 80:80 busybox true
    refuses 125 "--publish"
    in_busybox --dns 192.0.2.1 busybox true
    refuses 125 "--dns"
    in_busybox --no-such-option busybox true
    refuses 125 "--no-such-option"
    in_busybox --hostnam x busybox true
    refuses 125 "did you mean --hostname"
    run skiff ps -aq
    says ""
}
