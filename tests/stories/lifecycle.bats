# SPDX-License-Identifier: Apache-2.0
# A container from create to rm, and what can be asked of it meanwhile.
load helpers

@test "create, start, stop and rm, each named as it was typed" {
    run skiff create --name life busybox sleep 100
    [[ "$output" =~ ^[0-9a-f]{64}$ ]]
    run skiff ps -a --filter name=life --format '{{.Names}} {{.State}} {{.Status}}'
    says "life created Created"
    run skiff start life
    says life
    run skiff ps --format '{{.Names}} {{.State}}'
    says "life running"
    run skiff rm life
    refuses 1 life
    run skiff stop -t 0 life
    says life
    run skiff ps -a --filter status=exited --format '{{.Names}} {{.Status}}'
    mentions "life Exited (137)"
    run skiff rm life
    says life
}

@test "ids may be cut short, unless that means two of them" {
    id=$(skiff create busybox true)
    run skiff inspect -f '{{.Id}}' "${id:0:12}"
    says "$id"
    run skiff rm "${id:0:6}"
    says "${id:0:6}"
}

@test "start -a returns the exit code and can be done again" {
    skiff create --name again busybox sh -c 'echo run >>/count; wc -l </count; exit 4'
    run skiff start -a again
    ends_with 4
    says 1
    run skiff start -a again
    ends_with 4
    says 2
    skiff rm again
}

@test "kill sends the signal that is named" {
    skiff run -d --name killed busybox sh -c 'trap "exit 5" HUP; echo ready; while :; do sleep 0.1; done'
    until_true 10 bash -c 'skiff logs killed | grep -q ready'
    skiff kill -s HUP killed
    run skiff wait killed
    says 5
    run skiff kill killed
    refuses 1 killed
    skiff rm killed
}

@test "wait waits" {
    skiff run -d --name waited busybox sh -c 'sleep 0.5; exit 6'
    run skiff wait waited
    says 6
    skiff rm waited
}

@test "exec runs beside the first process, with its own user, directory and variables" {
    skiff run -d --name host1 -e FROM=run busybox sleep 100
    run skiff exec -u 1000 -w /tmp -e X=1 host1 sh -c 'id -u; pwd; echo $FROM $X; exit 8'
    ends_with 8
    says $'1000\n/tmp\nrun 1'
    run bash -c 'echo typed | skiff exec -i host1 cat'
    says typed
    run skiff exec host1 /no/such
    refuses 127 /no/such
    run skiff exec -d host1 sh -c 'echo done >/tmp/mark'
    ends_with 0
    until_true 10 skiff exec host1 test -s /tmp/mark
    skiff rm -f host1
    run skiff exec host1 true
    refuses 1 "no such container: host1"
}

