# SPDX-License-Identifier: Apache-2.0
# Both processes of a monitor are killed while the container runs on: the next command adopts it.
load helpers

has_logged() { skiff logs "$1" 2>&1 | grep -qx "$2"; }
init_of() { skiff inspect -f '{{.State.Pid}}' "$1"; }
id_of() { skiff inspect -f '{{.Id}}' "$1"; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }

needs_exit_codes() { needs_linux 6.15 "before Linux 6.15 nobody but the parent is told an exit code: an orphan's stays unknown"; }

teardown() {
    local id
    for id in $(skiff ps -aq); do skiff rm -f "$id" >/dev/null; done
}

@test "after the death of its whole monitor a container runs on, and ps gives it another one" {
    skiff run -d --name web busybox sh -c 'i=0; while [ ! -e /stop ]; do i=$((i+1)); echo line $i; done; echo "$i" >/count; exit 42'
    until_true 10 has_logged web "line 100"
    kill_pair web
    run skiff ps --format '{{.Names}} {{.State}}'
    says "web running"
    until_true 10 has_pair web
    kill_pair web          # and a second time: an adopted one is no different
    let_go web /stop
    run skiff wait web
    ends_with 0
    says 42
    # Every line once, whatever was in hand when they were killed.
    skiff logs web >"$BATS_TEST_TMPDIR/log"
    last=$(tail -1 "$BATS_TEST_TMPDIR/log" | cut -d' ' -f2)
    seq -f 'line %.0f' "$last" | cmp - "$BATS_TEST_TMPDIR/log"
    [ "$(cat "$SKIFF_ROOT/containers/$(id_of web)/upper/count")" = "$last" ]
    skiff rm web
}

