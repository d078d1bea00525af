#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T16: what is masked or read-only is tried by every other way: taken off, remounted, in new namespaces of the container's own, under
# another name, through a second procfs. Side channels of power and interrupts are among the masked (CVE-2020-8694; GHSA-7ww5, GHSA-6fw5).
# Defence: masks are mounts of a namespace that the container's privileges do not own (D6, D16).

load frame

# Each way that leads to something says "got".
WAYS='
reads() { if [ -d "$1" ]; then [ -n "$(ls -A "$1" 2>/dev/null)" ]; else [ -n "$(timeout 2 head -c 16 "$1" 2>/dev/null | tr -d "\0")" ]; fi; }
try() { for p in $MASKED; do [ -e "$p" ] && reads "$1$p" && echo "got $1$p $2"; done; echo attacker 2>/dev/null >"$1/proc/sys/kernel/domainname" && echo "got to write $1/proc/sys $2"; }
try "" "as it is"
try /proc/self/root "by the root link"
try /proc/self/cwd "by the directory link"
for p in $MASKED /proc/sys; do umount "$p" 2>/dev/null && echo "got $p off"; umount -l "$p" 2>/dev/null && echo "got $p off"
    mount -o remount,bind,rw "$p" 2>/dev/null && echo "got $p remounted"; done
try "" "after that"
'
# As root of namespaces of its own. An ordinary user makes them: a root without CAP_SETFCAP may not (Linux 5.12).
DEEPER='
mkdir -p /tmp/p /tmp/s /tmp/b
for p in $MASKED /proc/sys; do umount "$p" 2>/dev/null && echo "got $p off, deeper"; done
mount -o remount,bind,rw /proc/sys 2>/dev/null && echo "got /proc/sys remounted, deeper"
mount -t proc proc /tmp/p 2>/dev/null && echo "got a second procfs"
mount -t sysfs sys /tmp/s 2>/dev/null && echo "got a second sysfs"
mount --bind /proc /tmp/b 2>/dev/null && { umount /tmp/b/sys 2>/dev/null && echo "got a bare copy"; }
mount --rbind /proc /tmp/b 2>/dev/null && { umount /tmp/b/timer_list 2>/dev/null && echo "got a mask off a copy"; }
for p in $MASKED; do [ -e "$p" ] && reads "$p" && echo "got $p, deeper"; done
exit 0
'

tried_with() {
    fresh_bundle /bin/busybox sh -c "$1"
    [ -z "$CONTROL" ] || edit_bundle "$DIR/bundle" '.masked = .linux.maskedPaths | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
    masked=$(jq -r '(.masked // .linux.maskedPaths) | join(" ")' "$DIR/bundle/config.json")
    edit_bundle "$DIR/bundle" 'del(.masked) | .process.env += ["MASKED='"$masked"'"] | .mounts += [{destination:"/tmp",type:"tmpfs",source:"tmpfs"}]'
    jq --arg deeper "$(sed -n '2p' <<<"$WAYS")$DEEPER" '.process.env += ["DEEPER=" + $deeper]' "$DIR/bundle/config.json" >"$DIR/with" && mv "$DIR/with" "$DIR/bundle/config.json"
    edit_bundle "$DIR/bundle" ".process.user = {uid:$2, gid:$2}"
    run_bundle
}

the_attack() {
    tried_with "$WAYS"'echo tried' 0
    tried_with 'unshare -Urmpf sh -c "$DEEPER" && echo "tried deeper"' 1000
}

escaped() { [[ "$output" == *"got "* || "$output" != *"tried"*"tried deeper"* ]]; }

@test "T16 nothing that is masked or read-only is reached by another way" { CONTROL= attack_fails; }
@test "T16 control: where nothing is masked every way leads to something" { CONTROL=1; control_succeeds "$SKIFF_RUNTIME"; [[ "$output" == *"got /"* && "$output" == *"got to write"* ]]; }

@test "T16 power, interrupts and thermal throttling of the host are masked by default" {
    export SKIFF_ROOT=$DIR/root SKIFF_RUNROOT=$DIR/run
    skiff import - busybox <"$(busybox_tar)" >/dev/null
    run skiff run --rm busybox sh -c 'cat /proc/interrupts /proc/timer_list /proc/kcore /proc/keys
        ls -A /sys/devices/virtual/powercap /sys/firmware; for place in /sys/devices/system/cpu/cpu*/thermal_throttle; do [ ! -e "$place" ] || ls -A "$place"; done' 2>/dev/null
    [[ -z "$(grep -v ":$\|^$\|No such file" <<<"$output")" ]] || { echo "told: $output" >&2; return 1; }
    run skiff run --rm --privileged busybox cat /proc/interrupts   # as a control
    [[ "$output" == *CPU0* ]]
    skiff rmi busybox
}
