// SPDX-License-Identifier: Apache-2.0
// The image configuration read and written.
#include "oci/image_config.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr codec::JsonLimits k_limits = {.bytes = 4 << 20, .depth = 16};
constexpr int64_t k_most = std::numeric_limits<int64_t>::max();

Result<std::string> read_time(const JsonFields& fields, std::string_view key) {
    std::string text = TRY(fields.text(key));
    if (!text.empty()) (void)TRY_DOING(parse_rfc3339(text), "{}", fields.path_of(key));
    return text;
}

/// Go's map[string]struct{}: an object whose keys matter.
Result<std::set<std::string>> read_keys(const JsonFields& fields, std::string_view key) {
    std::set<std::string> keys;
    if (const auto object = TRY(fields.object(key)))
        for (const auto& [name, value] : object->json().members()) {
            if (name.empty()) return Error::invalid("{}: a key is empty", fields.path_of(key));
            keys.insert(name);
        }
    return keys;
}

Result<std::optional<std::vector<std::string>>> read_command(const JsonFields& fields, std::string_view key) {
    std::optional<std::vector<std::string>> command;
    if (fields.has(key)) command = TRY(fields.texts(key));
    return command;
}

Result<Healthcheck> read_healthcheck(const JsonFields& fields) {
    Healthcheck check;
    check.test = TRY(fields.texts("Test"));
    check.interval = TRY(fields.optional_int("Interval", 0, k_most)).value_or(0);
    check.timeout = TRY(fields.optional_int("Timeout", 0, k_most)).value_or(0);
    check.start_period = TRY(fields.optional_int("StartPeriod", 0, k_most)).value_or(0);
    check.start_interval = TRY(fields.optional_int("StartInterval", 0, k_most)).value_or(0);
    check.retries = TRY(fields.optional_int("Retries", 0, std::numeric_limits<int32_t>::max())).value_or(0);
    return check;
}

Result<ImageSettings> read_settings(const JsonFields& fields) {
    ImageSettings settings;
    settings.user = TRY(fields.text("User"));
    settings.exposed_ports = TRY(read_keys(fields, "ExposedPorts"));
    settings.env = TRY(fields.texts("Env"));
    settings.entrypoint = TRY(read_command(fields, "Entrypoint"));
    settings.cmd = TRY(read_command(fields, "Cmd"));
    settings.volumes = TRY(read_keys(fields, "Volumes"));
    settings.working_dir = TRY(fields.text("WorkingDir"));
    settings.labels = TRY(parts::read_map(fields, "Labels"));
    settings.stop_signal = TRY(fields.text("StopSignal"));
    settings.stop_timeout = TRY(fields.optional_int("StopTimeout", -1, std::numeric_limits<int32_t>::max()));
    if (const auto check = TRY(fields.object("Healthcheck"))) settings.healthcheck = TRY(read_healthcheck(*check));
    settings.shell = TRY(fields.texts("Shell"));
    settings.on_build = TRY(fields.texts("OnBuild"));
    return settings;
}

Result<std::vector<Digest>> read_diff_ids(const JsonFields& fields) {
    std::vector<Digest> ids;
    const auto rootfs = TRY(fields.object("rootfs"));
    if (!rootfs) return Error::invalid("rootfs is required and missing");
    if (const std::string type = TRY(rootfs->required_text("type")); type != "layers")
        return Error::invalid("rootfs.type: expected \"layers\", found {}", quoted(type));
    for (const auto& text : TRY(rootfs->texts("diff_ids"))) ids.push_back(TRY_DOING(Digest::parse(text), "rootfs.diff_ids[{}]", ids.size()));
    return ids;
}

Result<HistoryEntry> read_history(const JsonFields& fields) {
    HistoryEntry entry;
    entry.created = TRY(read_time(fields, "created"));
    entry.created_by = TRY(fields.text("created_by"));
    entry.author = TRY(fields.text("author"));
    entry.comment = TRY(fields.text("comment"));
    entry.empty_layer = TRY(fields.flag("empty_layer"));
    return entry;
}