@test "exec -d, stop, kill, top and logs -f work on an orphan, and its end is true" {
    needs_exit_codes
    skiff run -d --name web busybox sh -c 'trap "exit 7" TERM; while :; do sleep 0.1; done'
    kill_pair web
    skiff exec -d web touch /made
    until_true 10 skiff exec web test -e /made
    kill_pair web
    skiff top web >/dev/null
    kill_pair web
    skiff stop web
    run skiff inspect -f '{{.State.Status}} {{.State.ExitCode}}' web
    says "exited 7"
    until_true 10 bash -c '[ -z "$(ls "$SKIFF_RUNROOT/containers")" ]'   # what the monitor starts at its end does that
    ! ls -d /sys/fs/cgroup/*/skiff/"$(id_of web)" 2>/dev/null

    skiff start web
    kill_pair web
    skiff kill -s KILL web
    run skiff wait web
    says 137
    skiff rm web
}

@test "diff, export, commit and rename give an orphan its monitor back, too" {
    skiff run -d --name web busybox sh -c 'echo kept >/file; sleep 1000'
    until_true 10 skiff exec web test -s /file
    while read -r words; do
        kill_pair web
        # shellcheck disable=SC2086
        skiff $words >"$BATS_TEST_TMPDIR/said"
        until_true 10 has_pair web || { echo "after $words"; return 1; }
    done <<END
diff web
export -o $BATS_TEST_TMPDIR/web.tar web
commit web kept
rename web other
rename other web
END
    skiff rm -f web
    skiff rmi kept
}

@test "logs -f and wait go on when the monitor is killed under them" {
    needs_exit_codes
    skiff run -d --name web busybox sh -c 'echo first; until [ -e /go ]; do sleep 0.05; done; echo second; exit 9'
    skiff logs -f web >"$BATS_TEST_TMPDIR/followed" & follower=$!
    skiff wait web >"$BATS_TEST_TMPDIR/code" & waiter=$!
    until_true 10 grep -qx first "$BATS_TEST_TMPDIR/followed"
    kill_pair web
    until_true 10 has_pair web   # no command but those two
    let_go web /go
    wait "$follower" "$waiter"
    [ "$(cat "$BATS_TEST_TMPDIR/followed")" = $'first\nsecond' ]
    [ "$(cat "$BATS_TEST_TMPDIR/code")" = 9 ]
    skiff rm web
}

@test "a monitor that was killed and is not gone yet: logs -f and wait wait for that, and adopt" {
    needs_exit_codes
    skiff run -d --name web busybox sh -c 'echo first; until [ -e /go ]; do sleep 0.05; done; exit 9'
    mkfifo "$BATS_TEST_TMPDIR/hold"
    "$HOUSE/tests/stories/hold_claim.py" "$(pair_of web | head -1)" "$SKIFF_RUNROOT/containers/$(id_of web)" \
        <"$BATS_TEST_TMPDIR/hold" >"$BATS_TEST_TMPDIR/held" 3>&- & holder=$!
    exec 9>"$BATS_TEST_TMPDIR/hold"
    until_true 10 grep -qx held "$BATS_TEST_TMPDIR/held"
    skiff logs -f web >"$BATS_TEST_TMPDIR/followed" 9>&- & follower=$!
    skiff wait web >"$BATS_TEST_TMPDIR/code" 9>&- & waiter=$!
    talks() { ls -l "/proc/$1/fd" | grep -q socket:; }
    talks_no_more() { ! talks "$1"; }
    until_true 10 talks "$follower"; until_true 10 talks "$waiter"
    kill_pair web
    until_true 10 talks_no_more "$follower"; until_true 10 talks_no_more "$waiter"
    exec 9>&-
    wait "$holder"
    until_true 10 has_pair web   # no command but those two
    let_go web /go
    wait "$follower" "$waiter"
    [ "$(cat "$BATS_TEST_TMPDIR/followed")" = first ]
    [ "$(cat "$BATS_TEST_TMPDIR/code")" = 9 ]
    skiff rm web
}

@test "run in the foreground goes on with the next monitor: output, input and exit code" {
    needs_exit_codes
    mkfifo "$BATS_TEST_TMPDIR/in"
    skiff run --rm -i --name web busybox sh -c 'while read line; do echo "got $line"; done; echo end; exit 5' \
        <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" & client=$!
    exec 9>"$BATS_TEST_TMPDIR/in"
    echo one >&9
    until_true 10 grep -qx "got one" "$BATS_TEST_TMPDIR/out"
    kill_pair web
    until_true 10 has_pair web
    echo two >&9
    until_true 10 grep -qx "got two" "$BATS_TEST_TMPDIR/out"
    exec 9>&-
    code=0; wait "$client" || code=$?
    [ "$code" = 5 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = $'got one\ngot two\nend' ]
    grep -q "another one has taken over" "$BATS_TEST_TMPDIR/err"
    [ -z "$(skiff ps -aq)" ]
}

@test "the input of a detached container lives on, and attach gives it more" {
    needs_exit_codes
    skiff run -di --name web busybox sh -c 'read line; echo "got $line"; exit 3'
    kill_pair web
    run skiff attach web <<<"it"
    ends_with 3
    mentions "got it"
    skiff rm web
}

@test "a container that survives the loss of its terminal is adopted without it, and attach says so" {
    skiff run -dt --name web busybox sleep 1000
    kill_pair web
    run skiff attach --no-stdin web
    refuses 1 "its terminal is gone"
    until_true 10 has_pair web
    skiff exec web true
    skiff rm -f -t 0 web 2>/dev/null || skiff rm -f web
}

@test "--rm works on an orphan" {
    skiff run -d --rm --name web busybox sh -c 'until [ -e /go ]; do sleep 0.05; done'
    kill_pair web
    let_go web /go
    until_true 10 bash -c '[ -z "$(skiff ps -aq)" ]'
    until_true 10 has_no_pair web
    [ -z "$(ls "$SKIFF_ROOT/containers" "$SKIFF_RUNROOT/containers" | grep -v : || true)" ]
}

@test "with --rm, one that ended unseen is gone for the first who looks" {
    for look in "ps -aq" "inspect web" "wait web"; do
        skiff run -d --rm --name web busybox sleep 1000
        pid=$(init_of web)
        kill_pair web
        kill -KILL "$pid"
        until_true 10 is_gone "$pid"
        run skiff $look
        if [ "$look" = "ps -aq" ]; then says ""; else mentions "no such"; fi
        [ -z "$(ls "$SKIFF_ROOT/containers")" ]
    done
}

@test "a container that replaced its descriptors makes the adopter open nothing of the host" {
    mkfifo "$BATS_TEST_TMPDIR/trap"
    echo secret >"$BATS_TEST_TMPDIR/secret"
    skiff run -d --name evil -v "$BATS_TEST_TMPDIR:/host" busybox sh -c 'echo ready; exec 1<>/host/trap 2>/host/secret.new 0</host/secret; exec sleep 1000'
    until_true 10 has_logged evil ready
    until_true 10 test -e "$BATS_TEST_TMPDIR/secret.new"
    kill_pair evil
    run timeout 20 skiff ps -q
    ends_with 0
    for pid in $(pair_of evil); do ! readlink "/proc/$pid"/fd/* | grep -F "$BATS_TEST_TMPDIR"; done
    run skiff logs evil
    says ready
    skiff rm -f evil
}

@test "twenty commands that see the same orphan make one monitor" {
    skiff run -d --name web busybox sleep 1000
    kill_pair web
    commands=()
    for i in $(seq 10); do
        skiff ps -q >/dev/null & commands+=($!)
        skiff inspect web >/dev/null & commands+=($!)
    done
    for pid in "${commands[@]}"; do wait "$pid"; done
    until_true 10 has_pair web
    skiff rm -f web
}

@test "an end that nobody saw is unknown: in ps, inspect, wait and why, and start works" {
    skiff run -d --name web busybox sleep 1000
    pid=$(init_of web)
    kill_pair web
    kill -KILL "$pid"
    until_true 10 is_gone "$pid"
    run skiff ps -a --format '{{.Names}} {{.State}} {{.Status}}'
    mentions "web unknown Ended (exit code unknown)"
    run skiff ps -a -q --filter status=unknown
    [ "${#lines[@]}" = 1 ]
    run skiff ps -a -q --filter status=exited
    says ""
    run skiff inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.State.Error}}' web
    mentions "unknown 125 false it has ended and nobody saw how"
    run --separate-stderr skiff wait web
    ends_with 125
    says 125
    [[ "$stderr" == *"the exit code of web is unknown"* ]]
    run skiff why web
    mentions "nobody saw how"
    mentions "killed it together with its monitor"
    until_true 10 has_no_pair web
    until_true 10 bash -c '[ -z "$(ls "$SKIFF_RUNROOT/containers")" ]'
    skiff start web
    run skiff inspect -f '{{.State.Status}}' web
    says running
    skiff rm -f web
}

@test "an unfinished line of one that ended unseen stands in its log" {
    skiff run -d --name web busybox sh -c 'printf "no end"; exec sleep 1000'
    pid=$(init_of web)
    # The bytes have gone through the worker by then: it is idle.
    until_true 10 bash -c '[ -z "$(head -c 1 </dev/null)" ] && grep -qs "no end" "$SKIFF_RUNROOT"/containers/*/monitor.state'
    kill_pair web
    kill -KILL "$pid"
    until_true 10 is_gone "$pid"
    run skiff logs web
    says "no end"
    skiff rm web
}

