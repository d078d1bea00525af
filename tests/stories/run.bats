# SPDX-License-Identifier: Apache-2.0
# What `skiff run` does with streams, exit codes, names and ids.
load helpers

@test "run prints what the command prints and returns its exit code" {
    run --separate-stderr skiff run --rm busybox sh -c 'echo out; echo err >&2; exit 7'
    ends_with 7
    says out
    [ "$stderr" = err ]
}

@test "standard input reaches the command, all of it, and ends" {
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
    sum=$(sha256sum <"$BATS_TEST_TMPDIR/data")
    run bash -c 'skiff run --rm -i busybox sha256sum <"$0"' "$BATS_TEST_TMPDIR/data"
    ends_with 0
    says "$sum"
}

@test "all output arrives before run returns" {
    run bash -c 'skiff run --rm busybox sh -c "seq 1 20000" | sha256sum'
    says "$(seq 1 20000 | sha256sum)"
}

@test "without -i the command's standard input is empty" {
    run bash -c 'echo secret | skiff run --rm busybox cat'
    ends_with 0
    says ""
}

@test "a program that does not exist ends with 127, one that cannot be executed with 126" {
    run skiff run --rm busybox /no/such/program
    refuses 127 "/no/such/program"
    run skiff run --rm busybox /etc/passwd
    refuses 126 "/etc/passwd"
    run skiff ps -aq
    says ""
}

@test "a command killed by a signal ends with 128 and its number" {
    run skiff run --rm --init busybox sh -c 'kill -9 $$'
    ends_with 137
}

@test "a missing image is one sentence and 125" {
    run skiff run --rm no-such-image true
    refuses 125 "no such image: no-such-image"
    run skiff run --pull always busybox true
    refuses 125 "--pull always"
    run skiff ps -aq
    says ""
}

@test "-d prints the id, --cidfile writes it, and neither overwrites" {
    run skiff run -d --cidfile "$BATS_TEST_TMPDIR/id" --name cid busybox true
    ends_with 0
    [[ "$output" =~ ^[0-9a-f]{64}$ ]]
    [ "$(cat "$BATS_TEST_TMPDIR/id")" = "$output" ]
    run skiff run -d --cidfile "$BATS_TEST_TMPDIR/id" --name cid2 busybox true
    refuses 125 "exists already"
    skiff wait cid
    skiff rm cid
}

@test "--name is taken once, and names are checked" {
    skiff create --name once busybox true
    run skiff create --name once busybox true
    refuses 1 once
    run skiff create --name 'a/b' busybox true
    refuses 1 "a/b"
    skiff rm once
}

@test "signals to skiff run are the container's" {
    skiff run --rm busybox sh -c 'trap "exit 42" TERM; echo ready; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" &
    pid=$!
    until_true 10 grep -q ready "$BATS_TEST_TMPDIR/out"
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 42 ]
}

@test "with --sig-proxy=false skiff goes and the container stays" {
    skiff run --name stays --sig-proxy=false busybox sh -c 'trap "exit 42" TERM; echo ready; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" &
    pid=$!
    until_true 10 grep -q ready "$BATS_TEST_TMPDIR/out"
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    run skiff inspect -f '{{.State.Status}}' stays
    says running
    skiff rm -f stays
}

@test "-a chooses the streams" {
    run --separate-stderr skiff run --rm -a stderr busybox sh -c 'echo out; echo err >&2'
    ends_with 0
    says ""
    [ "$stderr" = err ]
}

@test "--explain tells numbered steps, then the command runs" {
    run --separate-stderr skiff run --rm --explain -m 64m busybox echo hello
    ends_with 0
    says hello
    [[ "$stderr" == *"1  parent "* ]]
    [[ "$stderr" == *" child "* ]]
    [[ "$stderr" == *"upper: read/write layer"*"image layer sha256:"*"mount an overlay of"* ]]
    [[ "$stderr" == *"clone the first process with new namespaces: mount pid network ipc uts"* ]]
    [[ "$stderr" == *"pivot_root"*"load a seccomp filter of "*"keep 14 capabilities"*"execve echo"*"remove the cgroup /skiff/"*"remove the container"*"--rm"* ]]
    [[ "$stderr" == *" steps: "* ]]
}

@test "--rm leaves nothing, without it the container stays to be looked at" {
    skiff run --rm --name gone busybox true
    run skiff inspect gone
    [ "$status" = 1 ]
    skiff run --name kept busybox sh -c 'exit 3' || true
    run skiff inspect -f '{{.State.Status}} {{.State.ExitCode}}' kept
    says "exited 3"
    skiff rm kept
}

@test "--rootfs runs a directory as it is" {
    busybox_rootfs "$BATS_TEST_TMPDIR/tree"
    run skiff run --rm --rootfs "$BATS_TEST_TMPDIR/tree" sh -c 'echo written >/left; id -u'
    ends_with 0
    says 0
    [ "$(cat "$BATS_TEST_TMPDIR/tree/left")" = written ]
}

@test "a store that lies on an overlay itself: a container is a copy of its image" {
    local dir=$BATS_TEST_TMPDIR
    mkdir "$dir"/{lower,upper,work,nested}
    mount -t overlay below -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work" "$dir/nested"
    skiff --root "$dir/nested/root" import "$(busybox_tar)" base
    run skiff --root "$dir/nested/root" run --name copied base sh -c 'echo changed >/bin/new; cat /bin/new'
    skiff --root "$dir/nested/root" rm copied
    umount -l "$dir/nested"   # the monitor may be about to end
    ends_with 0
    mentions "the container is a copy of its image"
    mentions changed
}
