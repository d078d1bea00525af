// SPDX-License-Identifier: Apache-2.0
#include "cgroup/explanation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

TEST(Explanation, KnowsBothVersionsByName) {
    EXPECT_EQ(explain_file("memory.limit_in_bytes", false)->twin, "memory.max");
    EXPECT_EQ(explain_file("memory.max", true)->twin, "memory.limit_in_bytes");
    EXPECT_EQ(explain_file("cpu.max", true)->twin, "cpu.cfs_quota_us, cpu.cfs_period_us");
    EXPECT_FALSE(explain_file("memory.max", false));
    EXPECT_FALSE(explain_file("memory.limit_in_bytes", true));
    EXPECT_FALSE(explain_file("memory", true));
    EXPECT_FALSE(explain_file("", true));
}

TEST(Explanation, OfHugePagesNamesTheirSize) {
    const auto limit = explain_file("hugetlb.2MB.rsvd.limit_in_bytes", false);
    ASSERT_TRUE(limit);
    EXPECT_EQ(limit->twin, "hugetlb.2MB.rsvd.max");
    EXPECT_NE(limit->says.find("huge pages of 2MB"), std::string::npos) << limit->says;
    EXPECT_FALSE(explain_file("hugetlb.max", true));
}

void check_table(std::span<const ExplainedFile> table, std::span<const ExplainedFile> others) {
    std::set<std::string_view> names;
    for (const auto& [file, says, twins] : table) {
        EXPECT_TRUE(names.insert(file).second) << file << " is explained twice";
        EXPECT_GE(says.size(), 15u) << file;
        EXPECT_FALSE(says.ends_with('.')) << file;
        for (const std::string_view twin : split(twins, ',')) {
            const auto is_twin = [&](const ExplainedFile& other) { return other.file == trim(twin); };
            EXPECT_TRUE(std::any_of(others.begin(), others.end(), is_twin)) << file << " has the twin " << twin << ", which is not explained";
        }
    }
}

TEST(Explanation, EachFileStandsOnceAndItsTwinsAreExplainedToo) {
    check_table(files_of_v1(), files_of_v2());
    check_table(files_of_v2(), files_of_v1());
}

/// Of a tree's top and of whatever group is below it, for some files are not in the top.
TEST(Explanation, NoFileOfThisHostIsWithoutOne) {
    const auto found = probe_hierarchies();
    if (!found || found->trees.empty()) GTEST_SKIP() << "no control groups are mounted here";
    for (const Hierarchy& tree : found->trees) {
        std::vector<std::string> directories = {tree.mount_point};
        const auto names = kernel::list_directory(tree.mount_point);
        ASSERT_TRUE(names) << names.error().text();
        for (const std::string& name : *names)
            if (kernel::exists(tree.mount_point + "/" + name + "/cgroup.procs").value_or(false)) directories.push_back(tree.mount_point + "/" + name);
        for (const std::string& directory : directories) {
            for (const std::string& name : kernel::list_directory(directory).value_or(std::vector<std::string>())) {
                const bool is_group = kernel::exists(directory + "/" + name + "/cgroup.procs").value_or(false);
                EXPECT_TRUE(is_group || explain_file(name, tree.is_v2)) << directory << "/" << name;
            }
        }
    }
}

}  // namespace
}  // namespace skiff::cgroup
