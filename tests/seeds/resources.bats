# SPDX-License-Identifier: Apache-2.0
# Control groups: what a limit does to whom it holds. Nothing here is judged by a clock but that a throttle takes long:
# processor time is compared with processor time.
load helpers

fill() { echo "\$x = 'a' x ($1 << 20); print qq(filled\\n)"; }  # for perl: that many MiB, written to

@test "a memory limit below need kills the process and only it, and OOM is told" {
    needs_controller memory
    skiff run --name short -m 48m --memory-swap 48m debian sh -c "perl -e '$(fill 100)'; echo \"perl: \$?\"" >"$BATS_TEST_TMPDIR/said" 2>&1
    told=$(skiff inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' short)
    skiff rm short
    [ "$told" = "true 0" ] || { echo "told: $told" >&2; false; }
    run cat "$BATS_TEST_TMPDIR/said"
    mentions "perl: 137"
    does_not_mention filled
}

@test "a first process out of memory ends the container with 137, told as OOM" {
    needs_controller memory
    run skiff run --name short -m 48m --memory-swap 48m debian perl -e "$(fill 100)"
    ends_with 137
    run skiff inspect -f '{{.State.OOMKilled}}' short
    skiff rm short
    says true
}

@test "a raised limit lets it live, and so does none" {
    needs_controller memory
    in_debian -m 256m --memory-swap 256m debian perl -e "$(fill 100)"
    says filled
    in_debian debian perl -e "$(fill 100)"
    says filled
}

@test "a limit that is raised while it runs holds from then on" {
    needs_controller memory
    skiff run -d --name raised -m 48m --memory-swap 48m debian sleep 1000 >/dev/null
    run skiff exec raised perl -e "$(fill 100)"
    ends_with 137
    group=$(group_of raised memory)
    echo 256M >"$group/memory.memsw.limit_in_bytes"
    echo 256M >"$group/memory.limit_in_bytes"
    run skiff exec raised perl -e "$(fill 100)"
    skiff rm -f raised
    says filled
}

@test "usage, its maximum and how often the limit was met are counted" {
    needs_controller memory
    skiff run -d --name counted -m 48m --memory-swap 48m debian sleep 1000 >/dev/null
    group=$(group_of counted memory)
    quiet=$(cat "$group/memory.failcnt") used=$(cat "$group/memory.usage_in_bytes")
    run skiff exec counted perl -e "$(fill 100)"
    failed=$(cat "$group/memory.failcnt") most=$(cat "$group/memory.max_usage_in_bytes")
    kills=$(sed -n 's/^oom_kill //p' "$group/memory.oom_control")
    inside=$(skiff exec counted cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes)
    skiff rm -f counted
    ends_with 137
    [ "$quiet" = 0 ] && [ "$failed" -gt 0 ] && [ "$kills" = 1 ]
    [ "$used" -lt $((24 << 20)) ] && [ "$most" -gt $((47 << 20)) ] && [ "$most" -le $((48 << 20)) ]
    [ "$inside" = "$most" ]
}

@test "what is no multiple of a page is rounded by the kernel: 4,000,000 becomes 3,997,696" {
    needs_controller memory
    skiff run -d --name rounded -m 32m debian sleep 1000 >/dev/null
    group=$(group_of rounded memory)
    echo 4000000 >"$group/memory.soft_limit_in_bytes"
    run cat "$group/memory.soft_limit_in_bytes"
    skiff rm -f rounded
    says 3997696
}

# share_of FIRST-OPTION SECOND-OPTION: two busy loops on one processor; how many percent of the second's time the first got.
share_of() {
    local first second
    skiff run -d --name first --cpuset-cpus 0 $1 debian perl -e '1 while 1' >/dev/null
    skiff run -d --name second --cpuset-cpus 0 $2 debian perl -e '1 while 1' >/dev/null
    first=$(group_of first cpuacct)/cpuacct.usage second=$(group_of second cpuacct)/cpuacct.usage
    echo 0 >"$first"; echo 0 >"$second"   # from now on both are busy
    until_true 60 reaches "$first" 1500000000
    echo $(($(cat "$first") * 100 / $(cat "$second")))
    skiff rm -f first second >/dev/null
}

@test "cpu shares divide two busy loops in proportion" {
    needs_controller cpu; needs_controller cpuacct; needs_controller cpuset
    run share_of "--cpu-shares 1024" "--cpu-shares 256"
    echo "# $output percent of the other's time for four times its shares" >&2
    [ "$output" -gt 300 ] && [ "$output" -lt 520 ]
}

@test "control: equal shares are equal time" {
    needs_controller cpu; needs_controller cpuacct; needs_controller cpuset
    run share_of "" ""
    echo "# $output percent of the other's time for equal shares" >&2
    [ "$output" -gt 75 ] && [ "$output" -lt 135 ]
}

stat_of() { awk -v key="$2" '$1 == key { print $2 }' "$1/cpu.stat"; }
was_throttled() { [ "$(stat_of "$1" nr_throttled)" -ge "$2" ]; }

@test "a quota caps a busy loop: never more than its part of each period" {
    needs_controller cpu; needs_controller cpuacct
    skiff run -d --name capped --cpus 0.2 debian perl -e '1 while 1' >/dev/null
    cpu=$(group_of capped cpu) usage=$(group_of capped cpuacct)/cpuacct.usage
    until_true 60 was_throttled "$cpu" 8
    used=$(cat "$usage") periods=$(stat_of "$cpu" nr_periods)
    skiff rm -f capped
    # 20 ms of each 100 ms; two periods more for what is under way, and a slice of 5 ms on each processor.
    echo "# $used ns in $periods periods" >&2
    [ "$used" -le $(((periods + 2) * 20000000 + 20000000)) ]
}

@test "control: without a quota the same loop is never throttled" {
    needs_controller cpu; needs_controller cpuacct
    skiff run -d --name free debian perl -e '1 while 1' >/dev/null
    until_true 60 reaches "$(group_of free cpuacct)/cpuacct.usage" 300000000
    run stat_of "$(group_of free cpu)" nr_throttled
    skiff rm -f free
    says 0
}

@test "a cpuset pins it, whatever it asks for" {
    needs_controller cpuset
    [ "$(nproc)" -gt 1 ] || skip "this machine has one processor"
    in_debian --cpuset-cpus 1 debian sh -c 'nproc; taskset -pc $$ | sed "s/.*: //"; taskset -c 0 true 2>&1 | grep -o "Invalid argument"'
    says $'1\n1\nInvalid argument'
}

@test "control: without a cpuset it may use every processor" {
    needs_controller cpuset
    in_debian debian sh -c 'nproc; taskset -c 0 echo free'
    says "$(nproc)"$'\nfree'
}

# writes_directly LIMIT: milliseconds that 4 MiB past the page cache take, in a bundle that allows LIMIT bytes a second.
writes_directly() {
    local device start
    mkdir -p "$HOUSE_DIR/written"
    device=$(stat -c '{"major": %Hd, "minor": %Ld}' "$HOUSE_DIR/written")
    debian_bundle writer sh -c 'dd if=/dev/zero of=/written/file bs=512k count=8 oflag=direct 2>/dev/null; echo $?; rm /written/file'
    edit_bundle "$BATS_TEST_TMPDIR/writer" '.mounts += [{destination: "/written", type: "bind", source: ($words[0]), options: ["bind"]}]' "$HOUSE_DIR/written"
    edit_bundle "$BATS_TEST_TMPDIR/writer" ".linux.resources.blockIO.throttleWriteBpsDevice = [$device + {rate: $1}]"
    start=$(date +%s%3N)
    [ "$(cd "$BATS_TEST_TMPDIR/writer" && skiff-runtime run writer </dev/null)" = 0 ] || { echo "could not write" >&2; return 1; }
    echo $(($(date +%s%3N) - start))
    rmdir "$HOUSE_DIR/written"
}

@test "blkio throttles a writer: 4 MiB at 2 MiB a second take two seconds" {
    needs_controller blkio
    [ -b "/dev/block/$(stat -c %Hd:%Ld /var/tmp)" ] || [ -e "/sys/dev/block/$(stat -c %Hd:%Ld /var/tmp)" ] || skip "/var/tmp is on no block device"
    throttled=$(writes_directly $((2 << 20)))
    free=$(writes_directly $((1 << 30)))
    echo "# throttled: $throttled ms; control, a limit that is never met: $free ms" >&2
    [ "$throttled" -ge 1500 ]
    [ "$free" -lt "$throttled" ]
}

bomb='$n = 0; while ($n < 100) { $pid = fork; last unless defined $pid; if (!$pid) { sleep 1000; exit } $n++ } print qq($n\n); kill 9, -1'

@test "a pids limit stops a fork bomb, and the refusals are counted" {
    needs_controller pids
    in_debian --pids-limit 20 debian sh -c "perl -e '$bomb'; cat /sys/fs/cgroup/pids/pids.events"
    says $'18\nmax 1'
}

@test "control: without the limit the bomb goes on" {
    needs_controller pids
    in_debian debian sh -c "perl -e '$bomb'; true"
    says 100
}

@test "the freezer stops and thaws" {
    needs_controller freezer; needs_controller cpuacct
    skiff run -d --name cold debian perl -e '1 while 1' >/dev/null
    usage=$(group_of cold cpuacct)/cpuacct.usage
    until_true 60 reaches "$usage" 50000000
    skiff pause cold
    state=$(cat "$(group_of cold freezer)/freezer.state")
    before=$(cat "$usage")
    skiff run --rm debian perl -e '1 while (times)[0] < 0.3'   # somebody else's processor time goes by
    after=$(cat "$usage")
    skiff unpause cold
    thawed=$(cat "$(group_of cold freezer)/freezer.state")
    until_true 60 reaches "$usage" $((after + 50000000))       # the control: it runs again
    skiff rm -f cold
    [ "$state" = FROZEN ] && [ "$thawed" = THAWED ]
    [ "$before" = "$after" ]
}

@test "a forbidden device gives EPERM, an allowed one opens" {
    needs_controller devices
    read -r major minor < <(stat -c '%Hr %Lr' /dev/loop-control 2>/dev/null) || skip "this host has no /dev/loop-control"
    in_debian --cap-add MKNOD debian sh -c "mknod /tmp/control c $major $minor && : </tmp/control"
    ends_with 2
    mentions "Operation not permitted"
    in_debian --device /dev/loop-control debian sh -c ": </dev/loop-control && echo opened"
    says opened
}

@test "children are born in their parent's cgroup" {
    skiff run -d --name family debian sh -c '(sleep 1000 & exec sleep 1000) & exec sleep 1000' >/dev/null
    group=$(group_of family pids)
    until_true 10 bash -c "[ \$(wc -l <'$group/cgroup.procs') = 3 ]"
    first=$(cat "/proc/$(pid_of family)/cgroup") same=0
    for pid in $(cat "$group/cgroup.procs"); do [ "$(cat "/proc/$pid/cgroup")" = "$first" ] && same=$((same + 1)); done
    own=$(cat /proc/self/cgroup)
    skiff rm -f family
    [ "$same" = 3 ]
    [ "$own" != "$first" ]   # the control: this shell is not of that family
}
