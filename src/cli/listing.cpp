// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.hpp"

#include "base/text.hpp"
#include "cli/table.hpp"

namespace skiff::cli {
namespace {

using codec::Json;

/// Docker takes \t and \n for what they stand for: the shell's quotes leave them as two characters.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
        const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
        if (next == 't' || next == 'n') {
            plain += next == 't' ? '\t' : '\n';
            ++i;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

Result<std::string> as_table(const Listing& listing, std::string_view text) {
    const auto row_template = TRY(Template::parse(text));
    Json header = Json::object();
    for (const Column& column : listing.columns) header.set(std::string(column.field), column.header);
    std::vector<TemplateMethod> header_methods = listing.methods;
    for (TemplateMethod& method : header_methods)
        method.call = [](const Json&, const std::vector<Json>& arguments) -> Result<Json> { return arguments.empty() ? Json("") : arguments[0]; };

    std::vector<std::string> rows;
    rows.push_back(TRY(row_template.render(header, header_methods)));
    for (const Json& row : listing.rows) rows.push_back(TRY(row_template.render(row, listing.methods)));
    return lay_out(rows);
}

}  // namespace

Result<std::string> render_listing(const Listing& listing, const std::optional<std::string>& format) {
    if (!format || format->empty() || *format == "table") return as_table(listing, listing.table);
    if (format->starts_with("table ")) return as_table(listing, unescaped(trim(std::string_view(*format).substr(6))));

    std::string all;
    if (*format == "json") {
        for (const Json& row : listing.rows) (all += row.to_text()) += '\n';
        return all;
    }
    const auto row_template = TRY(Template::parse(unescaped(*format)));
    for (const Json& row : listing.rows) {
        all += TRY(row_template.render(row, listing.methods));
        all += '\n';
    }
    return all;
}

Result<std::string> render_document(const Json& document, const std::string& format) {
    if (format == "json") return document.to_text() + "\n";
    const auto parsed = TRY(Template::parse(unescaped(format)));
    return TRY(parsed.render(document)) + "\n";
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
    std::string text;
    for (const auto& [name, value] : labels) text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

TemplateMethod label_method() {
    TemplateMethod method;
    method.name = "Label";
    method.call = [](const Json& row, const std::vector<Json>& arguments) -> Result<Json> {
        if (arguments.size() != 1 || !arguments[0].is_string()) return Error::invalid("wrong number of args for Label: want 1 got {}", arguments.size());
        const Json* labels = row.find("Labels");
        if (!labels || !labels->is_string()) return Json("");
        for (const std::string_view label : split(labels->string(), ',')) {
            const auto [name, value] = split_once(label, '=');
            if (name == arguments[0].string()) return Json(value.value_or(""));
        }
        return Json("");
    };
    return method;
}

}  // namespace skiff::cli
