# SPDX-License-Identifier: Apache-2.0
# Containers that come back: restart policies, the wait between two lives, and who may end it.
load helpers

state_of() { skiff inspect -f '{{.State.Status}}' "$1"; }
restarts_of() { skiff inspect -f '{{.RestartCount}}' "$1"; }
is() { [ "$("$1" "$2")" = "$3" ]; }                          # is state_of web running
has_restarted() { [ "$(restarts_of "$1")" -ge "$2" ]; }
lines_of() { skiff logs "$1" | grep -c "$2"; }
has_lines() { [ "$(lines_of "$1" "$2")" -ge "$3" ]; }
pid_of() { local pid; pid=$(skiff inspect -f '{{.State.Pid}}' "$1"); [ "$pid" -gt 1 ] && echo "$pid"; }
is_tidied() { [ ! -e "$SKIFF_RUNROOT/containers/$(skiff inspect -f '{{.Id}}' "$1")" ]; }  # nothing of that life is to be done any more
alarms() { pgrep -f "^skiff:\[alarm\] $1" || true; }
# A container that fails at once, in the longest wait that is worth waiting for: the sixth takes 3.2 s.
waits_long() { skiff run -d --name "$1" --restart "${2:-always}" busybox sh -c 'echo life; exit 3'; until_true 20 has_restarted "$1" 6; until_true 10 is state_of "$1" restarting; }

@test "always: a container that ends comes back, whatever its exit code, and its log goes on" {
    skiff run -d --name well --restart always busybox sh -c 'echo life; exit 0'
    until_true 20 has_restarted well 3
    skiff stop well
    is state_of well exited
    # Every life has its line, once.
    [ "$(lines_of well life)" -ge 3 ]
    [ "$(lines_of well life)" -le $(($(restarts_of well) + 1)) ]
    run skiff inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' well
    says "always 0"
    skiff rm well
}

@test "on-failure:n gives up after n restarts, and success ends it at once" {
    skiff run -d --name fails --restart on-failure:3 busybox sh -c 'echo life; exit 7'
    until_true 20 is state_of fails exited
    until_true 20 is restarts_of fails 3
    until_true 20 has_lines fails life 4
    until_true 10 is state_of fails exited
    run skiff ps -a --filter name=fails --format '{{.Status}}'
    [[ "$output" == "Exited (7) "* ]]
    run skiff inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}' fails
    says "on-failure 3"
    run skiff why fails
    mentions "it has done so 3 times"
    skiff run --name fine --restart on-failure busybox true
    until_true 10 is state_of fine exited
    [ "$(restarts_of fine)" = 0 ]
    # By hand it begins anew.
    skiff start fails
    until_true 20 has_lines fails life 8
    until_true 20 is restarts_of fails 3
    skiff rm -f fails fine
}

@test "while it waits it is restarting: ps, inspect and why say so, and a small process waits" {
    waits_long crash
    run skiff ps --filter name=crash --format '{{.Status}}'
    [[ "$output" == "Restarting (3) "* ]] || { echo "$output"; false; }
    run skiff ps -q --filter status=restarting
    [ "${#lines[@]}" = 1 ]
    run skiff inspect -f '{{.State.Restarting}} {{.State.Running}} {{.State.ExitCode}}' crash
    says "true true 3"
    run skiff why crash
    mentions "it starts again by itself in"
    mentions "it ended with exit code 3"
    [ "$(alarms crash | wc -l)" = 1 ]
    run skiff exec crash true
    refuses 1 "container crash is restarting: wait until it runs"
    run skiff pause crash
    refuses 1 "container crash is restarting"
    run skiff rm crash
    refuses 1 "it is restarting"
    skiff rename crash crashed
    run skiff ps --filter name=crashed --format '{{.State}}'
    says restarting
    skiff rm -f crashed
    [ -z "$(alarms crash)" ]
}

@test "stop, kill and update --restart no end the wait" {
    waits_long one
    skiff stop one
    is state_of one exited
    [ -z "$(alarms one)" ]
    lives=$(lines_of one life)
    waits_long two
    skiff kill two
    is state_of two exited
    waits_long three unless-stopped
    skiff update --restart no three
    is state_of three exited
    [ -z "$(alarms two)$(alarms three)" ]
    [ "$(lines_of one life)" = "$lives" ]   # and it did not come back meanwhile
    run skiff why one
    mentions "somebody stopped it"
    skiff rm one two three
}

