// SPDX-License-Identifier: Apache-2.0
// config.json's linux.seccomp: read and written (runtime-spec config-linux.md, "Seccomp").
#include "oci/spec_parts.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

constexpr Word<SeccompAction> k_actions[] = {
    {"SCMP_ACT_KILL_THREAD", SeccompAction::kill_thread}, {"SCMP_ACT_KILL", SeccompAction::kill_thread},
    {"SCMP_ACT_KILL_PROCESS", SeccompAction::kill_process}, {"SCMP_ACT_TRAP", SeccompAction::trap},
    {"SCMP_ACT_ERRNO", SeccompAction::errno_}, {"SCMP_ACT_TRACE", SeccompAction::trace},
    {"SCMP_ACT_ALLOW", SeccompAction::allow}, {"SCMP_ACT_LOG", SeccompAction::log}, {"SCMP_ACT_NOTIFY", SeccompAction::notify},
};

constexpr Word<SeccompOperator> k_operators[] = {
    {"SCMP_CMP_NE", SeccompOperator::ne}, {"SCMP_CMP_LT", SeccompOperator::lt}, {"SCMP_CMP_LE", SeccompOperator::le},
    {"SCMP_CMP_EQ", SeccompOperator::eq}, {"SCMP_CMP_GE", SeccompOperator::ge}, {"SCMP_CMP_GT", SeccompOperator::gt},
    {"SCMP_CMP_MASKED_EQ", SeccompOperator::masked_eq},
};

constexpr uint64_t k_largest_data = 0xffff;  // SECCOMP_RET_DATA
constexpr uint64_t k_last_argument = 5;      // of a system call

Result<std::optional<uint32_t>> read_errno(const JsonFields& fields, std::string_view key) {
    std::optional<uint32_t> number;
    if (const auto found = TRY(fields.optional_uint(key, k_largest_data))) number = static_cast<uint32_t>(*found);
    return number;
}

Result<SeccompArg> read_argument(const JsonFields& fields) {
    SeccompArg argument;
    argument.index = static_cast<uint32_t>(TRY(fields.optional_uint("index", k_last_argument)).value_or(0));
    argument.value = TRY(fields.number<uint64_t>("value"));
    argument.value_two = TRY(fields.number<uint64_t>("valueTwo"));
    argument.op = TRY(value_for(k_operators, fields, "op"));
    return argument;
}

Result<SeccompRule> read_rule(const JsonFields& fields) {
    SeccompRule rule;
    rule.names = TRY(fields.texts("names"));
    if (rule.names.empty()) return Error::invalid("{} is required and {}", fields.path_of("names"), fields.has("names") ? "empty" : "missing");
    rule.action = TRY(value_for(k_actions, fields, "action"));
    rule.errno_ret = TRY(read_errno(fields, "errnoRet"));
    for (const auto& argument : TRY(fields.objects("args"))) rule.args.push_back(TRY(read_argument(argument)));
    return rule;
}

Json write_argument(const SeccompArg& argument) {
    Json json = Json::object({{"index", argument.index}, {"value", argument.value}});
    if (argument.value_two != 0) json.set("valueTwo", argument.value_two);
    json.set("op", text_for(k_operators, argument.op));
    return json;
}

Json write_rule(const SeccompRule& rule) {
    Json json = Json::object({{"names", rule.names}, {"action", text_for(k_actions, rule.action)}});
    set_optional(json, "errnoRet", rule.errno_ret);
    set_all(json, "args", rule.args, write_argument);
    return json;
}

}  // namespace

std::string_view word_for_action(SeccompAction action) { return text_for(k_actions, action); }
std::string_view word_for_operator(SeccompOperator op) { return text_for(k_operators, op); }

Result<Seccomp> read_seccomp(const JsonFields& fields) {
    Seccomp seccomp;
    seccomp.default_action = TRY(value_for(k_actions, fields, "defaultAction"));
    seccomp.default_errno_ret = TRY(read_errno(fields, "defaultErrnoRet"));
    seccomp.architectures = TRY(fields.texts("architectures"));
    seccomp.flags = TRY(fields.texts("flags"));
    seccomp.listener_path = TRY(fields.text("listenerPath"));
    seccomp.listener_metadata = TRY(fields.text("listenerMetadata"));
    for (const auto& rule : TRY(fields.objects("syscalls"))) seccomp.syscalls.push_back(TRY(read_rule(rule)));
    return seccomp;
}

Json write(const Seccomp& seccomp) {
    Json json = Json::object({{"defaultAction", text_for(k_actions, seccomp.default_action)}});
    set_optional(json, "defaultErrnoRet", seccomp.default_errno_ret);
    set_texts(json, "architectures", seccomp.architectures);
    set_texts(json, "flags", seccomp.flags);
    set_text(json, "listenerPath", seccomp.listener_path);
    set_text(json, "listenerMetadata", seccomp.listener_metadata);
    set_all(json, "syscalls", seccomp.syscalls, write_rule);
    return json;
}

}  // namespace skiff::oci::parts
