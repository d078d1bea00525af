// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

/// How a container ended.
struct Ended {
    int exit_code = 0;                 ///< docker's figure: the exit code, or 128 + signal
    bool is_known = true;              ///< false: nobody could learn it; exit_code is then 125
    bool oom_killed = false;
};

/// What an attached client hears. All output precedes `ended`.
struct Event {
    enum class What {
        output, error_output,          ///< `bytes`
        told,                          ///< `told`: a step of the plan that was carried out (run --explain)
        notice,                        ///< `bytes`: a sentence of the monitor's about the container
        ended,                         ///< `ended`; the last event
        lost,                          ///< the connection broke (the monitor was killed); ask Engine::wait()
    };
    What what = What::lost;
    std::string bytes;
    runtime::Told told;
    Ended ended;
};

/// A live connection to a running container's streams, by its monitor. Dropping it detaches; the container lives on.
class Attachment {
public:
    class Link;                        // monitor/client, kept out of the doors' headers
    explicit Attachment(std::unique_ptr<Link> link);
    Attachment(Attachment&&) noexcept;
    Attachment& operator=(Attachment&&) noexcept;
    ~Attachment();

    /// Becomes readable when next() has something to say; for the door's poll loop.
    kernel::FdView fd() const;
    /// The next event; waits for it.
    Result<Event> next();

    Result<> send_input(Bytes bytes);
    /// No more input: the container's stdin ends, where nobody else may still write to it.
    Result<> close_input();
    Result<> resize(uint16_t rows, uint16_t columns);
    Result<> signal(int number);

private:
    std::unique_ptr<Link> link_;
};

}  // namespace skiff::engine