@test "what the user stops stays stopped; a signal that is not for stopping is none" {
    for policy in always unless-stopped on-failure; do
        skiff run -d --name "s-$policy" --restart $policy busybox sh -c 'trap "exit 5" USR1; trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done'
        until_true 10 has_lines "s-$policy" ready 1
        skiff kill -s USR1 "s-$policy"
        until_true 20 has_lines "s-$policy" ready 2
        [ "$(restarts_of "s-$policy")" = 1 ]
        skiff stop "s-$policy"
        run skiff inspect -f '{{.State.Status}} {{.State.ExitCode}}' "s-$policy"
        says "exited 6"
        [ -z "$(alarms "s-$policy")" ]
        skiff rm "s-$policy"
    done
}

@test "start --restartable starts what a boot is to bring back, and nothing else" {
    run_it() { skiff run -d --name "$@" >/dev/null; }
    run_it on-stopped --restart always busybox sleep 1000
    run_it un-stopped --restart unless-stopped busybox sleep 1000
    run_it fail-stopped --restart on-failure busybox sleep 1000
    run_it plain busybox sleep 1000
    skiff create --name never --restart always busybox sleep 1000
    skiff stop -t 0 on-stopped un-stopped fail-stopped plain
    run skiff start --restartable
    says on-stopped
    is state_of on-stopped running
    is state_of un-stopped exited
    skiff start un-stopped
    run skiff start --restartable
    says ""
    # Its end that nobody stopped: what a boot finds.
    run skiff start --restartable un-stopped
    refuses 1 "name none"
    run skiff start
    refuses 1 "needs a container"
    skiff rm -f on-stopped un-stopped fail-stopped plain never
}

@test "update --restart gives and takes a policy" {
    skiff run -d --name later busybox sh -c 'echo life; sleep 1000'
    skiff update --restart always later
    run skiff inspect -f '{{.HostConfig.RestartPolicy.Name}}' later
    says always
    until_true 10 has_lines later life 1
    kill -9 "$(pid_of later)"
    until_true 20 has_lines later life 2
    skiff update --restart no later
    kill -9 "$(pid_of later)"
    run skiff wait later
    says 137
    until_true 10 is state_of later exited
    until_true 10 is_tidied later
    # A policy that comes after the end waits for the next one.
    skiff update --restart always later
    is state_of later exited
    run skiff ps -q --filter name=later
    says ""
    skiff rm later
}

@test "restart: the command stops and starts, and the policy counts anew" {
    skiff run -d --name web --restart on-failure:5 busybox sh -c 'trap "exit 4" TERM; echo life; while :; do sleep 0.05; done'
    until_true 10 has_lines web life 1
    kill -9 "$(pid_of web)"
    until_true 20 has_lines web life 2
    [ "$(restarts_of web)" = 1 ]
    run skiff restart web
    says web
    is state_of web running
    until_true 10 has_lines web life 3
    [ "$(restarts_of web)" = 0 ]
    skiff stop web
    skiff restart -t 1 -s KILL web
    is state_of web running
    # What would be removed at its end lives on.
    skiff run -d --rm --name gone busybox sleep 1000
    skiff restart -t 0 gone
    is state_of gone running
    skiff stop -t 0 gone
    until_true 10 sh -c '! skiff inspect gone 2>/dev/null'
    run skiff restart nobody
    refuses 1 "no such container: nobody"
    skiff rm -f web
}

@test "logs -f goes on from life to life; wait and a client in the foreground end with the first" {
    skiff create --name talks --restart on-failure:3 busybox sh -c 'echo life; exit 3'
    run skiff start -a talks
    ends_with 3
    until_true 20 is restarts_of talks 3
    skiff create --name follows --restart on-failure:3 busybox sh -c 'sleep 0.3; echo life; exit 3'
    skiff start follows
    run timeout 30 skiff logs -f follows
    ends_with 0
    says $'life\nlife\nlife\nlife'
    skiff run -d --name waits --restart always busybox sh -c 'sleep 0.3; exit 5'
    run timeout 20 skiff wait waits
    says 5
    skiff rm -f talks follows waits
}

