// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "codec/json.hpp"
#include "oci/runtime_spec.hpp"

/// How config.json's parts are read and written, for the files that share the work. Not for other folders.
namespace skiff::oci::parts {

/// (uid_t)-1 means "unchanged" to the kernel: no id.
inline constexpr uint64_t k_largest_id = 4294967294;

/// What a reader met: the fields that we do not carry out, by path.
using NotSupported = std::vector<std::string>;
/// Notes each of `keys` that is set (neither null, "", [] nor {}).
void note_not_supported(const codec::JsonFields& fields, std::initializer_list<std::string_view> keys, NotSupported& not_supported);
/// Refuses them where a document has no plan to refuse them later.
Result<> refuse_not_supported(const NotSupported& not_supported);
/// Parses a document in which no text holds a NUL: of one that reaches the kernel it would read only what stands before.
/// `path` is what stands before the names of its members in errors.
Result<codec::Json> parse_without_nul(std::string_view text, codec::JsonLimits limits, const std::string& path = "");

Result<Process> read_process(const codec::JsonFields& fields, NotSupported& not_supported);
Result<Linux> read_linux(const codec::JsonFields& fields, NotSupported& not_supported);
Result<Resources> read_resources(const codec::JsonFields& fields, NotSupported& not_supported);
Result<Seccomp> read_seccomp(const codec::JsonFields& fields);
Result<std::vector<IdMapping>> read_id_mappings(const codec::JsonFields& fields, std::string_view key);
// scheduling_spec.cpp
Result<Scheduler> read_scheduler(const codec::JsonFields& fields);
Result<IoPriority> read_io_priority(const codec::JsonFields& fields);
Result<ExecCpuAffinity> read_exec_cpu_affinity(const codec::JsonFields& fields);
Result<Personality> read_personality(const codec::JsonFields& fields);
Result<std::map<std::string, TimeOffset>> read_time_offsets(const codec::JsonFields& linux_part);
Result<MemoryPolicy> read_memory_policy(const codec::JsonFields& fields);
Result<std::map<std::string, std::string>> read_map(const codec::JsonFields& fields, std::string_view key);

/// "SCMP_ACT_ALLOW", "SCMP_CMP_EQ".
std::string_view word_for_action(SeccompAction action);
std::string_view word_for_operator(SeccompOperator op);

codec::Json write(const Process& process);
codec::Json write(const Linux& linux_part);
codec::Json write(const Resources& resources);
codec::Json write(const Seccomp& seccomp);
codec::Json write(const Scheduler& scheduler);
codec::Json write(const IoPriority& priority);
codec::Json write(const ExecCpuAffinity& affinity);
codec::Json write(const Personality& personality);
codec::Json write(const MemoryPolicy& policy);
codec::Json write(const std::map<std::string, TimeOffset>& offsets);

/// Sets a member unless it is empty, as Go's omitempty.
void set_text(codec::Json& object, std::string_view key, const std::string& text);
void set_texts(codec::Json& object, std::string_view key, const std::vector<std::string>& texts);
void set_map(codec::Json& object, std::string_view key, const std::map<std::string, std::string>& map);
void set_id_mappings(codec::Json& object, std::string_view key, const std::vector<IdMapping>& mappings);
void set_unless_empty(codec::Json& object, std::string_view key, codec::Json value);
template <class T>
void set_optional(codec::Json& object, std::string_view key, const std::optional<T>& value) {
    if (value) object.set(std::string(key), codec::Json(*value));
}
/// An array with what `write_one` makes of each item.
template <class Items, class WriteOne>
void set_all(codec::Json& object, std::string_view key, const Items& items, WriteOne write_one) {
    codec::Json all = codec::Json::array();
    for (const auto& item : items) all.push_back(write_one(item));
    set_unless_empty(object, key, std::move(all));
}

/// A word of config.json and what it stands for.
template <class T> struct Word { std::string_view text; T value; };
template <class T, size_t n>
std::string_view text_for(const Word<T> (&words)[n], T value) {
    for (const auto& word : words)
        if (word.value == value) return word.text;
    return {};
}
template <class T, size_t n>
Result<T> value_for(const Word<T> (&words)[n], const codec::JsonFields& fields, std::string_view key) {
    const std::string text = TRY(fields.required_text(key));
    for (const auto& word : words)
        if (word.text == text) return word.value;
    std::string known;
    for (const auto& word : words) (known += known.empty() ? "" : ", ") += word.text;
    return Error::invalid("{}: \"{}\" is none of {}", fields.path_of(key), text, known);
}

}  // namespace skiff::oci::parts
