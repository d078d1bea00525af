// SPDX-License-Identifier: Apache-2.0
// Tokens → tree: actions, blocks, pipelines (Go: text/template/parse/parse.go is the reference).
#include <algorithm>
#include <charconv>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/template_lexer.hpp"
#include "cli/template_tree.hpp"

namespace skiff::cli {
namespace {

using Kind = TemplateToken::Kind;
using codec::Json;

constexpr int k_deepest = 100;  // blocks and parentheses; a person's template has three

class Parser {
public:
    Parser(std::string_view source, std::vector<TemplateToken> tokens) : source_(source), tokens_(std::move(tokens)) {}

    Result<std::vector<Node>> whole() {
        auto nodes = TRY(block());
        if (ended_by_ == "end" || ended_by_ == "else") return fail(format("unexpected {{{{{}}}}}", ended_by_));
        return nodes;
    }

private:
    const TemplateToken& now() const { return tokens_[next_]; }
    const TemplateToken& ahead(size_t by) const { return tokens_[std::min(next_ + by, tokens_.size() - 1)]; }
    void advance() { if (next_ + 1 < tokens_.size()) ++next_; }
    bool is_word(std::string_view word) const { return now().kind == Kind::identifier && now().text == word; }
    Error fail(std::string_view what) const { return template_error(source_, now().at, what); }
    Error unexpected(std::string_view where) const {
        if (now().kind == Kind::end) return fail(format("unexpected EOF in {}", where));
        if (now().kind == Kind::close) return fail(format("missing value for {}", where));
        return fail(format("unexpected <{}> in {}", now().text, where));
    }

    /// Nodes until {{end}}, {{else…}} (left standing behind the word) or the end of the text.
    Result<std::vector<Node>> block() {
        if (++depth_ > k_deepest) return fail("exceeded max nesting depth");
        std::vector<Node> nodes;
        ended_by_ = {};
        while (now().kind != Kind::end) {
            if (now().kind == Kind::text) {
                Node node;
                node.text = std::string(now().text);
                nodes.push_back(std::move(node));
                advance();
                continue;
            }
            advance();  // {{
            if (is_word("end") || is_word("else")) {
                ended_by_ = now().text;
                advance();
                break;
            }
            nodes.push_back(TRY(action()));
        }
        --depth_;
        return nodes;
    }

    Result<> close(std::string_view where) {
        if (now().kind != Kind::close) return unexpected(where);
        advance();
        return {};
    }

    Result<Node> action() {
        if (is_word("if")) return control(Node::Kind::if_, "if");
        if (is_word("range")) return control(Node::Kind::range, "range");
        if (is_word("with")) return control(Node::Kind::with, "with");
        if (is_word("break") || is_word("continue")) return jump();
        for (const std::string_view word : {"define", "template", "block"})
            if (is_word(word)) return fail(format("{} is not supported in --format", word));
        Node node;
        node.kind = Node::Kind::action;
        node.pipeline = TRY(pipeline("command", 1));
        TRY(close("command"));
        return node;
    }

    Result<Node> jump() {
        Node node;
        node.kind = is_word("break") ? Node::Kind::break_ : Node::Kind::continue_;
        const std::string word(now().text);
        if (ranges_ == 0) return fail(format("{{{{{}}}}} outside {{{{range}}}}", word));
        advance();
        TRY(close(word));
        return node;
    }

    Result<Node> control(Node::Kind kind, std::string_view word) {
        const size_t variables = variables_.size();
        advance();
        Node node;
        node.kind = kind;
        node.pipeline = TRY(pipeline(word, kind == Node::Kind::range ? 2 : 1));
        TRY(close(word));

        ranges_ += kind == Node::Kind::range;
        node.body = TRY(block());
        ranges_ -= kind == Node::Kind::range;
        if (ended_by_ == "else") {
            if (kind != Node::Kind::range && is_word(word)) {  // {{else if x}} is {{else}}{{if x}}…{{end}} with one end
                if (++depth_ > k_deepest) return fail("exceeded max nesting depth");
                node.otherwise.push_back(TRY(control(kind, word)));
                --depth_;
                variables_.resize(variables);
                return node;
            }
            TRY(close("else"));
            node.otherwise = TRY(block());
        }
        if (ended_by_.empty()) return fail("unexpected EOF");
        if (ended_by_ == "else") return fail(format("expected end; found {{{{else}}}}"));
        TRY(close("end"));
        ended_by_ = {};
        variables_.resize(variables);
        return node;
    }

