#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kernels without mounts by descriptor (before Linux 5.12), and filters of an outer container that forbid them: the same
# containers, made by mount(2). `old` runs a command on such a kernel.

load helpers

setup_file() {
    open_house
    # A hundred layers on top of busybox, each with a file of its own and one that all of them have.
    skiff import "$(busybox_tar)" deep >/dev/null
    python3 "$HOUSE/tests/stories/add_layers.py" "$SKIFF_ROOT" deep 100
}

old() { "$HOUSE/tests/without" "${ANSWER:-ENOSYS}" mounts "$@"; }

@test "the filter takes the calls away that we think it does" {
    calls=fsopen,fsmount,open_tree,move_mount,mount_setattr,mount
    run -0 old strace -f -e trace=$calls -e status=successful skiff run --rm busybox true
    mentions ' mount('
    for call in ${calls//,/ }; do [ $call = mount ] || does_not_mention "$call("; done
    run -0 strace -f -e trace=$calls -e status=successful skiff run --rm busybox true
    mentions 'move_mount('
}

@test "a kernel that has only some of the calls is an old one" {
    for call in fsopen fsconfig fsmount open_tree move_mount mount_setattr; do
        run "$HOUSE/tests/without" ENOSYS "$call" skiff run --rm busybox echo works
        says works
    done
}

@test "a container has the same mounts either way" {
    # Without the overlay's own options, which name the container. /var holds the container's own root: it is not to show
    # twice.
    look='sed "s/^overlay \/ overlay .*/overlay/" /proc/mounts | sort'
    run -0 skiff run --rm --tmpfs /scratch:size=1m,ro -v /var:/data --init --ipc shareable busybox sh -c "$look"
    mentions " /data "
    modern=$output
    for ANSWER in ENOSYS EPERM; do
        run -0 old skiff run --rm --tmpfs /scratch:size=1m,ro -v /var:/data --init --ipc shareable busybox sh -c "$look"
        says "$modern"
    done
}

@test "--explain tells the child's steps, and how they differ" {
    told() { "$@" skiff run --rm --name told --hostname told --explain busybox true 2>&1 >/dev/null | sed -n 's/^ *[0-9]* *child *[0-9]* *\(.*[^ ]\)  *# .*/\1/p; s/^ *[0-9]* *child *[0-9]* *\([^#]*[^ #]\)$/\1/p' | sed 's/[0-9a-f]\{12\}…/ID/g; s/[0-9a-f]\{64\}/ID/g'; }
    told env >"$BATS_TEST_TMPDIR/modern"
    told old >"$BATS_TEST_TMPDIR/classic"
    grep -qx 'mount proc at /proc (nosuid,nodev,noexec)' "$BATS_TEST_TMPDIR/classic"
    run diff "$BATS_TEST_TMPDIR/modern" "$BATS_TEST_TMPDIR/classic"
    differences=$(grep '^[<>]' <<<"$output" | sed 's/ at [^ ]*$/ at PLACE/')
    [ "$differences" = "< attach the overlay at PLACE
> mount an overlay of 2 layers at PLACE
> keep the root out of binds
> let the root be bound again" ]
}

@test "--read-only, -v and --tmpfs hold what they promise" {
    mkdir "$BATS_TEST_TMPDIR/data"
    for ANSWER in ENOSYS EPERM; do
        run old skiff run --rm --read-only --tmpfs /scratch -v "$BATS_TEST_TMPDIR/data:/rw" -v "$BATS_TEST_TMPDIR/data:/ro:ro" busybox \
            sh -c 'touch /no; touch /ro/no; touch /scratch/yes && echo $? > /rw/yes && cat /ro/yes'
        ends_with 0
        mentions "touch: /no: Read-only file system"
        mentions "touch: /ro/no: Read-only file system"
        [ "$(cat "$BATS_TEST_TMPDIR/data/yes")" = 0 ]
        rm "$BATS_TEST_TMPDIR/data/yes"
    done
}

@test "masked paths are empty and sealed ones cannot be written" {
    run old skiff run --rm busybox sh -c 'ls /sys/firmware | wc -l; cat /proc/keys | wc -c; echo 1 >/proc/sys/kernel/panic'
    [ "${lines[0]}" = 0 ]
    [ "${lines[1]}" = 0 ]
    mentions "Read-only file system"
}

@test "exec, a terminal and a sysctl of its own" {
    old skiff run -d --name web --sysctl net.ipv4.ip_forward=1 busybox sleep 1000
    run old skiff exec web cat /proc/sys/net/ipv4/ip_forward
    says 1
    run script -qec "$HOUSE/tests/without ENOSYS mounts skiff exec -it web tty" /dev/null
    mentions /dev/pts/0
    skiff rm -f web
    run script -qec "$HOUSE/tests/without EPERM mounts skiff run --rm -it busybox sh -c 'tty; test -c /dev/console && echo console'" /dev/null
    mentions /dev/pts/0
    mentions console
}

@test "a read-only tree with another mount in it is refused with the reason" {
    mkdir -p "$BATS_TEST_TMPDIR/data/inner"
    mount -t tmpfs inner "$BATS_TEST_TMPDIR/data/inner"
    run old skiff run --rm -v "$BATS_TEST_TMPDIR/data:/data:ro" busybox true
    refuses 125 "$BATS_TEST_TMPDIR/data/inner is mounted there: only mount_setattr (Linux 5.12) reaches that"
    run -0 old skiff run --rm -v "$BATS_TEST_TMPDIR/data:/data" busybox grep -c /data/inner /proc/mounts
    run -0 skiff run --rm -v "$BATS_TEST_TMPDIR/data:/data:ro" busybox sh -c '! touch /data/inner/x 2>/dev/null'
    umount "$BATS_TEST_TMPDIR/data/inner"
}

@test "an archive is unpacked in its jail" {
    old skiff import "$(busybox_tar)" imported >/dev/null
    run -0 skiff run --rm imported echo unpacked
    says unpacked
}

@test "an image of a hundred layers runs by mount(2)" {
    for ANSWER in ENOSYS EPERM; do
        run -0 old skiff run --rm deep sh -c 'cat /layer-1 /layer-50 /layer-100 /all; echo new >/layer-1; cat /layer-1; ls / | grep -c layer-'
        says "$(printf '1\n50\n100\n100\nnew\n100')"
    done
}

@test "a kernel without a call that nothing replaces is told by that call's name" {
    for call in openat2 clone3 close_range pidfd_open pidfd_send_signal; do
        run "$HOUSE/tests/without" ENOSYS "$call" skiff run --rm busybox true
        mentions "lacks $call (Linux 5."
        [ "${#lines[@]}" -eq 1 ]
        [ "$status" -ne 0 ]
    done
}
