// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "monitor/exit_record.hpp"
#include "monitor/order.hpp"
#include "runtime/lifecycle.hpp"

/// What a monitor and its clients say to each other, over SOCK_SEQPACKET: one message a packet.
///
///     spawner (descriptor 3)            monitor                   container
///        |  spawn, order.json on disk      |
///        | <------------- told ----------- |  with order.explain, a step each
///        | <--------- started pid -------- | ---- create, start ----> |
///        |       or   failed kind text     |  and then the connection ends
///        |                                 |
///        |    with order.attach; without it the connection ends here
///        | <------ output, error_output -- | <------ its streams ---- |
///        | <------------ notice ---------- |  now and then: what the monitor did to it (memory)
///        | input, input_end, resize, ----> | -----------------------> |
///        | signal                          |                          |
///        | <------------ exited ---------- |  every byte went before it; exit.json stands on disk
///        | cleaned_up ------------------>  |  or the end of the connection: the monitor does it itself
///
///     client (control.sock)
///        | attach streams size --------->  |  answered by `attached`, or by `refused kind text`; then as above
///        | wait ------------------------>  |  answered by `exited`, sooner or later
///        | resize, signal -------------->  |  answered by `done` or `refused`, unless the client is attached
///        | memory ---------------------->  |  answered by `done`: it looks after the container's memory anew
///        | exec process.json ----------->  |  answered by `started pid` when the program was executed, or by `failed`;
///        |                                 |  the connection is this request's alone and ends with the answer
///
/// Several clients may be attached; each gets every byte from then on. A client that does not read is waited for: its
/// 64 KiB and the kernel's buffers fill, then the container's pipe, and then the container blocks when it writes, as
/// with docker. Nobody waits for it once the container has ended.
///
/// A packet is one byte that says what it is, then what the structures below list, in the machine's byte order.
namespace skiff::monitor {

/// The most that one packet of input or output carries.
inline constexpr size_t k_piece = 32 << 10;
/// The longest packet of all (an `exec` with its environment).
inline constexpr size_t k_longest_packet = 192 << 10;

// What clients say.
struct AskAttach { Streams streams; TerminalSize size; };
struct AskWait {};
struct AskResize { TerminalSize size; };
struct AskSignal { int number = 0; };
struct AskExec { std::string id, process_json; };  ///< what events call it; a `process` object of the runtime specification
struct GiveInput { std::string_view bytes; };  ///< at most k_piece
struct EndInput {};
struct AskMemory { bool lets_be = false; };    ///< the limits have changed, or it was thawed: look again; or never pause it again
struct CleanedUp {};                           ///< what order.cleanup would do is done

using Request = std::variant<AskAttach, AskWait, AskResize, AskSignal, AskExec, GiveInput, EndInput, AskMemory, CleanedUp>;

// What the monitor says.
struct SayTold { runtime::Told told; };
struct SayStarted { int pid = 0; int64_t started_ns = 0; };  ///< as the host sees it; wall clock
struct SayFailed { Kind kind = Kind::internal; std::string text; };
struct SayAttached {};
struct SayDone {};
struct SayRefused { Kind kind = Kind::invalid; std::string text; };
struct SayOutput { bool is_error = false; std::string_view bytes; };
struct SayNotice { std::string text; };        ///< to each who is attached: a sentence about the container, not of its output
struct SayExited { ExitRecord record; };

using Saying = std::variant<SayTold, SayStarted, SayFailed, SayAttached, SayDone, SayRefused, SayOutput, SayNotice, SayExited>;

std::string encode(const Request& request);
std::string encode(const Saying& saying);

/// Views in the result point into `packet`. Error (invalid): no such message; the other side is of another version
/// or hostile.
Result<Request> decode_request(Bytes packet);
/// Whether a packet that begins so is an AskExec: the one request that the worker does not read itself.
bool is_exec_request(Bytes beginning);
Result<Saying> decode_saying(Bytes packet);

}  // namespace skiff::monitor
