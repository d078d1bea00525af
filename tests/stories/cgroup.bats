# SPDX-License-Identifier: Apache-2.0
# Control groups by hand. What skiff tells is held against the files themselves, which the box has for itself.
load helpers
idlers=()

# tree_with CONTROLLER: where it is mounted.
tree_with() { awk -v c="$1" '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup" && "," $(i + 3) "," ~ "," c ",") { print $5; exit } }' /proc/self/mountinfo; }
mounted() { [ -n "$(tree_with "$1")" ] || skip "the controller $1 is not mounted as version 1 here"; }

# A process that only waits; teardown ends it.
idle() {
    sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    idlers+=($!)
}

teardown() {
    local top idler
    for idler in "${idlers[@]}"; do
        kill "$idler" && wait "$idler" || true
    done
    idlers=()
    for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do
        [ ! -d "$top/story" ] || find "$top/story" -depth -type d -exec rmdir {} +
    done
}

@test "ls names what is mounted, and of the other controllers the reason" {
    run skiff cgroup ls --format '{{.Place}}'
    ends_with 0
    for place in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do mentions "$place"; done
    run skiff cgroup ls --format '{{.Name}}: {{.Reason}}'
    for controller in $(awk '!/^#/ { print $1 }' /proc/cgroups); do
        if [ -n "$(tree_with "$controller")" ]; then does_not_mention "$controller: it"; else mentions "$controller: "; fi
    done
    mentions "misc: "
    if ! is_unified; then
        run unshare --mount sh -c 'umount /sys/fs/cgroup/pids; skiff cgroup ls | grep ^pids'
        mentions "not mounted: it is bound to the hierarchy"
    fi
    run unshare --mount sh -c 'umount -R /sys/fs/cgroup; skiff cgroup tree'
    refuses 1 "no cgroup hierarchy is mounted here"
}

@test "each file of a live group is explained, in every tree, and so is the top's" {
    for group in /skiff /; do
        run skiff cgroup ls "$group" --format '{{if not .Explanation}}{{.Tree}} {{.File}}{{end}}'
        ends_with 0
        [ -z "$(tr -d '\n' <<<"$output")" ] || { echo "without an explanation: $output" >&2; false; }
        shown=$(skiff cgroup ls "$group" --format '{{.File}}' | wc -l)
        real=$(for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do find "$top$group" -maxdepth 1 -type f; done | wc -l)
        [ "$shown" = "$real" ] || { echo "$shown files told, $real there" >&2; false; }
    done
}

@test "ls tells the twin in the other version" {
    mounted memory
    run skiff cgroup ls memory:/skiff --format '{{.File}} {{.Access}} {{.Twin}}'
    mentions "memory.limit_in_bytes rw memory.max"
    mentions "memory.force_empty -w memory.reclaim"
    run skiff cgroup ls memory:/skiff
    mentions "EXPLANATION"
    run skiff cgroup get /skiff memory.max
    refuses 1 "version 2's name; here memory.limit_in_bytes does it"
}

@test "get prints one file as the kernel has it, and several as a table" {
    mounted memory
    mkdir "$(tree_with memory)/story"
    echo 64M >"$(tree_with memory)/story/memory.limit_in_bytes"
    run skiff cgroup get /story memory.limit_in_bytes
    says 67108864
    run skiff cgroup get memory:/story memory.limit_in_bytes memory.failcnt --format '{{.File}}={{.Value}}'
    says $'memory.limit_in_bytes=67108864\nmemory.failcnt=0'
    run skiff cgroup get memory:/story
    mentions "67108864"
    mentions "(it can only be written)"
    run bash -c 'skiff cgroup get memory:/story memory.stat --format json | jq -r .Value'
    says "$(cat "$(tree_with memory)/story/memory.stat")"
}

