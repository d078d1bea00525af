# SPDX-License-Identifier: Apache-2.0
# For `run` and `stories`: a virtual machine of Debian 12's own kernel, and an initramfs that hands on to a disk.
# HERE, TOP and WORK are the caller's. NAME is what a skip is called by.

KEPT=$TOP/build/vm   # the kernel, fetched once

skip() { echo "1..1"; echo "ok 1 - $NAME # skip $1"; exit 0; }

needs_machine() {
    local program
    [ "$(id -u)" = 0 ] || skip "needs root"
    [ "$(uname -m)" = x86_64 ] || skip "the machine is an x86-64 one"
    for program in qemu-system-x86_64 cpio mkfs.ext4 busybox dpkg-deb apt-get python3 "$@"; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# The newest cloud kernel of the distribution's package lists, unpacked and not installed.
fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-6\.1\.[^ ]*-cloud-amd64\).*/\1/p' | head -1)
    [ -n "$package" ] || skip "the package lists know no linux-image-cloud-amd64 of Linux 6.1"
    [ -d "$KEPT/$package" ] && { KERNEL=$KEPT/$package; return; }
    mkdir -p "$KEPT"
    (cd "$WORK" && apt-get download -q "$package" >/dev/null 2>&1) || skip "$package could not be downloaded"
    dpkg-deb -x "$WORK/$package"_*.deb "$WORK/kernel"
    mv "$WORK/kernel" "$KEPT/$package"
    KERNEL=$KEPT/$package
}

# init and the modules without which there is no disk, no overlay and no network card.
make_initramfs() {
    local root=$WORK/initramfs module
    mkdir -p "$root"/{bin,proc,sys,dev,modules,disk}
    cp "$(command -v busybox)" "$root/bin/busybox"
    cp "$HERE/init" "$root/init"
    for module in virtio/virtio virtio/virtio_ring virtio/virtio_pci_modern_dev virtio/virtio_pci_legacy_dev virtio/virtio_pci block/virtio_blk; do
        cp "$KERNEL"/lib/modules/*/kernel/drivers/$module.ko "$root/modules/"
    done
    cp "$KERNEL"/lib/modules/*/kernel/fs/overlayfs/overlay.ko "$KERNEL"/lib/modules/*/kernel/net/sched/cls_cgroup.ko "$root/modules/"
    cp "$KERNEL"/lib/modules/*/kernel/{net/core/failover,drivers/net/net_failover,drivers/net/virtio_net}.ko "$root/modules/"
    (cd "$root" && find . | cpio -o -H newc --quiet) >"$WORK/initramfs.cpio"
}

# boot MEBIBYTES SECONDS "START CGROUPS" DRIVE...: what the serial console says of a machine whose first program is START of the first
# disk, with cgroup version 1 or 2; ends when the machine does.
boot() {
    local memory=$1 seconds=$2 start=${3% *} cgroups=${3#* } drives=() drive; shift 3
    for drive in "$@"; do drives+=(-drive "format=raw,if=virtio,$drive"); done
    timeout -k 5 "$seconds" qemu-system-x86_64 -accel tcg -cpu max -m "$memory" -nographic -no-reboot -nic user,model=virtio-net-pci,restrict=on \
        -kernel "$KERNEL"/boot/vmlinuz-* -initrd "$WORK/initramfs.cpio" -append "console=ttyS0 quiet panic=-1 rdinit=/init skiff_start=$start skiff_cgroups=$cgroups" \
        "${drives[@]}" </dev/null 2>&1 | tr -d '\r'
}

# tell NUMBER CONSOLE: its TAP, numbered on from NUMBER; adds to NUMBER what it told.
tell() {
    local -n told=$1
    local line
    [ -z "${SKIFF_VM_SHOW:-}" ] || sed 's/^/# /' "$2"
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*) told=$((told + 1)); sed -E "s/ok( [0-9]+)?( - )? ?/ok $told - /" <<<"$line" ;;
        "# "*) echo "$line" ;;
        esac
    done <"$2"
}
