# SPDX-License-Identifier: Apache-2.0
# For every seed: `load helpers`. The stories' house, and in it the image `debian` from Debian packages; DEBIAN_TAR is its
# tar. A seed does one experiment and asserts what it is told to show; beside it stands its control, the same without the
# namespace or the limit, which shows that the seed would notice.
source "$(dirname "${BASH_SOURCE[0]}")/../stories/helpers.bash"

setup_file() { open_debian; }

open_debian() {
    DEBIAN_TAR=$("$HOUSE/tests/seeds/debian" --kept) || skip "no Debian root filesystem: tests/seeds/debian makes it, outside of a box, from a mirror"
    export DEBIAN_TAR
    open_house
    skiff import - debian <"$DEBIAN_TAR" >/dev/null
}

in_debian() { run skiff run --rm "$@"; }

# A process of the container, as the host counts.
pid_of() { skiff inspect -f '{{.State.Pid}}' "$1"; }

# group_of CONTAINER CONTROLLER: the folder of its group, on the host.
group_of() {
    local pid group
    pid=$(pid_of "$1")
    group=$(awk -F: -v c="$2" '{ n = split($2, a, ","); for (i = 1; i <= n; i++) if (a[i] == c) print $3 }' "/proc/$pid/cgroup")
    echo "$(awk -v c="$2" '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup" && "," $(i + 3) "," ~ "," c ",") { print $5; exit } }' /proc/self/mountinfo)$group"
}

# Is the number in FILE at least COUNT?
reaches() { [ "$(cat "$1")" -ge "$2" ]; }

# needs_controller NAME: skips where this host does not mount it.
needs_controller() { [ -d "/sys/fs/cgroup/$1" ] || skip "the controller $1 is not mounted as version 1 here"; }

# The root filesystem as a folder, for bundles that do not write to it: the image's layer.
debian_rootfs() { dirname "$(dirname "$(dirname "$(ls -d "$SKIFF_ROOT"/layers/*/diff/usr/bin/dpkg)")")"; }

# debian_bundle NAME ARG...: an OCI bundle on that folder.
debian_bundle() {
    local dir=$BATS_TEST_TMPDIR/$1; shift
    mkdir -p "$dir"
    ln -sfn "$(debian_rootfs)" "$dir/rootfs"
    bundle_of "$dir" "$@"
    edit_bundle "$dir" '.root.path = $words[0]' "$(debian_rootfs)"
}
