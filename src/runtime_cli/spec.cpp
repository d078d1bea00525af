// SPDX-License-Identifier: Apache-2.0
// spec: writes an example config.json.
#include <array>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "oci/defaults.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {Option{"bundle", 'b', "DIR", "where to write it (default: the current directory)"},
                                  Option{"file", 'f', "NAME", "another name for it than config.json"},
                                  Option{"rootless", 0, {}, "for a container of an ordinary user"}};

Result<int> spec(const Globals&, const Arguments& arguments) {
    const kernel::Fd directory = TRY(kernel::open_directory(arguments.has("bundle") ? arguments.value("bundle") : "."));
    const std::string name = arguments.has("file") ? arguments.value("file") : "config.json";
    if (name.empty() || name.find('/') != std::string::npos) return Error::invalid("--file {} is not the name of a file in the bundle", quoted(name)).hint("--bundle says where");
    if (TRY(kernel::exists_at(directory, name))) return Error::exists("{} exists already", name).hint("remove it first");
    TRY(kernel::replace_file(directory, name, oci::to_json(oci::default_spec(arguments.has("rootless")), true) + "\n", 0666 & ~022, kernel::Durability::visible));
    return 0;
}

}  // namespace

const Verb k_spec = {.name = "spec", .operands = "", .summary = "Write an example config.json.", .options = k_options, .least = 0, .most = 0, .carry_out = spec};

}  // namespace skiff::runtime_cli
