// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "codec/event.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"

/// What commands note about containers. What the database holds (created, renamed, updated, removed) is noted in the
/// transaction itself (Store); what a monitor sees (started, died) by the monitor; the rest, deeds without a trace in any
/// state, here, when they are done.
namespace skiff::engine {

using EventAttributes = std::map<std::string, std::string>;

/// "create" and the like of this container, now, with its image, name and labels.
codec::Event event_about(const ContainerRecord& record, std::string action, EventAttributes more = {});

/// Into the journal. That a deed cannot be noted does not undo it.
void note_event(const Engine::House& house, const ContainerRecord& record, std::string action, EventAttributes more = {});

}  // namespace skiff::engine
