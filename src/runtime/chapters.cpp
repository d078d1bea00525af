// SPDX-License-Identifier: Apache-2.0
#include "runtime/chapters.hpp"

namespace skiff::runtime {

Chapter chapter_of(child::Op op) {
    using child::Op;
    switch (op) {
        case Op::join_cgroup: case Op::set_affinity: return Chapter::group;
        case Op::say: case Op::hear: return Chapter::talk;
        case Op::join_namespace: case Op::make_time_namespace: case Op::be_born: case Op::become_root_inside: case Op::unshare_cgroup: case Op::new_session:
        case Op::new_keyring: case Op::set_hostname: case Op::set_domainname: case Op::raise_loopback: case Op::write_sysctl:
            return Chapter::namespaces;
        case Op::attach_root: case Op::mount_overlay: case Op::pivot: case Op::seal_root: return Chapter::root;
        case Op::set_propagation_of_all: case Op::mount_filesystem: case Op::mount_tree: case Op::set_attributes: case Op::set_propagation:
        case Op::make_directory:
            return Chapter::mounts;
        case Op::make_device: case Op::make_symlink: case Op::open_terminal: case Op::take_stream: case Op::own_streams: return Chapter::devices;
        case Op::mask: case Op::make_readonly: return Chapter::masks;
        case Op::set_rlimit: case Op::set_umask: case Op::set_personality: case Op::set_memory_policy: case Op::set_io_priority:
        case Op::set_scheduler: case Op::no_new_privileges: case Op::drop_bounding: case Op::set_groups: case Op::set_ids:
        case Op::set_capabilities: case Op::set_ambient: case Op::enter_directory: case Op::find_home: case Op::set_lsm_label: case Op::load_filter:
            return Chapter::identity;
        case Op::find_program: case Op::wait_for_start: case Op::guard_descriptors: case Op::execute: return Chapter::program;
    }
    return Chapter::plan;
}

}  // namespace skiff::runtime
