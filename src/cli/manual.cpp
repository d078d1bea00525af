// SPDX-License-Identifier: Apache-2.0
// man(7) pages from the option tables.
#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/help.hpp"

namespace skiff::cli {
namespace {

/// Text for roff: backslashes and hyphens escaped, and no line that begins like a request.
std::string escaped(std::string_view text) {
    constexpr std::string_view dots = "…";
    std::string made;
    bool starts = true;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (text.substr(i).starts_with(dots)) {  // troff reads bytes
            made += "...";
            i += dots.size() - 1;
            continue;
        }
        if (starts && (c == '.' || c == '\'')) made += "\\&";
        if (c == '\\') made += "\\e";
        else if (c == '-') made += "\\-";
        else made += c;
        starts = c == '\n';
    }
    return made;
}

std::string options_section(const OptionTable& table) {
    std::string text;
    for (const Option* option : table.all()) {
        std::string names = option->letter ? format("-{}, --{}", option->letter, option->name) : format("--{}", option->name);
        text += format(".TP\n\\fB{}\\fR", escaped(names));
        if (option->takes != Option::Takes::nothing) text += format(" \\fI{}\\fR", escaped(option->shape));
        text += format("\n{}.{}\n", escaped(option->help), option->takes == Option::Takes::values ? " May be given several times." : "");
    }
    return text.empty() ? text : ".SH OPTIONS\n" + text;
}

std::string heading(std::string_view title, std::string_view name, std::string_view summary) {
    return format(".TH \"{}\" 1 \"\" \"skiff " SKIFF_VERSION "\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", title, escaped(name), escaped(summary));
}

std::string skiff_page() {
    std::string text = heading("SKIFF", "skiff", "a container engine without a daemon");
    text += ".SH SYNOPSIS\n\\fBskiff\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n.SH DESCRIPTION\nCommands, options and outputs are Docker's.\n";
    text += options_section(global_options());
    text += ".SH COMMANDS\n";
    for (const Route& route : routes())
        if (route.group.empty()) text += format(".TP\n\\fBskiff\\-{}\\fR(1)\n{}.\n", escaped(route.name), escaped(route.command->summary));
    return text + ".SH FILES\n.TP\n/var/lib/skiff\nImages and containers.\n.TP\n/run/skiff\nWhat belongs to running containers.\n";
}

}  // namespace

std::string manual_name(const Command& command) {
    std::string made = format("skiff-{}", command.name);
    for (char& c : made)
        if (c == ' ') c = '-';
    return made;
}

std::string manual_page(const Command* command) {
    if (!command) return skiff_page();
    const std::string name = manual_name(*command);
    std::string text = heading("SKIFF" + name.substr(5), name, command->summary);
    text += format(".SH SYNOPSIS\n\\fBskiff {}\\fR {}\n", escaped(command->name), escaped(command->arguments));
    if (!command->details.empty()) text += format(".SH DESCRIPTION\n{}\n", escaped(command->details));
    text += options_section(command->options);
    if (!command->examples.empty()) text += format(".SH EXAMPLES\n.nf\n{}\n.fi\n", escaped(command->examples));
    return text + ".SH SEE ALSO\n\\fBskiff\\fR(1)\n";
}

}  // namespace skiff::cli
