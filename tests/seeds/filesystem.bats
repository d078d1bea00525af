# SPDX-License-Identifier: Apache-2.0
# The root filesystem: layers that are shared, and what is written on top of them.
load helpers

layers() { ls "$SKIFF_ROOT/layers" | wc -l; }

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

@test "what is written is in the container's own layer, and goes with it" {
    skiff run --name written debian sh -c 'echo secret >/root/file'
    run grep -rl secret "$SKIFF_ROOT/containers" --include=file
    ends_with 0
    skiff rm written
    run grep -rl secret "$SKIFF_ROOT/containers" --include=file
    says ""
}

@test "a deleted file of the image is a whiteout, and comes back with another container" {
    skiff run --name holes debian rm /etc/debian_version
    hole=$(find "$SKIFF_ROOT/containers" -path '*/upper/etc/debian_version')
    kind=$(stat -c '%F %t:%T' "$hole")
    skiff rm holes
    [ "$kind" = "character special file 0:0" ]
    in_debian debian cat /etc/debian_version
    ends_with 0
}

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
