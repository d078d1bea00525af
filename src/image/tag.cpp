// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "codec/event.hpp"
#include "database/event_rows.hpp"
#include "image/names.hpp"
#include "image/store.hpp"

namespace skiff::image {

Result<oci::Reference> parse_new_name(const std::string& text) {
    auto reference = TRY(oci::Reference::parse(text));
    if (reference.digest()) return Error::invalid("an image cannot be given a name with a digest: {}", text);
    return reference;
}

Result<> give_name(database::Database& database, const oci::Reference& reference, const std::string& image_id) {
    return database.run("INSERT OR REPLACE INTO image_names (reference, image) VALUES (?, ?)", {reference.string(), image_id});
}

Result<> note_image_event(database::Database& database, const std::string& action, const std::string& image_id, const std::string& name) {
    codec::Event event{.at_ns = wall_ns(), .type = "image", .action = action, .id = image_id, .attributes = {}, .key = {}};
    event.attributes["name"] = name.empty() ? image_id : name;  // as docker
    return database::note_event(database, codec::to_line(event));
}

Result<> ImageStore::tag(const std::string& source, const std::string& target) {
    const auto reference = TRY(parse_new_name(target));
    auto transaction = TRY(database::Transaction::begin(*database_, database::Promise::survives_power_cut));
    const Image image = TRY(find(source));
    TRY(give_name(*database_, reference, image.id));
    TRY(note_image_event(*database_, "tag", image.id, reference.familiar()));
    return transaction.commit();
}

}  // namespace skiff::image
