#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T05: two containers share a volume; one swaps a directory of it with a link to the host, over and over, while another is being
# made that has mounts below that directory. Whoever checks a path and then uses it makes things on the host.
# CVE-2021-30465 and CVE-2024-45310 (runc), CVE-2015-1335 (LXC). Defence: kernel::Root (D1), mounts by descriptor (D2).

load frame

STARTS=${SKIFF_TEST_LONG:+20000}
STARTS=${STARTS:-200}

# swap DIRECTORY ENTRY OTHER: exchanges the two until it is ended (renameat2(2) RENAME_EXCHANGE).
swap() {
    exec python3 -c 'import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
at = os.open(sys.argv[1], os.O_PATH)
one, other = (word.encode() for word in sys.argv[2:])
while True: libc.renameat2(at, one, at, other, 2)' "$@"
}

# What a runtime does that joins strings: looks where the path leads, and then goes there.
naive() {
    local place=$DIR/volume/x/y
    [ "$(realpath -m "$place")" = "$place" ] && mkdir -p "$place" 2>/dev/null
    rmdir "$DIR/volume/dir/y" 2>/dev/null
}

the_attack() {
    mkdir -p "$DIR/volume/x" "$DIR/data"
    ln -s "$LINK" "$DIR/volume/link"
    if [ "$TARGET" != naive ]; then
        fresh_bundle /bin/busybox touch /V/x/y/made /V/x/z/made
        edit_bundle "$DIR/bundle" '.mounts += [{destination:"/V",type:"bind",source:"'"$DIR/volume"'",options:["rbind","rw"]},
            {destination:"/V/x/y",type:"tmpfs",source:"tmpfs"}, {destination:"/V/x/z",type:"bind",source:"'"$DIR/data"'",options:["bind","rw"]}]'
    fi
    swap "$DIR/volume" x link 3>&- &
    local swapper=$! i ended=0
    for ((i = 0; i < STARTS; i++)); do
        if [ "$TARGET" = naive ]; then naive; else run_bundle >/dev/null 2>"$DIR/said" && ended=$((ended + 1)) || grep -q "^" "$DIR/said" || echo "start $i failed without a word"; fi
    done
    kill $swapper
    wait $swapper 2>/dev/null
    echo "$ended of $STARTS containers ran"
}

escaped() { [[ "$output" == *"without a word"* ]]; }

some_ran() { [[ "$output" != *$'\n0 of '*  && "$output" != "0 of "* ]] || { echo "no container was made at all: $output" >&2; return 1; }; }

@test "T05 the place of a mount is swapped with an absolute link to the host" { LINK=$CANARY attack_fails; some_ran; }
@test "T05 the place of a mount is swapped with a relative link to the host" { LINK=../../../../../../../../../..$CANARY attack_fails; some_ran; }
@test "T05 control: a runtime that looks first and goes there then" { LINK=$CANARY control_succeeds naive; }
