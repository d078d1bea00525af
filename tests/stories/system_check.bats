# SPDX-License-Identifier: Apache-2.0
# What hands and disks damage: `system check` finds it, says what it would do, does it, and then finds nothing.
load helpers

setup() { run skiff system check; says "no fault was found"; }

# found_and_repaired TEXT: it is found twice (looking changes nothing), mended once, and then all is well.
found_and_repaired() {
    run skiff system check
    refuses_with "$1"
    [[ $output == *"--repair would"* ]]
    run skiff system check
    refuses_with "$1"
    run skiff system check --repair
    [ "$status" = 0 ] || { echo "$output"; return 1; }
    [[ $output == *"repaired ("* ]]
    run skiff system check
    says "no fault was found"
}
refuses_with() { [ "$status" = 1 ] && [[ $output == *"$1"* ]] || { echo "status $status: $output"; return 1; }; }
id_of() { skiff inspect -f '{{.Id}}' "$1"; }
layer_of() { skiff inspect -f '{{.GraphDriver.Data.LowerDir}}' "$1" | tr : '\n' | grep /layers/ | head -1; }

# a second image whose layer is its own
make_image() {
    mkdir -p "$BATS_TEST_TMPDIR/tree"
    echo "$RANDOM $BATS_TEST_NUMBER" >"$BATS_TEST_TMPDIR/tree/file"
    tar -C "$BATS_TEST_TMPDIR/tree" -c . | skiff import - "$1" >/dev/null
}
layers() { ls "$SKIFF_ROOT/layers"; }

@test "a record without files, and files without a record" {
    skiff create --name lost busybox true
    rm -rf "$SKIFF_ROOT/containers/$(id_of lost)"
    found_and_repaired "the files of container lost are gone"
    run skiff ps -aq
    says ""

    stranger=$(printf 'a%.0s' {1..64})
    mkdir -p "$SKIFF_ROOT/containers/$stranger/upper" "$SKIFF_RUNROOT/containers/$stranger" "$SKIFF_ROOT/trash/container-$stranger"
    found_and_repaired "no record knows this container"
    [ ! -e "$SKIFF_ROOT/containers/$stranger" ]
    [ ! -e "$SKIFF_RUNROOT/containers/$stranger" ]
}

@test "parts of a container's directory, and files that nobody can read" {
    skiff create --name half busybox cat /etc/hostname
    own=$SKIFF_ROOT/containers/$(id_of half)
    rm -rf "$own/work" "$own/upper" "$own/hostname"
    found_and_repaired "the own files of container half are gone"
    run skiff start -a half
    says "$(id_of half | cut -c1-12)"

    echo '{"exit_code":' >"$own/exit.json"
    found_and_repaired "the state of container half is unreadable"
    echo 'not json' >"$own/restart.json"
    found_and_repaired "the state of container half is unreadable"
    skiff rm half
}

@test "a container that runs is left alone" {
    skiff run -d --name alive busybox sleep 1000
    own=$SKIFF_ROOT/containers/$(id_of alive)
    mv "$own/hostname" "$own/hostname.away"
    run skiff system check --repair
    refuses_with "runs; stop it first"
    mv "$own/hostname.away" "$own/hostname"
    skiff rm -f alive
}

@test "a layer with another byte is found, by its digest; --quick does not look" {
    before=$(layers)
    make_image altered
    layer=$(comm -13 <(echo "$before") <(layers))
    echo changed >"$SKIFF_ROOT/layers/$layer/diff/file"
    run skiff system check --quick
    says "no fault was found"
    found_and_repaired "are not what they were when it was imported"
    run skiff images -q altered
    says ""
}

@test "a layer that is gone, with a container on it, is named and not touched" {
    before=$(layers)
    make_image gone
    skiff create --name user gone /file
    layer=$(comm -13 <(echo "$before") <(layers))
    mv "$SKIFF_ROOT/layers/$layer/diff" "$SKIFF_ROOT/away"
    run skiff system check --repair
    refuses_with "containers are made from it: export what you need of user"
    [[ $output == *"container user has this layer, which is gone"* ]]
    mv "$SKIFF_ROOT/away" "$SKIFF_ROOT/layers/$layer/diff"
    run skiff system check
    says "no fault was found"
    skiff rm user
    rm -rf "$SKIFF_ROOT/layers/$layer"
    found_and_repaired "the layer's files are gone"
}

@test "documents that are truncated or gone; layers and documents of nobody" {
    make_image cut
    blob=$SKIFF_ROOT/blobs/sha256/$(skiff inspect --type image -f '{{.Id}}' cut | cut -d: -f2)
    chmod u+w "$blob"
    truncate -s 10 "$blob"
    found_and_repaired "the image's configuration has other bytes than its name promises"

    mkdir -p "$SKIFF_ROOT/layers/12345678/diff" "$SKIFF_ROOT/staging/87654321"
    echo x >"$SKIFF_ROOT/blobs/sha256/$(printf 'b%.0s' {1..64})"
    found_and_repaired "no image knows it"
    [ ! -e "$SKIFF_ROOT/layers/12345678" ]
}

@test "an old empty group, and an intent that nobody understands" {
    stranger=$(printf 'c%.0s' {1..64})
    mkdir -p "/sys/fs/cgroup/memory/skiff/$stranger"
    run skiff system check
    says "no fault was found"   # it may be somebody's who is just being born
    touch -d '1 hour ago' "/sys/fs/cgroup/memory/skiff/$stranger"
    found_and_repaired "no container has it"
    [ ! -e "/sys/fs/cgroup/memory/skiff/$stranger" ]

    touch "$SKIFF_RUNROOT/intents/nonsense"
    found_and_repaired "no command has settled it"
}

@test "json, formats that are none, and a database that is none" {
    stranger=$(printf 'd%.0s' {1..64})
    mkdir "$SKIFF_RUNROOT/containers/$stranger"
    run skiff system check --format json
    [ "$status" = 1 ]
    [ "$(jq -r '.[0].Area + " " + .[0].Repair + " " + (.[0].Repaired | tostring)' <<<"$output")" = "leftover delete it false" ]
    skiff system check --repair
    run skiff system check --format yaml
    refuses_with "json and no other format"

    mkdir "$BATS_TEST_TMPDIR/other"
    head -c 8192 /dev/urandom >"$BATS_TEST_TMPDIR/other/skiff.db"
    run skiff --root "$BATS_TEST_TMPDIR/other" --runroot "$BATS_TEST_TMPDIR/other/run" system check
    refuses_with "skiff.db"
}
