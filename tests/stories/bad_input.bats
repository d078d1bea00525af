#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What goes wrong ends with one clear sentence and docker's exit code, and leaves nothing behind: neither what the census
# of this file would find at its end, nor a container or image in a list.
load helpers

nothing_was_made() {
    run skiff ps -aq
    says ""
    run skiff images --format '{{.Repository}}'
    says busybox
    [ -z "$(ls "$SKIFF_ROOT/staging" "$SKIFF_ROOT/trash" "$SKIFF_ROOT/containers" | grep -v :$ || true)" ]
}

# A store on a disk of six megabytes. full_disk fills it up, room_again empties it.
small_disk() {
    DISK=$BATS_TEST_TMPDIR/disk
    mkdir "$DISK"
    mount -t tmpfs -o size=6m small "$DISK"
    export SKIFF_ROOT=$DISK/root
    skiff import "$(busybox_tar)" busybox >/dev/null
}
full_disk() { dd if=/dev/zero of="$DISK/fill" bs=4k 2>/dev/null || true; }
room_again() { rm "$DISK/fill"; }
away_with_disk() {
    until_true 10 umount "$DISK"   # the monitor of what has just ended may still be leaving
    export SKIFF_ROOT=$HOUSE_DIR/root
}
teardown() { [ ! -d "${DISK:-}" ] || ! mountpoint -q "$DISK" || umount -l "$DISK"; }

@test "a full disk: nothing new can be made, and each command says which disk it is" {
    small_disk
    skiff run -d --name up -i busybox sleep 1000
    skiff create --name idle busybox true
    full_disk
    before=$(cd "$SKIFF_ROOT" && find . -path ./containers/\*/\* -prune -o -print | sort)
    for command in "run --rm busybox true" "run -d --name new busybox true"; do
        run skiff $command
        refuses 125 "the filesystem of $SKIFF_ROOT is full"
    done
    for command in "create --name new busybox true" "start idle" "start -a idle" "rename idle idler" "tag busybox other:1"; do
        run skiff $command
        refuses 1 "the filesystem of $SKIFF_ROOT is full"
    done
    run skiff import "$(busybox_tar)" again
    refuses 1 "the filesystem of $SKIFF_ROOT is full"
    [ "$(cd "$SKIFF_ROOT" && find . -path ./containers/\*/\* -prune -o -print | sort)" = "$before" ]
    run skiff ps -a --format '{{.Names}} {{.State}}'
    says $'idle created\nup running'

    # What runs goes on, and can be talked to.
    run skiff exec up echo alive
    says alive
    run skiff logs up
    ends_with 0
    skiff stop -t 0 up
    room_again
    run skiff start -a idle
    ends_with 0
    skiff rm up idle
    away_with_disk
}

@test "a full disk: rm and rmi make room" {
    small_disk
    skiff create --name one busybox true
    skiff create --name two busybox true
    full_disk
    run skiff rm one two
    says $'one\ntwo'
    room_again
    skiff run --name three busybox true
    skiff rm three
    full_disk
    run skiff rmi busybox
    ends_with 0
    run skiff images -q
    says ""
    room_again
    away_with_disk
}

@test "state directories that cannot be used: read-only, a file, not a database, somebody else's" {
    mkdir "$BATS_TEST_TMPDIR/place"
    mount -t tmpfs -o ro sealed "$BATS_TEST_TMPDIR/place"
    run skiff --root "$BATS_TEST_TMPDIR/place/root" ps
    refuses 1 "EROFS"
    run skiff --runroot "$BATS_TEST_TMPDIR/place/run" run --rm busybox true
    refuses 125 "EROFS"
    umount "$BATS_TEST_TMPDIR/place"
    run unshare -m bash -c 'mount --bind "$SKIFF_ROOT" "$SKIFF_ROOT" && mount -o remount,bind,ro "$SKIFF_ROOT" && exec skiff run --rm busybox true'
    refuses 125 "EROFS"

    touch "$BATS_TEST_TMPDIR/file"
    run skiff --root "$BATS_TEST_TMPDIR/file" ps
    refuses 1 "$BATS_TEST_TMPDIR/file: ENOTDIR"
    mkdir "$BATS_TEST_TMPDIR/garbage"
    echo garbage >"$BATS_TEST_TMPDIR/garbage/skiff.db"
    run skiff --root "$BATS_TEST_TMPDIR/garbage" ps
    refuses 1 "not skiff's database"

    chmod 711 "$HOUSE_DIR"
    run setpriv --reuid 65534 --clear-groups skiff ps
    refuses 1 "$SKIFF_ROOT belongs to uid 0, not to you (uid 65534)"
    nothing_was_made
}

