// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "engine/house.hpp"

/// The host's packet filter, as far as it is ours: the nftables table "inet skiff" (of another --root, "inet skiff-XXXXXXXX") is
/// made from the store, and whoever finds it missing or flushed makes it again. While there is no network there is no table.
/// Locks: a container's, then the flock of RUNROOT/intents (held here), then the database's.
namespace skiff::engine {

/// Writes the table anew, and sees to forwarding: where the host forwards nothing it does so for our networks alone from now on,
/// and no longer once the last one has gone. Nothing is done while nobody has ever made a network here.
Result<> apply_firewall(Engine::House& house);
/// The same where the table is not as we wrote it.
Result<> ensure_firewall(Engine::House& house);

}  // namespace skiff::engine
