#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T10: a program types into the terminal that its caller sits at (TIOCSTI), and the caller's shell obeys when the container
# has ended. CVE-2017-5226 (bubblewrap). Defence: a session of its own, and a terminal of its own or none (D6).

load frame

setup() {
    DIR=$BATS_TEST_TMPDIR
    CANARY=$DIR/canary
    mkdir -p "$CANARY"
    command -v cc >/dev/null || skip "needs a C compiler"
    cat >"$DIR/type.c" <<'C'
#include <sys/ioctl.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
static void type_into(int fd) { for (const char *at = "canary secret\n"; *at; ++at) ioctl(fd, TIOCSTI, at); }
int main(void) {
    for (int fd = 0; fd < 3; ++fd) type_into(fd);
    int terminal = open("/dev/tty", O_RDWR);
    if (terminal >= 0) type_into(terminal);
    char paste[2] = {3, 0};
    for (int fd = 0; fd < 3; ++fd) ioctl(fd, TIOCLINUX, paste);
    puts("typed");
    return 0;
}
C
    cc -static -o "$DIR/type" "$DIR/type.c" || skip "needs a C compiler with a static library"
    domainname canary.example
}

# at_a_terminal COMMAND...: runs it as a shell at a terminal would, then prints what that terminal would give the shell.
at_a_terminal() {
    timeout 30 python3 - "$@" <<'PY' 3>&-
import os, pty, subprocess, sys
pid, master = pty.fork()
if pid == 0:
    subprocess.call(sys.argv[1:])
    os.set_blocking(0, False)
    try:
        typed = os.read(0, 1000)
    except BlockingIOError:
        typed = b""
    print("the shell reads:", typed.upper().decode(), flush=True)   # upper case: an echo is not yet an input
    os._exit(0)
while True:
    try:
        piece = os.read(master, 1000)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece)
PY
}
escaped() { [[ "$output" == *"CANARY SECRET"* ]]; }

the_attack() {
    fresh_bundle /type
    cp "$DIR/type" "$DIR/bundle/rootfs/type"
    edit_bundle "$DIR/bundle" ".process.terminal = $TERMINAL"
    at_a_terminal "$TARGET" --root "$DIR/state" run -b "$DIR/bundle" attack
}

@test "T10 a container without a terminal of its own" { TERMINAL=false attack_fails; mentions typed; }
@test "T10 a container with a terminal of its own" { TERMINAL=true attack_fails; mentions typed; }

@test "T10 an exec, with and without a terminal" {
    TARGET=$SKIFF_RUNTIME
    fresh_bundle /bin/busybox sleep 1000
    cp "$DIR/type" "$DIR/bundle/rootfs/type"
    "$TARGET" --root "$DIR/state" run -d -b "$DIR/bundle" attack </dev/null >/dev/null 2>&1
    local option said=
    for option in --tty=false --tty; do
        run at_a_terminal "$TARGET" --root "$DIR/state" exec "$option" attack /type
        mentions typed
        ! escaped || said="$said $option"
    done
    "$TARGET" --root "$DIR/state" delete -f attack
    [ -z "$said" ] || { echo "the attack worked with $said" >&2; return 1; }
}

@test "T10 control: a chroot in the caller's session" {
    [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null || echo 1)" = 1 ] || [ "$(id -u)" = 0 ] || skip "this kernel has no TIOCSTI"
    mkdir -p "$DIR/root"
    cp "$DIR/type" "$DIR/root/type"
    run at_a_terminal chroot "$DIR/root" /type
    mentions typed
    escaped || skip "this kernel has no TIOCSTI"
}
