// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/child/step.hpp"

namespace skiff::runtime {

/// The child's steps with the texts that they point into, and what each is in words. Addresses stay valid while the
/// list lives, also when it is moved.
class StepList {
public:
    /// Appends a step; fill in its arguments through the reference before adding another.
    child::Step& add(child::Op op, std::string what, std::string why);

    /// Keeps a text for the steps.
    const char* keep(std::string_view text);
    /// Keeps a text that the child may go on writing, up to `room` bytes.
    char* keep_room(std::string_view text, size_t room);
    /// Keeps a list of texts, and `last` where there is one, ended by a null pointer.
    const char* const* keep_list(const std::vector<std::string>& texts, const char* last = nullptr);
    /// Keeps key and value pairs, ended by a null key.
    const char* const* keep_pairs(const std::vector<std::pair<std::string, std::optional<std::string>>>& pairs);
    const uint32_t* keep_ids(const std::vector<uint32_t>& ids);

    const child::Step* data() const { return steps_.data(); }
    size_t size() const { return steps_.size(); }
    const child::Step& operator[](size_t index) const { return steps_[index]; }
    const std::string& what(size_t index) const { return words_[index].what; }
    const std::string& why(size_t index) const { return words_[index].why; }
    /// "what\n" for each step: what tests compare.
    std::string describe() const;
    /// The step of an operation that stands in the list once.
    child::Step* find(child::Op op);

private:
    struct Words { std::string what, why; };
    std::vector<child::Step> steps_;
    std::vector<Words> words_;
    std::deque<std::string> texts_;
    std::deque<std::vector<const char*>> lists_;
    std::deque<std::vector<uint32_t>> ids_;
};

}  // namespace skiff::runtime
