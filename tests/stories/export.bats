# SPDX-License-Identifier: Apache-2.0
# A container's filesystem as an archive.
load helpers

@test "export: the layers as one tree, without what is mounted, and an import of it runs" {
    mkdir "$BATS_TEST_TMPDIR/data"
    touch "$BATS_TEST_TMPDIR/data/outside"
    skiff run --name work -v "$BATS_TEST_TMPDIR/data:/data" busybox sh -c 'echo made >/etc/mine; rm /etc/os-release; rm -r /home; mkdir /home; ln /etc/mine /same; chown 7:8 /etc/mine; chmod 4711 /etc/mine'
    run -0 skiff export -o "$BATS_TEST_TMPDIR/work.tar" work
    says ""
    run tar -tvf "$BATS_TEST_TMPDIR/work.tar" --numeric-owner
    mentions "-rws--x--x 7/8"
    mentions "same link to etc/mine"
    mentions " bin/busybox"
    mentions " data/"
    does_not_mention os-release
    does_not_mention outside
    does_not_mention .wh.
    skiff import "$BATS_TEST_TMPDIR/work.tar" flat
    run skiff run --rm flat sh -c 'cat /same; ls /home; stat -c %h /etc/mine'
    says $'made\n2'
    [ "$(skiff inspect -f '{{json .RootFS.Layers}}' flat | jq length)" = 1 ]
    skiff rmi flat
    skiff rm work
}

@test "export: the same container gives the same bytes; one that runs goes on meanwhile" {
    id=$(skiff run -d busybox sh -c 'echo here >/here; sleep 1000')
    skiff exec "$id" sh -c 'until [ -s /here ]; do :; done'
    first=$(skiff export "$id" | sha256sum)
    [ "$(skiff export "$id" | sha256sum)" = "$first" ]
    run bash -c 'skiff export "$0" | tar -xO -f - here' "$id"
    says here
    run skiff inspect -f '{{.State.Status}}' "$id"
    says running
    skiff rm -f "$id"
}

@test "export: the container of a folder is that folder" {
    busybox_rootfs "$BATS_TEST_TMPDIR/rootfs"
    skiff create --name folder --rootfs "$BATS_TEST_TMPDIR/rootfs" true
    run bash -c 'skiff export folder | tar -xO -f - etc/os-release'
    mentions ID=busybox
    skiff rm folder
}

@test "export: on a kernel without the newer mount calls it is the same archive" {
    skiff run --name old busybox sh -c 'echo made >/etc/mine; rm -r /home'
    modern=$(skiff export old | sha256sum)
    for answer in ENOSYS EPERM; do [ "$("$HOUSE/tests/without" $answer mounts skiff export old | sha256sum)" = "$modern" ]; done
    skiff rm old
}

@test "export: what cannot be written is told, and no file appears" {
    skiff create --name some busybox true
    run skiff export nobody
    refuses 1 "no such container: nobody"
    run bash -c 'skiff export some >/dev/full'
    refuses 1 "ENOSPC"
    run bash -c 'skiff export some | head -c 1000 >/dev/null; exit ${PIPESTATUS[0]}'
    refuses 1 "stopped reading"
    run script -qec "skiff export some" /dev/null
    ends_with 1
    mentions "is a terminal"
    run skiff export -o "$BATS_TEST_TMPDIR" some
    refuses 1 "is a directory"
    [ -z "$(ls -A "$BATS_TEST_TMPDIR")" ]
    skiff rm some
}
