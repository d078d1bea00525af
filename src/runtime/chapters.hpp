// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/child/step.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::runtime {

/// What a step of the child is about.
Chapter chapter_of(child::Op op);

}  // namespace skiff::runtime
