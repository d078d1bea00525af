# SPDX-License-Identifier: Apache-2.0
# For every story: `load helpers`. A file of stories gets a store of its own with the image `busybox` in it, and at its
# end nothing of it may be left: no process, mount, group, link or file. Run by `tests/run stories`, or one file by
#     tests/box bats tests/stories/NAME.bats
#
# A story is what a user could have typed:
#
#     @test "a stopped container keeps its exit code" {
#         run skiff run --name web busybox sh -c 'exit 7'
#         ends_with 7
#         run skiff inspect -f '{{.State.ExitCode}}' web
#         says 7
#     }

bats_require_minimum_version 1.5.0
HOUSE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export SKIFF_BIN=${SKIFF_BIN:-$HOUSE/build/bin}
export PATH=$SKIFF_BIN:$PATH

# Which control groups this machine has: version 2 alone, or the trees of version 1 (with an empty version 2 beside them, perhaps).
is_unified() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }
needs_version_1() { ! is_unified || skip "version 1 of control groups is not mounted here: tests/run tells it on a machine that has it"; }
# group_at CONTROLLER GROUP: the directory of a group, in that controller's tree or in version 2's only one.
group_at() { if is_unified; then echo "/sys/fs/cgroup/$2"; else echo "/sys/fs/cgroup/$1/$2"; fi; }
# freeze, thaw DIRECTORY: a group, in the words of its version.
freeze() { if is_unified; then echo 1 >"$1/cgroup.freeze"; else echo FROZEN >"$1/freezer.state"; fi; }
thaw() { if is_unified; then echo 0 >"$1/cgroup.freeze"; else echo THAWED >"$1/freezer.state"; fi; }
# needs_linux VERSION REASON
needs_linux() { printf '%s\n' "$1" "$(uname -r)" | sort -CV || skip "$2"; }
needs_version_2() { is_unified || skip "version 2 of control groups is not alone here: tests/vm/stories tells it"; }

setup_file() { open_house; }
teardown_file() { close_house; }

# A store of its own, the image, and the census to come back to. With SKIFF_AS_USER a user without privileges has it.
open_house() {
    [ "$(id -u)" = 0 ] || skip "these tests need root"
    HOUSE_DIR=$(mktemp -d /var/tmp/skiff-story.XXXXXX)
    export HOUSE_DIR SKIFF_ROOT=$HOUSE_DIR/root SKIFF_RUNROOT=$HOUSE_DIR/run
    [ -z "${SKIFF_AS_USER:-}" ] || be_skiffer
    PATH=$SKIFF_BIN:$PATH
    skiff import - busybox <"$(busybox_tar)" >/dev/null
    skiff run --rm busybox true   # what the first container leaves for the next ones (the group /skiff) is no leak
    until_true 10 no_monitor_is_leaving
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" >"$BATS_FILE_TMPDIR/census"
}

# The monitor of what has just ended may live a moment longer than its container: no possession, nor a loss afterwards.
no_monitor_is_leaving() { [ -z "${SKIFF_TEST_BOX:-}" ] || ! grep -qsa '^skiff:\[' /proc/[0-9]*/cmdline; }

# Removes what stories left on purpose, then asks the census whether that was all.
close_house() {
    local id status=0
    [ -n "${HOUSE_DIR:-}" ] || return 0   # it was never opened: the file is skipped
    for id in $(skiff ps -aq); do skiff rm -f "$id" >/dev/null || status=1; done
    for id in $(skiff images -q | sort -u); do
        [ "$id" = "$(skiff images -q busybox)" ] || skiff rmi -f "$id" >/dev/null || status=1
    done
    "$HOUSE/tests/crash/census" --files "$HOUSE_DIR" --since "$BATS_FILE_TMPDIR/census" || { echo "^ left behind" >&2; status=1; }
    [ -z "${SKIFF_AS_USER:-}" ] || forget_skiffer
    rm -rf --one-file-system "$HOUSE_DIR"
    return $status
}

# A user without privileges of the box's own, "skiffer": passwd, subuid and subgid are private mounts of files in
# HOUSE_DIR. The programs are copied where he can reach them, wherever the checkout is. `ranges` holds his ids.
SKIFFER=54321
make_skiffer() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box: it mounts over /etc/passwd and /etc/subuid"
    command -v newuidmap >/dev/null || skip "needs newuidmap (package uidmap)"
    chmod 755 "$HOUSE_DIR"
    { cat /etc/passwd; echo "skiffer:x:$SKIFFER:$SKIFFER::$HOUSE_DIR:/bin/sh"; } >"$HOUSE_DIR/passwd"
    echo "skiffer:700000:65536" >"$HOUSE_DIR/ranges"
    mount --bind "$HOUSE_DIR/passwd" /etc/passwd
    mount --bind "$HOUSE_DIR/ranges" /etc/subuid
    mount --bind "$HOUSE_DIR/ranges" /etc/subgid
    mkdir "$HOUSE_DIR/bin"
    cp "$SKIFF_BIN"/skiff "$SKIFF_BIN"/skiff-* "$HOUSE_DIR/bin/"
}
forget_skiffer() { umount /etc/passwd /etc/subuid /etc/subgid; }

