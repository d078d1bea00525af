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
    run unshare --mount sh -c 'umount /sys/fs/cgroup/pids; skiff cgroup ls | grep ^pids'
    mentions "not mounted: it is bound to the hierarchy"
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
    run skiff cgroup get /skiff misc.max
    refuses 1 "the controller misc is not mounted here: "
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
