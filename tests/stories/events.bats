# SPDX-License-Identifier: Apache-2.0
# skiff events: everything that happened, once, in order, whoever was killed.
load helpers

# What happened since the moment that `now` noted, an action a line.
now() { BEGUN=$(date +%s.%N); }
actions() { skiff events --since "$BEGUN" --until 0s --format '{{.Action}}' "$@"; }
happened() {
    local seen
    seen=$(actions | tr '\n' ' ')
    seen=${seen/ kill die kill stop/ kill kill die stop}   # a signal is told of once it was sent, and the end may come before that
    [ "$seen" = "$1 " ] || { echo "expected: $1"; echo "happened: $seen"; return 1; }
}

@test "a container's life is told from its creation to its end" {
    now
    skiff run -d --name told -l tier=front busybox sleep 1000
    skiff pause told; skiff unpause told
    skiff exec told true
    skiff rename told renamed
    skiff update --cpu-shares 512 renamed
    skiff stop -t 0 renamed
    skiff rm renamed
    happened "create start pause unpause exec_create: true exec_start: true exec_die rename update kill kill die stop destroy"
    run skiff events --since "$BEGUN" --until 0s --filter event=rename --format '{{.Actor.Attributes.oldName}} {{.Actor.Attributes.name}} {{.Actor.Attributes.tier}} {{.From}}'
    says "told renamed front busybox"
    run skiff events --since "$BEGUN" --until 0s --filter event=die --format '{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.execDuration}}'
    says "137 0"
}

@test "run --rm tells create, start, die and destroy" {
    now
    run skiff run --rm busybox sh -c 'exit 3'
    ends_with 3
    happened "create start die destroy"
    run skiff events --since "$BEGUN" --until 0s --filter event=die --format '{{.Actor.Attributes.exitCode}}'
    says 3
}

@test "images are told of: tag, untag, commit, save, load" {
    now
    skiff tag busybox other:1
    skiff rmi other:1
    skiff create --name made busybox true
    skiff commit made other:2
    skiff save -o "$BATS_TEST_TMPDIR/a.tar" other:2
    skiff rmi other:2
    skiff load -i "$BATS_TEST_TMPDIR/a.tar"
    skiff rmi other:2
    skiff rm made
    run actions --filter type=image
    says "$(printf 'tag\nuntag\ntag\nsave\nuntag\ndelete\nload\nuntag\ndelete')"
    run skiff events --since "$BEGUN" --until 0s --filter event=load --format '{{.Type}} {{.From}} {{.Actor.Attributes.name}}'
    says "image other:2 other:2"
    run actions --filter container=made
    says "$(printf 'create\ncommit\ndestroy')"
}

@test "a line and a document have docker's form" {
    now
    skiff create --name formed -l 'a=b' busybox true
    id=$(skiff inspect -f '{{.Id}}' formed)
    run skiff events --since "$BEGUN" --until 0s
    [[ $output =~ ^20[0-9-]+T[0-9:]+\.[0-9]{9}Z\ container\ create\ $id\ \(a=b,\ image=busybox,\ name=formed\)$ ]]
    run skiff events --since "$BEGUN" --until 0s --format json
    python3 -c '
import json, sys
event = json.loads(sys.argv[2])
assert event["status"] == event["Action"] == "create" and event["id"] == event["Actor"]["ID"] == sys.argv[1] and event["from"] == "busybox", event
assert event["Type"] == "container" and event["scope"] == "local" and event["timeNano"] // 10**9 == event["time"], event
assert event["Actor"]["Attributes"] == {"a": "b", "image": "busybox", "name": "formed"}, event' "$id" "$output"
    skiff rm formed
}

@test "events follows until the time is over, and shows each as it happens" {
    now
    skiff events --until "$(($(date +%s) + 4))" --since "$BEGUN" --filter container=followed --format '{{.Action}}' >"$BATS_TEST_TMPDIR/seen" &
    skiff run --name followed busybox true
    until_true 10 grep -q die "$BATS_TEST_TMPDIR/seen"   # before its end
    skiff rm followed
    wait $!
    run cat "$BATS_TEST_TMPDIR/seen"
    says "$(printf 'create\nstart\ndie\ndestroy')"
}

@test "without times only the future is told; who reads no more ends it" {
    skiff run --rm busybox true
    skiff events --format '{{.Action}}' >"$BATS_TEST_TMPDIR/future" &
    pid=$!
    until_true 10 follows $pid
    skiff run --rm busybox true
    until_true 10 grep -q destroy "$BATS_TEST_TMPDIR/future"
    kill $pid
    run cat "$BATS_TEST_TMPDIR/future"
    says "$(printf 'create\nstart\ndie\ndestroy')"

    skiff events --since 1h | head -n 1
}
# It has its watches, and waits.
follows() { grep -q inotify "/proc/$1/fdinfo/"* 2>/dev/null && [ "$(awk '{ print $3 }' "/proc/$1/stat")" = S ]; }

