# SPDX-License-Identifier: Apache-2.0
# A container that needs more memory than it was promised: paused, given more, and on it goes.
load helpers
setup() {
    [ -f /sys/fs/cgroup/memory/memory.pressure_level ] || { is_unified && grep -q memory /sys/fs/cgroup/cgroup.controllers; } || skip "no memory controller here"
}

run_directory() { echo "$SKIFF_RUNROOT/containers/$(skiff inspect -f '{{.Id}}' "$1")"; }
# of NAME usage|limit|kills: the file, with either version of control groups.
of() {
    local id; id=$(skiff inspect -f '{{.Id}}' "$1")
    local v1=/sys/fs/cgroup/memory/skiff/$id v2=/sys/fs/cgroup/skiff/$id
    case $2 in
    usage) is_unified && echo "$v2/memory.current" || echo "$v1/memory.usage_in_bytes" ;;
    limit) is_unified && echo "$v2/memory.max" || echo "$v1/memory.limit_in_bytes" ;;
    kills) is_unified && echo "$v2/memory.events" || echo "$v1/memory.oom_control" ;;
    esac
}
memory_of() { cat "$(of "$1" "$2")"; }
state_of() { skiff inspect -f '{{.State.Status}} {{.State.OOMPaused}}' "$1"; }
is_paused_for_memory() { [ "$(state_of "$1")" = "paused true" ]; }
has_limit() { [ "$(memory_of "$1" limit)" = "$2" ]; }
is_no_more() { [ "$(skiff inspect -f '{{.State.Status}}' "$1")" = exited ]; }
worker_of() { pgrep -fx "skiff:\[worker\] $1"; }
# The events "oom" of a policy, each fact once.
events_of() { skiff events --since 0 --until 0s --filter event=oom --filter container="$2" --format json | jq -c "select(.Actor.Attributes.policy == \"$1\")"; }

# fills SIZE: takes so many MiB, one at a time, prints their sum, and ends with 5.
fills() { echo "i=0; while [ \$i -lt $1 ]; do head -c 1048576 /dev/zero >/dev/shm/\$i || exit 1; i=\$((i + 1)); done; cat /dev/shm/* | wc -c; exit 5"; }

# A container that does: eater NAME SIZE OPTION...
eater() {
    local name=$1 size=$2; shift 2
    skiff run -d --name "$name" -m 48m --oom-policy pause --oom-headroom 64m "$@" --shm-size 1g busybox sh -c "$(fills "$size")"
}

@test "a container out of memory is paused, told of, given more, and goes on" {
    skiff run --name app -m 48m --oom-policy pause --oom-headroom 64m --shm-size 1g busybox \
        sh -c "$(fills 80)" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local client=$!
    until_true 10 is_paused_for_memory app
    until_true 5 grep -q 'skiff: app needs more than its 48 MiB of memory and is paused; `skiff update --memory 96m app`' "$BATS_TEST_TMPDIR/err"
    run skiff ps --format '{{.Status}}' --filter name=app
    mentions "(Paused: out of memory)"
    run skiff inspect -f '{{.State.OOMPause.Memory}} {{.State.OOMPause.HardLimit}} {{index .State.OOMPause.Advice 0}}' app
    says "50331648 117440512 skiff update --memory 96m app"
    run skiff why app
    mentions "it needs more memory than it was given"
    mentions "skiff update --memory 96m app"
    [ "$(memory_of app usage)" -ge $((47 << 20)) ]
    [ "$(memory_of app limit)" = $((112 << 20)) ]
    [ "$(events_of pause app | wc -l)" = 1 ]

    skiff update --memory 96m app
    wait "$client" && false || [ $? = 5 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = $((80 << 20)) ]
    run skiff inspect -f '{{.State.OOMKilled}} {{.State.OOMPaused}} {{.HostConfig.Memory}} {{.HostConfig.OomPolicy}} {{.HostConfig.OomHeadroom}}' app
    says "false false 100663296 pause 67108864"
    [ "$(events_of pause app | wc -l)" = 1 ]
    skiff rm app
}

@test "unpause without more goes on, too, and the next step pauses again" {
    eater again 100
    until_true 10 is_paused_for_memory again
    local before; before=$(memory_of again usage)
    skiff unpause again
    until_true 10 eval 'is_paused_for_memory again && [ "$(memory_of again usage)" -gt '"$before"' ]'
    [ "$(events_of pause again | wc -l)" = 2 ]
    skiff update -m 128m again
    run skiff wait again
    says 5
    skiff rm again
}

@test "after the deadline it is killed, and why says what happened" {
    eater late 100 --oom-deadline 1500ms
    until_true 10 is_paused_for_memory late
    run skiff wait late
    says 137
    run skiff inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' late
    says "true 137"
    run skiff why late
    mentions "nobody gave it more within 1.5 s (--oom-deadline)"
    mentions "skiff update --memory 96m late && skiff start late"
    skiff rm late
}