Json write_keys(const std::set<std::string>& keys) {
    Json object = Json::object();
    for (const auto& key : keys) object.members().emplace_back(key, Json::object());
    return object;
}

void set_number(Json& object, std::string_view key, int64_t number) {
    if (number != 0) object.set(std::string(key), number);
}

Json write_healthcheck(const Healthcheck& check) {
    Json json = Json::object();
    parts::set_texts(json, "Test", check.test);
    set_number(json, "Interval", check.interval);
    set_number(json, "Timeout", check.timeout);
    set_number(json, "StartPeriod", check.start_period);
    set_number(json, "StartInterval", check.start_interval);
    set_number(json, "Retries", check.retries);
    return json;
}

Json write_settings(const ImageSettings& settings) {
    Json json = Json::object();
    parts::set_text(json, "User", settings.user);
    parts::set_unless_empty(json, "ExposedPorts", write_keys(settings.exposed_ports));
    parts::set_texts(json, "Env", settings.env);
    parts::set_optional(json, "Entrypoint", settings.entrypoint);
    parts::set_optional(json, "Cmd", settings.cmd);
    if (settings.healthcheck) json.set("Healthcheck", write_healthcheck(*settings.healthcheck));
    parts::set_unless_empty(json, "Volumes", write_keys(settings.volumes));
    parts::set_text(json, "WorkingDir", settings.working_dir);
    parts::set_texts(json, "OnBuild", settings.on_build);
    parts::set_map(json, "Labels", settings.labels);
    parts::set_text(json, "StopSignal", settings.stop_signal);
    parts::set_optional(json, "StopTimeout", settings.stop_timeout);
    parts::set_texts(json, "Shell", settings.shell);
    return json;
}

Json write_history(const HistoryEntry& entry) {
    Json json = Json::object();
    parts::set_text(json, "created", entry.created);
    parts::set_text(json, "created_by", entry.created_by);
    parts::set_text(json, "author", entry.author);
    parts::set_text(json, "comment", entry.comment);
    if (entry.empty_layer) json.set("empty_layer", true);
    return json;
}

}  // namespace

Result<ImageConfig> parse_image_config(std::string_view json) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits));
    const auto fields = TRY(JsonFields::of(document, ""));

    ImageConfig image;
    image.created = TRY(read_time(fields, "created"));
    image.author = TRY(fields.text("author"));
    image.platform.os = TRY(fields.required_text("os"));
    image.platform.architecture = TRY(fields.required_text("architecture"));
    image.platform.variant = TRY(fields.text("variant"));
    image.platform.os_version = TRY(fields.text("os.version"));
    image.platform.os_features = TRY(fields.texts("os.features"));
    if (const auto settings = TRY(fields.object("config"))) image.config = TRY(read_settings(*settings));
    image.diff_ids = TRY(read_diff_ids(fields));
    for (const auto& entry : TRY(fields.objects("history"))) image.history.push_back(TRY(read_history(entry)));

    const auto with_layer = static_cast<size_t>(std::ranges::count(image.history, false, &HistoryEntry::empty_layer));
    if (with_layer > image.diff_ids.size())
        return Error::invalid("history: {} entries have a layer, and there are {} layers", with_layer, image.diff_ids.size());
    return image;
}

std::string to_json(const ImageConfig& image) {
    Json json = Json::object();
    parts::set_text(json, "created", image.created);
    parts::set_text(json, "author", image.author);
    json.set("architecture", image.platform.architecture);
    json.set("os", image.platform.os);
    parts::set_text(json, "os.version", image.platform.os_version);
    parts::set_texts(json, "os.features", image.platform.os_features);
    parts::set_text(json, "variant", image.platform.variant);
    json.set("config", write_settings(image.config));
    Json diff_ids = Json::array();
    for (const Digest& id : image.diff_ids) diff_ids.push_back(id.string());
    json.set("rootfs", Json::object({{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}));
    parts::set_all(json, "history", image.history, write_history);
    return json.to_text();
}

}  // namespace skiff::oci
