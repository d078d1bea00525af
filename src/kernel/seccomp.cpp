// SPDX-License-Identifier: Apache-2.0
// Policy → program, in two steps an ABI: what to do for each number (decisions), then a search tree over ranges of
// equal decisions. Everything is written from the program's end, see bpf_writer.hpp.
#include "kernel/seccomp.hpp"

#include <linux/audit.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <tuple>

#include "kernel/bpf_writer.hpp"

namespace skiff::kernel {
namespace {

using Target = BpfWriter::Target;
using Operator = SeccompCondition::Operator;

constexpr size_t k_most_instructions = BPF_MAXINSNS;
constexpr uint32_t k_number_offset = offsetof(seccomp_data, nr);
constexpr uint32_t k_arch_offset = offsetof(seccomp_data, arch);
constexpr uint32_t low_offset(uint8_t argument) { return uint32_t{offsetof(seccomp_data, args)} + 8U * argument; }
constexpr uint32_t high_offset(uint8_t argument) { return low_offset(argument) + 4; }
constexpr uint32_t low_half(uint64_t value) { return static_cast<uint32_t>(value); }
constexpr uint32_t high_half(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

/// One way to a decision for a number: a rule, and through i386's multiplexers the first argument that means this call.
struct Alternative {
    int16_t number;
    int16_t multiplexed;  ///< 0: called directly
    uint16_t rule;
};

/// What the policy says about one ABI's calls.
struct Decisions {
    enum State : uint8_t { unnamed, unconditional, conditional };

    std::array<State, k_syscall_limit> states{};
    std::array<SeccompAnswer, k_syscall_limit> answers{};    ///< where unconditional
    std::vector<Alternative> alternatives;                   ///< where conditional; in the policy's order
    int newest = 0;                                          ///< highest number named, x32's own calls apart
    bool names_any = false;

    void add(const SeccompRule& rule, uint16_t rule_index, int16_t number, int16_t multiplexed) {
        State& state = states[static_cast<size_t>(number)];
        if (state == unconditional) return;
        if (rule.conditions.empty() && multiplexed == 0) {
            state = unconditional;
            answers[static_cast<size_t>(number)] = rule.answer;
        } else {
            state = conditional;
            alternatives.push_back({number, multiplexed, rule_index});
        }
    }

    void note_named(int number, SyscallAbi abi) {
        if (abi == SyscallAbi::x32 && number >= k_x32_own_calls) return;
        newest = names_any ? std::max(newest, number) : number;
        names_any = true;
    }
};

/// From `first` on, calls lead to `target`.
struct Range { uint32_t first; Target target; };

class Compiler {
public:
    explicit Compiler(const SeccompPolicy& policy) : policy_(policy), otherwise_(Target::answer(policy.otherwise)), out_(1024) {}

    CompiledSeccomp run() {
        decide();
        CompiledSeccomp compiled;
        write_program();
        compiled.unknown = std::move(unknown_);
        compiled.program = std::move(out_).finish();
        return compiled;
    }

private:
    bool has(SyscallAbi abi) const { return std::find(policy_.abis.begin(), policy_.abis.end(), abi) != policy_.abis.end(); }
    Decisions& decisions(SyscallAbi abi) { return decisions_[static_cast<size_t>(abi)]; }

    void decide() {
        for (size_t index = 0; index < policy_.rules.size(); ++index) {
            const SeccompRule& rule = policy_.rules[index];
            for (const std::string& name : rule.names) {
                const SyscallEntry* entry = find_syscall(name);
                if (!entry) {
                    unknown_.push_back(name);
                    continue;
                }
                for (const SyscallAbi abi : policy_.abis) {
                    const int number = entry->number(abi);
                    if (number >= 0) decisions(abi).note_named(number, abi);
                    if (rule.answer == policy_.otherwise) continue;
                    if (number >= 0) decisions(abi).add(rule, static_cast<uint16_t>(index), static_cast<int16_t>(number), 0);
                    if (abi == SyscallAbi::i386 && entry->multiplexer != 0)
                        decisions(abi).add(rule, static_cast<uint16_t>(index), entry->multiplexer, entry->multiplexed);
                }
            }
        }
    }

    void write_program() {
        const Target kill = Target::answer(k_seccomp_kill_process);

        // -1 is no call of x32: it is how a tracer cancels a call, and gets what other nonsense gets.
        Target x32 = has(SyscallAbi::x32) ? write_tree(SyscallAbi::x32) : out_.jump(BPF_JEQ, ~uint32_t{0}, nonsense(), kill);
        Target native = kill;
        if (has(SyscallAbi::x86_64)) native = write_tree(SyscallAbi::x86_64);
        const Target by_bit = out_.jump(BPF_JSET, k_x32_bit, x32, native);
        out_.continue_at(by_bit);
        const Target x86_64 = out_.load(k_number_offset);

        Target i386 = kill;
        if (has(SyscallAbi::i386)) {
            out_.continue_at(write_tree(SyscallAbi::i386));
            i386 = out_.load(k_number_offset);
        }

        Target unlike_x86_64 = out_.jump(BPF_JEQ, AUDIT_ARCH_I386, i386, kill);
        out_.continue_at(out_.jump(BPF_JEQ, AUDIT_ARCH_X86_64, x86_64, unlike_x86_64));
        out_.load(k_arch_offset);
    }

    Target nonsense() const { return policy_.newer ? Target::answer(*policy_.newer) : otherwise_; }

    /// The tree for one ABI; the accumulator holds the number (with x32's bit) when the program gets here.
    Target write_tree(SyscallAbi abi) {
        const std::vector<Range> ranges = ranges_of(abi);
        return write_tree(ranges, 0, ranges.size() - 1);
    }

    Target write_tree(const std::vector<Range>& ranges, size_t first, size_t last) {
        if (first == last) return ranges[first].target;
        const bool hole = last - first == 2 && ranges[first].target == ranges[last].target && ranges[last].first == ranges[first + 1].first + 1;
        if (hole) return out_.jump(BPF_JEQ, ranges[first + 1].first, ranges[first + 1].target, ranges[first].target);
        const size_t middle = first + (last - first + 1) / 2;
        const Target from_middle = write_tree(ranges, middle, last);
        const Target below = write_tree(ranges, first, middle - 1);
        return out_.jump(BPF_JGE, ranges[middle].first, from_middle, below);
    }

    /// Numbers in order, equal neighbours merged; conditional calls are written here and stand alone.
    std::vector<Range> ranges_of(SyscallAbi abi) {
        Decisions& all = decisions(abi);
        std::sort(all.alternatives.begin(), all.alternatives.end(), [](const Alternative& a, const Alternative& b) {
            return std::tie(a.number, a.rule, a.multiplexed) < std::tie(b.number, b.rule, b.multiplexed);
        });
        auto next_alternative = all.alternatives.begin();
        narrow_ = abi == SyscallAbi::i386;
        written_.clear();
        const uint32_t bit = abi == SyscallAbi::x32 ? k_x32_bit : 0;

        const int first_newer = policy_.newer && all.names_any ? all.newest + 1 : k_syscall_limit + 1;
        const auto if_unnamed = [&](int number) {
            const bool is_x32s_own = abi == SyscallAbi::x32 && number >= k_x32_own_calls && number <= k_x32_last_own_call;
            return number >= first_newer && !is_x32s_own ? *policy_.newer : policy_.otherwise;
        };
        std::vector<Range> ranges;
        ranges.reserve(160);
        std::optional<SeccompAnswer> open;  // the answer of the last range, unless it looks at arguments
        const auto go_on = [&](int number, Target target) {
            if (ranges.empty() || ranges.back().target != target) ranges.push_back({static_cast<uint32_t>(number) | bit, target});
        };
        for (int number = 0; number <= k_syscall_limit; ++number) {
            const auto at = static_cast<size_t>(number);
            const Decisions::State state = number < k_syscall_limit ? all.states[at] : Decisions::unnamed;
            if (state == Decisions::conditional) {
                while (next_alternative->number < number) ++next_alternative;  // made moot
                auto end = next_alternative;
                while (end != all.alternatives.end() && end->number == number) ++end;
                go_on(number, write_alternatives({next_alternative, end}));
                open.reset();
            } else if (const SeccompAnswer answer = state == Decisions::unconditional ? all.answers[at] : if_unnamed(number); answer != open) {
                go_on(number, Target::answer(answer));
                open = answer;
            }
        }
        return ranges;
    }

    /// The alternatives of one call in order; what none of them matches gets the default. Calls of one ABI that the same
    /// rules name share what is written.
    Target write_alternatives(std::span<const Alternative> alternatives) {
        const auto same = [&](const Written& written) {
            return std::equal(alternatives.begin(), alternatives.end(), written.alternatives.begin(), written.alternatives.end(),
                              [](const Alternative& a, const Alternative& b) { return a.rule == b.rule && a.multiplexed == b.multiplexed; });
        };
        if (const auto known = std::find_if(written_.begin(), written_.end(), same); known != written_.end()) return known->target;
        Target next = otherwise_;
        for (size_t end = alternatives.size(); end > 0;) {
            size_t begin = end - 1;
            while (begin > 0 && share_a_load(alternatives[begin - 1], alternatives[end - 1])) --begin;
            next = end - begin > 1 ? write_values(alternatives.subspan(begin, end - begin), next) : write_alternative(alternatives[begin], next);
            end = begin;
        }
        written_.push_back({alternatives, next});
        return next;
    }

    /// Whether two alternatives are "this one argument is that value", with the same argument, upper half and answer.
    bool share_a_load(const Alternative& one, const Alternative& other) const {
        const SeccompRule& a = policy_.rules[one.rule];
        const SeccompRule& b = policy_.rules[other.rule];
        if (one.multiplexed != 0 || other.multiplexed != 0 || a.answer != b.answer || a.conditions.size() != 1 || b.conditions.size() != 1) return false;
        const SeccompCondition& x = a.conditions[0];
        const SeccompCondition& y = b.conditions[0];
        return x.op == Operator::eq && y.op == Operator::eq && x.argument == y.argument && high_half(x.value) == high_half(y.value);
    }

    Target write_values(std::span<const Alternative> alternatives, Target no) {
        const SeccompRule& some = policy_.rules[alternatives[0].rule];
        const Target yes = Target::answer(some.answer);
        const SeccompCondition& condition = some.conditions[0];
        if (narrow_ && high_half(condition.value) != 0) return no;
        Target next = no;
        for (auto it = alternatives.rbegin(); it != alternatives.rend(); ++it)
            next = out_.jump(BPF_JEQ, low_half(policy_.rules[it->rule].conditions[0].value), yes, next);
        return if_high(BPF_JEQ, condition, load_before(next, low_offset(condition.argument)), no);
    }

    Target write_alternative(const Alternative& alternative, Target no) {
        const SeccompRule& rule = policy_.rules[alternative.rule];
        Target yes = Target::answer(rule.answer);
        for (auto condition = rule.conditions.rbegin(); condition != rule.conditions.rend(); ++condition)
            if (alternative.multiplexed == 0 || condition->argument != 0) yes = write_condition(*condition, yes, no);
        // The multiplexer's own first argument takes the place of the call's: that one lies behind a pointer.
        if (alternative.multiplexed != 0)
            yes = write_condition({.argument = 0, .value = static_cast<uint64_t>(alternative.multiplexed)}, yes, no);
        return yes;
    }

    Target write_condition(const SeccompCondition& condition, Target yes, Target no) {
        const uint32_t low = low_half(condition.value);
        const uint32_t low_at = low_offset(condition.argument);
        switch (condition.op) {
            case Operator::eq: return if_high(BPF_JEQ, condition, load_before(out_.jump(BPF_JEQ, low, yes, no), low_at), no);
            case Operator::ne: return if_high(BPF_JEQ, condition, load_before(out_.jump(BPF_JEQ, low, no, yes), low_at), yes);
            case Operator::gt: return write_above(BPF_JGT, condition, yes, no);
            case Operator::ge: return write_above(BPF_JGE, condition, yes, no);
            case Operator::lt: return write_above(BPF_JGE, condition, no, yes);
            case Operator::le: return write_above(BPF_JGT, condition, no, yes);
            case Operator::masked_eq: return write_masked(condition, yes, no);
        }
        return no;
    }

    /// `test` of the upper half against the condition's, in front of the check of the lower half.
    Target if_high(uint16_t comparison, const SeccompCondition& condition, Target yes, Target no) {
        const uint32_t high = high_half(condition.value);
        if (narrow_) return high == 0 ? yes : no;  // i386: the kernel hands over 32 bits, the rest is zero
        return load_before(out_.jump(comparison, high, yes, no), high_offset(condition.argument));
    }

    /// Above (JGT) or not below (JGE): the upper half decides unless it is equal.
    Target write_above(uint16_t comparison, const SeccompCondition& condition, Target yes, Target no) {
        const uint32_t high = high_half(condition.value);
        if (narrow_ && high != 0) return no;
        const Target by_low = load_before(out_.jump(comparison, low_half(condition.value), yes, no), low_offset(condition.argument));
        if (narrow_) return by_low;
        const Target equal_or_below = out_.jump(BPF_JEQ, high, by_low, no);
        return load_before(out_.jump(BPF_JGT, high, yes, equal_or_below), high_offset(condition.argument));
    }

    Target write_masked(const SeccompCondition& condition, Target yes, Target no) {
        const uint64_t mask = condition.value, wanted = condition.value_two & mask;
        if (narrow_ && high_half(wanted) != 0) return no;
        const auto half = [&](uint32_t mask_half, uint32_t wanted_half, uint32_t offset, Target then) {
            if (mask_half == 0) return then;
            Target test = out_.jump(BPF_JEQ, wanted_half, then, no);
            if (mask_half != ~uint32_t{0}) {
                out_.continue_at(test);
                test = out_.mask(mask_half);
            }
            return load_before(test, offset);
        };
        const Target by_low = half(low_half(mask), low_half(wanted), low_offset(condition.argument), yes);
        return narrow_ ? by_low : half(high_half(mask), high_half(wanted), high_offset(condition.argument), by_low);
    }

    Target load_before(Target next, uint32_t offset) {
        out_.continue_at(next);
        return out_.load(offset);
    }

    const SeccompPolicy& policy_;
    Target otherwise_;
    BpfWriter out_;
    struct Written { std::span<const Alternative> alternatives; Target target; };
    std::vector<Written> written_;  ///< for the ABI at hand
    bool narrow_ = false;           ///< the ABI at hand has arguments of 32 bits
    std::array<Decisions, k_syscall_abi_count> decisions_;
    std::vector<std::string> unknown_;
};

Result<> check(const SeccompPolicy& policy) {
    uint32_t seen = 0;
    for (const SyscallAbi abi : policy.abis) {
        const uint32_t bit = 1u << static_cast<unsigned>(abi);
        if ((seen & bit) != 0) return Error::invalid("seccomp: an architecture is named twice");
        seen |= bit;
    }
    if (seen == 0) return Error::invalid("seccomp: no architecture");
    if (policy.rules.size() > 0xffff) return Error::invalid("seccomp: {} rules are too many", policy.rules.size());
    for (const SeccompRule& rule : policy.rules)
        for (const SeccompCondition& condition : rule.conditions)
            if (condition.argument > 5)
                return Error::invalid("seccomp: {} has no argument {}: system calls have six, from 0", rule.names.empty() ? "a rule" : rule.names[0], condition.argument);
    return {};
}

}  // namespace

Result<CompiledSeccomp> compile_seccomp(const SeccompPolicy& policy) {
    TRY(check(policy));
    CompiledSeccomp compiled = Compiler(policy).run();
    if (compiled.program.size() > k_most_instructions)
        return Error::invalid("seccomp: the policy needs {} instructions, and the kernel takes at most {}", compiled.program.size(), k_most_instructions)
            .hint("use fewer conditions on arguments");
    return compiled;
}

std::string describe(const BpfProgram& program) {
    std::string text;
    for (size_t at = 0; at < program.size(); ++at) {
        const auto [code, yes, no, k] = program[at];
        text += format("{:4}: ", at);
        switch (code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (k == k_number_offset) text += "load number";
                else if (k == k_arch_offset) text += "load architecture";
                else text += format("load {} half of argument {}", k % 8 == 0 ? "lower" : "upper", (k - offsetof(seccomp_data, args)) / 8);
                break;
            case BPF_ALU | BPF_AND | BPF_K: text += format("and {:#x}", k); break;
            case BPF_RET | BPF_K: text += format("answer {:#x}", k); break;
            case BPF_JMP | BPF_JA: text += format("go to {}", at + 1 + k); break;
            default: {
                const char* comparison = BPF_OP(code) == BPF_JEQ ? "is" : BPF_OP(code) == BPF_JGT ? "above" : BPF_OP(code) == BPF_JGE ? "at least" : "has bit";
                text += format("{} {:#x}? {} : {}", comparison, k, at + 1 + yes, at + 1 + no);
            }
        }
        text += '\n';
    }
    return text;
}

Result<> load_seccomp(const BpfProgram& program, unsigned flags) {
    const sock_fprog whole{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &whole) != 0)
        return Error::system(errno, "load a seccomp filter of {} instructions", program.size());
    return {};
}

}  // namespace skiff::kernel
