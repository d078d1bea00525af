// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/template.hpp"
#include "codec/json.hpp"

namespace skiff::cli {

/// A field of a listing and what stands above it in a table.
struct Column { std::string_view field, header; };

/// What --format is applied to, row by row.
struct Listing {
    std::vector<Column> columns;                 ///< every field that a row has
    std::string table;                           ///< the fields of the plain table: "{{.ID}}\t{{.Names}}"
    std::vector<codec::Json> rows;
    std::vector<TemplateMethod> methods;         ///< {{.Label "x"}}
};

/// `format` as typed: absent or "table" for the plain table, "table …" for a table of one's own, "json" for a line of
/// JSON each, otherwise a template each. Error (invalid): the template's.
Result<std::string> render_listing(const Listing& listing, const std::optional<std::string>& format);

/// The value of --format for one document (inspect, version, info): "json" or a template; ends with a newline.
Result<std::string> render_document(const codec::Json& document, const std::string& format);

/// "a=1,b=2", as ps and images show labels.
std::string labels_text(const std::map<std::string, std::string>& labels);
/// The method {{.Label "name"}} for rows whose member "Labels" is such a text.
TemplateMethod label_method();

}  // namespace skiff::cli
