#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a program finds inside: namespaces, mounts, devices, privileges, limits.
load runtime_house

@test "the first process is PID 1 in namespaces of its own" {
    make_bundle sh -c 'echo $$; hostname; for n in cgroup ipc mnt net pid uts; do readlink /proc/self/ns/$n; done'
    edit_bundle "$B" '.linux.namespaces += [{"type":"cgroup"}]'
    run rt run -b "$B" "$ID"
    ends_with 0
    [ "${lines[0]}" = 1 ]
    [ "${lines[1]}" = "$(jq -r .hostname "$B/config.json")" ]
    local n i=2
    for n in cgroup ipc mnt net pid uts; do
        [ "${lines[$i]}" != "$(readlink /proc/self/ns/$n)" ]
        i=$((i + 1))
    done
}

@test "a namespace that is left out is the host's" {
    make_bundle sh -c 'readlink /proc/self/ns/net; readlink /proc/self/ns/pid'
    edit_bundle "$B" '.linux.namespaces |= map(select(.type != "network"))'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = "$(readlink /proc/self/ns/net)" ]
    [ "${lines[1]}" != "$(readlink /proc/self/ns/pid)" ]
}

@test "namespaces are joined by path, the PID namespace too" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    mkdir "$B/second"; cp -a "$B/rootfs" "$B/second/rootfs"
    bundle_of "$B/second" sh -c 'readlink /proc/self/ns/net; readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts'
    edit_bundle "$B/second" ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$pid/ns/net\" elif .type == \"pid\" then .path = \"/proc/$pid/ns/pid\" elif .type == \"ipc\" then .path = \"/proc/$pid/ns/ipc\" else . end)"
    run rt run -b "$B/second" "$ID-2"
    ends_with 0
    [ "${lines[0]}" = "$(readlink /proc/$pid/ns/net)" ]
    [ "${lines[1]}" = "$(readlink /proc/$pid/ns/pid)" ]
    [ "${lines[2]}" = "$(readlink /proc/$pid/ns/ipc)" ]
    [ "${lines[3]}" != "$(readlink /proc/$pid/ns/uts)" ]
    edit_bundle "$B/second" ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$pid/ns/ipc\" else . end)"
    run rt run -b "$B/second" "$ID-2"
    ends_with 1
}

@test "root in a user namespace is an ordinary user outside" {
    make_bundle sh -c 'id -u; cat /proc/self/uid_map; touch /tmp/mine; echo x >/dev/null; grep CapEff /proc/self/status'
    chown -R 100000:100000 "$B/rootfs"; chmod 711 "$HOUSE_DIR" "$B"
    edit_bundle "$B" '.linux.namespaces += [{"type":"user"}] | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings'
    edit_bundle "$B" '.root.readonly = false'
    run rt run -b "$B" "$ID"
    ends_with 0
    [ "${lines[0]}" = 0 ]
    [[ "${lines[1]}" =~ ^\ +0\ +100000\ +65536$ ]]
    [ "$(stat -c %u "$B/rootfs/tmp/mine")" = 100000 ]
}

@test "a time namespace is made" {
    make_bundle readlink /proc/self/ns/time
    edit_bundle "$B" '.linux.namespaces += [{"type":"time"}]'
    run rt run -b "$B" "$ID"
    ends_with 0
    [ "$output" != "$(readlink /proc/self/ns/time)" ]
}

@test "mounts inside stay inside, and the host's tree is out of sight" {
    make_bundle sh -c 'mount -t tmpfs none /tmp && echo mounted; ls /; cut -d" " -f5 /proc/self/mountinfo | grep -c /var/tmp'
    edit_bundle "$B" '.process.capabilities.bounding += ["CAP_SYS_ADMIN"] | .process.capabilities.effective += ["CAP_SYS_ADMIN"] | .process.capabilities.permitted += ["CAP_SYS_ADMIN"]'
    before=$(wc -l </proc/self/mountinfo)
    run rt run -b "$B" "$ID"
    mentions mounted
    [ "${lines[-1]}" = 0 ]
    [ "$(wc -l </proc/self/mountinfo)" = "$before" ]
}

