// SPDX-License-Identifier: Apache-2.0
// skiff top: docker runs the host's ps for this; we read /proc ourselves and print what `ps -ef` would.
#include <array>
#include <ctime>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr int64_t k_second = 1'000'000'000;

/// STIME of ps: the time of day, or the date of another day.
std::string start_text(int64_t started_ns, int64_t now_ns) {
    const time_t started = started_ns / k_second, now = now_ns / k_second;
    tm parts{}, today{};
    localtime_r(&started, &parts);
    localtime_r(&now, &today);
    const bool is_today = parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday;
    std::array<char, 32> text{};
    const size_t length = std::strftime(text.data(), text.size(), is_today ? "%H:%M" : "%b%d", &parts);
    return {text.data(), length};
}

std::string cpu_text(int64_t seconds) { return format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60); }

struct Field {
    std::string_view name, header;
    std::string (*text)(const engine::ProcessLine&, int64_t now);
};
constexpr Field k_fields[] = {
    {"user", "UID", [](const engine::ProcessLine& line, int64_t) { return line.user; }},
    {"pid", "PID", [](const engine::ProcessLine& line, int64_t) { return format("{}", line.pid); }},
    {"ppid", "PPID", [](const engine::ProcessLine& line, int64_t) { return format("{}", line.ppid); }},
    {"c", "C", [](const engine::ProcessLine& line, int64_t) { return format("{}", line.cpu_percent); }},
    {"stime", "STIME", [](const engine::ProcessLine& line, int64_t now) { return start_text(line.started_ns, now); }},
    {"tty", "TTY", [](const engine::ProcessLine& line, int64_t) { return line.terminal; }},
    {"time", "TIME", [](const engine::ProcessLine& line, int64_t) { return cpu_text(line.cpu_seconds); }},
    {"cmd", "CMD", [](const engine::ProcessLine& line, int64_t) { return line.command; }},
};

/// Other names that ps has for these fields.
std::string_view usual_name(std::string_view name) {
    if (name == "args" || name == "command") return "cmd";
    if (name == "uid" || name == "euser") return "user";
    if (name == "tt" || name == "tname") return "tty";
    if (name == "start" || name == "start_time") return "stime";
    if (name == "cputime") return "time";
    return name;
}

const Field* find_field(std::string_view name) {
    for (const Field& field : k_fields)
        if (field.name == usual_name(name)) return &field;
    return nullptr;
}

/// -ef is what is shown anyway; -o and -eo choose among the same fields.
Result<std::vector<Field>> fields_for(const std::vector<std::string>& words) {
    std::vector<Field> fields;
    for (size_t i = 1; i < words.size(); ++i) {
        std::string_view word = words[i];
        if (word == "-ef" || word == "-e" || word == "-f") continue;
        if (word == "-o" || word == "-eo") {
            if (++i == words.size()) return Error::invalid("{} needs names of fields", word);
            word = words[i];
        } else if (word.starts_with("-o")) {
            word.remove_prefix(2);
        } else if (word.starts_with("-eo")) {
            word.remove_prefix(3);
        } else {
            return Error::unsupported("{}: of the options of ps, skiff top has -ef and -o only", quoted(word));
        }
        for (const std::string_view name : split(word, ',')) {
            const Field* field = find_field(name);
            if (!field) return Error::unsupported("-o {}: skiff top knows user, pid, ppid, c, stime, tty, time and cmd", quoted(name));
            fields.push_back(*field);
            // ps heads a chosen field with the name that chose it.
            if (usual_name(name) == "cmd" && name != "cmd") fields.back().header = "COMMAND";
            if (name == "user" || name == "euser") fields.back().header = "USER";
        }
    }
    if (fields.empty()) fields.assign(std::begin(k_fields), std::end(k_fields));
    return fields;
}

Result<int> top(Session& session, const Given& given) {
    const auto fields = TRY(fields_for(given.arguments()));
    engine::Engine engine = TRY(session.open_engine());
    const auto processes = TRY(engine.top(given.arguments()[0]));

    std::vector<std::string> rows(1);
    for (const Field& field : fields) rows[0] += (rows[0].empty() ? "" : "\t") + std::string(field.header);
    const int64_t now = wall_ns();
    for (const auto& process : processes) {
        std::string row;
        for (size_t i = 0; i < fields.size(); ++i) {
            std::string cell = fields[i].text(process, now);
            for (char& c : cell)
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';  // the container chose these bytes
            row += (i > 0 ? "\t" : "") + cell;
        }
        rows.push_back(std::move(row));
    }
    session.print(lay_out(rows));
    return 0;
}

}  // namespace

const Command k_top = {"top", "CONTAINER [-ef] [-o FIELD,…]", "List the processes of a container", "Pids are the host's. Fields: user, pid, ppid, c, stime, tty, time, cmd.", "skiff top web\nskiff top web -o pid,cmd", {{}, {}, {}, true}, 1, k_any, top};

}  // namespace skiff::cli
