# SPDX-License-Identifier: Apache-2.0
# Images into archives and back.
load helpers

layers_of() { skiff inspect -f '{{json .RootFS.Layers}}' "$1"; }
id_of() { skiff inspect -f '{{.Id}}' "$1"; }
sum_of() { sha256sum | cut -d' ' -f1; }

@test "save: every blob of the archive is what its name says, and both tables of contents name the image" {
    skiff run --name one busybox sh -c 'echo a >/a; rm /etc/os-release; rm -r /home; mkdir /home'
    skiff commit one two:1
    skiff rm one
    skiff save -o "$BATS_TEST_TMPDIR/two.tar" two:1
    mkdir "$BATS_TEST_TMPDIR/two"
    tar -C "$BATS_TEST_TMPDIR/two" -xf "$BATS_TEST_TMPDIR/two.tar"
    cd "$BATS_TEST_TMPDIR/two"
    for blob in blobs/sha256/*; do [ "$(sum_of <"$blob")" = "${blob##*/}" ]; done
    [ "$(jq -r '.[0].RepoTags[0]' manifest.json)" = two:1 ]
    [ "sha256:$(jq -r '.[0].Config' manifest.json | xargs basename)" = "$(id_of two:1)" ]
    [ "$(jq -c '[.[0].Layers[] | "sha256:" + split("/")[-1]]' manifest.json)" = "$(layers_of two:1)" ]
    [ "$(jq -r '.manifests[0].annotations["io.containerd.image.name"]' index.json)" = docker.io/library/two:1 ]
    manifest=blobs/sha256/$(jq -r '.manifests[0].digest' index.json | cut -d: -f2)
    [ "$(jq -r .config.digest "$manifest")" = "$(id_of two:1)" ]
    run tar -tf "blobs/sha256/$(jq -r '.[0].Layers[-1]' manifest.json | xargs basename)"
    mentions etc/.wh.os-release
    mentions home/.wh..wh..opq
    # The base's archive again, byte for byte.
    cmp "$(busybox_tar)" "blobs/sha256/$(jq -r '.[0].Layers[0]' manifest.json | xargs basename)"
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/two.tar")" = 600 ]
    skiff rmi two:1
}

@test "save: the same images are the same bytes; a name without a tag means all its tags, an id none" {
    skiff tag busybox many:1
    skiff tag busybox many:2
    a=$(skiff save many | sum_of)
    [ "$(skiff save many:1 many:2 | sum_of)" = "$a" ]
    [ "$(skiff save many | tar -xO manifest.json -f - | jq -c '.[].RepoTags')" = '["many:1","many:2"]' ]
    [ "$(skiff save many | tar -xO index.json -f - | jq '.manifests | length')" = 2 ]
    [ "$(skiff save "$(skiff images -q many:1)" | tar -xO manifest.json -f - | jq -c '.[].RepoTags')" = null ]
    skiff import -c 'ENV A=b' "$(busybox_tar)" other
    skiff save -o "$BATS_TEST_TMPDIR/both.tar" many:1 other
    [ "$(tar -tf "$BATS_TEST_TMPDIR/both.tar" | wc -l)" = 8 ]   # three tables, two documents of each image, one layer for both
    skiff rmi many:1 many:2 other
}

@test "save: what cannot be saved is told, and no file appears" {
    run skiff save -o "$BATS_TEST_TMPDIR/x.tar" nobody
    refuses 1 "no such image: nobody:latest"
    run skiff save -o "$BATS_TEST_TMPDIR" busybox
    refuses 1 "is a directory"
    run skiff save -o "$BATS_TEST_TMPDIR/none/x.tar" busybox
    refuses 1 "ENOENT"
    run skiff save --platform linux/arm64 busybox
    refuses 125 "one platform"
    run script -qec "skiff save busybox" /dev/null
    [ "$status" = 1 ] && [[ "$output" == *"is a terminal"* ]]
    run bash -c 'skiff save busybox >/dev/full'
    refuses 1 "ENOSPC"
    skiff import "$(busybox_tar)" hurt -c 'ENV A=b'
    skiff run --name hurter hurt sh -c 'echo text >/file'
    skiff commit hurter hurt:2
    echo other >"$(find "$SKIFF_ROOT/layers" -path '*/diff/file')"
    run skiff save -o "$BATS_TEST_TMPDIR/x.tar" hurt:2
    refuses 1 "its bytes are others than they were"
    [ -z "$(ls -A "$BATS_TEST_TMPDIR")" ]
    skiff rm hurter
    skiff rmi hurt hurt:2
}
