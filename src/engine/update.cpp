// SPDX-License-Identifier: Apache-2.0
// `update`: the record and the kernel's limits change together. Killed between the two, a running container has its new
// limits and the record the old ones; the same `update` again makes both agree.
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "engine/resource_limits.hpp"
#include "engine/state.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

Result<> Engine::update(const std::string& reference, const ResourceLimits& change) {
    const std::string id = TRY(find_attended(*house_, reference)).id;
    const LimitFacts facts = TRY(probe_limit_facts());
    return house_->store.change(id, [&](ContainerRecord& record) -> Result<> {
        static_cast<ResourceLimits&>(record.config) = changed(record.config, change);
        const auto resources = TRY(plan_update(change, record.config, facts));
        const auto running = find_running(*house_, record);
        if (running) return runtime::update(runtime_id(record), house_->states, resources);
        if (!running.error().is(Kind::conflict)) return running.error();
        return {};
    });
}

}  // namespace skiff::engine
