# SPDX-License-Identifier: Apache-2.0
# Capabilities and system call filters: what root inside may not do.
load helpers

# bats test_tags=user
@test "without CAP_NET_ADMIN even root cannot change its own interfaces" {
    in_debian --cap-drop NET_ADMIN debian ip link set lo down
    ends_with 2
    mentions "Operation not permitted"
    in_debian --cap-add NET_ADMIN debian sh -c 'ip link set lo down && ip -o link show lo | grep -o "state [A-Z]*"'   # the control
    says "state DOWN"
}

# bats test_tags=user
@test "without CAP_NET_RAW there is no ping: no raw socket" {
    socket='socket($s, 2, 3, 1) ? print qq(opened\n) : print qq($!\n)'
    in_debian --cap-drop NET_RAW debian perl -e "$socket"
    says "Operation not permitted"
    in_debian debian perl -e "$socket"
    says opened
}

# bats test_tags=user
@test "without CAP_CHOWN root cannot give files away" {
    in_debian --cap-drop CHOWN debian sh -c 'touch /tmp/f && chown 1000 /tmp/f'
    ends_with 1
    mentions "Operation not permitted"
    in_debian debian sh -c 'touch /tmp/f && chown 1000 /tmp/f && stat -c %u /tmp/f'
    says 1000
}

# bats test_tags=user
@test "a seccomp rule refuses a chosen call with a chosen error" {
    printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["sethostname"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}' >"$BATS_TEST_TMPDIR/refuse.json"
    in_debian --cap-add SYS_ADMIN --security-opt "seccomp=$BATS_TEST_TMPDIR/refuse.json" debian hostname other
    ends_with 1
    mentions "must be root"   # EPERM, though it has the capability
    in_debian --cap-add SYS_ADMIN --security-opt seccomp=unconfined debian hostname other
    ends_with 0
}

# bats test_tags=user
@test "a seccomp rule kills whoever makes a chosen call, and nobody else" {
    printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["sethostname"],"action":"SCMP_ACT_KILL_PROCESS"}]}' >"$BATS_TEST_TMPDIR/kill.json"
    in_debian --cap-add SYS_ADMIN --security-opt "seccomp=$BATS_TEST_TMPDIR/kill.json" debian sh -c 'hostname other; echo "hostname: $?"; hostname >/dev/null && echo lives'
    mentions "hostname: 159"   # 128 + SIGSYS
    mentions lives
}

# bats test_tags=user
@test "a filter holds for every child, and none can take it away" {
    in_debian --privileged --security-opt no-new-privileges debian sh -c 'grep NoNewPrivs /proc/self/status; sh -c "grep NoNewPrivs /proc/self/status"'
    says $'NoNewPrivs:\t1\nNoNewPrivs:\t1'
    in_debian debian sh -c 'sh -c "sh -c \"sed -n s/^Seccomp://p /proc/self/status\""'
    says $'\t2'
}

# bats test_tags=user
@test "no-new-privileges: a set-uid program gives nothing" {
    in_debian -u 1000 --security-opt no-new-privileges debian sh -c 'su --version >/dev/null; grep CapPrm /proc/self/status'
    says $'CapPrm:\t0000000000000000'
    for options in "" "--security-opt no-new-privileges"; do
        skiff run -d --name setuid $options debian sh -c 'cp /usr/bin/id /id && chmod 4755 /id && exec sleep 1000' >/dev/null
        until_true 10 skiff exec setuid test -u /id
        run skiff exec -u 1000 setuid /id -u
        skiff rm -f setuid
        case $options in "") mentions 0 ;; *) says 1000 ;; esac
    done
}
