// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/id.hpp"
#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

std::string draft_of(const std::string& name) { return "." + name.substr(0, 200) + "." + ContainerId::random().string().substr(0, 8); }

bool lacks_unnamed_files(const Error& error) { return error.is_errno(EOPNOTSUPP) || error.is_errno(EISDIR) || error.is_errno(EINVAL) || error.is_errno(ENOENT); }

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
    OutputFile output;
    struct stat status{};
    if (stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return Error::invalid("{} is a directory", path);
        if (!S_ISREG(status.st_mode)) {
            output.file_ = TRY(open_file(path, O_WRONLY));
            return output;
        }
    }
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    output.name_ = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (output.name_.empty() || output.name_ == "." || output.name_ == "..") return Error::invalid("{} is not the name of a file", quoted(path));
    output.directory_ = TRY(open_directory(folder));
    auto file = open_at(output.directory_, ".", O_TMPFILE | O_WRONLY, 0600);
    if (!file && lacks_unnamed_files(file.error())) {
        output.draft_name_ = draft_of(output.name_);
        file = open_at(output.directory_, output.draft_name_, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (!file) output.draft_name_.clear();
    }
    if (!file) return std::move(file).error().context("write {}", path);
    output.file_ = std::move(*file);
    return output;
}

OutputFile::~OutputFile() {
    if (directory_ && !draft_name_.empty()) (void)remove_file_at(directory_, draft_name_);  // what failed before is told
}

Result<> OutputFile::publish() {
    if (name_.empty()) return {};
    if (draft_name_.empty()) {
        const std::string unnamed = proc_path(file_);
        const auto link_as = [&](const std::string& name) { return linkat(AT_FDCWD, unnamed.c_str(), directory_.number(), name.c_str(), AT_SYMLINK_FOLLOW) == 0; };
        if (link_as(name_)) return {};
        if (errno != EEXIST) return Error::system(errno, "name {}", name_);
        // Nothing replaces a file at once but a rename, and that needs a name first.
        draft_name_ = draft_of(name_);
        if (!link_as(draft_name_)) {
            const int failure = errno;
            draft_name_.clear();
            return Error::system(failure, "name {}", name_);
        }
    }
    TRY(rename_at(directory_, draft_name_, directory_, name_));
    draft_name_.clear();
    return {};
}

}  // namespace skiff::kernel
