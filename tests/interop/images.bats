#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images go to other engines and come back. What counts are digests: an image's id is that of its config, which names each
# layer by the digest of its tar, so equal ids are equal bytes. RUNTIME_UNDER_TEST plays no part here.

load peers

setup_file() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box"
    open_house
    skiff run --name work busybox sh -c 'echo made >/etc/mine; ln /etc/mine /same; rm /etc/os-release; rm -r /home; mkdir /home
        echo set >/set; chown 1:2 /set; chmod 4711 /set; mkfifo /pipe; ln -s set /link; dd if=/dev/zero of=/holes bs=1 seek=999999 count=1 2>/dev/null'
    setfattr -n user.mood -v fine "$(skiff inspect -f '{{.GraphDriver.Data.UpperDir}}' work)/set"
    skiff commit -c 'CMD ["cat","/same"]' -c 'HEALTHCHECK CMD true' -c 'LABEL a=b' -a 'A. Body' -m 'by hand' work peer:1
    skiff rm work
    skiff save -o "$HOUSE_DIR/peer.tar" peer:1
    id_of peer:1 >"$HOUSE_DIR/id"
    facts_of peer:1 >"$HOUSE_DIR/facts"
    skiff rmi peer:1
}

teardown_file() {
    [ -n "${HOUSE_DIR:-}" ] || return 0
    umount -l "$HOUSE_DIR/storage/vfs" "$HOUSE_DIR/storage" 2>/dev/null || true
    find "$HOUSE_DIR" -mindepth 1 -maxdepth 1 ! -name root ! -name run -exec rm -rf --one-file-system {} +   # what the peers keep is not ours to judge
    close_house
}

id_of() { skiff inspect -f '{{.Id}}' "$1"; }
# Id, layers and the digest of the manifest.
facts_of() { skiff inspect -f '{{.Id}} {{json .RootFS.Layers}}' "$1"; skiff images --digests --no-trunc --format '{{.ID}} {{.Digest}}' | grep -F "$(id_of "$1")" | head -n 1; }
ID() { cat "$HOUSE_DIR/id"; }

# comes_back ARCHIVE: what the peer wrote is the image that it was given.
comes_back() {
    run skiff load -i "$1"
    ends_with 0 || return 1
    skiff tag "$(ID)" back:1 || return 1
    run diff <(facts_of back:1) "$HOUSE_DIR/facts"
    says "" || return 1
    run skiff run --rm back:1
    says made || return 1
    skiff rmi -f "$(ID)"
}

in_storage() { local program=$1; shift; "$program" --root "$HOUSE_DIR/storage" --runroot "$HOUSE_DIR/peer-run" --storage-driver vfs "$@"; }
docker_here() { docker -H "unix://$HOUSE_DIR/docker.sock" "$@"; }

@test "skopeo: a layout to a layout keeps the manifest, a docker-archive to a docker-archive the image" {
    needs skopeo
    [ "$(skopeo inspect --config --raw "docker-archive:$HOUSE_DIR/peer.tar" | sha256sum | cut -c1-64)" = "$(cut -d: -f2 "$HOUSE_DIR/id")" ]
    [ "$(skopeo inspect --raw "oci-archive:$HOUSE_DIR/peer.tar" | sha256sum | cut -c1-64)" = "$(sed -n 's/.* sha256://p' "$HOUSE_DIR/facts" | tail -n 1)" ]
    skopeo --insecure-policy copy -q --preserve-digests "oci-archive:$HOUSE_DIR/peer.tar" "oci:$BATS_TEST_TMPDIR/layout:any"
    [ "$(jq -r '.manifests[0].digest' "$BATS_TEST_TMPDIR/layout/index.json")" = "$(sed -n 's/.* \(sha256:\)/\1/p' "$HOUSE_DIR/facts" | tail -n 1)" ]
    tar -C "$BATS_TEST_TMPDIR/layout" -cf "$BATS_TEST_TMPDIR/layout.tar" .
    comes_back "$BATS_TEST_TMPDIR/layout.tar"
    skopeo --insecure-policy copy -q "oci-archive:$HOUSE_DIR/peer.tar" "oci-archive:$BATS_TEST_TMPDIR/gzip.tar:x"   # compresses the layers
    comes_back "$BATS_TEST_TMPDIR/gzip.tar"
    skopeo --insecure-policy copy -q --dest-compress-format zstd --dest-compress "oci-archive:$HOUSE_DIR/peer.tar" "oci-archive:$BATS_TEST_TMPDIR/zstd.tar:x"
    comes_back "$BATS_TEST_TMPDIR/zstd.tar"
    skopeo --insecure-policy copy -q "docker-archive:$HOUSE_DIR/peer.tar" "docker-archive:$BATS_TEST_TMPDIR/docker.tar:peer:2"
    comes_back "$BATS_TEST_TMPDIR/docker.tar"
}

