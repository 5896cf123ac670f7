// Our reading of the schemas against somebody else's: valijson must accept and refuse the same.
// The one test that meets the JSON library outside protocol/codec.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "codec/schema.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using Library = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(VITRINE_SOURCE) + "/" + path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// References into common.json become local ones, its definitions joined in.
void localise(Library& node) {
  for (auto& [name, value] : node.items()) {
    if (value.is_structured()) {
      localise(value);
    } else if (name == "$ref") {
      const auto text = value.get<std::string>();
      if (text.starts_with("common.json")) value = text.substr(11);
    }
  }
}

class Oracle {
 public:
  explicit Oracle(const std::string& name) {
    Library text = Library::parse(text_of("protocol/schema/" + name + ".json"));
    localise(text);
    const Library common = Library::parse(text_of("protocol/schema/common.json"));
    for (const auto& [word, definition] : common["definitions"].items()) {
      text["definitions"].emplace(word, definition);
    }
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(text), schema_);
  }
  // Without a list of errors it stops at the first.
  bool accepts(const Library& document) {
    return validator_.validate(schema_, Adapter(document), nullptr);
  }

 private:
  valijson::Schema schema_;
  valijson::Validator validator_;
};

// Values that are near the edge of some rule.
const std::vector<Library>& odd_values() {
  static const std::vector<Library> values = {nullptr,
                                              true,
                                              0,
                                              1,
                                              -1,
                                              9,
                                              10,
                                              999,
                                              1000,
                                              1001,
                                              10000,
                                              10001,
                                              65536,
                                              86400,
                                              86401,
                                              4294967295,
                                              4294967296,
                                              9007199254740991,
                                              1.5,
                                              253402300799,
                                              253402300800,
                                              "",
                                              "mon",
                                              "screen/a",
                                              "group/A",
                                              "*",
                                              "launch",
                                              "24:00",
                                              "24:01",
                                              "2026-02-31",
                                              "2026-2-3",
                                              "a/b",
                                              std::string(64, 'a'),
                                              std::string(64, 'A'),
                                              std::string(65, 'a'),
                                              std::string(201, 'x'),
                                              "茶\n",
                                              "name\n",
                                              std::string("a\0b", 3),
                                              Library::array(),
                                              Library::object(),
                                              Library::array({0, 0}),
                                              Library::array({"mon", "mon"}),
                                              Library::array({0, 1, 2}),
                                              {{"x", 1}}};
  return values;
}

// One change at a random place: another value, a member more or less, an item twice.
void bend(Library& node, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  Library* at = &node;
  while (at->is_structured() && !at->empty() && below(8) != 0) {
    auto child = at->begin();
    std::advance(child, static_cast<std::ptrdiff_t>(below(at->size())));
    at = &*child;
  }
  if (at->is_object() && below(2) == 0) {
    if (!at->empty() && below(2) == 0) {
      at->erase(std::next(at->begin(), static_cast<std::ptrdiff_t>(below(at->size()))));
    } else {
      (*at)["more"] = odd_values()[below(odd_values().size())];
    }
  } else if (at->is_array() && !at->empty() && below(2) == 0) {
    const Library item = (*at)[below(at->size())];
    for (std::size_t n = 1 + (below(4) == 0 ? below(1100) : 0); n > 0; --n) at->push_back(item);
  } else {
    *at = odd_values()[below(odd_values().size())];
  }
}

}  // namespace

TEST_CASE("our checker and valijson accept and refuse the same documents") {
  const std::map<std::string, std::vector<std::string>> files = {
      {"schedule",
       {"protocol/schema/examples/schedule.json", "tests/fuzz/seeds/schedule/every_member.json"}},
      {"numbers",
       {"protocol/schema/examples/numbers.json", "tests/fuzz/seeds/numbers/two_campaigns.json"}},
      {"profile", {"protocol/schema/examples/profile.json"}},
      {"settings", {"tests/fuzz/seeds/settings/settings.json"}},
      {"trust", {"tests/fuzz/seeds/settings/trust.json"}},
      {"takeover", {"tests/fuzz/seeds/settings/takeover.json"}},
      {"command", {"tests/fuzz/seeds/messages/command.json"}},
      {"command_reply", {"tests/fuzz/seeds/messages/command_reply.json"}},
      {"rollout_order", {"tests/fuzz/seeds/messages/rollout_order.json"}},
      {"connection", {"tests/fuzz/seeds/messages/connection.json"}},
      {"reported", {"tests/fuzz/seeds/messages/reported.json"}},
      {"push_reply", {"tests/fuzz/seeds/messages/push_reply.json"}},
      {"registry", {"tests/fuzz/seeds/messages/registry.json"}}};
  std::mt19937 random(7);
  for (const auto& [kind, names] : files) {
    Oracle oracle(kind);
    int accepted = 0;
    int refused = 0;
    for (const auto& name : names) {
      const Library good = Library::parse(text_of(name));
      CHECK_MESSAGE(oracle.accepts(good), name);
      for (int i = 0; i < (testing::kSanitized ? 600 : 1500); ++i) {
        Library bent = good;
        for (auto n = random() % 2; n < 2; ++n) bend(bent, random);
        const auto text = bent.dump();
        const auto ours = parse_by_schema(kind, text, 4 << 20);
        const bool theirs = oracle.accepts(bent);
        CHECK_MESSAGE(ours.ok() == theirs, kind, ": ours ",
                      ours ? "accepts" : ours.error().message.c_str(), " in ", text.substr(0, 400));
        ++(theirs ? accepted : refused);
      }
    }
    CHECK_MESSAGE(accepted > 20, kind);
    CHECK_MESSAGE(refused > 100, kind);
  }
}
