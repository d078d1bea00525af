// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "oci/image_config.hpp"

namespace skiff::image {

/// Applies one Containerfile instruction (`--change 'CMD ["sh"]'`) to an image's settings: CMD, ENTRYPOINT, ENV, EXPOSE,
/// HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR. Error (invalid): not such an instruction, or its argument is
/// malformed. Error (unsupported): an instruction that builds something, a variable ($NAME) in an argument.
Result<> apply_change(std::string_view instruction, oci::ImageSettings& settings);

}  // namespace skiff::image
