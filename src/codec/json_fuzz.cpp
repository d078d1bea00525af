// SPDX-License-Identifier: Apache-2.0
// Whatever is read must be written as text that reads back as the same value.
#include <cmath>
#include <cstdlib>

#include "base/bytes.hpp"
#include "codec/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const auto first = codec::parse_json(text_of(std::as_bytes(std::span(data, size))));
    if (!first) return 0;
    const std::string text = first->to_text();
    const auto second = codec::parse_json(text);
    if (!second || second->to_text() != text) std::abort();
    const auto pretty = codec::parse_json(first->to_pretty_text());
    if (!pretty || pretty->to_text() != text) std::abort();
    return 0;
}
