# SPDX-License-Identifier: Apache-2.0
# The way out of networks, and who may come in. The box's network namespace is the host; "world" is another machine.
load helpers
load network

setup() { make_world world 2; }
teardown() { clear_networks; end_worlds; }

forwards() { cat /proc/sys/net/ipv4/ip_forward; }

@test "a container reaches the world with the host's address, an internal network does not" {
    skiff network create --subnet 10.99.1.0/24 lab
    skiff network create --subnet 10.99.2.0/24 --internal back
    skiff run --rm --network lab busybox ping -c 1 -w 5 192.0.2.2   # who has no route back but to the host
    run skiff run --rm --network back busybox ping -c 1 -w 1 192.0.2.2
    [ "$status" = 1 ]
    # Not even one that adds a route.
    run skiff run --rm --network back --cap-add NET_ADMIN busybox sh -c 'ip route add default via 10.99.2.1; ping -c 1 -w 1 192.0.2.2'
    [ "$status" = 1 ]
}

@test "the host forwards for networks of skiff alone, and no longer when they are gone" {
    make_world world3 3
    [ "$(forwards)" = 0 ]
    skiff network create --subnet 10.99.3.0/24 lab
    [ "$(forwards)" = 1 ]
    ip -n world route add default via 192.0.2.1
    ip -n world3 route add default via 192.0.3.1
    run in_world world busybox ping -c 1 -w 1 192.0.3.2
    [ "$status" = 1 ]
    skiff network rm lab
    [ "$(forwards)" = 0 ]
    [ -z "$(nft list ruleset)" ]
}

@test "a host that forwards already goes on to do so" {
    make_world world3 3
    echo 1 >/proc/sys/net/ipv4/ip_forward
    skiff network create --subnet 10.99.3.0/24 lab
    ip -n world route add default via 192.0.2.1
    ip -n world3 route add default via 192.0.3.1
    in_world world busybox ping -c 1 -w 5 192.0.3.2
    skiff network rm lab
    [ "$(forwards)" = 1 ]
    echo 0 >/proc/sys/net/ipv4/ip_forward
}

@test "neither the world nor another network gets into a network" {
    skiff network create --subnet 10.99.4.0/24 one
    skiff network create --subnet 10.99.5.0/24 two
    skiff run -d --name web --network one busybox sleep 1000
    ip -n world route add 10.99.0.0/16 via 192.0.2.1
    run in_world world busybox ping -c 1 -w 1 10.99.4.2
    [ "$status" = 1 ]
    run skiff run --rm --network two busybox ping -c 1 -w 1 10.99.4.2
    [ "$status" = 1 ]
    skiff run --rm --network one busybox ping -c 1 -w 5 10.99.4.2
}

@test "rules that somebody flushes are there again with the next container" {
    skiff network create --subnet 10.99.6.0/24 lab
    before=$(nft list ruleset)
    nft flush ruleset
    skiff run --rm --network lab busybox ping -c 1 -w 5 192.0.2.2
    [ "$(nft list ruleset)" = "$before" ]
    for table in $(nft list tables | awk '{ print $3 }'); do nft flush table inet "$table"; done
    echo 0 >/proc/sys/net/ipv4/ip_forward
    skiff run --rm --network lab busybox ping -c 1 -w 5 192.0.2.2
    [ "$(nft list ruleset)" = "$before" ]
}

@test "somebody else's rules are not touched" {
    nft -f - <<'NFT'
table ip mine {
	chain forward {
		type filter hook forward priority filter; policy accept;
		ip daddr 192.0.2.3 drop
	}
}
NFT
    before=$(nft list table ip mine)
    skiff network create --subnet 10.99.7.0/24 lab
    skiff run --rm --network lab busybox ping -c 1 -w 5 192.0.2.2
    skiff network rm lab
    [ "$(nft list table ip mine)" = "$before" ]
    nft delete table ip mine
}

@test "IPv6 goes out, too" {
    ip address add 2001:db8:2::1/64 dev world nodad
    ip -n world address add 2001:db8:2::2/64 dev eth0 nodad
    skiff network create --ipv6 --subnet 10.99.8.0/24 --subnet fd99:8::/64 six
    skiff run --rm --network six busybox ping -6 -c 1 -w 5 2001:db8:2::2
    ip -n world route add fd99:8::/64 via 2001:db8:2::1
    skiff run -d --name web --network six busybox sleep 1000
    run in_world world busybox ping -6 -c 1 -w 1 fd99:8::2
    [ "$status" = 1 ]
}
