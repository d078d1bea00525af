// SPDX-License-Identifier: Apache-2.0
#include "box.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "monitor/log_entry.hpp"
#include "runtime/state.hpp"

namespace skiff::monitor::testing {
namespace {

using codec::Json;

std::string runtime_program() {
    const char* folder = std::getenv("SKIFF_BIN");
    return folder ? std::string(folder) + "/skiff-runtime" : SKIFF_RUNTIME_PROGRAM;
}

ContainerId next_id() {
    static std::atomic<int> count{0};
    return *ContainerId::parse(format("skiff-test-{}-{}", getpid(), ++count));
}

/// What is awaited here (a process's new name, a line in a file) has no event; ten seconds at most.
template <class Condition> bool eventually(Condition condition) {
    for (int tries = 0; tries < 2000; ++tries) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return condition();
}

void copy_busybox(const std::string& rootfs) {
    for (const char* folder : {"/bin", "/proc", "/dev", "/tmp"}) (void)kernel::make_directories(rootfs + folder, 0755);
    const auto program = kernel::read_whole_file("/bin/busybox");
    (void)kernel::replace_file(*kernel::open_directory(rootfs + "/bin"), "busybox", *program, 0755, kernel::Durability::visible);
    for (const char* name : {"sh", "cat", "sleep", "echo", "true", "kill", "seq", "usleep", "stty", "head", "dd", "wc", "yes", "env"})
        EXPECT_EQ(symlink("busybox", (rootfs + "/bin/" + name).c_str()), 0);
}

Json config(const std::string& rootfs, const ContainerId& id, const std::vector<std::string>& arguments, bool terminal, TerminalSize size, int64_t memory) {
    Json namespaces = Json::array();
    for (const char* type : {"pid", "mount", "ipc", "uts", "network"}) namespaces.push_back(Json::object({{"type", type}}));
    const auto mount = [](const char* destination, const char* type, const std::vector<std::string>& options) {
        return Json::object({{"destination", destination}, {"type", type}, {"source", type}, {"options", options}});
    };
    Json process = Json::object({{"terminal", terminal}, {"cwd", "/"}, {"args", arguments}, {"env", std::vector<std::string>{"PATH=/bin"}},
                                 {"user", Json::object({{"uid", 0}, {"gid", 0}})}});
    if (size.rows != 0) process.set("consoleSize", Json::object({{"height", unsigned{size.rows}}, {"width", unsigned{size.columns}}}));
    return Json::object({
        {"ociVersion", "1.0.2"},
        {"process", std::move(process)},
        {"root", Json::object({{"path", rootfs}})},
        {"mounts", Json::array({mount("/proc", "proc", {}), mount("/dev", "tmpfs", {"mode=755", "nosuid"}),
                                mount("/dev/pts", "devpts", {"newinstance", "ptmxmode=0666", "mode=0620"})})},
        {"linux", Json::object({{"namespaces", std::move(namespaces)}, {"cgroupsPath", "/" + id.string()},
                                {"resources", memory ? Json::object({{"memory", Json::object({{"limit", memory}})}}) : Json::object()}})},
    });
}

}  // namespace

std::string why_not_here() {
    if (getuid() != 0) return "needs root";
    if (!*kernel::exists(runtime_program())) return "needs " + runtime_program();
    if (!*kernel::exists("/bin/busybox")) return "needs busybox-static";
    if (kernel::read_whole_file(runtime_program(), 64 << 20).value_or("").find("skiff:[worker]") == std::string::npos) return "this skiff-runtime has no verb monitor";
    return "";
}

Box::Box(std::string script) : order(next_id()), arguments{"/bin/sh", "-c", std::move(script)} {
    std::array<char, 32> name{"/tmp/skiff-test-XXXXXX"};
    folder_ = mkdtemp(name.data());
    run_ = folder_ + "/run";
    (void)kernel::make_directories(run_, 0700);
    copy_busybox(folder_ + "/rootfs");
    order.name = order.id.string();
    order.bundle = run_;
    order.states = folder_ + "/states";
    order.log.path = folder_ + "/container.log";
    order.exit_file = folder_ + "/exit.json";
}

Box::~Box() {
    client.reset();
    for (const pid_t pid : {keeper(), worker(), keeper()})
        if (pid > 0) ::kill(pid, SIGKILL);
    if (const auto states = runtime::StateDir::open(order.states)) (void)runtime::remove(order.id, *states, true);
    (void)kernel::remove_tree(folder_);
}

Result<SayStarted> Box::start() {
    const auto directory = TRY(kernel::open_directory(run_));
    TRY(kernel::replace_file(directory, "config.json", config(folder_ + "/rootfs", order.id, arguments, order.terminal, size, memory).to_text(), 0600, kernel::Durability::visible));
    TRY(kernel::replace_file(directory, k_order_file, to_text(order), 0600, kernel::Durability::visible));

    auto ends = TRY(Client::make_ends());
    kernel::Program program;
    program.path = runtime_program();
    program.arguments = {"skiff-runtime", "monitor", run_};
    program.environment = {"PATH=/bin"};
    program.descriptors = {{.fd = ends.monitors, .as = 3}};
    program.new_session = true;
    monitor_ = TRY(kernel::spawn(program));
    ends.monitors.reset();
    client = Client::adopt(std::move(ends.ours));
    auto started = TRY(client->expect_started());
    (void)monitor_.release();
    if (!order.attach.any()) client.reset();
    return started;
}

pid_t Box::find(const std::string& role, pid_t other) const {
    const std::string wanted = "skiff:[" + role + "] " + order.name;
    for (const std::string& entry : kernel::list_directory("/proc").value_or(std::vector<std::string>())) {
        const auto pid = parse_int(entry);
        if (!pid || *pid == other) continue;
        const auto line = kernel::read_whole_file("/proc/" + entry + "/cmdline");
        if (line && line->c_str() == wanted) return static_cast<pid_t>(*pid);
    }
    return 0;
}

pid_t Box::worker() const { return find("worker", 0); }
pid_t Box::keeper() const { return find("keeper", 0); }

pid_t Box::wait_for_role(const std::string& role, pid_t other) const {
    pid_t found = 0;
    (void)eventually([&] { return (found = find(role, other)) != 0; });
    return found;
}

std::optional<ExitRecord> Box::wait_for_exit_record() const {
    if (!eventually([&] { return *kernel::exists(order.exit_file); })) return std::nullopt;
    auto record = parse_exit_record(*kernel::read_whole_file(order.exit_file));
    return record ? std::optional(*record) : std::nullopt;
}

std::string Box::log() const {
    std::string all;
    const std::string whole = kernel::read_whole_file(order.log.path).value_or("");
    for (const std::string_view line : split(whole, '\n'))
        if (const auto entry = parse_entry(line)) all += entry->text;
    return all;
}

bool Box::wait_for_log(const std::string& text) const {
    return eventually([&] { return log().find(text) != std::string::npos; });
}

bool Box::wait_until_alone() const {
    return eventually([&] { return worker() == 0 && keeper() == 0; });
}

bool Box::runtime_knows_it() const {
    const auto states = runtime::StateDir::open(order.states);
    return states && states->load(order.id).has_value();
}

Heard hear_all(Client& client) {
    Heard heard;
    while (auto said = client.next()) {
        if (!*said) break;
        if (const auto* output = std::get_if<SayOutput>(&**said)) (output->is_error ? heard.err : heard.out) += output->bytes;
        else if (const auto* exited = std::get_if<SayExited>(&**said)) { heard.exited = exited->record; break; }
    }
    return heard;
}

}  // namespace skiff::monitor::testing
