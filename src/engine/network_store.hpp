// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "engine/requests.hpp"
#include "network/definition.hpp"
#include "network/plan.hpp"

namespace skiff::engine {

/// Networks, which containers are in them, and the addresses that those hold. A container's places are given in the
/// transaction that makes its row and go with that row (a trigger), so that an address is never given twice and never lost.
/// docs/formats/containers.md
class NetworkStore {
public:
    /// Our tables are made at the first use of networks. The database must outlive this.
    static Result<NetworkStore> open(database::Database& database);

    /// Keeps what `plan` makes of all networks that there are; nobody adds another one meanwhile. Error (exists): the name is taken.
    Result<network::Definition> add(const std::function<Result<network::Definition>(const std::vector<network::Definition>&)>& plan);
    /// By name, id, or unambiguous prefix of an id. Errors: not_found "no such network: lab"; invalid: ambiguous.
    Result<network::Definition> find(std::string_view reference);
    /// By name.
    Result<std::vector<network::Definition>> list();
    /// `last_deed` is done in the transaction, when it is certain that nobody is in it. Error (conflict): a container is.
    Result<> remove(const network::Definition& network, const std::function<Result<>()>& last_deed);

    /// A place for a container, inside the caller's transaction. Errors: not_found: the network has gone; exists: it is in
    /// there already; conflict: somebody has that address; no_space; invalid.
    Result<network::Endpoint> join(const std::string& container, const std::string& network, const NetworkWish& wish);
    /// The same in a transaction of its own.
    Result<network::Endpoint> connect(const std::string& container, const std::string& network, const NetworkWish& wish);
    /// Gives the place up. Error (not_found): it is not in there.
    Result<> leave(const std::string& container, const network::Definition& network);

    /// A container in a network.
    struct Member { network::Endpoint endpoint; std::string container, name; };
    Result<std::vector<Member>> members_of(const std::string& network);
    /// A network that a container is in.
    struct Place { network::Definition network; network::Endpoint endpoint; };
    /// In the order in which it joined them.
    Result<std::vector<Place>> places_of(const std::string& container);

private:
    explicit NetworkStore(database::Database& database) : database_(&database) {}
    Result<std::vector<network::IpAddress>> lease(const network::Definition& network, const std::string& container, const NetworkWish& wish);
    Result<network::IpAddress> lease_one(const network::Definition& network, const network::AddressBlock& block, const std::string& container, const std::string& wished);
    database::Database* database_;
};

}  // namespace skiff::engine
