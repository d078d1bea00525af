// SPDX-License-Identifier: Apache-2.0
// Names of containers: what may be one, and what they are called when nobody chose.
#include "engine/names.hpp"

#include <array>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::engine {
namespace {

constexpr std::array k_adjectives = {
    "able",   "agile",  "amber",  "ample",   "azure",  "bold",   "brave",  "breezy", "bright",  "brisk",  "calm",
    "candid", "clear",  "clever", "coastal", "cosy",   "crisp",  "daring", "deft",   "eager",   "early",  "even",
    "fair",   "fleet",  "fresh",  "gentle",  "glad",   "golden", "grand",  "hardy",  "hearty",  "honest", "keen",
    "kind",   "lively", "lucid",  "lucky",   "mellow", "merry",  "mild",   "misty",  "modest",  "neat",   "nimble",
    "noble",  "patient", "placid", "plucky", "polite", "proud",  "quick",  "quiet",  "ready",   "salty",  "serene",
    "sharp",  "silver", "sleek",  "snug",    "sober",  "solid",  "spry",   "steady", "stout",   "sturdy", "sunny",
    "swift",  "tidal",  "tidy",   "tranquil", "trim",  "upbeat", "vivid",  "warm",   "windy",   "witty"};

constexpr std::array k_nouns = {
    "albatross", "anchor",  "auk",      "barge",   "bay",     "beacon",   "bight",    "bosun",    "bow",      "brig",
    "buoy",      "capstan", "clipper",  "compass", "coracle", "cormorant", "cove",    "crane",    "current",  "curlew",
    "cutter",    "dinghy",  "dock",     "dolphin", "dory",    "dunlin",   "eider",    "ferry",    "fjord",    "frigate",
    "fulmar",    "galley",  "gannet",   "godwit",  "grebe",   "gull",     "halyard",  "harbour",  "helm",     "heron",
    "hull",      "jetty",   "jib",      "kayak",   "keel",    "ketch",    "kittiwake", "knot",    "lagoon",   "lantern",
    "lugger",    "mast",    "merganser", "narwhal", "oar",    "osprey",   "otter",    "pelican",  "petrel",   "pier",
    "pilot",     "plover",  "porpoise", "prow",    "puffin",  "quay",     "rudder",   "sail",     "sandpiper", "schooner",
    "seal",      "sextant", "shoal",    "sloop",   "spinnaker", "tern",   "tide",     "tiller",   "walrus",   "yawl"};

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

Result<std::string> checked_name(std::string_view text) {
    std::string_view name = text;
    if (name.starts_with('/')) name.remove_prefix(1);
    bool is_good = name.size() >= 2 && name.size() <= 255 && is_alphanumeric(name.front());
    for (const char c : name) is_good = is_good && (is_alphanumeric(c) || c == '_' || c == '.' || c == '-');
    if (!is_good)
        return Error::invalid("invalid container name {}: a name has 2 to 255 characters of [a-zA-Z0-9_.-] and begins with a letter or digit", quoted(text));
    return std::string(name);
}

std::string name_from(uint64_t seed, int attempt) {
    const auto* adjective = k_adjectives[seed % k_adjectives.size()];
    const auto* noun = k_nouns[seed / k_adjectives.size() % k_nouns.size()];
    return attempt == 0 ? format("{}_{}", adjective, noun) : format("{}_{}{}", adjective, noun, attempt);
}

}  // namespace skiff::engine