@test "a pid that now is a stranger's is never signalled, and nobody adopts him" {
    skiff run -d --name web busybox sleep 1000
    pid=$(init_of web)
    kill_pair web
    kill -KILL "$pid"
    until_true 10 is_gone "$pid"
    # The kernel gives out the number that it is told to: the stranger has exactly this pid.
    stranger=
    for try in $(seq 50); do
        (echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid) 2>/dev/null || skip "ns_last_pid cannot be written here"
        sleep 1000 & stranger=$!
        [ "$stranger" = "$pid" ] && break
        kill "$stranger"; wait "$stranger" || true
    done
    [ "$stranger" = "$pid" ]
    skiff ps -a >/dev/null
    skiff stop -t 1 web
    run skiff kill web
    ends_with 1
    run skiff inspect -f '{{.State.Status}}' web
    says unknown
    skiff rm -f web
    kill -0 "$stranger"     # it lives
    kill "$stranger"
}

@test "whoever adopts may be killed at any moment, too" {
    skiff run -d --name web busybox sh -c 'i=0; while [ ! -e /stop ]; do i=$((i+1)); echo line $i; usleep 1000; done; exit 4'
    for try in $(seq 30); do
        kill_pair web
        skiff ps -q >/dev/null 2>&1 & command=$!
        # The adopter is seen as soon as it is spawned, and killed after one more thousandth of a second each time.
        until adopter=$(grep -lzx -- --adopt /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | head -1); [ -n "$adopter" ] || ! kill -0 "$command" 2>/dev/null; do :; done
        sleep "0.00$((try % 10))"
        [ -z "$adopter" ] || kill -KILL "$adopter" 2>/dev/null || true
        wait "$command" || true
        run skiff ps --format '{{.Names}} {{.State}}'
        says "web running"
        until_true 10 has_pair web
    done
    let_go web /stop
    run skiff wait web
    says 4
    skiff logs web >"$BATS_TEST_TMPDIR/log"
    seq -f 'line %.0f' "$(wc -l <"$BATS_TEST_TMPDIR/log")" | cmp - "$BATS_TEST_TMPDIR/log"
    skiff rm web
}
