// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace skiff::cli {

/// One piece of a template. Text outside of {{ }} is a token too.
struct TemplateToken {
    enum class Kind { text, open, close, identifier, field, dot, variable, number, string, pipe, left, right, declare, assign, comma, end };
    Kind kind = Kind::end;
    std::string_view text;     ///< as written (for `text`: with the trim markers applied)
    std::string value;         ///< string: unescaped; number: its digits, or a character constant's code
    size_t at = 0;             ///< offset in the template
    bool after_blank = false;
};

/// Takes a template apart. The tokens point into `source`; the last one is `end`. Comments are dropped.
Result<std::vector<TemplateToken>> lex_template(std::string_view source);

/// The error "template parsing error: template: :LINE: …" at an offset.
Error template_error(std::string_view source, size_t at, std::string_view what);

}  // namespace skiff::cli
