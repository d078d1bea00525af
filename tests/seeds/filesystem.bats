# SPDX-License-Identifier: Apache-2.0
# The root filesystem: layers that are shared, and what is written on top of them.
load helpers

layers() { ls "$SKIFF_ROOT/layers" | wc -l; }

# bats test_tags=user
@test "two containers of one image do not see each other's changes, and the image stays as it was" {
    skiff run --name left debian sh -c 'echo left >/etc/motd; rm /etc/issue'
    skiff run --name right debian sh -c 'echo right >/etc/motd'
    skiff run --rm debian test -e /etc/issue
    run skiff diff left
    skiff rm left right
    mentions "D /etc/issue"
    mentions "/etc/motd"
    does_not_mention right
}

# bats test_tags=user
@test "an image's layers are stored once, however many names and containers stand on them" {
    before=$(layers)
    skiff tag debian again
    skiff create --name first debian true >/dev/null
    skiff create --name second again true >/dev/null
    run layers
    skiff rm first second >/dev/null
    skiff rmi again >/dev/null
    says "$before"
    [ "$before" = 2 ]   # busybox and debian
}

# bats test_tags=user
@test "what is written is in the container's own layer, and goes with it" {
    skiff run --name written debian sh -c 'echo secret >/root/file'
    run grep -rl secret "$SKIFF_ROOT/containers" --include=file
    ends_with 0
    skiff rm written
    run grep -rl secret "$SKIFF_ROOT/containers" --include=file
    says ""
}

# bats test_tags=user
@test "a deleted file of the image is a whiteout, and comes back with another container" {
    skiff run --name holes debian rm /etc/debian_version
    hole=$(find "$SKIFF_ROOT/containers" -path '*/upper/etc/debian_version')
    kind=$(stat -c '%F %t:%T' "$hole")
    skiff rm holes
    [ "$kind" = "character special file 0:0" ]
    in_debian debian cat /etc/debian_version
    ends_with 0
}

# bats test_tags=user
@test "a tmpfs inside is memory of its own: it is empty again at the next start" {
    skiff run --name memory --tmpfs /scratch debian sh -c 'ls /scratch | wc -l; touch /scratch/file; ls /scratch' >"$BATS_TEST_TMPDIR/first"
    run skiff start -a memory
    skiff rm memory
    says $'0\nfile'
    [ "$(cat "$BATS_TEST_TMPDIR/first")" = "$output" ]
}

@test "a bind is the host's directory itself: what is written is there, and stays" {
    in_debian -v "$BATS_TEST_TMPDIR:/data" debian sh -c 'echo kept >/data/file; stat -c %i /data'
    says "$(stat -c %i "$BATS_TEST_TMPDIR")"
    [ "$(cat "$BATS_TEST_TMPDIR/file")" = kept ]
}

# bats test_tags=user
@test "hosts edits are not committed, other changes are, and the second image stores only its own layer" {
    before=$(layers)
    skiff run --name edited debian sh -c 'for f in hosts hostname resolv.conf; do echo "10.9.8.7 shop" >>/etc/$f; done; echo 12.shop >/etc/debian_version; rm /etc/issue'
    skiff commit edited second:1
    skiff rm edited
    after=$(layers)
    run skiff run --rm second:1 sh -c 'cat /etc/debian_version; grep -l shop /etc/hosts /etc/hostname /etc/resolv.conf; test -e /etc/issue || echo gone'
    first=$(skiff inspect -f '{{json .RootFS.Layers}}' debian) both=$(skiff inspect -f '{{json .RootFS.Layers}}' second:1)
    size=$(du -sk "$(dirname "$(dirname "$(find "$SKIFF_ROOT/layers" -path '*/diff/etc/issue' -type c)")")" | cut -f1)
    skiff rmi second:1
    says $'12.shop\ngone'
    [ "$after" = $((before + 1)) ]
    [[ "$both" == "${first%]},"* ]]
    [ "$size" -lt 100 ]   # kilobytes; the base has more than a hundred thousand
    [ "$(layers)" = "$before" ]
}

# bats test_tags=user
@test "control: a hosts file that is not the engine's is committed like every other" {
    skiff run --name edited --cap-add SYS_ADMIN debian sh -c 'umount /etc/hosts && echo "10.9.8.7 shop" >>/etc/hosts'
    skiff commit edited second:2
    skiff rm edited
    run skiff run --rm --cap-add SYS_ADMIN second:2 sh -c 'umount /etc/hosts; grep -c shop /etc/hosts'
    skiff rmi second:2
    says 1
}
