# SPDX-License-Identifier: Apache-2.0
# Images: import, images, tag, rmi, history.
load helpers

@test "import takes plain, gzip and zstd, from a file and from a pipe, and names the same content alike" {
    tar=$(busybox_tar)
    run skiff import "$tar" plain:1
    ends_with 0
    [[ "$output" =~ ^sha256:[0-9a-f]{64}$ ]]
    gzip -c "$tar" >"$BATS_TEST_TMPDIR/t.gz"
    zstd -qc "$tar" >"$BATS_TEST_TMPDIR/t.zst"
    skiff import "$BATS_TEST_TMPDIR/t.gz" gz:1
    run bash -c 'skiff import - zst:1 <"$0"' "$BATS_TEST_TMPDIR/t.zst"
    ends_with 0
    for image in plain:1 gz:1 zst:1; do
        run skiff run --rm "$image" cat /etc/os-release
        mentions ID=busybox
    done
    [ "$(skiff inspect -f '{{json .RootFS.Layers}}' plain:1)" = "$(skiff inspect -f '{{json .RootFS.Layers}}' zst:1)" ]
    skiff rmi plain:1 gz:1 zst:1
}

@test "import --change and --message are in the image" {
    skiff import -m 'by hand' -c 'CMD ["echo","from the image"]' -c 'ENV A=b' -c 'WORKDIR /tmp' "$(busybox_tar)" changed
    run skiff run --rm changed
    says "from the image"
    run skiff run --rm changed sh -c 'echo $A; pwd'
    says $'b\n/tmp'
    run skiff history changed
    mentions "by hand"
    skiff rmi changed
}

@test "import --platform is in the image" {
    skiff import --platform linux/arm64 "$(busybox_tar)" foreign
    run skiff inspect -f '{{.Os}}/{{.Architecture}}' foreign
    says linux/arm64
    run skiff import --platform toaster "$(busybox_tar)" foreign
    refuses 1 toaster
    run skiff import --platform windows/amd64 "$(busybox_tar)" foreign
    refuses 1 "for linux"
    skiff rmi foreign
}

@test "images lists, tag adds a name, rmi takes names before it takes the image" {
    run skiff images
    [[ "${lines[0]}" =~ ^REPOSITORY\ +TAG\ +IMAGE\ ID\ +CREATED\ +SIZE$ ]]
    mentions busybox
    skiff tag busybox other:2
    run skiff images --format '{{.Repository}}:{{.Tag}} {{.ID}}' other
    says "other:2 $(skiff images -q busybox)"
    run skiff rmi other:2
    says "Untagged: other:2"
    run skiff rmi other:2
    refuses 1 "no such image: other:2"
}

@test "history: by template, whole ids only, and for programs" {
    skiff import -m 'by hand' "$(busybox_tar)" told
    id=$(skiff inspect -f '{{.Id}}' told)
    run skiff history --format '{{.Comment}} {{.ID}}' told
    says "by hand ${id:7:12}"
    run skiff history --no-trunc -q told
    says "$id"
    run skiff history --human=false --format '{{.Size}} {{.CreatedAt}}' told
    [[ "$output" =~ ^$(skiff inspect -f '{{.Size}}' told)\ 20[0-9-]+T ]]
    skiff rmi told
}

@test "images: filters, digests, whole ids" {
    skiff import -c 'LABEL kind=odd' "$(busybox_tar)" labelled:3
    id=$(skiff inspect -f '{{.Id}}' labelled:3)
    run skiff images -a --no-trunc --filter label=kind=odd --format '{{.Repository}}:{{.Tag}} {{.ID}}'
    says "labelled:3 $id"
    run skiff images -q --filter reference='busy*' --no-trunc
    says "$(skiff inspect -f '{{.Id}}' busybox)"
    run skiff images -q --filter dangling=true
    says ""
    run skiff images --digests labelled
    [[ "${lines[1]}" =~ ^labelled\ +3\ +sha256:[0-9a-f]{64}\ +${id:7:12} ]]
    run skiff images --filter nonsense=1
    refuses 1 nonsense
    skiff rmi labelled:3
}

@test "an image in use is not removed" {
    skiff create --name user busybox true
    run skiff rmi busybox
    refuses 1 busybox
    skiff rm user
}

@test "bad archives and bad names are one sentence, and leave nothing" {
    head -c 100000 /dev/urandom >"$BATS_TEST_TMPDIR/noise"
    head -c 10000 "$(busybox_tar)" >"$BATS_TEST_TMPDIR/short"
    before=$(skiff images -q | sort)
    for file in noise short missing; do
        run skiff import "$BATS_TEST_TMPDIR/$file" bad
        refuses 1 "skiff: "
    done
    run skiff import "$(busybox_tar)" 'Upper Case'
    refuses 1 'Upper Case'
    [ "$(skiff images -q | sort)" = "$before" ]
}
