// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/result.hpp"

namespace skiff {
inline namespace base {

/// What came from an image, a registry or a client. The value is out of reach until a validator has looked at it:
/// such data never selects a path, variable, device or command of the host.
template <class T>
class Untrusted {
public:
    explicit Untrusted(T value) : value_(std::move(value)) {}

    /// Hands the value to `validator` (T const& → Result<U>) and returns what it made of it.
    template <class Validator>
    auto validate(Validator&& validator) const { return std::forward<Validator>(validator)(value_); }

    /// The raw value, for showing it to a person (quoted) and for nothing else.
    const T& only_to_show() const { return value_; }

private:
    T value_;
};

}  // namespace base
}  // namespace skiff
