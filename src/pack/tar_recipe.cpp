// SPDX-License-Identifier: Apache-2.0
#include "pack/tar_recipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "pack/entry_limits.hpp"

namespace skiff::pack {
namespace {

constexpr size_t k_longest_bytes = 64 << 10, k_buffer = 256 << 10;

template <class Number> std::string little_endian(Number number) {
    std::string text;
    for (size_t i = 0; i < sizeof number; ++i) text += static_cast<char>(number >> (8 * i) & 0xff);
    return text;
}

/// The recipe, a record's part at a time.
class Reader {
public:
    explicit Reader(ByteSource& source) : source_(source), buffer_(k_buffer) {}

    Result<bool> is_over() {
        if (start_ < end_) return false;
        start_ = 0;
        end_ = TRY(source_.read(buffer_));
        return end_ == 0;
    }
    Result<std::string> text(size_t size) {
        std::string text;
        while (text.size() < size) {
            if (TRY(is_over())) return Error::corrupt("the layer's recipe is cut short");
            const size_t piece = std::min(size - text.size(), end_ - start_);
            text += text_of(Bytes(buffer_).subspan(start_, piece));
            start_ += piece;
        }
        return text;
    }
    template <class Number> Result<Number> number() {
        const std::string text = TRY(this->text(sizeof(Number)));
        Number number = 0;
        for (size_t i = sizeof number; i-- > 0;) number = static_cast<Number>(uint64_t{number} << 8 | static_cast<unsigned char>(text[i]));
        return number;
    }

private:
    ByteSource& source_;
    std::vector<std::byte> buffer_;
    size_t start_ = 0, end_ = 0;
};

Result<kernel::Fd> open_regular(const kernel::Root& tree, const std::string& path) {
    // Where symlinks led when it was unpacked they lead again; the last name was no symlink.
    auto file = TRY(tree.open_inside_nofollow(path, O_RDONLY | O_NONBLOCK));
    if (!S_ISREG(TRY(kernel::status_of(file)).st_mode)) return Error::corrupt("{} is not a file any more", quoted(path));
    return file;
}

}  // namespace

Result<> RecipeWriter::begin(const Entry& entry) {
    path_ = entry.path;
    is_named_ = false;
    return {};
}

Result<> RecipeWriter::rest(Bytes bytes) {
    TRY(end_piece());
    for (; !bytes.empty();) {
        const Bytes piece = bytes.first(std::min(bytes.size(), k_longest_bytes - bytes_.size()));
        bytes_ += text_of(piece);
        bytes = bytes.subspan(piece.size());
        if (bytes_.size() == k_longest_bytes) TRY(end_bytes());
    }
    return {};
}

Result<> RecipeWriter::data(uint64_t offset, Bytes bytes) {
    if (size_ > 0 && offset != offset_ + size_) TRY(end_piece());
    if (size_ == 0) {
        TRY(end_bytes());
        if (!is_named_) TRY(put("F" + little_endian(static_cast<uint16_t>(path_.size())) + path_));
        is_named_ = true;
        offset_ = offset;
    }
    size_ += bytes.size();
    return {};
}

Result<> RecipeWriter::finish() {
    TRY(end_piece());
    TRY(end_bytes());
    TRY(kernel::write_all(file_, bytes_of(out_)));
    out_.clear();
    return {};
}

Result<> RecipeWriter::end_bytes() {
    if (bytes_.empty()) return {};
    TRY(put("B" + little_endian(static_cast<uint32_t>(bytes_.size())) + bytes_));
    bytes_.clear();
    return {};
}

Result<> RecipeWriter::end_piece() {
    if (size_ == 0) return {};
    TRY(put("D" + little_endian(offset_) + little_endian(size_)));
    size_ = 0;
    return {};
}

Result<> RecipeWriter::put(std::string_view text) {
    out_ += text;
    if (out_.size() < k_buffer) return {};
    TRY(kernel::write_all(file_, bytes_of(out_)));
    out_.clear();
    return {};
}

Result<> follow_recipe(ByteSource& recipe, const kernel::Root& tree, const std::function<Result<>(Bytes)>& sink) {
    Reader reader(recipe);
    kernel::Fd file;
    std::vector<std::byte> buffer(k_buffer);
    std::string held;  // small records together: one write for many headers
    const auto flush = [&]() -> Result<> {
        if (!held.empty()) TRY(sink(bytes_of(held)));
        held.clear();
        return {};
    };
    while (!TRY(reader.is_over())) {
        const std::string kind = TRY(reader.text(1));
        if (kind == "B") {
            const auto size = TRY(reader.number<uint32_t>());
            if (size > k_longest_bytes) return Error::corrupt("the layer's recipe is damaged");
            held += TRY(reader.text(size));
            if (held.size() >= k_buffer) TRY(flush());
        } else if (kind == "F") {
            const std::string path = TRY(reader.text(TRY(reader.number<uint16_t>())));
            file = TRY_DOING(open_regular(tree, path), "make the layer's archive again");
        } else if (kind == "D") {
            const auto offset = TRY(reader.number<uint64_t>());
            auto size = TRY(reader.number<uint64_t>());
            if (!file || offset > EntryLimits{}.file_size || size > EntryLimits{}.file_size) return Error::corrupt("the layer's recipe is damaged");
            TRY(flush());
            if (lseek(file.number(), static_cast<off_t>(offset), SEEK_SET) < 0) return Error::system(errno, "go to a piece of a file");
            while (size > 0) {
                const size_t got = TRY(kernel::read_some(file, MutableBytes(buffer).first(std::min<uint64_t>(size, buffer.size()))));
                if (got == 0) return Error::corrupt("a file of the layer is shorter than it was");
                TRY(sink(Bytes(buffer).first(got)));
                size -= got;
            }
        } else {
            return Error::corrupt("the layer's recipe is damaged");
        }
    }
    return flush();
}

}  // namespace skiff::pack
