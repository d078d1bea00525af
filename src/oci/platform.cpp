// SPDX-License-Identifier: Apache-2.0
// Platforms of images: spelling and compatibility.
#include "oci/platform.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::oci {
namespace {

constexpr std::string_view k_systems[] = {"linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "illumos", "plan9", "wasi", "wasip1"};
constexpr std::string_view k_architectures[] = {"amd64", "386", "arm", "arm64", "riscv64", "ppc64", "ppc64le", "s390x", "mips", "mipsle", "mips64", "mips64le", "loong64", "wasm"};

bool is_known(const auto& words, std::string_view word) { return std::ranges::find(words, word) != std::end(words); }

/// 7 for "v7"; 0 for what is not a variant of arm.
int arm_version(std::string_view variant) {
    return variant.size() == 2 && variant[0] == 'v' && variant[1] >= '5' && variant[1] <= '9' ? variant[1] - '0' : 0;
}

/// amd64's levels v1 to v4; nothing is v1.
int amd64_level(std::string_view variant) {
    if (variant.empty()) return 1;
    return variant.size() == 2 && variant[0] == 'v' && variant[1] >= '1' && variant[1] <= '4' ? variant[1] - '0' : 0;
}

}  // namespace

Platform Platform::of_this_machine() {
    Platform platform;
    platform.os = "linux";
#if defined(__x86_64__)
    platform.architecture = "amd64";
#elif defined(__aarch64__)
    platform.architecture = "arm64";
#elif defined(__riscv) && __riscv_xlen == 64
    platform.architecture = "riscv64";
#else
#error "name this architecture as Go does"
#endif
    return platform;
}

Platform normalised(Platform platform) {
    platform.os = to_lower(platform.os);
    platform.architecture = to_lower(platform.architecture);
    platform.variant = to_lower(platform.variant);
    if (platform.os == "macos") platform.os = "darwin";

    auto& architecture = platform.architecture;
    auto& variant = platform.variant;
    if (variant.size() == 1 && variant[0] >= '0' && variant[0] <= '9') variant.insert(0, "v");
    if (architecture == "x86_64" || architecture == "x86-64") architecture = "amd64";
    else if (architecture == "i386" || architecture == "i686") architecture = "386";
    else if (architecture == "aarch64") architecture = "arm64";
    else if (architecture == "armhf") architecture = "arm", variant = "v7";
    else if (architecture == "armel") architecture = "arm", variant = "v6";

    if (architecture == "amd64" && variant == "v1") variant.clear();
    if (architecture == "386") variant.clear();
    if (architecture == "arm64" && variant == "v8") variant.clear();
    if (architecture == "arm" && variant.empty()) variant = "v7";
    return platform;
}

Result<Platform> Platform::parse(std::string_view text) {
    const auto refuse = [&] { return Error::invalid("{} is not a platform such as linux/amd64 or linux/arm/v7", quoted(text)); };
    const auto parts = split(text, '/');
    if (parts.empty() || parts.size() > 3) return refuse();
    for (const std::string_view part : parts)
        if (part.empty() || part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != std::string_view::npos) return refuse();

    Platform platform = of_this_machine();
    if (parts.size() == 1) {
        const std::string word = to_lower(parts[0]);
        if (is_known(k_systems, word) || word == "macos") platform.os = word;
        else platform.architecture = word;
    } else {
        platform.os = parts[0];
        platform.architecture = parts[1];
        if (parts.size() == 3) platform.variant = parts[2];
    }
    platform = normalised(std::move(platform));
    if (!is_known(k_systems, platform.os) || !is_known(k_architectures, platform.architecture)) return refuse();
    return platform;
}

std::string Platform::string() const {
    std::string text = os + "/" + architecture;
    if (!variant.empty()) text += "/" + variant;
    return text;
}

std::optional<unsigned> suitability(const Platform& image_as_spelled, const Platform& host_as_spelled) {
    const Platform image = normalised(image_as_spelled), host = normalised(host_as_spelled);
    if (image.os != host.os) return std::nullopt;
    if (image.architecture == host.architecture && image.variant == host.variant) return 0;

    if (host.architecture == "amd64" && image.architecture == "amd64") {
        const int wanted = amd64_level(image.variant), has = amd64_level(host.variant);
        if (wanted == 0 || wanted > has) return std::nullopt;
        return static_cast<unsigned>(has - wanted);
    }
    if (host.architecture == "amd64" && image.architecture == "386") return 10;

    const bool is_arm_host = host.architecture == "arm" || host.architecture == "arm64";
    if (is_arm_host && image.architecture == "arm") {
        const int has = host.architecture == "arm64" ? 8 : arm_version(host.variant), wanted = arm_version(image.variant);
        if (wanted == 0 || wanted > has) return std::nullopt;
        return static_cast<unsigned>(has - wanted) + (host.architecture == "arm64" ? 10 : 0);
    }
    return std::nullopt;
}

}  // namespace skiff::oci
