# SPDX-License-Identifier: Apache-2.0
# Limits that change while the container runs, and what it uses.
load helpers

# limit_of NAME memory|memsw|soft|quota|shares|cpus|pids: the kernel's, in version 1's words with either version.
limit_of() {
    local id; id=$(skiff inspect -f '{{.Id}}' "$1")
    if ! is_unified; then
        case $2 in
        memory) cat "/sys/fs/cgroup/memory/skiff/$id/memory.limit_in_bytes" ;;
        memsw) cat "/sys/fs/cgroup/memory/skiff/$id/memory.memsw.limit_in_bytes" ;;
        soft) cat "/sys/fs/cgroup/memory/skiff/$id/memory.soft_limit_in_bytes" ;;
        quota) cat "/sys/fs/cgroup/cpu/skiff/$id/cpu.cfs_quota_us" ;;
        shares) cat "/sys/fs/cgroup/cpu/skiff/$id/cpu.shares" ;;
        cpus) cat "/sys/fs/cgroup/cpuset/skiff/$id/cpuset.cpus" ;;
        pids) cat "/sys/fs/cgroup/pids/skiff/$id/pids.max" ;;
        esac
        return
    fi
    local group=/sys/fs/cgroup/skiff/$id swap
    case $2 in
    memory) sed "s/max/$((1 << 62))/" "$group/memory.max" ;;
    memsw) swap=$(sed "s/max/$((1 << 62))/" "$group/memory.swap.max"); [ "$swap" = $((1 << 62)) ] && echo "$swap" || echo $((swap + $(cat "$group/memory.max"))) ;;
    soft) cat "$group/memory.low" ;;
    quota) sed 's/max/-1/; s/ .*//' "$group/cpu.max" ;;
    shares) case $(cat "$group/cpu.weight") in 100) echo 1024 ;; 59) echo 512 ;; *) cat "$group/cpu.weight" ;; esac ;;
    cpus) cat "$group/cpuset.cpus" ;;
    pids) cat "$group/pids.max" ;;
    esac
}

@test "update gives a running container other limits, which the kernel and inspect show" {
    skiff run -d --name busy -m 32m --pids-limit 50 busybox sleep 1000
    run skiff update -m 64m --memory-reservation 16m --cpus 0.5 -c 512 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 20 busy
    says busy
    [ "$(limit_of busy memory)" = $((64 << 20)) ]
    [ "$(limit_of busy memsw)" = $((128 << 20)) ]   # nobody chose it: twice the memory
    [ "$(limit_of busy soft)" = $((16 << 20)) ]
    [ "$(limit_of busy quota)" = 50000 ]
    [ "$(limit_of busy shares)" = 512 ]
    [ "$(limit_of busy cpus)" = 0 ]
    [ "$(limit_of busy pids)" = 20 ]
    run skiff inspect -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{.HostConfig.PidsLimit}}' busy
    says "67108864 500000000 512 0 20"
    skiff exec busy true   # and it lives

    # Down again, and away with them.
    skiff update -m 32m busy
    [ "$(limit_of busy memsw)" = $((64 << 20)) ]
    skiff update -m 96m --memory-swap 96m busy
    [ "$(limit_of busy memsw)" = $((96 << 20)) ]
    skiff update --memory-swap 0 busy
    skiff update -m 0 --memory-reservation 0 --cpus 0 -c 0 --pids-limit -1 busy
    [ "$(limit_of busy memory)" -gt $((1 << 60)) ]
    [ "$(limit_of busy memsw)" -gt $((1 << 60)) ]
    [ "$(limit_of busy quota)" = -1 ]
    [ "$(limit_of busy shares)" = 1024 ]
    [ "$(limit_of busy pids)" = max ]
    skiff rm -f busy
}

