// SPDX-License-Identifier: Apache-2.0
// An interpreter for the classic BPF that seccomp(2) accepts (net/core/filter.c, kernel/seccomp.c): it also runs what
// libseccomp makes, which uses more of it than we do.
#include <cstring>
#include <utility>

#include "kernel/seccomp.hpp"

namespace skiff::kernel {

Result<SeccompAnswer> simulate_seccomp(const BpfProgram& program, const seccomp_data& call) {
    uint32_t accumulator = 0, index = 0;
    uint32_t scratch[BPF_MEMWORDS] = {};
    for (size_t at = 0; at < program.size(); ++at) {
        const auto [code, yes, no, k] = program[at];
        const uint32_t operand = BPF_SRC(code) == BPF_X ? index : k;
        switch (BPF_CLASS(code)) {
            case BPF_LD:
                if (code == (BPF_LD | BPF_IMM)) accumulator = k;
                else if (code == (BPF_LD | BPF_MEM) && k < BPF_MEMWORDS) accumulator = scratch[k];
                else if (code == (BPF_LD | BPF_W | BPF_ABS) && k % 4 == 0 && k < sizeof(call)) std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + k, 4);
                else return Error::corrupt("seccomp filter: instruction {} loads {} in a way that is not allowed", at, k);
                break;
            case BPF_LDX:
                if (code == (BPF_LDX | BPF_IMM)) index = k;
                else if (code == (BPF_LDX | BPF_MEM) && k < BPF_MEMWORDS) index = scratch[k];
                else return Error::corrupt("seccomp filter: instruction {} loads in a way that is not allowed", at);
                break;
            case BPF_ST:
            case BPF_STX:
                if (k >= BPF_MEMWORDS) return Error::corrupt("seccomp filter: instruction {} stores outside the scratch memory", at);
                scratch[k] = BPF_CLASS(code) == BPF_ST ? accumulator : index;
                break;
            case BPF_ALU:
                switch (BPF_OP(code)) {
                    case BPF_AND: accumulator &= operand; break;
                    case BPF_OR: accumulator |= operand; break;
                    case BPF_XOR: accumulator ^= operand; break;
                    case BPF_ADD: accumulator += operand; break;
                    case BPF_SUB: accumulator -= operand; break;
                    default: return Error::corrupt("seccomp filter: instruction {} computes in a way that is not allowed", at);
                }
                break;
            case BPF_JMP: {
                bool holds = false;
                switch (BPF_OP(code)) {
                    case BPF_JA: at += k; continue;
                    case BPF_JEQ: holds = accumulator == operand; break;
                    case BPF_JGT: holds = accumulator > operand; break;
                    case BPF_JGE: holds = accumulator >= operand; break;
                    case BPF_JSET: holds = (accumulator & operand) != 0; break;
                    default: return Error::corrupt("seccomp filter: instruction {} jumps in a way that is not allowed", at);
                }
                at += holds ? yes : no;
                break;
            }
            case BPF_RET: return BPF_RVAL(code) == BPF_A ? accumulator : k;
            case BPF_MISC:
                if (BPF_MISCOP(code) == BPF_TAX) index = accumulator;
                else accumulator = index;
                break;
            default: std::unreachable();  // three bits, eight classes
        }
    }
    return Error::corrupt("seccomp filter: it ends without an answer");
}

}  // namespace skiff::kernel
