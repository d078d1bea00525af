// SPDX-License-Identifier: Apache-2.0
#include "engine/store.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/share_out.hpp"
#include "base/text.hpp"
#include "database/event_rows.hpp"
#include "engine/event_notes.hpp"

namespace skiff::engine {
namespace {

constexpr const char* k_steps[] = {
    "CREATE TABLE containers("
    "  id TEXT PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  image_id TEXT NOT NULL,"
    "  created_ns INTEGER NOT NULL,"
    "  record TEXT NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE INDEX containers_by_image ON containers(image_id);",
};

/// Parsing so many records takes as long as starting a thread does.
constexpr size_t k_worth_a_thread = 128;

Result<ContainerRecord> record_of(const std::string& name, std::string_view text) {
    auto record = TRY(parse_record(text));
    record.name = name;  // the column is what `rename` changes
    record.config.name = name;
    return record;
}

Result<ContainerRecord> record_of(const database::Statement& row) { return record_of(row.text(0), row.text(1)); }

Result<> note(database::Database& database, const ContainerRecord& record, const char* action, EventAttributes more = {}) {
    return database::note_event(database, codec::to_line(event_about(record, action, std::move(more))));
}

bool is_id_prefix(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<Store> Store::open(const std::string& path) {
    auto database = TRY(database::Database::open(path));
    TRY(database.migrate("engine", k_steps));
    return Store(std::move(database));
}

Result<> Store::insert(const ContainerRecord& record, const std::function<Result<>()>& confirm) {
    auto transaction = TRY(database::Transaction::begin(database_));
    if (confirm) TRY(confirm());
    auto inserted = database_.run("INSERT INTO containers(id, name, image_id, created_ns, record) VALUES(?, ?, ?, ?, ?)",
                                        {record.id, record.name, record.image_id, record.created_ns, to_json_text(record)});
    if (!inserted && inserted.error().is(Kind::exists)) {
        auto holder = TRY(database_.query("SELECT id FROM containers WHERE name = ?", {record.name}));
        const bool is_held = TRY(holder.step());
        return Error::exists("the container name \"{}\" is already in use by container {}; remove or rename that container to reuse the name",
                             record.name, is_held ? holder.text(0).substr(0, 12) : "");
    }
    TRY(std::move(inserted));
    TRY(note(database_, record, "create"));
    return transaction.commit();
}

Result<ContainerRecord> Store::find(std::string_view reference) {
    std::string_view name = reference;
    if (name.starts_with('/')) name.remove_prefix(1);
    auto rows = TRY(database_.query("SELECT name, record FROM containers WHERE id = ?1 UNION ALL SELECT name, record FROM containers WHERE name = ?1", {name}));
    if (TRY(rows.step())) return record_of(rows);
    if (!is_id_prefix(name)) return Error::not_found("no such container: {}", reference);

    auto matches = TRY(database_.query("SELECT name, record FROM containers WHERE id > ?1 AND id < ?1 || 'g' LIMIT 2", {name}));
    if (!TRY(matches.step())) return Error::not_found("no such container: {}", reference);
    auto record = TRY(record_of(matches));
    if (TRY(matches.step())) return Error::invalid("{} is ambiguous: more than one container's id begins so", quoted(reference));
    return record;
}

Result<bool> Store::has(std::string_view id) {
    auto rows = TRY(database_.query("SELECT 1 FROM containers WHERE id = ?", {id}));
    return rows.step();
}

Result<std::vector<ContainerRecord>> Store::list() {
    auto rows = TRY(database_.query("SELECT name, record FROM containers"));
    struct Row { std::string name, text; std::optional<Result<ContainerRecord>> record; };
    std::deque<Row> found;
    while (TRY(rows.step())) found.push_back({rows.text(0), rows.text(1), std::nullopt});
    share_out(found.size(), k_worth_a_thread, [&](size_t i) { found[i].record = record_of(found[i].name, found[i].text); });
    // A record is more than a kilobyte of members: it is moved once, to its place. Here and not by SQLite, which would
    // carry a thousand of them through a file.
    std::vector<ContainerRecord*> newest_first;
    newest_first.reserve(found.size());
    for (auto& row : found) {
        if (!*row.record) return std::move(*row.record).error();
        newest_first.push_back(&**row.record);
    }
    std::sort(newest_first.begin(), newest_first.end(), [](const auto* one, const auto* other) { return one->created_ns > other->created_ns; });
    std::vector<ContainerRecord> records;
    records.reserve(found.size());
    for (auto* record : newest_first) records.push_back(std::move(*record));
    return records;
}

Result<std::vector<Store::User>> Store::users_of_image(std::string_view image_id) {
    auto rows = TRY(database_.query("SELECT id, name FROM containers WHERE image_id = ?", {image_id}));
    std::vector<User> users;
    while (TRY(rows.step())) users.push_back({rows.text(0), rows.text(1)});
    return users;
}

Result<> Store::change(const std::string& id, const std::function<Result<>(ContainerRecord&)>& edit) {
    auto transaction = TRY(database::Transaction::begin(database_));
    auto record = TRY(find(id));
    TRY(edit(record));
    TRY(database_.run("UPDATE containers SET record = ? WHERE id = ?", {to_json_text(record), record.id}));
    TRY(note(database_, record, "update"));
    return transaction.commit();
}

Result<> Store::rename(const std::string& id, const std::string& name) {
    auto transaction = TRY(database::Transaction::begin(database_));
    auto record = TRY(find(id));
    const std::string old_name = std::exchange(record.name, name);
    auto renamed = database_.run("UPDATE containers SET name = ? WHERE id = ?", {name, id});
    if (!renamed && renamed.error().is(Kind::exists)) return Error::exists("the container name \"{}\" is already in use", name);
    TRY(std::move(renamed));
    TRY(note(database_, record, "rename", {{"oldName", old_name}}));
    return transaction.commit();
}

Result<> Store::remove(const std::string& id) {
    auto transaction = TRY(database::Transaction::begin(database_));
    const auto record = find(id);
    if (!record && record.error().is(Kind::not_found)) return {};
    TRY(database_.run("DELETE FROM containers WHERE id = ?", {id}));
    if (record) TRY(note(database_, *record, "destroy"));
    return transaction.commit();
}

}  // namespace skiff::engine
