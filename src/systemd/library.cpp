// SPDX-License-Identifier: Apache-2.0
#include "systemd/library.hpp"

#include <dlfcn.h>

namespace skiff::systemd {
namespace {

template <class Function>
bool find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    return function != nullptr;
}

}  // namespace

Result<const Library*> library() {
    static Library found;
    void* handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);  // as long as we live
    if (!handle) return Error::unsupported("the systemd cgroup driver needs libsystemd.so.0, which is not on this host").hint("install libsystemd0, or use the cgroupfs driver");
    const bool is_whole = find(handle, "sd_bus_new", found.bus_new) && find(handle, "sd_bus_set_address", found.bus_set_address) && find(handle, "sd_bus_start", found.bus_start) &&
                          find(handle, "sd_bus_flush_close_unref", found.bus_flush_close_unref) && find(handle, "sd_bus_process", found.bus_process) && find(handle, "sd_bus_wait", found.bus_wait) &&
                          find(handle, "sd_bus_match_signal", found.bus_match_signal) && find(handle, "sd_bus_call", found.bus_call) && find(handle, "sd_bus_error_free", found.failure_free) &&
                          find(handle, "sd_bus_message_new_method_call", found.message_new) && find(handle, "sd_bus_message_unref", found.message_unref) &&
                          find(handle, "sd_bus_message_append_basic", found.message_append_basic) && find(handle, "sd_bus_message_append_array", found.message_append_array) &&
                          find(handle, "sd_bus_message_open_container", found.message_open) && find(handle, "sd_bus_message_close_container", found.message_close) &&
                          find(handle, "sd_bus_message_read_basic", found.message_read_basic);
    if (!is_whole) return Error::unsupported("libsystemd.so.0 of this host lacks a function of sd-bus");
    return &found;
}

}  // namespace skiff::systemd
