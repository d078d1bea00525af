// SPDX-License-Identifier: Apache-2.0
// Carries a template out: walks its nodes with a stack of variables and a dot.
#include "cli/template.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/template_functions.hpp"
#include "cli/template_lexer.hpp"
#include "cli/template_tree.hpp"

namespace skiff::cli {
namespace {

using codec::Json;

// Nested ranges multiply, and a variable may double itself: far above what anybody's template needs.
constexpr size_t k_most_steps = 4'000'000, k_longest_text = 64 << 20;

enum class Flow { on, break_, continue_ };

class Renderer {
public:
    Renderer(const TemplateTree& tree, const Json& data, const std::vector<TemplateMethod>& methods) : tree_(tree), data_(data), methods_(methods) {}

    Result<std::string> whole() {
        TRY(walk(tree_.nodes, data_));
        return std::move(out_);
    }

private:
    struct Variable { std::string name; Json value; };

    Error fail(const Operand& operand, std::string_view why) const {
        const std::string_view before = std::string_view(tree_.source).substr(0, operand.at);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const size_t last_newline = before.rfind('\n');
        const size_t column = last_newline == std::string_view::npos ? before.size() : before.size() - last_newline - 1;
        return Error::invalid("template parsing error: template: :{}:{}: executing \"\" at <{}>: {}", line, column, operand.text, why);
    }

    Result<Flow> walk(const std::vector<Node>& nodes, const Json& dot) {
        for (const Node& node : nodes) {
            const Flow flow = TRY(walk_one(node, dot));
            if (flow != Flow::on) return flow;
        }
        return Flow::on;
    }

    Result<Flow> walk_one(const Node& node, const Json& dot) {
        if (++steps_ > k_most_steps) return Error::invalid("template parsing error: the template does not come to an end");
        switch (node.kind) {
            case Node::Kind::text: out_ += node.text; return Flow::on;
            case Node::Kind::break_: return Flow::break_;
            case Node::Kind::continue_: return Flow::continue_;
            case Node::Kind::action: {
                const Json value = TRY(evaluate(node.pipeline, dot));
                if (node.pipeline.declared.empty()) out_ += printed(value);
                else set_variable(node.pipeline, 0, value);
                return Flow::on;
            }
            default: break;
        }
        const size_t variables = variables_.size();
        const Json value = TRY(evaluate(node.pipeline, dot));
        const Flow flow = TRY(node.kind == Node::Kind::range ? walk_range(node, value, dot) : walk_branch(node, value, dot));
        variables_.resize(variables);
        return flow;
    }

    Result<Flow> walk_branch(const Node& node, const Json& value, const Json& dot) {
        if (!node.pipeline.declared.empty()) set_variable(node.pipeline, 0, value);
        if (!is_true(value)) return walk(node.otherwise, dot);
        return walk(node.body, node.kind == Node::Kind::with ? value : dot);
    }

    Result<Flow> walk_range(const Node& node, const Json& value, const Json& dot) {
        std::vector<std::pair<Json, const Json*>> items;
        if (value.is_array()) {
            uint64_t at = 0;
            for (const Json& element : value.elements()) items.emplace_back(Json(at++), &element);
        } else if (value.is_object()) {
            for (const auto& [name, member] : value.members()) items.emplace_back(Json(name), &member);
            std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first.string() < b.first.string(); });
        } else if (!value.is_null()) {
            return fail(node.pipeline.commands.front().front(), format("range can't iterate over {}", printed(value)));
        }
        if (items.empty()) return walk(node.otherwise, dot);

        const auto& declared = node.pipeline.declared;
        const size_t variables = variables_.size();
        for (const auto& [key, item] : items) {
            if (declared.size() == 2) set_variable(node.pipeline, 0, key);
            if (!declared.empty()) set_variable(node.pipeline, declared.size() - 1, *item);
            const Flow flow = TRY(walk(node.body, *item));
            if (flow == Flow::break_) break;
            variables_.resize(variables);
        }
        return Flow::on;
    }

