// SPDX-License-Identifier: Apache-2.0
// The bash completion: options and commands from the tables, names of containers and images from skiff itself.
#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/help.hpp"

namespace skiff::cli {
namespace {

std::string option_words(const OptionTable& table) {
    std::string words = "--help";
    for (const Option* option : table.all()) {
        words += format(" --{}", option->name);
        if (option->letter) words += format(" -{}", option->letter);
    }
    return words;
}

/// Options whose value is another word, so that it is not taken for an argument.
std::string valued_options(const OptionTable& table) {
    std::string patterns;
    for (const Option* option : table.all()) {
        if (option->takes == Option::Takes::nothing) continue;
        patterns += format("{}--{}", patterns.empty() ? "" : "|", option->name);
        if (option->letter) patterns += format("|-{}", option->letter);
    }
    return patterns;
}

std::string names_of(std::string_view group) {
    std::string names;
    for (const Route& route : routes())
        if (route.group == group && route.shown != Route::Shown::no) names += format("{}{}", names.empty() ? "" : " ", route.name);
    return names;
}

/// The words that have commands of their own behind them.
std::vector<std::string> groups() {
    std::vector<std::string> names;
    for (const Route& route : routes())
        if (!route.group.empty() && (names.empty() || names.back() != route.group)) names.emplace_back(route.group);
    return names;
}

std::string group_cases() {
    std::string text;
    for (const std::string& group : groups())
        text += format("        {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n", group, names_of(group));
    return text;
}

std::string_view argument_kind(const Command& command) {
    const bool has_container = command.arguments.find("CONTAINER") != std::string_view::npos;
    if (command.arguments.find("NETWORK") != std::string_view::npos) return has_container ? "networks-containers" : "networks";
    if (has_container) return "containers";
    if (command.arguments.find("IMAGE") != std::string_view::npos) return "images";
    if (command.arguments.find("NAME…") != std::string_view::npos) return "both";
    return "files";
}

/// Whether a person may type it: shown, or another name of what is shown (`container list`). The rest only skiff itself calls.
bool for_people(const Route& route) {
    return std::ranges::any_of(routes(), [&](const Route& other) { return other.command == route.command && other.shown != Route::Shown::no; });
}

std::string cases() {
    std::string text;
    for (const Route& route : routes()) {
        if (!for_people(route)) continue;
        const std::string words = route.group.empty() ? std::string(route.name) : format("{} {}", route.group, route.name);
        const Command& command = *route.command;
        text += format("        '{}') options='{}' valued='{}' kind={} ;;\n", words, option_words(command.options), valued_options(command.options), argument_kind(command));
    }
    return text;
}

}  // namespace

std::string bash_completion() {
    return "# bash completion for skiff: source <(skiff completion bash)\n"
           "_skiff() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local command= options= valued= kind= globals=() i=1 word\n"
           "    COMPREPLY=()\n"
           "    while ((i < COMP_CWORD)); do\n"
           "        word=${COMP_WORDS[i]}\n"
           "        case $word in\n"
           "            --root|--runroot) globals+=(\"$word\" \"${COMP_WORDS[i+1]}\"); ((i += 2)); continue ;;\n"
           "            --log-level|-l) ((i += 2)); continue ;;\n"
           "            -*) ((i += 1)); continue ;;\n"
           "            " + join(groups(), "|") + ") command=\"$word ${COMP_WORDS[i+1]}\"; ((i += 2)); ((i > COMP_CWORD)) && command=$word; break ;;\n"
           "            *) command=$word; ((i += 1)); break ;;\n"
           "        esac\n"
           "    done\n"
           "    case $command in\n"
           "        '') mapfile -t COMPREPLY < <(compgen -W '" + names_of("") + " " + join(groups(), " ") + " " + option_words(global_options()) + "' -- \"$current\"); return ;;\n" +
           group_cases() +
           cases() +
           "        *) return ;;\n"
           "    esac\n"
           "    if [[ $current == -* ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
           "        return\n"
           "    fi\n"
           "    if [[ -n $valued && $previous =~ ^($valued)$ ]]; then kind=files; fi\n"
           "    local names=\n"
           "    [[ $kind == *networks* ]] && names+=\" $(skiff \"${globals[@]}\" network ls --format '{{.Name}}' 2>/dev/null)\"\n"
           "    [[ $kind == *containers || $kind == both ]] && names+=\" $(skiff \"${globals[@]}\" ps -a --format '{{.Names}}' 2>/dev/null)\"\n"
           "    [[ $kind == images || $kind == both ]] && names+=\" $(skiff \"${globals[@]}\" images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)\"\n"
           "    if [[ -n $names ]]; then mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\")\n"
           "    else mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); fi\n"
           "}\n"
           "complete -o filenames -o bashdefault -F _skiff skiff\n";
}

}  // namespace skiff::cli