@test "binds: read-only, recursive read-only, files, absent targets, propagation" {
    mkdir -p "$B/data/sub"; echo one >"$B/data/file"; echo two >"$B/single"
    make_bundle sh -c 'cat /deep/er/file /etc/single; touch /deep/er/x 2>&1; touch /rro/sub/x 2>&1; touch /rw/x && echo written; grep " /prop " /proc/self/mountinfo'
    edit_bundle "$B" ".mounts += [
        {destination:\"/deep/er\",type:\"bind\",source:\"$B/data\",options:[\"rbind\",\"ro\",\"nosuid\",\"nodev\"]},
        {destination:\"/etc/single\",type:\"bind\",source:\"$B/single\",options:[\"bind\"]},
        {destination:\"/rro\",type:\"bind\",source:\"$B/data\",options:[\"rbind\",\"rro\"]},
        {destination:\"/rw\",type:\"bind\",source:\"$B/data\",options:[\"rbind\",\"rw\"]},
        {destination:\"/prop\",type:\"bind\",source:\"$B/data\",options:[\"bind\",\"private\"]}] | .root.readonly = false"
    run rt run -b "$B" "$ID"
    ends_with 0
    [ "${lines[0]}" = one ] && [ "${lines[1]}" = two ]
    [[ "${lines[2]}" == *"Read-only file system"* && "${lines[3]}" == *"Read-only file system"* ]]
    [ "${lines[4]}" = written ]
    [ -e "$B/data/x" ]
}

@test "a read-only root cannot be written, its tmpfs can" {
    run in_container sh -c 'touch /x 2>&1; touch /dev/shm/y && echo fine'
    mentions "Read-only file system"
    mentions fine
}

@test "the default devices are there, no other can be opened" {
    make_bundle sh -c 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done; readlink /dev/ptmx; readlink /dev/fd; echo x >/dev/null && echo null works; mknod /tmp/sda b 8 0 && cat /tmp/sda'
    edit_bundle "$B" '.root.readonly = false | .process.capabilities |= with_entries(.value += ["CAP_MKNOD"])'
    run rt run -b "$B" "$ID"
    mentions "/dev/null 1:3 666"
    mentions "/dev/tty 5:0 666"
    mentions pts/ptmx
    mentions "null works"
    mentions "Operation not permitted"
}

@test "a device of linux.devices is made and, where allowed, opened" {
    make_bundle sh -c 'stat -c "%t:%T %a %u:%g" /dev/mine; head -c1 /dev/mine | wc -c'
    edit_bundle "$B" '.linux.devices = [{path:"/dev/mine",type:"c",major:1,minor:5,fileMode:438,uid:3,gid:4}]'
    run rt run -b "$B" "$ID"
    says "$(printf '1:5 666 3:4\n1')"
}

@test "masked paths are empty, read-only paths refuse, whatever the image's /dev/null is" {
    run in_container sh -c 'wc -c </proc/timer_list; ls /proc/acpi /sys/firmware 2>&1 | grep -vc :; echo 1 >/proc/sys/kernel/panic'
    [ "${lines[0]}" = 0 ]
    mentions "Read-only file system"
    run in_container sh -c 'stat -c "%t:%T" /proc/timer_list'
    says 1:3
}

@test "symlinks at /proc, /sys and /dev are refused" {
    local place
    for place in proc sys dev; do
        rm -rf "$B/rootfs/$place"; ln -s "$B" "$B/rootfs/$place"
        run in_container true
        refuses 1 symlink || { echo "for $place" >&2; return 1; }
        rm "$B/rootfs/$place"; mkdir "$B/rootfs/$place"
    done
}

@test "symlinks in the root lead nowhere outside" {
    mkdir "$B/outside"
    ln -s "$B/outside" "$B/rootfs/volume"
    ln -s ../../../../../../../../../../../../etc "$B/rootfs/up"
    make_bundle sh -c 'ls /volume/x; ls -d /up/y'
    edit_bundle "$B" ".mounts += [{destination:\"/volume/x\",type:\"tmpfs\",source:\"tmpfs\"},{destination:\"/up/y\",type:\"tmpfs\",source:\"tmpfs\"}] | .root.readonly = false"
    run rt run -b "$B" "$ID"
    ends_with 0
    [ -z "$(ls "$B/outside")" ]
    [ ! -e /etc/y ]
    [ -d "$B/rootfs/$B/outside/x" ] && [ -d "$B/rootfs/etc/y" ]
}

@test "capabilities are exactly those that were given" {
    make_bundle sh -c 'grep Cap /proc/self/status'
    edit_bundle "$B" '.process.capabilities = {bounding:["CAP_CHOWN","CAP_KILL"],effective:["CAP_KILL"],permitted:["CAP_CHOWN","CAP_KILL"],inheritable:[],ambient:[]}'
    run rt run -b "$B" "$ID"
    [ "$(awk '{printf "%s ", $2}' <<<"$output")" = "0000000000000000 0000000000000021 0000000000000021 0000000000000021 0000000000000000 " ]
    edit_bundle "$B" '.process.user = {uid:1000,gid:1000,additionalGids:[5,6]} | .process.capabilities.inheritable = ["CAP_KILL"] | .process.capabilities.ambient = ["CAP_KILL"]'
    run rt run -b "$B" "$ID"
    [ "$(awk '{printf "%s ", $2}' <<<"$output")" = "0000000000000020 0000000000000020 0000000000000020 0000000000000021 0000000000000020 " ]
    edit_bundle "$B" 'del(.process.capabilities)'
    run rt run -b "$B" "$ID"
    [ "$(awk '{print $2}' <<<"$output" | sort -u)" = 0000000000000000 ]
}

@test "ids, groups, umask, directory, environment" {
    make_bundle sh -c 'id -u; id -g; grep Groups /proc/self/status; umask; pwd; env | sort'
    edit_bundle "$B" '.process.user = {uid:1000,gid:1001,additionalGids:[10,20],umask:63} | .process.cwd = "/made/here" | .process.env = ["B=2","A=1"] | .root.readonly = false'
    run rt run -b "$B" "$ID"
    [ "${lines[0]}" = 1000 ] && [ "${lines[1]}" = 1001 ]
    [ "$(tr -s '\t ' ' ' <<<"${lines[2]}")" = "Groups: 10 20 " ]
    [ "${lines[3]}" = 0077 ] && [ "${lines[4]}" = /made/here ]
    mentions A=1
    mentions B=2
}

@test "HOME: what was given, else the container's passwd says it, else /" {
    make_bundle sh -c 'echo $HOME'
    home() { run rt run -b "$B" "$ID"; }
    home
    says /root
    edit_bundle "$B" '.process.user = {uid:1000,gid:1000}'
    home
    says /home
    edit_bundle "$B" '.process.env += ["HOME="]'
    home
    says /home
    edit_bundle "$B" '.process.env |= map(select(. != "HOME=")) + ["HOME=/given"]'
    home
    says /given
    edit_bundle "$B" '.process.env |= map(select(. != "HOME=/given")) | .process.user = {uid:4242,gid:0}'
    home
    says /
    # The last line without an end, lines that are none, and one that is too long for a path.
    printf 'broken:x:4242\nlong:x:4242:0::/%05000d:/bin/sh\nrelative:x:4242:0::home:\nother:x:42420:0::/wrong:\n:x:4242:0::/good' 1 >"$B/rootfs/etc/passwd"
    home
    says /good
    rm "$B/rootfs/etc/passwd"
    home
    says /
    mkfifo "$B/rootfs/etc/passwd"
    home
    says /
    # A link leads to the container's file of that name, never to the host's.
    rm "$B/rootfs/etc/passwd"
    ln -s "$B/outside" "$B/rootfs/etc/passwd"
    echo 'host:x:4242:0::/host-secret:' >"$B/outside"
    home
    says /
}

@test "HOME: exec has it, too" {
    make_bundle sleep 1000
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    run rt exec -u 1000:1000 "$ID" sh -c 'echo $HOME'
    says /home
    run rt exec -e HOME=/mine "$ID" sh -c 'echo $HOME'
    says /mine
}

@test "a tmpfs has the permissions of the directory that it covers, unless it is given others" {
    make_bundle stat -c '%n %a' /open /closed /mine /new
    mkdir -m 1777 "$B/rootfs/open"; mkdir -m 700 "$B/rootfs/closed" "$B/rootfs/mine"
    edit_bundle "$B" '.root.readonly = false | .mounts += [{destination:"/open",type:"tmpfs",source:"tmpfs",options:["size=1m"]},
        {destination:"/closed",type:"tmpfs",source:"tmpfs",options:["ro"]}, {destination:"/mine",type:"tmpfs",source:"tmpfs",options:["mode=751"]},
        {destination:"/new",type:"tmpfs",source:"tmpfs"}]'
    run rt run -b "$B" "$ID"
    says $'/open 1777\n/closed 700\n/mine 751\n/new 1777'
    rmdir "$B/rootfs/new"
    run "$HOUSE/tests/without" ENOSYS mounts skiff-runtime --root "$STATES" run -b "$B" "$ID"
    says $'/open 1777\n/closed 700\n/mine 751\n/new 1777'
    if command -v runc >/dev/null; then
        rmdir "$B/rootfs/new"
        edit_bundle "$B" 'del(.mounts[] | select(.destination == "/mine"))'   # runc before 1.2 forgets the mode that was given
        run runc --root "$B/runc" run -b "$B" "$ID-runc"
        says $'/open 1777\n/closed 700\n/mine 700\n/new 1777'
    fi
}

@test "the working directory cannot lead out" {
    make_bundle ls
    for cwd in /proc/self/fd/3 /proc/self/fd/7 /proc/self/cwd/.. /proc/1/root; do
        edit_bundle "$B" ".process.cwd = \"$cwd\""
        run rt run -b "$B" "$ID"
        ends_with 1 || { echo "for $cwd" >&2; return 1; }
    done
}

@test "rlimits, oom score and no-new-privileges reach the program" {
    make_bundle sh -c 'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status'
    edit_bundle "$B" '.process.rlimits = [{type:"RLIMIT_NOFILE",soft:100,hard:200}] | .process.oomScoreAdj = 321 | .process.noNewPrivileges = true'
    run rt run -b "$B" "$ID"
    says "$(printf '100\n200\n321\nNoNewPrivs:\t1')"
}

@test "a hard limit above ours is clamped with a warning where we may not raise it" {
    make_bundle sh -c 'ulimit -Hn'
    edit_bundle "$B" '.process.rlimits = [{type:"RLIMIT_NOFILE",soft:1048576,hard:1048576}]'
    hard=$(ulimit -Hn)
    if grep -q "CapEff.*fffffffeffff\|CapEff:.*01fffeffffff" /proc/self/status; then
        run rt run -b "$B" "$ID"
        ends_with 0
        mentions "RLIMIT_NOFILE"
        [ "${lines[-1]}" = "$hard" ]  # a warning comes before the program's first word
    else
        run rt run -b "$B" "$ID"
        ends_with 0
    fi
}

@test "seccomp refuses, kills and lets through, with and without no-new-privileges" {
    for nnp in true false; do
        make_bundle sh -c 'mkdir /tmp/x 2>&1; echo after'
        edit_bundle "$B" ".process.noNewPrivileges = $nnp | .root.readonly = false | .linux.seccomp = {defaultAction:\"SCMP_ACT_ALLOW\",architectures:[\"SCMP_ARCH_X86_64\"],syscalls:[{names:[\"mkdir\",\"mkdirat\"],action:\"SCMP_ACT_ERRNO\",errnoRet:38}]}"
        run rt run -b "$B" "$ID"
        mentions "Function not implemented"
        mentions after
        edit_bundle "$B" '.linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_KILL_PROCESS" | del(.errnoRet)) | .process.args = ["mkdir","/tmp/x"]'
        run rt run -b "$B" "$ID"
        ends_with 159
    done
    run in_container grep Seccomp: /proc/self/status
    says "$(grep Seccomp: /proc/self/status)"
}

@test "sysctls of its own namespaces are set, the host's are refused" {
    make_bundle sh -c 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
    edit_bundle "$B" '.linux.sysctl = {"net.ipv4.ip_forward":"1","kernel.shmmni":"2048"}'
    run rt run -b "$B" "$ID"
    says "$(printf '1\n2048')"
    for name in kernel.core_pattern vm.swappiness 'net..core' 'net/../kernel/core_pattern' kernel.shm_rmid_forced=1; do
        edit_bundle "$B" ".linux.sysctl = {\"$name\":\"1\"}"
        run rt run -b "$B" "$ID"
        refuses 1 sysctl || { echo "for $name" >&2; return 1; }
    done
    edit_bundle "$B" '.linux.sysctl = {"net.ipv4.ip_forward":"1"} | .linux.namespaces |= map(select(.type != "network"))'
    run rt run -b "$B" "$ID"
    refuses 1 "would change the host"
}

@test "limits are the kernel's own figures" {
    make_bundle sleep 1000
    edit_bundle "$B" '.linux.resources |= (. // {}) + {memory:{limit:67108864,reservation:33554432},cpu:{shares:512,quota:50000,period:100000,cpus:"0"},pids:{limit:20}}'
    rt run -d -b "$B" "$ID" </dev/null >/dev/null 2>&1
    local g=$ID t=/sys/fs/cgroup
    if is_unified; then
        cd "$t/$g"
        [ "$(cat memory.max) $(cat memory.low) $(cat cpu.max) $(cat cpuset.cpus) $(cat pids.max)" = "67108864 33554432 50000 100000 0 20" ]
        [ "$(cat cpu.weight)" -lt 100 ]   # fewer than the usual 1024 shares
        grep -qx "$(rt state "$ID" | jq .pid)" cgroup.procs
        return
    fi
    [ "$(cat $t/memory/$g/memory.limit_in_bytes)" = 67108864 ]
    [ "$(cat $t/memory/$g/memory.soft_limit_in_bytes)" = 33554432 ]
    [ "$(cat $t/cpu/$g/cpu.shares)" = 512 ]
    [ "$(cat $t/cpu/$g/cpu.cfs_quota_us)" = 50000 ]
    [ "$(cat $t/cpuset/$g/cpuset.cpus)" = 0 ]
    [ "$(cat $t/pids/$g/pids.max)" = 20 ]
    for tree in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
        grep -qx "$(rt state "$ID" | jq .pid)" "$t/$tree/$g/cgroup.procs"
    done
}

@test "a group that is frozen or holds strangers is refused" {
    make_bundle true
    local group; group=$(group_at freezer "$ID")
    mkdir "$group"
    freeze "$group"
    run timeout 20 skiff-runtime --root "$STATES" run -b "$B" "$ID"
    refuses 1 frozen
    thaw "$group"
    sleep 100 3>&- &
    local stranger=$!
    echo $stranger >"$group/cgroup.procs"
    run rt run -b "$B" "$ID"
    refuses 1 ""
    kill -0 $stranger
    kill $stranger
    wait $stranger || true
    rmdir "$group" || until_true 5 rmdir "$group"
}

@test "only descriptors that were asked for arrive" {
    make_bundle ls /proc/self/fd
    exec 9</etc/passwd
    run rt run -b "$B" "$ID"
    exec 9<&-
    says "$(printf '0\n1\n2\n3')"
    make_bundle sh -c 'cat <&3'
    echo kept >"$B/kept"
    run bash -c "exec 3<'$B/kept'; skiff-runtime --root '$STATES' run --preserve-fds 1 -b '$B' '$ID'"
    says kept
    run rt run --preserve-fds 30 -b "$B" "$ID"
    refuses 1 "not open"
}

@test "a terminal comes from the container's own devpts" {
    make_bundle sh -c 'tty; stty size; test -c /dev/console && echo console'
    edit_bundle "$B" '.process.terminal = true | .process.consoleSize = {height:33,width:77}'
    run script -qec "skiff-runtime --root '$STATES' run -b '$B' '$ID'" /dev/null </dev/null
    mentions /dev/pts/0
    mentions console
    run rt create -b "$B" "$ID"
    refuses 1 console-socket
}

@test "the terminal is the user's, has the size that was asked for, and its name is valid inside" {
    make_bundle sh -c 'stat -c "%u %t" "$(readlink /proc/self/fd/0)"; stty size; ls -l /dev/ptmx | grep -o "pts/ptmx"; stat -c %t /dev/console; echo new >/dev/console'
    edit_bundle "$B" '.process.terminal = true | .process.consoleSize = {height: 33, width: 77} | .process.user = {uid: 1234, gid: 1234}'
    skiff-runtime --root "$STATES" run -d --console-socket "$B/none" -b "$B" "$ID" 2>/dev/null && return 1
    run script -qec "stty rows 33 cols 77; skiff-runtime --root '$STATES' run -b '$B' '$ID'" /dev/null </dev/null
    mentions "1234 88"
    mentions "33 77"
    mentions pts/ptmx
    mentions new
}

@test "a bind source that only the host's root can reach arrives in a user namespace, too" {
    [[ ${SKIFF_TEST_WITHOUT:-} != *open_tree* ]] || skip "without open_tree(2) the container's root opens the source himself"
    mkdir -p "$B/closed/inner"; echo there >"$B/closed/inner/file"; chmod 700 "$B/closed"
    chmod 755 "$HOUSE_DIR" "$B" "$B/closed/inner"  # the way to the root is open, that to the source is not
    make_bundle cat /inner/file
    edit_bundle "$B" ".mounts += [{destination: \"/inner\", type: \"bind\", source: \"$B/closed/inner\", options: [\"rbind\", \"ro\"]}]
        | .linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 700000, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
    chown -R 700000:700000 "$B/rootfs"
    run rt run -b "$B" "$ID"
    says there
}

@test "the program is never what a container can write to" {
    make_bundle sleep 1000
    rt create -b "$B" "$ID" </dev/null >/dev/null 2>&1
    pid=$(rt state "$ID" | jq .pid)
    run sh -c "exec 5>>/proc/$pid/exe"
    [ "$status" != 0 ]
    # Not only while it runs ("text file busy"): the file lies on a read-only mount, or is a sealed copy, for ever.
    python3 -c 'import fcntl, os, sys
on_read_only_mount = os.statvfs(sys.argv[1]).f_flag & os.ST_RDONLY
copy = not on_read_only_mount and fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), fcntl.F_GET_SEALS)
sys.exit(not on_read_only_mount and not copy & fcntl.F_SEAL_WRITE)' "/proc/$pid/exe"
}