# From here on "skiff" is what he types, in the house, which is his.
be_skiffer() {
    make_skiffer
    mkdir "$HOUSE_DIR/typed"
    printf '#!/bin/sh\nexec setpriv --reuid %s --regid %s --clear-groups env HOME=%s XDG_RUNTIME_DIR=%s %s/bin/skiff "$@"\n' \
        $SKIFFER $SKIFFER "$HOUSE_DIR" "$HOUSE_DIR" "$HOUSE_DIR" >"$HOUSE_DIR/typed/skiff"
    chmod 755 "$HOUSE_DIR/typed/skiff"
    chown "$SKIFFER:$SKIFFER" "$HOUSE_DIR"
    chmod 755 "$BATS_RUN_TMPDIR"   # what tests put there is for him to read
    export SKIFF_BIN=$HOUSE_DIR/typed   # first in PATH, for each test
}

# A tar of a small root filesystem from busybox-static, made once and kept in the build folder.
busybox_tar() {
    local kept=$HOUSE/build/tests/busybox.tar draft
    if [ ! -s "$kept" ] || [ /bin/busybox -nt "$kept" ]; then
        draft=$(mktemp -d)
        busybox_rootfs "$draft/rootfs"
        mkdir -p "${kept%/*}"
        tar -C "$draft/rootfs" --sort=name --mtime=@0 -cf "$draft/busybox.tar" .
        mv "$draft/busybox.tar" "$kept"
        rm -rf "$draft"
    fi
    echo "$kept"
}

# busybox_rootfs DIR: the same as a folder.
busybox_rootfs() {
    local dir=$1 applet
    mkdir -p "$dir"/{bin,dev,etc,home,proc,root,run,sys,tmp,var/tmp}
    chmod 755 "$dir"
    chmod 1777 "$dir/tmp" "$dir/var/tmp"
    cp /bin/busybox "$dir/bin/busybox"
    for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$dir/bin/$applet"; done
    printf 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/:/bin/false\nuser:x:1000:1000:a user:/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$dir/etc/passwd"
    printf 'root:x:0:\ndaemon:x:1:\nextra:x:2000:user\nuser:x:1000:\nnogroup:x:65534:\n' >"$dir/etc/group"
    printf 'NAME="busybox"\nID=busybox\n' >"$dir/etc/os-release"
}

# bundle_of DIR ARG...: an OCI bundle whose process is ARG..., from `spec` of RUNTIME (skiff-runtime). Change it with edit_bundle.
bundle_of() {
    local dir=$1; shift
    mkdir -p "$dir"
    [ -e "$dir/rootfs" ] || busybox_rootfs "$dir/rootfs"
    rm -f "$dir/config.json"
    (cd "$dir" && "${RUNTIME:-skiff-runtime}" spec)
    edit_bundle "$dir" '.process.args = $words | .process.terminal = false' "$@"
}

# edit_bundle DIR FILTER [WORD...]: jq on its config.json; $words is the array of WORDs.
edit_bundle() {
    local dir=$1 filter=$2; shift 2
    jq --argjson words "$(printf '%s\036' "$@" | jq -Rs 'split("\u001e")[:-1]')" "$filter" <"$dir/config.json" >"$dir/config.new"
    mv "$dir/config.new" "$dir/config.json"
}

# After `run`: the exit code, and on surprise what was printed.
ends_with() {
    [ "$status" -eq "$1" ] && return
    printf 'expected exit code %s, got %s:\n%s\n' "$1" "$status" "$output" >&2
    return 1
}

# After `run`: the whole output is exactly this.
says() {
    [ "$output" = "$1" ] && return
    printf 'expected: %s\ngot:      %s\n' "$1" "$output" >&2
    return 1
}

# After `run`: some line of the output holds this text / none does.
mentions() {
    [[ "$output" == *"$1"* ]] && return
    printf 'expected to find: %s\nin: %s\n' "$1" "$output" >&2
    return 1
}
does_not_mention() {
    [[ "$output" != *"$1"* ]] && return
    printf 'expected not to find: %s\nin: %s\n' "$1" "$output" >&2
    return 1
}

# After `run`: failed with this exit code and one line that holds this text.
refuses() {
    ends_with "$1" && mentions "$2" || return 1
    [ "${#lines[@]}" -eq 1 ] && return
    printf 'expected one line, got %s:\n%s\n' "${#lines[@]}" "$output" >&2
    return 1
}

# until_true SECONDS COMMAND...: for what has no event to wait for from outside.
until_true() {
    local end=$(($(date +%s) + $1)); shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || { printf 'never came true: %s\n' "$*" >&2; return 1; }
        sleep 0.05
    done
}

# let_go NAME FILE: makes the FILE that the container's program waits for before it ends. Detached: who makes it may be killed by
# that end, and the exit code of his `exec` would be 137.
let_go() { skiff exec -d "$1" touch "$2"; }

# The pids of a container's monitor: worker and keeper.
pair_of() { grep -lzxE "skiff:\[(worker|keeper)\] $1" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3; }
has_pair() { [ "$(pair_of "$1" | wc -l)" = 2 ]; }
has_no_pair() { [ -z "$(pair_of "$1")" ]; }
# Stopped first, so that neither can replace the other.
kill_pair() {
    local pids pid
    until_true 10 has_pair "$1"
    pids=$(pair_of "$1")
    kill -STOP $pids
    kill -KILL $pids
    for pid in $pids; do until_true 10 is_dead "$pid"; done
}
is_dead() { [ -z "$(tr -d '\0' 2>/dev/null <"/proc/$1/cmdline")" ]; }   # a zombie, too
