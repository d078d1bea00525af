# SPDX-License-Identifier: Apache-2.0
# Every line of --explain is true, and nothing is left out: tests/explain/hold compares it with what strace saw.
load helpers

holds() {
    command -v strace >/dev/null || skip "strace is not installed"
    "$HOUSE/tests/explain/hold" --rm "$@"
}

@test "what --explain told of a running container, /proc and /sys show" {
    mkdir -p "$BATS_TEST_TMPDIR/data"
    "$HOUSE/tests/explain/read_back" busybox sleep 1000
    "$HOUSE/tests/explain/read_back" -m 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100:100 --ulimit core=0 --tmpfs /scratch:size=1m \
        -v "$BATS_TEST_TMPDIR/data:/data:ro" --read-only --security-opt no-new-privileges --cap-drop ALL --cap-add CHOWN -u 1000:1000 \
        --hostname web --sysctl net.ipv4.ip_forward=1 busybox sleep 1000
    "$HOUSE/tests/explain/read_back" --privileged busybox sleep 1000
}

@test "--explain of a plain run is what the kernel saw" { holds busybox true; }
@test "--explain tells limits as they were written" { holds -m 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100:100 --ulimit core=0 busybox true; }
@test "--explain tells mounts with their flags" { mkdir -p "$BATS_TEST_TMPDIR/data"; holds -v "$BATS_TEST_TMPDIR/data:/data:ro" --tmpfs /scratch:size=1m --read-only busybox true; }
@test "--explain tells of a privileged container" { holds --privileged busybox true; }
@test "--explain tells capabilities and ids" { holds --cap-drop ALL --cap-add NET_BIND_SERVICE -u 1000:1000 -w /tmp --hostname web busybox true; }
@test "--explain tells security options" { holds --security-opt no-new-privileges --security-opt seccomp=unconfined --network host busybox true; }

@test "--explain tells which namespaces are joined, and a container that joins them" {
    skiff ns keep shared --new uts,ipc
    skiff run -d --name other --ipc shareable busybox sleep 1000
    holds --uts ns:shared --ipc ns:shared --network container:other busybox true
    holds --pid container:other --network container:other --ipc container:other busybox true
    "$HOUSE/tests/explain/read_back" --uts ns:shared --pid container:other --ipc container:other busybox sleep 1000
    run skiff run --rm --uts ns:shared --explain busybox true
    mentions "join the uts namespace $SKIFF_RUNROOT/namespaces/shared/uts"
    skiff rm -f other
    skiff ns rm shared
}

@test "--explain tells of a terminal" {
    holds -t busybox true
    "$HOUSE/tests/explain/read_back" -t busybox sleep 1000
}

# holds_bundle FILTER: what only a bundle can ask for, by the runtime's log.
holds_bundle() {
    command -v strace >/dev/null || skip "strace is not installed"
    local bundle=$BATS_TEST_TMPDIR/bundle
    rm -rf "$bundle"
    bundle_of "$bundle" /bin/true
    edit_bundle "$bundle" "$@"
    "$HOUSE/tests/explain/hold" --bundle "$bundle"
}

@test "the runtime's log tells of user namespaces, new and joined" {
    chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_TEST_TMPDIR%/*/*}"   # who is nobody outside must get there
    holds_bundle '.linux.namespaces += [{type:"user"}] | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings'
    skiff ns keep users --new user
    holds_bundle '.linux.namespaces += [{type:"user",path:$words[0]}]' "$SKIFF_RUNROOT/namespaces/users/user"
    skiff ns rm users
}

@test "the runtime's log tells of each hook" {
    holds_bundle '.hooks = {prestart:[{path:"/bin/true"}], createRuntime:[{path:"/bin/echo",args:["echo","one"]},{path:"/bin/true"}],
        createContainer:[{path:"/usr/bin/id"}], startContainer:[{path:"/bin/uname"}], poststart:[{path:"/bin/date"}]}'
}
