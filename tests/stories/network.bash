# SPDX-License-Identifier: Apache-2.0
# For stories about networks.

# Whether no interface of a container is left: the kernel takes its time with those of a namespace that is gone.
no_ports() { ! ip -o link show type veth | grep -q .; }

# from_host [-6] ADDRESS: the host reaches it.
from_host() { busybox ping -c 1 -w 5 "$@"; }

# What a story leaves when it fails is no other one's.
clear_networks() {
    local one
    for one in $(skiff ps -aq); do skiff rm -f "$one" >/dev/null; done
    for one in $(skiff network ls -q); do skiff network rm "$one" >/dev/null; done
}

# make_world NAME NUMBER: another machine, NAME, at 192.0.2NUMBER.2 on a wire of the host's, who is 192.0.2NUMBER.1 there.
# It knows of nobody behind the host.
make_world() {
    local name=$1 number=$2
    ip netns add "$name"
    ip link add "$name" type veth peer name eth0 netns "$name"
    ip address add "192.0.$number.1/24" dev "$name"
    ip link set "$name" up
    ip -n "$name" address add "192.0.$number.2/24" dev eth0
    ip -n "$name" link set eth0 up
    ip -n "$name" link set lo up
}
end_worlds() {
    local name
    for name in $(ip -o link show type veth | sed -n 's/^[0-9]*: \(world[0-9]*\)@.*/\1/p'); do ip link del "$name"; ip netns del "$name"; done
    umount /run/netns && rmdir /run/netns   # which ip netns mounts on itself
}
in_world() { ip netns exec "$@"; }
