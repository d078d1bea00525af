// SPDX-License-Identifier: Apache-2.0
// From device rules to instructions. The kernel hands over struct bpf_cgroup_dev_ctx: kind of device and of access in
// one word, then the two numbers. The rules are asked from the last to the first; accesses that one of them has allowed
// are no longer asked for, and when none is left the answer is yes.
#include "cgroup/bpf_devices.hpp"

#include <linux/bpf.h>

#include <bit>

namespace skiff::cgroup {
namespace {

/// What is in which register. r0 is the answer and r1 the kernel's pointer.
enum Register : uint8_t { r_answer = BPF_REG_0, r_context = BPF_REG_1, r_wanted = BPF_REG_2, r_type = BPF_REG_3, r_major = BPF_REG_4, r_minor = BPF_REG_5, r_spare = BPF_REG_6 };

uint64_t encode(uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
    const bpf_insn instruction{.code = code, .dst_reg = static_cast<uint8_t>(to & 0xf), .src_reg = static_cast<uint8_t>(from & 0xf), .off = offset, .imm = value};
    return std::bit_cast<uint64_t>(instruction);
}

uint64_t load_word(Register to, int16_t offset) { return encode(BPF_LDX | BPF_MEM | BPF_W, to, r_context, offset, 0); }
uint64_t with_number(uint8_t operation, Register to, uint32_t value) { return encode(BPF_ALU | BPF_K | operation, to, 0, 0, static_cast<int32_t>(value)); }
uint64_t copy(Register to, Register from) { return encode(BPF_ALU | BPF_X | BPF_MOV, to, from, 0, 0); }
uint64_t jump_over(uint8_t comparison, Register left, uint32_t value, size_t count) {
    return encode(BPF_JMP32 | BPF_K | comparison, left, 0, static_cast<int16_t>(count), static_cast<int32_t>(value));
}
constexpr size_t k_answer_size = 2;

void answer(std::vector<uint64_t>& program, bool yes) {
    program.push_back(with_number(BPF_MOV, r_answer, yes));
    program.push_back(encode(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

uint32_t accesses_of(const std::string& access) {
    uint32_t bits = 0;
    for (const char letter : access) bits |= letter == 'm' ? BPF_DEVCG_ACC_MKNOD : letter == 'r' ? BPF_DEVCG_ACC_READ : BPF_DEVCG_ACC_WRITE;
    return bits;
}

/// What happens where the rule speaks of the device.
std::vector<uint64_t> verdict_of(const oci::DeviceRule& rule) {
    std::vector<uint64_t> verdict;
    const uint32_t accesses = accesses_of(rule.access);
    if (rule.allow) {
        verdict.push_back(with_number(BPF_AND, r_wanted, ~accesses));
        verdict.push_back(jump_over(BPF_JNE, r_wanted, 0, k_answer_size));
        answer(verdict, true);
    } else {
        verdict.push_back(copy(r_spare, r_wanted));
        verdict.push_back(with_number(BPF_AND, r_spare, accesses));
        verdict.push_back(jump_over(BPF_JEQ, r_spare, 0, k_answer_size));
        answer(verdict, false);
    }
    return verdict;
}

void add_rule(std::vector<uint64_t>& program, const oci::DeviceRule& rule) {
    const std::vector<uint64_t> verdict = verdict_of(rule);
    const bool has_major = rule.major.value_or(-1) >= 0, has_minor = rule.minor.value_or(-1) >= 0;
    size_t rest = verdict.size() + (has_major ? 1 : 0) + (has_minor ? 1 : 0);
    program.push_back(jump_over(BPF_JNE, r_type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR, rest));
    if (has_major) program.push_back(jump_over(BPF_JNE, r_major, static_cast<uint32_t>(*rule.major), --rest));
    if (has_minor) program.push_back(jump_over(BPF_JNE, r_minor, static_cast<uint32_t>(*rule.minor), --rest));
    program.insert(program.end(), verdict.begin(), verdict.end());
}

}  // namespace

std::vector<uint64_t> assemble_device_program(const std::vector<oci::DeviceRule>& rules) {
    std::vector<uint64_t> program;
    program.push_back(load_word(r_wanted, offsetof(bpf_cgroup_dev_ctx, access_type)));
    program.push_back(copy(r_type, r_wanted));
    program.push_back(with_number(BPF_AND, r_type, 0xffff));
    program.push_back(with_number(BPF_RSH, r_wanted, 16));
    program.push_back(load_word(r_major, offsetof(bpf_cgroup_dev_ctx, major)));
    program.push_back(load_word(r_minor, offsetof(bpf_cgroup_dev_ctx, minor)));
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
        if (rule->type == 'a') {  // it resets what came before
            answer(program, rule->allow);
            return program;
        }
        add_rule(program, *rule);
    }
    answer(program, false);
    return program;
}

}  // namespace skiff::cgroup
