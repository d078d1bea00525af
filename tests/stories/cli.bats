# SPDX-License-Identifier: Apache-2.0
# The command line itself: help, mistakes, completion, manual.
load helpers

@test "skiff alone and --help show the commands, grouped" {
    run skiff
    ends_with 0
    mentions "Common commands:"
    mentions "Management commands:"
    run skiff container
    mentions "skiff container COMMAND --help"
}

# "run", "ns ls" … each on a line; those of container and image are other names of them.
every_command() {
    local group listed='/ommands:$/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
    skiff | awk "$listed" | grep -vxE 'cgroup|container|image|ns|system'
    for group in cgroup ns; do skiff "$group" | awk "$listed" | sed "s/^/$group /"; done
    echo system check
}

@test "each command has help, a manual page that man accepts, and completion" {
    every_command >"$BATS_TEST_TMPDIR/commands"
    grep -x "ns keep" "$BATS_TEST_TMPDIR/commands"
    while read -r command; do
        run skiff $command --help
        ends_with 0
        mentions "Usage: skiff $command"
        run bash -c "skiff manual $command | groff -man -Tutf8 -ww 2>&1 >/dev/null"
        [ "$status" = 127 ] || says ""
    done <"$BATS_TEST_TMPDIR/commands"
    run bash -c 'skiff completion bash | bash -n'
    ends_with 0
}

@test "manual --into writes every page, for man" {
    mkdir "$BATS_TEST_TMPDIR/man"
    run skiff manual --into "$BATS_TEST_TMPDIR/man"
    ends_with 0
    says ""
    [ "$(head -1 "$BATS_TEST_TMPDIR/man/skiff-run.1")" = "$(skiff manual run | head -1)" ]
    for page in $(skiff manual | sed -n 's/^\\fB\(skiff\\-[a-z]*\)\\fR(1)$/\1/p' | tr -d '\\'); do [ -s "$BATS_TEST_TMPDIR/man/$page.1" ]; done
    [ -s "$BATS_TEST_TMPDIR/man/skiff.1" ]
    run skiff manual --into "$BATS_TEST_TMPDIR/nowhere"
    refuses 1 "$BATS_TEST_TMPDIR/nowhere"
    run skiff manual --into "$BATS_TEST_TMPDIR/man" run
    refuses 1 "--into"
}

@test "an installed skiff works from where it was put: programs, manual pages, completion, units" {
    command -v cmake >/dev/null || skip "cmake is not installed"
    top=$BATS_TEST_TMPDIR/destination
    DESTDIR=$top cmake --install "${SKIFF_BUILD:-$HOUSE/build/release}" --prefix /usr >/dev/null
    run bash -c 'cd "$0" && find . -type f | sort' "$top/usr"
    for file in bin/skiff bin/skiff-runtime bin/skiff-transfer share/man/man1/skiff.1 share/man/man1/skiff-run.1 share/bash-completion/completions/skiff \
        lib/systemd/system/skiff-restart.service lib/systemd/user/skiff-restart.service; do mentions "./$file"; done
    grep -qx 'ExecStart=/usr/bin/skiff start --restartable' "$top/usr/lib/systemd/system/skiff-restart.service"
    grep -qx 'WantedBy=default.target' "$top/usr/lib/systemd/user/skiff-restart.service"
    ! grep -r @ "$top/usr/lib/systemd"
    bash -n "$top/usr/share/bash-completion/completions/skiff"
    PATH=$top/usr/bin:$PATH
    skiff import "$(busybox_tar)" moved
    run skiff run --rm moved sh -c 'echo here'
    says here
    skiff rmi moved
}

@test "completion completes commands, options and names" {
    skiff create --name completed busybox true
    complete_words() { bash -c 'source <(skiff completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skiff; printf "%s\n" "${COMPREPLY[@]}"' bash "$@"; }
    [ "$(complete_words skiff unp)" = unpause ]
    [ "$(complete_words skiff run --hostn)" = --hostname ]
    [ "$(complete_words skiff rm compl)" = completed ]
    [ "$(complete_words skiff container ins)" = inspect ]
    skiff rm completed
}

@test "mistakes are one line and name the nearest thing" {
    run skiff sop
    refuses 125 "did you mean"
    run skiff stop
    refuses 1 "at least 1 argument"
    run skiff ps --al
    refuses 125 "did you mean --all"
    run skiff --no-such ps
    refuses 125 "--no-such"
    run skiff rename one
    refuses 1 "takes 2 arguments, not 1"
}

@test "version and info, for people and for scripts" {
    run skiff --version
    [[ "$output" =~ ^skiff\ version\ [0-9.]+$ ]]
    [ "$(skiff version --format '{{.Client.Version}}')" = "${output##* }" ]
    run skiff info --format '{{json .}}'
    echo "$output" | jq -e . >/dev/null
}

@test "--root and --runroot choose another store" {
    run skiff --root "$BATS_TEST_TMPDIR/root" --runroot "$BATS_TEST_TMPDIR/run" images -q
    ends_with 0
    says ""
}

@test "--debug and --log-level: more and less on standard error" {
    run --separate-stderr skiff --debug ps -q
    says ""
    [[ "$stderr" == "skiff: ps took "* ]]
    skiff import -c 'VOLUME /data' "$(busybox_tar)" warns
    run skiff --log-level warn run --rm warns true
    mentions WARNING
    run skiff --log-level error run --rm warns true
    ends_with 0
    says ""
    run skiff --log-level loud ps
    refuses 125 "debug, info, warn or error"
    skiff rmi warns
}

@test "output that cannot be written is a failure" {
    run bash -c 'skiff images >/dev/full'
    refuses 1 "ENOSPC"
}
