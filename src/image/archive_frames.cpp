// SPDX-License-Identifier: Apache-2.0
#include "image/archive_frames.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::image {
namespace {

std::string little_endian(uint64_t number, size_t bytes) {
    std::string text;
    for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i) & 0xff);
    return text;
}

std::string counted(const std::string& text) { return little_endian(text.size(), 2) + text; }

}  // namespace

Result<> FrameWriter::add(const Frame& frame) {
    MUST(expected_ == 0, "a file of an archive gets all its data before the next begins");
    if (frame.name.size() > UINT16_MAX || frame.target.size() > UINT16_MAX) return Error::corrupt("the archive has a name of {} bytes", std::max(frame.name.size(), frame.target.size()));
    std::string text = frame.kind == Frame::Kind::file ? "F" : frame.kind == Frame::Kind::symlink ? "L" : "H";
    text += counted(frame.name) + (frame.kind == Frame::Kind::file ? little_endian(frame.size, 8) : counted(frame.target));
    if (frame.kind == Frame::Kind::file) expected_ = frame.size;
    return sink_(bytes_of(text));
}

Result<> FrameWriter::data(Bytes bytes) {
    MUST(bytes.size() <= expected_, "a file of an archive gets no more data than it announced");
    expected_ -= bytes.size();
    return sink_(bytes);
}

Result<> FrameWriter::finish() {
    MUST(expected_ == 0, "a file of an archive gets all its data");
    return sink_(bytes_of("E"));
}

Result<> FrameReader::fill() {
    start_ = 0;
    end_ = TRY(source_(buffer_));
    if (end_ == 0) return Error::corrupt("the archive is cut short");
    return {};
}

Result<std::string> FrameReader::text(size_t size) {
    std::string text;
    while (text.size() < size) {
        if (start_ == end_) TRY(fill());
        const size_t piece = std::min(size - text.size(), end_ - start_);
        text += text_of(Bytes(buffer_).subspan(start_, piece));
        start_ += piece;
    }
    return text;
}

Result<uint64_t> FrameReader::number(size_t bytes) {
    const std::string text = TRY(this->text(bytes));
    uint64_t number = 0;
    for (size_t i = bytes; i-- > 0;) number = number << 8 | static_cast<unsigned char>(text[i]);
    return number;
}

Result<size_t> FrameReader::read(MutableBytes buffer) {
    if (left_ == 0 || buffer.empty()) return size_t{0};
    const auto most = static_cast<size_t>(std::min<uint64_t>(left_, buffer.size()));
    size_t size = 0;
    if (start_ == end_ && most >= buffer_.size()) {
        size = TRY(source_(buffer.first(most)));
        if (size == 0) return Error::corrupt("the archive is cut short");
    } else {
        if (start_ == end_) TRY(fill());
        size = std::min(most, end_ - start_);
        std::copy_n(buffer_.begin() + static_cast<ptrdiff_t>(start_), size, buffer.begin());
        start_ += size;
    }
    left_ -= size;
    return size;
}

Result<std::optional<Frame>> FrameReader::next() {
    while (left_ > 0) {
        if (start_ == end_) TRY(fill());
        const auto size = static_cast<size_t>(std::min<uint64_t>(left_, end_ - start_));
        start_ += size;
        left_ -= size;
    }
    const std::string kind = TRY(text(1));
    if (kind == "E") return std::optional<Frame>();
    Frame frame;
    if (kind == "L") frame.kind = Frame::Kind::symlink;
    else if (kind == "H") frame.kind = Frame::Kind::hard_link;
    else if (kind != "F") return Error::corrupt("skiff-transfer sent {}, which begins no member of an archive", quoted(kind));
    frame.name = TRY(text(TRY(number(2))));
    if (frame.kind == Frame::Kind::file) left_ = frame.size = TRY(number(8));
    else frame.target = TRY(text(TRY(number(2))));
    return std::optional(std::move(frame));
}

}  // namespace skiff::image
