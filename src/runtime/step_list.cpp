// SPDX-License-Identifier: Apache-2.0
#include "runtime/step_list.hpp"

namespace skiff::runtime {

child::Step& StepList::add(child::Op op, std::string what, std::string why) {
    words_.push_back({std::move(what), std::move(why)});
    steps_.push_back({});
    steps_.back().op = op;
    return steps_.back();
}

const char* StepList::keep(std::string_view text) { return texts_.emplace_back(text).c_str(); }

char* StepList::keep_room(std::string_view text, size_t room) {
    std::string& kept = texts_.emplace_back(text);
    kept.resize(room);
    return kept.data();
}

const char* const* StepList::keep_list(const std::vector<std::string>& texts, const char* last) {
    std::vector<const char*> pointers;
    pointers.reserve(texts.size() + 2);
    for (const std::string& text : texts) pointers.push_back(keep(text));
    if (last) pointers.push_back(last);
    pointers.push_back(nullptr);
    return lists_.emplace_back(std::move(pointers)).data();
}

const char* const* StepList::keep_pairs(const std::vector<std::pair<std::string, std::optional<std::string>>>& pairs) {
    std::vector<const char*> pointers;
    for (const auto& [key, value] : pairs) {
        pointers.push_back(keep(key));
        pointers.push_back(value ? keep(*value) : nullptr);
    }
    pointers.push_back(nullptr);
    return lists_.emplace_back(std::move(pointers)).data();
}

const uint32_t* StepList::keep_ids(const std::vector<uint32_t>& ids) { return ids_.emplace_back(ids).data(); }

std::string StepList::describe() const {
    std::string text;
    for (const Words& words : words_) (text += words.what) += '\n';
    return text;
}

child::Step* StepList::find(child::Op op) {
    for (child::Step& step : steps_)
        if (step.op == op) return &step;
    return nullptr;
}

}  // namespace skiff::runtime
