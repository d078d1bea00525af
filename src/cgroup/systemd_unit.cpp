// SPDX-License-Identifier: Apache-2.0
// systemd names a slice after all the slices above it: "a-b.slice" lies in "a.slice" (systemd.slice(5)).
#include "cgroup/systemd_unit.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace skiff::cgroup {
namespace {

constexpr std::string_view k_slice_end = ".slice", k_scope_end = ".scope";
constexpr size_t k_longest_name = 255;

bool is_unit_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x80 && std::isalnum(c)) || std::string_view(":-_.\\@").find(static_cast<char>(c)) != std::string_view::npos; });
}

/// "a-b.slice" → "/a.slice/a-b.slice"; "-.slice" → "".
Result<std::string> slice_path(std::string_view slice) {
    if (slice == "-.slice") return std::string();
    if (slice.size() <= k_slice_end.size() || !slice.ends_with(k_slice_end) || !is_unit_text(slice)) return Error::invalid("{} is not the name of a slice like machine.slice", quoted(slice));
    std::string path, name;
    for (const std::string_view part : split(slice.substr(0, slice.size() - k_slice_end.size()), '-')) {
        if (part.empty()) return Error::invalid("{} is not the name of a slice: nothing stands between two of its dashes", quoted(slice));
        name += (name.empty() ? "" : "-") + std::string(part);
        path += "/" + name + std::string(k_slice_end);
    }
    return path;
}

/// "0-2,8" as a set of bits, the lowest first, in hexadecimal: what AllowedCPUs takes.
std::optional<std::string> bits_of(std::string_view list) {
    std::vector<uint8_t> bytes;
    for (const std::string_view piece : split(list, ',')) {
        const Halves ends = split_once(piece, '-');
        const auto first = parse_uint(ends.before), last = ends.after ? parse_uint(*ends.after) : first;
        if (!first || !last || *last > 65'535 || *first > *last) return std::nullopt;
        for (uint64_t number = *first; number <= *last; ++number) {
            bytes.resize(std::max(bytes.size(), static_cast<size_t>(number / 8 + 1)));
            bytes[number / 8] = static_cast<uint8_t>(bytes[number / 8] | (1U << number % 8));
        }
    }
    std::string text;
    for (const uint8_t byte : bytes) text += format("{:02x}", byte);
    return text;
}

void add_cpu_time(std::vector<UnitProperty>& properties, std::string_view cpu_max) {
    constexpr uint64_t second = 1'000'000;
    const Halves halves = split_once(cpu_max, ' ');
    const auto quota = parse_uint(halves.before), period = parse_uint(halves.after.value_or(""));
    if (!period || *period == 0) return;
    properties.push_back(format("CPUQuotaPeriodUSec=t:{}", *period));
    // Rounded up to whole 10 ms a second, as systemd keeps it: never less than what was asked for.
    const uint64_t grain = 10'000;
    const uint64_t a_second = quota ? (*quota * second / *period + grain - 1) / grain * grain : UINT64_MAX;
    properties.push_back(format("CPUQuotaPerSecUSec=t:{}", a_second));
}

struct Known { std::string_view file, property; };
constexpr Known k_sizes[] = {{"memory.max", "MemoryMax"}, {"memory.high", "MemoryHigh"}, {"memory.low", "MemoryLow"}, {"memory.swap.max", "MemorySwapMax"}, {"pids.max", "TasksMax"}};
constexpr Known k_numbers[] = {{"cpu.weight", "CPUWeight"}, {"io.weight", "IOWeight"}};
constexpr Known k_sets[] = {{"cpuset.cpus", "AllowedCPUs"}, {"cpuset.mems", "AllowedMemoryNodes"}};

constexpr std::string_view k_annotation = "org.systemd.property.";
constexpr std::string_view k_allowed[] = {"After", "Before", "BindsTo", "CollectMode", "Conflicts", "DefaultDependencies", "Description", "KillMode", "KillSignal", "ManagedOOMMemoryPressure",
                                          "ManagedOOMMemoryPressureLimit", "ManagedOOMPreference", "ManagedOOMSwap", "OOMPolicy", "PartOf", "Requires", "RuntimeMaxUSec", "SendSIGHUP", "SendSIGKILL",
                                          "TimeoutStopUSec", "Wants"};

bool is_quoted(std::string_view text) { return text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front() && text.substr(1, text.size() - 2).find_first_of("'\"\\\n") == std::string_view::npos; }

/// "uint64 5" → "t:5"; "['a', 'b']" → "as:a b".
std::optional<std::string> variant_of(std::string_view text) {
    text = trim(text);
    if (text == "true" || text == "false") return format("b:{}", text);
    if (is_quoted(text)) return format("s:{}", text.substr(1, text.size() - 2));
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
        std::vector<std::string> words;
        for (std::string_view word : split(text.substr(1, text.size() - 2), ',')) {
            word = trim(word);
            if (!is_quoted(word) || !is_unit_text(word.substr(1, word.size() - 2))) return std::nullopt;
            words.emplace_back(word.substr(1, word.size() - 2));
        }
        return "as:" + join(words, " ");
    }
    const Halves halves = split_once(text, ' ');
    const std::string_view number = trim(halves.after.value_or(halves.before));
    if (halves.after && halves.before == "uint64" && parse_uint(number)) return format("t:{}", number);
    if (halves.after && halves.before == "uint32" && parse_uint(number) && *parse_uint(number) <= UINT32_MAX) return format("u:{}", number);
    const auto signed_number = parse_int(number);
    if ((!halves.after || halves.before == "int32") && signed_number && *signed_number >= INT32_MIN && *signed_number <= INT32_MAX) return format("i:{}", number);
    return std::nullopt;
}

}  // namespace

