// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <vector>

/// Writes a classic BPF program from its end to its beginning. Jumps only lead forward, so every target is already
/// written when a jump is, and a jump that is too far for its eight bits gets a stepping stone on the spot.
namespace skiff::kernel {

class BpfWriter {
public:
    /// Where a jump leads: an instruction already written, or "answer this".
    class Target {
    public:
        static Target answer(uint32_t value) { return {true, value}; }
        bool operator==(const Target&) const = default;

    private:
        friend class BpfWriter;
        Target(bool is_answer, uint32_t value) : is_answer_(is_answer), value_(value) {}
        bool is_answer_;
        uint32_t value_;  ///< the answer, or the instruction's place counted from the program's end
    };

    explicit BpfWriter(size_t expected) { reversed_.reserve(expected); }

    /// Loads the 32-bit word at `offset` of struct seccomp_data; what was written last comes next.
    Target load(uint32_t offset) { return put({BPF_LD | BPF_W | BPF_ABS, 0, 0, offset}); }
    /// The accumulator becomes itself AND `mask`.
    Target mask(uint32_t mask) { return put({BPF_ALU | BPF_AND | BPF_K, 0, 0, mask}); }
    /// Compares the accumulator with `value`: `comparison` is BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET. Nothing is written
    /// where both ways lead to the same place.
    Target jump(uint16_t comparison, uint32_t value, Target yes, Target no);
    /// Makes `next` what comes right behind whatever is written now, so that a load can run into it.
    void continue_at(Target next);

    size_t size() const { return reversed_.size(); }
    std::vector<sock_filter> finish() &&;

private:
    struct Answer { uint32_t value; uint32_t place; };

    Target put(sock_filter instruction);
    /// The place of `target`, near enough for a jump written at most two places further on.
    uint32_t near(Target target);

    std::vector<sock_filter> reversed_;
    std::vector<Answer> answers_;  ///< the most recently written RET of each answer
};

}  // namespace skiff::kernel
