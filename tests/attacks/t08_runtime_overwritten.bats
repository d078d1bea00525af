#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T08: the container has the runtime execute itself (/proc/self/exe), keeps a handle on its file, and writes into it when it
# has ended: the next command on the host is the attacker's. CVE-2019-5736 (runc, LXC, crun).
# Defence: the runtime runs from a protected copy, and nobody looks into a process on its way in (D4, D5).

load frame

# In the container, with every capability: opens what runs from a directory "prey", and tries to write to it from then on.
k_watcher='echo watching
    while :; do
        for exe in /proc/[0-9]*/exe; do
            case "$(readlink "$exe")" in */prey/* | *skiff-runtime* | /memfd:*) ;; *) continue ;; esac   # never a program of this machine
            exec 5<"$exe" || continue
            for try in 1 2 3 4 5 6 7 8 9 10; do
                (echo "canary secret" >/proc/self/fd/5) 2>/dev/null && echo wrote && exit
                sleep 0.2
            done
        done
    done'

# The runtime that is attacked is a copy, below a directory that the watcher knows.
setup() {
    DIR=$BATS_TEST_TMPDIR
    CANARY=$DIR/canary
    mkdir -p "$CANARY" "$DIR/prey"
    domainname canary.example
    cp "$SKIFF_RUNTIME" "$DIR/prey/skiff-runtime"
    SKIFF_RUNTIME=$DIR/prey/skiff-runtime
}

watching_container() {
    fresh_bundle /bin/busybox sh -c "exec 2>/dev/null; $k_watcher"
    printf '#!/proc/self/exe\n' >"$DIR/bundle/rootfs/itself"; chmod +x "$DIR/bundle/rootfs/itself"
    edit_bundle "$DIR/bundle" '.process.capabilities |= with_entries(.value = $words) | .process.noNewPrivileges = false' \
        $(skiff-runtime features | jq -r '.linux.capabilities[]')
    "$SKIFF_RUNTIME" --root "$DIR/state" run -d -b "$DIR/bundle" attack </dev/null >"$DIR/said" 2>&1
    until_true 10 grep -q watching "$DIR/said"
}

@test "T08 an exec of the runtime's own file leaves it as it was" {
    TARGET=$SKIFF_RUNTIME
    local before program i
    before=$(sha256sum <"$SKIFF_RUNTIME")
    watching_container
    for i in 1 2 3; do
        for program in /proc/self/exe /itself; do
            timeout 20 "$SKIFF_RUNTIME" --root "$DIR/state" exec attack "$program" </dev/null >/dev/null 2>&1 || true
        done
    done
    "$SKIFF_RUNTIME" --root "$DIR/state" delete -f attack
    [ "$(sha256sum <"$SKIFF_RUNTIME")" = "$before" ]
    ! grep -q wrote "$DIR/said"
}

@test "T08 a container whose program is the runtime's own file leaves it as it was" {
    TARGET=$SKIFF_RUNTIME
    local before program
    before=$(sha256sum <"$SKIFF_RUNTIME")
    for program in /proc/self/exe /itself; do
        fresh_bundle "$program"
        printf '#!/proc/self/exe\n' >"$DIR/bundle/rootfs/itself"; chmod +x "$DIR/bundle/rootfs/itself"
        run timeout 20 "$SKIFF_RUNTIME" --root "$DIR/state" run -b "$DIR/bundle" attack </dev/null
        [ "$status" -lt 124 ] || { echo "for $program: $status $output" >&2; return 1; }
        "$SKIFF_RUNTIME" --root "$DIR/state" delete -f attack
    done
    [ "$(sha256sum <"$SKIFF_RUNTIME")" = "$before" ]
}

# What an unprotected runtime amounts to: a program of the host's that enters the container's PID namespace as it is.
@test "T08 control: a program that joins from its own file is overwritten" {
    TARGET=$SKIFF_RUNTIME
    watching_container
    cp "$(command -v busybox)" "$DIR/prey/busybox"
    local pid
    pid=$("$SKIFF_RUNTIME" --root "$DIR/state" state attack | jq .pid)
    nsenter -t "$pid" -p -- "$DIR/prey/busybox" sleep 1 </dev/null
    until_true 10 grep -q wrote "$DIR/said"
    "$SKIFF_RUNTIME" --root "$DIR/state" delete -f attack
    grep -q "canary secret" "$DIR/prey/busybox"
}