@test "a terminal and a standard input come back, too" {
    skiff run -dit --name typed --restart on-failure:2 busybox sh -c 'test -t 0 && echo terminal; exit 1'
    until_true 20 has_lines typed terminal 3
    skiff run -di --name read --restart on-failure:2 busybox sh -c 'echo asks; read x; exit 1'
    kill -9 "$(pid_of read)"
    until_true 20 has_lines read asks 2
    echo answer | skiff attach read || true
    until_true 20 has_lines read asks 3
    skiff rm -f typed read
}

@test "an automatic start that fails is one more attempt; a start by hand that fails is not repeated" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    cp /bin/busybox "$BATS_TEST_TMPDIR/bin/"
    skiff run -d --name moved --restart on-failure:3 -v "$BATS_TEST_TMPDIR/bin:/own" busybox /own/busybox sleep 1000
    rm "$BATS_TEST_TMPDIR/bin/busybox"
    kill -9 "$(pid_of moved)"
    until_true 20 is restarts_of moved 3
    until_true 20 is state_of moved exited
    run skiff inspect -f '{{.State.ExitCode}}' moved
    says 127
    run skiff why moved
    mentions "it could not be started again"
    run -127 skiff run -d --name absent --restart always busybox no-such-program
    ends_with 127
    is state_of absent created
    [ -z "$(alarms absent)" ]
    run skiff start --restartable
    says ""
    skiff rm moved absent
}

@test "killed while it waits, the next command takes it up" {
    waits_long left
    kill -9 $(alarms left)
    until_true 10 is alarms left ""
    before=$(restarts_of left)
    skiff version >/dev/null; skiff ps >/dev/null
    until_true 20 has_restarted left $((before + 1))
    skiff rm -f left
}

@test "with both processes of its monitor killed, an end that nobody saw is a failure" {
    skiff run -d --name orphan --restart on-failure busybox sh -c 'echo life; sleep 1000'
    until_true 10 has_lines orphan life 1
    pid=$(pid_of orphan)
    pids=$(pgrep -f '^skiff:\[(worker|keeper)\] orphan')
    kill -STOP $pids; kill -9 $pids
    kill -9 "$pid"
    until_true 10 sh -c "! kill -0 $pid 2>/dev/null"
    skiff ps >/dev/null
    until_true 20 has_lines orphan life 2
    skiff rm -f orphan
}

@test "two policies that make no sense together, and words that are none" {
    run skiff run --rm --restart always busybox true
    refuses 125 "cannot specify both --restart and --rm"
    run skiff create --restart sometimes busybox true
    refuses 1 "invalid restart policy \"sometimes\""
    run skiff create --restart always:3 busybox true
    refuses 1 "only on-failure takes a number"
    run skiff create --restart on-failure:-1 busybox true
    refuses 1 "expected a whole number"
    skiff run -d --rm --name passing busybox sleep 1000
    run skiff update --restart always passing
    refuses 1 "was made with --rm"
    skiff rm -f passing
}

@test "commands at once: stop wins over restarts, and nothing is left" {
    for i in 1 2 3; do
        skiff run -d --name "race$i" --restart always busybox sh -c 'echo life; exit 1'
    done
    until_true 20 has_restarted race1 2
    for i in 1 2 3; do
        skiff stop "race$i" & skiff ps -a >/dev/null & skiff stop "race$i" &
    done
    wait
    for i in 1 2 3; do is state_of "race$i" exited; [ -z "$(alarms "race$i")" ]; done
    for i in 1 2 3; do skiff start "race$i" >/dev/null & skiff rm -f "race$i" & done
    wait
    skiff rm -f race1 race2 race3 2>/dev/null || true
}

@test "thirty quick restarts leave nothing behind, and every life one line" {
    skiff run -d --name loop --restart always busybox sh -c 'echo life; exit 1'
    until_true 20 has_restarted loop 2
    skiff stop loop
    # The wait would make this long: each start by hand begins with a short one.
    for i in $(seq 14); do
        lines=$(lines_of loop life)
        skiff start loop
        until_true 20 has_lines loop life $((lines + 2))
    done
    skiff stop loop
    [ "$(lines_of loop life)" -ge 30 ]
    until_true 10 sh -c '[ -z "$(find "$SKIFF_RUNROOT/intents" "$SKIFF_RUNROOT/containers" "$SKIFF_RUNROOT/runtime" -mindepth 1 ! -name spare)" ]'
    [ -z "$(alarms loop)" ]
    skiff rm loop
}
