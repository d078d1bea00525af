# SPDX-License-Identifier: Apache-2.0
# Terminals: script(1) gives us one.
load helpers

# on_terminal COMMAND: its output as a terminal shows it, its exit code as ours.
on_terminal() { run timeout -k 1 20 script -qec "$1" /dev/null; output=${output//$'\r'/}; }

@test "-t gives the command a terminal, of our size" {
    on_terminal "stty rows 33 cols 99; skiff run --rm -it busybox sh -c 'tty; stty size'"
    ends_with 0
    mentions /dev/pts/0
    mentions "33 99"
}

@test "the exit code comes through a terminal" {
    on_terminal "skiff run --rm -it busybox sh -c 'exit 5'"
    ends_with 5
}

@test "our terminal is as it was, however the container ended" {
    on_terminal "stty -g >'$BATS_TEST_TMPDIR/before'; skiff run --rm -it --init busybox sh -c 'kill -9 \$\$'; stty -g >'$BATS_TEST_TMPDIR/after'"
    [ "$(cat "$BATS_TEST_TMPDIR/before")" = "$(cat "$BATS_TEST_TMPDIR/after")" ]
}

@test "a new size reaches the container" {
    on_terminal "stty rows 20 cols 80; (sleep 1; stty -F \$(tty) rows 44 cols 111 </dev/tty) </dev/tty & skiff run --rm -it busybox sh -c 'trap \"stty size; exit\" WINCH; for i in \$(seq 100); do sleep 0.1; done'"
    mentions "44 111"
}

@test "ctrl-p ctrl-q leaves it running" {
    run bash -c "(sleep 1; printf '\\020\\021'; sleep 1) | script -qec 'skiff run -it --name left busybox sleep 20' /dev/null"
    ends_with 0
    mentions "read escape sequence"
    run skiff inspect -f '{{.State.Status}}' left
    says running
    skiff rm -f left
}

# leaves COMMAND KEYS MARK: types KEYS (for printf) on the terminal of COMMAND once it has shown MARK; COMMAND ends by that.
leaves() {
    run timeout -k 1 20 python3 - "$@" <<'PY'
import os, pty, sys
command, keys, mark = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execlp("sh", "sh", "-c", command)
shown, typed = b"", False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if not typed and mark.encode() in shown:
        typed = os.write(terminal, keys.encode().decode("unicode_escape").encode()) > 0
print(shown.decode().replace("\r", ""), end="")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}
still_runs() { run skiff inspect -f '{{.State.Status}}' "$1"; says running; }

@test "--detach-keys of run, attach and start: other keys leave it running, and ctrl-p is the container's" {
    leaves "skiff run -it --name keyed --detach-keys ctrl-x,y busybox sh -c '(while :; do echo mark; sleep 0.2; done) & read a; echo got \$a; wait'" '\x10\x18y' mark
    ends_with 0
    mentions "read escape sequence"
    still_runs keyed
    leaves "skiff attach --detach-keys Z keyed" 'typed\nZ' mark
    ends_with 0
    still_runs keyed
    until_true 10 bash -c 'skiff logs keyed | grep -q "got .*typed"'
    skiff rm -f keyed

    skiff create -it --name later busybox sh -c 'echo mark; sleep 100'
    leaves "skiff start -ai --detach-keys ctrl-a later" '\x01' mark
    ends_with 0
    still_runs later
    skiff rm -f later
    run skiff run --rm --detach-keys ctrl-ö busybox true
    refuses 125 "--detach-keys"
}

@test "exec -it has a terminal of its own" {
    skiff run -d --name termed busybox sleep 100
    on_terminal "skiff exec -it termed sh -c 'tty; exit 6'"
    ends_with 6
    mentions /dev/pts/
    skiff rm -f termed
}

@test "-it without a terminal is refused" {
    run bash -c 'skiff run --rm -it busybox true </dev/null'
    refuses 125 "not a terminal"
}
