// SPDX-License-Identifier: Apache-2.0
#include "oci/image_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "oci/image_config.hpp"

namespace skiff::oci {
namespace {

using testing::HasSubstr;

std::string digest_of(char digit) { return "sha256:" + std::string(64, digit); }

std::string descriptor(std::string_view type, char digit, const std::string& more = "") {
    return format(R"({{"mediaType":"{}","digest":"{}","size":7023{}}})", type, digest_of(digit), more);
}
std::string manifest_text(const std::string& more = "") {
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" + descriptor(media_type::k_config, 'a') + ",\"layers\":[" +
           descriptor(media_type::k_layer_gzip, 'b') + "," + descriptor(media_type::k_layer_zstd, 'c') + "]" + more + "}";
}
std::string index_entry(char digit, std::string_view architecture, std::string_view os = "linux") {
    return descriptor(media_type::k_manifest, digit, format(R"(,"platform":{{"architecture":"{}","os":"{}"}})", architecture, os));
}
std::string index_text(const std::string& entries) {
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" + entries + "]}";
}

std::string refusal(std::string_view json, std::string_view type = {}) {
    const auto document = parse_image_document(json, type);
    return document ? "accepted" : document.error().text();
}

TEST(Manifest, LosesNothingOnItsWayThroughValues) {
    const std::string text = manifest_text(R"(,"subject":)" + descriptor(media_type::k_manifest, 'd') + R"(,"annotations":{"com.example.key1":"value1"})");
    const auto manifest = parse_manifest(text, media_type::k_manifest);
    ASSERT_TRUE(manifest) << manifest.error().text();
    EXPECT_EQ(to_json(*manifest), text);
    EXPECT_EQ(manifest->config.digest.string(), digest_of('a'));
    EXPECT_EQ(manifest->layers.at(1).size, 7023u);
}

TEST(Index, LosesNothingOnItsWayThroughValues) {
    const std::string text = index_text(
        descriptor(media_type::k_manifest, 'a', R"(,"platform":{"architecture":"arm64","os":"linux","os.version":"1","os.features":["f"],"variant":"v8"},"artifactType":"t")") +
        "," + descriptor(media_type::k_index, 'b', R"(,"urls":["https://x"],"annotations":{"k":"v"})"));
    const auto index = parse_index(text);
    ASSERT_TRUE(index) << index.error().text();
    EXPECT_EQ(to_json(*index), text);
}

TEST(Index, OffersTheManifestThatSuitsTheMachine) {
    const Platform amd64 = *Platform::parse("linux/amd64"), arm64 = *Platform::parse("linux/arm64");
    const auto index = *parse_index(index_text(index_entry('1', "unknown", "unknown") + "," + index_entry('2', "386") + "," + index_entry('3', "amd64") + "," +
                                               index_entry('4', "amd64", "windows") + "," + descriptor(media_type::k_manifest, '5')));
    EXPECT_EQ(index.find_for(amd64)->digest.string(), digest_of('3'));
    EXPECT_EQ(index.find_for(arm64)->digest.string(), digest_of('5'));
    EXPECT_EQ(parse_index(index_text(index_entry('2', "s390x")))->find_for(amd64), nullptr);
    EXPECT_EQ(parse_index(index_text(descriptor("text/x", '2')))->find_for(amd64), nullptr);
}

TEST(ImageDocument, IsOneKindOfDocumentOrRefused) {  // CVE-2021-41190
    EXPECT_EQ(refusal(manifest_text()), "accepted");
    EXPECT_THAT(refusal(manifest_text(R"(,"manifests":[])")), HasSubstr("a manifest and an index at once"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"manifests":[],"config":{}})"), HasSubstr("a manifest and an index at once"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2})"), HasSubstr("neither a manifest nor an index"));
    EXPECT_THAT(refusal(manifest_text(), media_type::k_index), HasSubstr("mediaType: the document says"));
    EXPECT_THAT(refusal(manifest_text(), media_type::k_docker_manifest), HasSubstr("mediaType: the document says"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"manifests":[]})", media_type::k_manifest), HasSubstr("has the members of an index"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]})"), HasSubstr("has the members of an index"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"mediaType":"text/html","manifests":[]})"), HasSubstr("neither an image manifest nor an image index"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"manifests":[],"manifests":[]})"), HasSubstr("named twice"));
    EXPECT_THAT(parse_manifest(index_text("")).error().text(), HasSubstr("expected an image manifest"));
    EXPECT_THAT(parse_index(manifest_text()).error().text(), HasSubstr("expected an image index"));
}

