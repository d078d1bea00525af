# SPDX-License-Identifier: Apache-2.0
# skiff wait: for an end, a removal or a state, by events; whoever is killed, whatever it is called meanwhile.
load helpers

# waiter NAME WORD...: `skiff wait WORD...` in the background, asleep when this returns. NAME.out, NAME.code, ended NAME.
waiter() {
    local name=$1; shift
    rm -f "$BATS_TEST_TMPDIR/$name".*
    { code=0; timeout 60 skiff wait "$@" >"$BATS_TEST_TMPDIR/$name.out" 2>"$BATS_TEST_TMPDIR/$name.err" || code=$?; echo "$code" >"$BATS_TEST_TMPDIR/$name.code"; } 3>&- &
    local shell=$!
    until_true 10 sleeps_in_poll "$shell" || { cat "$BATS_TEST_TMPDIR/$name".*; return 1; }
}
# Whether the skiff below that process waits for events: then it has taken its first look.
sleeps_in_poll() {
    local pid
    for pid in $(descendants "$1"); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = skiff ] && [[ $(cat "/proc/$pid/syscall" 2>/dev/null) =~ ^(7|271)\  ]] && return 0
    done
    return 1
}
descendants() {
    local child
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do echo "$child"; descendants "$child"; done
}
still_waits() { [ ! -e "$BATS_TEST_TMPDIR/$1.code" ]; }
# told NAME TEXT CODE: it came back with that.
told() {
    until_true 20 test -s "$BATS_TEST_TMPDIR/$1.code" || return 1
    [ "$(cat "$BATS_TEST_TMPDIR/$1.out")" = "$2" ] && [ "$(cat "$BATS_TEST_TMPDIR/$1.code")" = "$3" ] && return
    echo "expected $2 and $3"; head "$BATS_TEST_TMPDIR/$1".*; return 1
}
worker_of() { pgrep -fx "skiff:\[worker\] $1"; }
keeper_of() { pgrep -fx "skiff:\[keeper\] $1"; }

@test "states as ps shows them: -1 as soon as it is there, also for a moment only" {
    skiff create --name web busybox true
    run skiff wait --condition created web
    says -1
    waiter running --condition running web
    waiter paused --condition paused web
    waiter exited --condition exited web
    waiter stopped --condition stopped web
    skiff start web
    told running -1 0     # it may have ended before anybody looked
    told exited 0 0
    told stopped 0 0
    still_waits paused
    skiff rm web
    told paused "" 1
    grep -q "container web was removed while it was waited for" "$BATS_TEST_TMPDIR/paused.err"

    skiff run -d --name web busybox sleep 1000
    waiter paused --condition paused --condition exited web
    skiff pause web
    told paused -1 0
    run skiff wait --condition paused web
    says -1
    waiter running --condition running web
    skiff unpause web
    told running -1 0
    waiter either --condition paused --condition exited web
    skiff kill web
    told either 137 0
    skiff rm web
}

@test "not-running is at once for what does not run; next-exit waits for the next life, not the last" {
    skiff run --name web busybox sh -c '[ -e /second ] && exit 5; touch /second; exit 4' || true
    run skiff wait --condition not-running web
    says 4
    run skiff wait --condition exited web
    says 4
    waiter next --condition next-exit web
    still_waits next
    skiff start web
    told next 5 0

    skiff create --name never busybox true
    run skiff wait never
    says 0
    waiter next --condition next-exit never
    skiff rm never
    told next "" 1
    skiff rm web
}

@test "an end between two others is nobody's to miss: several containers, several lives" {
    for name in one two three; do skiff create --name $name busybox sh -c "echo x >>/lives; exit \$(wc -l </lives)"; done
    waiter all --condition next-exit one two three
    skiff start three; skiff wait three    # its first life is over before anybody waits for it
    skiff start three; skiff wait three
    skiff start two
    skiff start one
    told all $'1\n1\n1' 0
    skiff rm one two three
}

@test "removed: also by --rm, and by force; with the last exit code" {
    skiff create --name web busybox true
    waiter gone --condition removed web
    skiff rm web
    told gone 0 0

    skiff run -d --rm --name web busybox sh -c 'until [ -e /go ]; do sleep 0.05; done; exit 6'
    waiter gone --condition removed web
    waiter ended web
    let_go web /go
    told gone 6 0
    told ended 6 0

    skiff run -d --name web busybox sleep 1000
    waiter gone --condition removed web
    waiter ended web
    waiter next --condition next-exit web
    waiter paused --condition paused web
    skiff rm -f web
    told gone 137 0
    told ended 137 0
    told next 137 0
    told paused "" 1
}