@test "podman: loads it under its name and id, and saves it both ways" {
    needs podman
    run podman_here load -i "$HOUSE_DIR/peer.tar"
    ends_with 0
    mentions docker.io/library/peer:1
    run podman_here image inspect -f '{{.Id}} {{json .RootFS.Layers}}' docker.io/library/peer:1
    says "$(head -n 1 "$HOUSE_DIR/facts" | cut -d: -f2-)"
    podman_here save -q --format oci-archive -o "$BATS_TEST_TMPDIR/oci.tar" docker.io/library/peer:1
    comes_back "$BATS_TEST_TMPDIR/oci.tar"
    podman_here save -q --format docker-archive -o "$BATS_TEST_TMPDIR/docker.tar" docker.io/library/peer:1
    comes_back "$BATS_TEST_TMPDIR/docker.tar"
    podman_here rmi -fa >/dev/null
}

@test "podman: an archive of two images is two images" {
    needs podman
    skiff load -q -i "$HOUSE_DIR/peer.tar"
    skiff save -o "$BATS_TEST_TMPDIR/two.tar" peer:1 busybox
    podman_here load -q -i "$BATS_TEST_TMPDIR/two.tar"
    # Of several images podman reads the docker-archive, whose short names it takes for its own.
    for name in peer:1 busybox:latest; do [ "sha256:$(podman_here image inspect -f '{{.Id}}' localhost/$name)" = "$(id_of $name)" ]; done
    podman_here tag localhost/peer:1 docker.io/library/peer:1
    podman_here tag localhost/busybox:latest docker.io/library/busybox:latest
    podman_here save -q -m -o "$BATS_TEST_TMPDIR/back.tar" docker.io/library/peer:1 docker.io/library/busybox:latest
    before=$(id_of busybox)
    skiff rmi peer:1
    skiff load -q -i "$BATS_TEST_TMPDIR/back.tar"
    [ "$(id_of peer:1)" = "$(ID)" ]
    [ "$(id_of busybox)" = "$before" ]
    skiff rmi peer:1
    podman_here rmi -fa >/dev/null
}

@test "buildah: takes it, and what it builds on top of it is the same image here" {
    needs buildah
    buildah_here() { in_storage buildah "$@"; }
    buildah_here pull -q "oci-archive:$HOUSE_DIR/peer.tar" >/dev/null
    [ "sha256:$(buildah_here images -q --no-trunc | sed 's/^sha256://' | head -n 1)" = "$(ID)" ]
    container=$(buildah_here from --pull-never "$(cut -d: -f2 "$HOUSE_DIR/id")")
    echo built >"$BATS_TEST_TMPDIR/file"
    buildah_here copy -q "$container" "$BATS_TEST_TMPDIR/file" /file >/dev/null
    buildah_here config --cmd 'cat /file /same' --env C=d "$container"
    buildah_here commit -q "$container" built:3 >"$BATS_TEST_TMPDIR/id"
    buildah_here push -q built:3 "oci-archive:$BATS_TEST_TMPDIR/built.tar:localhost/built:3"
    buildah_here push -q "$(cut -d: -f2 "$HOUSE_DIR/id")" "oci-archive:$BATS_TEST_TMPDIR/back.tar"
    buildah_here rm -a >/dev/null
    buildah_here rmi -fa >/dev/null
    comes_back "$BATS_TEST_TMPDIR/back.tar"
    run skiff load -i "$BATS_TEST_TMPDIR/built.tar"
    says "Loaded image: localhost/built:3"
    [ "$(id_of localhost/built:3)" = "sha256:$(cat "$BATS_TEST_TMPDIR/id")" ]
    run skiff run --rm localhost/built:3
    says $'built\nmade'
    skiff rmi localhost/built:3
}

