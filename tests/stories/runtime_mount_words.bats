# SPDX-License-Identifier: Apache-2.0
# What the words of a mount's options mean, as mount(8) and runc have them.
load runtime_house

# mounts FILTER: config.json's mounts get these objects, too.
add_mounts() { edit_bundle "$B" ".mounts += [$1] | .root.readonly = false"; }

@test "the last word about something counts, and a word that clears takes back what is there" {
    make_bundle cat /proc/self/mountinfo
    mkdir "$B/data"
    mount -t tmpfs -o nosuid,nodev,noexec held "$B/data"
    add_mounts "{destination:\"/a\",type:\"tmpfs\",source:\"a\",options:[\"ro\",\"nosuid\",\"rw\",\"suid\",\"noexec\"]},
        {destination:\"/b\",type:\"bind\",source:\"$B/data\",options:[\"bind\",\"ro\"]},
        {destination:\"/c\",type:\"bind\",source:\"$B/data\",options:[\"bind\",\"exec\",\"nodev\",\"dev\"]},
        {destination:\"/d\",type:\"tmpfs\",source:\"d\",options:[\"noatime\",\"relatime\",\"silent\",\"defaults\",\"loud\",\"size=64k\"]}"
    run rt run -b "$B" "$ID"
    umount "$B/data"
    ends_with 0
    # of PLACE: the attributes of the mount there, with those of its filesystem.
    of() { awk -v place="$1" '$5 == place { print $6 }' <<<"$output"; }
    [ "$(of /a)" = rw,noexec,relatime ]
    [ "$(of /b)" = ro,nosuid,nodev,noexec,relatime ]
    [ "$(of /c)" = rw,nosuid,relatime ]
    [ "$(of /d)" = rw,relatime ]
    mentions "size=64k"
}

@test "tmpcopyup: the tmpfs begins with what the image has there, and what is changed stays in memory" {
    local image=$B/rootfs/var/filled
    mkdir -p "$image/deep/er"
    echo one >"$image/file"; echo two >"$image/deep/er/file"
    ln -s /etc/shadow "$image/link"
    mkfifo "$image/fifo"
    mknod "$image/null" c 1 3
    cp "$B/rootfs/bin/busybox" "$image/tool"; setcap cap_net_raw+ep "$image/tool"
    chmod 4711 "$image/tool"; setcap cap_net_raw+ep "$image/tool"
    head -c 3000000 /dev/urandom >"$image/large"
    chown 12:34 "$image/file" "$image/link" -h; chmod 640 "$image/file"; chmod 1773 "$image/deep"; chmod 757 "$image"; chown 5:6 "$image"
    touch -h -d @1000000 "$image/file" "$image/link" "$image/deep"
    make_bundle sh -c 'cd /var/filled; stat -c "%n %A %u:%g %t:%T %Y" . file link fifo null deep | sort; cat deep/er/file; readlink link; md5sum <large; stat -c %a tool
        rm file; echo changed >file && cat file; touch new && ls | wc -l; grep " /var/filled " /proc/self/mountinfo | grep -o "tmpfs [a-z]* .*"'
    add_mounts '{destination:"/var/filled",type:"tmpfs",source:"mine",options:["tmpcopyup","size=16m","nosuid"]}'
    run rt run -b "$B" "$ID"
    ends_with 0
    mentions ". drwxr-xrwx 5:6"
    mentions "file -rw-r----- 12:34 0:0 1000000"
    mentions "link lrwxrwxrwx 12:34 0:0 1000000"
    mentions "deep drwxrwx-wt 0:0 0:0 1000000"
    mentions "fifo prw-r--r-- 0:0"
    mentions "null crw-r--r-- 0:0 1:3"
    mentions two
    mentions /etc/shadow
    mentions "$(md5sum <"$image/large")"
    mentions 4711
    mentions changed
    mentions "tmpfs mine"
    [ "$(cat "$image/file")" = one ] && [ ! -e "$image/new" ]
    edit_bundle "$B" '.process.args = ["sleep", "1000"]'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run getcap "/proc/$(rt state "$ID" | jq .pid)/root/var/filled/tool"
    mentions cap_net_raw=ep
}

@test "tmpcopyup and ro: full first, read-only then; into a place that is not there: empty" {
    mkdir "$B/rootfs/filled"; echo kept >"$B/rootfs/filled/file"
    make_bundle sh -c 'cat /filled/file; echo x >/filled/file; ls -A /absent/place | wc -l; stat -c %a /absent/place'
    add_mounts '{destination:"/filled",type:"tmpfs",source:"tmpfs",options:["tmpcopyup","ro"]},{destination:"/absent/place",type:"tmpfs",source:"tmpfs",options:["tmpcopyup"]}'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = kept ]
    mentions "Read-only file system"
    [ "${lines[2]}" = 0 ] && [ "${lines[3]}" = 1777 ]
    add_mounts '{destination:"/filled",type:"bind",source:"/etc",options:["bind","tmpcopyup"]}'
    run rt run -b "$B" "$ID"
    refuses 1 "tmpcopyup is for a tmpfs alone"
}

@test "tmpcopyup in a user namespace: files belong to the container's users, and what is too large is told" {
    mkdir "$B/rootfs/filled"; echo mine >"$B/rootfs/filled/file"; head -c 200000 /dev/zero >"$B/rootfs/filled/large"
    chmod 755 "$HOUSE_DIR" "$B"
    make_bundle stat -c '%u:%g %s %n' /filled /filled/file /filled/large
    edit_bundle "$B" '.linux.namespaces += [{type:"user"}] | .linux.uidMappings = [{containerID:0,hostID:700000,size:1000}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 700000:700000 "$B/rootfs"; chown 700007:700008 "$B/rootfs/filled/file"; chown 5:5 "$B/rootfs/filled/large"
    add_mounts '{destination:"/filled",type:"tmpfs",source:"tmpfs",options:["tmpcopyup"]}'
    run rt run -b "$B" "$ID"
    mentions "7:8 5 /filled/file"
    mentions "0:0 200000 /filled/large"   # nobody's inside, so root's
    edit_bundle "$B" '.mounts[-1].options = ["tmpcopyup", "size=64k"]'
    run rt run -b "$B" "$ID"
    refuses 1 ENOSPC
    mentions "/filled"
}

@test "remount gives other attributes to what is there; options of the filesystem are refused by name" {
    mkdir "$B/data"; echo there >"$B/data/file"
    make_bundle sh -c 'grep -E " (/|/data) " /proc/self/mountinfo | cut -d" " -f5,6; touch /data/x /x'
    add_mounts "{destination:\"/data\",type:\"bind\",source:\"$B/data\",options:[\"bind\",\"nosuid\"]},
        {destination:\"/data\",type:\"bind\",source:\"\",options:[\"remount\",\"ro\",\"noexec\"]}, {destination:\"/\",options:[\"remount\",\"nodev\"]}"
    run rt run -b "$B" "$ID"
    mentions "/data ro,nosuid,noexec,relatime"
    [[ "$output" =~ "/ rw,nodev"* ]]
    mentions "/data/x: Read-only file system"
    [ -e "$B/rootfs/x" ]
    edit_bundle "$B" '.mounts[-1].options = ["remount", "size=1m"]'
    run rt run -b "$B" "$ID"
    refuses 1 'not \"size\" of its filesystem'
}

@test "a path made read-only keeps the attributes of the mount that it lies in" {
    make_bundle sh -c 'grep " /held/part " /proc/self/mountinfo | cut -d" " -f6; touch /held/part/x; touch /held/y && echo beside'
    mkdir -p "$B/rootfs/held/part"
    add_mounts '{destination:"/held",type:"tmpfs",source:"held",options:["nosuid","nodev","noexec","noatime","tmpcopyup"]}'
    edit_bundle "$B" '.linux.readonlyPaths += ["/held/part", "/no/such/path"]'
    run rt run -b "$B" "$ID"
    mentions ro,nosuid,nodev,noexec,noatime
    mentions "Read-only file system"
    mentions beside
}

@test "relative destinations begin at the root, and dangling links in the image are followed inside" {
    make_bundle sh -c 'cat /relative/path/file /real/dir/file'
    mkdir "$B/data"; echo there >"$B/data/file"
    ln -s /real/dir "$B/rootfs/dangling"
    add_mounts "{destination:\"relative/path\",type:\"bind\",source:\"$B/data\",options:[\"bind\"]}, {destination:\"/dangling\",type:\"bind\",source:\"$B/data\",options:[\"bind\"]}"
    run rt run -b "$B" "$ID"
    says $'there\nthere'
    [ ! -e /real ]
}
