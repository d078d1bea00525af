// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/json.hpp"

/// The part of Go's text/template that docker's --format takes, over JSON values.
namespace skiff::cli {

/// What `.Name argument…` does on an object, where it is more than a member: {{.Label "maintainer"}}.
struct TemplateMethod {
    std::string name;
    std::function<Result<codec::Json>(const codec::Json& object, const std::vector<codec::Json>& arguments)> call;
};

struct TemplateTree;

/// A parsed template: fields, pipes, functions, variables, if/else, range, with, trim markers and comments.
/// define, template and block are refused by name.
class Template {
public:
    /// Error (invalid), in docker's words: "template parsing error: template: :1: unclosed action".
    static Result<Template> parse(std::string_view text);
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

    /// What it makes of `data`. Error (invalid): `template parsing error: template: :1:2: executing "" at <.Foo>:
    /// map has no entry for key "Foo"`.
    Result<std::string> render(const codec::Json& data, const std::vector<TemplateMethod>& methods = {}) const;

private:
    explicit Template(std::unique_ptr<TemplateTree> tree);
    std::unique_ptr<TemplateTree> tree_;
};

}  // namespace skiff::cli
