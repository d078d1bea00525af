#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T31: a user that reads as somebody else: a numeric name in the image's passwd, a number that wraps around, what a lenient
# parser takes for 0. CVE-2016-3697 (runc), CVE-2026-30892 (crun: `exec -u 1` was root), CVE-2024-40635 (containerd).
# Defence: numbers are numbers, whole and in range, and anything else is refused (D8).

load frame

# The image says that the user called 1000 is root, and so is every other odd name.
image_with_odd_names() {
    fresh_bundle /bin/busybox sleep 1000
    printf '%s\n' 'root:x:0:0::/:/bin/sh' '1000:x:0:0::/:/bin/sh' '0x3e8:x:0:0::/:/bin/sh' '4294967296:x:0:0::/:/bin/sh' '-1:x:0:0::/:/bin/sh' >"$DIR/bundle/rootfs/etc/passwd"
}

# who_is USER: "uid:gid" of an exec with it, or "refused".
who_is() {
    local said
    if said=$("$TARGET" --root "$DIR/state" exec --user="$1" attack /bin/busybox sh -c 'echo "$(id -u):$(id -g)"' 2>"$DIR/refusal" </dev/null); then echo "$said"; else echo refused; fi
}

@test "T31 each string is exactly that user, or refused with its name" {
    local line user expected found wrong=0
    TARGET=$SKIFF_RUNTIME
    image_with_odd_names
    "$TARGET" --root "$DIR/state" run -d -b "$DIR/bundle" attack </dev/null >/dev/null 2>&1
    while IFS='|' read -r user expected; do
        found=$(who_is "$user")
        [ "$found" = "$expected" ] || { printf 'user <%s>: %s instead of %s\n' "$user" "$found" "$expected" >&2; wrong=1; }
        [ "$found" != refused ] || grep -q -- --user "$DIR/refusal" || { printf 'user <%s>: the refusal does not name the option\n' "$user" >&2; wrong=1; }
    done <<'EOF'
0|0:0
1|1:0
1000|1000:0
1000:0|1000:0
1000:1000|1000:1000
0:5|0:5
00|0:0
65534:65534|65534:65534
4294967294:4294967294|4294967294:4294967294
4294967295|refused
4294967296|refused
4294968296|refused
1:4294967295|refused
1:4294967296|refused
18446744073709551616|refused
18446744073709551617|refused
-1|refused
-0|refused
+1|refused
1:-1|refused
0x0|refused
0x3e8|refused
01x|refused
1e3|refused
1.0|refused
 0|refused
0 |refused
1,0|refused
:|refused
:1|refused
1:|refused
1:1:1|refused
1::1|refused
root|refused
root:wheel|refused
1000:root|refused
nobody|refused
1/0|refused
١|refused
|refused
EOF
    found=$(who_is "$(head -c 100000 /dev/zero | tr '\0' 1)")
    [ "$found" = refused ]
    found=$(who_is $'1000\n0')
    [ "$found" = refused ]
    "$TARGET" --root "$DIR/state" delete -f attack
    return $wrong
}

@test "T31 numbers in config.json that are none are refused" {
    local user
    TARGET=$SKIFF_RUNTIME
    for user in '{"uid":-1,"gid":0}' '{"uid":4294967295,"gid":0}' '{"uid":4294967296,"gid":0}' '{"uid":1.5,"gid":0}' '{"uid":"1000","gid":0}' '{"uid":0,"gid":-1}' \
        '{"uid":0,"gid":4294967295}' '{"uid":0,"gid":0,"additionalGids":[-1]}' '{"uid":0,"gid":0,"additionalGids":[4294967295]}' '{"uid":0,"gid":0,"username":"1000"}'; do
        fresh_bundle /bin/busybox id
        edit_bundle "$DIR/bundle" ".process.user = $user"
        run run_bundle
        refuses 1 "process.user" || { echo "for $user" >&2; return 1; }
    done
}

# A program that looks for a name first takes the image's word for who 1000 is.
@test "T31 control: su believes the image's passwd" {
    TARGET=$SKIFF_RUNTIME
    image_with_odd_names
    run chroot "$DIR/bundle/rootfs" /bin/busybox su 1000 -c 'id -u'
    says 0
}
