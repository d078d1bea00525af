// SPDX-License-Identifier: Apache-2.0
#include "engine/security.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

Result<std::vector<std::string>> parse_paths(std::string_view option, std::string_view text) {
    std::vector<std::string> paths;
    for (const auto path : split(text, ':')) {
        if (!path.starts_with('/')) return Error::invalid("--security-opt {}: {} is not an absolute path", option, quoted(path));
        paths.emplace_back(path);
    }
    return paths;
}

Result<> apply(SecurityChoices& choices, std::string_view text, const CreateRequest& request, const SecurityFacts& facts) {
    // Docker's older spelling has a colon.
    const auto separator = text.find_first_of("=:");
    const std::string name(text.substr(0, separator));
    const std::string value(separator == std::string_view::npos ? "" : text.substr(separator + 1));

    if (name == "no-new-privileges") {
        if (!value.empty() && value != "true" && value != "false") return Error::invalid("--security-opt {}: true or false is needed", text);
        choices.no_new_privileges = value != "false";
    } else if (name == "seccomp") {
        if (value == "unconfined") choices.has_seccomp = false;
        else if (!value.empty() && value != "builtin" && !request.seccomp_profile) return Error::invalid("--security-opt {}: the profile was not read", text);
    } else if (name == "apparmor") {
        if (value != "unconfined" && !facts.has_apparmor)
            return Error::unsupported("--security-opt {}: AppArmor is not enabled on this host", text);
        choices.apparmor_profile = value == "unconfined" ? "" : value;
    } else if (name == "label") {
        if (value != "disable") return Error::unsupported("--security-opt {}: this version of skiff sets no SELinux labels; only label=disable", text);
    } else if (name == "systempaths") {
        if (value != "unconfined") return Error::invalid("--security-opt {}: only systempaths=unconfined has a meaning", text);
        choices.masks_paths = false;
    } else if (name == "mask") {
        choices.mask = TRY(parse_paths("mask", value));
    } else if (name == "unmask") {
        if (value == "ALL" || value == "all") choices.masks_paths = false;
        else choices.unmask = TRY(parse_paths("unmask", value));
    } else {
        return Error::invalid("--security-opt {}: no such option", quoted(text))
            .hint("known: no-new-privileges, seccomp=, apparmor=, label=disable, systempaths=unconfined, mask=, unmask=");
    }
    return {};
}

std::vector<std::string> without(std::vector<std::string> paths, const SecurityChoices& choices) {
    if (!choices.masks_paths) return {};
    std::erase_if(paths, [&](const auto& path) { return std::find(choices.unmask.begin(), choices.unmask.end(), path) != choices.unmask.end(); });
    return paths;
}

}  // namespace

Result<SecurityChoices> plan_security(const CreateRequest& request, const SecurityFacts& facts) {
    SecurityChoices choices;
    for (const auto& bind : request.binds)
        if (bind.relabel_shared && bind.relabel_private) return Error::invalid("-v {}: \"z\" and \"Z\" exclude each other", bind.source);
    for (const auto& text : request.security_options) TRY(apply(choices, text, request, facts));
    if (request.privileged) {
        choices.masks_paths = false;
        choices.has_seccomp = choices.has_seccomp && request.seccomp_profile.has_value();
    }
    return choices;
}

Result<kernel::CapabilityMask> plan_capabilities(const CreateRequest& request, kernel::CapabilityMask usual, kernel::CapabilityMask all) {
    const auto added = TRY_DOING(kernel::parse_capabilities(request.cap_add, all), "--cap-add");
    const auto dropped = TRY_DOING(kernel::parse_capabilities(request.cap_drop, all), "--cap-drop");
    if (request.privileged) return all;
    const auto says_all = [](const std::vector<std::string>& names) {
        return std::any_of(names.begin(), names.end(), [](const auto& name) { return to_lower(name) == "all" || to_lower(name) == "cap_all"; });
    };
    if (says_all(request.cap_add)) {
        if (says_all(request.cap_drop)) return added & all;
        return all & ~dropped;
    }
    if (says_all(request.cap_drop)) return added & all;
    return ((usual & ~dropped) | added) & all;
}

std::vector<std::string> masked_paths(std::vector<std::string> usual, const SecurityChoices& choices) {
    auto paths = without(std::move(usual), choices);
    paths.insert(paths.end(), choices.mask.begin(), choices.mask.end());
    return paths;
}

std::vector<std::string> readonly_paths(std::vector<std::string> usual, const SecurityChoices& choices) {
    return without(std::move(usual), choices);
}

}  // namespace skiff::engine
