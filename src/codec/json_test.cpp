// SPDX-License-Identifier: Apache-2.0
#include "codec/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::codec {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view text, JsonLimits limits = {}) {
    const auto parsed = parse_json(text, limits);
    return parsed ? "accepted: " + parsed->to_text() : parsed.error().text();
}

std::string rewritten(std::string_view text) {
    const auto parsed = parse_json(text);
    return parsed ? parsed->to_text() : parsed.error().text();
}

TEST(Json, ReadsAndWritesEveryKindOfValueInOrder) {
    const std::string text = R"({"z":null,"a":[true,false,-1,18446744073709551615,1.5,"x"],"m":{"empty":{},"none":[]}})";
    EXPECT_EQ(rewritten(text), text);
}

TEST(Json, KeepsWholeNumbersWhole) {
    EXPECT_EQ(rewritten("[9007199254740993,-9223372036854775808,9223372036854775807,0,-0]"),
              "[9007199254740993,-9223372036854775808,9223372036854775807,0,0]");
    EXPECT_FALSE(parse_json("1.0")->to_int64());
    EXPECT_FALSE(parse_json("-1")->to_uint64());
    EXPECT_FALSE(parse_json("18446744073709551615")->to_int64());
    EXPECT_FALSE(parse_json("\"7\"")->to_int64());
}

TEST(Json, WritesFractionsAsGoDoes) {
    EXPECT_EQ(rewritten("[0.5,1e3,1e21,1e-7,123456789.125,1.5e-10]"), "[0.5,1000,1e+21,1e-7,123456789.125,1.5e-10]");
}

TEST(Json, ReadsFractionsExactly) {
    EXPECT_EQ(rewritten("[0.1,1.7976931348623157e308,2.2250738585072011e-308,123456789012345678901234567890,5e-324,1e-999,-0.0,0.30000000000000004]"),
              "[0.1,1.7976931348623157e+308,2.225073858507201e-308,1.2345678901234568e+29,5e-324,0,0,0.30000000000000004]");
    EXPECT_EQ(refusal("[1, 1e309]"), "not JSON at line 1, column 10: the number is too large");
}

TEST(Json, EscapesTextAsGoDoesWithoutHtmlEscapes) {
    EXPECT_EQ(Json(std::string("<a&b> \"q\" \\ \n\r\t\b\f \x01\x1f\x7f é \xe2\x80\xa8\xe2\x80\xa9 \xff")).to_text(),
              "\"<a&b> \\\"q\\\" \\\\ \\n\\r\\t\\b\\f \\u0001\\u001f\x7f é \\u2028\\u2029 \\ufffd\"");
    EXPECT_EQ(rewritten(R"("\u00e9\ud83d\ude00\/\u0000")"), "\"é😀/\\u0000\"");
}

TEST(Json, IndentsAsMarshalIndent) {
    EXPECT_EQ(parse_json(R"({"a":[1,{"b":[]}],"c":{}})")->to_pretty_text("\t"),
              "{\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"b\": []\n\t\t}\n\t],\n\t\"c\": {}\n}");
}

TEST(Json, RefusesWhatIsNotOneValueAndSaysWhere) {
    EXPECT_EQ(refusal("{\"a\":1,\n \"b\":2,\n \"a\":3}"), "not JSON at line 3, column 4: the member \"a\" is named twice");
    EXPECT_THAT(refusal("[1,]"), HasSubstr("not JSON at line 1, column 4"));
    EXPECT_THAT(refusal("{} {}"), HasSubstr("column 4: there is more behind the value"));
    EXPECT_THAT(refusal("{\"a\":"), HasSubstr("it ends too early"));
    for (const std::string_view bad : {"", " ", "nul", "'a'", "{a:1}", "[1 2]", "01", "+1", ".5", "1.", "NaN", "//x\n1", "\"\\x\"", "\"a\nb\"",
                                       "\"\\ud800\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "{\"\xff\":1}", "[1}", "]", "\xef\xbb\xbf{}"})
        EXPECT_THAT(refusal(bad), HasSubstr("not JSON")) << bad;
}

TEST(Json, FindsADoubledMemberAmongMany) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += format("\"k{}\":{},", i, i);
    EXPECT_THAT(refusal(text + "\"k7\":0}"), HasSubstr("the member \"k7\" is named twice"));
    EXPECT_THAT(refusal(text + "\"other\":0}"), HasSubstr("accepted"));
    EXPECT_THAT(refusal("{\"\":0,\"\":1}"), HasSubstr("the member \"\" is named twice"));
}

