// SPDX-License-Identifier: Apache-2.0
// Where each command is reached.
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using Shown = Route::Shown;

constexpr Route k_routes[] = {
    {"", "run", &k_run, Shown::commonly},
    {"", "exec", &k_exec, Shown::commonly},
    {"", "ps", &k_ps, Shown::commonly},
    {"", "logs", &k_logs, Shown::commonly},
    {"", "stop", &k_stop, Shown::commonly},
    {"", "rm", &k_rm, Shown::commonly},
    {"", "import", &k_import, Shown::commonly},
    {"", "images", &k_images, Shown::commonly},
    {"", "attach", &k_attach},
    {"", "commit", &k_commit},
    {"", "completion", &k_completion},
    {"", "create", &k_create},
    {"", "diff", &k_diff},
    {"", "doctor", &k_doctor},
    {"", "events", &k_events},
    {"", "export", &k_export},
    {"", "history", &k_history},
    {"", "info", &k_info},
    {"", "inspect", &k_inspect},
    {"", "kill", &k_kill},
    {"", "load", &k_load},
    {"", "manual", &k_manual},
    {"", "pause", &k_pause},
    {"", "rename", &k_rename},
    {"", "restart", &k_restart},
    {"", "rmi", &k_rmi},
    {"", "save", &k_save},
    {"", "start", &k_start},
    {"", "stats", &k_stats},
    {"", "tag", &k_tag},
    {"", "top", &k_top},
    {"", "unpause", &k_unpause},
    {"", "update", &k_update},
    {"", "version", &k_version},
    {"", "wait", &k_wait},
    {"", "why", &k_why},
    {"cgroup", "create", &k_cgroup_create},
    {"cgroup", "get", &k_cgroup_get},
    {"cgroup", "ls", &k_cgroup_ls},
    {"cgroup", "move", &k_cgroup_move},
    {"cgroup", "rm", &k_cgroup_rm},
    {"cgroup", "set", &k_cgroup_set},
    {"cgroup", "stat", &k_cgroup_stat},
    {"cgroup", "tree", &k_cgroup_tree},
    {"container", "attach", &k_attach},
    {"container", "cleanup", &k_cleanup, Shown::no},
    {"container", "commit", &k_commit},
    {"container", "create", &k_create},
    {"container", "diff", &k_diff},
    {"container", "exec", &k_exec},
    {"container", "export", &k_export},
    {"container", "inspect", &k_container_inspect},
    {"container", "kill", &k_kill},
    {"container", "list", &k_ps, Shown::no},
    {"container", "logs", &k_logs},
    {"container", "ls", &k_ps},
    {"container", "pause", &k_pause},
    {"container", "ps", &k_ps, Shown::no},
    {"container", "remove", &k_rm, Shown::no},
    {"container", "rename", &k_rename},
    {"container", "restart", &k_restart},
    {"container", "restart-due", &k_restart_due, Shown::no},
    {"container", "rm", &k_rm},
    {"container", "run", &k_run},
    {"container", "start", &k_start},
    {"container", "stats", &k_stats},
    {"container", "stop", &k_stop},
    {"container", "top", &k_top},
    {"container", "unpause", &k_unpause},
    {"container", "update", &k_update},
    {"container", "wait", &k_wait},
    {"image", "history", &k_history},
    {"image", "import", &k_import},
    {"image", "inspect", &k_image_inspect},
    {"image", "list", &k_images, Shown::no},
    {"image", "load", &k_load},
    {"image", "ls", &k_images},
    {"image", "remove", &k_rmi, Shown::no},
    {"image", "rm", &k_rmi},
    {"image", "save", &k_save},
    {"image", "tag", &k_tag},
    {"network", "connect", &k_network_connect},
    {"network", "create", &k_network_create},
    {"network", "disconnect", &k_network_disconnect},
    {"network", "inspect", &k_network_inspect},
    {"network", "list", &k_network_ls, Shown::no},
    {"network", "ls", &k_network_ls},
    {"network", "prune", &k_network_prune},
    {"network", "remove", &k_network_rm, Shown::no},
    {"network", "rm", &k_network_rm},
    {"ns", "diff", &k_ns_diff},
    {"ns", "exec", &k_ns_exec},
    {"ns", "inspect", &k_ns_inspect},
    {"ns", "keep", &k_ns_keep},
    {"ns", "ls", &k_ns_ls},
    {"ns", "rm", &k_ns_rm},
    {"system", "check", &k_system_check},
    {"system", "events", &k_events},
    {"system", "info", &k_info},
};

}  // namespace

std::span<const Route> routes() { return k_routes; }

Found find_command(std::span<const std::string> words) {
    Found found;
    for (const Route& route : k_routes) {
        if (route.group.empty() && !words.empty() && route.name == words[0]) found.command = route.command, found.words = 1;
        if (!route.group.empty() && words.size() > 1 && route.group == words[0] && route.name == words[1])
            found.command = route.command, found.words = 2, found.group = route.group;
    }
    return found;
}

}  // namespace skiff::cli