@test "a kernel that lacks what containers need" {
    without() { run "$HOUSE/tests/without" ENOSYS "$@"; }
    for call in pidfd_open clone3 openat2 close_range; do
        without "$call" skiff run --rm busybox true
        refuses 125 "lacks $call"
    done
    without openat2 skiff import "$(busybox_tar)" again
    refuses 1 "lacks openat2"
    nothing_was_made
}

@test "a host without cgroup trees, or without one of them" {
    lacking() { run unshare -m bash -c 'umount -R "$0" && exec "$@"' "/sys/fs/cgroup$1" "${@:2}"; }
    lacking "" skiff run --rm busybox true
    refuses 125 "no cgroup trees"
    needs_version_1   # or there is no other tree
    lacking /memory skiff run --rm -m 64m busybox true
    refuses 125 "the memory controller is not mounted"
    lacking /memory skiff run --rm busybox echo fine
    says fine
    # Without the devices controller a container could open what nobody gave it.
    lacking /devices skiff run --rm busybox true
    refuses 125 "the devices controller is not mounted"
    lacking /devices skiff run --rm --privileged busybox echo fine
    says fine
    skiff run -d --name warm busybox sleep 1000
    lacking /freezer skiff pause warm
    refuses 1 "the freezer controller is not mounted"
    skiff rm -f warm
    nothing_was_made
}

@test "archives that are none" {
    cd "$BATS_TEST_TMPDIR"
    python3 - "$(busybox_tar)" <<'PY'
import io, sys, tarfile
def archive(name, *entries):
    with tarfile.open(name, "w") as out:
        for path, kind, link in entries:
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = kind, link
            out.addfile(entry, io.BytesIO(b""))
archive("up", ("../../../tmp/skiff-was-here", tarfile.REGTYPE, ""))
archive("outside", ("link", tarfile.LNKTYPE, "../../../etc/passwd"))
archive("dangling", ("link", tarfile.LNKTYPE, "nothing"))
archive("odd", ("thing", b"Z", ""))
archive("long", ("a" * 300, tarfile.REGTYPE, ""))
start = bytearray(open(sys.argv[1], "rb").read(5120))
open("short", "wb").write(start)
start[200] ^= 0x55
open("checksum", "wb").write(start)
open("empty", "wb")
open("gz", "wb").write(b"\x1f\x8b\x08\0garbage")
open("zst", "wb").write(b"\x28\xb5\x2f\xfdgarbage")
PY
    for file in up outside dangling odd long short checksum empty gz zst nowhere .; do
        run skiff import "$file" bad
        refuses 1 "" || { echo "for $file" >&2; return 1; }
    done
    run skiff import "$PWD" bad
    refuses 1 "is a directory, not an archive"
    run bash -c 'skiff import - bad <&-'
    refuses 1 ""
    [ ! -e /tmp/skiff-was-here ]
    nothing_was_made
}

@test "names that are none, in each place where one is typed" {
    for name in : a: :b a:b:c 'a b' Upper a/../b a@sha256:123 "$(printf 'a%.0s' {1..300})"; do
        run skiff run --rm "$name" true
        refuses 125 "invalid reference format"
        run skiff import "$(busybox_tar)" "$name"
        refuses 1 "invalid reference format"
        run skiff tag busybox "$name"
        refuses 1 "invalid reference format"
    done
    skiff create --name taken busybox true
    run skiff run --rm --name taken busybox true
    refuses 125 '"taken" is already in use'
    skiff create --name other busybox true
    run skiff rename other taken
    refuses 1 '"taken" is already in use'
    skiff rm taken other
    nothing_was_made
}