TEST(ImageDocument, NamesWhatIsWrong) {
    EXPECT_EQ(refusal(R"({"manifests":[]})"), "schemaVersion is required and missing");
    EXPECT_THAT(refusal(R"({"schemaVersion":1,"fsLayers":[],"history":[]})"), HasSubstr("schema 1"));
    EXPECT_THAT(refusal(R"({"schemaVersion":1,"manifests":[]})"), HasSubstr("schemaVersion: expected a whole number from 2 to 2"));
    EXPECT_EQ(refusal(R"({"schemaVersion":2,"layers":[]})"), "config is required and missing");
    EXPECT_EQ(refusal(index_text(R"({"mediaType":"a","digest":"sha256:../../x","size":1})")),
              "manifests[0].digest: \"sha256:../../x\" is not a digest: expected sha256: and 64 lower-case hexadecimal digits");
    EXPECT_EQ(refusal(index_text(R"({"digest":"x","size":1})")), "manifests[0].mediaType is required and missing");
    EXPECT_EQ(refusal(index_text(R"({"mediaType":"a","digest":")" + digest_of('a') + "\"}")), "manifests[0].size is required and missing");
    EXPECT_THAT(refusal(index_text(R"({"mediaType":"a","digest":")" + digest_of('a') + R"(","size":-1})")), HasSubstr("manifests[0].size: expected a whole number from 0"));
    EXPECT_THAT(refusal(index_text(R"({"mediaType":"a","digest":")" + digest_of('a') + R"(","size":1e3})")), HasSubstr("manifests[0].size: expected"));
    EXPECT_THAT(refusal(R"({"schemaVersion":2,"manifests":[],"x":")" + std::string(4 << 20, ' ') + "\"}"), HasSubstr("more than 4194304 are not read"));
}

TEST(LayerForm, IsKnownByTheMediaType) {
    EXPECT_EQ(*layer_form(media_type::k_layer), LayerForm::tar);
    EXPECT_EQ(*layer_form(media_type::k_docker_layer_gzip), LayerForm::gzip);
    EXPECT_EQ(*layer_form(media_type::k_layer_zstd), LayerForm::zstd);
    EXPECT_TRUE(layer_form("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").error().is(Kind::forbidden));
    EXPECT_TRUE(layer_form("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip").error().is(Kind::forbidden));
    EXPECT_TRUE(layer_form("application/vnd.in-toto+json").error().is(Kind::unsupported));
}

const std::string k_config =
    R"({"created":"2015-10-31T22:22:56.015925234Z","author":"Alyssa <a@example.com>","architecture":"amd64","os":"linux","variant":"v2","config":{)"
    R"("User":"alice","ExposedPorts":{"53/udp":{},"8080/tcp":{}},"Env":["PATH=/bin","FOO=oci"],"Entrypoint":["/bin/app"],"Cmd":["--foreground"],)"
    R"("Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"Timeout":5,"StartPeriod":6,"StartInterval":7,"Retries":3},)"
    R"("Volumes":{"/var/job":{}},"WorkingDir":"/home/alice","OnBuild":["RUN x"],"Labels":{"k":"v"},"StopSignal":"SIGINT","StopTimeout":9,"Shell":["/bin/bash","-c"]},)"
    R"("rootfs":{"type":"layers","diff_ids":[")" + digest_of('1') + "\",\"" + digest_of('2') + R"("]},"history":[)"
    R"({"created":"2015-10-31T22:22:54.690851953Z","created_by":"ADD file","author":"a","comment":"c"},{"created_by":"CMD","empty_layer":true}]})";

TEST(ImageConfig, LosesNothingOnItsWayThroughValues) {
    const auto config = parse_image_config(k_config);
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(to_json(*config), k_config);
    EXPECT_EQ(config->config.healthcheck->interval, 30'000'000'000);
    EXPECT_EQ(config->diff_ids.at(1).string(), digest_of('2'));
    EXPECT_TRUE(config->history.at(1).empty_layer);
}

std::string config_refusal(const std::string& members) {
    const auto config = parse_image_config(R"({"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]})" + members + "}");
    return config ? "accepted" : config.error().text();
}

TEST(ImageConfig, TellsAnEmptyCommandFromNone) {
    const auto config = parse_image_config(R"({"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":null},"config":{"Entrypoint":[],"Cmd":null,"Volumes":null}})");
    ASSERT_TRUE(config) << config.error().text();
    ASSERT_TRUE(config->config.entrypoint);
    EXPECT_TRUE(config->config.entrypoint->empty());
    EXPECT_FALSE(config->config.cmd);
}

TEST(ImageConfig, NamesWhatIsWrong) {
    EXPECT_EQ(config_refusal(R"(,"config":null,"x":1)"), "accepted");
    EXPECT_THAT(config_refusal(R"(,"created":"yesterday")"), HasSubstr("created: "));
    EXPECT_EQ(config_refusal(R"(,"config":{"Env":"A=1"})"), "config.Env: expected an array of strings, found \"A=1\"");
    EXPECT_EQ(config_refusal(R"(,"config":{"Env":["A=\u0000"]})"), "config.Env[0] holds a NUL character");
    EXPECT_EQ(config_refusal(R"(,"config":{"Labels":{"a":1}})"), "config.Labels[\"a\"]: expected a string, found 1");
    EXPECT_EQ(config_refusal(R"(,"config":{"Volumes":["/a"]})"), "config.Volumes: expected an object, found an array");
    EXPECT_EQ(config_refusal(R"(,"history":[{"created_by":"x"}])"), "history: 1 entries have a layer, and there are 0 layers");
    EXPECT_EQ(parse_image_config(R"({"os":"linux","architecture":"amd64"})").error().text(), "rootfs is required and missing");
    EXPECT_EQ(parse_image_config(R"({"architecture":"amd64"})").error().text(), "os is required and missing");
    EXPECT_THAT(parse_image_config(R"({"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["x"]}})").error().text(), HasSubstr("rootfs.diff_ids[0]"));
    EXPECT_EQ(parse_image_config(R"({"os":"linux","architecture":"amd64","rootfs":{"type":"zfs"}})").error().text(), "rootfs.type: expected \"layers\", found \"zfs\"");
}

}  // namespace
}  // namespace skiff::oci
