# SPDX-License-Identifier: Apache-2.0
# An attack is tried on the target (skiff-runtime) and on a control on which it works: a refusal proves nothing unless
# the same steps succeed somewhere. The oracle looks at a canary tree and at what the census sees, before and after.
#
#   the_attack() { ... "$TARGET" ... }    the steps, with TARGET the program to run
#   @test "..."  { attack_fails }         nothing outside changed (the target may refuse or contain it)
#   @test "..."  { control_succeeds runc }
load ../stories/helpers

SKIFF_RUNTIME=${RUNTIME_UNDER_TEST:-$SKIFF_BIN/skiff-runtime}

setup_file() { [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box: some of these attacks work on the control"; }
teardown_file() { :; }

setup() {
    DIR=$BATS_TEST_TMPDIR
    CANARY=$DIR/canary
    mkdir -p "$CANARY/pts" "$CANARY/sub"
    for name in ptmx null secret sub/file; do echo "canary $name" >"$CANARY/$name"; done
    domainname canary.example
}

# What must not change: the canary to the last inode, our kernel settings, everything that the census counts.
host_facts() {
    echo "domainname $(cat /proc/sys/kernel/domainname)"
    echo "core_pattern $(cat /proc/sys/kernel/core_pattern)"
    "$HOUSE/tests/crash/census" --deep "$CANARY"
}

# Runs the_attack on TARGET; afterwards `changed` holds what it changed outside, and `output` what it said.
try_attack() {
    TARGET=$1
    host_facts >"$DIR/before"
    run the_attack
    "$HOUSE/tests/crash/census" --deep "$CANARY" --since <(grep -v '^domainname\|^core_pattern' "$DIR/before") >"$DIR/changed" || true
    host_facts | grep '^domainname\|^core_pattern' | diff - <(grep '^domainname\|^core_pattern' "$DIR/before") >>"$DIR/changed" || true
    changed=$(cat "$DIR/changed")
}

attack_fails() {
    try_attack "$SKIFF_RUNTIME"
    if [ -n "$changed" ] || escaped; then
        printf 'the attack worked. Said:\n%s\nChanged:\n%s\n' "$output" "$changed" >&2
        return 1
    fi
    # A refusal is one line that names a cause, never a crash.
    [ "$status" -lt 128 ] || { printf 'died by a signal (%s): %s\n' "$status" "$output" >&2; return 1; }
}

control_succeeds() {
    command -v "$1" >/dev/null || skip "the control $1 is not installed"
    try_attack "$1"
    [ -n "$changed" ] || escaped || skip "the control $1 is patched against this here: ${lines[-1]:-it said nothing}"
}

# What the attack printed tells of success; a file of attacks may say otherwise.
escaped() { [[ "$output" == *"canary secret"* ]]; }

# fresh_bundle ARG...: bundle in DIR/bundle, rootfs of busybox.
fresh_bundle() {
    rm -rf "$DIR/bundle"
    RUNTIME=$TARGET bundle_of "$DIR/bundle" "$@"
    edit_bundle "$DIR/bundle" '.root.readonly = false'
}

run_bundle() {
    local code=0
    "$TARGET" --root "$DIR/state" run -b "$DIR/bundle" attack </dev/null || code=$?
    timeout -k 5 20 "$TARGET" --root "$DIR/state" delete -f attack >/dev/null 2>&1 || true
    return $code
}
