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
    ends_with 1
    mentions "is a terminal"
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

made() { "$HOUSE/tests/stories/make_archive.py" "$@" "$(busybox_tar)"; }
everything() { (cd "$SKIFF_ROOT" && ls layers staging trash blobs/sha256 && skiff images -q --no-trunc); }

@test "load: what was saved comes back the same, its digests too, and its base is stored once" {
    skiff run --name one busybox sh -c 'echo a >/a; rm /etc/os-release'
    skiff commit -c 'CMD ["cat","/a"]' one two:1
    skiff rm one
    skiff tag two:1 two:2
    skiff save two | tee "$BATS_TEST_TMPDIR/two.tar" | gzip >"$BATS_TEST_TMPDIR/two.gz"
    zstd -q "$BATS_TEST_TMPDIR/two.tar" -o "$BATS_TEST_TMPDIR/two.zst"
    id=$(id_of two:1) layers=$(layers_of two:1) digests=$(skiff images --digests --format '{{.Digest}}' two) number=$(ls "$SKIFF_ROOT/layers" | wc -l)
    for archive in two.tar two.gz two.zst; do
        skiff rmi two:1 two:2
        run bash -c 'skiff load <"$0"' "$BATS_TEST_TMPDIR/$archive"
        ends_with 0
        says $'Loaded image: two:1\nLoaded image: two:2'
        [ "$(id_of two:2)" = "$id" ]
        [ "$(layers_of two:2)" = "$layers" ]
        [ "$(skiff images --digests --format '{{.Digest}}' two)" = "$digests" ]
        [ "$(ls "$SKIFF_ROOT/layers" | wc -l)" = "$number" ]
        run skiff run --rm two:1
        says a
    done
    # Where the base is not there either.
    run skiff --root "$HOUSE_DIR/other" load -q -i "$BATS_TEST_TMPDIR/two.gz"
    says $'Loaded image: two:1\nLoaded image: two:2'
    [ "$(skiff --root "$HOUSE_DIR/other" save two | sum_of)" = "$(sum_of <"$BATS_TEST_TMPDIR/two.tar")" ]
    rm -rf "$HOUSE_DIR/other"
    skiff rmi two:1 two:2
}

@test "load: archives as docker, podman and buildkit wrote and write them" {
    made old >"$BATS_TEST_TMPDIR/old"
    skiff load -i "$BATS_TEST_TMPDIR/old"
    id=$(id_of made:1) layers=$(layers_of made:1)
    [ "$(jq length <<<"$layers")" = 3 ]
    run skiff run --rm made:1 sh -c 'cat /etc/made; ls /etc | grep -c os-release'
    says $'made\n0'
    run skiff inspect -f '{{.Created}}' made:1
    says 2020-01-02T03:04:05Z
    for kind in podman oci-gzip oci-zstd nested; do
        skiff rmi made:1
        run skiff load -i <(made $kind)
        ends_with 0
        says "Loaded image: made:1"
        [ "$(id_of made:1)" = "$id" ]
        [ "$(layers_of made:1)" = "$layers" ]
    done
    skiff rmi made:1
    run bash -c '"$0" oci-tag "$1" | skiff load' "$HOUSE/tests/stories/make_archive.py" "$(busybox_tar)"   # a bare tag is no name
    says "Loaded image ID: $id"
    skiff rmi "$id"
}

@test "load: a name that another image had is taken from it, and that is told" {
    skiff tag busybox made:1
    run skiff load -i <(made old)
    says "The image made:1 already exists, renaming the old one with ID $(id_of busybox) to empty string
Loaded image: made:1"
    run skiff load -i <(made old)
    says "Loaded image: made:1"
    skiff rmi made:1
}

@test "load: layers are told on a terminal, unless it shall be quiet" {
    made old >"$BATS_TEST_TMPDIR/old"
    run script -qec "skiff load -i $BATS_TEST_TMPDIR/old" /dev/null
    mentions "Loading layer"
    skiff rmi made:1
    run script -qec "skiff load -q -i $BATS_TEST_TMPDIR/old" /dev/null
    does_not_mention "Loading layer"
    skiff rmi made:1
}

@test "load: what does not fit together is one sentence, and leaves nothing" {
    before=$(everything)
    while read -r kind flaw words; do
        made $kind $flaw >"$BATS_TEST_TMPDIR/bad"
        run skiff load -i "$BATS_TEST_TMPDIR/bad"
        refuses 1 "$words" || { echo "($kind $flaw)" >&2; return 1; }
        [ "$(everything)" = "$before" ]
    done <<'END'
old layer its image's config says
old order its image's config says
old missing has no layer
old device is a device
old escape has no layer "../../../../etc/passwd"
old name the archive names an image
old rubbish the layer "two/layer.tar" in the archive
old bzip2 compressed by bzip2
podman layer its image's config says
oci-gzip config is damaged
oci-tag missing has no layer
oci-gzip foreign foreign layers are not fetched
oci-tag layer is damaged
v1 none older than 1.10
END
    made old >"$BATS_TEST_TMPDIR/old"
    for size in 100 5000 1000000 $(($(stat -c %s "$BATS_TEST_TMPDIR/old") - 12000)); do
        head -c $size "$BATS_TEST_TMPDIR/old" >"$BATS_TEST_TMPDIR/bad"
        run skiff load -i "$BATS_TEST_TMPDIR/bad"
        refuses 1 "skiff: "
        gzip -c "$BATS_TEST_TMPDIR/old" | head -c $((size / 3)) >"$BATS_TEST_TMPDIR/bad"
        run skiff load -i "$BATS_TEST_TMPDIR/bad"
        refuses 1 "skiff: "
        [ "$(everything)" = "$before" ]
    done
    run skiff load -i "$(busybox_tar)"
    refuses 1 "brought in by \`skiff import\`"
    run skiff load -i /dev/null
    ends_with 1
    run skiff load -i "$BATS_TEST_TMPDIR"
    refuses 1 "is a directory"
    run skiff load -i "$BATS_TEST_TMPDIR/none"
    refuses 1 "ENOENT"
    [ "$(everything)" = "$before" ]
}