@test "a controller that is nowhere, a group or file that is not there, a way out: told in a line" {
    if ! grep -qsw misc /sys/fs/cgroup/cgroup.controllers; then
        run skiff cgroup get /skiff misc.max
        refuses 1 "the controller misc is not mounted here: "
    fi
    run skiff cgroup ls nonsense:/
    refuses 1 'no cgroup hierarchy is called "nonsense"; mounted are: '
    run skiff cgroup tree /absent
    refuses 1 "there is no cgroup /absent in any tree"
    run skiff cgroup get name=systemd:/skiff memory.limit_in_bytes
    refuses 1 "has no file"
    for way_out in /skiff/.. ../x /skiff/../../etc; do
        run skiff cgroup ls "$way_out"
        refuses 1 '".." is not allowed'
    done
    run skiff cgroup get /skiff ../cgroup.procs
    refuses 1 "has no file"
    run skiff cgroup ls /skiff/tasks
    refuses 1 "is a file and not a group"
}

@test "another filesystem inside a tree is not entered" {
    mounted pids
    mkdir "$(tree_with pids)/story"
    run unshare --mount sh -c 'mount -t tmpfs none "$1/story"; echo secret >"$1/story/secret"; skiff cgroup get pids:/story secret' _ "$(tree_with pids)"
    refuses 1 "something else is mounted there"
}

@test "a tree that shows groups above the caller's cgroup namespace is left alone" {
    mounted pids
    skiff cgroup create pids:/story/inner
    for words in "tree pids:/" "set pids:/ pids.max=1" "create pids:/story" "rm pids:/story"; do
        run sh -c "skiff cgroup move pids:/story/inner \$\$; exec unshare --cgroup skiff cgroup $words"
        refuses 1 "shows groups above this cgroup namespace"
    done
    # Mounted anew it shows what is below.
    run sh -c 'skiff cgroup move pids:/story/inner $$; exec unshare --cgroup --mount sh -c "umount /sys/fs/cgroup/pids && mount -t cgroup -o pids cgroup /sys/fs/cgroup/pids && skiff cgroup set pids:/ pids.max=100"'
    says "pids.max = 100"
    [ "$(cat "$(tree_with pids)/story/inner/pids.max")" = 100 ]
}

@test "tree draws a group that several trees have once, and names its processes" {
    mounted pids
    mkdir -p "$(tree_with pids)"/story/{a/b,c}
    idle
    echo $! >"$(tree_with pids)/story/a/cgroup.procs"
    run skiff cgroup tree pids:/story --format '{{.Group}} {{.Processes}} {{.Trees}}'
    says $'/story 0 pids\n├─ a 1 pids\n│  └─ b 0 pids\n└─ c 0 pids'
    run skiff cgroup tree -p pids:/story
    mentions "$! sleep"
    run skiff cgroup tree pids:/story --format '{{.Path}} {{.Pids}}'
    mentions "/story/a $!"
    run skiff cgroup tree --processes /skiff --format '{{.Trees}}'
    mentions "$(skiff cgroup ls --format '{{if .Version}}{{.Name}}{{end}}' | grep . | paste -sd' ')"
}

@test "stat tells what a container's group has used" {
    mounted memory
    mounted pids
    skiff run -d --name used -m 64m --pids-limit 20 busybox sleep 1000 >/dev/null
    group=/skiff/$(skiff inspect -f '{{.Id}}' used)
    run skiff cgroup stat "$group"
    ends_with 0
    mentions "Processes: 1,"
    mentions " of 64MiB, "
    mentions "Tasks: 1 of 20"
    mentions "Frozen: no"
    skiff pause used
    run skiff cgroup stat -f '{{.Frozen}} {{.Memory.Limit}} {{.Pids.Limit}}' "$group"
    says "true 67108864 20"
    skiff unpause used
    skiff rm -f used
    run skiff cgroup stat "$group"
    refuses 1 "there is no cgroup"
    run skiff cgroup stat /
    refuses 1 "the top of a tree"
}

