// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/undo.hpp"

namespace skiff {
namespace {

Result<int> half_of(int number) {
    if (number % 2 != 0) return Error::invalid("{} is odd", number);
    return number / 2;
}
Result<int> quarter_of(int number) {
    const int half = TRY(half_of(number));
    return TRY_DOING(half_of(half), "quarter {}", number);
}

TEST(Error, IsASentenceWithIntentCauseAndHint) {
    const Error error = Error::system(EPERM, "mount proc at /proc").context("create {}", "web").hint("try --security-opt unmask=ALL");
    EXPECT_EQ(error.text(), "create web: mount proc at /proc: EPERM (operation not permitted); try --security-opt unmask=ALL");
    EXPECT_TRUE(error.is(Kind::forbidden));
    EXPECT_TRUE(error.is_errno(EPERM));
}

TEST(Error, KeepsAcronymsInTheKernelsWords) {
    EXPECT_EQ(Error::system(EIO, "read").text(), "read: EIO (input/output error)");
}

TEST(Result, TryReturnsEarlyWithTheErrorAndItsContext) {
    EXPECT_EQ(quarter_of(8).value(), 2);
    EXPECT_EQ(quarter_of(6).error().text(), "quarter 6: 3 is odd");
    EXPECT_EQ(quarter_of(5).error().text(), "5 is odd");
}

TEST(Text, SizesAreDockers) {
    EXPECT_EQ(parse_size("64m").value(), 64 << 20);
    EXPECT_EQ(parse_size("1.5GiB").value(), 1610612736);
    EXPECT_EQ(parse_size("512").value(), 512);
    EXPECT_EQ(parse_size("10kb").value(), 10240);
    for (const char* wrong : {"", "m", "-1", "12q", "1mm", "inf", "nan", "0x10", "99999999999999999999"}) EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(Text, DurationsAreGos) {
    EXPECT_EQ(parse_duration("1m30s").value(), 90'000'000'000);
    EXPECT_EQ(parse_duration("1.5s").value(), 1'500'000'000);
    EXPECT_EQ(parse_duration("-300ms").value(), -300'000'000);
    for (const char* wrong : {"", "10", "s", "1y", "1h-3m"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Text, NumbersAreWholeOrNotNumbers) {
    EXPECT_EQ(parse_int("-42"), -42);
    for (const char* wrong : {"", " 1", "1 ", "+1", "0x1", "9223372036854775808"}) EXPECT_FALSE(parse_int(wrong)) << wrong;
}

TEST(Text, QuotedShowsWhatWasTypedOnOneLine) { EXPECT_EQ(quoted("a\n\"b\x01"), "\"a\\n\\\"b\\x01\""); }

TEST(Time, Rfc3339GoesBothWays) {
    EXPECT_EQ(to_rfc3339(1'700'000'000'120'000'000), "2023-11-14T22:13:20.12Z");
    EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.12Z").value(), 1'700'000'000'120'000'000);
    EXPECT_EQ(parse_rfc3339("2023-11-14T23:13:20+01:00").value(), 1'700'000'000'000'000'000);
    EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z").value(), std::numeric_limits<int64_t>::min());
    EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59.999Z").value(), std::numeric_limits<int64_t>::max());
    for (const char* wrong : {"", "2023-11-14", "2023-13-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z"})
        EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
}

TEST(Hash, IsSha256) {
    EXPECT_EQ(Sha256::hex_of(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ContainerId, IsOnePathComponent) {
    EXPECT_EQ(ContainerId::parse("web-1.x_y+z")->string(), "web-1.x_y+z");
    for (const char* wrong : {"", ".", "..", "a/b", "a b", "ä", "a\n"}) EXPECT_FALSE(ContainerId::parse(wrong)) << wrong;
    EXPECT_EQ(ContainerId::random().string().size(), 64u);
    EXPECT_NE(ContainerId::random(), ContainerId::random());
}

TEST(Undo, RunsUnlessKept) {
    int undone = 0;
    { Undo undo([&] { ++undone; }); }
    { Undo undo([&] { ++undone; }); undo.keep(); }
    EXPECT_EQ(undone, 1);
}

}  // namespace
}  // namespace skiff
