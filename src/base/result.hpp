// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "base/error.hpp"

namespace skiff {
inline namespace base {

/// A value, or the Error that kept us from having one. Never ignore one: `(void)` with a reason where you must.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
    using Base = std::expected<T, Error>;

public:
    using Base::Base;
    Result(Error error) : Base(std::unexpected(std::move(error))) {}
    Result(Base other) : Base(std::move(other)) {}

    /// The same with what we were doing in front of its error: `return group.freeze().context("pause {}", id);`
    template <class... A> Result context(fmt::format_string<A...> text, A&&... arguments) && {
        if (*this) return std::move(*this);
        return std::move(this->error()).prefixed(fmt::vformat(text, fmt::make_format_args(arguments...)));
    }

    /// The value moved out; the caller has looked that there is one.
    T unwrap() && {
        if constexpr (!std::is_void_v<T>) return std::move(**this);
    }
};

/// The value of a Result, or an early return of its error.
/// Stands on its own line, as a whole argument or as a returned value; never inside the { } of an object under
/// construction, where a return from the middle leaks the members already built (g++ 12, clang).
#define TRY(...)                                                       \
    __extension__({                                                    \
        auto&& tried_result_ = (__VA_ARGS__);                          \
        if (!tried_result_) [[unlikely]]                               \
            return std::move(tried_result_).error();                   \
        std::move(tried_result_).unwrap();                             \
    })

/// The same with what we were doing in front: `TRY_DOING(cgroup.freeze(), "pause {}", id);`
#define TRY_DOING(expression, ...)                                     \
    __extension__({                                                    \
        auto&& tried_result_ = (expression);                           \
        if (!tried_result_) [[unlikely]]                               \
            return std::move(tried_result_).error().context(__VA_ARGS__); \
        std::move(tried_result_).unwrap();                             \
    })

}  // namespace base
}  // namespace skiff