@test "a name that changes meanwhile changes nothing" {
    skiff run -d --name web busybox sleep 1000
    waiter ended web
    waiter gone --condition removed web
    skiff rename web other
    skiff run -d --name web busybox sleep 1000   # somebody else by the old name
    skiff rm -f web
    still_waits ended
    still_waits gone
    skiff stop -t 0 other
    told ended 137 0
    still_waits gone
    skiff rm other
    told gone 137 0
}

@test "monitors killed, one or both: the wait goes on, and its container is adopted" {
    skiff run -d --name web busybox sh -c 'until [ -e /go ]; do sleep 0.05; done; exit 7'
    waiter ended --condition exited web
    waiter paused --condition paused --condition removed web
    kill -KILL "$(worker_of web)"
    until_true 10 worker_of web
    kill_pair web
    until_true 10 worker_of web   # by those who wait: nobody else is there
    let_go web /go
    told ended 7 0
    still_waits paused
    skiff rm web
    told paused 7 0
}

@test "an end that nobody saw is 125, and said" {
    skiff run -d --name web busybox sleep 1000
    pid=$(skiff inspect -f '{{.State.Pid}}' web)
    worker=$(worker_of web) keeper=$(keeper_of web)
    kill -STOP "$worker"; kill -KILL "$keeper" "$pid" "$worker"
    until_true 10 bash -c "! kill -0 $pid 2>/dev/null"
    run --separate-stderr skiff wait --condition unknown --condition exited web
    state=$(skiff inspect -f '{{.State.Status}}' web)
    if [ "$state" = unknown ]; then
        ends_with 125; says 125
        [[ "$stderr" == *"the exit code of web is unknown"* ]]
    else
        says 137   # this kernel still knew
    fi
    skiff rm web
}

@test "with a restart policy: each end is an end, and between two lives it counts as running" {
    skiff run -d --restart on-failure:1 --name web busybox sh -c 'until [ -e /go ]; do sleep 0.02; done; rm /go; exit 3'
    waiter first web
    waiter next --condition next-exit web
    waiter restarting --condition restarting web
    waiter exited --condition exited web
    let_go web /go
    told first 3 0
    told next 3 0
    told restarting -1 0
    still_waits exited
    run skiff wait --condition running web
    says -1
    let_go web /go
    told exited 3 0
    skiff rm web
}

@test "what is not there, and --ignore, and --latest" {
    run skiff wait nobody
    refuses 1 "no such container: nobody"
    run skiff wait --ignore nobody
    ends_with 0; says -1
    run skiff wait --latest
    refuses 1 "there is no container"
    skiff run --name older busybox sh -c 'exit 1' || true
    skiff run --name newer busybox sh -c 'exit 2' || true
    run skiff wait -l
    says 2
    run skiff wait --ignore older nobody newer
    says $'1\n-1\n2'
    run --separate-stderr skiff wait older nobody newer
    ends_with 1; says $'1\n2'
    run skiff wait -l older
    refuses 1 "--latest means a container already"
    run skiff wait
    ends_with 1; mentions "wait for which container?"
    waiter missing --ignore --condition running older
    skiff rm older
    told missing -1 0
    skiff rm newer
}

@test "what cannot come is refused by name" {
    run skiff wait --condition healthy web
    refuses 1 "--condition healthy: skiff has no health checks yet"
    run skiff wait --condition stopping web
    refuses 1 "--condition stopping"
    run skiff wait --condition ended web
    ends_with 1; mentions "no such condition"; mentions "next-exit"
    run skiff wait --interval 1s web
    refuses 125 "--interval is not supported: skiff wakes when something happens"
}

@test "who waits for a container that writes a lot sleeps all the same" {
    skiff run -d --name loud busybox sh -c 'while :; do echo a line of output; done'
    waiter ended --condition paused --condition removed loud
    waiting=$(pgrep -fx "skiff wait --condition paused --condition removed loud")
    ticks=$(awk '{print $14 + $15}' "/proc/$waiting/stat")
    size() { skiff logs --tail 1 loud >/dev/null; stat -c %s "$SKIFF_ROOT/containers/$(skiff inspect -f '{{.Id}}' loud)/container.log"; }
    begun=$(size)
    bigger() { [ "$(size)" -gt $((begun + 1000000)) ]; }
    until_true 30 bigger
    after=$(awk '{print $14 + $15}' "/proc/$waiting/stat")
    [ $((after - ticks)) -le 1 ] || { echo "used $((after - ticks)) ticks while a megabyte was logged"; false; }
    skiff rm -f loud
    told ended 137 0
}