@test "create makes a group in every tree, with its parents, and rm takes it away" {
    run skiff cgroup create /story/deep
    says /story/deep
    for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do [ -d "$top/story/deep" ]; done
    run skiff cgroup create /story/deep
    refuses 1 "exists already"
    run skiff cgroup rm /story
    refuses 1 "it has sub-groups (deep); -r removes them, too"
    for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do [ -d "$top/story/deep" ]; done
    run skiff cgroup rm -r /story
    says /story
    for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do [ ! -e "$top/story" ]; done
    run skiff cgroup rm /story
    refuses 1 "there is no cgroup /story"
    for top in / memory:/; do
        run skiff cgroup rm --recursive "$top"
        refuses 1 "the top of a tree cannot be removed"
    done
}

@test "create in named trees leaves the others alone" {
    mounted memory
    mounted pids
    run skiff cgroup create memory,pids:/story
    says memory,pids:/story
    [ -d "$(tree_with memory)/story" ] && [ -d "$(tree_with pids)/story" ] && [ ! -e "$(tree_with devices)/story" ]
    run skiff cgroup create memory,misc:/other
    refuses 1 "the controller misc is not mounted here"
    [ ! -e "$(tree_with memory)/other" ]
    run skiff cgroup rm devices:/story
    refuses 1 "there is no cgroup /story in the devices tree"
    skiff cgroup rm pids:/story
    [ -d "$(tree_with memory)/story" ] && [ ! -e "$(tree_with pids)/story" ]
}

@test "a value that the kernel refuses unmakes the group; those it takes are told as it reads them" {
    mounted memory
    run skiff cgroup create --set memory.limit_in_bytes=nonsense /story
    ends_with 1
    mentions "EINVAL"
    for top in $(awk '$0 ~ / - cgroup2? / { print $5 }' /proc/self/mountinfo); do [ ! -e "$top/story" ]; done
    run skiff cgroup create --set memory.limit_in_bytes=4000000 --set memory.soft_limit_in_bytes=1M memory:/story
    says $'memory.limit_in_bytes = 3997696 (not 4000000: rounded down to whole pages of 4096 bytes)\nmemory.soft_limit_in_bytes = 1048576\nmemory:/story'
}

@test "set writes in every tree that has the file, and says what became of the value" {
    mounted memory
    mounted cpu
    skiff cgroup create /story
    run skiff cgroup set /story memory.limit_in_bytes=4000000 cpu.shares=1 memory.memsw.limit_in_bytes=-1
    ends_with 0
    [ "${lines[0]}" = "memory.limit_in_bytes = 3997696 (not 4000000: rounded down to whole pages of 4096 bytes)" ]
    [ "${lines[1]}" = "cpu.shares = 2 (not 1: shares are 2 to 262144)" ]
    [[ "${lines[2]}" == "memory.memsw.limit_in_bytes = 9223372"* ]]
    [ "$(cat "$(tree_with memory)/story/memory.limit_in_bytes")" = 3997696 ]

    run skiff cgroup set cpu,memory:/story notify_on_release=1
    mentions "cpu: notify_on_release = 1"
    mentions "memory: notify_on_release = 1"
    [ "$(cat "$(tree_with pids)/story/notify_on_release")" = 0 ]

    run skiff cgroup set /story cpu.shares=100 memory.max=1M
    refuses 1 "here memory.limit_in_bytes does it"
    [ "$(cat "$(tree_with cpu)/story/cpu.shares")" = 2 ]
    run skiff cgroup set /story pids.max=few
    refuses 1 "Most processes and threads"
    run skiff cgroup set /story cpu.shares
    refuses 1 "NAME=VALUE"
    run skiff cgroup set /story freezer.state=FROZEN
    says "freezer.state = FROZEN"
    run skiff cgroup set devices:/story 'devices.deny=c 1:3 rwm'
    says 'devices.deny: "c 1:3 rwm" is written'
}

