// SPDX-License-Identifier: Apache-2.0
#include "cli/human.hpp"

#include <gtest/gtest.h>

#include "cli/table.hpp"

namespace skiff::cli {
namespace {

constexpr int64_t s = 1'000'000'000, m = 60 * s, h = 60 * m, d = 24 * h;

TEST(Human, DurationsAreDockers) {
    EXPECT_EQ(human_duration(0), "Less than a second");
    EXPECT_EQ(human_duration(s), "1 second");
    EXPECT_EQ(human_duration(59 * s), "59 seconds");
    EXPECT_EQ(human_duration(90 * s), "About a minute");
    EXPECT_EQ(human_duration(40 * m), "40 minutes");
    EXPECT_EQ(human_duration(89 * m), "About an hour");
    EXPECT_EQ(human_duration(100 * m), "2 hours");
    EXPECT_EQ(human_duration(47 * h), "47 hours");
    EXPECT_EQ(human_duration(3 * d), "3 days");
    EXPECT_EQ(human_duration(20 * d), "2 weeks");
    EXPECT_EQ(human_duration(90 * d), "3 months");
    EXPECT_EQ(human_duration(800 * d), "2 years");
    EXPECT_EQ(human_age(0, 5), "N/A");
    EXPECT_EQ(human_age(s, 6 * s), "5 seconds ago");
}

TEST(Human, SizesHaveThreeDigits) {
    EXPECT_EQ(human_size(0), "0B");
    EXPECT_EQ(human_size(999), "999B");
    EXPECT_EQ(human_size(1234), "1.23kB");
    EXPECT_EQ(human_size(999'900), "1MB");
    EXPECT_EQ(human_size(124'000'000), "124MB");
    EXPECT_EQ(human_size(7'400'000'000'000), "7.4TB");
    EXPECT_EQ(human_memory(8160437862), "7.6GiB");
}

TEST(Human, StatusTellsWhatBecameOfIt) {
    engine::ContainerState state;
    EXPECT_EQ(human_status(state, h), "Created");
    state.status = engine::ContainerStatus::running, state.started_ns = s;
    EXPECT_EQ(human_status(state, 3 * h), "Up 3 hours");
    state.status = engine::ContainerStatus::paused;
    EXPECT_EQ(human_status(state, 3 * h), "Up 3 hours (Paused)");
    state.status = engine::ContainerStatus::exited, state.finished_ns = s, state.exit_code = 137;
    EXPECT_EQ(human_status(state, 2 * m + s), "Exited (137) 2 minutes ago");
    state.status = engine::ContainerStatus::restarting;
    EXPECT_EQ(human_status(state, 4 * s), "Restarting (137) 3 seconds ago");
    state.status = engine::ContainerStatus::unknown, state.exit_code.reset();
    EXPECT_EQ(human_status(state, 2 * m + s), "Ended (exit code unknown) 2 minutes ago");
    state.status = engine::ContainerStatus::exited, state.exit_code = 255, state.host_went_down = true, state.finished_ns = 0;
    EXPECT_EQ(human_status(state, 2 * m + s), "Exited (255) (host rebooted)");
}

TEST(Human, ACommandIsQuotedAndCut) {
    EXPECT_EQ(human_command({"sh", "-c", "echo hello world and more"}, false), "\"sh -c echo hello wo…\"");
    EXPECT_EQ(human_command({"sh", "-c", "echo hello world and more"}, true), "\"sh -c echo hello world and more\"");
    EXPECT_EQ(human_command({"a\nb"}, false), "\"a\\nb\"");
}

TEST(Table, ColumnsAreTenWideAndThreeApart) {
    EXPECT_EQ(lay_out({"CONTAINER ID\tIMAGE\tNAMES", "4f2a\ta-rather-long-image\tweb"}),
              "CONTAINER ID   IMAGE                 NAMES\n"
              "4f2a           a-rather-long-image   web\n");
    EXPECT_EQ(lay_out({"ID\tNAMES"}), "ID        NAMES\n");
    EXPECT_EQ(lay_out({"é\tx", "ab\ty"}), "é         x\nab        y\n");
    EXPECT_EQ(ellipsis("abcdef", 6), "abcdef");
    EXPECT_EQ(ellipsis("äöüß", 3), "äö…");
}

}  // namespace
}  // namespace skiff::cli
