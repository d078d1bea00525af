// SPDX-License-Identifier: Apache-2.0
// order.json ↔ Order. The document is strict in both directions: engine and monitor are of one version.
#include "monitor/order.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "codec/json.hpp"

namespace skiff::monitor {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr std::array<std::pair<LogDriver, std::string_view>, 2> k_drivers{{{LogDriver::json_file, "json-file"}, {LogDriver::none, "none"}}};

Result<> refuse_unknown(const JsonFields& fields, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : fields.json().members())
        if (std::ranges::find(known, std::string_view(name)) == known.end())
            return Error::invalid("{} is not a member that is known here", fields.path_of(name));
    return {};
}

Result<std::string> absolute_path(const JsonFields& fields, std::string_view key, bool required) {
    std::string path = TRY(required ? fields.required_text(key) : fields.text(key));
    if (!path.starts_with('/') && (required || !path.empty())) return Error::invalid("{}: {} is not an absolute path", fields.path_of(key), quoted(path));
    return path;
}

Result<Streams> parse_streams(const JsonFields& fields) {
    Streams streams;
    for (const std::string& name : TRY(fields.texts("attach"))) {
        if (name == "stdin") streams.in = true;
        else if (name == "stdout") streams.out = true;
        else if (name == "stderr") streams.err = true;
        else return Error::invalid("{}: {} is not a stream", fields.path_of("attach"), quoted(name));
    }
    return streams;
}

Result<runtime::Overlay> parse_overlay(const JsonFields& fields) {
    TRY(refuse_unknown(fields, {"lower", "upper", "work", "volatile"}));
    runtime::Overlay overlay;
    overlay.lower = TRY(fields.texts("lower"));
    for (const std::string& layer : overlay.lower)
        if (!layer.starts_with('/')) return Error::invalid("{}: {} is not an absolute path", fields.path_of("lower"), quoted(layer));
    if (overlay.lower.empty()) return Error::invalid("{} is empty", fields.path_of("lower"));
    overlay.upper = TRY(absolute_path(fields, "upper", false));
    overlay.work = TRY(absolute_path(fields, "work", false));
    if (overlay.upper.empty() != overlay.work.empty()) return Error::invalid("{}: upper and work belong together", fields.path());
    overlay.is_volatile = TRY(fields.flag("volatile"));
    return overlay;
}