TEST(Json, RefusesTooMuchAndTooDeep) {
    EXPECT_THAT(refusal("[1,2,3]", {.bytes = 6}), HasSubstr("more than 6 are not read"));
    EXPECT_THAT(refusal("[[[1]]]", {.depth = 2}), HasSubstr("nested more than 2 levels deep"));
    EXPECT_THAT(refusal("[[1]]", {.depth = 2}), HasSubstr("accepted"));
    EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("nested more than 64 levels deep"));
}

TEST(Json, IsBuiltMemberByMember) {
    Json value;
    value.set("a", 1).set("b", "x").set("a", Json::array({1, "two"}));
    value.members()[1].second = Json::object({{"deep", true}});
    EXPECT_EQ(value.to_text(), R"({"a":[1,"two"],"b":{"deep":true}})");
    EXPECT_TRUE(value.find_path({"b", "deep"})->boolean());
    EXPECT_EQ(value.find_path({"b", "nothing", "deep"}), nullptr);
    EXPECT_EQ(Json(5), Json(uint64_t{5}));
    EXPECT_NE(Json(-1), Json(~uint64_t{0}));
    EXPECT_EQ(Json(std::vector<std::string>{"x", "y"}).to_text(), R"(["x","y"])");
}

TEST(JsonFields, NameWhatIsWrongByItsPath) {
    const Json json = *parse_json(R"({"user":{"uid":"root","gid":-1},"args":["sh",3],"env":{"A":1},"list":[{},4],"flag":"yes","big":256})");
    const JsonFields fields = *JsonFields::of(json, "process");
    const auto user = fields.object("user")->value();
    EXPECT_EQ(user.number<uint32_t>("uid").error().text(), "process.user.uid: expected a whole number from 0 to 4294967295, found \"root\"");
    EXPECT_EQ(user.number<uint32_t>("gid").error().text(), "process.user.gid: expected a whole number from 0 to 4294967295, found -1");
    EXPECT_EQ(fields.number<uint8_t>("big").error().text(), "process.big: expected a whole number from 0 to 255, found 256");
    EXPECT_EQ(fields.texts("args").error().text(), "process.args[1]: expected a string, found 3");
    EXPECT_EQ(fields.text_map("env").error().text(), "process.env[\"A\"]: expected a string, found 1");
    EXPECT_EQ(fields.objects("list").error().text(), "process.list[1]: expected an object, found 4");
    EXPECT_EQ(fields.flag("flag").error().text(), "process.flag: expected true or false, found \"yes\"");
    EXPECT_EQ(fields.required_text("cwd").error().text(), "process.cwd is required and missing");
    EXPECT_EQ(JsonFields::of(Json::array(), "").error().text(), "the document: expected an object, found an array");
}

TEST(JsonFields, TakeMissingAndNullAsTheDefault) {
    const Json json = *parse_json(R"({"a":null})");
    const JsonFields fields = *JsonFields::of(json, "");
    for (const std::string_view key : {"a", "b"}) {
        EXPECT_FALSE(fields.has(key));
        EXPECT_EQ(*fields.text(key), "");
        EXPECT_EQ(*fields.number<int>(key, 7), 7);
        EXPECT_TRUE(*fields.flag(key, true));
        EXPECT_TRUE(fields.texts(key)->empty());
        EXPECT_FALSE(fields.object(key)->has_value());
    }
}

}  // namespace
}  // namespace skiff::codec
