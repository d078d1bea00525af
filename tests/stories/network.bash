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
