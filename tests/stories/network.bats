# SPDX-License-Identifier: Apache-2.0
# Networks of skiff's own: bridges, addresses, and who reaches whom. The box's network namespace is the host.
load helpers
load network

teardown() { clear_networks; }

@test "network create makes a bridge with an address, ls and inspect show it, rm takes both away" {
    run skiff network create --subnet 10.99.1.0/24 --label stage=test lab
    [ "$status" = 0 ]
    id=$output
    run skiff network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'
    says "lab bridge local"
    run skiff network inspect -f '{{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).Gateway}} {{.Internal}}' lab
    says "10.99.1.0/24 10.99.1.1 false"
    run ip -brief address show "br-${id:0:12}"
    [[ $output == *10.99.1.1/24* ]]
    skiff network rm lab
    run ip link show "br-${id:0:12}"
    [ "$status" != 0 ]
    run skiff network ls -q
    says ""
}

@test "two containers of a network reach each other, and the host reaches them" {
    skiff network create --subnet 10.99.2.0/24 lab
    skiff run -d --name one --network lab busybox sleep 1000
    skiff run -d --name two --network lab:ip=10.99.2.77,mac=02:42:00:00:00:77 busybox sleep 1000
    run skiff inspect -f '{{.NetworkSettings.Networks.lab.IPAddress}}/{{.NetworkSettings.Networks.lab.IPPrefixLen}} {{.NetworkSettings.Networks.lab.Gateway}}' one
    says "10.99.2.2/24 10.99.2.1"
    skiff exec one ping -c 1 -w 5 10.99.2.77
    skiff exec two ping -c 1 -w 5 10.99.2.2
    from_host 10.99.2.77
    run skiff exec two cat /sys/class/net/eth0/address
    says 02:42:00:00:00:77
    run skiff exec one ip route
    [[ $output == *"default via 10.99.2.1 dev eth0"* ]]
    run skiff network inspect -f '{{range .Containers}}{{println .Name .IPv4Address}}{{end}}' lab
    [[ $output == *"one 10.99.2.2/24"* && $output == *"two 10.99.2.77/24"* ]]
    skiff rm -f one two
    skiff network rm lab
}

@test "IPv6 is there where it was asked for, and nowhere else" {
    skiff network create --subnet 10.99.3.0/24 --subnet fd99:3::/64 six
    skiff network create --subnet 10.99.4.0/24 four
    skiff run -d --name one --network six --network four busybox sleep 1000
    skiff run --rm --network six busybox ping -6 -c 1 -w 5 fd99:3::2
    from_host -6 fd99:3::2
    run skiff exec one ip -6 -o address show dev eth1
    says ""
    run skiff exec one cat /proc/sys/net/ipv6/conf/eth0/accept_ra
    says 0
    skiff rm -f one
    skiff network rm six four
}

@test "the default network is made by the first container that wants it" {
    run skiff run --rm --network bridge busybox ip -o -4 address show dev eth0
    [[ $output == *"inet 10."* ]]
    run skiff network ls --format '{{.Name}}'
    says bridge
    bridge=$(skiff network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge)
    [[ $bridge == skiff[0-9] ]]
    skiff network prune --force   # leaves it
    ip link del "$bridge"         # somebody else does not
    skiff run --rm --network default busybox ping -c 1 -w 5 "$(skiff network inspect -f '{{(index .IPAM.Config 0).Gateway}}' bridge)"
    skiff network rm bridge
}

@test "a running container is connected and disconnected" {
    skiff network create --subnet 10.99.5.0/24 front
    skiff network create --subnet 10.99.6.0/24 --internal back
    skiff run -d --name web --network front busybox sleep 1000
    skiff network connect --ip 10.99.6.9 back web
    run skiff exec web ip -o -4 address show dev eth1
    [[ $output == *"inet 10.99.6.9/24"* ]]
    from_host 10.99.6.9
    run skiff network connect back web
    refuses 1 "already in network back"
    skiff network disconnect front web
    run skiff exec web ls /sys/class/net
    says "eth1
lo"
    run skiff exec web ip route
    [[ $output != *default* ]]   # an internal network leads nowhere
    run skiff network disconnect front web
    refuses 1 "not in network front"
    skiff network connect front web
    run skiff exec web ip route
    [[ $output == *"default via 10.99.5.1 dev eth0"* ]]
    run skiff ps --format '{{.Networks}}'
    says "back,front"
    skiff rm -f web
    skiff network rm front back
}

@test "an address is held until its container is removed, and given once" {
    skiff network create --subnet 10.99.7.0/29 small
    for n in 1 2 3 4 5; do skiff create --name "c$n" --network small busybox true >/dev/null; done
    run skiff create --network small busybox true
    refuses 1 "no address of 10.99.7.0/29 is free any more"
    run skiff create --network small:ip=10.99.7.4 busybox true
    refuses 1 "is container c3's"
    skiff rm c3
    run skiff run --rm --network small busybox ip -o -4 address show dev eth0
    [[ $output == *10.99.7.4/29* ]]
    run skiff network rm small
    refuses 1 "in use by containers c1, c2, c4, c5"
    skiff rm c1 c2 c4 c5
    skiff network rm small
}

@test "addresses are given once to many commands at a time" {
    skiff network create --subnet 10.99.8.0/24 crowd
    for n in {1..24}; do skiff create --network crowd busybox true & done >/dev/null
    wait
    run bash -c "skiff network inspect -f '{{range .Containers}}{{.IPv4Address}} {{end}}' crowd | tr ' ' '\n' | sort | uniq | grep -c ."
    says 24
    skiff rm $(skiff ps -aq) >/dev/null
    skiff network rm crowd
}