Result<LogOrder> parse_log(const JsonFields& fields) {
    TRY(refuse_unknown(fields, {"driver", "path", "max_size", "max_file"}));
    LogOrder log;
    const std::string driver = TRY(fields.required_text("driver"));
    const auto found = std::ranges::find(k_drivers, driver, &decltype(k_drivers)::value_type::second);
    if (found == k_drivers.end()) return Error::invalid("{}: {} is not a log driver", fields.path_of("driver"), quoted(driver));
    log.driver = found->first;
    log.path = TRY(absolute_path(fields, "path", log.driver == LogDriver::json_file));
    log.max_size = TRY(fields.optional_int("max_size", 1, INT64_MAX));
    log.max_file = static_cast<int>(TRY(fields.optional_int("max_file", 1, 100'000)).value_or(1));
    return log;
}

Result<EventOrder> parse_events(const JsonFields& fields) {
    TRY(refuse_unknown(fields, {"journal", "attributes"}));
    EventOrder events;
    events.journal = TRY(absolute_path(fields, "journal", true));
    for (auto& [name, value] : TRY(fields.text_map("attributes"))) events.attributes[name] = std::move(value);
    return events;
}

using Policy = MemoryOrder::Policy;
constexpr std::array<std::pair<Policy, std::string_view>, 3> k_policies{{{Policy::kill, "kill"}, {Policy::notify, "notify"}, {Policy::pause, "pause"}}};

Result<MemoryOrder> parse_memory(const JsonFields& fields) {
    TRY(refuse_unknown(fields, {"policy", "headroom", "deadline_ns", "pressure", "swap_follows"}));
    MemoryOrder memory;
    const std::string policy = TRY(fields.required_text("policy"));
    const auto found = std::ranges::find(k_policies, policy, &decltype(k_policies)::value_type::second);
    if (found == k_policies.end()) return Error::invalid("{}: {} is not a policy", fields.path_of("policy"), quoted(policy));
    memory.policy = found->first;
    memory.headroom = TRY(fields.number<uint64_t>("headroom"));
    memory.deadline_ns = TRY(fields.optional_int("deadline_ns", 1, INT64_MAX));
    memory.pressure = TRY(fields.text("pressure"));
    memory.swap_follows = TRY(fields.flag("swap_follows"));
    return memory;
}

}  // namespace

Result<Order> parse_order(std::string_view text) {
    const Json document = TRY(codec::parse_json(text));
    const JsonFields fields = TRY(JsonFields::of(document, "order"));
    TRY(refuse_unknown(fields, {"id", "name", "bundle", "states", "overlay", "terminal", "stdin_open", "stdin_once", "attach",
                                "log", "events", "memory", "exit_file", "cleanup", "leftovers", "heir_file", "explain", "pid_file"}));

    const std::string id = TRY(fields.required_text("id"));
    Order order(TRY(ContainerId::parse(id)));
    order.name = TRY(fields.text("name"));
    order.bundle = TRY(absolute_path(fields, "bundle", true));
    order.states = TRY(absolute_path(fields, "states", true));
    if (const auto overlay = TRY(fields.object("overlay"))) order.overlay = TRY(parse_overlay(*overlay));
    order.terminal = TRY(fields.flag("terminal"));
    order.stdin_open = TRY(fields.flag("stdin_open"));
    order.stdin_once = TRY(fields.flag("stdin_once"));
    order.attach = TRY(parse_streams(fields));
    const auto log = TRY(fields.object("log"));
    if (!log) return Error::invalid("{} is missing", fields.path_of("log"));
    order.log = TRY(parse_log(*log));
    if (const auto events = TRY(fields.object("events"))) order.events = TRY(parse_events(*events));
    if (const auto memory = TRY(fields.object("memory"))) order.memory = TRY(parse_memory(*memory));
    order.exit_file = TRY(absolute_path(fields, "exit_file", true));
    order.cleanup = TRY(fields.texts("cleanup"));
    if (!order.cleanup.empty() && !order.cleanup.front().starts_with('/'))
        return Error::invalid("{}: {} is not an absolute path", fields.path_of("cleanup"), quoted(order.cleanup.front()));
    order.leftovers = TRY(fields.texts("leftovers"));
    for (const std::string& tree : order.leftovers)
        if (!tree.starts_with('/')) return Error::invalid("{}: {} is not an absolute path", fields.path_of("leftovers"), quoted(tree));
    order.heir_file = TRY(absolute_path(fields, "heir_file", false));
    order.explain = TRY(fields.flag("explain"));
    order.pid_file = TRY(absolute_path(fields, "pid_file", false));
    return order;
}

std::string to_text(const Order& order) {
    Json document = Json::object({{"id", order.id.string()}, {"name", order.name}, {"bundle", order.bundle}, {"states", order.states}});
    if (order.overlay)
        document.set("overlay", Json::object({{"lower", order.overlay->lower}, {"upper", order.overlay->upper}, {"work", order.overlay->work},
                                              {"volatile", order.overlay->is_volatile}}));
    document.set("terminal", order.terminal);
    document.set("stdin_open", order.stdin_open);
    document.set("stdin_once", order.stdin_once);
    Json attach = Json::array();
    if (order.attach.in) attach.push_back("stdin");
    if (order.attach.out) attach.push_back("stdout");
    if (order.attach.err) attach.push_back("stderr");
    document.set("attach", std::move(attach));

    const auto* driver = std::ranges::find(k_drivers, order.log.driver, &decltype(k_drivers)::value_type::first);
    Json log = Json::object({{"driver", driver->second}, {"path", order.log.path}, {"max_file", order.log.max_file}});
    if (order.log.max_size) log.set("max_size", *order.log.max_size);
    document.set("log", std::move(log));

    if (!order.events.journal.empty()) {
        Json attributes = Json::object();
        for (const auto& [name, value] : order.events.attributes) attributes.set(name, value);
        document.set("events", Json::object({{"journal", order.events.journal}, {"attributes", std::move(attributes)}}));
    }

    if (order.memory) {
        const auto* policy = std::ranges::find(k_policies, order.memory->policy, &decltype(k_policies)::value_type::first);
        Json memory = Json::object({{"policy", policy->second}, {"headroom", order.memory->headroom}, {"pressure", order.memory->pressure}, {"swap_follows", order.memory->swap_follows}});
        if (order.memory->deadline_ns) memory.set("deadline_ns", *order.memory->deadline_ns);
        document.set("memory", std::move(memory));
    }
    document.set("exit_file", order.exit_file);
    document.set("cleanup", order.cleanup);
    document.set("leftovers", order.leftovers);
    document.set("heir_file", order.heir_file);
    document.set("explain", order.explain);
    document.set("pid_file", order.pid_file);
    return document.to_text();
}

}  // namespace skiff::monitor
