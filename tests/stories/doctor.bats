# SPDX-License-Identifier: Apache-2.0
# What doctor tells is held against the kernel, and on hosts that lack something: by mounts and filters of the test's own.
load helpers

health_of() { skiff doctor --format json | jq -r --arg name "$1" '.[] | select(.Facility == $name) | .Health'; }

@test "here nothing is missing that is needed; lines and json tell the same" {
    run skiff doctor
    ends_with 0
    does_not_mention "(needed)"
    told=${#lines[@]}
    run skiff doctor --format json
    ends_with 0
    [ "$(jq length <<<"$output")" = "$told" ]
    run skiff doctor -f yaml
    refuses 1 "json"
}

@test "a controller is ok exactly where it is mounted, and the fix mounts what is not" {
    for name in cpu memory $(is_unified && echo io || echo devices net_cls) pids hugetlb; do
        if is_unified; then wanted=missing; ! grep -qw "$name" /sys/fs/cgroup/cgroup.controllers || wanted=ok
        elif grep -qE " - cgroup \S+ (\S+,)?$name(,|$)" /proc/self/mountinfo; then wanted=ok; else wanted=missing; fi
        [ "$(health_of "cgroup $name")" = "$wanted" ] || { echo "$name is not $wanted" >&2; false; }
    done
    needs_version_1
    run unshare --mount bash -c 'umount /sys/fs/cgroup/pids && skiff doctor | grep "cgroup pids"
        bash -c "$(skiff doctor --format json | jq -r ".[] | select(.Facility == \"cgroup pids\") | .Fix")" && skiff doctor | grep "cgroup pids"'
    [[ "${lines[0]}" == missing*"not mounted"* ]]
    [[ "${lines[1]}" == ok* ]]
}

@test "without any control group doctor fails, and so does run" {
    run unshare --mount sh -c 'umount -R /sys/fs/cgroup; skiff doctor'
    ends_with 1
    mentions "(needed) no control groups are mounted"
    run unshare --mount sh -c 'umount -R /sys/fs/cgroup; skiff run --rm busybox true'
    ends_with 125
}

@test "without the devices controller doctor fails" {
    needs_version_1
    run unshare --mount sh -c 'umount /sys/fs/cgroup/devices; skiff doctor'
    ends_with 1
    mentions "missing  cgroup devices"
}

@test "where the newer mount calls are missing the interface is limited, and containers run" {
    run "$HOUSE/tests/without" ENOSYS mounts skiff doctor
    ends_with 0
    mentions "limited  mount interface"
    run "$HOUSE/tests/without" ENOSYS mounts skiff run --rm busybox echo runs
    says runs
}

@test "a system call that is missing is named with its Linux, and no container runs" {
    run "$HOUSE/tests/without" ENOSYS openat2 skiff doctor
    ends_with 1
    mentions "openat2 (Linux 5.6)"
}

@test "the user who asks is named in the advice about his ids" {
    run unshare --mount sh -c 'printf "" >/tmp/none; mount --bind /tmp/none /etc/subuid; rm -f /tmp/none; skiff doctor'
    mentions "limited  subuids"
    mentions "root"
    run unshare --mount sh -c 'printf "root:100000:65536\n" >/run/one; mount --bind /run/one /etc/subuid; mount --bind /run/one /etc/subgid; skiff doctor | grep subuids'
    rm -f /run/one
    command -v newuidmap >/dev/null || skip "newuidmap is not installed"
    [[ "$output" == ok* ]]
}
