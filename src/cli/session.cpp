// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/format.hpp"
#include "engine/rootless.hpp"
#include "kernel/file.hpp"

namespace skiff::cli {
namespace {

constexpr uint64_t k_as_good_as_full = 64 << 10;

/// What to do about a failure that the caller's surroundings explain.
Error with_advice(const Error& error, const engine::Paths& paths) {
    if (error.is(Kind::no_space))
        for (const std::string* path : {&paths.root, &paths.runroot})
            if (const auto free = kernel::free_space_at(*path); free && *free < k_as_good_as_full && error.text().find("the filesystem of " + *path) == std::string::npos)
                return Error(error).hint("the filesystem of {} is full: make room there", *path);
    if (error.is_errno(EFBIG)) return Error(error).hint("a limit on the size of files is reached: see `ulimit -f`");
    if (error.is_errno(EMFILE)) return Error(error).hint("a limit on open files is reached: see `ulimit -n`");
    const bool is_about_places = error.text().find(paths.root) != std::string::npos || error.text().find(paths.runroot) != std::string::npos;
    if (error.is_errno(EACCES) && geteuid() != 0 && is_about_places) return Error(error).hint("--root and --runroot choose places of one's own");
    return error;
}

}  // namespace

Result<engine::Engine> Session::open_engine() {
    for (const std::string& sentence : TRY(engine::become_root_of_user(paths_)))
        if (level_ <= Level::info) tell(format("skiff: note: {}\n", sentence));
    return engine::Engine::open(paths_);
}

Result<> Session::flush() {
    std::string text = std::move(held_);
    held_.clear();
    if (text.empty()) return {};
    return kernel::write_all(kernel::FdView::of(1), bytes_of(text));
}

void Session::tell(std::string_view text) { (void)kernel::write_all(kernel::FdView::of(2), bytes_of(text)); }  // nobody is left to hear about it

void Session::complain(const Error& failure) {
    const Error error = with_advice(failure, paths_);
    if (level_ == Level::debug && error.number() != 0) tell(format("skiff: [{}] {}\n", errno_name(error.number()), error.text()));
    else tell(format("skiff: {}\n", error.text()));
}

void Session::warn(std::string_view sentence) {
    if (level_ <= Level::warn) tell(format("WARNING: {}\n", sentence));
}

}  // namespace skiff::cli