@test "a container that is restarted has its address again, and nothing of a dead one stays" {
    skiff network create --subnet 10.99.9.0/24 lab
    skiff run -d --name web --network lab busybox sleep 1000
    skiff create --name next --network lab busybox true
    skiff restart -t 0 web
    run skiff exec web ip -o -4 address show dev eth0
    [[ $output == *10.99.9.2/24* ]]
    skiff kill web
    skiff wait web
    until_true 10 no_ports
    skiff rm web next
    skiff network rm lab
}

@test "an alias is any name of a host, and isolated containers reach the host alone" {
    skiff network create --subnet 10.99.10.0/24 --opt icc=false apart
    skiff run -d --name one --network apart --network-alias db busybox sleep 1000
    run skiff inspect -f '{{json .NetworkSettings.Networks.apart.Aliases}}' one
    says '["db"]'
    run skiff run --rm --network apart busybox ping -c 1 -w 1 10.99.10.2
    [ "$status" = 1 ]
    skiff run --rm --network apart busybox ping -c 1 -w 5 10.99.10.1
    from_host 10.99.10.2
    run skiff run --rm --network apart:alias=-x busybox true
    refuses 125 "is no name of a host"
    skiff rm -f one
    skiff network rm apart
}

@test "networks are listed, filtered, pruned and removed by either name of the verb" {
    skiff network create --ipv6 --label stage=test one
    skiff network create two
    run skiff network inspect -f '{{.EnableIPv6}} {{(index .IPAM.Config 1).Subnet}}' one
    [[ $output == "true fd"*::/64 ]]
    run skiff network ls --filter label=stage=test --format '{{.Name}} {{.IPv6}}'
    says "one true"
    run skiff network list --filter name=two --format '{{.Name}} {{.IPv6}}'
    says "two false"
    id=$(skiff network inspect -f '{{.Id}}' two)
    run skiff network ls --quiet --no-trunc --filter id="$id"
    says "$id"
    run skiff network list --quiet --no-trunc --filter driver=bridge --filter name=two
    says "$id"
    run skiff network prune --force --filter label=stage=test
    says "Deleted Networks:
one"
    run skiff network rm one
    refuses 1 "no such network: one"
    skiff network rm --force one
    skiff network remove --force one "${id:0:12}"
    run skiff network list
    [ "${#lines[@]}" = 1 ]
}

@test "addresses of both kinds and names are chosen for run, create and connect" {
    skiff network create --subnet 10.99.13.0/24 --subnet fd99:13::/64 lab
    skiff network create --subnet 10.99.14.0/24 --subnet fd99:14::/64 other
    run skiff run --rm --network lab --ip 10.99.13.40 --ip6 fd99:13::40 busybox ip -o address show dev eth0
    [[ $output == *"inet 10.99.13.40/24"* && $output == *"inet6 fd99:13::40/64"* ]]
    skiff create --name made --network lab --ip 10.99.13.41 --ip6 fd99:13::41 --mac-address 02:42:00:00:00:41 --network-alias m busybox sleep 1000
    skiff start made
    run skiff exec made ip -o address show dev eth0
    [[ $output == *"inet 10.99.13.41/24"* && $output == *"inet6 fd99:13::41/64"* ]]
    skiff network connect --alias db --ip6 fd99:14::9 --mac-address 02:42:00:00:00:09 other made
    run skiff exec made ip address show dev eth1
    [[ $output == *02:42:00:00:00:09* && $output == *fd99:14::9/64* ]]
    run skiff inspect -f '{{json .NetworkSettings.Networks.other.Aliases}}' made
    says '["db"]'
    skiff network disconnect --force other made
    run skiff exec made ls /sys/class/net
    says "eth0
lo"
}

@test "bad input gets one sentence, and leaves nothing" {
    skiff network create --subnet 10.99.11.0/24 lab
    ip link add taken0 type bridge
    run skiff network create lab
    refuses 1 "network with name lab already exists"
    run skiff network create --subnet 10.99.11.128/25 other
    refuses 1 "overlaps 10.99.11.0/24 of network lab"
    run skiff network create --subnet 10.99.12.5/24 other
    refuses 1 "has bits behind its prefix"
    run skiff network create --subnet 10.99.12.0/24 --gateway 10.99.13.1 other
    refuses 1 "it is in no --subnet"
    run skiff network create --subnet 10.99.12.0/24 --ip-range 10.99.0.0/16 other
    refuses 1 "it is in no --subnet"
    run skiff network create --driver macvlan other
    refuses 1 "bridge networks and no others yet"
    run skiff network create --opt speed=1 other
    refuses 1 "speed"
    run skiff network create --opt name=taken0 other
    refuses 1 "the host has a link called taken0"
    run skiff network create host
    refuses 1 "has a meaning behind --network"
    run skiff run --rm --network nowhere busybox true
    refuses 125 "no such network: nowhere"
    run skiff run --rm --network lab:ip=10.99.12.7 busybox true
    refuses 125 "is not in the subnet 10.99.11.0/24"
    run skiff run --rm --network lab:ip=10.99.11.1 busybox true
    refuses 125 "is the gateway's"
    run skiff run --rm --network lab:ip6=fd00::1 busybox true
    refuses 125 "has no IPv6 subnet"
    run skiff run --rm --network lab --mac-address 01:00:5e:00:00:01 busybox true
    refuses 125 "of a group"
    run skiff run --rm --network lab --network lab busybox true
    refuses 125 "already in network lab"
    skiff create --name alone busybox true
    run skiff network connect lab alone
    refuses 1 "has --network none"
    run skiff network ls --format '{{.Name}}'
    says lab
    skiff rm alone
    ip link del taken0
    skiff network rm lab
}
