// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/matching.hpp"

#include <regex.h>

#include <array>

#include "base/text.hpp"

namespace skiff::runtime_cli {
namespace {

class Expression {
public:
    static Result<Expression> compile(const std::string& text) {
        Expression made;
        if (const int failed = regcomp(&made.compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB); failed != 0) {
            std::array<char, 200> why{};
            regerror(failed, &made.compiled_, why.data(), why.size());
            return Error::invalid("--regex {}: {}", quoted(text), why.data());
        }
        made.is_compiled_ = true;
        return made;
    }
    Expression(const Expression&) = delete;
    Expression(Expression&& other) noexcept : compiled_(other.compiled_), is_compiled_(std::exchange(other.is_compiled_, false)) {}
    ~Expression() { if (is_compiled_) regfree(&compiled_); }
    bool matches(const std::string& text) const { return regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0; }

private:
    Expression() = default;
    regex_t compiled_{};
    bool is_compiled_ = false;
};

}  // namespace

Result<int> for_each_matching(const Globals& globals, const std::string& expression, const std::function<Result<>(const ContainerId&)>& deed) {
    const Expression wanted = TRY(Expression::compile(expression));
    int code = 0;
    for (const ContainerId& id : TRY(TRY(globals.states()).list())) {
        if (!wanted.matches(id.string())) continue;
        const auto done = deed(id);
        if (done) continue;
        globals.warn(done.error().text());
        if (!done.error().is(Kind::not_found) && !done.error().is(Kind::conflict)) code = 1;
    }
    return code;
}

}  // namespace skiff::runtime_cli
