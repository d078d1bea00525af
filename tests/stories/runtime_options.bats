#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each option of skiff-runtime, by what it does inside the container, in the kernel or in a file.
load runtime_house

# A container that sleeps, for exec to join.
sleeper() {
    make_bundle sleep 1000
    edit_bundle "$B" '.process.noNewPrivileges = false'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
}

# terminal_sent_to SOCKET: waits for one terminal there, prints its first line of output.
terminal_sent_to() {
    python3 - "$1" <<'PY' 3>&-
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
connection, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(connection, 100, 1)
print(os.fdopen(descriptors[0], "rb", buffering=0).readline().decode().strip(), flush=True)
PY
}

@test "--console-socket: the terminal of create, run and exec arrives there" {
    make_bundle sh -c 'tty; exec sleep 1000'
    edit_bundle "$B" '.process.terminal = true'
    terminal_sent_to "$B/first" >"$B/first.out" &
    until_true 10 grep -q ready "$B/first.out"
    rt create --console-socket "$B/first" -b "$B" "$ID"
    rt start "$ID"
    wait $!
    [ "$(tail -1 "$B/first.out")" = /dev/pts/0 ]
    terminal_sent_to "$B/second" >"$B/second.out" &
    until_true 10 grep -q ready "$B/second.out"
    rt exec --console-socket "$B/second" --tty -d "$ID" sh -c 'tty; exec sleep 1000'
    wait $!
    [ "$(tail -1 "$B/second.out")" = /dev/pts/1 ]
    run rt exec --console-socket "$B/nobody" --tty -d "$ID" true
    refuses 255 "$B/nobody"
}

@test "exec --tty: a terminal in the foreground" {
    sleeper
    run script -qec "skiff-runtime --root '$STATES' exec -t '$ID' tty" /dev/null </dev/null
    mentions /dev/pts/0
}

@test "exec --process: everything from a file" {
    sleeper
    jq '.process | .args = ["sh","-c","echo $FROM; pwd"] | .env += ["FROM=file"] | .cwd = "/tmp"' "$B/config.json" >"$B/process.json"
    run rt exec --process "$B/process.json" "$ID"
    says $'file\n/tmp'
    echo '{' >"$B/process.json"
    run rt exec --process "$B/process.json" "$ID"
    refuses 255 "$B/process.json"
}