@test "values that are none: each is refused before anything is made" {
    touch "$BATS_TEST_TMPDIR/file"
    echo '{' >"$BATS_TEST_TMPDIR/profile"
    while read -r options; do
        run skiff run --rm $options busybox true
        refuses 125 "" || { echo "for $options" >&2; return 1; }
    done <<END
-m 1
-m abc
-m 64m --memory-swap 32m
--memory-reservation 1m
--cpu-shares 1
--cpus 0.001
--pids-limit -2
--shm-size 0
--ulimit nofile=9:1
--ulimit nonsense=1
--stop-signal NONSENSE
--stop-timeout -5
--sysctl net.nonsense=1
--sysctl kernel.msgmax=abc
--device /dev/nonsense
--env-file /nonsense
--cidfile /nonsense/id
--security-opt seccomp=$BATS_TEST_TMPDIR/profile
--security-opt nonsense
--tmpfs relative
--tmpfs /x:nonsense
-v /a:relative
-v $BATS_TEST_TMPDIR/file:/proc/x
-w /etc/passwd
--network ns:/proc/self/ns/mnt
--network container:nobody
--cap-add NONSENSE
-u nobody-knows
END
    nothing_was_made
}

@test "streams that are closed" {
    run bash -c 'skiff run --rm busybox echo fine <&-'
    says fine
    run bash -c 'skiff run --rm busybox echo lost >&-'
    refuses 125 "pass the container's output on"
    run bash -c 'skiff ps >&-'
    refuses 1 "write the output"
    run bash -c 'skiff run --rm -i busybox cat <&- 2>&-'
    says ""
    # A reader that has gone ends skiff by SIGPIPE, as it ends any program; the container is its own master.
    run bash -c 'skiff run --name unheard busybox sh -c "echo first; while :; do echo more; sleep 0.01; done" | head -1; echo ${PIPESTATUS[0]}'
    says $'first\n141'
    run skiff inspect -f '{{.State.Status}}' unheard
    says running
    skiff rm -f unheard
    nothing_was_made
}

@test "an import that is interrupted: no process stays, and the next command removes what it had unpacked" {
    for signal in INT TERM; do
        mkfifo "$BATS_TEST_TMPDIR/pipe"
        python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp("skiff", ["skiff", "import", "-", "cut"])' <"$BATS_TEST_TMPDIR/pipe" 3>&- &
        pid=$!
        exec 9>"$BATS_TEST_TMPDIR/pipe"
        head -c 1000000 "$(busybox_tar)" >&9
        until_true 10 bash -c 'ls "$SKIFF_ROOT"/staging/*/diff/* >/dev/null 2>&1'
        kill -s "$signal" "$pid"
        code=0; wait "$pid" || code=$?
        [ "$code" = $((128 + $(kill -l "$signal"))) ]
        exec 9>&-
        rm "$BATS_TEST_TMPDIR/pipe"
        nothing_was_made
    done
}

@test "a run that is interrupted ends with the container's own code" {
    for signal in INT TERM; do
        python3 -c 'import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp("skiff", ["skiff", "run", "--rm", "--init", "busybox", "sh", "-c", "echo up; exec sleep 1000"])' >"$BATS_TEST_TMPDIR/out" 3>&- &
        pid=$!
        until_true 10 grep -q up "$BATS_TEST_TMPDIR/out"
        kill -s "$signal" "$pid"
        code=0; wait "$pid" || code=$?
        [ "$code" = $((128 + $(kill -l "$signal"))) ]
        nothing_was_made
    done
}

@test "an archive that never ends is refused" {
    run skiff import /dev/zero endless
    refuses 1 "bytes follow the archive's end"
    run skiff images -q endless
    says ""
}
