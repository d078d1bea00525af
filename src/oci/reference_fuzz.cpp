// SPDX-License-Identifier: Apache-2.0
// What is taken as a name or platform reads back as the same from both of its forms, and cannot climb out of a folder.
#include <cstdlib>

#include "base/bytes.hpp"
#include "oci/platform.hpp"
#include "oci/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const std::string_view text = text_of(std::as_bytes(std::span(data, size)));
    if (const auto reference = oci::Reference::parse(text)) {
        if (oci::Reference::parse(reference->string()).value() != *reference) std::abort();
        if (oci::Reference::parse(reference->familiar()).value() != *reference) std::abort();
        if (reference->name().find("..") != std::string::npos || reference->name().starts_with('/')) std::abort();
    }
    if (const auto platform = oci::Platform::parse(text))
        if (oci::Platform::parse(platform->string()).value() != *platform) std::abort();
    return 0;
}
