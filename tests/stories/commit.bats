# SPDX-License-Identifier: Apache-2.0
# Images made of containers.
load helpers

layers_of() { skiff inspect -f '{{json .RootFS.Layers}}' "$1"; }

@test "hosts edits are not committed, other changes are, and the second image stores only its own layer" {
    before=$(ls "$SKIFF_ROOT/layers")
    skiff run --name work busybox sh -c 'echo 10.9.8.7 shop >>/etc/hosts; echo made >/etc/mine; rm /etc/os-release; mkdir -p /srv/x; ln /etc/mine /srv/x/same'
    run skiff commit -m 'by hand' -a 'A. Body' work second:1
    ends_with 0
    [[ "$output" =~ ^sha256:[0-9a-f]{64}$ ]]
    run skiff run --rm second:1 sh -c 'cat /etc/mine; ls /etc/os-release 2>&1; grep -c shop /etc/hosts; stat -c %h /srv/x/same'
    says $'made\nls: /etc/os-release: No such file or directory\n0\n2'
    [ "$(ls "$SKIFF_ROOT/layers" | wc -l)" = $(($(wc -w <<<"$before") + 1)) ]
    first=$(layers_of busybox)
    [[ "$(layers_of second:1)" == "${first%]},"* ]]
    run skiff history second:1
    mentions "by hand"
    run skiff inspect -f '{{.Author}}' second:1
    says "A. Body"
    own=$(comm -13 <(echo "$before") <(ls "$SKIFF_ROOT/layers"))
    run find "$SKIFF_ROOT/layers/$own/diff" -path '*/etc/hosts'
    says ""
    skiff rm work
    skiff rmi second:1
    [ "$(ls "$SKIFF_ROOT/layers")" = "$before" ]
}

@test "the same changes are the same layer, whenever they are committed" {
    skiff run --name one busybox sh -c 'echo a >/b; rm -r /var; mkdir /var; touch -d @1000 /b /var'
    skiff commit one same:1
    skiff commit one same:2
    [ "$(layers_of same:1)" = "$(layers_of same:2)" ]
    [ "$(skiff inspect -f '{{.RootFS.Layers}}' same:1)" != "$(skiff inspect -f '{{.RootFS.Layers}}' busybox)" ]
    run skiff run --rm same:2 ls /var
    says ""
    skiff rm one
    skiff rmi same:1 same:2
}

@test "commit: --change is applied over how the container was run" {
    skiff run --name two -e A=b -w /tmp busybox true
    skiff commit -c 'CMD ["sh","-c","echo $A $C; pwd"]' -c 'ENV C=d' -c 'HEALTHCHECK --interval=90s CMD true' two told
    run skiff run --rm told
    says $'b d\n/tmp'
    [ "$(layers_of told)" = "$(layers_of busybox)" ]
    run skiff commit -c 'RUN true' two bad
    refuses 1 "RUN"
    run skiff commit -c 'HEALTHCHECK --interval=0 CMD true' two bad
    refuses 1 "duration"
    run skiff commit nobody bad
    refuses 1 "no such container: nobody"
    skiff rm two
    skiff rmi told
}

@test "commit of a running container lets it go on" {
    id=$(skiff run -d busybox sh -c 'echo here >/here; sleep 1000')
    skiff exec "$id" sh -c 'until [ -s /here ]; do :; done'
    skiff commit --pause=false "$id" alive:0
    run skiff inspect -f "{{.State.Status}}" "$id"
    says running
    skiff commit --pause "$id" alive
    run skiff inspect -f '{{.State.Status}}' "$id"
    says running
    run skiff run --rm alive cat /here
    says here
    skiff rm -f "$id"
    skiff rmi alive:0 alive
}

@test "commit: holes stay holes, devices, links, owners and attributes arrive" {
    skiff run --name kinds --cap-add MKNOD busybox sh -c 'dd if=/dev/zero of=/big bs=1M seek=199 count=1 2>/dev/null; echo end >>/big
        mknod /dev1 c 1 7; mkfifo /pipe; ln -s big /link; echo x >/own; chown 1000:2000 /own; chmod 4755 /own; rm -r /home; mkdir /home'
    setfattr -n user.mood -v fine "$(skiff inspect -f '{{.GraphDriver.Data.UpperDir}}' kinds)/own"
    skiff commit kinds kinds:1
    skiff rm kinds
    own=$(skiff inspect -f '{{json .RootFS.Layers}}' kinds:1 | jq -r '.[-1]')
    [ "$(skiff image inspect -f '{{.Size}}' kinds:1)" -ge 209715200 ]
    folder=$(dirname "$(find "$SKIFF_ROOT/layers" -path '*/diff/own')")
    [ "$(du -sm "$folder" | cut -f1)" -lt 10 ]
    [ "$(getfattr --only-values -n user.mood "$folder/own")" = fine ]
    [ "$(getfattr --only-values -n trusted.overlay.opaque "$folder/home")" = y ]
    run skiff run --rm kinds:1 sh -c 'stat -c "%F %t:%T" /dev1; stat -c "%F" /pipe; readlink /link; stat -c "%u:%g %a" /own; ls /home; stat -c %s /big; tail -n 1 /big | tr -d "\0"'
    says $'character special file 1:7\nfifo\nbig\n1000:2000 4755\n209715204\nend'
    skiff rmi kinds:1
}

@test "commit: a command that was killed while its container stood still lets it go on with the next command" {
    id=$(skiff run -d busybox sleep 1000)
    skiff pause "$id"
    # What a commit writes down before it lets a container stand still; its writer, process 1 of another time, is gone.
    touch "$SKIFF_RUNROOT/intents/thaw-$id.1.1"
    run skiff inspect -f '{{.State.Status}}' "$id"
    says running
    [ "$(ls "$SKIFF_RUNROOT/intents")" = spare ]
    skiff pause "$id"
    skiff commit "$id" still
    run skiff inspect -f '{{.State.Status}}' "$id"   # who paused it himself finds it paused
    says paused
    skiff unpause "$id"
    skiff rm -f "$id"
    skiff rmi still
}

@test "commit: a disk without room is one sentence, and leaves nothing" {
    disk=$BATS_TEST_TMPDIR/disk
    mkdir "$disk"
    mount -t tmpfs -o size=16m small "$disk"
    export SKIFF_ROOT=$disk/root
    skiff import "$(busybox_tar)" busybox
    skiff run --name full busybox dd if=/dev/urandom of=/big bs=1M count=4
    dd if=/dev/zero of="$disk/fill" bs=4k || true
    truncate -s -1M "$disk/fill"
    before=$(cd "$SKIFF_ROOT" && ls layers staging trash blobs/sha256)
    run skiff commit full toolarge
    refuses 1 "the filesystem of $SKIFF_ROOT is full"
    [ "$(cd "$SKIFF_ROOT" && ls layers staging trash blobs/sha256)" = "$before" ]
    rm "$disk/fill"
    skiff commit full toolarge
    skiff rmi toolarge
    skiff rm full
    until_true 10 umount "$disk"   # the monitor of what has just ended may still be leaving
}
