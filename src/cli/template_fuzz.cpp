// SPDX-License-Identifier: Apache-2.0
// Any text as a template, over a small document with one value of each type.
#include <cstddef>
#include <cstdint>

#include "cli/template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using skiff::codec::Json;
    if (size > 4096) return 0;
    static const Json document = Json::object({{"A", "text"}, {"B", Json::array({1, "two", nullptr})}, {"C", Json::object({{"D", 1.5}, {"E", true}})}});
    const auto parsed = skiff::cli::Template::parse({reinterpret_cast<const char*>(data), size});
    if (parsed) (void)parsed->render(document);
    return 0;
}
