// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace skiff::cli {

/// One run of the program: where the state lives, and the ways to say something.
class Session {
public:
    enum class Level { debug, info, warn, error };
    Session(engine::Paths paths, Level level) : paths_(std::move(paths)), level_(level) {}

    /// A user other than root becomes root of his own namespace first, and hears once what that means.
    Result<engine::Engine> open_engine();
    const engine::Paths& paths() const { return paths_; }
    Level level() const { return level_; }

    /// To standard output, held back until flush(): a listing is one write.
    void print(std::string_view text) { held_ += text; }
    void print_line(std::string_view text) { (held_ += text) += '\n'; }
    /// What was held back. Error: it cannot be written (a full disk behind ">").
    Result<> flush();

    /// One line on standard error: "skiff: no such container: web". With advice where the disk is full or root is needed.
    void complain(const Error& error);
    /// "WARNING: …" on standard error, unless --log-level error.
    void warn(std::string_view sentence);
    /// On standard error as it is.
    void tell(std::string_view text);

private:
    engine::Paths paths_;
    Level level_;
    std::string held_;
};

/// Does `one` for each argument, complaining about those that fail; the exit code is then 1. With `echo` the argument
/// is printed when it went well, as docker does.
template <class Do>
Result<int> for_each_argument(Session& session, const std::vector<std::string>& arguments, bool echo, Do one) {
    int code = 0;
    for (const std::string& argument : arguments) {
        if (Result<> done = one(argument); !done) {
            session.complain(done.error());
            code = 1;
        } else if (echo) {
            session.print_line(argument);
            TRY(session.flush());  // who waits for ten of them sees each
        }
    }
    return code;
}

}  // namespace skiff::cli