@test "a cpuset begins with its parent's processors, and with clone_children so do groups made by hand" {
    mounted cpuset
    skiff cgroup create cpuset:/story
    run skiff cgroup get cpuset:/story cpuset.cpus
    says "$(cat "$(tree_with cpuset)/cpuset.cpus")"
    mkdir "$(tree_with cpuset)/story/bare"
    run skiff cgroup get cpuset:/story/bare cpuset.cpus
    says ""
    idle
    run skiff cgroup move cpuset:/story/bare $!
    refuses 1 "a cpuset without processors or memory nodes takes no process"
    run skiff cgroup set cpuset:/story cgroup.clone_children=1
    says "cgroup.clone_children = 1"
    mkdir "$(tree_with cpuset)/story/child"
    run skiff cgroup get cpuset:/story/child cpuset.cpus
    says "$(cat "$(tree_with cpuset)/cpuset.cpus")"
}

# own_groups PID: the groups that it is in, but for trees of other tests.
own_groups() { cut -d: -f2,3 "/proc/$1/cgroup" | grep -v story- | sort; }

@test "processes are moved, their children are born where they are, and others stay" {
    skiff cgroup create /story/{a,b}
    idle; first=$!
    idle; second=$!
    skiff cgroup move /story/a $first $second
    [ "$(own_groups $first | grep -vc ':/story/a$')" = 0 ]
    run skiff cgroup rm -r /story
    refuses 1 "is in it"
    [ -d "$(group_at memory story/a)" ]
    if ! is_unified; then
        skiff cgroup move pids:/story/b $first
        own_groups $first | grep -qx pids:/story/b
        own_groups $first | grep -qx memory:/story/a
    fi
    run skiff cgroup move --from /story/a /story/b
    says 2
    [ "$(own_groups $first $second | grep -vc ':/story/b$')" = 0 ]
    run sh -c 'skiff cgroup move /story/b $$; cut -d: -f3 /proc/self/cgroup | sort -u | grep -v "^/$"'
    says /story/b
}

@test "a process that cannot be moved in one tree stays where it was in all" {
    mounted cpuset
    mkdir "$(tree_with cpuset)/story"
    skiff cgroup create cpu,memory,pids:/story
    idle
    before=$(own_groups $!)
    run skiff cgroup move /story $!
    refuses 1 "in the cpuset tree"
    [ "$(own_groups $!)" = "$before" ]
    run skiff cgroup move cpu:/story 4194304
    refuses 1 "there is no process"
    run skiff cgroup move cpu:/story 0
    refuses 1 "cgroup move"
    run skiff cgroup move --from cpu:/story memory:/story
    refuses 1 "no tree has both"
    run skiff cgroup move --from cpu:/story cpu:/ $!
    refuses 1 "neither ids"
}

@test "a single thread is moved, and the rest of its process stays" {
    mounted pids
    skiff cgroup create cpu,pids:/story
    python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(1000,), daemon=True).start(); print("two", flush=True); time.sleep(1000)' >"$BATS_TEST_TMPDIR/said" </dev/null 2>/dev/null 3>&- &
    idlers+=($!)
    process=$!
    until_true 20 grep -q two "$BATS_TEST_TMPDIR/said"
    thread=$(ls "/proc/$process/task" | grep -vx "$process")
    run skiff cgroup move --threads pids:/story "$thread"
    ends_with 0
    grep -q ':pids:/story$' "/proc/$process/task/$thread/cgroup"
    ! grep -q ':pids:/story$' "/proc/$process/cgroup"
    run skiff cgroup move -t cpu:/story 4194304
    refuses 1 "there is no"
}