@test "files that it reads and writes are no need" {
    run skiff run --rm -m 32m --oom-policy pause busybox sh -c 'dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null && wc -c </big && cat /big | wc -c'
    says $'209715200\n209715200'
    ends_with 0
    # What it needs beside them counts: the cache goes, and then it is paused.
    skiff run -d --name mixed -m 48m --oom-policy pause --oom-headroom 64m --shm-size 1g busybox \
        sh -c "dd if=/dev/zero of=/big bs=1M count=200 2>/dev/null; $(fills 80)"
    until_true 20 is_paused_for_memory mixed
    [ -n "$(events_of pause mixed)" ]
    skiff update -m 128m mixed
    run skiff wait mixed
    says 5
    skiff rm mixed
}

@test "whoever of the pair is killed, and when: it stands still explained, and goes on" {
    eater hard 80 --oom-deadline 1h
    until_true 10 is_paused_for_memory hard
    kill -9 "$(worker_of hard)"
    until_true 5 worker_of hard
    is_paused_for_memory hard
    skiff update -m 96m hard
    run skiff wait hard
    says 5
    [ "$(events_of pause hard | wc -l)" = 1 ]
    skiff rm hard

    # A successor watches like the first one, and for the limit as it is now.
    skiff run -d --name next -m 32m --oom-policy pause --oom-headroom 64m --shm-size 1g busybox \
        sh -c "until [ -e /go ]; do sleep 0.05; done; $(fills 80)"
    skiff update -m 48m next
    kill -9 "$(worker_of next)"
    until_true 5 worker_of next
    let_go next /go
    until_true 10 is_paused_for_memory next
    run skiff inspect -f '{{.State.OOMPause.Memory}}' next
    says $((48 << 20))
    skiff rm -f next

    # Killed between the mark and the freezer, while it asks the kernel: as the mark says.
    eater ask 100
    until_true 10 is_paused_for_memory ask
    kill -STOP "$(worker_of ask)"
    local mark; mark=$(run_directory ask)/memory.json
    jq -c '.stage = "asking"' <"$mark" >"$mark.new" && mv "$mark.new" "$mark"
    echo $((110 << 20)) >"$(of ask limit)"   # as low as it gets
    kill -9 "$(worker_of ask)"
    until_true 10 has_limit ask $((112 << 20))
    until_true 10 is_paused_for_memory ask
    skiff rm -f ask
}

@test "the whole monitor is killed: whoever adopts it knows why it stands still, and looks whether it needs more" {
    eater lone 100
    until_true 10 is_paused_for_memory lone
    kill_pair lone
    run skiff ps --format '{{.Status}}' --filter name=lone
    mentions "(Paused: out of memory)"
    until_true 10 has_pair lone
    is_paused_for_memory lone
    kill_pair lone
    skiff update -m 128m lone
    run skiff wait lone
    says 5
    [ "$(events_of pause lone | wc -l)" = 1 ]
    skiff rm lone

    # It came to its limit while nobody watched.
    skiff run -d --name late -m 48m --oom-policy pause --oom-headroom 64m --shm-size 1g busybox \
        sh -c "until [ -e /go ]; do sleep 0.05; done; $(fills 60); sleep 1000"
    local root; root=/proc/$(skiff inspect -f '{{.State.Pid}}' late)/root
    local usage; usage=$(of late usage)
    kill_pair late
    touch "$root/go"
    # Version 2 holds it back there, version 1 lets it run on to the hard limit.
    until_true 10 eval '[ "$(cat '"$usage"')" -ge '"$(is_unified && echo $((47 << 20)) || echo $((58 << 20)))"' ]'
    skiff ps >/dev/null
    until_true 10 is_paused_for_memory late
    skiff rm -f late
}

@test "one that starts again by itself is watched in each of its lives" {
    eater twice 100 --restart on-failure:1 --oom-deadline 500ms
    until_true 20 is_no_more twice
    [ "$(events_of pause twice | wc -l)" = 2 ]
    run skiff inspect -f '{{.RestartCount}} {{.State.ExitCode}}' twice
    says "1 137"
    skiff rm twice
}

@test "wait and events know the pause" {
    eater seen 100
    run skiff wait --condition paused seen
    says -1
    run skiff events --since 1m --until 0s --filter event=oom --filter container=seen --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.limit}}'
    mentions "oom seen 50331648"
    skiff rm -f seen
}