Result<SystemdUnit> parse_systemd_path(std::string_view text, std::string_view id) {
    SystemdUnit unit;
    std::string prefix = "skiff", name(id);
    unit.slice = "system.slice";
    if (!text.empty()) {
        const auto parts = split(text, ':');
        if (parts.size() != 3) return Error::invalid("linux.cgroupsPath {}: with the systemd driver it has the form SLICE:PREFIX:NAME", quoted(text)).hint("leave --systemd-cgroup out for a path of folders");
        if (!parts[0].empty()) unit.slice = parts[0];
        prefix = parts[1];
        name = parts[2];
    }
    if (name.empty() || !is_unit_text(name) || !is_unit_text(prefix)) return Error::invalid("linux.cgroupsPath {}: not a name that a scope of systemd can have", quoted(text));
    unit.name = (prefix.empty() ? "" : prefix + "-") + name + std::string(k_scope_end);
    if (unit.name.size() > k_longest_name) return Error::invalid("linux.cgroupsPath {}: the scope's name is longer than {} bytes", quoted(text), k_longest_name);
    unit.path = TRY_DOING(slice_path(unit.slice), "linux.cgroupsPath") + "/" + unit.name;
    return unit;
}

std::vector<UnitProperty> base_properties(const SystemdUnit& unit, std::string_view id) {
    return {format("Description=s:skiff container {}", id), "Slice=s:" + unit.slice, "Delegate=b:true", "DefaultDependencies=b:false", "CollectMode=s:inactive-or-failed",
            "CPUAccounting=b:true", "MemoryAccounting=b:true", "IOAccounting=b:true", "TasksAccounting=b:true"};
}

std::vector<UnitProperty> limit_properties(const std::vector<Write>& writes) {
    std::vector<UnitProperty> properties;
    for (const Write& write : writes) {
        for (const auto& [file, property] : k_sizes)
            // A scope with a single place has none for who holds it until the container is born: that limit is only written.
            if (write.file == file && write.value != "1") properties.push_back(format("{}=t:{}", property, write.value == "max" ? format("{}", UINT64_MAX) : write.value));
        for (const auto& [file, property] : k_numbers)
            if (write.file == file && parse_uint(write.value)) properties.push_back(format("{}=t:{}", property, write.value));
        for (const auto& [file, property] : k_sets)
            if (const auto bits = write.file == file ? bits_of(write.value) : std::nullopt) properties.push_back(format("{}=ay:{}", property, *bits));
        if (write.file == "cpu.max") add_cpu_time(properties, write.value);
        if (write.file == "cpu.idle" && write.value == "1") properties.push_back("CPUWeight=t:0");
    }
    return properties;
}

Result<std::vector<UnitProperty>> annotated_properties(const std::map<std::string, std::string>& annotations) {
    std::vector<UnitProperty> properties;
    for (const auto& [key, value] : annotations) {
        if (!key.starts_with(k_annotation)) continue;
        std::string name = key.substr(k_annotation.size());
        const bool is_in_seconds = name.ends_with("Sec") && !name.ends_with("USec");
        if (is_in_seconds) name.replace(name.size() - 3, 3, "USec");
        if (std::find(std::begin(k_allowed), std::end(k_allowed), name) == std::end(k_allowed))
            return Error::invalid("annotation {}: {} is not a property that a container may set for its scope", quoted(key), quoted(name)).hint("limits belong into linux.resources");
        auto variant = variant_of(value);
        if (!variant) return Error::invalid("annotation {}: {} is neither true, false, 'text', a number like uint64 5, nor ['a', 'b']", quoted(key), quoted(value));
        if (is_in_seconds) {
            const auto seconds = parse_uint(split_once(*variant, ':').after.value_or(""));
            if (!seconds || *seconds > UINT32_MAX) return Error::invalid("annotation {}: {} is not a number of seconds", quoted(key), quoted(value));
            variant = format("t:{}", *seconds * 1'000'000);
        }
        properties.push_back(name + "=" + *variant);
    }
    return properties;
}

}  // namespace skiff::cgroup