@test "filters: alternatives within a name, all names and labels together; unknown ones are refused" {
    now
    skiff create --name first -l tier=front busybox true
    skiff create --name second -l tier=back busybox true
    run actions --filter container=first --filter container=second --filter label=tier=back
    says create
    run actions --filter image=busybox
    says "$(printf 'create\ncreate')"
    run actions --filter event=start --filter event=die
    says ""
    run skiff events --filter volume=x --until 0s
    ends_with 1
    [[ $output == *'invalid filter "volume"'* ]]
    skiff rm first second
}

@test "a monitor that is killed leaves no event out and tells none twice" {
    now
    skiff run -d --name survivor busybox sleep 1000
    until_true 10 worker_of survivor
    worker=$(worker_of survivor)
    kill -9 "$worker"
    until_true 10 another_worker survivor "$worker"
    skiff stop -t 0 survivor
    run actions --filter container=survivor --filter event=start --filter event=die
    says "$(printf 'start\ndie')"
    skiff rm survivor
}
worker_of() { pgrep -f "skiff:.worker. $1"; }
another_worker() { local now; now=$(worker_of "$1") && [ "$now" != "$2" ]; }

@test "half a line at the end of the journal, as a power cut leaves it, loses nothing else" {
    skiff run --name before busybox true
    printf '{"at_ns":17,"type":"conta' >>"$SKIFF_ROOT/events/journal"
    now
    skiff start -a before
    run actions --filter container=before
    says "$(printf 'start\ndie')"
    skiff rm before
}

# all_of ACTION: "exitCode execID" of each event of that action since `now`.
all_of() { skiff events --since "$BEGUN" --until 0s --filter "event=$1" --format '{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.execID}}'; }
ends_told() { [ "$(all_of exec_die | wc -l)" -eq "$1" ]; }

@test "an exec is told from its creation to its end, with one execID and its exit code" {
    skiff run -d --name web -l tier=front busybox sleep 1000
    now
    run skiff exec web sh -c 'exit 5'
    ends_with 5
    happened "exec_create: sh -c exit 5 exec_start: sh -c exit 5 exec_die"
    run skiff events --since "$BEGUN" --until 0s --format '{{.Actor.Attributes.execID}} {{.Actor.Attributes.name}} {{.Actor.Attributes.tier}}'
    [ "$(sort -u <<<"$output" | wc -l)" = 1 ]
    [[ "$output" =~ ^[0-9a-f]{64}\ web\ front ]]
    run all_of exec_die
    [[ "$output" == "5 "* ]]

    now
    run -127 skiff exec web /no/such
    ends_with 127
    run all_of exec_die
    [[ "$output" == "127 "* ]]
    skiff rm -f web
}

@test "a detached exec's end is told, too, whatever it is" {
    skiff run -d --name web busybox sleep 1000
    now
    skiff exec -d web sh -c 'exit 6'
    until_true 10 ends_told 1
    run all_of exec_die
    [[ "$output" == "6 "* ]]
    now
    run -127 skiff exec -d web /no/such
    until_true 10 ends_told 1
    run all_of exec_die
    [[ "$output" == "127 "* ]]
    now
    skiff exec -d web sleep 1000
    skiff rm -f web
    run all_of exec_die
    [[ "$output" == "137 "* ]]
    run actions
    says $'exec_create: sleep 1000\nexec_start: sleep 1000\nexec_die\ndie\ndestroy'
}

@test "an exec whose skiff was killed gets its exec_die all the same" {
    skiff run -d --name web busybox sleep 1000
    now
    skiff exec web sh -c 'until [ -e /go ]; do sleep 0.05; done; exit 8' 3>&- & client=$!
    begun() { [ "$(actions | grep -c exec_start)" = 1 ] && pgrep -f 'until \[ -e /go' >/dev/null; }
    until_true 10 begun
    kill -KILL "$client"
    wait "$client" || true
    ends_told 0
    now_was=$BEGUN
    skiff exec web touch /go
    BEGUN=$now_was
    until_true 10 ends_told 2
    run all_of exec_die
    mentions "8 "
    skiff rm -f web
}

@test "resize is told with height and width" {
    skiff run -dt --name web busybox sleep 1000
    now
    python3 -c 'import fcntl, os, pty, struct, sys, termios
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 132, 0, 0))
    os.execvp("skiff", ["skiff", "attach", "web"])
os.waitpid(pid, 0)' 3>&- & client=$!
    resized() { actions --filter event=resize | grep -q resize; }
    until_true 10 resized
    run skiff events --since "$BEGUN" --until 0s --filter event=resize --format '{{.Actor.Attributes.height}} {{.Actor.Attributes.width}}'
    mentions "40 132"
    skiff rm -f web
    wait "$client"
}