@test "a container's group can be moved into, changed and is never removed under it" {
    mounted memory
    skiff run -d --name lives -m 64m busybox sleep 1000 >/dev/null
    group=/skiff/$(skiff inspect -f '{{.Id}}' lives)
    run skiff cgroup rm -r "$group"
    refuses 1 "is in it"
    skiff cgroup set "$group" memory.limit_in_bytes=32M
    run skiff exec lives cat /sys/fs/cgroup/memory/memory.limit_in_bytes
    says 33554432
    skiff rm -f lives
}

in_hosts_groups() { nsenter --cgroup=/run/host-cgroup "$@"; }

@test "a named hierarchy is made, used, and gone when it is removed" {
    [ -e /run/host-cgroup ] || skip "the kernel makes hierarchies in the host's cgroup namespace alone, and tests/box keeps it"
    name=story-$$
    mkdir "$BATS_TEST_TMPDIR/tree"
    run unshare --cgroup skiff cgroup create --hierarchy "$name" --at "$BATS_TEST_TMPDIR/tree"
    refuses 1 "in the host's own cgroup namespace alone"
    run in_hosts_groups skiff cgroup create --hierarchy "$name" --at "$BATS_TEST_TMPDIR/tree"
    says "$BATS_TEST_TMPDIR/tree"
    grep -q ":name=$name:/\$" /proc/self/cgroup
    run in_hosts_groups skiff cgroup create --hierarchy "name=$name" --at "$BATS_TEST_TMPDIR/tree"
    refuses 1 "is mounted already at $BATS_TEST_TMPDIR/tree"

    skiff cgroup create "$name:/jobs/night"
    idle
    skiff cgroup move "name=$name:/jobs/night" $!
    grep -q ":name=$name:/jobs/night\$" "/proc/$!/cgroup"
    run skiff cgroup rm --hierarchy "$name"
    refuses 1 "it has groups (/jobs); -r removes them, too"
    run skiff cgroup rm -r --hierarchy "$name"
    refuses 1 "process $! is in it"
    skiff cgroup move --from "$name:/jobs/night" "$name:/"
    run skiff cgroup rm -r --hierarchy "$name"
    says "$name"
    ! grep -q "name=$name:" /proc/self/cgroup
    [ -z "$(ls "$BATS_TEST_TMPDIR/tree")" ]
    run skiff cgroup rm --hierarchy "$name"
    refuses 1 "there is no hierarchy"
}

@test "a hierarchy that another mount namespace has mounted lives on, and that is told" {
    [ -e /run/host-cgroup ] || skip "the kernel makes hierarchies in the host's cgroup namespace alone, and tests/box keeps it"
    name=story-$$-b
    mkdir "$BATS_TEST_TMPDIR/tree"
    in_hosts_groups skiff cgroup create --hierarchy "$name" --at "$BATS_TEST_TMPDIR/tree"
    run unshare --mount sh -c 'skiff cgroup rm --hierarchy "$1" 2>&1; grep -c "name=$1:" /proc/self/cgroup' _ "$name"
    mentions "lives on: process "
    [ "${lines[-1]}" = 1 ]
    skiff cgroup rm --hierarchy "$name"
    ! grep -q "name=$name:" /proc/self/cgroup
}

@test "what can be no hierarchy is refused by its name" {
    for name in memory unified a/b .. ""; do
        run skiff cgroup create --hierarchy "$name"
        refuses 1 "cannot be a hierarchy's name"
    done
    run skiff cgroup create --hierarchy systemd
    refuses 1 "systemd's own"
    run skiff cgroup rm --hierarchy name=systemd
    refuses 1 "systemd's own"
    mkdir "$BATS_TEST_TMPDIR/full"
    touch "$BATS_TEST_TMPDIR/full/file"
    run skiff cgroup create --hierarchy story-full --at "$BATS_TEST_TMPDIR/full"
    refuses 1 "is not an empty directory"
    run skiff cgroup create --at /tmp /story
    refuses 1 "needs --hierarchy"
    run skiff cgroup create --hierarchy story-full /group
    refuses 1 "no groups in it"
}