    /// [$a[, $b] := | $a =] command {| command}
    Result<Pipeline> pipeline(std::string_view where, size_t declarations) {
        if (++depth_ > k_deepest) return fail("exceeded max nesting depth");
        Pipeline made;
        if (now().kind == Kind::variable && (ahead(1).kind == Kind::declare || ahead(1).kind == Kind::assign)) {
            made.declared.emplace_back(now().text);
            advance();
        } else if (declarations == 2 && now().kind == Kind::variable && ahead(1).kind == Kind::comma && ahead(2).kind == Kind::variable) {
            made.declared.emplace_back(now().text);
            made.declared.emplace_back(ahead(2).text);
            advance(), advance(), advance();
            if (now().kind != Kind::declare && now().kind != Kind::assign) return unexpected("range");
        }
        std::vector<std::string> born;
        if (!made.declared.empty()) {
            made.assigns = now().kind == Kind::assign;
            for (const std::string& name : made.declared)
                if (made.assigns) TRY(check_variable(name));
                else born.push_back(name);
            advance();
        }

        while (true) {
            made.commands.push_back(TRY(command(where)));
            if (now().kind != Kind::pipe) break;
            advance();
            if (now().kind == Kind::close || now().kind == Kind::right) return fail(format("missing value for {}", where));
        }
        for (size_t i = 1; i < made.commands.size(); ++i) {
            const Operand::Kind first = made.commands[i].front().kind;
            if (first == Operand::Kind::constant || first == Operand::Kind::nil)
                return fail(format("non executable command in pipeline stage {}", i + 1));
        }
        variables_.insert(variables_.end(), born.begin(), born.end());
        --depth_;
        return made;
    }

    Result<std::vector<Operand>> command(std::string_view where) {
        std::vector<Operand> operands;
        while (now().kind != Kind::pipe && now().kind != Kind::close && now().kind != Kind::right) {
            if (!operands.empty() && !now().after_blank) return unexpected("operand");
            operands.push_back(TRY(operand(where)));
        }
        if (operands.empty()) return unexpected(where);
        return operands;
    }

    Result<Operand> operand(std::string_view where) {
        Operand made;
        made.at = now().at;
        const size_t start = now().at;
        switch (now().kind) {
            case Kind::dot: advance(); break;
            case Kind::field: made.fields.emplace_back(now().text); advance(); break;
            case Kind::variable:
                made.kind = Operand::Kind::variable;
                made.name = std::string(now().text);
                TRY(check_variable(made.name));
                advance();
                break;
            case Kind::string: made.kind = Operand::Kind::constant; made.constant = Json(now().value); advance(); break;
            case Kind::number: made.kind = Operand::Kind::constant; made.constant = TRY(number()); advance(); break;
            case Kind::identifier: TRY(word(made)); break;
            case Kind::left: {
                advance();
                made.kind = Operand::Kind::pipeline;
                made.pipeline = std::make_unique<Pipeline>(TRY(pipeline("parenthesized pipeline", 1)));
                if (now().kind != Kind::right) return fail("unclosed left paren");
                advance();
                break;
            }
            default: return unexpected(where);
        }
        while (now().kind == Kind::field && !now().after_blank) {
            if (made.kind == Operand::Kind::constant || made.kind == Operand::Kind::nil)
                return fail(format("unexpected . after term {}", quoted(source_.substr(start, now().at - start))));
            made.fields.emplace_back(now().text);
            advance();
        }
        const size_t end = now().at;
        made.text = trim(source_.substr(start, end - start));
        return made;
    }

    Result<> word(Operand& made) {
        const std::string_view text = now().text;
        if (text == "true" || text == "false") made.kind = Operand::Kind::constant, made.constant = Json(text == "true");
        else if (text == "nil") made.kind = Operand::Kind::nil;
        else if (is_template_function(text)) made.kind = Operand::Kind::function, made.name = std::string(text);
        else return fail(format("function {} not defined", quoted(text)));
        advance();
        return {};
    }

    Result<Json> number() {
        std::string_view text = now().value;
        if (text.starts_with('+')) text.remove_prefix(1);
        if (const auto whole = parse_int(text)) return Json(*whole);
        if (text.starts_with("0x")) {
            if (const auto hexadecimal = parse_uint(text.substr(2), 16)) return Json(*hexadecimal);
        }
        double fraction = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), fraction);
        if (failure != std::errc() || end != text.data() + text.size()) return fail(format("bad number syntax: {}", quoted(now().text)));
        return Json(fraction);
    }

    Result<> check_variable(const std::string& name) {
        if (name == "$" || std::find(variables_.begin(), variables_.end(), name) != variables_.end()) return {};
        return fail(format("undefined variable {}", quoted(name)));
    }

    std::string_view source_;
    std::vector<TemplateToken> tokens_;
    size_t next_ = 0;
    int depth_ = 0, ranges_ = 0;
    std::string ended_by_;
    std::vector<std::string> variables_;
};

}  // namespace

Result<> parse_template(TemplateTree& tree) {
    auto tokens = TRY(lex_template(tree.source));
    Parser parser(tree.source, std::move(tokens));
    tree.nodes = TRY(parser.whole());
    return {};
}

}  // namespace skiff::cli
