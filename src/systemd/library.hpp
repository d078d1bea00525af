// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"

/// The functions of libsystemd.so.0 that we call, found at run time: a host without systemd needs no library of its, and a
/// build no headers. Their forms are part of its stable interface (sd-bus(3) and the pages that it names).
namespace skiff::systemd {

struct BusHandle;
struct MessageHandle;
struct SlotHandle;
struct BusFailure { const char* name; const char* message; int owned; };  ///< sd_bus_error
using SignalHandler = int (*)(MessageHandle*, void*, BusFailure*);

struct Library {
    int (*bus_new)(BusHandle**);
    int (*bus_set_address)(BusHandle*, const char*);
    int (*bus_start)(BusHandle*);
    BusHandle* (*bus_flush_close_unref)(BusHandle*);
    int (*bus_process)(BusHandle*, MessageHandle**);
    int (*bus_wait)(BusHandle*, uint64_t);
    int (*bus_match_signal)(BusHandle*, SlotHandle**, const char*, const char*, const char*, const char*, SignalHandler, void*);
    int (*bus_call)(BusHandle*, MessageHandle*, uint64_t, BusFailure*, MessageHandle**);
    void (*failure_free)(BusFailure*);
    int (*message_new)(BusHandle*, MessageHandle**, const char*, const char*, const char*, const char*);
    MessageHandle* (*message_unref)(MessageHandle*);
    int (*message_append_basic)(MessageHandle*, char, const void*);
    int (*message_append_array)(MessageHandle*, char, const void*, size_t);
    int (*message_open)(MessageHandle*, char, const char*);
    int (*message_close)(MessageHandle*);
    int (*message_read_basic)(MessageHandle*, char, void*);
};

/// Loads it, once. Error (unsupported): it is not there, or lacks one of them.
Result<const Library*> library();

}  // namespace skiff::systemd
