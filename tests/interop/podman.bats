#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman runs its containers with skiff-runtime and notices no difference.

load peers

setup_file() {
    needs podman conmon
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-podman.XXXXXX)
    export HOUSE_DIR
    "$HOUSE/tests/crash/census" >"$BATS_FILE_TMPDIR/census"
    podman_here import -q "$(busybox_tar)" busybox >/dev/null
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    podman_here rm -fa >/dev/null
    umount -l "$HOUSE_DIR/storage/vfs" "$HOUSE_DIR/storage" 2>/dev/null || true
    rm -rf --one-file-system "$HOUSE_DIR"
    # podman keeps groups of its own (libpod_parent, conmon): not ours to judge.
    "$HOUSE/tests/crash/census" --since "$BATS_FILE_TMPDIR/census" | grep -vE '^\+ (cgroup .*/libpod_parent|socket @|mount here: .*/storage/)' || true
}

in_podman() { podman_here run --rm --network none "$@"; }

@test "podman: output and exit code come through" {
    run in_podman busybox sh -c 'echo out; exit 7'
    ends_with 7 && says out
}

@test "podman: the first process is number 1 under the name that was asked for" {
    run in_podman --hostname keel busybox sh -c 'echo $$; hostname'
    ends_with 0 && says $'1\nkeel'
}

@test "podman: a missing program ends with 127, one that cannot be executed with 126" {
    run -127 in_podman busybox /nope
    ends_with 127
    run in_podman busybox /etc/passwd
    ends_with 126
}

@test "podman: limits arrive in the kernel" {
    run in_podman -m 64m --pids-limit 50 busybox sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max'
    ends_with 0 && says $'67108864\n50'
}

@test "podman: user, capabilities, environment, directory" {
    run in_podman --user 1000:1000 -e A=b -w /home busybox sh -c 'id -u; id -g; echo $A; pwd; grep CapEff /proc/self/status'
    ends_with 0 && says $'1000\n1000\nb\n/home\nCapEff:\t0000000000000000'
}

@test "podman: a volume is writable, a read-only one is not" {
    mkdir -p "$HOUSE_DIR/volume"
    run in_podman -v "$HOUSE_DIR/volume:/data" busybox sh -c 'echo kept >/data/file'
    ends_with 0
    [ "$(cat "$HOUSE_DIR/volume/file")" = kept ]
    run in_podman -v "$HOUSE_DIR/volume:/data:ro" busybox sh -c 'echo no >/data/file'
    ends_with 1 && mentions 'Read-only file system'
}

@test "podman: a terminal" {
    run script -qec "$(declare -f podman_here in_podman); HOUSE_DIR=$HOUSE_DIR RUNTIME_UNDER_TEST=$RUNTIME_UNDER_TEST; in_podman -t busybox tty" /dev/null
    ends_with 0 && mentions /dev/pts/0
}

@test "podman: in the background: exec, top, pause, stop, logs" {
    run podman_here run -d --network none --name web busybox sh -c 'trap "exit 3" TERM; echo began; while :; do sleep 0.1; done'
    ends_with 0
    run podman_here exec web sh -c 'echo in; exit 4'
    ends_with 4 && says in
    run podman_here exec --user 1000 -e X=y web sh -c 'id -u; echo $X'
    ends_with 0 && says $'1000\ny'
    run podman_here pause web
    ends_with 0
    run podman_here inspect -f '{{.State.Status}}' web
    says paused
    run podman_here unpause web
    ends_with 0
    run podman_here stop -t 5 web
    ends_with 0
    run podman_here inspect -f '{{.State.ExitCode}}' web
    says 3
    run podman_here logs web
    says began
    run podman_here rm web
    ends_with 0
}

@test "podman: a killed container tells by which signal" {
    podman_here run -d --network none --name victim busybox sleep 1000
    run podman_here kill -s KILL victim
    ends_with 0
    run podman_here wait victim
    says 137
    podman_here rm victim
}

@test "podman: a user namespace: root inside is nobody outside" {
    run in_podman --uidmap 0:100000:65536 --gidmap 0:100000:65536 busybox sh -c 'id -u; cat /proc/self/uid_map | tr -s " "; touch /mine; stat -c %u /mine'
    ends_with 0
    [ "${lines[0]} ${lines[2]}" = "0 0" ]
    [[ "${lines[1]}" == *"0 100000 65536"* ]]
    podman_here run -d --network none --name mapped --uidmap 0:100000:65536 --gidmap 0:100000:65536 busybox sleep 1000 >/dev/null
    [ "$(stat -c %u "/proc/$(podman_here inspect -f '{{.State.Pid}}' mapped)")" = 100000 ]
    run podman_here exec mapped id -u
    says 0
    is_removed mapped
}

@test "podman: a healthcheck runs inside, and tells" {
    podman_here run -d --network none --name ill --health-cmd 'test -e /well' --health-interval disable --health-retries 1 busybox sleep 1000 >/dev/null
    run podman_here healthcheck run ill
    ends_with 1
    podman_here exec ill touch /well
    run podman_here healthcheck run ill
    ends_with 0
    is_removed ill
}

@test "podman: update gives other limits" {
    podman_here update --help >/dev/null 2>&1 || skip "this podman has no update"
    podman_here run -d --network none --name grow -m 64m busybox sleep 1000 >/dev/null
    run podman_here update -m 128m --cpus 0.5 grow
    ends_with 0
    run podman_here exec grow cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.cfs_quota_us
    says $'134217728\n50000'
    is_removed grow
}

@test "podman: stop, start again, restart; exec of a missing program" {
    podman_here run -d --network none --name web busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.05; done' >/dev/null
    run -127 podman_here exec web /nope
    run -126 podman_here exec web /etc/passwd
    podman_here stop -t 5 web >/dev/null
    podman_here start web >/dev/null
    podman_here restart -t 5 web >/dev/null
    [ "$(podman_here inspect -f '{{.State.Status}}' web)" = running ]
    run podman_here stats --no-stream --format '{{.PIDs}}' web
    ends_with 0
    is_removed web
    run podman_here ps -aq
    says ""
}
