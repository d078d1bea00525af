# SPDX-License-Identifier: Apache-2.0
# skiff why: what is known about an end, and nothing else.
load helpers

why() { run skiff why "$@"; ends_with 0; }
tells() { grep -qF -- "$1" <<<"$output" || { echo "not told: $1"; echo "$output"; return 1; }; }

@test "why tells an exit code, what was used, and the last lines" {
    run skiff run --name failed -m 64m busybox sh -c 'echo first; head -c 20m /dev/zero >/dev/shm/x; echo cannot find the cause >&2; exit 3'
    ends_with 3
    why failed
    tells "it ended with exit code 3 after"
    tells "the program's own"
    tells "of 64 MiB"
    tells "processor time:"
    tells "first"
    tells "cannot find the cause"
    run skiff why --format '{{.ExitCode}} {{.Status}} {{.OOMKilled}}' failed
    says "3 exited false"
    skiff rm failed
}

@test "why tells of the kernel's killing for want of memory, and what to try" {
    run skiff run --name greedy -m 16m busybox sh -c 'tail /dev/zero'
    ends_with 137
    why greedy
    tells "it ended with exit code 137"
    tells "the kernel killed 1 of its processes for want of memory"
    tells "the limit was met"
    tells "skiff update -m 32m greedy && skiff start greedy"
    skiff rm greedy
}

@test "why tells which command of skiff sent the signal" {
    skiff run -d --name stopped busybox sh -c 'trap "" TERM; touch /ready; while :; do sleep 0.1; done'
    until_true 10 skiff exec stopped test -e /ready
    skiff stop -t 0 stopped
    why stopped
    tells "SIGKILL"
    tells "\`skiff stop\`"
    tells "it had not ended within the time that stop gives"
    skiff run -d --name killed --init busybox sleep 1000
    why killed
    tells "it has not ended: it has been running for"
    skiff kill -s USR1 killed
    skiff wait killed
    why killed
    tells "\`skiff kill\`"
    tells "SIGUSR1"
    skiff rm stopped killed
}

@test "why does not claim to know who sent what skiff did not send" {
    run skiff run --init --name shot busybox sh -c 'kill -SEGV $$'   # a container's first process would not be hurt
    ends_with 139
    why shot
    tells "SIGSEGV"
    tells "it touched memory that is not its own"
    skiff rm shot
}

@test "why of what never ran, and of what could not be started" {
    skiff create --name never busybox true
    why never
    tells "it was never started"
    run skiff run --name absent busybox /no/such/program
    ends_with 127
    why absent
    tells "it could not be started (exit code 127)"
    tells "/no/such/program"
    run skiff why nobody
    refuses 1 "no such container: nobody"
    skiff rm never absent
}
