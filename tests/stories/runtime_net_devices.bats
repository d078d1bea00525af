#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices of the host move into the container, with what an administrator gave them.
load runtime_house

# Two ends of a cable, in the network namespace of tests/box.
cable() {
    [ -n "${SKIFF_TEST_BOX:-}" ] || skip "needs tests/box: it makes network devices"
    ip link add one type veth peer name two 2>/dev/null || skip "no veth here"
    ip link set one mtu 1400 address 02:00:00:00:00:01
    ip addr add 10.9.8.7/24 broadcast 10.9.8.255 dev one
    ip addr add fd00:9::7/64 dev one nodad
    ip link set one up
}
teardown() {
    rt delete -f "$ID"
    ip link del two 2>/dev/null || true
    rm -rf --one-file-system "$B"
}

@test "netDevices: moved, renamed, with addresses, MTU and hardware address, and up" {
    cable
    make_bundle sh -c 'ip addr show eth7; cat /sys/class/net/eth7/mtu /sys/class/net/eth7/address; ls /sys/class/net'
    edit_bundle "$B" '.linux.netDevices = {one:{name:"eth7"},two:{}}'
    run rt run -b "$B" "$ID"
    ends_with 0
    mentions "inet 10.9.8.7/24"
    mentions "brd 10.9.8.255"
    mentions "inet6 fd00:9::7/64"
    mentions "02:00:00:00:00:01"
    mentions ",UP"
    [[ $'\n'"$output"$'\n' == *$'\n1400\n'* ]]
    [[ $'\n'"$output"$'\n' == *$'\neth7\nlo\ntwo\n'* ]] || { echo "$output"; return 1; }
    ! ip link show one 2>/dev/null
}

@test "netDevices: into a user namespace's network, too" {
    cable
    make_bundle sh -c 'ip addr show one'
    chown -R 100000:100000 "$B/rootfs"; chmod 711 "$HOUSE_DIR" "$B"
    edit_bundle "$B" '.linux.netDevices = {one:{}} | .linux.namespaces += [{"type":"user"}] | .linux.uidMappings = [{containerID:0,hostID:100000,size:65536}] | .linux.gidMappings = .linux.uidMappings'
    run rt run -b "$B" "$ID"
    ends_with 0
    mentions "inet 10.9.8.7/24"
}

@test "netDevices: a container that cannot be made leaves them where they were, as they were" {
    cable
    make_bundle true
    edit_bundle "$B" '.linux.netDevices = {one:{name:"eth7"},zzz:{}}'
    run rt run -b "$B" "$ID"
    refuses 1 zzz
    edit_bundle "$B" '.linux.netDevices = {one:{name:"lo"}}'
    run rt run -b "$B" "$ID"
    refuses 1 lo
    edit_bundle "$B" '.linux.netDevices = {one:{name:"eth7"}} | .process.args = ["absent"]'
    run rt run -b "$B" "$ID"
    refuses 1 absent
    run ip addr show one
    mentions "inet 10.9.8.7/24"
    mentions "inet6 fd00:9::7/64"
    mentions "mtu 1400"
    mentions ",UP"
    mentions 02:00:00:00:00:01
}

@test "netDevices that cannot be are refused by name" {
    make_bundle true
    refused() {
        edit_bundle "$B" "$1"
        run rt run -b "$B" "$ID"
        refuses 1 "$2" || { echo "for $1" >&2; return 1; }
    }
    refused '.linux.netDevices = {"a/b":{}}' a/b
    refused '.linux.netDevices = {one:{name:"sixteen-letters-"}}' sixteen-letters-
    refused '.linux.netDevices = {one:{name:"x"},two:{name:"x"}}' x
    refused '.linux.netDevices = {one:{}} | .linux.namespaces |= map(select(.type != "network"))' network
}
