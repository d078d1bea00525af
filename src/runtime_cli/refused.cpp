// SPDX-License-Identifier: Apache-2.0
// Verbs of runc's and crun's that this runtime does not have: they are known, so that they are refused by name and never
// taken for a mistyped word. None of their options is looked at.
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {

const Verb k_checkpoint = {.name = "checkpoint", .operands = "ID", .summary = "Refused: containers cannot be written to files yet.",
                           .refusal = "checkpoint is not supported: skiff-runtime cannot write a container's processes to files yet"};
const Verb k_restore = {.name = "restore", .operands = "ID", .summary = "Refused: containers cannot be restored from files yet.",
                        .refusal = "restore is not supported: skiff-runtime cannot make a container of a checkpoint's files yet"};
const Verb k_mounts = {.name = "mounts", .operands = "add|remove ID FILE", .summary = "Refused: the mounts of a container that is there cannot be changed.",
                       .refusal = "mounts is not supported: the mounts of a container that is there cannot be changed; config.json has them before create"};

}  // namespace skiff::runtime_cli
