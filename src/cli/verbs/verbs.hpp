// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

/// Every command; each stands in the file of its name.
namespace skiff::cli {

extern const Command k_attach, k_cleanup, k_commit, k_completion, k_create, k_diff, k_doctor, k_events, k_exec, k_history, k_image_inspect, k_container_inspect,
    k_images, k_import, k_info, k_inspect, k_kill, k_logs, k_manual, k_ns_diff, k_ns_exec, k_ns_inspect, k_ns_keep,
    k_ns_ls, k_ns_rm, k_pause, k_ps, k_rename, k_restart, k_restart_due, k_rm, k_rmi, k_run, k_start, k_stats, k_stop,
    k_tag, k_top, k_unpause, k_update, k_version, k_wait, k_why;
extern const Command k_cgroup_create, k_cgroup_get, k_cgroup_ls, k_cgroup_move, k_cgroup_rm, k_cgroup_set, k_cgroup_stat, k_cgroup_tree;
extern const Command k_export, k_load, k_save;
extern const Command k_network_connect, k_network_create, k_network_disconnect, k_network_inspect, k_network_ls, k_network_prune, k_network_rm;
extern const Command k_system_check;

}  // namespace skiff::cli
