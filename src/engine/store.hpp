// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "engine/container_record.hpp"

namespace skiff::engine {

/// The containers that users asked for: one row each. How they fare is not in it. docs/formats/containers.md
class Store {
public:
    /// ROOT/skiff.db, with our tables in it.
    static Result<Store> open(const std::string& path);

    /// `confirm` is asked in the transaction: what it sees then holds when the row is there. Error (exists): the name is taken.
    Result<> insert(const ContainerRecord& record, const std::function<Result<>()>& confirm = {});
    /// By name, id, or unambiguous prefix of an id. Errors: not_found "no such container: web"; invalid: ambiguous.
    Result<ContainerRecord> find(std::string_view reference);
    /// Whether a container of exactly this id is there.
    Result<bool> has(std::string_view id);
    /// Newest first.
    Result<std::vector<ContainerRecord>> list();
    /// Ids and names of the containers that were made from this image.
    struct User { std::string id, name; };
    Result<std::vector<User>> users_of_image(std::string_view image_id);
    /// Hands the record to `edit` and keeps what it makes of it, unless it fails. Nobody else changes it meanwhile.
    Result<> change(const std::string& id, const std::function<Result<>(ContainerRecord&)>& edit);
    /// Error (exists): the name is taken.
    Result<> rename(const std::string& id, const std::string& name);
    /// Absent is success.
    Result<> remove(const std::string& id);

    database::Database& database() { return database_; }

private:
    explicit Store(database::Database database) : database_(std::move(database)) {}
    database::Database database_;
};

}  // namespace skiff::engine
