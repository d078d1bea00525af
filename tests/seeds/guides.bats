# SPDX-License-Identifier: Apache-2.0
# The guides, typed from top to bottom: what a newcomer sees is what is written there.
load helpers

# follows NAME [--NAMESPACE=FILE]: the guide's own image is made by its first command, its containers are gone at its end.
# Typed in a namespace other than the box's where one is given.
follows() {
    skiff rmi -f debian >/dev/null 2>&1 || true
    ln -s "$DEBIAN_TAR" "$BATS_TEST_TMPDIR/debian.tar"
    run ${2:+nsenter "$2"} "$HOUSE/tests/seeds/follow" "$HOUSE/docs/guides/$1.md" "$BATS_TEST_TMPDIR"
    ends_with 0
    run skiff ps -aq
    says ""
}

@test "docs/guides/isolation.md" { follows isolation; }

@test "docs/guides/resources.md" {
    for controller in memory cpu cpuset pids freezer; do needs_controller $controller; done
    follows resources
}

@test "docs/guides/filesystem.md" { follows filesystem; }

@test "docs/guides/privilege.md" { follows privilege; }

@test "docs/guides/images.md" { follows images; }

@test "docs/guides/restart.md" { follows restart; }

@test "docs/guides/namespaces.md" {
    follows namespaces
    umount /run/netns   # as ip netns leaves it; the box had none
    rmdir /run/netns
}

@test "docs/guides/network.md" { follows network; }

@test "docs/guides/cgroups.md" {
    for controller in memory cpu cpuset pids freezer; do needs_controller $controller; done
    [ -e /run/host-cgroup ] || skip "hierarchies are made in the host's cgroup namespace alone, and tests/box keeps it"
    follows cgroups --cgroup=/run/host-cgroup
}

@test "docs/guides/rootless.md, by an ordinary user" {
    make_skiffer
    local home=$HOUSE_DIR/skiffer
    mkdir -m 700 "$home" "$home/run"
    cp "$DEBIAN_TAR" "$home/debian.tar"
    cp "$HOUSE/tests/seeds/follow" "$HOUSE/docs/guides/rootless.md" "$home"
    chown -R "$SKIFFER:$SKIFFER" "$home"
    run env -C "$home" -u SKIFF_ROOT -u SKIFF_RUNROOT -u XDG_DATA_HOME HOME="$home" XDG_RUNTIME_DIR="$home/run" PATH="$HOUSE_DIR/bin:$PATH" \
        setpriv --reuid $SKIFFER --regid $SKIFFER --clear-groups ./follow rootless.md .
    forget_skiffer
    rm -rf "$home" "$HOUSE_DIR"/{bin,passwd,ranges}
    ends_with 0
}

@test "control: a guide that tells something else is caught" {
    printf '```console\n$ echo one\ntwo\n$ echo three\n…ee\n```\n' >"$BATS_TEST_TMPDIR/guide.md"
    run "$HOUSE/tests/seeds/follow" "$BATS_TEST_TMPDIR/guide.md" "$BATS_TEST_TMPDIR"
    ends_with 1
    mentions "not ok 1 - echo one"
    mentions "ok 2 - echo three"
}
