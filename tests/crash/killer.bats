#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The kill tool counts, kills where it was told, spares whom it should, and leaves nobody behind.

setup() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box, where every process is the test's own"
    killer=${SKIFF_BUILD:-$BATS_TEST_DIRNAME/../../build/release}/tests/killer
    cd "$BATS_TEST_TMPDIR"
    cp /bin/busybox busybox-ours   # busybox knows itself by the beginning of its name
}

nobody_sleeps() { ! pgrep -x sleep >/dev/null; }
field() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" report; }

@test "killer: counts the same calls as strace, and passes the exit code on" {
    strace -f -o calls /bin/busybox sh -c '/bin/busybox true; exit 5' || true
    run "$killer" --count --report report /bin/busybox sh -c '/bin/busybox true; exit 5'
    [ "$status" -eq 5 ]
    # strace shows the first execve, which happens before we count; ends and signals have +++ and --- lines.
    expected=$(grep -vcE '(\+\+\+|---|resumed>)' calls)
    [ "$(field calls)" -eq $((expected - 1)) ]
}

@test "killer: kills the whole tree at the call it was told" {
    run "$killer" --at 60 --report report sh -c 'sleep 70 & sleep 71 & for i in 1 2 3 4 5 6 7 8 9; do /bin/true; done; echo survived'
    [ "$status" -eq 0 ] && [ "$output" != survived ]
    [ "$(field calls)" -eq 60 ] && [ "$(field killed)" -ge 1 ]
    nobody_sleeps
}

@test "killer: a command that ends earlier is said to" {
    run "$killer" --at 100000 --report report true
    [ "$status" -eq 3 ]
}

@test "killer: kills only our own programs, the others live on" {
    run "$killer" --only-ours --ours busybox-ours --at 10 --report report ./busybox-ours sh -c '/bin/sleep 70 >/dev/null 2>&1 & for i in 1 2 3; do echo $i >out; done; exec ./busybox-ours sleep 71'
    [ "$status" -eq 0 ] && [ "$(field by)" = ours ]
    ! pgrep -x busybox-ours
    for pid in $(pgrep -x sleep); do kill "$pid"; done
}

@test "killer: a process that is not ours survives the death of ours" {
    run "$killer" --only-ours --ours busybox-ours --at 120 --report report ./busybox-ours sh -c '(exec /bin/sleep 70 >/dev/null 2>&1) & ./busybox-ours sleep 0.2; for i in $(./busybox-ours seq 50); do echo >out; done'
    [ "$status" -eq 0 ]
    pgrep -x sleep
    for pid in $(pgrep -x sleep); do kill "$pid"; done
}

@test "killer: follows detached children to their end" {
    run "$killer" --count --report report sh -c 'setsid sh -c "sleep 0.3; echo late >late" & exit 0'
    [ "$status" -eq 0 ] && [ -s late ]
}

@test "killer: --until main lets what was left behind go on" {
    run "$killer" --count --until main --report report sh -c 'sleep 0.4 >/dev/null 2>&1 & echo done >done'
    [ "$status" -eq 0 ] && [ -s done ]
    pgrep -x sleep
    while pgrep -x sleep >/dev/null; do read -r -t 0.05 <> <(:) || true; done
}

@test "killer: the deadline ends what does not end" {
    run "$killer" --deadline 1 --count --report report sh -c 'sleep 70 & sleep 71'
    [ "$status" -eq 4 ]
    nobody_sleeps
}

@test "killer: when it dies itself, everything it follows dies" {
    "$killer" --count --report report sh -c 'sleep 70 & sleep 71' 3>&- &
    pid=$!
    until [ "$(pgrep -xc sleep)" = 2 ]; do read -r -t 0.02 <> <(:) || true; done
    kill -9 $pid
    wait $pid || true
    for try in 1 2 3 4 5 6 7 8 9 10; do nobody_sleeps && return; read -r -t 0.05 <> <(:) || true; done
    return 1
}