@test "exec --additional-gids, --cap, --no-new-privs: who the program is" {
    sleeper
    run rt exec -g 77 -g 88 "$ID" sh -c 'sed -n "s/^Groups:\t//p" /proc/self/status'
    says "77 88 "
    run rt exec "$ID" sed -n 's/^CapEff:\t//p' /proc/self/status
    [ $((16#$output & (1 << 25))) = 0 ]
    run rt exec --cap CAP_SYS_TIME "$ID" sed -n 's/^CapEff:\t//p' /proc/self/status
    [ $((16#$output & (1 << 25))) != 0 ]
    run rt exec "$ID" sed -n 's/^NoNewPrivs:\t//p' /proc/self/status
    says 0
    run rt exec --no-new-privs "$ID" sed -n 's/^NoNewPrivs:\t//p' /proc/self/status
    says 1
}

@test "exec --preserve-fds: the program has them" {
    sleeper
    echo kept >"$B/kept"
    run bash -c "exec 3<'$B/kept'; skiff-runtime --root '$STATES' exec --preserve-fds 1 '$ID' sh -c 'cat <&3'"
    says kept
}

@test "exec --apparmor and --process-label: taken where the kernel has the module, refused by name otherwise" {
    sleeper
    if grep -q apparmor /sys/kernel/security/lsm 2>/dev/null; then skip "this kernel has AppArmor: what its profiles do is tested there"; fi
    run rt exec --apparmor a-profile "$ID" true
    refuses 255 a-profile
    run rt exec --process-label a_u:a_r:a_t "$ID" true
    refuses 255 SELinux
}

@test "exec --ignore-paused: the program waits with the others, and runs when they go on" {
    sleeper
    rt pause "$ID"
    rt exec --ignore-paused "$ID" sh -c 'echo thawed' >"$B/out" 3>&- &
    until_true 10 has_members = 2 freezer
    [ ! -s "$B/out" ]
    rt resume "$ID"
    wait $!
    [ "$(cat "$B/out")" = thawed ]
}

@test "exec --for-skiff: docker's exit codes for a program that cannot run" {
    sleeper
    run rt exec --for-skiff "$ID" /no/such/program
    refuses 127 "skiff: "
    run rt exec --for-skiff "$ID" /etc/passwd
    refuses 126 "skiff: "
}

@test "exec --event: the end is added to a journal, with the exit code" {
    sleeper
    printf '%s\n{"at_ns":1,"type":"container","action":"exec_die","id":"x","attributes":{"name":"web"}}\n' "$B/journal" >"$B/event"
    run rt exec --event "$B/event" "$ID" sh -c 'exit 9'
    ends_with 9
    run rt exec --for-skiff --event "$B/event" "$ID" /no/such/program
    run jq -r '"\(.action) \(.attributes.exitCode) \(.attributes.name)"' "$B/journal"
    says $'exec_die 9 web\nexec_die 127 web'
}

@test "kill --all KILL: every process goes" {
    make_bundle sh -c 'sleep 1000 & sleep 1000'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "pid"))'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    until_true 10 has_members = 2
    rt kill --all "$ID" KILL
    until_true 10 has_members = 0
}

@test "run --keep: the container stays to be deleted" {
    make_bundle true
    run rt run --keep -b "$B" "$ID"
    ends_with 0
    is stopped
    rt delete "$ID"
    run rt list -q
    says ""
}

@test "run --no-subreaper: an orphan of the container is not its runtime's child" {
    # Without a PID namespace, the orphan goes to the nearest subreaper: the runtime, unless it declined.
    make_bundle sh -c '(sleep 1000 & echo $! >/pid); sed -n "s/^PPid:\t//p" /proc/$(cat /pid)/status; echo $PPID; kill $(cat /pid)'
    edit_bundle "$B" '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = "${lines[1]}" ]
    run rt run --no-subreaper -b "$B" "$ID"
    [ "${lines[0]}" != "${lines[1]}" ]
}

@test "create --no-subreaper: crun's callers may ask for what is so anyway" {
    make_bundle sh -c '(sleep 1000 & echo $! >/pid); sed -n "s/^PPid:\t//p" /proc/$(cat /pid)/status >/parent; kill $(cat /pid); sleep 1000'
    edit_bundle "$B" '.root.readonly = false | .linux.namespaces |= map(select(.type != "pid"))'
    rt create --no-subreaper -b "$B" "$ID" </dev/null >/dev/null 2>&1
    rt start "$ID"
    until_true 10 test -s "$B/rootfs/parent"
    [ "$(cat /proc/"$(cat "$B/rootfs/parent")"/comm)" != skiff-runtime ]
}

@test "--no-pivot: the root is moved and entered instead, and the host's tree is as far away" {
    make_bundle sh -c 'cat /etc/os-release; ls -d /work /usr 2>&1 | grep -vc "No such"'
    run rt run --no-pivot -b "$B" "$ID"
    mentions 'ID=busybox'
    [ "${lines[-1]}" = 0 ]
    run strace -f -o "$B/trace" -e trace=pivot_root,chroot skiff-runtime --root "$STATES" run --no-pivot -b "$B" "$ID"
    [ "$(grep -oE '(pivot_root|chroot)\(.*\) += 0' "$B/trace" | tr -s ' ')" = 'chroot(".") = 0' ]
}

@test "--no-new-keyring: the caller's session keyring, else one of its own" {
    make_bundle cat /proc/keys
    edit_bundle "$B" '.linux.maskedPaths = []'
    run rt run --no-new-keyring -b "$B" "$ID"
    ends_with 0
    does_not_mention "_ses.$ID"
    run rt run -b "$B" "$ID"
    mentions "_ses.$ID"
}

@test "spec --bundle and --rootless: where, and for whom" {
    mkdir "$B/elsewhere"
    rt spec --bundle "$B/elsewhere"
    [ "$(jq -r '.linux.namespaces | map(.type) | index("user")' "$B/elsewhere/config.json")" = null ]
    rm "$B/elsewhere/config.json"
    rt spec --rootless -b "$B/elsewhere"
    [ "$(jq -r '.linux.namespaces | map(.type) | index("user") != null' "$B/elsewhere/config.json")" = true ]
    run rt spec -b "$B/nowhere"
    refuses 1 "$B/nowhere"
}

@test "--version tells the specification's; --rootless takes runc's three words" {
    run rt --version
    [[ "${lines[0]}" =~ ^skiff-runtime\ version\ [0-9.]+ && "${lines[1]}" =~ ^spec:\ 1\. ]]
    for word in true false auto; do
        run rt --rootless "$word" list -q
        says ""
    done
    run rt --rootless perhaps list
    refuses 1 "perhaps"
}
