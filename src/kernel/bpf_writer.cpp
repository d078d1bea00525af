// SPDX-License-Identifier: Apache-2.0
// A place is an index into the reversed program: a jump written at place p reaches place t by skipping p - t - 1.
#include "kernel/bpf_writer.hpp"

#include <algorithm>

namespace skiff::kernel {
namespace {

/// The furthest skip that we use; below 255 so that stepping stones for both branches fit in between.
constexpr size_t k_reach = 250;

}  // namespace

BpfWriter::Target BpfWriter::put(sock_filter instruction) {
    reversed_.push_back(instruction);
    return {false, static_cast<uint32_t>(reversed_.size() - 1)};
}

uint32_t BpfWriter::near(Target target) {
    if (!target.is_answer_) {
        if (reversed_.size() - target.value_ <= k_reach) return target.value_;
        return put({BPF_JMP | BPF_JA, 0, 0, static_cast<uint32_t>(reversed_.size() - target.value_ - 1)}).value_;
    }
    // A far answer is written again: no longer than a stepping stone, and one step less.
    auto known = std::find_if(answers_.begin(), answers_.end(), [&](const Answer& answer) { return answer.value == target.value_; });
    if (known == answers_.end()) known = answers_.insert(answers_.end(), {target.value_, ~uint32_t{0}});
    else if (reversed_.size() - known->place <= k_reach) return known->place;
    known->place = put({BPF_RET | BPF_K, 0, 0, target.value_}).value_;
    return known->place;
}

BpfWriter::Target BpfWriter::jump(uint16_t comparison, uint32_t value, Target yes, Target no) {
    if (yes == no) return yes;
    const uint32_t no_place = near(no);
    const uint32_t yes_place = near(yes);
    const auto here = static_cast<uint32_t>(reversed_.size());
    return put({static_cast<uint16_t>(BPF_JMP | comparison | BPF_K), static_cast<uint8_t>(here - yes_place - 1),
                static_cast<uint8_t>(here - no_place - 1), value});
}

void BpfWriter::continue_at(Target next) {
    if (next.is_answer_) put({BPF_RET | BPF_K, 0, 0, next.value_});
    else if (next.value_ + 1 != reversed_.size()) put({BPF_JMP | BPF_JA, 0, 0, static_cast<uint32_t>(reversed_.size() - next.value_ - 1)});
}

std::vector<sock_filter> BpfWriter::finish() && {
    std::reverse(reversed_.begin(), reversed_.end());
    return std::move(reversed_);
}

}  // namespace skiff::kernel
