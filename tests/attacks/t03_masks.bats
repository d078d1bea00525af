#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T03: masked paths are covered with the container's /dev/null; an image that brings its own /dev can put anything there.
# CVE-2025-31133 (runc). Defence: the mask is our own null device, checked by fstat (D6).

load frame

the_attack() {
    fresh_bundle /bin/busybox sh -c 'grep " /proc/timer_list " /proc/self/mountinfo | cut -d " " -f 4,5
        echo escaped.example >/proc/timer_list; echo "mask gives: $(timeout 2 head -c 40 /proc/timer_list | tr "\0" 0)"
        echo "domainname is $(cat /proc/sys/kernel/domainname)"'
    mkdir "$DIR/bundle/rootfs/imagedev"
    cp -a /dev/zero /dev/tty "$DIR/bundle/rootfs/imagedev/"
    case $NULL in
    link) ln -s /proc/sys/kernel/domainname "$DIR/bundle/rootfs/imagedev/null" ;;
    file) echo "the image's own" >"$DIR/bundle/rootfs/imagedev/null" ;;
    zero) mknod "$DIR/bundle/rootfs/imagedev/null" c 1 5 ;;
    fifo) mkfifo "$DIR/bundle/rootfs/imagedev/null" ;;
    esac
    edit_bundle "$DIR/bundle" '.mounts |= map(select(.destination | startswith("/dev") | not)) |
        .mounts += [{"destination": "/dev", "type": "bind", "source": "'"$DIR/bundle/rootfs/imagedev"'", "options": ["rbind", "rw"]}] |
        .linux.maskedPaths = ["/proc/timer_list"]'
    timeout -k 5 20 "$TARGET" --root "$DIR/state" run -b "$DIR/bundle" attack </dev/null
    local code=$?
    timeout -k 5 20 "$TARGET" --root "$DIR/state" delete -f attack >/dev/null 2>&1 || true
    return $code
}

escaped() {
    [[ "$output" == *"/sys/kernel/domainname /proc/timer_list"* || "$output" == *"domainname is escaped"* || "$output" == *"mask gives: the image"* ||
       "$output" == *"mask gives: 000"* || "$status" == 124 ]]
}

@test "T03 the image's null device is a link to a kernel setting" { NULL=link attack_fails; }
@test "T03 the image's null device is a file" { NULL=file attack_fails; }
@test "T03 the image's null device is /dev/zero" { NULL=zero attack_fails; }
@test "T03 the image's null device is a FIFO" { NULL=fifo attack_fails; }
@test "T03 control: a link to a kernel setting, on runc" { NULL=link control_succeeds runc; }
@test "T03 control: /dev/zero, on runc" { NULL=zero control_succeeds runc; }
