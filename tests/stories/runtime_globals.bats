#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# skiff-runtime's options before the verb: where failures are told, and from when on.
load runtime_house

# told FILTER: jq of the log's last line.
told() { tail -n 1 "$B/log" | jq -re "$1"; }

@test "--log-format json: a wrong command line is told there as well, whatever is wrong with it" {
    run rt --log "$B/log" --log-format json --no-such-option list
    refuses 1 "--no-such-option"
    [ "$(told .level)" = error ]
    told '.msg | contains("--no-such-option")'
    [[ "$(told .time)" =~ ^20[0-9-]+T[0-9:.]+Z$ ]]
    run rt --log="$B/log" --log-format=json nosuchverb
    told '.msg | contains("nosuchverb")'
    run rt --log "$B/log" --log-format json create --no-such-flag "$ID"
    told '.msg | contains("--no-such-flag")'
    run rt --log "$B/log" --log-format json state
    told '.msg | contains("usage")'
    run rt --log "$B/log" --log-format json --cgroup-manager nonsense list
    told '.msg | contains("--cgroup-manager")'
    run rt --log "$B/log" --log-format xml list
    refuses 1 "--log-format"
    grep -q 'level=error msg=.*--log-format' "$B/log"
    run rt --log "$B/log" --log-format json --root
    told '.msg | contains("--root")'
}

@test "--log-format json: what fails in create, in the first process and in exec is told there" {
    make_bundle nosuchprogram
    run rt --log "$B/log" --log-format json create -b "$B" "$ID"
    told '.msg | contains("executable file not found in $PATH")'
    run rt --log "$B/log" --log-format json create -b "$B/nowhere" "$ID"
    told '.msg | contains("nowhere")'
    echo '{' >"$B/config.json"
    run rt --log "$B/log" --log-format json create -b "$B" "$ID"
    told '.msg | contains("config.json")'
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt --log "$B/log" --log-format json exec "$ID" nosuchprogram
    ends_with 255
    told '.msg | contains("executable file not found in $PATH")'
    [ "$(wc -l <"$B/log")" = "$(jq -s length "$B/log")" ]
}

@test "--log: text has a time, a level and a sentence; without a log standard error has it" {
    run rt --log "$B/log" state nobody
    [[ "$(cat "$B/log")" =~ ^time=\"20[^\"]+\"\ level=error\ msg=\".*nobody ]]
    run rt state nobody
    [[ "$output" =~ ^time=\"20[^\"]+\"\ level=error\ msg=\".*nobody ]]
}

@test "--log-level: warnings can be kept out, debug has each step" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    rt --log "$B/log" update --kernel-memory 1m "$ID"
    grep -q 'level=warning' "$B/log"
    rm "$B/log"
    rt --log "$B/log" --log-level error update --kernel-memory 1m "$ID"
    [ ! -e "$B/log" ]
    rt --log "$B/log" --log-level warning update --kernel-memory 1m "$ID"
    grep -q 'level=warning' "$B/log"
    rt delete -f "$ID"
    make_bundle true
    rt --log "$B/log" --log-level debug run -b "$B" "$ID" </dev/null
    grep -q 'level=debug.*mount proc' "$B/log"
    run rt --log-level loud list
    refuses 1 "--log-level"
}

@test "--cgroup-manager: cgroupfs is what it does anyway; the others are refused by name" {
    run rt --cgroup-manager cgroupfs list -q
    says ""
    run rt --cgroup-manager disabled list
    refuses 1 "--cgroup-manager disabled"
    run rt --cgroup-manager nonsense list
    refuses 1 "--cgroup-manager"
}
