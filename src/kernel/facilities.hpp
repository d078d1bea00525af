// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// Whether the kernel has a facility that commands ask for by name. Nothing is changed, except that the kernel may load
/// the module that it was asked about.
namespace skiff::kernel {

/// A filesystem type ("overlay"): known already, or loaded on being asked by fsopen(2).
bool has_filesystem(const std::string& type);

/// nf_tables answers on its netlink socket (nft(8)); needs CAP_NET_ADMIN in our network namespace.
enum class Answer { yes, no, not_allowed };
Answer has_nftables();

}  // namespace skiff::kernel
