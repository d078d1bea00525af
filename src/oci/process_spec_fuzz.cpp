// SPDX-License-Identifier: Apache-2.0
// What is read as a document of `exec --process` is written as one that reads back as the same.
#include <cstdlib>

#include "base/bytes.hpp"
#include "oci/runtime_spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const auto first = oci::parse_process(text_of(std::as_bytes(std::span(data, size))));
    if (!first) return 0;
    const std::string text = oci::to_json(*first);
    const auto second = oci::parse_process(text);
    if (!second || oci::to_json(*second) != text) std::abort();
    return 0;
}
