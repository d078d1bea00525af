// SPDX-License-Identifier: Apache-2.0
#include "cli/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using codec::Json;

const Json& container() {
    static const Json document = codec::parse_json(R"({
        "Id": "4f2a", "Name": "/web", "Pid": 42, "Ratio": 1.5, "Big": 9007199254740993, "Nothing": null, "Empty": [], "On": true, "Off": false,
        "State": {"Status": "running", "Health": {"Log": [{"ExitCode": 0}, {"ExitCode": 3}]}},
        "Args": ["-c", "sleep 1"], "Labels": {"b": "2", "a": "1"}, "Ports": {"80/tcp": [{"HostPort": "8080"}]}})").value();
    return document;
}

/// The rendered text, or the error's sentence.
std::string render(std::string_view text) {
    const auto parsed = Template::parse(text);
    if (!parsed) return parsed.error().text();
    const auto rendered = parsed->render(container());
    return rendered ? *rendered : rendered.error().text();
}

struct Case { std::string_view text, made; };
class Rendering : public testing::TestWithParam<Case> {};
TEST_P(Rendering, IsGos) { EXPECT_EQ(render(GetParam().text), GetParam().made) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(Values, Rendering, testing::ValuesIn(std::vector<Case>{
    {"plain", "plain"},
    {"", ""},
    {"{{.Name}}", "/web"},
    {"{{ .State.Status }}!", "running!"},
    {"{{.Pid}} {{.Ratio}} {{.Big}} {{.On}}", "42 1.5 9007199254740993 true"},
    {"{{.Args}} {{.Labels}} {{.Nothing}}", "[-c sleep 1] map[a:1 b:2] <no value>"},
    {"{{json .Args}} {{json .Nothing}} {{json .Name}}", "[\"-c\",\"sleep 1\"] null \"/web\""},
    {"{{.State.Health | json}}", "{\"Log\":[{\"ExitCode\":0},{\"ExitCode\":3}]}"},
    {"{{(index .State.Health.Log 1).ExitCode}}", "3"},
    {"{{index .Labels \"a\"}}{{index .Labels \"none\"}}.", "1."},
    {"{{(index (index .Ports \"80/tcp\") 0).HostPort}} {{index .Args 0}}", "8080 -c"},
    {"{{5}} {{-3}} {{0x10}} {{\"a\\tb\"}} {{`raw\\n`}} {{'a'}} {{1.5e3}}", "5 -3 16 a\tb raw\\n 97 1500"}}));

INSTANTIATE_TEST_SUITE_P(Blocks, Rendering, testing::ValuesIn(std::vector<Case>{
    {"{{range .Args}}[{{.}}]{{end}}", "[-c][sleep 1]"},
    {"{{range $i, $a := .Args}}{{$i}}={{$a}} {{end}}", "0=-c 1=sleep 1 "},
    {"{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"},
    {"{{range .Empty}}x{{else}}none{{end}}{{range .Nothing}}x{{else}}, none{{end}}", "none, none"},
    {"{{range .Args}}{{$.Name}}{{.}}{{break}}{{end}}", "/web-c"},
    {"{{range $i, $_ := .Args}}{{if eq $i 0}}{{continue}}{{end}}{{$i}}{{end}}", "1"},
    {"{{if .On}}yes{{else}}no{{end}} {{if .Off}}yes{{else}}no{{end}} {{if .Empty}}x{{end}}", "yes no "},
    {"{{if .Off}}a{{else if eq .Pid 42}}b{{else}}c{{end}}", "b"},
    {"{{if .Off}}a{{else if .Nothing}}b{{else if .Empty}}c{{else}}d{{end}}", "d"},
    {"{{with .State}}{{.Status}}{{end}}{{with .Nothing}}x{{else}}{{.Pid}}{{end}}", "running42"},
    {"{{with $s := .State.Status}}{{$s}}{{end}}", "running"},
    {"{{$x := 1}}{{if .On}}{{$x = 2}}{{end}}{{$x}}", "2"},
    {"{{$x := 1}}{{if .On}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
    {"a {{- .Pid -}} b", "a42b"},
    {"a\n{{- /* no word */ -}}\nb{{/* gone */}}", "ab"}}));

INSTANTIATE_TEST_SUITE_P(Functions, Rendering, testing::ValuesIn(std::vector<Case>{
    {"{{join .Args \" \"}}|{{join (split \"a/b/c\" \"/\") \",\"}}", "-c sleep 1|a,b,c"},
    {"{{lower \"ABc\"}} {{upper .State.Status}} {{title \"two words\"}}", "abc RUNNING Two Words"},
    {"[{{pad \"x\" 2 3}}] [{{truncate \"abcdef\" 3}}] [{{truncate .Name 30}}]", "[  x   ] [abc] [/web]"},
    {"{{print 1 2 \"a\" \"b\" 3}}|{{println .Pid \"x\"}}", "1 2ab3|42 x\n"},
    {"{{len .Args}}{{len .Name}}{{len .Labels}}{{len .Nothing}}", "2420"},
    {"{{eq .Pid 42}} {{eq .Name \"a\" \"/web\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 1}} {{ge \"b\" \"a\"}}", "true true true true true true true"},
    {"{{and .On .Pid}} {{and .Off .NoSuchField}} {{or .Off .Name}} {{not .On}}", "42 false /web false"},
    {"{{.Name | upper | printf \"%s-%s\" \"a\"}}", "a-/WEB"},
    {"{{slice .Name 1}} {{slice .Name 1 3}}", "web we"},
    {"{{printf \"%-6s|%6s|%.2s\" \"ab\" \"cd\" \"efg\"}}", "ab    |    cd|ef"},
    {"{{printf \"%d %05d %+d %x %X %q %v %t %%\" 7 42 5 255 255 \"a\\\"b\" .Labels .On}}", "7 00042 +5 ff FF \"a\\\"b\" map[a:1 b:2] true %"},
    {"{{printf \"%.2f %x\" .Ratio \"hi\"}}", "1.50 6869"},
    {"{{printf \"%d\" \"x\"}} {{printf \"%s\"}} {{printf \"a\" 1}}", "%!d(string=x) %!s(MISSING) a%!(EXTRA int=1)"}}));

INSTANTIATE_TEST_SUITE_P(Errors, Rendering, testing::ValuesIn(std::vector<Case>{
    {"{{.Foo}}", "template parsing error: template: :1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\""},
    {"a\n  {{.State.Foo}}", "template parsing error: template: :2:4: executing \"\" at <.State.Foo>: map has no entry for key \"Foo\""},
    {"{{.Name.First}}", "template parsing error: template: :1:2: executing \"\" at <.Name.First>: can't evaluate field First in type string"},
    {"{{.Name", "template parsing error: template: :1: unclosed action"},
    {"{{}}", "template parsing error: template: :1: missing value for command"},
    {"{{nope .Name}}", "template parsing error: template: :1: function \"nope\" not defined"},
    {"{{if .On}}x", "template parsing error: template: :1: unexpected EOF"},
    {"{{end}}", "template parsing error: template: :1: unexpected {{end}}"},
    {"{{$x}}", "template parsing error: template: :1: undefined variable \"$x\""},
    {"{{range .Args}}{{$x := .}}{{end}}{{$x}}", "template parsing error: template: :1: undefined variable \"$x\""},
    {"{{(.Name}}", "template parsing error: template: :1: unclosed left paren"},
    {"{{\"a}}", "template parsing error: template: :1: unterminated quoted string"},
    {"{{.Name | 5}}", "template parsing error: template: :1: non executable command in pipeline stage 2"},
    {"{{template \"x\"}}", "template parsing error: template: :1: template is not supported in --format"},
    {"{{break}}", "template parsing error: template: :1: {{break}} outside {{range}}"},
    {"{{/* x }}", "template parsing error: template: :1: unclosed comment"},
    {"{{.Name 5}}", "template parsing error: template: :1:2: executing \"\" at <.Name>: Name is not a method but has arguments"},
    {"{{range .Pid}}{{end}}", "template parsing error: template: :1:8: executing \"\" at <.Pid>: range can't iterate over 42"},
    {"{{len .Pid}}", "template parsing error: template: :1:2: executing \"\" at <len>: error calling len: len of type int"},
    {"{{index .Args 7}}", "template parsing error: template: :1:2: executing \"\" at <index>: error calling index: index out of range: 7"},
    {"{{eq .Pid .Name}}", "template parsing error: template: :1:2: executing \"\" at <eq>: error calling eq: incompatible types for comparison"},
    {"{{lower .Pid}}", "template parsing error: template: :1:2: executing \"\" at <lower>: lower: wrong type for value; expected string; got int"},
    {"{{upper}}", "template parsing error: template: :1:2: executing \"\" at <upper>: wrong number of args for upper: want 1 got 0"}}));

TEST(Template, AMethodSeesTheObjectAndItsArguments) {
    const std::vector<TemplateMethod> methods = {{"Label", [](const Json& object, const std::vector<Json>& arguments) -> Result<Json> {
        const Json* found = object.find("Labels")->find(arguments.at(0).string());
        return found ? *found : Json("");
    }}};
    EXPECT_EQ(Template::parse("{{.Label \"a\"}}{{.Label \"x\"}}{{\"b\" | .Label}}")->render(container(), methods).value(), "12");
}

TEST(Template, NestingHasAnEnd) {
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "{{if .On}}";
    EXPECT_THAT(render(deep), testing::HasSubstr("exceeded max nesting depth"));
    EXPECT_THAT(render("{{" + std::string(5000, '(') + "}}"), testing::HasSubstr("exceeded max nesting depth"));
    std::string chain = "{{if .Off}}";
    for (int i = 0; i < 5000; ++i) chain += "{{else if .Off}}";
    EXPECT_THAT(render(chain), testing::HasSubstr("exceeded max nesting depth"));
}

}  // namespace
}  // namespace skiff::cli