@test "an update that the kernel refuses changes nothing at all" {
    skiff run -d --name full -m 64m --pids-limit 50 busybox sh -c 'head -c 40m /dev/zero >/dev/shm/forty; touch /done; sleep 1000'
    until_true 10 skiff exec full test -e /done
    run skiff update --cpus 0.5 --pids-limit 20 -m 16m full
    refuses 1 "more than that is in use"
    [ "$(limit_of full memory)" = $((64 << 20)) ]
    [ "$(limit_of full memsw)" = $((128 << 20)) ]
    [ "$(limit_of full quota)" = -1 ]
    [ "$(limit_of full pids)" = 50 ]

    # Writes before the one that is refused are taken back: cpuset comes after memory and cpu.
    run skiff update -m 48m --cpus 0.5 --cpuset-cpus 900 full
    refuses 1 "cpuset.cpus"
    [ "$(limit_of full memory)" = $((64 << 20)) ]
    [ "$(limit_of full memsw)" = $((128 << 20)) ]
    [ "$(limit_of full quota)" = -1 ]
    run skiff inspect -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}' full
    says "67108864 0"
    skiff rm -f full
}

@test "update of a stopped container holds for its next start; of a paused one at once" {
    skiff create --name later -m 32m busybox sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'
    skiff update -m 48m later
    run skiff start -a later
    says $((48 << 20))
    skiff run -d --name still busybox sleep 1000
    skiff pause still
    skiff update --pids-limit 7 still
    [ "$(limit_of still pids)" = 7 ]
    run skiff ps --format '{{.State}}' --filter name=still
    says paused
    skiff rm -f later still
}

@test "update refuses what makes no sense" {
    skiff create --name idle -m 32m --memory-swap 32m busybox true
    run skiff update idle
    refuses 1 "at least one limit"
    run skiff update -m 64m idle
    refuses 1 "--memory-swap 33554432 is less than --memory 67108864"
    run skiff update -m 1k idle
    refuses 1 "the minimum memory limit is 6MB"
    run skiff update --blkio-weight 0 idle
    refuses 1 "cannot be taken back"
    run skiff update --restart sometimes idle
    refuses 1 "invalid restart policy"
    run skiff update -m 64m nobody
    refuses 1 "no such container: nobody"
    run skiff inspect -f '{{.HostConfig.Memory}}' idle
    says $((32 << 20))
    skiff rm idle
}

@test "stats shows what is used, of what is allowed" {
    skiff run -d --name works -m 64m --cpus 0.5 busybox sh -c 'head -c 20m /dev/zero >/dev/shm/twenty; touch /done; while :; do :; done'
    skiff run -d --name rests busybox sleep 1000
    skiff create --name never busybox true
    until_true 10 skiff exec works test -e /done
    run skiff stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}' works
    [[ "$output" =~ ^works\ ([0-9]+)\.[0-9]+%\ ([0-9]+)(\.[0-9]+)?MiB\ /\ 64MiB\ 1$ ]] || { echo "$output"; false; }
    [ "${BASH_REMATCH[1]}" -ge 30 ] && [ "${BASH_REMATCH[1]}" -le 65 ]   # its quota is 50 %
    [ "${BASH_REMATCH[2]}" -ge 20 ] && [ "${BASH_REMATCH[2]}" -le 24 ]
    run skiff stats --no-stream --format '{{.Name}}'
    says $'rests\nworks'
    run skiff stats -a --no-stream --format '{{.Name}} {{.CPUPerc}}' never
    says "never --"
    run skiff stats --no-stream
    [[ "${lines[0]}" =~ ^"CONTAINER ID"\ +NAME\ +"CPU %"\ +"MEM USAGE / LIMIT"\ +"MEM %"\ +"NET I/O"\ +"BLOCK I/O"\ +PIDS$ ]]
    run skiff stats --no-stream --no-trunc --format '{{.ID}}' rests
    says "$(skiff inspect -f '{{.Id}}' rests)"
    run skiff stats --no-stream nobody
    refuses 1 "no such container: nobody"
    # A stream ends when nobody reads it, or when all that were named are gone.
    skiff stats --format json works | head -2 | jq -e '.Name == "works"'
    skiff stats --format '{{.Name}}' rests >"$BATS_TEST_TMPDIR/stream" 3>&- &
    until_true 10 grep -q rests "$BATS_TEST_TMPDIR/stream"
    skiff rm -f works rests never
    wait $!
}
