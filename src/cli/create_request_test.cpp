// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/create_options.hpp"

namespace skiff::cli {
namespace {

using testing::HasSubstr;

Result<engine::CreateRequest> request(std::vector<std::string> words) {
    OptionTable table;
    table.first = create_options(), table.refused = refused_create_options(), table.ends_at_argument = true;
    const auto given = TRY(read_options(table, words, "run"));
    return build_create_request(given);
}

TEST(CreateRequest, CarriesWhatWasTyped) {
    const auto made = request({"-it", "--rm", "--name", "web", "-m", "64m", "--memory-swap=-1", "--cpus", "0.5", "--pids-limit", "20", "-e", "A=1", "-l", "x=y", "-l", "bare", "--ulimit", "nofile=64",
                               "--tmpfs", "/run", "-v", "/srv:/data:ro", "--device", "/dev/fuse", "--sysctl", "net.x=1", "--entrypoint", "", "--stop-timeout", "-1", "--net", "host",
                               "debian:12", "sh", "-c", "true"});
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(made->image, "debian:12");
    EXPECT_EQ(made->command, (std::vector<std::string>{"sh", "-c", "true"}));
    EXPECT_TRUE(made->terminal && made->stdin_open && made->auto_remove);
    EXPECT_EQ(made->name, "web");
    EXPECT_EQ(made->memory, 64 << 20);
    EXPECT_EQ(made->memory_swap, -1);
    EXPECT_EQ(made->nano_cpus, 500'000'000);
    EXPECT_EQ(made->pids_limit, 20);
    EXPECT_EQ(made->environment.at(0).value, "1");
    EXPECT_EQ(made->labels.at("x"), "y");
    EXPECT_EQ(made->labels.at("bare"), "");
    EXPECT_EQ(made->binds.at(0).destination, "/data");
    EXPECT_EQ(made->devices.at(0).host_path, "/dev/fuse");
    EXPECT_EQ(made->sysctls.at(0).second, "1");
    ASSERT_TRUE(made->entrypoint);
    EXPECT_TRUE(made->entrypoint->empty());
    EXPECT_EQ(made->stop_timeout, -1);
    EXPECT_EQ(made->network, "host");
}

TEST(CreateRequest, NamesTheOptionThatIsWrong) {
    for (const auto& [words, why] : {std::pair(std::vector<std::string>{"-m", "lots", "i"}, "--memory"), std::pair(std::vector<std::string>{"--blkio-weight", "5", "i"}, "--blkio-weight"),
                                     std::pair(std::vector<std::string>{"--cpus", "x", "i"}, "--cpus"), std::pair(std::vector<std::string>{"-p", "80:80", "i"}, "--publish"),
                                     std::pair(std::vector<std::string>{"--env-file", "/nonexistent/f", "i"}, "--env-file"), std::pair(std::vector<std::string>{"--restart=sometimes", "i"}, "--restart"),
                                     std::pair(std::vector<std::string>{"--security-opt", "seccomp=/nonexistent/p", "i"}, "--security-opt"), std::pair(std::vector<std::string>{"--rootfs", "/nonexistent/r"}, "--rootfs")}) {
        const auto made = request(words);
        ASSERT_FALSE(made) << why;
        EXPECT_THAT(made.error().text(), HasSubstr(why));
    }
}

}  // namespace
}  // namespace skiff::cli
