#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# T15: names and values that mean more than they say: a sysctl that is another one, or the host's; annotations that are
# read as settings of a supervisor. CVE-2022-0811, CVE-2022-0532, CVE-2023-6476, CVE-2024-3154 (CRI-O), CVE-2025-47291
# (containerd). Defence: a name is parsed to a path of a namespace that the container has for itself; annotations are
# told to hooks and to nobody else (D14, D16).

load frame

# One census for a table of attempts: each is refused by a sentence that names sysctl, before anything of the container
# runs. TABLE is an array of name, value and jq that changes the bundle.
the_attack() {
    local i said code
    fresh_bundle /bin/busybox sh -c 'echo started; cat /proc/sys/kernel/domainname'
    cp "$DIR/bundle/config.json" "$DIR/plain.json"
    for ((i = 0; i < ${#TABLE[@]}; i += 3)); do
        cp "$DIR/plain.json" "$DIR/bundle/config.json"
        edit_bundle "$DIR/bundle" ".linux.sysctl = {(\$words[0]): \$words[1]} ${TABLE[i + 2]}" "${TABLE[i]}" "${TABLE[i + 1]}"
        code=0
        said=$(timeout -k 5 20 "$TARGET" --root "$DIR/state" run -b "$DIR/bundle" attack </dev/null 2>&1) || code=$?
        [ $code = 1 ] && [[ "$said" == *sysctl* && "$said" != *started* ]] || echo "not refused: ${TABLE[i]} = ${TABLE[i + 1]}: $code: $said"
    done
    timeout -k 5 20 "$TARGET" --root "$DIR/state" delete -f attack >/dev/null 2>&1
}
# What the attacks are after; hostname and domainname are this box's own.
settings() { (cd /proc/sys; for name in kernel/{core_pattern,modprobe,domainname,hostname,sysrq,randomize_va_space,shm_rmid_forced,msgmax} \
    vm/{swappiness,overcommit_memory} fs/suid_dumpable user/max_user_namespaces net/ipv4/ip_forward net/core/somaxconn; do echo "$name $(cat $name 2>&1)"; done) }
escaped() { [[ "$output" == *"not refused"* ]] || [ "$(settings)" != "$settings_before" ]; }
TABLE=()
refused() { TABLE+=("$1" "$2" "${3:-}"); }
all_are_refused() {
    settings_before=$(settings)
    attack_fails
}

@test "T15 a sysctl of the whole host is refused, however it is written" {
    for name in kernel.core_pattern kernel/core_pattern kernel.modprobe kernel.sysrq vm.swappiness vm.overcommit_memory fs.suid_dumpable fs.protected_hardlinks \
        user.max_user_namespaces kernel.randomize_va_space dev.cdrom.autoclose debug.exception-trace abi.vsyscall32 kernel.hostname kernel.unprivileged_userns_clone \
        kernel.keys.maxkeys net net. . / '' ; do
        refused "$name" '|/canary'
    done
    all_are_refused
}
@test "T15 a name that leaves its place is refused" {
    for name in net/../kernel/core_pattern net..core_pattern ../../proc/sysrq-trigger net/../../sysrq-trigger /kernel/core_pattern net.core//../../kernel.core_pattern \
        $'net.core\nkernel.core_pattern' 'kernel.shm_rmid_forced=1+kernel.core_pattern' 'kernel.shm_rmid_forced+kernel.core_pattern' 'net.core.somaxconn ' ' net.core.somaxconn' \
        'net.core.*' 'net.ipv4.conf.../../../../kernel/core_pattern.x' 'kernel.sem/../core_pattern' 'kernel.shm*' 'kernel.domainname/../core_pattern'; do
        refused "$name" '|/canary'
    done
    all_are_refused
}
@test "T15 a value stays a value" {
    refused kernel.msgmax $'1\nkernel.core_pattern=|/canary'
    # What CRI-O handed to a program as "a=b+c=d" is only a number that the kernel does not take.
    refused kernel.shm_rmid_forced '1+kernel.core_pattern=|/canary'
    all_are_refused
}
@test "T15 without the namespace that it belongs to a sysctl is the host's, also where that is joined by path" {
    refused net.ipv4.ip_forward 1 '| .linux.namespaces |= map(select(.type != "network"))'
    refused net.core.somaxconn 99 '| .linux.namespaces |= map(select(.type != "network"))'
    refused kernel.msgmax 99999 '| .linux.namespaces |= map(select(.type != "ipc"))'
    refused kernel.domainname escaped.example '| del(.hostname) | .linux.namespaces |= map(select(.type != "uts"))'
    for pair in network:net:net.ipv4.ip_forward:1 ipc:ipc:kernel.msgmax:99999 uts:uts:kernel.domainname:escaped.example; do
        IFS=: read -r type file name value <<<"$pair"
        ln -sfn "/proc/self/ns/$file" "$DIR/link-$file"
        for path in "/proc/self/ns/$file" "/proc/$$/ns/$file" "$DIR/link-$file"; do
            refused "$name" "$value" "| del(.hostname) | .linux.namespaces |= (map(select(.type != \"$type\")) + [{type:\"$type\",path:\"$path\"}])"
        done
    done
    all_are_refused
}

@test "T15 annotations named like settings of engines and of systemd change nothing" {
    the_attack() {
        local name first='' said
        fresh_bundle /bin/busybox sh -c 'grep -E "^Cap|^Seccomp:|^NoNew" /proc/self/status; cut -d: -f2- /proc/self/cgroup | sort'
        for name in plain org.systemd.property.ExecStartPre org.systemd.property.TimeoutStopUSec io.podman.annotations.privileged io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw \
            io.kubernetes.cri-o.LinuxOverhead run.oci.hooks.stdout run.oci.seccomp.receiver run.oci.systemd.subgroup run.oci.delegate-cgroup run.oci.handler \
            run.oci.mount_context_type run.oci.pidfd_receiver com.docker.runtime.privileged io.skiff.privileged io.skiff.root $'a\nb' ../../etc; do
            edit_bundle "$DIR/bundle" '.annotations = {($words[0]): $words[1]}' "$name" "$CANARY/escaped"
            said=$(timeout -k 5 20 "$TARGET" --root "$DIR/state" run -b "$DIR/bundle" attack </dev/null 2>&1) || echo "failed for $name: $said"
            [ -n "$first" ] || first=$said
            [ "$said" = "$first" ] || echo "not refused: $name made it $said"
        done
        timeout -k 5 20 "$TARGET" --root "$DIR/state" delete -f attack >/dev/null 2>&1
    }
    settings_before=$(settings)
    attack_fails
    says ""
}

# What a runtime does that only turns dots into slashes, or takes slashes as they are.
naive_runtime() {
    local path=$1
    [[ "$path" == */* ]] || path=${path//.//}
    printf '%s\n' "$2" >"/proc/sys/$path"
}
@test "T15 control: dots turned into slashes" {
    TARGET=naive
    run naive_runtime kernel.domainname escaped.example
    [ "$(cat /proc/sys/kernel/domainname)" = escaped.example ]
    domainname canary.example
    naive_runtime net/ipv4/../../kernel/domainname escaped.example   # the slashes that the name brings with it
    [ "$(cat /proc/sys/kernel/domainname)" = escaped.example ]
    domainname canary.example
}
