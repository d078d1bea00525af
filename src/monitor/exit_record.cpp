// SPDX-License-Identifier: Apache-2.0
#include "monitor/exit_record.hpp"

#include "base/time.hpp"
#include "codec/json.hpp"

namespace skiff::monitor {
namespace {

struct Figure { const char* name; int64_t Accounting::*value; };
constexpr Figure k_figures[] = {
    {"cpu_ns", &Accounting::cpu_ns}, {"throttled_ns", &Accounting::throttled_ns}, {"memory_peak", &Accounting::memory_peak},
    {"memory_limit", &Accounting::memory_limit}, {"limit_hits", &Accounting::limit_hits}, {"oom_kills", &Accounting::oom_kills},
    {"read_bytes", &Accounting::read_bytes}, {"written_bytes", &Accounting::written_bytes},
};

Result<Accounting> parse_accounting(const codec::JsonFields& fields) {
    Accounting used;
    for (const Figure& figure : k_figures) used.*figure.value = TRY(fields.number<int64_t>(figure.name));
    return used;
}

Result<ExitRecord> parse(std::string_view text) {
    const codec::Json document = TRY(codec::parse_json(text));
    const auto fields = TRY(codec::JsonFields::of(document, "exit"));

    ExitRecord record;
    const auto exit_code = TRY(fields.optional_int("exit_code", 0, 255));
    const auto signal = TRY(fields.optional_int("signal", 1, 64));
    if (exit_code && signal) return Error::corrupt("exit: both an exit code and a signal");
    if (exit_code) record.ending = kernel::Ending{.by_signal = false, .value = static_cast<int>(*exit_code)};
    if (signal) record.ending = kernel::Ending{.by_signal = true, .value = static_cast<int>(*signal)};
    record.oom_killed = TRY(fields.flag("oom_killed"));
    record.oom_deadline = TRY(fields.flag("oom_deadline"));
    const std::string started = TRY(fields.required_text("started_at"));
    const std::string finished = TRY(fields.required_text("finished_at"));
    record.started_ns = TRY(parse_rfc3339(started));
    record.finished_ns = TRY(parse_rfc3339(finished));
    if (const auto used = TRY(fields.object("used"))) record.used = TRY(parse_accounting(*used));
    return record;
}

}  // namespace

Result<ExitRecord> parse_exit_record(std::string_view text) {
    auto record = parse(text);
    if (!record) return std::move(record).error().as(Kind::corrupt);
    return record;
}

std::string to_text(const ExitRecord& record) {
    // Written without the JSON writer: this stands on the way out of every container.
    std::string how = "\"exit_code\":null,\"signal\":null";
    if (record.ending && record.ending->by_signal) how = format("\"exit_code\":null,\"signal\":{}", record.ending->value);
    else if (record.ending) how = format("\"exit_code\":{},\"signal\":null", record.ending->value);
    std::string used;
    if (record.used)
        for (const Figure& figure : k_figures) used += format("{}\"{}\":{}", used.empty() ? ",\"used\":{" : ",", figure.name, (*record.used).*figure.value);
    if (record.used) used += '}';
    return format("{{{},\"oom_killed\":{}{},\"started_at\":\"{}\",\"finished_at\":\"{}\"{}}}\n", how, record.oom_killed, record.oom_deadline ? ",\"oom_deadline\":true" : "", to_rfc3339(record.started_ns),
                  to_rfc3339(record.finished_ns), used);
}

}  // namespace skiff::monitor