@test "exec --env-file and --privileged: variables of a file, and every capability" {
    skiff run -d --name host2 busybox sleep 100
    printf 'A=file\nB=file\n' >"$BATS_TEST_TMPDIR/env"
    run skiff exec --env-file "$BATS_TEST_TMPDIR/env" -e B=option host2 sh -c 'echo $A $B'
    says "file option"
    run skiff exec host2 sed -n 's/^CapEff:\t//p' /proc/self/status
    says 00000000a80425fb
    run skiff exec --privileged host2 sed -n 's/^CapEff:\t//p' /proc/self/status
    [ $((16#$output & (1 << 21))) -ne 0 ]
    skiff rm -f host2
}

@test "logs: everything, the last lines, since, with times, and errors apart" {
    skiff run --name logged busybox sh -c 'for i in 1 2 3; do echo line $i; done; echo wrong >&2' >/dev/null 2>&1
    run --separate-stderr skiff logs logged
    says $'line 1\nline 2\nline 3'
    [ "$stderr" = wrong ]
    run bash -c 'skiff logs -n 2 logged 2>&1'
    says $'line 3\nwrong'
    run bash -c 'skiff logs -t --tail 1 logged 2>&1'
    [[ "$output" =~ ^20[0-9-]+T[0-9:]+\.[0-9]{9}Z\ wrong$ ]]
    run bash -c 'skiff logs --until 1h logged 2>&1'
    says ""
    run bash -c 'skiff logs --since 1h logged 2>&1 | wc -l'
    says 4
    run skiff logs --since 2099-01-01T00:00:00 logged
    says ""
    skiff rm logged
}

@test "logs -f follows to the end" {
    skiff run -d --name followed busybox sh -c 'for i in 1 2 3 4 5; do echo $i; sleep 0.1; done'
    run skiff logs -f followed
    says $'1\n2\n3\n4\n5'
    skiff rm -f followed
}

@test "pause freezes, unpause goes on" {
    skiff run -d --name frozen busybox sleep 100
    run skiff pause frozen
    says frozen
    run skiff ps --format '{{.Status}}'
    mentions "(Paused)"
    run skiff exec frozen true
    refuses 1 paused
    run skiff unpause frozen
    says frozen
    run skiff exec frozen echo alive
    says alive
    skiff rm -f frozen
}

@test "rename: the new name works and the old one is free" {
    skiff create --name old busybox true
    skiff rename old new
    run skiff inspect -f '{{.Name}}' new
    says /new
    skiff create --name old busybox true
    skiff rm old new
}

@test "top lists processes with the host's pids" {
    skiff run -d --name topped busybox sleep 123
    pid=$(skiff inspect -f '{{.State.Pid}}' topped)
    run skiff top topped
    [[ "${lines[0]}" =~ ^UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD$ ]]
    [[ "${lines[1]}" =~ ^root\ +$pid\ .*sleep\ 123$ ]]
    run skiff top topped -o pid,cmd
    [[ "${lines[1]}" =~ ^$pid\ +sleep\ 123$ ]]
    run skiff top topped aux
    refuses 1 aux
    skiff rm -f topped
}

@test "diff: added, changed and deleted, and none of what skiff puts there" {
    skiff run --name changed busybox sh -c 'echo x >/new; rm /etc/os-release; mkdir /d; echo y >/d/in'
    run skiff diff changed
    says $'A /d\nA /d/in\nC /etc\nD /etc/os-release\nA /new'
    skiff rm changed
    skiff create --name untouched busybox true
    skiff start -a untouched
    run skiff diff untouched
    says ""
    skiff rm untouched
}

@test "attach joins a running container" {
    skiff run -d -i --name joined busybox sh -c 'read word; echo "got $word"'
    run bash -c 'echo hello | skiff attach joined'
    ends_with 0
    says "got hello"
    run skiff attach joined
    refuses 1 joined
    skiff rm joined
}

@test "attach --no-stdin gives nothing, --sig-proxy=false leaves signals with us" {
    skiff run -d -i --name deaf busybox sh -c 'trap "exit 42" TERM; echo ready; read word; echo "got $word"; while :; do sleep 0.1; done'
    until_true 10 bash -c 'skiff logs deaf | grep -q ready'
    skiff attach --no-stdin --sig-proxy=false deaf <<<"typed" >"$BATS_TEST_TMPDIR/out" 2>&1 &
    pid=$!
    until_true 10 grep -q '^SigBlk:.*[4-7c-f]...$' "/proc/$pid/status"   # it reads SIGTERM now
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    run skiff inspect -f '{{.State.Status}}' deaf
    says running
    run skiff logs deaf
    says ready
    skiff rm -f deaf
}

@test "start -i gives it our input; start --sig-proxy=false keeps our signals" {
    skiff create -i --name fed busybox sh -c 'read word; echo "got $word"'
    run bash -c 'echo hello | skiff start -ai fed'
    ends_with 0
    says "got hello"
    skiff rm fed

    skiff create --name own busybox sh -c 'trap "exit 42" TERM; echo ready; while :; do sleep 0.1; done'
    skiff start -a --sig-proxy=false own >"$BATS_TEST_TMPDIR/own" &
    pid=$!
    until_true 10 grep -q ready "$BATS_TEST_TMPDIR/own"
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    run skiff inspect -f '{{.State.Status}}' own
    says running
    skiff rm -f own
}

@test "stop -s sends another signal than the container's own" {
    skiff run -d --name asked --stop-signal USR1 busybox sh -c 'trap "exit 9" USR1; trap "exit 8" HUP; echo ready; while :; do sleep 0.1; done'
    until_true 10 bash -c 'skiff logs asked | grep -q ready'
    skiff stop -s HUP -t 20 asked
    run skiff wait asked
    says 8
    skiff rm -v asked   # with its anonymous volumes, of which there are none yet
    run skiff ps -aq
    says ""
}

@test "inspect -s and ps -s: what a container wrote, and with its image" {
    skiff run --name wrote busybox sh -c 'head -c 5000 /dev/zero >/new'
    image=$(skiff inspect -f '{{.Size}}' busybox)
    run skiff inspect -s -f '{{.SizeRw}} {{.SizeRootFs}}' wrote
    says "5000 $((image + 5000))"
    run skiff ps -as --format '{{.Size}}'
    [[ "$output" =~ ^5kB\ \(virtual\ [0-9.]+MB\)$ ]]
    skiff rm wrote
}

@test "inspect: containers and images, by template, and what is neither" {
    skiff create --name seen --label a=b busybox sleep 5
    run skiff inspect -f '{{.Name}} {{.Config.Image}} {{json .Config.Cmd}} {{index .Config.Labels "a"}}' seen
    says '/seen busybox ["sleep","5"] b'
    run skiff inspect --type image busybox
    ends_with 0
    echo "$output" | jq -e '.[0].RepoTags == ["busybox:latest"]' >/dev/null
    run --separate-stderr skiff inspect nothing
    ends_with 1
    says '[]'
    [[ "$stderr" == "skiff: no such object: nothing" ]]
    run skiff inspect -f '{{.NoSuch}}' seen
    refuses 1 "template parsing error"
    skiff rm seen
}

@test "ps: table, quiet, filters, last and latest" {
    a=$(skiff create --name first busybox true)
    b=$(skiff create --name second busybox true)
    run skiff ps
    [[ "$output" =~ ^CONTAINER\ ID\ +IMAGE\ +COMMAND\ +CREATED\ +STATUS\ +PORTS\ +NAMES$ ]]
    run skiff ps -aq --no-trunc
    says "$b"$'\n'"$a"
    run skiff ps -lq
    says "${b:0:12}"
    run skiff ps -n 1 --format '{{.Names}}'
    says second
    run skiff ps -a --filter id="${a:0:8}" --filter ancestor=busybox --format '{{.Names}} {{.Image}} {{.Command}}'
    says 'first busybox "true"'
    run skiff ps -a --format json
    [ "$(echo "$output" | jq -s -r 'map(.Names) | join(",")')" = second,first ]
    run skiff ps --filter nonsense=1
    refuses 1 nonsense
    skiff rm first second
}
