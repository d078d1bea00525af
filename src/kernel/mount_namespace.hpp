// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Namespaces that live by a mount of their handle (namespaces(7)), without any process.
namespace skiff::kernel {

/// Makes `directory` a mount of its own that nobody else sees: a mount namespace may only be mounted at such a place.
Result<> make_private_place(const std::string& directory);
/// Makes `directory` a shared mount, as `ip netns` wants /run/netns: what is mounted there is seen from copies of it.
Result<> make_shared_place(const std::string& directory);
/// In a new mount namespace: what is mounted here is not seen outside any more, but what is unmounted outside goes here, too.
Result<> keep_mounts_inside();
/// Mounts the namespace at `place`, an empty file that exists.
Result<> mount_namespace(FdView handle, const std::string& place);
/// Takes away the topmost mount at `place`, at once, whoever uses it; that there is none is success.
Result<> unmount_namespace(const std::string& place);

}  // namespace skiff::kernel
