#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# skiff-runtime on machines that lack something: a warning in the log where the container is honest without it, a refusal
# that names what is missing otherwise.
load runtime_house

# weak VERB...: the runtime without CAP_SYS_RESOURCE, and with 4096 descriptors at most.
weak() { (ulimit -n 4096; exec setpriv --bounding-set -sys_resource skiff-runtime --root "$STATES" --log "$B/log" --log-format json "$@"); }
# bare TREE VERB...: the runtime where that cgroup tree is not mounted.
bare() { run unshare -m bash -c 'umount -R "/sys/fs/cgroup$0" && exec skiff-runtime --root "$@"' "$1" "$STATES" "${@:2}"; }
# lacking CALL VERB...: on a kernel that has no such system call.
lacking() { run "$HOUSE/tests/without" ENOSYS "$1" skiff-runtime --root "$STATES" "${@:2}"; }
# warned WORDS: the log has one warning with them, and no error.
warned() { jq -se --arg words "$1" '([.[] | select(.level == "warning" and (.msg | contains($words)))] | length == 1) and all(.level != "error")' "$B/log" >/dev/null || { cat "$B/log" >&2; false; }; }
nothing_was_made() {
    [ -z "$(rt list -q)" ]
    [ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "$ID")" ]
}

@test "without CAP_SYS_RESOURCE: a hard limit stays where it is, with a warning; lower ones arrive" {
    make_bundle sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
    edit_bundle "$B" '.process.rlimits = [{type:"RLIMIT_NOFILE",soft:100,hard:100000},{type:"RLIMIT_CORE",soft:0,hard:0}]'
    run weak run -b "$B" "$ID"
    ends_with 0 && says $'100\n4096\n0'
    warned "RLIMIT_NOFILE: the hard limit 4096 cannot be raised to 100000 without CAP_SYS_RESOURCE"
    [ "$(wc -l <"$B/log")" = 1 ]
}

@test "without CAP_SYS_RESOURCE: a lower oom_score_adj is left out, with a warning; a higher one arrives" {
    make_bundle cat /proc/self/oom_score_adj
    edit_bundle "$B" '.process.oomScoreAdj = -1000'
    run weak run -b "$B" "$ID"
    ends_with 0 && says "$(cat /proc/self/oom_score_adj)"
    warned "oom_score_adj may not be lowered to -1000 without CAP_SYS_RESOURCE"
    rm "$B/log"
    edit_bundle "$B" '.process.oomScoreAdj = 900'
    run weak run -b "$B" "$ID"
    ends_with 0 && says 900
    [ ! -e "$B/log" ]
}

@test "without CAP_SYS_RESOURCE: an exec has the same warnings" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    jq '.process | .args = ["sh","-c","ulimit -Hn; cat /proc/self/oom_score_adj"] | .oomScoreAdj = -1000 | .rlimits = [{type:"RLIMIT_NOFILE",soft:100,hard:100000}]' "$B/config.json" >"$B/process.json"
    run weak exec --process "$B/process.json" "$ID"
    ends_with 0 && says $'4096\n'"$(cat /proc/self/oom_score_adj)"
    warned "RLIMIT_NOFILE"
    warned "oom_score_adj"
}

@test "a capability that the runtime does not have is left out, with a warning" {
    make_bundle sh -c 'grep CapEff /proc/self/status | cut -f2'
    edit_bundle "$B" '.process.capabilities |= map_values(["CAP_KILL","CAP_SYS_RESOURCE"])'
    run weak run -b "$B" "$ID"
    ends_with 0 && says 0000000000000020
    warned "CAP_SYS_RESOURCE is not ours to give"
}

@test "without a controller: its limit is refused by name, and nothing remains; what needs none of it runs" {
    needs_version_1
    make_bundle echo fine
    edit_bundle "$B" '.linux.resources.pids = {limit:50}'
    bare /pids run -b "$B" "$ID"
    refuses 1 "the pids controller is not mounted on this host"
    bare /memory run -b "$B" "$ID"
    ends_with 0 && says fine
    nothing_was_made
    # Without the devices controller a container could open what nobody gave it.
    bare /devices run -b "$B" "$ID"
    refuses 1 "the devices controller is not mounted on this host"
    nothing_was_made
}

@test "without a controller: update is refused by name and changes nothing" {
    needs_version_1
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    local before; before=$(cat "/sys/fs/cgroup/pids/$ID/pids.max")
    bare /memory update --pids-limit 40 --memory 64m "$ID"
    refuses 1 "memory"
    [ "$(cat "/sys/fs/cgroup/pids/$ID/pids.max")" = "$before" ]
}

@test "without the newer mount calls a container has the same mounts; without others it is refused by their name" {
    make_bundle sh -c 'grep -v "^[0-9 ]* / / " /proc/self/mountinfo | cut -d " " -f 5,6 | sort'
    local expected; expected=$(rt run -b "$B" "$ID")
    lacking mounts run -b "$B" "$ID"
    ends_with 0 && says "$expected"
    local call
    for call in pidfd_open clone3 openat2 close_range; do
        lacking "$call" run -b "$B" "$ID"
        refuses 1 "lacks $call"
        nothing_was_made
    done
}

@test "verbs that are not there are refused by name, with the options that engines give" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt --log "$B/log" --log-format json checkpoint --image-path "$B/images" --leave-running "$ID"
    ends_with 1 && mentions "checkpoint is not supported"
    jq -se 'length == 1 and .[0].level == "error" and (.[0].msg | startswith("checkpoint is not supported"))' "$B/log"
    [ ! -e "$B/images" ] && is running
    run rt restore --image-path "$B/images" -b "$B" "$ID-again"
    refuses 1 "restore is not supported"
    run rt mounts add "$ID" "$B/mounts.json"
    refuses 1 "mounts is not supported"
    run rt checkpoint --help
    ends_with 0 && mentions "Refused"
}
