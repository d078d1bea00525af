// SPDX-License-Identifier: Apache-2.0
// What is read as a manifest, an index or an image configuration is written as one that reads back as the same.
#include <cstdlib>

#include "base/bytes.hpp"
#include "oci/image_config.hpp"
#include "oci/image_spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const std::string_view text = text_of(std::as_bytes(std::span(data, size)));
    if (const auto document = oci::parse_image_document(text)) {
        const auto written = [](const auto& part) { return oci::to_json(part); };
        const std::string first = std::visit(written, *document);
        if (std::visit(written, oci::parse_image_document(first).value()) != first) std::abort();
    }
    if (const auto config = oci::parse_image_config(text)) {
        const std::string first = oci::to_json(*config);
        if (oci::to_json(oci::parse_image_config(first).value()) != first) std::abort();
    }
    return 0;
}
