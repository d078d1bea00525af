// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.hpp"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using codec::Json;

Listing two_containers() {
    Listing listing;
    listing.columns = {{"ID", "CONTAINER ID"}, {"Names", "NAMES"}, {"Labels", "LABELS"}};
    listing.table = "{{.ID}}\t{{.Names}}";
    listing.rows = {Json::object({{"ID", "4f2a"}, {"Names", "web"}, {"Labels", "tier=front,x="}}), Json::object({{"ID", "77"}, {"Names", "db"}, {"Labels", ""}})};
    listing.methods = {label_method()};
    return listing;
}

TEST(Listing, IsATableByDefault) {
    const std::string table = "CONTAINER ID   NAMES\n4f2a           web\n77             db\n";
    EXPECT_EQ(render_listing(two_containers(), std::nullopt).value(), table);
    EXPECT_EQ(render_listing(two_containers(), "table").value(), table);
}

TEST(Listing, TablesOfOnesOwnHaveTheirHeaders) {
    EXPECT_EQ(render_listing(two_containers(), "table {{.Names}}\\t{{.Label \"tier\"}}").value(), "NAMES     tier\nweb       front\ndb        \n");
}

TEST(Listing, OtherFormatsHaveNone) {
    EXPECT_EQ(render_listing(two_containers(), "{{.Names}}\\n-").value(), "web\n-\ndb\n-\n");
    EXPECT_EQ(render_listing(two_containers(), "json").value(),
              "{\"ID\":\"4f2a\",\"Names\":\"web\",\"Labels\":\"tier=front,x=\"}\n{\"ID\":\"77\",\"Names\":\"db\",\"Labels\":\"\"}\n");
    EXPECT_FALSE(render_listing(two_containers(), "{{.Nmaes}}"));
}

}  // namespace
}  // namespace skiff::cli