@test "umoci: unpacks the same tree, and the layer that it adds arrives" {
    needs umoci skopeo
    skopeo --insecure-policy copy -q --preserve-digests "oci-archive:$HOUSE_DIR/peer.tar" "oci:$BATS_TEST_TMPDIR/layout:peer"
    umoci unpack --image "$BATS_TEST_TMPDIR/layout:peer" "$BATS_TEST_TMPDIR/bundle"
    skiff load -q -i "$HOUSE_DIR/peer.tar"
    skiff create --name whole peer:1 true
    mkdir "$BATS_TEST_TMPDIR/ours"
    skiff export whole | tar -C "$BATS_TEST_TMPDIR/ours" --xattrs --xattrs-include='*' -xpf -
    skiff rm whole
    # Mount points that only a container has.
    (cd "$BATS_TEST_TMPDIR/ours" && rm -f etc/hosts etc/hostname etc/resolv.conf)
    tree() { (cd "$1" && find . -mindepth 1 -printf '%P %y %m %U:%G %s %n %l\n' | awk '$2 == "d" { $5 = $6 = "" } { print }' | sort; getfattr -m user. -d set); }
    tree "$BATS_TEST_TMPDIR/ours" >"$BATS_TEST_TMPDIR/ours.txt"
    tree "$BATS_TEST_TMPDIR/bundle/rootfs" >"$BATS_TEST_TMPDIR/theirs.txt"
    run diff "$BATS_TEST_TMPDIR/ours.txt" "$BATS_TEST_TMPDIR/theirs.txt"
    says ""
    echo added >"$BATS_TEST_TMPDIR/bundle/rootfs/added"
    rm "$BATS_TEST_TMPDIR/bundle/rootfs/link"
    umoci repack --image "$BATS_TEST_TMPDIR/layout:more" "$BATS_TEST_TMPDIR/bundle"
    manifest=$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "more").digest' "$BATS_TEST_TMPDIR/layout/index.json")
    more=$(jq -r .config.digest "$BATS_TEST_TMPDIR/layout/blobs/sha256/${manifest#sha256:}")
    tar -C "$BATS_TEST_TMPDIR/layout" -cf "$BATS_TEST_TMPDIR/layout.tar" .
    run skiff load -i "$BATS_TEST_TMPDIR/layout.tar"
    says "Loaded image ID: $(ID)
Loaded image ID: $more"
    run skiff run --rm "$more" sh -c 'cat /added /same; ls /link 2>&1'
    says $'added\nmade\nls: /link: No such file or directory'
    skiff rmi "$more"
    skiff rmi peer:1
}

# A daemon of the test's own, without networks; end_docker takes all of it away.
start_docker() {
    mkdir -p "$HOUSE_DIR/docker"
    dockerd --data-root "$HOUSE_DIR/docker" --exec-root "$HOUSE_DIR/docker-run" --pidfile "$HOUSE_DIR/docker.pid" -H "unix://$HOUSE_DIR/docker.sock" \
        --storage-driver vfs --bridge none --iptables=false --ip-masq=false >"$HOUSE_DIR/docker.log" 2>&1 3>&- &
    daemon=$!
    until_true 30 docker_here version >/dev/null 2>&1 || { kill $daemon; tail -n 3 "$HOUSE_DIR/docker.log" >&2; return 1; }
}
end_docker() {
    kill $daemon
    wait $daemon || true
    rm -rf --one-file-system "$HOUSE_DIR/docker" "$HOUSE_DIR/docker-run"
}

@test "docker: loads it under its name and id, and saves it the same" {
    needs dockerd docker
    start_docker
    run docker_here load -i "$HOUSE_DIR/peer.tar"
    loaded=$output
    run docker_here image inspect -f '{{.Id}} {{json .RootFS.Layers}}' peer:1
    shown=$output
    docker_here save -o "$BATS_TEST_TMPDIR/docker.tar" peer:1
    end_docker
    [ "$loaded" = "Loaded image: peer:1" ]
    [ "$shown" = "$(head -n 1 "$HOUSE_DIR/facts")" ]
    comes_back "$BATS_TEST_TMPDIR/docker.tar"
}

@test "a committed Debian is the same image for podman, docker and skopeo" {
    needs podman skopeo dockerd docker
    tar=$("$HOUSE/tests/seeds/debian" --kept) || skip "no Debian root filesystem: tests/seeds/debian makes it, outside of a box, from a mirror"
    skiff import "$tar" debian
    skiff run --name more debian sh -c 'dpkg-query -W >/packages; rm -r /usr/share/zoneinfo'
    skiff commit more debian:more
    skiff rm more
    skiff save -o "$BATS_TEST_TMPDIR/debian.tar" debian:more
    podman_here load -q -i "$BATS_TEST_TMPDIR/debian.tar"
    [ "sha256:$(podman_here image inspect -f '{{.Id}}' docker.io/library/debian:more)" = "$(id_of debian:more)" ]
    podman_here rmi -fa >/dev/null
    start_docker
    docker_here load -q -i "$BATS_TEST_TMPDIR/debian.tar"
    docker_id=$(docker_here image inspect -f '{{.Id}}' debian:more)
    end_docker
    [ "$docker_id" = "$(id_of debian:more)" ]
    [ "sha256:$(skopeo inspect --config --raw "docker-archive:$BATS_TEST_TMPDIR/debian.tar" | sha256sum | cut -c1-64)" = "$(id_of debian:more)" ]
    id=$(id_of debian:more)
    skopeo --insecure-policy copy -q "oci-archive:$BATS_TEST_TMPDIR/debian.tar" "oci-archive:$BATS_TEST_TMPDIR/back.tar:debian:more"
    skiff rmi debian:more debian
    skiff load -q -i "$BATS_TEST_TMPDIR/back.tar"
    [ "$(id_of debian:more)" = "$id" ]
    skiff rmi debian:more
}
