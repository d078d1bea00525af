# SPDX-License-Identifier: Apache-2.0
# The order of all locks (docs/architecture.md, "Locks"): what strace sees of the commands, their monitors and what these start.
load helpers

setup() {
    command -v strace >/dev/null || skip "strace is not installed"
    TRACE=$BATS_TEST_TMPDIR/trace
}

# watched TEXT: the shell script below strace, with all that it starts, and the order of its locks.
watched() {
    printf 'set -e\n%s\n' "$1" >"$BATS_TEST_TMPDIR/script"
    timeout 120 strace -f -y -s 0 -o "$TRACE" -e trace=flock,fcntl,close,execve,wait4,waitid,poll,ppoll,recvmsg,recvfrom,connect,clock_nanosleep \
        sh "$BATS_TEST_TMPDIR/script" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- || { tail "$BATS_TEST_TMPDIR/out"; return 1; }
    "$HOUSE/tests/locks/order" "$TRACE"
}
# seen "OUTER > INNER": the trace has that pair, so the test has looked at what it is for.
seen() { "$HOUSE/tests/locks/order" --seen "$TRACE" | grep -qx "$1" || { "$HOUSE/tests/locks/order" --seen "$TRACE"; return 1; }; }

@test "what reads the traces finds violations" {
    "$HOUSE/tests/locks/order" --self-test
}

@test "a container's life: create, run, exec, pause, update, rename, stop, restart, rm" {
    watched 'skiff run --rm busybox true
        skiff run -d --name web busybox sleep 1000
        skiff exec web true; skiff exec -d web true
        skiff pause web; skiff unpause web; skiff update --cpu-shares 512 web; skiff rename web other
        skiff stop -t 0 other; skiff start other; skiff restart -t 0 other; skiff kill other; skiff wait other
        skiff create --name third busybox true; skiff ps -a; skiff rm third; skiff rm -f other'
    seen "container > database"
}

@test "images: import, commit, save, load, tag, rmi" {
    busybox_tar >/dev/null
    watched "skiff import - again:1 <$(busybox_tar)
        skiff run --name web busybox touch /file; skiff commit web made:1; skiff rm web
        skiff save -o $BATS_TEST_TMPDIR/a.tar made:1; skiff rmi made:1; skiff load -i $BATS_TEST_TMPDIR/a.tar
        skiff tag made:1 other:1; skiff rmi other:1 made:1; skiff rmi -f again:1"
    seen "blobs > database"
}

@test "what goes on by itself: --rm, a policy, adoption, system check" {
    watched 'skiff run -d --rm --name gone busybox true
        skiff run -d --restart on-failure:2 --name again busybox sh -c "exit 3"
        skiff wait --condition exited again
        skiff run -d --name web busybox sleep 1000
        for try in 1 2 3 4 5 6 7 8 9 10; do
            pair=$(pgrep -fx "skiff:.(worker|keeper). web") || break  # whoever survives the other makes a new one
            kill -KILL $pair || true
        done
        skiff ps; skiff logs web; skiff system check --repair
        skiff ns keep kept --net || true; skiff ns rm kept || true
        skiff rm -f web again'
}
