// SPDX-License-Identifier: Apache-2.0
// What is read as an archive's manifest is written as one that reads back as the same.
#include <cstdlib>

#include "base/bytes.hpp"
#include "oci/archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const std::string_view text = text_of(std::as_bytes(std::span(data, size)));
    if (const auto images = oci::parse_archive_manifest(text)) {
        const std::string first = oci::to_json(*images);
        if (oci::to_json(oci::parse_archive_manifest(first).value()) != first) std::abort();
    }
    (void)oci::check_layout_marker(text);
    return 0;
}