    void set_variable(const Pipeline& pipeline, size_t which, const Json& value) {
        const std::string& name = pipeline.declared[which];
        if (!pipeline.assigns) {
            variables_.push_back({name, value});
            return;
        }
        for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable)
            if (variable->name == name) { variable->value = value; return; }
    }

    Result<Json> evaluate(const Pipeline& pipeline, const Json& dot) {
        const Json* piped = nullptr;
        Json value;
        for (const auto& command : pipeline.commands) {
            Json next = TRY(evaluate_command(command, dot, piped));
            value = std::move(next);
            piped = &value;
        }
        return value;
    }

    Result<Json> evaluate_command(const std::vector<Operand>& command, const Json& dot, const Json* piped) {
        const Operand& first = command.front();
        if (first.kind == Operand::Kind::function) {
            if (first.name == "and" || first.name == "or") return decide(command, dot, piped);
            const auto arguments = TRY(arguments_of(command, dot, piped));
            auto result = call_template_function(first.name, arguments);
            if (!result) return fail(first, result.error().text());
            if (result->is_string() && result->string().size() > k_longest_text) return fail(first, "the text grows too long");
            return take_fields(first, *result, first.fields.size());
        }
        const bool has_arguments = command.size() > 1 || piped != nullptr;
        if (!first.fields.empty() && (has_arguments || find_method(first.fields.back()))) {
            const auto arguments = TRY(arguments_of(command, dot, piped));
            const Json object = TRY(take_fields(first, TRY(base_of(first, dot)), first.fields.size() - 1));
            return call_method(first, object, arguments);
        }
        if (has_arguments) return fail(first, format("can't give argument to non-function {}", first.text));
        return value_of(first, dot);
    }

    /// and, or: the first argument that decides, or the last one.
    Result<Json> decide(const std::vector<Operand>& command, const Json& dot, const Json* piped) {
        const bool stops_at = command.front().name == "or";
        Json value;
        if (command.size() == 1 && !piped) return fail(command.front(), format("wrong number of args for {}: want at least 1 got 0", command.front().name));
        for (size_t i = 1; i < command.size(); ++i) {
            value = TRY(value_of(command[i], dot));
            if (is_true(value) == stops_at) return value;
        }
        return piped ? *piped : value;
    }

    Result<std::vector<Json>> arguments_of(const std::vector<Operand>& command, const Json& dot, const Json* piped) {
        std::vector<Json> arguments;
        for (size_t i = 1; i < command.size(); ++i) arguments.push_back(TRY(value_of(command[i], dot)));
        if (piped) arguments.push_back(*piped);
        return arguments;
    }

    Result<Json> value_of(const Operand& operand, const Json& dot) {
        if (operand.kind == Operand::Kind::nil) return Json();
        if (operand.kind == Operand::Kind::dot) return take_fields(operand, dot, operand.fields.size());
        if (operand.kind == Operand::Kind::function) {
            std::vector<Operand> alone(1);
            alone[0].kind = operand.kind, alone[0].name = operand.name, alone[0].at = operand.at, alone[0].text = operand.text;
            const Json value = TRY(evaluate_command(alone, dot, nullptr));
            return take_fields(operand, value, operand.fields.size());
        }
        return take_fields(operand, TRY(base_of(operand, dot)), operand.fields.size());
    }

    /// What the operand is before its fields are taken.
    Result<Json> base_of(const Operand& operand, const Json& dot) {
        switch (operand.kind) {
            case Operand::Kind::constant: return operand.constant;
            case Operand::Kind::pipeline: return evaluate(*operand.pipeline, dot);
            case Operand::Kind::variable: {
                if (operand.name == "$") return data_;
                for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable)
                    if (variable->name == operand.name) return variable->value;
                return fail(operand, format("undefined variable: {}", operand.name));
            }
            default: return dot;
        }
    }

    Result<Json> take_fields(const Operand& operand, const Json& from, size_t count) {
        const Json* value = &from;
        Json made;
        for (size_t i = 0; i < count; ++i) {
            const std::string& name = operand.fields[i];
            if (const TemplateMethod* method = find_method(name); method && value->is_object() && !value->find(name)) {
                Json next = TRY(call_method_on(operand, *method, *value, {}));
                made = std::move(next);
                value = &made;
                continue;
            }
            if (value->is_null()) return fail(operand, format("nil data; no entry for key {}", quoted(name)));
            if (!value->is_object()) return fail(operand, format("can't evaluate field {} in type {}", name, type_of(*value)));
            value = value->find(name);
            if (!value) return fail(operand, format("map has no entry for key {}", quoted(name)));
        }
        return *value;
    }

    const TemplateMethod* find_method(std::string_view name) const {
        for (const TemplateMethod& method : methods_)
            if (method.name == name) return &method;
        return nullptr;
    }

    Result<Json> call_method(const Operand& operand, const Json& object, const std::vector<Json>& arguments) {
        const std::string& name = operand.fields.back();
        if (const TemplateMethod* method = find_method(name)) return call_method_on(operand, *method, object, arguments);
        return fail(operand, format("{} is not a method but has arguments", name));
    }

    Result<Json> call_method_on(const Operand& operand, const TemplateMethod& method, const Json& object, const std::vector<Json>& arguments) {
        auto result = method.call(object, arguments);
        if (!result) return fail(operand, result.error().text());
        return result;
    }

    const TemplateTree& tree_;
    const Json& data_;
    const std::vector<TemplateMethod>& methods_;
    std::vector<Variable> variables_;
    size_t steps_ = 0;
    std::string out_;
};

}  // namespace

Template::Template(std::unique_ptr<TemplateTree> tree) : tree_(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view text) {
    auto tree = std::make_unique<TemplateTree>();
    tree->source = std::string(text);
    TRY(parse_template(*tree));
    return Template(std::move(tree));
}

Result<std::string> Template::render(const Json& data, const std::vector<TemplateMethod>& methods) const {
    return Renderer(*tree_, data, methods).whole();
}

}  // namespace skiff::cli
