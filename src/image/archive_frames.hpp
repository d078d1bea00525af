// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// An archive of images on its way between the engine, which parses no tar, and the jailed program, which does. Records,
/// numbers little-endian:
///
///     'F' u16 size, name, u64 size, that many bytes      a file
///     'L' u16 size, name, u16 size, target               a symlink
///     'H' u16 size, name, u16 size, target               a hard link: the name of another member
///     'E'                                                the end, without which it was cut short
namespace skiff::image {

struct Frame {
    enum class Kind { file, symlink, hard_link } kind = Kind::file;
    std::string name, target;
    uint64_t size = 0;  ///< of a file
};

class FrameWriter {
public:
    using Sink = std::function<Result<>(Bytes)>;
    explicit FrameWriter(Sink sink) : sink_(std::move(sink)) {}
    /// A file's bytes follow by data().
    Result<> add(const Frame& frame);
    Result<> data(Bytes bytes);
    Result<> finish();

private:
    Sink sink_;
    uint64_t expected_ = 0;
};

/// The reverse. What comes may be anything: the other side may have been taken over by what it read.
class FrameReader {
public:
    /// At most so many bytes, at least one unless this is the end.
    using Source = std::function<Result<size_t>(MutableBytes)>;
    explicit FrameReader(Source source) : source_(std::move(source)), buffer_(256 << 10) {}

    /// The next one, what is left of the last file skipped; nothing at the end. Error (corrupt): cut short, or no frame.
    Result<std::optional<Frame>> next();
    /// Of the current file; 0 at its end.
    Result<size_t> read(MutableBytes buffer);

private:
    Result<> fill();
    Result<std::string> text(size_t size);
    Result<uint64_t> number(size_t bytes);
    Source source_;
    std::vector<std::byte> buffer_;
    size_t start_ = 0, end_ = 0;
    uint64_t left_ = 0;
};

}  // namespace skiff::image
