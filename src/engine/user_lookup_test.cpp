// SPDX-License-Identifier: Apache-2.0
#include "engine/user_lookup.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

constexpr const char* k_passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "daemon:x:1:1::/usr/sbin:/bin/false\n"
    "1234:x:0:0:sneaky:/root:/bin/sh\n"
    "huge:x:4294967296:0::/:/bin/sh\n"
    "minus:x:-1:0::/:/bin/sh\n"
    "alice:x:1000:1000::/home/alice:/bin/sh\n";
constexpr const char* k_group = "root:x:0:\nwheel:x:10:root,alice\nalice:x:1000:\nvideo:x:44:alice\n5555:x:0:\n";

Result<std::optional<std::string>> debian(std::string_view path) {
    return std::optional<std::string>(path == "/etc/passwd" ? k_passwd : k_group);
}
Result<std::optional<std::string>> scratch(std::string_view) { return std::optional<std::string>(); }

std::string show(const Result<ResolvedUser>& user) {
    if (!user) return "error: " + user.error().text();
    std::string text = std::to_string(user->uid) + ":" + std::to_string(user->gid) + " [";
    for (const auto gid : user->additional_gids) text += std::to_string(gid) + " ";
    return text + "] " + user->home;
}

TEST(ResolveUser, ReadsWhatDockerReads) {
    EXPECT_EQ(show(resolve_user("", {}, debian)), "0:0 [0 10 ] /root");
    EXPECT_EQ(show(resolve_user("0", {}, debian)), "0:0 [0 10 ] /root");
    EXPECT_EQ(show(resolve_user("alice", {}, debian)), "1000:1000 [1000 10 44 ] /home/alice");
    EXPECT_EQ(show(resolve_user("1000", {}, debian)), "1000:1000 [1000 10 44 ] /home/alice");
    EXPECT_EQ(show(resolve_user("alice:video", {}, debian)), "1000:44 [44 ] /home/alice");
    EXPECT_EQ(show(resolve_user("alice:7", {}, debian)), "1000:7 [7 ] /home/alice");
    EXPECT_EQ(show(resolve_user("4711", {}, debian)), "4711:0 [0 ] /");
    EXPECT_EQ(show(resolve_user("4711:4712", {}, debian)), "4711:4712 [4712 ] /");
    EXPECT_EQ(show(resolve_user("", {"video", "77"}, debian)), "0:0 [0 10 44 77 ] /root");
    EXPECT_EQ(show(resolve_user("", {}, scratch)), "0:0 [0 ] /");
    EXPECT_EQ(show(resolve_user("2147483647:2147483647", {}, scratch)), "2147483647:2147483647 [2147483647 ] /");
}

TEST(ResolveUser, ANumericNameOfPasswdIsNeverANameButANumber) {
    EXPECT_EQ(show(resolve_user("1234", {}, debian)), "1234:0 [0 ] /");
    EXPECT_EQ(show(resolve_user("alice:5555", {}, debian)), "1000:5555 [5555 ] /home/alice");
}

TEST(ResolveUser, NothingStrangeBecomesRoot) {
    for (const char* text : {"0x0", "4294967295", "4294967296", "2147483648", "18446744073709551616", "-1", " 0", "0 ", "+0", "1:", ":1", ":",
                             "root:nogroup", "nobody2", "alice:-1", "alice:4294967296", "1.0", "1e3", "0\n", "root\n", "root:0:0", "huge", "minus"})
        EXPECT_FALSE(resolve_user(text, {}, debian)) << text << " became " << show(resolve_user(text, {}, debian));
    EXPECT_FALSE(resolve_user("root", {}, scratch));
    EXPECT_FALSE(resolve_user("", {"nogroup"}, debian));
    EXPECT_FALSE(resolve_user("", {"-1"}, debian));
}

}  // namespace
}  // namespace skiff::engine
