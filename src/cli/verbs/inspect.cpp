// SPDX-License-Identifier: Apache-2.0
// skiff inspect, container inspect, image inspect: the same document, looked for in other places.
#include "base/text.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Takes = Option::Takes;

constexpr Option k_format = {'f', "format", Takes::value, "FORMAT", "json, or a template such as '{{.State.Status}}'", {}};
constexpr Option k_size = {'s', "size", Takes::nothing, {}, "With the sizes of containers", {}};
constexpr Option k_options[] = {k_format, k_size, {0, "type", Takes::value, "TYPE", "Only a container, or only an image", {}}};
constexpr Option k_container_options[] = {k_format, k_size};
constexpr Option k_image_options[] = {k_format};

enum class Type { any, container, image };

Result<Json> look_up(engine::Engine& engine, const std::string& name, Type type, bool size) {
    if (type == Type::image) return engine.inspect_image(name);
    auto container = engine.inspect_container(name, size);
    if (container || type == Type::container || !container.error().is(Kind::not_found)) return container;
    auto image = engine.inspect_image(name);
    if (!image && (image.error().is(Kind::not_found) || image.error().is(Kind::invalid))) return Error::not_found("no such object: {}", name);
    return image;
}

Result<int> inspect_as(Session& session, const Given& given, Type type) {
    engine::Engine engine = TRY(session.open_engine());
    const auto format = given.value("format");
    Json all = Json::array();
    int code = 0;
    for (const std::string& name : given.arguments()) {
        auto document = look_up(engine, name, type, given.flag("size"));
        if (!document) {
            session.complain(document.error());
            code = 1;
        } else if (format && *format != "json") {
            session.print(TRY(render_document(*document, *format)));
        } else {
            all.push_back(std::move(*document));
        }
    }
    if (!format) session.print_line(all.to_pretty_text("    "));
    else if (*format == "json") session.print_line(all.to_text());
    return code;
}

Result<int> inspect(Session& session, const Given& given) {
    const std::string type = given.value_or("type", "");
    if (type.empty()) return inspect_as(session, given, Type::any);
    if (type == "container") return inspect_as(session, given, Type::container);
    if (type == "image") return inspect_as(session, given, Type::image);
    return Error::invalid("--type {}: expected container or image", quoted(type));
}

Result<int> inspect_container(Session& session, const Given& given) { return inspect_as(session, given, Type::container); }
Result<int> inspect_image(Session& session, const Given& given) { return inspect_as(session, given, Type::image); }

}  // namespace

const Command k_inspect = {"inspect", "[OPTIONS] NAME…", "Show everything about containers or images, as JSON", {}, "skiff inspect web\nskiff inspect -f '{{.State.Pid}}' web", {k_options, {}, {}, false}, 1, k_any, inspect};
const Command k_container_inspect = {"container inspect", "[OPTIONS] CONTAINER…", "Show everything about containers, as JSON", {}, {}, {k_container_options, {}, {}, false}, 1, k_any, inspect_container};
const Command k_image_inspect = {"image inspect", "[OPTIONS] IMAGE…", "Show everything about images, as JSON", {}, {}, {k_image_options, {}, {}, false}, 1, k_any, inspect_image};

}  // namespace skiff::cli
