#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dockerd runs its containers with skiff-runtime and notices no difference.

load peers

setup_file() {
    needs dockerd docker containerd
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-docker.XXXXXX)
    export HOUSE_DIR DOCKER_HOST=unix://$HOUSE_DIR/docker.sock DOCKER_CONFIG=$HOUSE_DIR/config
    # Without networks: a box has none. The daemon starts a containerd of its own in its exec-root.
    dockerd --data-root "$HOUSE_DIR/root" --exec-root "$HOUSE_DIR/run" --pidfile "$HOUSE_DIR/pid" -H "$DOCKER_HOST" --storage-driver vfs --bridge none \
        --iptables=false --ip-masq=false --shutdown-timeout 2 --add-runtime "peer=$RUNTIME_UNDER_TEST" --default-runtime peer >"$HOUSE_DIR/log" 2>&1 3>&- &
    echo $! >"$HOUSE_DIR/daemon"
    until_true 30 docker version >/dev/null 2>&1 || { tail -n 5 "$HOUSE_DIR/log" >&2; return 1; }
    docker import "$(busybox_tar)" busybox >/dev/null
}

teardown() { docker ps -aq | xargs -r docker rm -f >/dev/null; }
teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    kill "$(cat "$HOUSE_DIR/daemon")"
    while [ -d "/proc/$(cat "$HOUSE_DIR/daemon")" ]; do sleep 0.05; done
    rm -rf --one-file-system "$HOUSE_DIR"
}

in_docker() { docker run --rm --network none "$@"; }
# in_background NAME COMMAND...
in_background() {
    local name=$1; shift
    docker run -d --network none --name "$name" "$@" >/dev/null
}

@test "docker: output, error output and exit code come through" {
    run --separate-stderr in_docker busybox sh -c 'echo out; echo err >&2; exit 7'
    ends_with 7 && says out
    [ "$stderr" = err ]
    run bash -c 'echo in | docker run --rm -i --network none busybox cat'
    says in
}

@test "docker: the first process is number 1 under the name, the user and in the directory that were asked for" {
    run in_docker --hostname keel --user 1000:1000 -e A=b -w /home busybox sh -c 'echo $$ $(hostname) $(id -u) $(id -g) $A $(pwd)'
    ends_with 0 && says '1 keel 1000 1000 b /home'
}

@test "docker: a missing program ends with 127, one that cannot be executed with 126" {
    run -127 in_docker busybox /nope
    mentions 'no such file or directory'
    run -127 in_docker busybox nope
    mentions 'executable file not found in $PATH'
    run -126 in_docker busybox /etc/passwd
    mentions 'permission denied'
    run -126 in_docker busybox /etc
    mentions 'permission denied'
}

@test "docker: exec: exit codes, user, environment, 126 and 127; the container goes on" {
    in_background web busybox sleep 1000
    run docker exec web sh -c 'echo in; exit 4'
    ends_with 4 && says in
    run docker exec --user 1000 -e X=y -w /tmp web sh -c 'echo $(id -u) $X $(pwd)'
    ends_with 0 && says '1000 y /tmp'
    run -126 docker exec web /etc/passwd
    run -126 docker exec web nope   # docker 20.10's own choice, with runc as well
    mentions 'executable file not found in $PATH'
    run docker exec web sh -c 'kill -KILL $$'
    ends_with 137
    run docker exec -d web sh -c 'sleep 500'
    ends_with 0
    run docker top web
    mentions 'sleep 500'
    [ "$(docker inspect -f '{{.State.Status}}' web)" = running ]
}

@test "docker: a terminal, for run and for exec" {
    run script -qec "docker run --rm -t --network none busybox tty" /dev/null
    ends_with 0 && mentions /dev/pts/0
    in_background web busybox sleep 1000
    run script -qec "docker exec -t web tty" /dev/null
    ends_with 0 && mentions /dev/pts/0
}

@test "docker: limits arrive in the kernel, and update changes them" {
    in_background web -m 64m --memory-swap 64m --pids-limit 50 --cpus 0.5 busybox sleep 1000
    group=/sys/fs/cgroup/memory/docker/$(docker inspect -f '{{.Id}}' web)
    [ "$(cat "$group/memory.limit_in_bytes")" = 67108864 ]
    run docker exec web cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us
    says $'50\n50000'
    run docker update --memory 128m --memory-swap 256m --pids-limit 60 --cpus 0.25 --cpu-shares 300 web
    ends_with 0
    [ "$(cat "$group/memory.limit_in_bytes")" = 134217728 ]
    run docker exec web cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.shares
    says $'60\n25000\n300'
    run docker stats --no-stream --format '{{.PIDs}}' web
    says 1
}

@test "docker: pause and unpause" {
    in_background web busybox sh -c 'while :; do echo x; sleep 0.02; done'
    docker pause web >/dev/null
    [ "$(docker inspect -f '{{.State.Status}}' web)" = paused ]
    run docker exec web true
    ends_with 1 && mentions 'is paused'
    docker unpause web >/dev/null
    run docker exec web true
    ends_with 0
    docker pause web >/dev/null
}

@test "docker: signals, stop and what they leave as exit code" {
    in_background web busybox sh -c 'trap "echo got USR1" USR1; trap "exit 3" TERM; echo began; while :; do sleep 0.05; done'
    until_true 10 sh -c 'docker logs web | grep -q began'
    docker kill -s USR1 web >/dev/null
    until_true 10 sh -c 'docker logs web | grep -q "got USR1"'
    docker stop -t 5 web >/dev/null
    [ "$(docker inspect -f '{{.State.ExitCode}}' web)" = 3 ]
    docker start web >/dev/null
    docker kill web >/dev/null
    [ "$(docker wait web)" = 137 ]
}

@test "docker: whoever is out of memory is told to be" {
    run in_docker --name hungry -m 16m --memory-swap 16m busybox sh -c 'x=a; while :; do x=$x$x; done'
    ends_with 137
    in_background hungry -m 16m --memory-swap 16m busybox sh -c 'x=a; while :; do x=$x$x; done'
    docker wait hungry >/dev/null
    [ "$(docker inspect -f '{{.State.OOMKilled}}' hungry)" = true ]
}

@test "docker: privileges: none, some, all" {
    run in_docker --cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges busybox sh -c 'grep -E "CapEff|NoNewPrivs" /proc/self/status'
    ends_with 0 && says $'CapEff:\t0000000000000001\nNoNewPrivs:\t1'
    run in_docker --privileged busybox sh -c 'mount -t tmpfs x /mnt 2>/dev/null || mkdir /mnt && mount -t tmpfs x /mnt && echo mounted'
    ends_with 0 && says mounted
    run in_docker --read-only --tmpfs /scratch busybox sh -c 'touch /scratch/a && ! touch /b 2>/dev/null && echo kept'
    ends_with 0 && says kept
    run in_docker --pid host --ipc host --uts host busybox sh -c 'echo $$'
    ends_with 0
    [ "$output" != 1 ]
    run in_docker --init busybox sh -c 'echo $$'
    ends_with 0
}
