// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/limits.h>

#include "runtime/child/handshake.hpp"
#include "runtime/child/mounting.hpp"
#include "runtime/child/step.hpp"

/// What the steps share, and the steps themselves, by subject. Each returns 0, k_nothing_to_do, or a negated errno.
namespace skiff::runtime::child {

/// The path to hide or seal is not there: fine, and told so.
inline constexpr int k_nothing_to_do = 1;

struct World {
    const Orders* orders;
    int root = -1;        ///< O_PATH on the container's root
    int null = -1;        ///< O_PATH on the host's verified null device
    int empty = -1;       ///< O_PATH on the attached empty directory that hides others
    int procfs = -1;      ///< a procfs that nobody else can have changed: our own, attached nowhere, or the host's
    const char* program = nullptr;  ///< the candidate that find_program found
    int starter = -1;     ///< whoever asked to start us
    Detail detail = Detail::none;
    bool has_made_place = false;    ///< the last find_or_make
    char path[PATH_MAX];
};

/// A handle (O_PATH) on `target` inside the root, which is made where it is absent; negated errno.
int find_or_make(World& world, const char* target, uint64_t bits, unsigned mode) noexcept;

// mounts.cpp
int open_root(World& world, const char* directory) noexcept;
/// find_or_make for a tree whose top has this mode: a directory for a directory, a file for anything else.
int find_place_for(World& world, const Step& step, unsigned mode) noexcept;
/// What a tmpfs takes over from the directory that it will cover: "mode=1777", or empty where it takes nothing.
struct ModeOption {
    char text[16] = "";
    const char* value() const noexcept { return text + 5; }
};
int mode_for(World& world, int place, const Step& step, ModeOption& option) noexcept;
// copy_up.cpp
/// Copies what the directory `covered` holds to `top`, the top of an empty filesystem, with owners, permissions, times and file capabilities.
int copy_up(World& world, int covered, int top) noexcept;

// mounts.cpp, too
int mount_overlay(World& world, const Step& step) noexcept;
int set_attributes(World& world, const Step& step) noexcept;
int set_propagation(World& world, const Step& step) noexcept;
int pivot(World& world, const Step& step) noexcept;

// files.cpp
int make_device(World& world, const Step& step) noexcept;
int make_symlink(World& world, const Step& step) noexcept;
int make_directory(World& world, const Step& step) noexcept;
int mask(World& world, const Step& step) noexcept;
int make_readonly(World& world, const Step& step) noexcept;
int write_sysctl(World& world, const Step& step) noexcept;
/// A procfs of which nothing in the container can have covered or replaced a part (D3).
int own_procfs(World& world) noexcept;
/// Writes `value` whole to `path` in that procfs.
int write_in_procfs(World& world, const char* path, const char* value, uint64_t resolve) noexcept;

// home.cpp
int find_home(World& world, const Step& step) noexcept;

// terminal.cpp
int open_terminal(World& world, const Step& step) noexcept;
int own_streams(World& world, const Step& step) noexcept;

// person.cpp
int become_root_inside(World& world, const Step& step) noexcept;
int drop_bounding(World& world, const Step& step) noexcept;
int set_ids(World& world, const Step& step) noexcept;
int set_capabilities(World& world, const Step& step) noexcept;
int set_ambient(World& world, const Step& step) noexcept;
int enter_directory(World& world, const Step& step) noexcept;
int set_lsm_label(World& world, const Step& step) noexcept;
int raise_loopback(World& world, const Step& step) noexcept;

// scheduling.cpp
int set_affinity(World& world, const Step& step) noexcept;
int set_scheduler(World& world, const Step& step) noexcept;
int set_io_priority(World& world, const Step& step) noexcept;
int set_personality(World& world, const Step& step) noexcept;
int set_memory_policy(World& world, const Step& step) noexcept;
int make_time_namespace(World& world, const Step& step) noexcept;
int new_keyring(World& world, const Step& step) noexcept;

// program.cpp
int find_program(World& world, const Step& step) noexcept;
int wait_for_start(World& world, const Step& step) noexcept;
int guard_descriptors(World& world, const Step& step) noexcept;
int execute(World& world, const Step& step) noexcept;

// filter.cpp
int load_filter(World& world, const Step& step) noexcept;

// talk.cpp
int say(World& world, Stage stage, int with_descriptor = -1) noexcept;
/// A seccomp listener to whoever started us: itself, or its number by write(2) alone, for filters that notify of sendmsg.
int send_listener(World& world, int listener, bool by_number) noexcept;
/// Until the agent has it; ends this process where that will never be.
void wait_for_agent(World& world) noexcept;
int hear(World& world, Stage stage) noexcept;
void report_failure(World& world, int step, int error) noexcept;

}  // namespace skiff::runtime::child
