// SPDX-License-Identifier: Apache-2.0
#include "cgroup/bpf_devices.hpp"

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <bit>

#include "kernel/bpf_program.hpp"
#include "oci/defaults.hpp"

// Rules name what they are about; what is absent means all.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace skiff::cgroup {
namespace {

uint32_t accesses_of(std::string_view access) {
    uint32_t bits = 0;
    for (const char letter : access) bits |= letter == 'm' ? BPF_DEVCG_ACC_MKNOD : letter == 'r' ? BPF_DEVCG_ACC_READ : BPF_DEVCG_ACC_WRITE;
    return bits;
}

/// Carries out what the assembler writes, as the kernel does.
bool run(const std::vector<uint64_t>& program, char type, uint32_t major, uint32_t minor, std::string_view access) {
    const uint32_t context[] = {accesses_of(access) << 16 | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR), major, minor};
    uint32_t registers[16] = {};
    for (size_t at = 0; at < program.size(); ++at) {
        const auto instruction = std::bit_cast<bpf_insn>(program[at]);
        uint32_t& to = registers[instruction.dst_reg];
        const auto value = static_cast<uint32_t>(instruction.imm);
        switch (instruction.code) {
            case BPF_LDX | BPF_MEM | BPF_W: to = context[instruction.off / 4]; break;
            case BPF_ALU | BPF_X | BPF_MOV: to = registers[instruction.src_reg]; break;
            case BPF_ALU | BPF_K | BPF_MOV: to = value; break;
            case BPF_ALU | BPF_K | BPF_AND: to &= value; break;
            case BPF_ALU | BPF_K | BPF_RSH: to >>= value; break;
            case BPF_JMP32 | BPF_K | BPF_JNE: at += to != value ? static_cast<size_t>(instruction.off) : 0; break;
            case BPF_JMP32 | BPF_K | BPF_JEQ: at += to == value ? static_cast<size_t>(instruction.off) : 0; break;
            case BPF_JMP | BPF_EXIT: return registers[0] != 0;
            default: ADD_FAILURE() << "an instruction that is not simulated: " << int{instruction.code}; return false;
        }
    }
    ADD_FAILURE() << "the program has no end";
    return false;
}


const oci::DeviceRule k_nothing{.allow = false, .type = 'a', .access = "rwm"};

TEST(DeviceProgram, WithoutRulesNothingIsAllowed) { EXPECT_FALSE(run(assemble_device_program({}), 'c', 1, 3, "r")); }

TEST(DeviceProgram, AllowsWhatARuleAllowsAndNoMore) {
    const auto program = assemble_device_program({k_nothing, {.allow = true, .type = 'c', .major = 1, .minor = 3, .access = "rw"}});
    EXPECT_TRUE(run(program, 'c', 1, 3, "r"));
    EXPECT_TRUE(run(program, 'c', 1, 3, "rw"));
    EXPECT_FALSE(run(program, 'c', 1, 3, "m"));
    EXPECT_FALSE(run(program, 'c', 1, 3, "rm"));
    EXPECT_FALSE(run(program, 'c', 1, 5, "r"));
    EXPECT_FALSE(run(program, 'c', 2, 3, "r"));
    EXPECT_FALSE(run(program, 'b', 1, 3, "r"));
}

TEST(DeviceProgram, AccessesOfSeveralRulesAddUp) {
    const auto program = assemble_device_program({k_nothing, {.allow = true, .type = 'b', .major = 8, .access = "r"}, {.allow = true, .type = 'b', .minor = 1, .access = "w"}});
    EXPECT_TRUE(run(program, 'b', 8, 1, "rw"));
    EXPECT_TRUE(run(program, 'b', 8, 2, "r"));
    EXPECT_FALSE(run(program, 'b', 8, 2, "rw"));
    EXPECT_TRUE(run(program, 'b', 9, 1, "w"));
}

TEST(DeviceProgram, TheLaterRuleWinsForTheAccessesThatItNames) {
    const oci::DeviceRule all{.allow = true, .type = 'c', .access = "rwm"}, not_this{.allow = false, .type = 'c', .major = 5, .minor = 1, .access = "w"};
    const auto last = assemble_device_program({k_nothing, all, not_this}), first = assemble_device_program({k_nothing, not_this, all});
    EXPECT_FALSE(run(last, 'c', 5, 1, "w"));
    EXPECT_FALSE(run(last, 'c', 5, 1, "rw"));
    EXPECT_TRUE(run(last, 'c', 5, 1, "r"));
    EXPECT_TRUE(run(first, 'c', 5, 1, "w"));
}

TEST(DeviceProgram, ARuleForEveryDeviceResetsWhatCameBefore) {
    const oci::DeviceRule zero{.allow = true, .type = 'c', .major = 1, .minor = 5, .access = "r"};
    EXPECT_FALSE(run(assemble_device_program({zero, k_nothing}), 'c', 1, 5, "r"));
    const auto all_but = assemble_device_program({k_nothing, {.allow = true, .type = 'a', .access = "rwm"}, {.allow = false, .type = 'b', .major = 8, .minor = -1, .access = "rwm"}});
    EXPECT_TRUE(run(all_but, 'c', 200, 200, "rwm"));
    EXPECT_FALSE(run(all_but, 'b', 8, 200, "r"));
    EXPECT_TRUE(run(all_but, 'b', 9, 200, "r"));
}

TEST(DeviceProgram, EveryContainerHasItsDefaultDevicesAndMayMakeNodes) {
    const auto program = assemble_device_program(oci::default_device_rules());
    for (const uint32_t minor : {3u, 5u, 7u, 8u, 9u}) EXPECT_TRUE(run(program, 'c', 1, minor, "rw")) << minor;
    EXPECT_TRUE(run(program, 'c', 5, 0, "rw"));
    EXPECT_TRUE(run(program, 'c', 5, 2, "rw"));
    EXPECT_TRUE(run(program, 'c', 136, 7, "rw"));
    EXPECT_TRUE(run(program, 'b', 8, 0, "m"));
    EXPECT_FALSE(run(program, 'b', 8, 0, "r"));
    EXPECT_FALSE(run(program, 'c', 10, 200, "r"));
}

TEST(DeviceProgram, TheKernelTakesIt) {
    if (geteuid() != 0) GTEST_SKIP() << "loading programs needs root";
    std::vector<oci::DeviceRule> rules = oci::default_device_rules();
    for (int64_t number = 0; number < 200; ++number) rules.push_back({.allow = number % 3 != 0, .type = number % 2 ? 'c' : 'b', .major = number, .minor = number * 7, .access = "rw"});
    const auto loaded = kernel::load_device_program(assemble_device_program(rules));
    if (!loaded && (loaded.error().is(Kind::unsupported) || loaded.error().is(Kind::forbidden))) GTEST_SKIP() << loaded.error().text();
    EXPECT_TRUE(loaded) << loaded.error().text();
}

}  // namespace
}  // namespace skiff::cgroup
