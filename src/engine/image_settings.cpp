// SPDX-License-Identifier: Apache-2.0
#include "engine/image_settings.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kernel/process.hpp"

namespace skiff::engine {
namespace {

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<> check_texts(const CreateRequest& request) {
    for (const auto& [name, value] : request.environment) {
        if (name.empty() || name.find('=') != std::string::npos) return Error::invalid("invalid environment variable name {}", quoted(name));
        if (has_nul(name) || has_nul(value)) return Error::invalid("environment variable {} holds a NUL byte", quoted(name));
    }
    for (const auto* list : {&request.command, request.entrypoint ? &*request.entrypoint : &request.command})
        for (const auto& argument : *list)
            if (has_nul(argument)) return Error::invalid("argument {} holds a NUL byte", quoted(argument));
    return {};
}

}  // namespace

void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
    for (auto& entry : environment) {
        if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
            entry = name + "=" + value;
            return;
        }
    }
    environment.push_back(name + "=" + value);
}

bool has_variable(const std::vector<std::string>& environment, std::string_view name) {
    return std::any_of(environment.begin(), environment.end(), [&](const std::string& entry) {
        return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
    });
}

Result<CreateRequest> join_image(CreateRequest request, const ImageSettings& image) {
    if (request.entrypoint) {
        if (request.entrypoint->size() == 1 && request.entrypoint->front().empty()) request.entrypoint->clear();
    } else {
        request.entrypoint = image.entrypoint;
        if (request.command.empty()) request.command = image.command;
    }
    if (request.command.empty() && (!request.entrypoint || request.entrypoint->empty())) return Error::invalid("no command specified");

    for (const auto& entry : image.environment) {
        const auto [name, value] = split_once(entry, '=');
        if (!value || name.empty()) continue;
        const bool is_given = std::any_of(request.environment.begin(), request.environment.end(), [&](const auto& given) { return given.name == name; });
        if (!is_given) request.environment.push_back({std::string(name), std::string(*value)});
    }
    if (request.workdir.empty()) request.workdir = image.workdir;
    if (request.user.empty()) request.user = image.user;
    if (request.stop_signal.empty()) request.stop_signal = image.stop_signal;
    for (const auto& [key, value] : image.labels) request.labels.emplace(key, value);

    if (!request.workdir.empty() && !request.workdir.starts_with('/'))
        return Error::invalid("the working directory {} is invalid: it needs to be an absolute path", quoted(request.workdir));
    if (has_nul(request.workdir)) return Error::invalid("the working directory {} holds a NUL byte", quoted(request.workdir));
    if (!request.stop_signal.empty()) (void)TRY_DOING(kernel::parse_signal(request.stop_signal), "stop signal");
    TRY(check_texts(request));
    return request;
}

}  // namespace skiff::engine