@test "a mark that is over means nothing" {
    skiff run -d --name stale -m 32m --oom-policy pause --oom-deadline 1s busybox sleep 1000
    printf '{"stage":"paused","promised":33554432,"hard":50331648,"usage":40000000,"since_ns":1,"deadline_ns":1}' >"$(run_directory stale)/memory.json"
    skiff pause stale
    [ "$(state_of stale)" = "paused false" ]
    kill -9 "$(worker_of stale)"
    until_true 5 worker_of stale
    [ "$(state_of stale)" = "paused false" ]   # the user's pause, and no deadline for it
    skiff unpause stale
    [ "$(state_of stale)" = "running false" ]
    skiff rm -f stale
}

@test "stop, kill, rm and commit of one that is paused for memory" {
    local begun
    eater stopped 100
    until_true 10 is_paused_for_memory stopped
    begun=$SECONDS
    skiff stop -t 20 stopped
    [ $((SECONDS - begun)) -lt 15 ]
    is_no_more stopped
    eater killed 100
    until_true 10 is_paused_for_memory killed
    skiff kill killed
    run skiff inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' killed
    says "137 false"
    eater removed 100
    until_true 10 is_paused_for_memory removed
    run skiff pause removed
    refuses 1 "already paused"
    skiff commit removed kept:oom >/dev/null
    is_paused_for_memory removed
    run skiff exec removed true
    refuses 1 "paused"
    skiff rm -f removed stopped killed
}

@test "who jumps over the headroom meets the kernel, and why says so" {
    # It takes its 200 MiB while the monitor cannot look.
    skiff run -d --name jump -m 32m --oom-policy pause --oom-headroom 1m --shm-size 1g busybox \
        sh -c 'until [ -e /go ]; do sleep 0.05; done; exec dd if=/dev/zero of=/dev/shm/fill bs=200M count=1'
    until_true 5 worker_of jump
    kill -STOP "$(worker_of jump)"
    touch "/proc/$(skiff inspect -f '{{.State.Pid}}' jump)/root/go"
    until_true 20 eval '[ "$(awk "/^oom_kill /{print \$2}" "$(of jump kills)")" -ge 1 ]'
    kill -CONT "$(worker_of jump)"
    run skiff wait jump
    says 137
    run skiff why jump
    mentions "the kernel killed"
    mentions "it took the 1.0 MiB between --memory and the kernel's limit before it could be paused"
    skiff rm jump
}

@test "notify tells and lets it run; pressure is told of once a second" {
    run --separate-stderr skiff run --name noted -m 32m --oom-policy notify --oom-headroom 64m --shm-size 1g busybox \
        sh -c "$(fills 64)"
    says $((64 << 20))
    ends_with 5
    [[ "$stderr" == *"skiff: noted needs more than its 32 MiB of memory; at 96 MiB the kernel kills"* ]] || { echo "$stderr"; false; }
    [ "$(events_of notify noted | wc -l)" = 1 ]
    skiff run --name pressed -m 16m --memory-pressure low busybox sh -c 'dd if=/dev/zero of=/big bs=1M count=100 2>/dev/null; cat /big >/dev/null'
    local count; count=$(skiff events --since 0 --until 0s --filter event=memory_pressure --filter container=pressed | wc -l)
    [ "$count" -ge 1 ] && [ "$count" -le 30 ]
    skiff rm noted pressed
}

@test "stats shows the promised limit; options that make no sense are refused" {
    skiff run -d --name shown -m 32m --oom-policy pause busybox sleep 1000
    run skiff stats --no-stream --format '{{.MemUsage}}' shown
    [[ "$output" == *" / 32MiB" ]]
    [ "$(memory_of shown limit)" = $((48 << 20)) ]
    local swap; swap=$(dirname "$(of shown limit)")
    is_unified || [ "$(cat "$swap/memory.memsw.limit_in_bytes")" = $((80 << 20)) ]
    ! is_unified || [ ! -e "$swap/memory.swap.max" ] || [ "$(cat "$swap/memory.swap.max")" = $((32 << 20)) ]
    run skiff update -m 0 shown
    refuses 1 "--oom-policy pause needs --memory"
    run skiff update --oom-policy kill shown
    refuses 125 "chosen when the container is created"
    skiff rm -f shown
    run skiff create --oom-policy pause busybox true
    refuses 1 "--oom-policy pause needs --memory"
    run skiff create -m 32m --oom-policy wait busybox true
    refuses 1 "expected kill, pause or notify"
    run skiff create -m 32m --oom-headroom 16m busybox true
    refuses 1 "--oom-headroom needs --oom-policy pause or notify"
    run skiff create -m 32m --oom-policy notify --oom-deadline 1s busybox true
    refuses 1 "--oom-deadline needs --oom-policy pause"
    run skiff create -m 32m --oom-policy pause --oom-deadline soon busybox true
    refuses 1 "--oom-deadline"
    run skiff create -m 32m --memory-pressure much busybox true
    refuses 1 "expected low, medium or critical"
}
